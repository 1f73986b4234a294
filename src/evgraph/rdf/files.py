"""RDF files: which ones a path means, which named graph each one is, and its triples."""

from __future__ import annotations

import os
import os.path
import sys
from collections import deque
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from weakref import WeakKeyDictionary

import pyoxigraph as ox

from evgraph import shipped_files
from evgraph.errors import UnreadableError
from evgraph.formats import FORMATS, Format
from evgraph.namespaces import ID, RDF, VOID
from evgraph.rdf.bounds import FLATTEN, too_deep, too_deep_at
from evgraph.regular_files import open_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.rdf.syntax_errors import Explained

_BOM = b"\xef\xbb\xbf"
_CACHE_SIZE = 1 << 26  # Bytes that the files of one `find` keep in memory together; what is beyond is read again.
_HEADER_WITHIN = 50  # Statements at the top of a file, among which its header is.
_LISTED = 20  # Files that cannot be read are named up to this number; the rest is counted.

_STANDARD_INPUT: WeakKeyDictionary[BinaryIO, bytes] = WeakKeyDictionary()


class DataFile(NamedTuple):
    """One RDF file, not yet parsed."""

    path: str  # As the user named it; ``-`` for standard input.
    format: Format  # Its syntax.
    graph: str  # The IRI of the named graph that its triples go to (quad formats name their own).
    body: bytes | None = None  # Without a byte-order mark; None for a large file, which is read again each time.

    @property
    def base(self) -> str:
        """The base IRI for relative IRIs in a file that declares none."""
        return ID

    def open(self) -> BinaryIO:
        """Open the file for reading, behind its byte-order mark where it has one.

        RDF/XML is converted to UTF-8.

        Raises:
            UnreadableError: it is missing, cannot be read, is nested too deeply, or is RDF/XML with a document type
                declaration.

        """
        stream = _open(Path(self.path)) if self.body is None else BytesIO(self.body)
        if self.format.name == "rdfxml":
            with stream:
                return BytesIO(self._xml(stream.read()))
        line = too_deep_at(self.body, self.format.name) if self.body is not None else self._too_deep_at(stream)
        if line:
            stream.close()
            raise self._too_deep(line)
        return stream

    def _too_deep_at(self, stream: BinaryIO) -> int | None:
        from mmap import ACCESS_READ, mmap

        if not os.fstat(stream.fileno()).st_size:  # Of nothing there is no map.
            return None
        with mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
            return too_deep_at(content, self.format.name)

    def _too_deep(self, line: int) -> UnreadableError:
        return UnreadableError(too_deep(), path=self.path, line=line, hint=FLATTEN)

    def _xml(self, content: bytes) -> bytes:
        from evgraph.rdf.rdfxml import declaration_line, in_utf8
        from evgraph.rdf.syntax_errors import wrong_encoding, xml_fault

        try:
            content = in_utf8(content)
        except (LookupError, UnicodeError) as error:
            raise self._error(wrong_encoding(content, error)) from None
        if line := declaration_line(content):
            raise UnreadableError(
                "RDF/XML with a document type declaration (<!DOCTYPE …), whose entities could take all memory",
                path=self.path,
                line=line,
                hint="remove the declaration and write out its entities, or convert the file to Turtle",
            )
        if fault := xml_fault(content):
            raise self._error(fault)
        return content

    def content(self) -> bytes:
        """Return the bytes of the file, without a byte-order mark."""
        with self.open() as stream:
            return stream.read()

    def quads(self, *, rename_blank_nodes: bool = False) -> Iterator[ox.Quad]:
        """Parse the file; literals keep their lexical form, and blank nodes may get labels of their own.

        Raises:
            UnreadableError: the file is not well-formed; the error names the line.

        """
        target = ox.NamedNode(self.graph)
        for quad in self.parsed(rename_blank_nodes=rename_blank_nodes):
            in_default = isinstance(quad.graph_name, ox.DefaultGraph)
            yield ox.Quad(quad.subject, quad.predicate, quad.object, target) if in_default else quad

    def parsed(self, *, rename_blank_nodes: bool = False) -> Iterator[ox.Quad]:
        """Parse the file as `quads` does, but leave in the default graph what the file puts there."""
        try:
            with self.open() as stream:
                yield from ox.parse(
                    stream,
                    format=self.format.rdf_format(),
                    base_iri=self.base,
                    rename_blank_nodes=rename_blank_nodes,
                )
        except (SyntaxError, MemoryError) as error:
            raise self.unreadable(error) from None

    def unreadable(self, error: SyntaxError | MemoryError) -> UnreadableError:
        """Return evgraph's error for one of the parser; raise a MemoryError that is not about the file again."""
        from evgraph.rdf.syntax_errors import explain, explain_long_token  # Most files are well-formed.

        if isinstance(error, MemoryError):
            if "buffer maximal size" not in str(error):
                raise error
            with self.open() as stream:
                return self._error(explain_long_token(stream))
        with self.open() as stream:
            content = b"".join(islice(stream, error.lineno)) if error.lineno else stream.read()
        return self._error(explain(content, self.format.name, error))

    def _error(self, fault: Explained) -> UnreadableError:
        message, line, column, hint = fault
        hint = hint or f"correct {'that line' if line else 'it'}, or leave the file out"
        return UnreadableError(message, path=self.path, line=line, column=column, hint=hint)


def find(paths: Sequence[str | Path]) -> list[DataFile]:
    """Find the RDF files that paths mean: a file, every RDF file below a folder, ``-`` for Turtle on standard input.

    Raises:
        UnreadableError: paths do not exist, cannot be read, or are in no known RDF format; the error names them all.

    """
    return [file for files in find_each(paths) for file in files]


def read_triples(paths: Sequence[str | Path]) -> Iterator[ox.Triple]:
    """Find and parse files as `find` and `DataFile.parsed` do; named graphs are merged."""
    return (quad.triple for file in find(paths) for quad in file.parsed())


def find_each(paths: Sequence[str | Path]) -> list[list[DataFile]]:
    """Find the RDF files of each path, as `find` does; if it fails, the error names those that are broken, too."""
    found: list[list[DataFile]] = []
    errors: list[UnreadableError] = []
    free = _CACHE_SIZE
    for path in paths:
        files: list[DataFile] = []
        try:
            for name, relative, kind in _listed(path):
                files.append(_data_file(name, relative, kind, free))
                free -= len(files[-1].body or b"")
        except UnreadableError as error:
            errors.append(error)
        found.append(files)
    if errors:
        raise _combined([*errors, *_broken(file for files in found for file in files).values()])
    return found


@contextmanager
def report_all_broken(files: Iterable[DataFile]) -> Iterator[None]:
    """Run a block that reads files; if one is not well-formed, raise an error that names all that are not.

    The error of one broken file is raised as it is; one for several names the path, line and message of each.
    """
    try:
        yield
    except UnreadableError as error:
        errors = _broken(files)
        if error.path not in errors:
            raise  # It is about something else.
        raise _combined([*errors.values()]) from None


def _broken(files: Iterable[DataFile]) -> dict[str, UnreadableError]:
    """Return the path of each file that is not well-formed, with its error."""
    errors: dict[str, UnreadableError] = {}
    for file in files:
        try:
            deque(file.parsed(), maxlen=0)
        except UnreadableError as error:
            errors[file.path] = error
    return errors


def _combined(errors: Sequence[UnreadableError]) -> UnreadableError:
    if len(errors) == 1:
        return errors[0]
    lines = [str(error).splitlines()[0] for error in errors[:_LISTED]]
    if more := len(errors) - len(lines):
        lines.append(f"and {more} more")
    return UnreadableError(
        "\n  ".join([f"{len(errors)} files cannot be read:", *lines]), hint="correct them, or leave them out"
    )


def _listed(path: str | Path) -> list[tuple[str, str, Format]]:
    """List the files that one path means: path, path below the one that the user named, format."""
    if str(path) == "-":
        return [("-", "stdin", FORMATS["turtle"])]
    if not str(path):
        raise UnreadableError("a path is empty", hint="name a file or a folder; . is this folder")
    path = Path(path)
    kinds = FORMATS.suffixes
    suffixes = f"RDF files end in {', '.join(sorted(kinds))}"
    if os.path.isdir(path):  # noqa: PTH112 - `Path.is_dir` fails on some names, as on very long ones
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in kinds and file.is_file())
        if not files:
            raise UnreadableError("no RDF file in this folder", path=path, hint=suffixes)
        return [(str(file), file.relative_to(path).as_posix(), kinds[file.suffix.lower()]) for file in files]
    if path.suffix.lower() not in kinds and os.path.exists(path):  # noqa: PTH110
        raise UnreadableError("not a known RDF format", path=path, hint=suffixes)
    return [(str(path), path.name, kinds.get(path.suffix.lower(), FORMATS["turtle"]))]


def standard_input() -> bytes:
    """Read standard input; a second call returns the same bytes."""
    stream = sys.stdin.buffer
    if stream not in _STANDARD_INPUT:
        _STANDARD_INPUT[stream] = stream.read()
    return _STANDARD_INPUT[stream]


@cache
def always_loaded() -> tuple[DataFile, ...]:
    """Find the files that are loaded beside any data: the ontology, the concept schemes and the two matrices."""
    ontology = shipped_files.ontology()
    return tuple(find([ontology / "evgraph.ttl", ontology / "schemes.ttl", shipped_files.data() / "matrices.ttl"]))


def _data_file(path: str, relative: str, kind: Format, free: int) -> DataFile:
    """Read a file, or only its header where it has more bytes than are free in memory."""
    file = DataFile(path, kind, "")
    if path == "-":
        file = file._replace(body=standard_input().removeprefix(_BOM))
    elif not os.path.isfile(path) or Path(path).stat().st_size <= free:  # noqa: PTH113 - fails on no name
        file = file._replace(body=file.content())
    else:
        file.open().close()
    return file._replace(graph=_graph_of(file, relative))


def _graph_of(file: DataFile, relative: str) -> str:
    """Return the graph that a header names (``<…/id/graph/NAME> a void:Dataset`` near the top), else one of its own."""
    if not file.format.quads and (file.body is None or b"Dataset" in file.body):
        try:
            for quad in islice(file.parsed(), _HEADER_WITHIN):
                subject = quad.subject
                is_header = quad.predicate.value == f"{RDF}type" and quad.object == ox.NamedNode(f"{VOID}Dataset")
                if is_header and isinstance(subject, ox.NamedNode) and subject.value.startswith(f"{ID}graph/"):
                    return subject.value
        except UnreadableError:
            pass  # Loading the file raises the error, with its line.
    from urllib.parse import quote  # Most files have a header, and this import takes a while.

    return f"{ID}graph/file/{quote(relative)}"


def _open(path: Path) -> BinaryIO:
    try:
        stream = open_file(path)
    except FileNotFoundError:
        raise UnreadableError("no such file or folder", path=path, hint="check the name") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None
    if stream.peek(3).startswith(_BOM):
        stream.read(3)
    return stream
