"""From page files to a folder of Turtle: read, resolve, build, write.

Every page is read first, so that references resolve across all pages, whatever their order. Of several pages of one
cell the first that can be read counts.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.pages import dataset
from evgraph.pages.cell import Cell, Resolution, identify
from evgraph.pages.decoding import read
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.triples import triples
from evgraph.register import DOC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import Triple

    from evgraph.pages.source import Source, Span
    from evgraph.register import Register

_MAX_WORDS = 100  # Characters of a passage in a report.


class IngestOptions(NamedTuple):
    """How pages are read and written.

    Attributes:
        cell: ``drug:E4`` for a page that does not name its cell.
        captured: the day the page was captured, ``2026-01-31``.
        address: the address it was captured from.
        with_text: whether passages hold the words of the page.

    """

    cell: str | None = None
    captured: str | None = None
    address: str | None = None
    with_text: bool = False


class UnsettledReference(NamedTuple):
    """A reference that a person must settle.

    Attributes:
        line: of the file, from 1.
        words: the reference as printed.
        iri: its IRI.
        kind: a notation of the reference-kind scheme.
        resolution: ``ambiguous`` or ``dangling``.
        candidates: IRIs of what may be meant.

    """

    line: int
    words: str
    iri: str
    kind: str
    resolution: str
    candidates: tuple[str, ...]


class PageReport(NamedTuple):
    """What ingest reports on a page.

    Attributes:
        path: the file, as the user named it.
        cell: ``drug-E4``.
        notices: line (None: the whole file) and text of each notice.
        not_understood: line and words of each line that no rule knows.
        entries: the number of entries.
        resolutions: the number of references by resolution.
        unsettled: the references that are ambiguous or dangling.
        unregistered: IRIs of the documents that the register does not know.

    """

    path: str
    cell: str
    notices: list[tuple[int | None, str]]
    not_understood: list[tuple[int, str]]
    entries: int
    resolutions: Counter[str]
    unsettled: list[UnsettledReference]
    unregistered: set[str]


class IngestResult(NamedTuple):
    """The outcome of an ingest.

    Attributes:
        reports: one per page that could be read, in the order of the pages.
        failures: one error per page that could not.
        resolved_later: cell of an earlier run, ``drug-E4`` → how many of its references resolve now.
        to_reread: cell of an earlier run → IRIs of the cells for which its page should be read again.

    """

    reports: list[PageReport]
    failures: list[EvgraphError]
    resolved_later: dict[str, int]
    to_reread: dict[str, list[str]]


def ingest(
    paths: Sequence[Path],
    folder: Path,
    register: Register,
    options: IngestOptions = IngestOptions(),  # noqa: B008 - immutable
    *,
    step: Callable[[int], object] = int,
) -> IngestResult:
    """Read pages, resolve their references, and write one Turtle file per cell into a folder.

    References resolve across these pages and the cells that the folder holds from earlier runs.

    Args:
        paths: one page each; a page that cannot be read becomes a failure, and the others are still read.
        folder: see `evgraph.pages.dataset.write`; unchanged where no page could be read.
        register: which document is which.
        options: how to read and write the pages.
        step: called with 1 after each page is read.

    Raises:
        UnreadableError: a file in the folder cannot be read, or the folder cannot be written.

    """
    result = IngestResult([], [], {}, {})
    cells: dict[str, Cell] = {}
    for path in paths:
        with _failures_of(path, result.failures):
            cell = _read_cell(path, cells, register, options)
            cells[cell.page.cell] = cell
        step(1)
    earlier = dataset.read_cells(folder, without=cells)
    has_commentary = {cell.iri: cell.has_commentary for cell in earlier.values()}
    has_commentary |= {cell.iri: cell.page.has_commentary for cell in cells.values()}
    graphs: dict[str, list[Triple]] = {}
    for name, cell in cells.items():
        with _failures_of(cell.page.source.path, result.failures):
            resolve(cell, register, has_commentary)
            graphs[name] = triples(
                cell, register, captured=options.captured, address=options.address, with_text=options.with_text
            )
            result.reports.append(_report_on(cell))
    for name, known in earlier.items():
        resolved, reread_for = known.resolvable(has_commentary)
        if resolved:
            graphs[name] = known.with_resolved(resolved)
            result.resolved_later[name] = len(resolved)
        if reread_for:
            result.to_reread[name] = sorted(reread_for)
    if result.reports:
        dataset.write(folder, graphs, earlier, register)
    return result


def _read_cell(path: Path, cells: dict[str, Cell], register: Register, options: IngestOptions) -> Cell:
    page = read_page(read(path), options.cell)
    if page.cell in cells:
        raise UnreadableError(
            f"a second page of {page.cell.replace('-', ':')}, which was read from {cells[page.cell].page.source.path}",
            path=path,
            hint="ingest one version of a cell at a time",
        )
    return identify(page, register)


@contextmanager
def _failures_of(path: object, failures: list[EvgraphError]) -> Iterator[None]:
    """Collect the error that ends the work on one page, even an unforeseen one, so that the other pages go on."""
    try:
        yield
    except EvgraphError as error:
        failures.append(error)
    except Exception as error:
        if os.environ.get("EVGRAPH_DEBUG"):
            raise
        reason = f"an internal error of evgraph: {type(error).__name__}: {error}"
        hint = "leave this page out, and please report the error with the page"
        failures.append(UnreadableError(reason, path=path, hint=hint))


def _report_on(cell: Cell) -> PageReport:
    page, source = cell.page, cell.page.source
    notices: list[tuple[int | None, str]] = [(None, source.notice)] if source.notice else []
    if page.seems_cut:
        line = source.line_of(len(source.text.rstrip()))
        notices.append((line, "the page seems to be cut off here: save it whole and read it again"))
    documents = {*cell.mentioned}.union(*(entry.documents for entry in cell.entries))
    return PageReport(
        path=source.path,
        cell=page.cell,
        notices=notices,
        not_understood=[_line_and_words(source, span) for span in page.not_understood()],
        entries=len(cell.entries),
        resolutions=Counter(reference.resolution.value for reference in cell.references),
        unsettled=[
            UnsettledReference(
                *_line_and_words(source, one.phrase.span),
                one.iri,
                one.phrase.kind.value,
                one.resolution.value,
                one.candidates,
            )
            for one in cell.references
            if one.resolution in (Resolution.AMBIGUOUS, Resolution.DANGLING)
        ],
        unregistered={document for document in documents if document.startswith(f"{DOC}u-")},
    )


def _line_and_words(source: Source, span: Span) -> tuple[int, str]:
    words = " ".join(source.slice(span).split())
    return source.line_of(span.start), words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1]}…"
