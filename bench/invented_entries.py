"""The entries of an invented page: how they are tagged, headed, dated and run into their text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.invented_gold import COUNTRIES, NEW, PUBLISHERS, Draft, Sentence

if TYPE_CHECKING:
    import random
    from collections.abc import Collection

_SUBJECTS = ("Night clinics", "Shared meals", "Postal reminders", "Waiting lists", "Group walks", "Evening calls",
             "Paper diaries", "Drop-in hours", "Home visits", "Quiet rooms")  # fmt: skip
_VERBS = ("keep clients in touch", "shorten delays", "leave dropout unchanged", "reach people who stay away",
          "help staff to plan", "cost little and last", "divide opinion")  # fmt: skip
_SENTENCES = ("Ten clinics took part for a year.", "Results held for men and women alike.", "Staff liked it.",
              "Few of the clients had been asked before.", "The effect faded within six months.",
              "Costs were not reported; the authors say why.", "Only 12% came back (fewer than hoped).",
              "One of its “quiet rooms” closed early.")  # fmt: skip
_PLACES = ("by post", "at the back door", "over the telephone", "in a borrowed van", "from a market stall")


def draw_entries(dice: random.Random, kinds: Collection[str] = ()) -> list[Draft]:
    """Draw entries in the order S K R G; a page may have none of a tag."""
    letters = dice.choice(("SKR", "SKG")) if "kinds not held" in kinds else "SKRG"
    markers = [m for m in letters for _ in range(dice.randint(2, 4) if m == "K" else dice.randint(0, 3))]
    drafts = [_entry(dice, marker, number, kinds) for number, marker in enumerate(markers, 1)]
    for draft in drafts:
        tag = dice.random()
        if tag < 0.04 and not draft.documents:
            draft.markers, draft.features = (), (*draft.features, "lost tag")
        elif tag < 0.08 and draft.markers != ("G",):
            draft.markers, draft.features = (*draft.markers, "G"), (*draft.features, "two tags")
    if "lost letters" in kinds:
        for before, draft, after in zip(drafts, drafts[1:], drafts[2:], strict=False):
            if before.markers == draft.markers == after.markers and not draft.documents and dice.random() < 0.5:
                draft.markers = ()
    for before, draft, after in zip(drafts, drafts[1:], drafts[2:], strict=False):
        if not draft.markers and before.markers == after.markers and len(before.markers) == 1:
            if "lost letters" in kinds:
                draft.inferred, draft.features = before.markers[0], (*draft.features, "lost tag")
            else:
                draft.markers = before.markers
                draft.features = tuple(feature for feature in draft.features if feature != "lost tag")
    return drafts


def _entry(dice: random.Random, marker: str, number: int, kinds: Collection[str]) -> Draft:
    stem = f"{dice.choice(_SUBJECTS)} {dice.choice(_VERBS)} {number}"
    headline, feature = dice.choice(
        (
            (stem, "plain headline"),
            (f"{stem} (seemed to) again", "headline with brackets"),
            (f"{stem} for the before(hand) and (after)care", "headline with brackets"),
            (f"{stem}: who gains?", "headline with a question"),
            (f"{stem} since the law (1996) changed", "headline with a year in brackets"),
            (f"{stem} from 1990 to 1995", "headline with years"),
            (f"{stem}; 45% did, 5% did not", "headline with digits"),
            (f"{stem} after ‘asking nicely’", "headline with quotes"),
            (stem.replace(" ", "", 1), "headline with fused words"),
            (f"5% of {stem[0].lower()}{stem[1:]}", "headline that starts with a digit"),
        )
    )
    year, publisher = dice.randint(1975, 2020), dice.choice(PUBLISHERS)
    code, country = dice.choice((("GB", "UK"), ("US", "US")))
    words, date, who, where, dating = dice.choice(
        (
            (f"{year}", "", None, None, "year"),
            (f"{year}", "", None, None, "year"),
            (f"{year} and {year + 1}", f"{year} and {year + 1}", None, None, "two years"),
            (f"{year}, {year + 1} and {year + 3}", f"{year}, {year + 1} and {year + 3}", None, None, "three years"),
            (f"{year}; free source at time of writing", "", None, None, "free source"),
            (f"{year}; free source at the time of writing", "", None, None, "free source"),
            (f"{year}; alternative free source at the time of writing", "", None, None, "free source"),
            (f"{publisher}, {year}", "", publisher, None, "publisher"),
            (f"[{country}] {publisher}, {year}", "", publisher, country, "publisher with country"),
            (f"[{country}] {publisher} [ABC], {year}", "", f"{publisher} [ABC]", country, "nested brackets"),
            (f"[{country}] {publisher}, {year}; free source at time of writing", "", publisher, country,
             "publisher and free source"),
            (f"Report Produced for the {publisher}, {year}", "", f"Report Produced for the {publisher}", None,
             "report produced for"),
        )
    )  # fmt: skip
    years = (year, *((year + 1,) if "years" in dating else ()), *((year + 3,) if dating == "three years" else ()))
    draft = Draft((marker,), headline, f"({words})", (date or f"{year}", who, where), (feature, dating), years)
    draft.body = [Sentence(text) for text in dice.sample(_SENTENCES, dice.randint(1, 3))]
    if where:
        draft.country = code
    elif dice.random() < 0.5:
        draft.country = dice.choice(sorted(COUNTRIES))
    note = re.search(r"; (.*free source.*)\)", draft.parenthesis)
    draft.note = note and note[1]
    rare = dice.random()
    if rare < 0.06:
        draft.stop, draft.features = " ", (*draft.features, "no full stop after the date")
    elif "notes" in kinds and rare < 0.3 and not draft.note:
        draft.note = dice.choice(("Free source at the time of writing", "Alternative free source at time of writing"))
        stop = dice.choice((". ", " "))
        draft.stop = f"{stop}{draft.note}. "
        draft.features = (
            *draft.features,
            f"{NEW}note behind the parenthesis, {'with' if stop[0] == '.' else 'no'} full stop",
        )
    elif "dated headlines" in kinds and rare < 0.55 and not draft.stated[1]:
        years = (f"{year}", f"{year + 1}", f"{year + 2}")
        places = ", ".join(f"{where} ({when})" for where, when in zip(dice.sample(_PLACES, 3), years, strict=True))
        draft.headline = f"Whether {' or '.join(places.rsplit(', ', 1))}, {stem[0].lower()}{stem[1:]}"
        draft.parenthesis, draft.note, draft.stated = "", None, ("", None, None)
        draft.documents, draft.years = years, (year, year + 1, year + 2)
        draft.features = (f"{NEW}headline with three dated studies",)
    return draft


def plain_sentences(dice: random.Random, number: int) -> list[Sentence]:
    """Draw sentences that refer to nothing."""
    return [Sentence(dice.choice(_SENTENCES)) for _ in range(number)]


def place_in(dice: random.Random, draft: Draft) -> None:
    """Name the country in the body, unless the parenthesis does or there is none."""
    if draft.country and not draft.stated[2]:
        draft.body.insert(0, Sentence(f"Set in {dice.choice(COUNTRIES[draft.country])} clinics."))


def entry_line(draft: Draft, *, end_stop: bool = True) -> str:
    """Write an entry as the page prints it."""
    body = " ".join(sentence.text for sentence in draft.body)
    head = f"{draft.headline} {draft.parenthesis}".strip()
    line = f"{' '.join((*draft.markers, head))}{draft.stop}{body}".strip()
    return line if end_stop else line.removesuffix(".")
