"""What workers do: run a query, a question, or look up a resource, and write the answer in the bytes of its format."""

from __future__ import annotations

import io
import re
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast
from urllib.parse import quote

from pyoxigraph import Literal, Quad

from evgraph import offline
from evgraph.errors import EvgraphError, UnreadableError, UsageError
from evgraph.formats import FORMATS, ROW_FORMATS
from evgraph.query import parameters, runner
from evgraph.query.added_columns import complete
from evgraph.query.catalogue import Catalogue
from evgraph.query.notes import unknown_names
from evgraph.query.passages import Passages
from evgraph.query.question import Question
from evgraph.rdf.write import write_along
from evgraph.render.rows import yes_or_no
from evgraph.site import home
from evgraph.site.page import Options, Site, compile_templates
from evgraph.sparql.guard import plain_form
from evgraph.store.embedded import OxigraphStore
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows
from evgraph.web.problems import HttpError
from evgraph.workers import Last

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.query.runner import Values
    from evgraph.store.protocol import LookupStore

_NO_ROWS = b'"bindings":[]}}'
_ALL_COLUMNS = re.compile(
    r"SELECT\s*(?:(?:DISTINCT|REDUCED)\s*)?\*", re.IGNORECASE
)  # Engines have orders of their own.
_PIECE = 1 << 18  # Bytes that a worker hands over at a time, about.
_STORES: dict[Origin, LookupStore] = {}  # One.
_ORIGINS: list[Origin] = []  # One.
_OPTIONS: list[Options] = []  # One.
_SITES: dict[Origin, Site] = {}  # One.
_QUESTIONS: dict[str, Question] = {}


class Head(NamedTuple):
    """What comes before the first byte of an answer."""

    media_type: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200


Piece: TypeAlias = "tuple[tuple[Any, ...] | None, bytes]"
"""A part of an answer; the first one has the `Head`, as a plain tuple, which is sent in a tenth of the time."""
Pieces: TypeAlias = "Iterator[Piece | Last]"
"""An answer; the last piece is marked."""


Wanted: TypeAlias = "tuple[str | None, str | None]"
"""The formats that a client accepts best, by name: of rows, and of triples; None where it accepts none of a kind."""


def prepare(origin: Origin, options: Options) -> None:
    """Load files in the process from which workers are forked; each worker opens a store on disk, or a server."""
    if origin.endpoint is None:
        offline.refuse_connections()
    else:
        import_module("evgraph.store.transport")  # Half a second, which no query must wait for.
    _ORIGINS[:], _OPTIONS[:] = [origin], [options]
    for kind in (*FORMATS.values(), *(ROW_FORMATS[name] for name in ("json", "xml", "csv"))):
        _ = kind.write  # Imported here, and not in each worker.
    for name in ("descriptions", "resources"):  # What workers call; each would import it for its first answer.
        import_module(f"evgraph.web.{name}")
    catalogue()
    compile_templates()
    if origin.directory is None and origin.endpoint is None:
        warm()
        home.warm(site())


def warm() -> list[object]:
    """Open the data, where `prepare` could not."""
    store()
    return []


def store() -> LookupStore:
    """Return the data."""
    (origin,) = _ORIGINS
    if origin not in _STORES:
        _STORES[origin] = cast("LookupStore", open_store(origin))  # Each kind is one.
    return _STORES[origin]


def origin() -> Origin:
    """Return where the data is."""
    (origin,) = _ORIGINS
    return origin


def site() -> Site:
    """Return what the pages for people read."""
    (origin,), (options,) = _ORIGINS, _OPTIONS
    if origin not in _SITES:
        _SITES[origin] = Site(cast("OxigraphStore", store()), options, origin)
    return _SITES[origin]


def reach() -> Pieces:
    """Ask for nothing, to see whether the data can be asked."""
    store().query("ASK {}")
    yield from pieces(Head("text/plain"), [b"ready\n"])


def catalogue() -> dict[str, Question]:
    """Return the questions that are answered over HTTP: not those that read files which a parameter names."""
    if not _QUESTIONS:
        _QUESTIONS.update((question.name, question) for question in Catalogue() if not question.answered_by_evgraph)
    return _QUESTIONS


def question_of(name: str) -> Question:
    """Return a question.

    Raises:
        UsageError: there is none of that name; the error has the nearest.
        HttpError: it is not answered over HTTP.

    """
    questions = catalogue()
    if name not in questions:
        _ = Catalogue()[name]
        raise HttpError(
            f"{name} reads files, and is not answered over HTTP", status=404, hint="ask it on the machine that has them"
        )
    return questions[name]


def pieces(head: Head, chunks: Iterable[str | bytes]) -> Pieces:
    """Join the parts of a body to larger pieces."""
    first: tuple[Any, ...] | None = tuple(head)
    body = bytearray()
    for chunk in chunks:
        if len(body) >= _PIECE:
            yield first, bytes(body)
            first = None
            body.clear()
        body += chunk.encode() if isinstance(chunk, str) else chunk
    yield Last((first, bytes(body)))


def sparql(text: str, wanted: Wanted) -> Pieces:
    """Answer a query in SPARQL.

    Raises:
        UnreadableError: it is not legal SPARQL, or not allowed.
        HttpError: the client accepts no format of its kind of answer.

    """
    if wanted[0] == "json" and (body := _quick(text)):
        return pieces(Head(ROW_FORMATS["json"].media_type), [body])
    question = Question("the query", "", "", "", (), {}, {}, text, "the query")
    try:
        answer, notes = runner.ask(store(), question)
    except EvgraphError as error:
        if isinstance(error, UnreadableError):
            error.line = error.line or 1  # It is the query that is wrong.
        raise
    return _written(question, answer, wanted, notes)


class _Short(io.BytesIO):
    """A body that is not to be longer than one piece."""

    def write(self, data: Any) -> int:
        """Add bytes; raise BufferError where they are too many."""
        if self.tell() + len(data) > _PIECE:
            raise BufferError
        return super().write(data)


def _quick(text: str) -> bytes:
    """Return the rows of a plain SELECT in JSON, as the engine writes them, in a third of the time.

    Return nothing where `runner.ask` must do it: for another form, a long answer, no rows, an error.
    """
    graph = store()
    has_all_columns = "*" in text and _ALL_COLUMNS.search(text)
    if has_all_columns or not isinstance(graph, OxigraphStore) or plain_form(text) != "SELECT":
        return b""
    body = _Short()
    try:
        graph.write_json(text, body)
    except (BufferError, EvgraphError):
        return b""
    return b"" if body.getvalue().endswith(_NO_ROWS) else body.getvalue()


def ask(
    name: str,
    values: Values,
    wanted: Wanted,
    page: tuple[int, int | None],
    shape: Mapping[str, str],
    following: str,
) -> Pieces:
    """Answer a canned question.

    Args:
        name: of the question.
        values: of its parameters, as typed.
        wanted: the formats.
        page: the first row or triple (from 0), and how many; None for all.
        shape: ``columns``, ``no-labels``, ``with-passages``, as the command has them.
        following: the parameters of the next page.

    """
    question = question_of(name)
    start, count = page
    graph = store()
    answer, notes = runner.ask(graph, question, values, None if count is None else start + count)
    if isinstance(answer, bool):
        return _written(question, answer, wanted, notes)
    items: Iterator[object] = answer[1] if isinstance(answer, Rows) else answer[0]
    for _ in islice(items, start):
        pass
    headers: list[tuple[str, str]] = []
    if count is not None:
        limited = answer.rows if isinstance(answer, Rows) else answer.triples
        kept = list(items)
        if limited.truncated:
            headers.append(("Link", f'<?{following}>; rel="next"'))
        items = iter(kept)
    if not isinstance(answer, Rows):
        return _written(question, answer._replace(triples=items), wanted, notes, headers)  # type: ignore[arg-type]
    passages = Passages(graph, None)
    with_passages = _is_set(shape, "with-passages")
    if with_passages and not (question.evidence or "passages" in question.columns):
        raise UsageError(f"{name} names no evidence for its rows", hint="leave out with-passages")
    rows = complete(
        graph,
        question,
        Rows(answer.columns, items),  # type: ignore[arg-type]
        labels=not _is_set(shape, "no-labels"),
        passages=passages if with_passages else None,
        locations=with_passages,
        columns=[column.strip() for column in shape["columns"].split(",")] if shape.get("columns") else (),
    )
    return _written(question, rows, wanted, notes, headers)


def _is_set(shape: Mapping[str, str], name: str) -> bool:
    text = shape.get(name, "false")
    if text not in {"true", "false"}:
        raise UsageError("expected true or false", parameter=name, value=text)
    return text == "true"


def _written(
    question: Question,
    answer: object,
    wanted: Wanted,
    notes: Sequence[str],
    headers: Iterable[tuple[str, str]] = (),
) -> Pieces:
    is_rows = isinstance(answer, bool | Rows)
    rows_name, triples_name = wanted
    name = rows_name if is_rows else triples_name
    if name is None or (isinstance(answer, bool) and name == _BOOK.name):  # A workbook holds rows.
        kinds = ROW_TYPES if is_rows else TRIPLE_TYPES
        raise HttpError(
            f"the answer to {question.name} cannot be written in any of the types that you accept",
            status=406,
            hint=f"it can be {', '.join(kinds)}",
        )
    chunks: Iterable[str | bytes]
    if isinstance(answer, bool):
        kind, chunks = ROW_FORMATS[name], [yes_or_no(answer, name)]
    elif isinstance(answer, Rows):
        kind = ROW_FORMATS[name]
        rows = list(islice(answer.rows, 1))
        notes = [*notes, *([] if rows else unknown_names(store(), question))]
        chunks = kind.write(Rows(answer.columns, chain(rows, answer.rows)))
    else:
        kind = FORMATS[name]
        triples = answer.triples  # type: ignore[attr-defined]
        chunks = write_along((Quad(triple.subject, triple.predicate, triple.object) for triple in triples), kind)
    noted = (("Evgraph-Note", quote(note, safe=" !\"#$&'()*+,/:;<=>?@[]^_`{|}~-.")) for note in notes)
    return pieces(Head(kind.media_type, (*headers, *noted)), chunks)


def text_of(name: str, values: Values) -> Pieces:
    """Return the query of a question with its values; as its file has it where none is given."""
    question = question_of(name)
    text = runner.sparql_of(question, runner.bind(store(), question, values)) if values else question.text
    return pieces(Head("application/sparql-query"), [text])


def values_of(name: str, parameter: str, wanted: Wanted) -> Pieces:
    """List the values of a parameter that the data has, with their labels."""
    question = question_of(name)
    found = parameters.pick_list(store(), question.parameter(parameter)).items()
    rows = ((Literal(value), Literal(label) if label else None) for value, label in found)
    return _written(question, Rows(["value", "label"], rows), wanted, [])


TRIPLE_TYPES = {kind.media_type: kind.name for kind in FORMATS.values() if not kind.quads or kind.name == "jsonld"}
"""Media type → format, in our order, of what is negotiated: those that hold triples; JSON-LD can do without graphs."""
ROW_TYPES = {
    kind.media_type: kind.name
    for kind in sorted(ROW_FORMATS.values(), key=lambda kind: kind.name != "json")
    if kind.name in {"json", "xml", "csv", "tsv", "ndjson"}
}
"""Media type → format of rows, the default first."""
_BOOK = ROW_FORMATS["xlsx"]
ROW_NAMES = (*ROW_TYPES.values(), "spreadsheet", *([_BOOK.name] if find_spec(_BOOK.library) else []))
"""The formats of rows that can be asked for by name."""
