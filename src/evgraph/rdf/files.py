"""RDF files on disk: which ones a path means, and which graph each one is."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from weakref import WeakKeyDictionary

import pyoxigraph as ox

from evgraph import shipped_files
from evgraph.errors import UnreadableError
from evgraph.formats import BY_SUFFIX, FORMATS, Format
from evgraph.namespaces import ID, RDF, VOID
from evgraph.rdf.rdfxml_guard import declaration_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_TOLD = 20  # Of files that cannot be read, so many are named and the rest counted.
_HEADER_WITHIN = 50  # A header stands at the top; so many statements are read to find it.

_STANDARD_INPUT: WeakKeyDictionary[BinaryIO, bytes] = WeakKeyDictionary()


class DataFile(NamedTuple):
    """One RDF file, not yet parsed.

    Attributes:
        path: as a person would name it; ``-`` for standard input.
        format: its syntax.
        graph: the IRI of the named graph that its triples go to (quad formats name their own).
        body: its content, where it is kept in memory (`find` with ``keep``) or cannot be read again (standard input).

    """

    path: str
    format: Format
    graph: str
    body: bytes | None = None

    @property
    def base(self) -> str:
        """The base IRI for relative IRIs in a file that declares none."""
        return ID

    def open(self) -> BinaryIO:
        """Open the file for reading, behind its byte-order mark where it has one.

        Raises:
            UnreadableError: it is not there, cannot be read, or is RDF/XML with a document type declaration.

        """
        stream: BinaryIO = BytesIO(self.body) if self.body is not None else _opened(Path(self.path))
        if self.format.name != "rdfxml":
            return stream
        with stream:
            content = stream.read()
        if line := declaration_line(content):
            raise UnreadableError(
                "RDF/XML with a document type declaration (<!DOCTYPE …), whose entities could take all memory",
                path=self.path,
                line=line,
                hint="remove the declaration and write out its entities, or convert the file to Turtle",
            )
        return BytesIO(content)

    def content(self) -> bytes:
        """Read the file, without a byte-order mark."""
        with self.open() as stream:
            return stream.read()

    def quads(self, *, rename_blank_nodes: bool = False) -> Iterator[ox.Quad]:
        """Parse the file; literals keep the lexical form that they have in it.

        Args:
            rename_blank_nodes: give blank nodes new labels, so that those of several files stay apart.

        Raises:
            UnreadableError: the file is not well-formed; its line is named.

        """
        target = ox.NamedNode(self.graph)
        for quad in self.parsed(rename_blank_nodes=rename_blank_nodes):
            in_default = isinstance(quad.graph_name, ox.DefaultGraph)
            yield ox.Quad(quad.subject, quad.predicate, quad.object, target) if in_default else quad

    def parsed(self, *, rename_blank_nodes: bool = False) -> Iterator[ox.Quad]:
        """Parse the file as `quads` does; what it puts into no graph stays in none."""
        try:
            with self.open() as stream:
                yield from ox.parse(
                    stream,
                    format=self.format.rdf_format(),
                    base_iri=self.base,
                    rename_blank_nodes=rename_blank_nodes,
                )
        except SyntaxError as error:
            raise self.unreadable(error) from None

    def unreadable(self, error: SyntaxError) -> UnreadableError:
        """Turn the parser's error into ours."""
        message = str(error.msg or error)
        message = message.rsplit(": ", 1)[-1] if message.startswith("Parser error") else message
        wrong = f"not well-formed {self.format.name}: {message}"
        hint = f"mend {'that line' if error.lineno else 'it'}, or leave the file out"
        if "utf-8" in message.casefold():
            wrong, hint = "not text in UTF-8", "save it as UTF-8, or leave the file out"
        elif "LoadDocumentCallback" in message:
            wrong = f"its @context stands at an address, and nothing is fetched while {self.format.name} is read"
            hint = "write the context into the file, or convert the file to Turtle"
        return UnreadableError(wrong, path=self.path, line=error.lineno, hint=hint)


def find(paths: Sequence[str | Path], *, keep: bool = False) -> list[DataFile]:
    """Find the RDF files that paths mean: a file, every RDF file below a folder, ``-`` for Turtle on standard input.

    Args:
        paths: files and folders.
        keep: whether to keep the content of the files in memory, so that each is opened once.

    Raises:
        UnreadableError: paths do not exist, cannot be read, or are of no known RDF format; all of them are named.

    """
    return [file for some in find_each(paths, keep=keep) for file in some]


def find_each(paths: Sequence[str | Path], *, keep: bool = False) -> list[list[DataFile]]:
    """Find the RDF files of each path, as `find` does."""
    files: list[list[DataFile]] = []
    failures: list[UnreadableError] = []
    for path in paths:
        try:
            files.append(_found(path, keep=keep))
        except UnreadableError as error:
            failures.append(error)
    if failures:
        raise _together(failures)
    return files


@contextmanager
def all_told(files: Iterable[DataFile]) -> Iterator[None]:
    """While some files are read: where one is not well-formed, name all that are not, so that one run shows them all.

    Raises:
        UnreadableError: the error of the only one; or one that names the others, too, each with its line.

    """
    try:
        yield
    except UnreadableError as error:
        failures = {file.path: failure for file in files if (failure := _failure(file))}
        if error.path not in failures:
            raise  # It is about something else.
        raise _together([*failures.values()]) from None


def _failure(file: DataFile) -> UnreadableError | None:
    try:
        for _ in file.parsed():
            pass
    except UnreadableError as error:
        return error
    return None


def _together(failures: Sequence[UnreadableError]) -> UnreadableError:
    if len(failures) == 1:
        return failures[0]
    lines = [str(one).splitlines()[0] for one in failures[:_MOST_TOLD]]
    if more := len(failures) - len(lines):
        lines.append(f"and {more} more")
    return UnreadableError(
        "\n  ".join([f"{len(failures)} files cannot be read:", *lines]), hint="mend them, or leave them out"
    )


def _found(path: str | Path, *, keep: bool) -> list[DataFile]:
    """Find the files that one path means."""
    if str(path) == "-":
        return [_data_file("-", "stdin", FORMATS["turtle"], standard_input().removeprefix(b"\xef\xbb\xbf"))]
    if not str(path):
        raise UnreadableError("a path is empty", hint="name a file or a folder; . is this folder")
    path = Path(path)
    endings = f"files end in {', '.join(sorted(BY_SUFFIX))}"
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in BY_SUFFIX and file.is_file())
        if not found:
            raise UnreadableError("no RDF file in this folder", path=path, hint=endings)
        return [
            _data_file(str(file), file.relative_to(path).as_posix(), BY_SUFFIX[file.suffix.lower()], keep=keep)
            for file in found
        ]
    if path.suffix.lower() not in BY_SUFFIX and path.exists():
        raise UnreadableError("not a known RDF format", path=path, hint=endings)
    return [_data_file(str(path), path.name, BY_SUFFIX.get(path.suffix.lower(), FORMATS["turtle"]), keep=keep)]


def standard_input() -> bytes:
    """Read standard input; whoever asks again gets the same."""
    stream = sys.stdin.buffer
    if stream not in _STANDARD_INPUT:
        _STANDARD_INPUT[stream] = stream.read()
    return _STANDARD_INPUT[stream]


def always_loaded() -> list[DataFile]:
    """Find what stands beside any data: the ontology, the concept schemes and the two matrices."""
    return find(
        [
            shipped_files.ontology() / "evgraph.ttl",
            shipped_files.ontology() / "schemes.ttl",
            shipped_files.data() / "matrices.ttl",
        ],
        keep=True,
    )


def _data_file(path: str, relative: str, kind: Format, body: bytes | None = None, *, keep: bool = False) -> DataFile:
    if keep and body is None:
        body = DataFile(path, kind, "").content()
    if kind.quads:
        file = DataFile(path, kind, _graph_of(relative), body)
        file.open().close()
        return file
    named = _named_in_header(DataFile(path, kind, "", body))
    return DataFile(path, kind, named or _graph_of(relative), body)


def _graph_of(relative: str) -> str:
    """Give the graph of a file whose header names none."""
    from urllib.parse import quote  # Most files have a header, and this takes a while to load.

    return f"{ID}graph/file/{quote(relative)}"


def _named_in_header(file: DataFile) -> str | None:
    """Give the graph that a file's header names: ``<…/id/graph/NAME> a void:Dataset`` near its top."""
    try:
        for count, quad in enumerate(file.parsed()):
            is_header = (
                isinstance(quad.subject, ox.NamedNode)
                and quad.subject.value.startswith(f"{ID}graph/")
                and quad.predicate.value == f"{RDF}type"
                and isinstance(quad.object, ox.NamedNode)
                and quad.object.value == f"{VOID}Dataset"
            )
            if is_header and isinstance(quad.subject, ox.NamedNode):
                return quad.subject.value
            if count >= _HEADER_WITHIN:
                break
    except UnreadableError:
        file.open().close()  # What is there and not well-formed is told with its line when it is loaded.
    return None


def _opened(path: Path) -> BinaryIO:
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise UnreadableError("no such file or folder", path=path, hint="check the name") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None
    if stream.peek(3).startswith(b"\xef\xbb\xbf"):
        stream.read(3)
    return stream
