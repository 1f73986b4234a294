"""What each pattern finds: one line per phrase, in the order of the text.

``KIND NOUN DIRECTION`` and then ``#N`` its link number, ``from PLACES``, ``=DATE by PUBLISHER [COUNTRY]`` and whatever
else the words say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evgraph.pages.phrases import MAX_SENTENCE, PhraseFinder, sentences
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from evgraph.pages.page import Phrase


def reading_of(phrase: Phrase) -> str:
    stated = phrase.imprint
    parts = [
        str(phrase.kind),
        phrase.noun,
        phrase.direction,
        f"#{phrase.number}" if phrase.number else None,
        f"from {' / '.join(phrase.countries)}" if phrase.countries else None,
        f"={stated.date}" if stated.date else None,
        f"by {stated.publisher}" if stated.publisher else None,
        f"[{stated.country}]" if stated.country else None,
        f"; {stated.note}" if stated.note else None,
        phrase.matrix,
        phrase.square,
        f"on {phrase.label}" if phrase.label else None,
        f"in {phrase.section}" if phrase.section else None,
        phrase.locator,
        "several" if phrase.plural and phrase.direction and not phrase.number else None,
        *(name for name in ("nearest", "listed", "same_document", "implemented", "discusses") if getattr(phrase, name)),
    ]
    return " ".join(part for part in parts if part)


def found(text: str) -> list[str]:
    return [reading_of(phrase) for phrase in PhraseFinder(Source("p", text)).find(Span(0, len(text)))]


CASES: dict[str, list[str]] = {
    # Corresponding studies.
    "Corresponding US study below.": ["corresponding study below from US"],
    "Corresponding British study above.": ["corresponding study above from British"],
    "Corresponding study from Germany above.": ["corresponding study above from Germany"],
    "Corresponding Dutch and Danish studies below.": [
        "corresponding study below from Dutch",
        "corresponding study below from Danish",
    ],
    "Corresponding trial listed below": ["corresponding trial below listed"],
    # Related documents: every noun of a list is one reference, and every link number.
    "Related study below.": ["related study below"],
    "Related study [and review] below.": ["related study below", "related review below"],
    "Related study and review below.": ["related study below", "related review below"],
    "Related guidance below.": ["related guidance below"],
    "Related review above.": ["related review above"],
    "See the related review above.": ["related review above"],
    "Study, review and guidance below.": ["related study below", "related review below", "related guidance below"],
    "Study, review, and guidance below": ["related study below", "related review below", "related guidance below"],
    "Reviews (1 2 3 4) below.": [f"related review below #{n}" for n in (1, 2, 3, 4)],
    "Related reviews (1, 2 and 3) below.": [f"related review below #{n}" for n in (1, 2, 3)],
    "Related studies (1 2) and review below.": [
        "related study below #1",
        "related study below #2",
        "related review below",
    ],
    "Related study (1) and guidance (2) above.": ["related study above #1", "related guidance above #2"],
    "Related UK study and US review below.": ["related study below from UK", "related review below from US"],
    "Related earlier UK review (2006) below.": ["related review below from UK =2006"],
    "Related study below and review above.": ["related study below", "related review above"],
    "Related study above; related review below.": ["related study above", "related review below"],
    "Associated guidelines below.": ["related guidance below"],
    "Related telephone study and Cochrane review below.": ["related study below", "related review below"],
    "Corresponding Dutch nurse-led trial below.": ["corresponding trial below from Dutch"],
    "Related problems of the study below.": ["position study below"],
    "A corresponding Dutch study is listed below.": ["corresponding study below from Dutch listed"],
    "Related guidance also below.": ["related guidance below"],
    "Related studies above (1 2).": ["related study above #1", "related study above #2"],
    "Related review above and below.": ["related review above", "related review below"],
    "Related study immediately below.": ["related study below nearest"],
    "See the study immediately below.": ["position study below nearest"],
    "See also guidance directly below.": ["see-also guidance below nearest"],
    "The Canadian probation study listed above led.": ["position study above from Canadian listed"],
    "Related review (above).": ["related review above"],
    "Corresponding UK study (see below).": ["corresponding study below from UK"],
    "All its projects are listed above.": ["position above several listed"],
    "Related UK guidance and US review (listed below).": [
        "related guidance below from UK listed",
        "related review below from US listed",
    ],
    "For discussion click here or here.": ["commentary #1", "commentary #2"],
    "See chapters 3 and 4 of linked PDF file.": ["file-place chapters 3 and 4"],
    "On page 12 of linked PDF file.": ["file-place page 12"],
    # See also.
    "See also reviews (1 2) of sleep.": ["see-also review #1", "see-also review #2"],
    "See also a review (2006) limited to clinics.": ["see-also review =2006"],
    "Also see a review (2006).": ["see-also review =2006"],
    "From the same team see earlier review (2006) in a journal.": ["see-also review =2006"],
    "See also slightly earlier guidance ([UK] Northfield Institute, 2006) on rotas.": [
        "see-also guidance =2006 by Northfield Institute [UK]"
    ],
    "See also reviews from here (2001) and there (2003; free source at time of writing).": [
        "see-also review =2001",
        "see-also review =2003 ; free source at time of writing",
    ],
    "See also a retrospective by the author.": ["see-also"],
    "See also a book on rotas.": ["see-also document"],
    "See also a slide presentation.": ["see-also document"],
    "See also slide presentation and video, which end with the featured studies.": ["see-also document"],
    "See also a free report on the same study.": ["see-also document"],
    "More in this slide presentation and video.": ["see-also document"],
    "On this see another team's thesis (free source).": ["see-also document"],
    "It ends a slide presentation on the grids.": [],
    "See also US guidance below.": ["see-also guidance below from US"],
    "See also earlier review below.": ["see-also review below"],
    "See also related review above.": ["see-also review above"],
    "See also review (2006) below.": ["see-also review below =2006"],
    "See also guidance (listed below).": ["see-also guidance below listed"],
    "See also study and guidance below.": ["see-also study below", "see-also guidance below"],
    "To see whether it helped, a trial (2006) was run.": ["inline trial =2006"],
    # Cells and sections of their commentaries.
    "Discussed in the Highlighted study section of cell A2’s bite.": ["cell A2 discusses"],
    "Discussed in cell A2’s bite’s Issues section.": ["cell A2 discusses"],
    "Discussed in cell A2s bite.": ["cell A2 discusses"],
    "See the corresponding cell of the Alcohol Treatment Matrix.": ["cell alcohol"],
    "Discussion in bite’s ‘Where should I start’ and ‘Issues’ sections.": [
        "commentary in start",
        "commentary in issue",
    ],
    # Implementation.
    "Implementation guidance below.": ["implementation guidance below"],
    "Building on the standards recommended (see above) by the Institute, sets out rotas.": [
        "implementation above implemented"
    ],
    "Builds on the guidance above.": ["implementation guidance above implemented"],
    "Implementing the guidance (see above), it sets out rotas.": ["implementation guidance above implemented"],
    "Puts into practice the review above.": ["implementation review above implemented"],
    "Puts the reviews above into practice.": ["implementation review above several implemented"],
    "Implements Harbour Forum guidance above.": ["implementation guidance above implemented"],
    "A guide to implementing guidance above.": ["implementation guidance above implemented"],
    "Implementing guidance below.": ["implementation guidance below"],
    # Mentioned in passing.
    "It is a review of randomised trials (2004) of rotas.": ["inline review =2004"],
    "Counted in five towns (1990–2008).": [],
    "Sending charts has been (2006) one successful tactic.": ["inline =2006"],
    "Charts were included in a simulation study (2011) of costs.": ["inline study =2011"],
    "It took its lead from associated clinical guidelines ([UK] Northfield Institute, 2011).": [
        "inline guidance =2011 by Northfield Institute [UK]"
    ],
    "In England (1999) the law changed (2003 and 2004) twice.": ["inline =1999", "inline =2003 and 2004"],
    "An earlier report (1988; free source at time of writing) agrees.": [
        "inline document =1988 ; free source at time of writing"
    ],
    "Advice (NHS Health Scotland, 2011) agrees.": ["inline =2011 by NHS Health Scotland"],
    "Similar procedures have been trialled in contemporary UK and US studies.": [
        "inline study from UK",
        "inline study from US",
    ],
    "Tried in Danish, Dutch and US trials.": [
        "inline trial from Danish",
        "inline trial from Dutch",
        "inline trial from US",
    ],
    # Position only.
    "Set out in document listed below.": ["position document below listed"],
    "It is listed above.": ["position above listed"],
    "Results were mixed (see review below).": ["position review below"],
    "Results were mixed (see review (2006) below).": ["position review below =2006"],
    "Compare trials from the UK and USA below.": ["position trial below from UK", "position trial below from USA"],
    "Compare UK and US studies below.": ["position study below from UK", "position study below from US"],
    "Also listed below as guidance.": ["position guidance below listed same_document"],
    "As shown in clinics ( above), it works.": ["position above"],
    "Given studies of coerced attendance ( below), it is odd.": ["position below"],
    "A British study (listed above) tempered it.": ["position study above from British listed"],
    "Listed above, the analysis was bold.": ["position analysis above listed"],
    "In the analyses referred to above, nothing held.": ["position analysis above several"],
    "There is evidence in entries in this cell (1 2).": ["position document #1", "position document #2"],
    # The own commentary.
    "Discussion in bite’s Issues section.": ["commentary in issue"],
    "Discussion in bite‚Äôs Issues section.": ["commentary in issue"],
    "Discussed in bite's Highlighted study section": ["commentary in highlighted"],
    "Discussion in bite’s Where should I start? and Issues (1 2) sections.": [
        "commentary in start",
        "commentary #1 in issue",
        "commentary #2 in issue",
    ],
    "Discussion in bite’s What is this cell about?, Highlighted study and Issues sections.": [
        "commentary in about",
        "commentary in highlighted",
        "commentary in issue",
    ],
    "For this work see bite’s Issues sections (1 2).": ["commentary #1 in issue", "commentary #2 in issue"],
    "Also reviews costs, for which see discussion in bite’s Issues section.": ["commentary in issue"],
    "What this bite’s Where should I start? section hinted at.": ["commentary in start"],
    "Discussion in Highlighted study section.": ["commentary in highlighted"],
    "For discussion click and scroll down to highlighted heading.": ["commentary"],
    "For related discussion click here and scroll down to highlighted heading.": ["commentary"],
    "For discussions click here and here and scroll down to highlighted headings.": ["commentary #1", "commentary #2"],
    "For related discussions click here, here and here and scroll down to highlighted headings.": [
        "commentary #1",
        "commentary #2",
        "commentary #3",
    ],
    "Related issue discussed below.": ["commentary issue below"],
    "The section above asked why.": ["commentary section above"],
    "Work through the supplementary text below.": ["commentary supplement below in supplement"],
    # Other cells.
    "The tactic is discussed in cell E3’s bite.": ["cell E3 discusses"],
    "Discussion in cell D2’s bite.": ["cell D2 discusses"],
    "Discussion in cell D2‚Äôs bite.": ["cell D2 discusses"],
    "Related discussion in cell B5’s bite.": ["cell B5 discusses"],
    "Highlighted study in cell A2.": ["cell A2 discusses"],
    "Discussed in cell A2’s bite and cell B3’s bite.": ["cell A2 discusses", "cell B3 discusses"],
    "Discussed in the bites of cells A2 and B3.": ["cell A2 discusses", "cell B3 discusses"],
    "Compare cells A2, B3 and C4.": ["cell A2", "cell B3", "cell C4"],
    "It was tried in cell C2 of the Alcohol Treatment Matrix.": ["cell alcohol C2"],
    "It was tried in cell C2 in the drug matrix.": ["cell drug C2"],
    "See Drug Matrix cell C2.": ["cell drug C2"],
    "See our ‘bite’ commentary on cell A1.": ["cell A1 discusses"],
    "See also cell A2.": ["cell A2"],
    "Makes the corresponding cell on treatment systems as a whole of relevance.": ["cell on treatment systems"],
    # Places in a file: their digits are no years and no link numbers.
    "Explained on p. 1 of linked PDF file.": ["file-place p. 1"],
    "Explained on pp. 10–12 of the linked document.": ["file-place pp. 10-12"],
    "See study 1 in linked PDF file.": ["file-place study 1"],
    # Several in one sentence.
    "Related review above and discussion in bite’s Issues section.": ["related review above", "commentary in issue"],
    "Charts have been (2006) tried before, discussed in cell E3’s bite.": ["inline =2006", "cell E3 discusses"],
}
NONE = [
    "Nothing here points anywhere.",
    "Drug use was below average and above the legal limit.",
    "Patients aged 18 and above took part.",
    "It helped over and above the rest, and remained well below 5%.",
    "Above all it was cheap.",
    "The vitamin A deficiency of 1999 was seen by the study (n=20).",
    "See if you agree.",
    "Cell biology has issues.",
]


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_phrases_of_a_sentence(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NONE)
def test_sentences_without_a_phrase(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_it_is_the_same_between_other_sentences(text: str, expected: list[str]) -> None:
    whole = f"It opened in spring. {text.rstrip('.')}. It closed in autumn."
    source = Source("p", whole)
    inside = PhraseFinder(source).find(Span(0, len(whole)))
    assert [reading_of(phrase) for phrase in inside] == expected
    for phrase in inside:
        assert source.slice(phrase.sentence) == f"{text.rstrip('.')}."
        assert phrase.sentence.start <= phrase.span.start < phrase.span.end <= phrase.sentence.end


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=CASES)
def test_it_is_the_same_with_runs_of_spaces(text: str, expected: list[str]) -> None:
    wide = text.replace(" ", "   ")
    assert [" ".join(words.split()) for words in found(wide)] == expected
    for narrow, wide_span in zip(spans(text), spans(wide), strict=True):
        assert " ".join(wide[wide_span.start : wide_span.end].split()) == " ".join(
            text[narrow.start : narrow.end].split()
        )


def spans(text: str) -> list[Span]:
    return [phrase.span for phrase in PhraseFinder(Source("p", text)).find(Span(0, len(text)))]


def test_broken_no_break_spaces_are_spaces() -> None:
    assert found("Related ¬†review ¬†below.") == ["related review below"]


def test_the_span_of_a_phrase() -> None:
    text = "Related study below and review above, discussed in bite’s Issues sections (1 2). See a report (1999)."
    source = Source("p", text)
    assert [source.slice(phrase.span) for phrase in PhraseFinder(source).find(Span(0, len(text)))] == [
        "Related study below",
        "review above",
        "discussed in bite’s Issues sections (1 2)",
        "discussed in bite’s Issues sections (1 2)",
        "See a report (1999)",
    ]


def test_sentences() -> None:
    text = "One (e.g. this). Two vs. three? See Where should I start? section. “Four” No. 5 here! 6 is last"
    parted = [
        "One (e.g. this).",
        "Two vs. three?",
        "See Where should I start? section.",
        "“Four” No. 5 here!",
        "6 is last",
    ]
    folded = text.replace("“", '"').replace("”", '"')
    assert [text[a:b] for a, b in sentences(folded, Span(0, len(text)))] == parted


def test_a_sentence_longer_than_any_is_cut() -> None:
    text = f"{'a ' * MAX_SENTENCE}study below. The next."
    assert [len(text[a:b]) for a, b in sentences(text, Span(0, len(text)))] == [MAX_SENTENCE, MAX_SENTENCE, 12, 9]


def test_nothing_in_nothing() -> None:
    assert PhraseFinder(Source("p", "Related study below.")).find(Span(5, 5)) == []
