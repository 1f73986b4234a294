"""What a phrase means among the entries around it, worked out from the drafts of the entries, never from their words.

Of several candidates the phrase means the one whose own text points back and that the phrase fits; else, since a phrase
may name a kind that its target is not, one that can mean nothing but this entry. Then the ones whose kind, country and
year the phrase names; else all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.invented_gold import Draft, Pointer

_OPPOSITE = {"above": "below", "below": "above"}
_ALSO = {"related", "see-also", "position"}  # Kinds that answer each other.


def one_of(found: Sequence[str]) -> tuple[str, str | None, tuple[str, ...]]:
    """Return resolution, target and candidates of a phrase with these possible targets."""
    if len(found) == 1:
        return "resolved", found[0], ()
    return ("ambiguous", None, tuple(found)) if found else ("dangling", None, ())


def meaning(
    at: int, pointer: Pointer, drafts: Sequence[Draft], *, lenient: bool = False
) -> tuple[str, str | None, tuple[str, ...]]:
    """Return what a pointer of an entry means.

    Args:
        at: the entry's place, from 0.
        pointer: one that has a direction, or a meaning of its own.
        drafts: all entries.
        lenient: read what the description of the pages leaves open the other way: which kinds of reference answer
            each other, and whether an entry of unknown country may be meant by a phrase that names one.

    """
    if pointer.fixed:
        return pointer.fixed
    side = range(at) if pointer.direction == "above" else range(at + 1, len(drafts))
    ways_back = {
        i: [
            _meant(i, one, drafts, lenient)
            for sentence in drafts[i].body for one in sentence.pointers if _answers(one, pointer, lenient)
        ]
        for i in side
    }  # fmt: skip
    back = [i for i in _meant(at, pointer, drafts, lenient) if any(at in meant for meant in ways_back[i])]
    if not back:  # A phrase may name a kind that its target is not.
        of_any_kind = _meant(at, replace(pointer, noun=None), drafts, lenient)
        back = [i for i in of_any_kind if [at] in ways_back[i]]
    if len(pointer.countries) > 1 or pointer.links > 1:  # Several are meant, and who points back is not all of them.
        back = []
    found = _narrowed(pointer, back or list(side), drafts, lenient=False)
    if pointer.links > 1 and pointer.links == len(found):
        found = [found[pointer.link - 1]]
    return one_of([f"entry {i + 1}" for i in found])


def _answers(answer: Pointer, pointer: Pointer, lenient: bool) -> bool:
    alike = answer.kind == pointer.kind or (lenient or {answer.kind, pointer.kind} <= _ALSO)
    return bool(pointer.direction) and answer.direction == _OPPOSITE[pointer.direction or ""] and alike


def _meant(at: int, pointer: Pointer, drafts: Sequence[Draft], lenient: bool) -> list[int]:
    side = range(at) if pointer.direction == "above" else range(at + 1, len(drafts))
    return _narrowed(pointer, list(side), drafts, lenient)


def _narrowed(pointer: Pointer, found: list[int], drafts: Sequence[Draft], lenient: bool) -> list[int]:
    def kind(one: Draft) -> bool:
        return pointer.noun is None or not one.kinds or pointer.noun in one.kinds

    def country(one: Draft) -> bool:
        return not pointer.countries or one.country in pointer.countries or (lenient and not one.country)

    def year(one: Draft) -> bool:
        return not pointer.years or bool(set(pointer.years) & set(one.years))

    for fits in (kind, country, year):
        found = [i for i in found if fits(drafts[i])] or found
    return found


def is_plain(drafts: Sequence[Draft]) -> bool:
    """Return whether the description of the pages settles what every phrase means."""
    pointing = [(i, one) for i, draft in enumerate(drafts) for sentence in draft.body for one in sentence.pointers]
    return all(meaning(i, one, drafts) == meaning(i, one, drafts, lenient=True) for i, one in pointing if one.direction)
