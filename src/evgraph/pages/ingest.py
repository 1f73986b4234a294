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
from evgraph.namespaces import curie
from evgraph.pages import dataset, decided
from evgraph.pages.cell import Cell, Resolution, identify
from evgraph.pages.curated_passages import anchor_passages
from evgraph.pages.decoding import read
from evgraph.pages.earlier import EarlierVersion, Texts
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.topics import certain_topics, name_topics
from evgraph.pages.triples import triples
from evgraph.pages.versions import Continuation
from evgraph.register import DOC, normalize
from evgraph.writing import refuse_link, replace_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Triple

    from evgraph.pages.curated_passages import MovedPassage
    from evgraph.pages.dataset import EarlierCell
    from evgraph.pages.page import Page
    from evgraph.pages.source import Source, Span
    from evgraph.pages.versions import KeptName, LostName
    from evgraph.register import Register

_MAX_WORDS = 100  # Characters of a passage in a report.


class IngestOptions(NamedTuple):
    """How pages are read and written."""

    cell: str | None = None  # ``drug:E4`` for a page that does not name its cell.
    captured: str | None = None  # The day the page was captured, ``2026-01-31``.
    address: str | None = None  # The address it was captured from.
    with_text: bool = False  # Whether passages hold the words of the page.
    earlier_pages: tuple[Path, ...] = ()  # Files or folders with earlier versions of the pages.


class UnsettledReference(NamedTuple):
    """A reference that a person must settle."""

    line: int  # Of the file, from 1.
    words: str  # As printed.
    iri: str
    kind: str  # A notation of the reference-kind scheme.
    resolution: str  # ``ambiguous`` or ``dangling``.
    candidates: tuple[str, ...]  # The names of what may be meant.


class PageReport(NamedTuple):
    """What ingest reports on a page."""

    path: str  # The file, as the user named it.
    cell: str  # ``drug-E4``.
    notices: list[tuple[int | None, str]]  # Line (None: the whole file) and text of each.
    not_understood: list[tuple[int, str]]  # Line and words of each line that no rule knows.
    entries: int  # The number of entries.
    resolutions: Counter[str]  # The number of references by resolution.
    unsettled: list[UnsettledReference]
    has_commentary: bool  # Whether the page shows its commentary.
    unregistered: set[str]  # IRIs of the documents that the register does not know.
    kept: list[KeptName]  # What kept its IRI although an earlier version of the page words it otherwise.
    lost: list[LostName]  # What curated data names and this version of the page has no longer.


class IngestResult(NamedTuple):
    """The outcome of an ingest."""

    reports: list[PageReport]  # One per page that could be read, in the order of the pages.
    failures: list[EvgraphError]  # One per page that could not.
    resolved_later: dict[str, int]  # Cell of an earlier run, ``drug-E4`` → how many of its references resolve now.
    to_reread: dict[str, list[str]]  # Cell of an earlier run → IRIs of the cells for which its page must be read again.
    decisions: decided.DecisionReport  # What became of the decisions in the folder's ``curated/``.
    moved_passages: list[MovedPassage]  # Passages of earlier versions of the pages, in the folder's curated data.
    unread_earlier: list[EvgraphError]  # One per file of an earlier version that cannot be read.


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
    reader = _Reader(folder, register, options)
    result = IngestResult([], [], {}, {}, decided.NOTHING, [], reader.texts.unreadable)
    cells = reader.cells
    for path in paths:
        with _failures_of(path, result.failures):
            reader.read(path)
        step(1)
    earlier = dataset.read_cells(folder, without=cells)
    _name_topics(cells, earlier, register)
    has_commentary = {cell.iri: cell.has_commentary for cell in earlier.values()}
    has_commentary |= {cell.iri: cell.page.has_commentary for cell in cells.values()}
    graphs: dict[str, list[Triple]] = {}
    for name, cell in cells.items():
        with _failures_of(cell.page.source.path, result.failures):
            resolve(cell, register, has_commentary)
            graphs[name] = triples(
                cell, register, captured=options.captured, address=options.address, with_text=options.with_text
            )
            result.reports.append(_report_on(cell, reader, graphs[name]))
    for name, known in earlier.items():
        resolved, reread_for = known.resolvable(has_commentary)
        if resolved:
            graphs[name] = known.with_resolved(resolved)
            result.resolved_later[name] = len(resolved)
        if reread_for:
            result.to_reread[name] = sorted(reread_for)
    if result.reports:
        gone = {name.iri for report in result.reports for name in report.lost}
        result = result._replace(decisions=decided.report(folder, cells, earlier, register, gone=gone))
        written = {name: cell for name, cell in cells.items() if name in graphs}
        files, moved = anchor_passages(folder, written, graphs, reader.texts, reader.continuations)
        if files:
            refuse_link(folder / "curated")
        dataset.write(folder, graphs, earlier, register)
        replace_files(files)
        result.moved_passages.extend(moved)
    return result


def _name_topics(cells: Mapping[str, Cell], earlier: Mapping[str, EarlierCell], register: Register) -> None:
    """Split the lists of hot topics again, by the names that the scheme and all pages together know."""
    known = {normalize(name) for cell in cells.values() for name in certain_topics(cell.page)}
    known.update(normalize(name) for cell in earlier.values() for name in cell.topic_names)
    for cell in cells.values():
        name_topics(cell.page, lambda name: normalize(name) in known or bool(register.concept("topic", name)))


class _Reader:
    """Reads pages, each as a new version of what the folder holds of its cell."""

    def __init__(self, folder: Path, register: Register, options: IngestOptions) -> None:
        self.cells: dict[str, Cell] = {}
        self.continuations: dict[str, Continuation] = {}
        self.notices: dict[str, str] = {}  # By cell.
        self.texts = Texts()
        self.texts.add_pages(options.earlier_pages)
        self._folder, self.register, self._options = folder, register, options

    def read(self, path: Path) -> None:
        """Read a page, and add its cell."""
        page = read_page(read(path), self._options.cell)
        if page.cell in self.cells:
            raise UnreadableError(
                f"a second page of {page.cell.replace('-', ':')},"
                f" which was read from {self.cells[page.cell].page.source.path}",
                path=path,
                hint="ingest one version of a cell at a time",
            )
        self.texts.pages[page.source.hash] = page.source
        continuation = self._continuation(page)
        if continuation:
            continuation.keep_sections()
        cell = identify(page, self.register, continuation.entries if continuation else None)
        if continuation:
            continuation.number_references(cell)
            self.continuations[page.cell] = continuation
        self.cells[page.cell] = cell

    def _continuation(self, page: Page) -> Continuation | None:
        try:
            earlier = dataset.read_cell(self._folder, page.cell)
        except UnreadableError as error:
            self.notices[page.cell] = f"replaces {error.place}, which is {error.message}"
            return None
        if not earlier:
            return None
        version = EarlierVersion(page.cell, earlier, self.texts)
        if version.sections and not page.has_commentary:
            self.notices[page.cell] = (
                "the earlier version had its Matrix Bite (the commentary), this one lacks it: save it with the Matrix"
                " Bite unfolded, as HTML"
            )
        return Continuation(page, version, self.register)


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


def _report_on(cell: Cell, reader: _Reader, graph: list[Triple]) -> PageReport:
    page, source = cell.page, cell.page.source
    notices: list[tuple[int | None, str]] = [
        (None, notice) for notice in (source.notice, reader.notices.get(page.cell)) if notice
    ]
    continuation = reader.continuations.get(page.cell)
    if page.seems_cut:
        line = source.line_of(len(source.text.rstrip()))
        notices.append((line, "the page seems to be cut off here: save it whole and read it again"))
    for heading in page.doubtful_headings:
        line, words = _line_and_words(source, heading)
        notices.append((line, f"the heading was read as '{words}', but may end later: compare it with the page"))
    names = {
        entry.iri: f"“{_words(source, entry.entry.headline)}” (entry {entry.entry.position})" for entry in cell.entries
    }
    for section in page.sections:
        title, name = _words(source, section.heading), section.name.replace("-", " ")
        names[cell.section_iri(section.name)] = f"“{title}” ({name})" if title else name
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
                *_line_and_words(source, reference.phrase.span),
                reference.iri,
                reference.phrase.kind.value,
                reference.resolution.value,
                tuple(names.get(iri) or reader.register.label(iri) or curie(iri) for iri in reference.candidates),
            )
            for reference in cell.references
            if reference.resolution in (Resolution.AMBIGUOUS, Resolution.DANGLING) and not reference.settled_by
        ],
        has_commentary=page.has_commentary,
        unregistered={document for document in documents if document.startswith(f"{DOC}u-")},
        kept=continuation.kept if continuation else [],
        lost=continuation.lost(cell, graph) if continuation else [],
    )


def _line_and_words(source: Source, span: Span) -> tuple[int, str]:
    return source.line_of(span.start), _words(source, span)


def _words(source: Source, span: Span) -> str:
    words = " ".join(source.slice(span).split())
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1]}…"
