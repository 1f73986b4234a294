"""Proposals for ambiguous references: right where one candidate alone says it, and none where several do."""

from __future__ import annotations

from tests.pages.made import page_text, resolved

from evgraph.pages.readings import readings

BITE = """What is this cell about? Everything.


Where should I start? With the trial. Related issue below.


Issues to consider and discuss


Who pays? Blue Ribbon clubs cost little, says the review (listed above). Contingency vouchers cost more.


Who gains? What this bite's Where should I start? section asked is answered here. Home visits to young mothers do most;
the evidence for home visits comes from entries in this cell (1 2).


Who leaves? Home visits are refused by some, and so are vouchers."""


def proposals(*entries: str) -> list[tuple[str, str, str]]:
    """Return the source, the target and the reason of each proposal."""
    (cell,) = resolved(page_text(*entries, bite=BITE))
    names = {entry.iri: str(entry.entry.position) for entry in cell.entries}

    def name(iri: str) -> str:
        return names.get(iri) or iri.rpartition("/")[2]

    sources = {reference.iri: name(reference.source) for reference in cell.references}
    found = readings(cell)
    assert all(
        reading.target
        in next(reference.candidates for reference in cell.references if reference.iri == reading.reference)
        for reading in found
    )
    return [(sources[reading.reference], name(reading.target), reading.reason) for reading in found]


def test_a_section_that_refers_to_the_entry_is_meant() -> None:
    found = proposals("K One (2001). N.", "R Two (2002). N. Discussion in bite’s Issues section.")
    assert ("2", "issue-1", "issue 1 says “review (listed above)”") in found


def test_a_section_that_names_the_section_is_meant() -> None:
    reason = "issue 2 says “What this bite's Where should I start? section”"
    assert proposals("K One (2001). N.") == [("start", "issue-2", reason)]


def test_the_section_that_alone_says_a_name_is_meant() -> None:
    found = proposals("K One (2001). Blue Ribbon men. Discussion in bite’s Issues section.", "K Two (2002). N.")
    assert ("1", "issue-1", "issue 1 says “Blue Ribbon”") in found


def test_what_two_sections_say_settles_two_numbers_but_not_one() -> None:
    body = "Of home visits. Discussion in bite’s Issues"
    both = proposals(f"K One (2001). {body} sections (1 2).", "K Two (2002). N.")
    assert [found[:2] for found in both if found[0] == "1"] == [("1", "issue-2"), ("1", "issue-3")]
    assert not [found for found in proposals(f"K One (2001). {body} section.", "K Two (2002). N.") if found[0] == "1"]


def test_the_entries_that_alone_share_the_words_of_a_section_are_meant_in_the_order_of_the_page() -> None:
    found = proposals("K Home visits (2001). N.", "K Vouchers (2002). N.", "R Of visits at home (2003). Home visits.")
    assert [target for source, target, _ in found if source == "issue-2"] == ["1", "3"]


def test_nothing_is_proposed_where_nothing_is_said() -> None:
    assert [found for found in proposals("K One (2001). Discussion in bite’s Issues section.") if found[0] == "1"] == []
