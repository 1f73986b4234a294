"""Which entry or section of an earlier version of a page is which one of the new version.

Each is matched with at most one. Where two fit about equally well, neither is matched: a decision that is lost is
reported, one that moves to something else is not noticed. Similarity is that of RapidFuzz,
https://rapidfuzz.github.io/RapidFuzz/Usage/fuzz.html#ratio
"""

from __future__ import annotations

import re
from collections import defaultdict
from heapq import nlargest
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evgraph.register import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

_YEAR = re.compile(r"\d{4}")
_MARGIN = 0.05  # By so much the best match must be better than the next.
_TELLING = 40  # Characters of a body from which on its words tell entries apart.
_MAX_PAIRS = 250_000  # To compare; no real page has a thousandth of them.
_UNLIKE = 0.5  # Bodies less similar than this are of different entries.

Matches: TypeAlias = dict[int, int]
"""Index of a new one → index of the earlier one."""


class EntryFacts(NamedTuple):
    """What an entry is recognised by."""

    headline: str
    date: str
    publisher: str
    markers: frozenset[str]
    documents: frozenset[str] = frozenset()  # Those that the register decides on; of an earlier entry, all it lists.
    body: str = ""  # Its text after the date; empty where it is not known.

    @property
    def key(self) -> tuple[str, str, str]:
        """The words that the key of its document is made of."""
        return normalize(self.headline), normalize(self.date), normalize(self.publisher)


class SectionFacts(NamedTuple):
    """What a section is recognised by."""

    role: str
    heading: str
    text: str = ""  # Empty where it is not known.


def ratio(text: str, other: str) -> float:
    """Return how similar two texts are, from 0 to 1."""
    from rapidfuzz import fuzz

    return fuzz.ratio(text, other) / 100


def match_entries(earlier: Sequence[EntryFacts], new: Sequence[EntryFacts], *, known: Matches | None = None) -> Matches:
    """Match the entries of two versions of a page, each version in the order of the page.

    First by headline, date and publisher; then by document; then by near headline with the same date, or the same
    headline with nearly the same date, best between the same neighbours. Matches that are known are kept.
    """
    matches: Matches = dict(known or {})
    _match_equal(earlier, new, matches, lambda facts: (*facts.key, facts.markers, normalize(facts.body)))
    _match_equal(earlier, new, matches, lambda facts: (*facts.key, facts.markers))
    _match_equal(earlier, new, matches, lambda facts: facts.key)
    _match_equal(earlier, new, matches, lambda facts: facts.documents or None)
    before, after = (
        _neighbours(len(earlier), {old: own for own, old in matches.items()}),
        _neighbours(len(new), matches),
    )

    def likeness(old: int, own: int) -> float:
        around = [None if neighbour is None else matches[neighbour] for neighbour in after[own]]
        same_slot = any(former == neighbour for former, neighbour in zip(before[old], around, strict=True))
        return _likeness(earlier[old], new[own], same_slot=same_slot)

    match_nearest(len(earlier), len(new), matches, likeness)
    return matches


def match_sections(earlier: Sequence[SectionFacts], new: Sequence[SectionFacts]) -> Matches:
    """Match the sections of two versions of a commentary: by role and heading, then by text, then by near heading."""
    matches: Matches = {}
    _match_equal(earlier, new, matches, lambda facts: (facts.role, normalize(facts.heading), normalize(facts.text)))
    _match_equal(earlier, new, matches, lambda facts: (facts.role, normalize(facts.heading)) if facts.heading else None)
    _match_equal(earlier, new, matches, lambda facts: (facts.role, normalize(facts.text)) if facts.text else None)

    def likeness(old: int, own: int) -> float:
        before, after = earlier[old], new[own]
        if before.role != after.role:
            return 0
        headings = ratio(normalize(before.heading), normalize(after.heading)) if before.heading and after.heading else 0
        texts = ratio(normalize(before.text), normalize(after.text)) if before.text and after.text else None
        if texts is None:
            return headings if headings >= 0.8 else 0
        return max(texts, headings) if texts >= 0.8 or (texts >= _UNLIKE and headings >= 0.6) else 0

    match_nearest(len(earlier), len(new), matches, likeness)
    # Without heading and text only their number tells them apart.
    if not any(facts.text for facts in earlier):
        _match_equal(earlier, new, matches, lambda facts: None if facts.heading else facts.role)
    return matches


def same_but_for_a_slip(date: str, other: str) -> bool:
    """Return whether one date may be the other, corrected: two years apart at most, or one digit, or two swapped."""
    years = [_YEAR.findall(text) for text in (date, other)]
    if len(years[0]) != 1 or len(years[1]) != 1:
        return False
    (year,), (other_year,) = years
    different = [(a, b) for a, b in zip(year, other_year, strict=True) if a != b]
    swapped = len(different) == 2 and different[0] == different[1][::-1]
    return abs(int(year) - int(other_year)) <= 2 or len(different) == 1 or swapped


def _likeness(old: EntryFacts, new: EntryFacts, *, same_slot: bool) -> float:
    """Return how likely an entry is the earlier one, from 0 to 1; 0 where it is not likely enough."""
    if old.markers and new.markers and old.markers.isdisjoint(new.markers):
        return 0
    if old.documents and new.documents:
        return 0  # The register knows both, and they differ.
    bodies = [normalize(facts.body) for facts in (old, new)]
    body = ratio(*bodies) if min(map(len, bodies)) >= _TELLING else None
    if body is not None and body < _UNLIKE:
        return 0
    (headline, date, publisher), (other, other_date, other_publisher) = old.key, new.key
    alike = ratio(headline, other)
    if date == other_date:
        least = 0.65 if same_slot else 0.85
        if same_slot and body is not None and body >= 0.8:
            least = 0.5
    elif publisher == other_publisher and same_but_for_a_slip(date, other_date):
        least = 0.9 if same_slot else 1
        if abs(int(_YEAR.findall(date)[0]) - int(_YEAR.findall(other_date)[0])) > 2 and body is None:
            least = 1 if same_slot else 2  # It may as well be a later document of the same name.
    else:
        return 0
    return (alike + (body if body is not None else alike)) / 2 + (0.1 if same_slot else 0) if alike >= least else 0


def _match_equal(
    earlier: Sequence[EntryFacts] | Sequence[SectionFacts],
    new: Sequence[EntryFacts] | Sequence[SectionFacts],
    matches: Matches,
    key: Callable[..., Hashable],
) -> None:
    """Add the matches of what has an equal key that is not None, where both versions have equally many, in order."""
    groups = defaultdict[object, tuple[list[int], list[int]]](lambda: ([], []))
    taken = set(matches.values())
    for side, version in enumerate((earlier, new)):
        for index, facts in enumerate(version):
            value = None if index in (matches if side else taken) else key(facts)
            if value is not None:
                groups[value][side].append(index)
    for olds, owns in groups.values():
        if len(olds) == len(owns):
            matches.update(zip(owns, olds, strict=True))


def match_nearest(earlier: int, new: int, matches: Matches, likeness: Callable[[int, int], float]) -> None:
    """Add the matches of what is most alike, where no other is about as much so.

    Args:
        earlier: the number of earlier ones.
        new: the number of new ones.
        matches: those that are known; the others are compared.
        likeness: how alike the earlier one and the new one with some indexes are, from 0 (not at all) to about 1.

    """
    taken = set(matches.values())
    olds, owns = (
        [index for index in range(count) if index not in used] for count, used in ((earlier, taken), (new, matches))
    )
    if len(olds) * len(owns) > _MAX_PAIRS:
        return
    scores = {(old, own): score for own in owns for old in olds if (score := likeness(old, own)) > 0}
    rivals = defaultdict[tuple[str, int], list[tuple[float, tuple[int, int]]]](list)
    for pair, score in scores.items():
        for side in zip(("old", "own"), pair, strict=True):
            rivals[side] = nlargest(2, [*rivals[side], (score, pair)])
    for pair, score in scores.items():
        others = [
            other for side in zip(("old", "own"), pair, strict=True) for other, whose in rivals[side] if whose != pair
        ]
        if score - max(others, default=0) >= _MARGIN:
            matches[pair[1]] = pair[0]


def _neighbours(count: int, matches: Matches) -> list[tuple[int | None, int | None]]:
    """Return for each index below `count` the nearest matched indexes before and after it."""
    before: list[int | None] = []
    after: list[int | None] = []
    for sides, order in ((before, range(count)), (after, range(count - 1, -1, -1))):
        last = None
        for index in order:
            sides.append(last)
            last = index if index in matches else last
    return list(zip(before, reversed(after), strict=True))
