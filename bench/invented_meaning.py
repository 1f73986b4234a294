"""What a phrase means among the entries around it, worked out from the drafts of the entries, never from their words.

Of several candidates the phrase means the one whose own text points back and that the phrase fits; else, since a phrase
may name a kind that its target is not, one that can mean nothing but this entry. Then the ones whose kind, country and
year the phrase names; else all. A kind that the page does not hold is dangling. A pointer that names neither kind nor
country, such as a bare "( above)", is no way back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.invented_gold import Draft, Pointer

Meaning = tuple[str, str | None, tuple[str, ...]]
_OPPOSITE = {"above": "below", "below": "above"}
_ALSO = {"related", "see-also", "position"}  # Kinds that answer each other.
VARIANTS = (
    frozenset({"any kind of reference answers", "a country that is not named may be meant"}),
    frozenset({"a country that no entry has is dangling"}),
    frozenset({"a kind on the other side only is dangling"}),
    frozenset({"a bare pointer is not settled by a way back"}),
    frozenset({"a lost tag may be of any kind"}),
)
"""What the description of the pages leaves open, each read the other way."""
NO_VARIANT: frozenset[str] = frozenset()
BARE_ANSWERS = frozenset({"a bare pointer answers"})
"""The reading of a bare pointer as a way back, which is wrong."""


def one_of(found: Sequence[str]) -> Meaning:
    """Return resolution, target and candidates of a phrase with these possible targets."""
    if len(found) == 1:
        return "resolved", found[0], ()
    return ("ambiguous", None, tuple(found)) if found else ("dangling", None, ())


def meaning(at: int, pointer: Pointer, drafts: Sequence[Draft], variant: frozenset[str] = NO_VARIANT) -> Meaning:
    """Return what a pointer of an entry means.

    Args:
        at: the entry's place, from 0.
        pointer: one that has a direction, or a meaning of its own.
        drafts: all entries.
        variant: what to read the other way, of ``VARIANTS``.

    """
    if pointer.fixed:
        return pointer.fixed
    back = ways_back(at, pointer, drafts, variant)
    found = _narrowed(pointer, back or list(_side(at, pointer, drafts)), drafts, variant - VARIANTS[0])
    if pointer.noun and not back and not _holds(pointer.noun, found, drafts):
        held = _holds(pointer.noun, [i for i in range(len(drafts)) if i != at], drafts)
        if not held or VARIANTS[2] <= variant:
            found = []
    if pointer.links > 1 and pointer.links == len(found):
        found = [found[pointer.link - 1]]
    return one_of([f"entry {i + 1}" for i in found])


def ways_back(at: int, pointer: Pointer, drafts: Sequence[Draft], variant: frozenset[str] = NO_VARIANT) -> list[int]:
    """Return the entries that a pointer fits and that point back."""
    if pointer.links > 1:  # Several are meant, and who points back is not all of them.
        return []
    if VARIANTS[3] <= variant and _is_bare(pointer):
        return []
    meant_by = {
        i: [
            _meant(i, answer, drafts, variant)
            for sentence in drafts[i].body for answer in sentence.pointers if _answers(answer, pointer, variant)
        ]
        for i in _side(at, pointer, drafts)
    }  # fmt: skip
    back = [i for i in _meant(at, pointer, drafts, variant) if any(at in meant for meant in meant_by[i])]
    if not back:  # A phrase may name a kind that its target is not.
        of_any_kind = _meant(at, replace(pointer, noun=None), drafts, variant)
        back = [i for i in of_any_kind if [at] in meant_by[i]]
    return back


def _side(at: int, pointer: Pointer, drafts: Sequence[Draft]) -> range:
    return range(at) if pointer.direction == "above" else range(at + 1, len(drafts))


def _holds(noun: str, places: Sequence[int], drafts: Sequence[Draft]) -> bool:
    return any(not drafts[i].kinds or noun in drafts[i].kinds for i in places)


def _is_bare(pointer: Pointer) -> bool:
    return pointer.kind == "position" and not (pointer.noun or pointer.countries or pointer.years)


def _answers(answer: Pointer, pointer: Pointer, variant: frozenset[str]) -> bool:
    if _is_bare(answer) and not variant >= BARE_ANSWERS:
        return False
    alike = answer.kind == pointer.kind or VARIANTS[0] <= variant or {answer.kind, pointer.kind} <= _ALSO
    return bool(pointer.direction) and answer.direction == _OPPOSITE[pointer.direction or ""] and alike


def _meant(at: int, pointer: Pointer, drafts: Sequence[Draft], variant: frozenset[str]) -> list[int]:
    return _narrowed(pointer, list(_side(at, pointer, drafts)), drafts, variant)


def _narrowed(pointer: Pointer, found: list[int], drafts: Sequence[Draft], variant: frozenset[str]) -> list[int]:
    def kind(draft: Draft) -> bool:
        unknown = not draft.kinds or (VARIANTS[4] <= variant and not draft.markers)
        return pointer.noun is None or unknown or pointer.noun in draft.kinds

    def country(draft: Draft) -> bool:
        unknown = VARIANTS[0] <= variant and not draft.country
        return not pointer.countries or draft.country in pointer.countries or unknown

    def year(draft: Draft) -> bool:
        return not pointer.years or bool(set(pointer.years) & set(draft.years))

    for fits in (kind, country, year):
        narrowed = [i for i in found if fits(drafts[i])]
        strict = fits is country and VARIANTS[1] <= variant
        found = narrowed if strict else narrowed or found
    return found


def is_plain(drafts: Sequence[Draft]) -> bool:
    """Return whether the description of the pages settles what every phrase means.

    It says that items of one phrase never mean one entry, and not which of them does not.
    """
    for at, draft in enumerate(drafts):
        for sentence in draft.body:
            pointers = [pointer for pointer in sentence.pointers if pointer.direction]
            meant = [meaning(at, pointer, drafts) for pointer in pointers]
            targets = [target for _, target, _ in meant if target]
            if len(targets) > len(set(targets)):
                return False
            if any([meaning(at, pointer, drafts, variant) for pointer in pointers] != meant for variant in VARIANTS):
                return False
    return True
