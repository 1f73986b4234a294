from __future__ import annotations

import pytest

from evgraph.pages.dates import dated_parentheses, headline_end
from evgraph.pages.page import Imprint
from evgraph.pages.source import Source, Span


def stated(text: str) -> Imprint | None:
    """Return what the parenthesis says that ends the headline of ``text``."""
    source = Source("p", text)
    found = headline_end(source.folded, Span(0, len(text)))
    return found.imprint(text) if found else None


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("2012", Imprint("2012")),
        ("2003 and 2004", Imprint("2003 and 2004")),
        ("2001, 2003 and 2004", Imprint("2001, 2003 and 2004")),
        ("2003; 2004", Imprint("2003; 2004")),
        ("1998–2001", Imprint("1998–2001")),
        ("2003/04", Imprint("2003/04")),
        ("2003; free source at the time of writing", Imprint("2003", note="free source at the time of writing")),
        ("2003; free source at time of writing", Imprint("2003", note="free source at time of writing")),
        ("2003; alternative free source at home", Imprint("2003", note="alternative free source at home")),
        ("NHS Health Scotland, 2011", Imprint("2011", "NHS Health Scotland")),
        ("Ministry of Health, Welfare and Sport, 2011", Imprint("2011", "Ministry of Health, Welfare and Sport")),
        ("[UK] Northfield Institute, 2010", Imprint("2010", "Northfield Institute", "UK")),
        ("[US] Rivers, Lakes and Co, 2010; free", Imprint("2010", "Rivers, Lakes and Co", "US", "free")),
        ("[UK] Northfield Institute [NIC], 2007", Imprint("2007", "Northfield Institute [NIC]", "UK")),
        ("[UK] F, 1999", Imprint("1999", "F", "UK")),
        ("[  ] F, 1999", Imprint("1999", "F")),
        ("[New Zealand] Ministry, 1999", Imprint("1999", "Ministry", "New Zealand")),
        ("Report Produced for the Harbour Forum, 2008", Imprint("2008", "Report Produced for the Harbour Forum")),
        ("Harbour  Forum,\u00a02008", Imprint("2008", "Harbour Forum")),
        ("Harbour Forum; Lake Forum, 2008", Imprint("2008", "Harbour Forum; Lake Forum")),
        ("[UK] Harbour Forum; [US] Lake Forum, 2008", Imprint("2008", "Harbour Forum; [US] Lake Forum", "UK")),
        ("2003 & 2007", Imprint("2003 & 2007")),
        (" 2003 ", Imprint("2003")),
        ("May 2003", Imprint("2003")),
        ("[UK] Harbour Forum, 6 March 2003", Imprint("2003", "Harbour Forum", "UK")),
        ("Harbour Forum; 2003", Imprint("2003", "Harbour Forum")),
        ("1997 to 2003", Imprint("1997 to 2003")),
        ("in press, 2019", Imprint("2019")),
        ("Harbour Forum, first published 2004; updated 2006", Imprint("2004", "Harbour Forum", note="updated 2006")),
        ("2004 – updated 2006", Imprint("2004", note="updated 2006")),
        ("2004 (2nd edition)", Imprint("2004", note="(2nd edition)")),
        ("2004 ; free source", Imprint("2004", note="free source")),
        ("Harbour (Second) Forum, 2008", Imprint("2008", "Harbour (Second) Forum")),
    ],
)
def test_every_form_of_the_parenthesis(inside: str, expected: Imprint) -> None:
    assert stated(f"A headline ({inside}). A body.") == expected


@pytest.mark.parametrize("inside", ["after", "see below", "1 2", "12", "p. 19", "17th", "20123", "", "in 2012", "[UK]"])
def test_what_dates_nothing(inside: str) -> None:
    assert stated(f"A headline ({inside}). A body.") is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Ways to continue to (after)care (2011). Body.", "2011"),
        ("(Seemed to have) worked: 50%? (2011). Body.", "2011"),
        ("What the (1999) law changed (2004). Body.", "2004"),
        ("What the 1999 law changed (2004). In England (2005). More.", "2004"),
        ("Headline (2004) Body begins at the capital. See review (2006).", "2004"),
        ("Headline (2004) See review (2006). More.", "2004"),
        ("Headline (2004) ‘Quoted’ body.", "2004"),
        ("Headline (2004)", "2004"),
        ("Headline (2004) .", "2004"),
        ("Headline (2004).Body", "2004"),
        ("Unclosed (bracket in a headline (2004). Body.", "2004"),
        ("Unopened) bracket (2004). Body.", "2004"),
        ("Two (2003) dates (2004). Body (2006) goes on.", "2004"),
    ],
)
def test_the_parenthesis_that_ends_the_headline(text: str, date: str) -> None:
    found = stated(text)
    assert found is not None
    assert found.date == date


def test_years_of_a_date() -> None:
    assert Imprint("2003 and 2004").years == (2003, 2004)
    assert Imprint("1998–2001").years == (1998, 2001)
    assert Imprint("2003/04").years == (2003,)
    assert Imprint().years == ()


def test_all_that_date_something_left_to_right_and_the_outer_of_two() -> None:
    text = "(see review (2006)) then (Forum (2nd ed), 2008) but not (two) nor (2012 in part), (2010; free)"
    found = [text[stated.span.start : stated.span.end] for stated in dated_parentheses(text, Span(0, len(text)))]
    assert found == ["(2006)", "(Forum (2nd ed), 2008)", "(2010; free)"]


def test_only_within_the_span() -> None:
    text = "(2001) (2002) (2003)"
    assert [stated.imprint(text).date for stated in dated_parentheses(text, Span(6, 14))] == ["2002"]
