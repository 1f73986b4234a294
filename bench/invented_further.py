"""Further phrases of an invented page, each of a kind that only some pages have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.invented_gold import COUNTRIES, NEW, OTHER, Draft, Pointer, Sentence
from bench.invented_meaning import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.invented_phrases import Phrases

LOST = ("dangling", None, ())
"""What a phrase means whose link is lost."""


def numbered(pointer: Pointer, count: int) -> tuple[Pointer, ...]:
    """Return a pointer for each link number."""
    return tuple(replace(pointer, words=f"{number}") for number in range(1, count + 1))


def document(text: str, kind: str, feature: str, date: object) -> Sentence:
    """Return a sentence that refers to a document outside the list."""
    stated = None if date is None else str(date)
    return Sentence(text, feature, (Pointer(kind, fixed=("resolved", "document", ()), date=stated),))


def there(
    text: str,
    kind: str,
    way: str,
    noun: str | None,
    countries: tuple[str, ...] = (),
    feature: str = "",
    years: tuple[int, ...] = (),
) -> Sentence:
    """Return a sentence that refers above or below."""
    date = str(years[0]) if years else None
    pointer = Pointer(kind, way, noun, countries, years, date=date, words=way)
    return Sentence(text, feature or f"{kind} … {way}", (pointer,))


def _name_and_year(phrases: Phrases) -> Sentence:
    year = phrases.year()
    words = phrases.dice.choice(
        (
            "It held up for two years (third report, {}).",
            "It was as true elsewhere (a smaller trial, {}).",
            "Few had asked (an early survey, {}) before that.",
        )
    )
    return document(words.format(year), "inline", f"{NEW}a name and a year in brackets", year)


def _see_what_kind(phrases: Phrases) -> Sentence:
    if phrases.dice.random() < 0.5:
        words = phrases.dice.choice(
            (
                "slide presentation and recording, which end with the featured studies",
                "slides on a review of guidance",
                "a talk about the trial and its reviews",
            )
        )
        pointer = Pointer("see-also", fixed=("resolved", "document", ()), types=())
        return Sentence(f"See also {words}.", f"{NEW}see also …, head noun, no year", (pointer,))
    year = phrases.year()
    words, types = phrases.dice.choice(
        (
            ("a slide presentation ({}) of a study of nights", ()),
            ("slides ({}) on a review of guidance", ()),
            ("a thesis ({}) on guidance for clinics", ()),
            ("a video ({}) about the trial and its reviews", ()),
            ("a review ({}) of trials and of guidance", ("Review",)),
            ("guidance ({}) based on studies of nights", ("Guidance",)),
            ("a study ({}) of how reviews are read", ("Study",)),
        )
    )
    pointer = Pointer("see-also", fixed=("resolved", "document", ()), date=f"{year}", types=types)
    return Sentence(f"See also {words.format(year)}.", f"{NEW}see also …, head noun", (pointer,))


def _see_lost(phrases: Phrases) -> Sentence:
    words, link = phrases.dice.choice(
        (
            ("More in this set of slides and recording.", "set of slides"),
            ("On costs see another group’s thesis (free source at the time of writing).", "thesis"),
            ("More in this book chapter.", "book chapter"),
        )
    )
    return Sentence(
        words, f"{NEW}more in this …, see another’s …, no year", (Pointer("see-also", fixed=LOST, words=link),)
    )


def _cells_of_matrix(phrases: Phrases) -> Sentence:
    first, second = phrases.dice.sample([a + b for a in "ABCDE" for b in "12345" if a + b != phrases.square], 2)
    other = OTHER[phrases.matrix]
    words = phrases.dice.choice(("See cell {} and cell {} of the", "It is met in cell {} and cell {} of the"))
    both = (f"{phrases.matrix}-{first}", f"{other}-{first}")
    pointers = (
        Pointer("cell", fixed=("ambiguous", None, both), words=first),
        replace(phrases.cell(second, other), words=second),
    )
    return Sentence(f"{words.format(first, second)} {other.capitalize()} Treatment Matrix.",
                    f"{NEW}cell … and cell … of the other matrix", pointers)  # fmt: skip


def numbers(phrases: Phrases, *, in_entry: bool = True) -> Sentence:
    """Return a phrase with link numbers that are documents."""
    count = phrases.dice.choice((2, 2, 3))
    numbers = " ".join(map(str, range(1, count + 1)))
    words = phrases.dice.choice(
        (
            "Trials ({}) of late hours gave one answer.",
            "None of the reports ({}) says why.",
            "It cites earlier work ({}) from the same town.",
        )
    )
    feature = f"{NEW}{'' if in_entry else 'bite: '}(1 2) beside a noun"
    return Sentence(words.format(numbers), feature, numbered(Pointer("inline", fixed=LOST), count))


def three_countries(phrases: Phrases, places: list[int], drafts: Sequence[Draft]) -> list[tuple[int, Sentence]]:
    """Return the phrases of three studies of three countries, each of which refers to the other two."""
    three = sorted(phrases.dice.sample(places, 3))
    codes = phrases.dice.sample(sorted(COUNTRIES), 3)
    if any(drafts[i].country not in (None, code) for i, code in zip(three, codes, strict=True)):
        return []
    for i, code in zip(three, codes, strict=True):
        drafts[i].country = code
    first, second, third = (phrases.place(code) for code in codes)

    def pointer(index: int, way: str) -> Pointer:
        return Pointer("corresponding", way, "study", (codes[index],), words=(first, second, third)[index])

    feature = f"{NEW}corresponding … and … studies"
    return [
        (three[0], Sentence(f"Corresponding {second} and {third} studies below.", feature,
                            (pointer(1, "below"), pointer(2, "below")))),
        (three[1], Sentence(f"Corresponding {first} study above and {third} study below.",
                            f"{NEW}corresponding … study above and … study below",
                            (pointer(0, "above"), pointer(2, "below")))),
        (three[2], Sentence(f"Corresponding {first} and {second} studies above.", feature,
                            (pointer(0, "above"), pointer(1, "above")))),
    ]  # fmt: skip


def uk_and_us(at: int, drafts: Sequence[Draft]) -> Sentence | None:
    """Return a phrase that names two countries: the two of a pair that corresponds, else each whatever fits it."""
    pair = [
        (i, pointer.countries[0])
        for i, draft in enumerate(drafts) for sentence in draft.body for pointer in sentence.pointers
        if pointer.kind == "corresponding"
    ]  # fmt: skip
    pointers, feature = [], f"{NEW}contemporary UK and US studies"
    for code, words in (("GB", "UK"), ("US", "US")):
        found = [
            i
            for i, draft in enumerate(drafts)
            if i != at and draft.country == code and (not draft.markers or "study" in draft.kinds)
        ]
        paired = [i for i in found if any(i == source for source, _ in pair)]
        if len(found) > 1 and len(paired) == 1:
            found, feature = paired, f"{NEW}contemporary UK and US studies, two of which correspond"
        if not found:
            return None
        pointers.append(Pointer("inline", fixed=one_of([f"entry {i + 1}" for i in found]), words=words))
    return Sentence(
        "Similar procedures have been trialled in contemporary UK and US studies.", feature, tuple(pointers)
    )


FURTHER_PHRASES: dict[str, Callable[[Phrases], Sentence]] = {
    "names with years": _name_and_year,
    "head nouns": _see_what_kind,
    "see-also without a year": _see_lost,
    "cells": _cells_of_matrix,
    "numbers": numbers,
}
"""Kind → what draws a phrase whose meaning does not depend on other entries."""
