"""Whatever text the reader is given ends in a page or in a clear error, and soon."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.pages.made import EXAMPLES, accounts_for_every_line, page_text, title, words_only

from evgraph.errors import EvgraphError
from evgraph.pages.cell import identify
from evgraph.pages.decoding import decode
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.triples import triples

if TYPE_CHECKING:
    from evgraph.pages.cell import Cell

SOON = 5.0  # Seconds of work; most take a tenth of one. A regex that runs away takes hours.


def understood(raw: bytes, cell: str | None = None) -> Cell | None:
    """Read, resolve and write a page, or None where it ends in an error that names the page."""
    started = time.process_time()
    try:
        found = identify(read_page(decode(raw, "page.txt"), cell), words_only())
        resolve(found, words_only())
    except EvgraphError as error:
        found, message = None, str(error)
    assert time.process_time() - started < SOON
    if found is None:
        assert message.startswith("page.txt")
        return None
    assert accounts_for_every_line(found.page)
    for reference in found.references:
        assert (reference.target is not None) == (reference.resolution in ("resolved", "outside"))
        assert (len(reference.candidates) >= 2) == (reference.resolution == "ambiguous")
    assert len({reference.iri for reference in found.references}) == len(found.references)
    assert len({entry.iri for entry in found.entries}) == len(found.entries)
    return found


@cache
def example_pages() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((EXAMPLES / "pages").glob("*.txt"))]


WORDS = [
    title(), "\n", "\n\n\n", "K Headline (2012). ", "S G Two ([UK] Forum, 1999; free) ", "Related study below. ",
    "(1 2) ", "(", ")", "[", "]", "‚Äô", "’", "\u00a0", "Discussion in bite’s Issues section. ",
    "Issues to consider and discuss ", "Who pays? ", "cell E3’s bite ", "more Search for all analyses. ",
    "hot topics on A, B and C", "Close Matrix Bite ", "Funded by ", "web site", "See also ", "above ", "below",
    "and ", "US ", "Where should I start? ", "click here and here ", "p. 1 of linked PDF file", "2006",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=60).map("".join))
@example("K (2012)")
@example("Issues to consider and discuss\n\n\n? ")
@settings(max_examples=300)
@pytest.mark.slow
def test_any_text(text: str) -> None:
    understood(text.encode("utf-8", "replace"), "drug:C2" if "Matrix cell" not in text else None)


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    understood(title().encode() + b"\n" + raw)
    understood(raw)


@given(st.integers(0, 1), st.integers(0, 3000), st.booleans())
def test_any_cut(which: int, at: int, from_behind: bool) -> None:
    raw = example_pages()[which].encode()
    found = understood(raw[-at:] if from_behind else raw[:at], "alcohol:C2" if which == 0 else "drug:C2")
    if found and not from_behind and at == len(raw):
        assert found.page.not_understood() == []


@given(st.integers(0, 1), st.randoms(use_true_random=False))
def test_any_shuffle_of_lines(which: int, random: object) -> None:
    lines = example_pages()[which].split("\n")
    random.shuffle(lines)  # type: ignore[attr-defined]
    found = understood("\n".join(lines).encode())
    assert found is None or found.page.square == "C2"  # None where every entry comes after the commentary.


def test_every_triple_of_a_shuffled_page_can_be_written() -> None:
    lines = sorted(example_pages()[0].split("\n"), key=lambda line: line[::-1])
    found = understood("\n".join(lines).encode())
    assert found is not None
    assert len(list(triples(found, words_only(), with_text=True))) > 50


UNITS = [
    "(", ")", "[", "'", "’", ". ", "? ", "A", "Aa", "A a ", "above ", "study above ", "(2006) ", "(A, ",
    "[UK] N, 2006", "UK, ", "UK and ", "see also ", "See a (2006). ", "building on ", "implementing ",
    "related study and ", "reviews (1 2) below. ", "Effectiveness Bank Alcohol Matrix ", "this search retrieves ",
    "hot topics on A, ", "for a b c click ", "here and ", "bite's Issues section ", "cell A1 ",
    "study in this cell (1 2) ", "corresponding cell on ", "funded by ", "web site ", "A of ", "on p. 1 ", "e.g. ",
    "Is it? ", "‚Äô", " ", "\u00a0", "\t.",
]  # fmt: skip
PLACES = {
    "a body": f"{title()}\n\nK Headline (2012). ",
    "a headline": f"{title()}\n\nK ",
    "the header": f"{title()}\n\n",
    "the trailer": f"{title()}\n\nK Headline (2012).\n\nmore Search ",
    "the commentary": page_text("K Headline (2012).", bite="What is this cell about? ").rpartition("\n\n")[0],
    "an issue": page_text("K Headline (2012).", bite="Issues to consider and discuss\n\n\nWho ").rpartition("\n\n")[0],
}


@pytest.mark.parametrize("place", ["a headline", "an issue"])
@pytest.mark.slow
def test_a_line_of_150_kb_of_one_thing(place: str) -> None:
    for unit in UNITS:
        understood((PLACES[place] + unit * (150_000 // len(unit)) + "!x").encode())


@pytest.mark.slow
@pytest.mark.parametrize("place", ["the commentary"])
def test_thousands_of_lines_of_one_thing(place: str) -> None:
    for unit in UNITS:
        understood((PLACES[place] + (unit + "\n\n") * 5000 + "x").encode())


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("unit", ["(", "above ", "A a ", "(2006) "])
def test_a_line_of_a_megabyte(unit: str) -> None:
    understood((PLACES["a body"] + unit * (1_000_000 // len(unit))).encode())


@pytest.mark.slow
def test_as_many_entries_and_references_as_a_page_may_have() -> None:
    body = "Related UK study below. Corresponding US study above. See also Welsh review below. Study and review below."
    found = understood("\n".join([title(), *(f"K Headline {n} (2012). {body}" for n in range(195))]).encode())
    assert found is not None
    assert len(found.references) == 975
    more = "\n".join([title(), *(f"K Headline {n} (2012). {body} {body}" for n in range(195))])
    assert understood(more.encode()) is None
