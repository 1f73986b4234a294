from __future__ import annotations

import pytest
from tests.pages.made import lines_without_part, page_text, read

from evgraph.pages.bite import split_sections
from evgraph.pages.layout import lines_of
from evgraph.pages.source import Source

ENTRY = "K Weekly supervision (2014). Randomised trial in eleven clinics."
ISSUES = "Issues to consider and discuss"


def parts(bite: str) -> list[tuple[str, str, list[str]]]:
    """Return each section's name, heading and paragraphs (the first words of each)."""
    page = read(page_text(ENTRY, bite=bite))
    assert lines_without_part(page) == []
    return [
        (
            section.name,
            page.source.slice(section.heading),
            [" ".join(page.source.slice(p).split()[:3]) for p in section.paragraphs],
        )
        for section in page.sections
    ]


def issues(*paragraphs: str, between: str = "\n\n") -> list[str]:
    """Return the headings of the issues."""
    return [heading for name, heading, _ in parts(between.join([ISSUES, *paragraphs])) if name.startswith("issue-")]


def test_fixed_headings_are_run_into_their_first_sentence() -> None:
    bite = (
        "What is this cell about? Everything that managers do.\n\nMore of it here.\n\n\n"
        "Where should I start? With the trial.\n\n\nHighlighted study The trial was long.\n\n" + ISSUES
    )
    assert parts(bite) == [
        ("about", "What is this cell about?", ["Everything that managers", "More of it"]),
        ("start", "Where should I start?", ["With the trial."]),
        ("highlighted", "Highlighted study", ["The trial was"]),
        ("issues", ISSUES, []),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Who pays for the hour?",
        "“Safe” or sorry?",
        "Does 5 days’ leave help?",
        "What works, for whom?",
        "Keep it friendly",
        "Support the clinic says NICE",
        "Start with A&E",
    ],
)
def test_issues_behind_two_blank_lines(heading: str) -> None:
    paragraphs = [
        "Why measure? Nobody knows yet what it costs.",
        f"{heading} The clinic that is paid by the visit loses.",
    ]
    assert issues(*paragraphs, between="\n\n\n") == ["Why measure?", heading]


def test_an_issue_without_question_mark_may_open_on_any_word_behind_two_blank_lines() -> None:
    assert issues("Keep it friendly Staff dread being judged.", between="\n\n\n") == ["Keep it friendly"]


@pytest.mark.parametrize(
    ("paragraph", "heading"),
    [
        ("Ill, poor, or both Leeds is the place to ask.", "Ill, poor, or both"),
        ("Small is safe Or is it only that the small choose whom they let in?", "Small is safe"),
        ("Ask, don't tell Anyone can see the point.", "Ask, don't tell"),
        ("Asking opens a door that somebody must then go through More often they cannot.",
         "Asking opens a door that somebody must then go through"),
    ],
)  # fmt: skip
def test_headings_without_a_question_mark(paragraph: str, heading: str) -> None:
    assert issues("Who pays? The clinic.", paragraph, between="\n\n\n") == ["Who pays?", heading]


def test_a_heading_that_may_end_in_two_places_is_reported() -> None:
    for paragraph, count in (("Pride costs less Staff in Leeds say so.", 1), ("Pride costs less Staff say so.", 0)):
        bite = f"{ISSUES}\n\n\nWho pays? The clinic.\n\n\n{paragraph}"
        page = read(page_text(ENTRY, bite=bite))
        assert [page.source.slice(span) for span in page.doubtful_headings] == ["Pride costs less"] * count


def test_paragraphs_and_questions_in_prose_open_no_issue_where_blank_lines_are_kept() -> None:
    bite = f"{ISSUES}\n\nWhy measure? Nobody knows.\n\nWho says so? Nobody does.\n\n\nWho pays? The clinic does."
    assert parts(bite) == [
        ("issues", ISSUES, []),
        ("issue-1", "Why measure?", ["Nobody knows.", "Who says so?"]),
        ("issue-2", "Who pays?", ["The clinic does."]),
    ]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_where_blank_lines_are_lost_short_questions_and_sure_openers_tell_an_issue(between: str) -> None:
    paragraphs = [
        "Why measure? Nobody knows yet what it costs.",
        "A paragraph of prose that goes on for a while. Or does it? Yes.",
        "Support the clinic says NICE The section before this one asked who should pay.",
        "According to its staff, the clinic was never asked who should pay for all the hours that it took? No.",
        "Who pays? The clinic does.",
    ]
    assert issues(*paragraphs, between=between) == ["Why measure?", "Support the clinic says NICE", "Who pays?"]


def test_questions_before_the_issues_open_none() -> None:
    assert [name for name, _, _ in parts("What is this cell about? All.\n\nWho pays? We do.")] == ["about"]


def test_pull_quotes_and_captions_are_sections_and_do_not_end_the_section_around_them() -> None:
    bite = "\n\n".join(
        [
            ISSUES,
            "\nWho pays for the hour? Supervision takes staff away from clients. Some say that a clinic loses money.",
            "Supervision takes staff away from clients",
            "appointments kept, by month",
            "“Some say that a clinic loses money”",
            "% who stayed",
            "Nobody has tested a contract.",
        ]
    )
    assert parts(bite) == [
        ("issues", ISSUES, []),
        ("issue-1", "Who pays for the hour?", ["Supervision takes staff", "Nobody has tested"]),
        ("pull-quote-1", "", ["Supervision takes staff"]),
        ("caption-1", "", ["appointments kept, by"]),
        ("pull-quote-2", "", ["“Some say that"]),
        ("caption-2", "", ["% who stayed"]),
    ]


def test_a_pull_quote_may_be_a_question_of_the_text() -> None:
    text = "Who pays? We asked: should the state pay for every hour of it? It should."
    for quote in ("should the state pay for every hour of it?", "Should the state pay for every hour"):
        assert parts(f"{ISSUES}\n\n\n{text}\n\n{quote}")[-1][0] == "pull-quote-1"


def test_paragraphs_before_the_first_heading_are_not_understood() -> None:
    source = Source("p", "Loose words here.\n\nWhat is this cell about? All.")
    found, strays, _ = split_sections(source, lines_of(source))
    assert [section.name for section in found] == ["about"]
    assert [source.slice(stray) for stray in strays] == ["Loose words here."]


def test_a_repeated_heading_gets_a_number() -> None:
    names = [name for name, _, _ in parts("Where should I start? Here.\n\nWhere should I start? Or there.")]
    assert names == ["start", "start-2"]


def test_the_span_of_a_section_runs_from_its_heading_to_its_last_paragraph() -> None:
    page = read(page_text(ENTRY, bite="What is this cell about? All.\n\nAnd more."))
    assert page.source.slice(page.sections[0].span) == "What is this cell about? All.\n\nAnd more."


def test_what_a_cut_left_of_a_last_sentence_is_no_caption() -> None:
    text = page_text(ENTRY, bite=f"{ISSUES}\n\nWho pays? The clinic pays.\n\n% of bills paid\n\nNobody kne")
    page = read(text[: text.index("Nobody kne") + 10])
    assert [section.name for section in page.sections] == ["issues", "issue-1", "caption-1"]
    assert len(page.sections[1].paragraphs) == 2


def test_a_heading_that_nothing_ends_but_a_noun_which_the_page_writes_small_elsewhere() -> None:
    first = "Who pays? Nobody knows."
    compact = (first, "Pay those who travel Staff and cars cost money.", "Beyond the gates of Harbour and its river.")
    bite = (*compact, "Most staff travel, and Harbour pays.")
    assert issues(*bite, between="\n") == ["Who pays?", "Pay those who travel"]
    assert issues(*compact, between="\n") == ["Who pays?"]
    assert issues(*bite, "For the Staff of Harbour it is work.", between="\n") == ["Who pays?"]
