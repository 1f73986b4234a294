"""What ingest reports on a page: lines that no rule knows, how references resolved, what a person must settle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.references import Resolution
from evgraph.register import DOC

if TYPE_CHECKING:
    from evgraph.pages.cell import Cell
    from evgraph.pages.references import Reference

_SHOWN_CHARACTERS = 100


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


def report_on(cell: Cell) -> PageReport:
    """Return the report on a page whose references are resolved."""
    source = cell.page.source
    notices: list[tuple[int | None, str]] = [(None, source.notice)] if source.notice else []
    if cell.page.seems_cut:
        line = source.line_of(len(source.text.rstrip()))
        notices.append((line, "the page seems to be cut off here: save it whole and read it again"))
    documents = {document for entry in cell.entries for document in entry.documents}
    documents |= {document.iri for document in cell.mentioned}

    def unsettled(reference: Reference) -> UnsettledReference:
        kind, span = reference.phrase[:2]
        line, words = source.line_of(span.start), _shorten(source.slice(span))
        return UnsettledReference(
            line, words, reference.iri, kind.value, reference.resolution.value, reference.candidates
        )

    return PageReport(
        path=source.path,
        cell=cell.page.cell,
        notices=notices,
        not_understood=[
            (source.line_of(span.start), _shorten(source.slice(span))) for span in cell.page.not_understood()
        ],
        entries=len(cell.entries),
        resolutions=Counter(reference.resolution.value for reference in cell.references),
        unsettled=[
            unsettled(reference)
            for reference in cell.references
            if reference.resolution in (Resolution.AMBIGUOUS, Resolution.DANGLING)
        ],
        unregistered={document for document in documents if document.startswith(f"{DOC}u-")},
    )


def _shorten(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _SHOWN_CHARACTERS else words[: _SHOWN_CHARACTERS - 1] + "…"
