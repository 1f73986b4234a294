"""What became of a page: which lines were not understood, how its references came out, what a person has to settle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.cell import Resolution
from evgraph.register import DOC

if TYPE_CHECKING:
    from evgraph.pages.cell import Cell

_OPEN = (Resolution.AMBIGUOUS, Resolution.DANGLING)
_LONGEST = 100  # Characters of a line that are shown.


class Unsettled(NamedTuple):
    """A reference that a person has to settle: where it stands, its words, its IRI, and what it may mean."""

    line: int
    words: str
    iri: str
    kind: str
    resolution: str
    candidates: tuple[str, ...]


class Account(NamedTuple):
    """What became of a page.

    Attributes:
        path: the file, as the user named it.
        cell: ``drug-E4``.
        notices: what its reader should know; the line, where there is one, and the words.
        not_understood: line and words of each line that no rule knows.
        entries: how many there are.
        resolutions: how many references came out how.
        unsettled: the references that are ambiguous or dangling.
        unregistered: IRIs of the documents that the register does not know.

    """

    path: str
    cell: str
    notices: tuple[tuple[int | None, str], ...]
    not_understood: tuple[tuple[int, str], ...]
    entries: int
    resolutions: Counter[str]
    unsettled: tuple[Unsettled, ...]
    unregistered: frozenset[str]


def account(cell: Cell) -> Account:
    """Give account of a page whose references are resolved."""
    source = cell.page.source
    notices: list[tuple[int | None, str]] = [(None, source.notice)] if source.notice else []
    if cell.page.seems_cut:
        line = source.line_of(len(source.text.rstrip()))
        notices.append((line, "the page seems to be cut off here: save it whole and read it again"))
    documents = {one for listing in cell.listings for one in listing.documents} | {one.iri for one in cell.named}
    return Account(
        path=source.path,
        cell=cell.page.cell,
        notices=tuple(notices),
        not_understood=tuple(
            (source.line_of(span.start), _short(source.slice(span))) for span in cell.page.not_understood()
        ),
        entries=len(cell.listings),
        resolutions=Counter(one.resolution.value for one in cell.references),
        unsettled=tuple(
            Unsettled(
                source.line_of(one.mention.words.start),
                _short(source.slice(one.mention.words)),
                one.iri,
                one.mention.kind.value,
                one.resolution.value,
                one.candidates,
            )
            for one in cell.references
            if one.resolution in _OPEN
        ),
        unregistered=frozenset(one for one in documents if one.startswith(f"{DOC}u-")),
    )


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
