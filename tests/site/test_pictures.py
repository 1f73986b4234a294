"""Pictures: what they show, links in reading order, hostile labels, sizes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from evgraph.site import pictures
from evgraph.site.pictures import Arc, Citation, Document, Neighbour, Row, Span, Square

SCRIPT = "\"><script>alert('x')</script>"


def texts(svg: str) -> list[str]:
    """Return the title of each link or group of a picture."""
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("title")][1:]  # noqa: S314 - our own


def described(svg: str) -> str:
    return re.sub(".*<desc[^>]*>(.*)</desc>.*", r"\1", svg)


def test_a_timeline_has_a_row_for_each_document_in_the_order_of_years() -> None:
    svg = pictures.timeline([Document("B", 2011, "/doc/b", "K"), Document("A", 1981, "/doc/a", "S")])
    assert texts(svg) == ["A, 1981", "B, 2011"]
    assert described(svg) == "2 documents, 1981 to 2011."
    assert svg.index('href="/doc/a" class="S"') < svg.index('href="/doc/b" class="K"')


def test_a_timeline_of_many_documents_has_a_bar_for_each_year() -> None:
    documents = [Document(f"D{number}", 2000 + number % 3) for number in range(5000)]
    svg = pictures.timeline(documents, address_of_year=lambda year: f"/documents?year={year}")
    assert texts(svg) == ["2000: 1,667", "2001: 1,667", "2002: 1,666"]
    assert described(svg) == "5000 documents from 2000 to 2002; most in one year: 1,667."
    assert 'href="/documents?year=2001"' in svg


def test_age_gives_the_years_of_each_group() -> None:
    svg = pictures.age([Span("Key studies", 2001, 2012, 5, marker="K"), Span("Seminal", 1981, 1981, 1)])
    assert texts(svg) == ["Key studies: 5 documents, 2001–2012", "Seminal: 1 document, 1981"]


def test_direct_and_chained_citations_differ() -> None:
    svg = pictures.citations([Citation("G1", 2011, "T", 2007), Citation("G2", 2012, "T", 2007, through="G1")])
    assert texts(svg) == ["T, 2007", "G1, 2011, cites T directly", "G2, 2012, cites T through G1"]
    assert len(re.findall('class="line chained"', svg)) == 1


def test_coverage_says_of_each_square_what_it_has() -> None:
    svg = pictures.coverage(
        [Square("E4", {"S": 0, "K": 5, "R": 4, "G": 6}, "/cell/drug-E4"), Square("A1", {}, "", False)]
    )
    assert texts(svg) == ["A1, not read", "E4, 15 entries: 5 key studies, 4 reviews, 6 guidance documents"]
    assert described(svg) == "1 cell of 2 read; the others are dashed."


def test_a_neighbourhood_draws_forty_and_counts_the_rest() -> None:
    links = [Neighbour(f"N{number}", "corresponds to", f"/doc/n{number}") for number in range(5000)]
    svg = pictures.neighbourhood("T", links)
    assert texts(svg) == ["T", *(f"corresponds to N{number}" for number in range(40))]
    assert "and 4,960 more, in the list" in svg
    assert described(svg) == "5000 neighbours: 0 links to it, 40 from it drawn."


def test_a_neighbourhood_reads_from_what_points_to_a_thing_to_what_it_points_to() -> None:
    links = [
        Neighbour("M", "corresponds to", "/m", "K"),
        Neighbour("G", "cites as evidence", "/g", "G", is_incoming=True),
    ]
    svg = pictures.neighbourhood("T", links)
    assert texts(svg) == ["cites as evidence G", "T", "corresponds to M"]
    assert len(svg) < 1700


def test_an_arc_joins_two_rows() -> None:
    svg = pictures.arcs([Row("A", "#a"), Row("B", "#b")], [Arc(0, 1, "corresponds to"), Arc(1, 7, "lost")])
    assert texts(svg) == ["A corresponds to B"]


def test_labels_stay_text_and_addresses_run_nothing() -> None:
    made = (
        pictures.timeline([Document(SCRIPT, 2000, "javascript:alert(1)", SCRIPT)], title=SCRIPT),
        pictures.age([Span(SCRIPT, 2000, 2001, 1, "data:text/html,x")]),
        pictures.citations([Citation(SCRIPT, 2000, SCRIPT, 2001, SCRIPT, SCRIPT, SCRIPT)]),
        pictures.coverage([Square("E4", {SCRIPT: 1}, " javascript:alert(1)")], title=SCRIPT),
        pictures.neighbourhood(SCRIPT, [Neighbour(SCRIPT, SCRIPT, "javascript:alert(1)")]),
        pictures.arcs([Row(SCRIPT, "/x' onfocus='alert(1)"), Row(SCRIPT)], [Arc(0, 1, SCRIPT)]),
    )
    for svg in made:
        names = {name for node in ElementTree.fromstring(svg).iter() for name in (node.tag, *node.attrib)}  # noqa: S314
        assert "script" not in names
        assert not any(name.startswith("on") for name in names)
        assert "<a" not in svg or 'href="/x' in svg
