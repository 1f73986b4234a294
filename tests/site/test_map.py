"""The map of both matrices: squares, filters, numbers, downloads; hot topics."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from tests.site.conftest import HTML
from tests.site.features import page, site_of, written_at

from evgraph.errors import UnreadableError, UsageError
from evgraph.namespaces import EVG
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.site import home
from evgraph.site.listing import all_items, items_of
from evgraph.site.page import Options, Site
from evgraph.site.selection import Selection, read_selection
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from tests.web.conftest import Served


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site_of(tmp_path_factory.mktemp("features"))


def squares(html: str) -> dict[str, list[str]]:
    """Return state → the accessible names of its squares."""
    found: dict[str, list[str]] = {}
    for state, name in re.findall(r'<a class="sq (\w+)" href="[^"]*" aria-label="([^"]*)"', html):
        found.setdefault(state, []).append(unescape(name))
    found["unmentioned"] = re.findall(r'sq unmentioned"><span class="unseen">([^<]*)<', html)
    return found


def text_of(html: str) -> str:
    """Return the text of a page, blanks collapsed."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_a_square_says_all_of_itself(local: Site) -> None:
    found = squares(page(local, "/"))
    assert found["read"] == [
        "Alcohol E4, 16 entries: 1 seminal study, 6 key studies, 5 reviews, 4 guidance",
        "Drug E4, 15 entries: 5 key studies, 4 reviews, 6 guidance",
    ]
    assert found["referred"] == [
        f"{name}, not in the graph; referred to 1 time"
        for name in ("Alcohol A2", "Alcohol D2", "Alcohol E2", "Alcohol E3", "Alcohol A4", "Drug D2", "Drug E3")
    ]
    assert len(found["unmentioned"]) == 41
    assert found["unmentioned"][0] == "Alcohol A1, not in the graph; nobody mentions it"


def test_a_square_referred_to_leads_to_who_refers(local: Site) -> None:
    assert '<a class="sq referred" href="/cell/drug-E3#referring"' in page(local, "/")
    html = page(local, "/cell/drug-E3")
    assert "was not read" in html
    assert '<a href="#referring">1 reference</a>' in html
    assert '<a href="/cell/drug-E4#entry-schmidt-2012">' in html[html.index('id="referring"') :]


def test_an_empty_square_says_which_of_three_it_is(features: Site) -> None:
    found = squares(page(features, "/?marker=R"))
    assert found["away"] == ["Alcohol A1, 0 of 2 entries: filtered away"]
    assert found["empty"] == ["Drug B1, in the graph; its page has no entries"]
    assert found["referred"] == ["Drug C1, not in the graph; referred to 3 times"]
    assert found["read"] == ["Drug A1, 5 of 60 entries: 5 reviews"]
    assert "lists no entry" in page(features, "/cell/drug-B1")


def test_filters_stand_in_the_address_and_come_off_one_by_one(local: Site) -> None:
    html = page(local, "/?marker=K&country=GB&from=2011")
    assert squares(html)["read"] == [
        "Alcohol E4, 1 of 16 entries: 1 key study",
        "Drug E4, 1 of 15 entries: 1 key study",
    ]
    assert "2 of 31 entries , in 2 cells; 29 left out." in text_of(html)
    assert [unescape(address) for address in re.findall(r'<a href="([^"]*)" aria-label="Take off', html)] == [
        "/?country=GB&from=2011",
        "/?marker=K&from=2011",
        "/?marker=K&country=GB",
    ]
    assert '<a class="sq read" href="/cell/drug-E4?marker=K&amp;country=GB&amp;from=2011"' in html
    assert re.findall(r'<a href="(/cell/[^"]*#entry-[^"]*)">', html) == [
        "/cell/alcohol-E4#entry-manning-2012",
        "/cell/drug-E4#entry-manning-2012",
    ]


def test_a_choice_says_how_many_entries_it_would_leave(local: Site) -> None:
    items = all_items(local.store)
    chosen = read_selection({"kind": ("Trial",), "to": ("2012",)})
    choices = chosen.choices(items, local.reader)
    assert {facet: [(value.name, value.left) for value in values] for facet, values in choices.items()} == {
        "marker": [("Seminal studies", 1), ("Key studies", 5), ("Reviews", 0), ("Guidance", 0)],
        "kind": [("Trials", 6), ("Studies, trials too", 12), ("Reviews", 7), ("Guidance", 10)],
        "country": [
            ("England", 0),
            ("Netherlands", 1),
            ("Scotland", 0),
            ("United Kingdom", 2),
            ("United States", 2),
        ],
        "topic": [("Commissioning", 6), ("Computerised therapy and advice", 6), ("Residential rehabilitation", 2)],
    }
    for facet, values in choices.items():
        for value in values:
            alone = chosen._replace(values=tuple(pair for pair in chosen.values if pair[0] != facet))
            assert len(alone.toggled(facet, value.value).of(items)) == value.left, value


def test_values_of_a_facet_are_alternatives(local: Site) -> None:
    both = read_selection({"marker": ("S", "G")})
    assert len(both.of(all_items(local.store))) == 1 + 10
    assert both.query == "marker=G&marker=S"


def test_a_part_of_a_country_counts_as_the_country(features: Site) -> None:
    (elm,) = (item for item in items_of(features.store, "alcohol-A1") if item.years)
    assert elm.countries == ("GB-SCT", "US")
    holding = [code for code in ("GB-SCT", "GB", "GB-ENG", "US") if Selection((("country", code),)).of([elm])]
    assert holding == ["GB-SCT", "GB", "US"]
    assert elm.kinds == ("Trial", "Study", "Guidance")


def test_the_entries_of_one_cell_are_those_of_all(local: Site) -> None:
    for cell in ("alcohol-E4", "drug-E4"):
        assert items_of(local.store, cell) == [item for item in all_items(local.store) if item.cell == cell]


def test_what_is_no_year_is_refused(local: Site) -> None:
    with pytest.raises(UsageError, match="from='two thousand': expected a year"):
        page(local, "/?from=two+thousand")


def test_what_nothing_has_leaves_nothing(local: Site) -> None:
    html = page(local, "/?country=%3Cx%3E&topic=nope")
    assert "0 of 31 entries , in 0 cells; 31 left out." in text_of(html)
    assert "Take something off" in html


def test_each_number_is_that_of_its_question(local: Site) -> None:
    html = page(local, "/")
    found = re.findall(r'<dt><b>([\d,]+)</b> <a href="([^"]*)">([^<]*)</a></dt><dd class="quiet">([^<]*)</dd>', html)
    assert [row[:3] for row in found] == [
        ("35", "/questions/timeline", "documents"),
        ("31", "/questions/cell-coverage", "entries"),
        ("66", "/questions/most-connected", "links"),
        ("2", "/questions/guidance-citing-trials", "guidance documents that cite trials"),
        ("14", "/questions/unsettled-references", "links whose target is not clear"),
    ]
    assert found[2][3].startswith("28 to the commentary, 7 to other cells, 7 above or below")
    answer, _ = runner.ask(local.store, Catalogue()["unsettled-references"], {}, None)
    assert isinstance(answer, Rows)
    assert len({row[1] for row in answer.rows}) == 14


def test_home_says_what_is_new_and_what_to_ask(local: Site, features: Site) -> None:
    text = text_of(page(local, "/"))
    assert "18 unclear links decided by people , 30 November 2026 Vanderplasschen et al. (2019) , the newest" in text
    assert "Worth asking Which guidance cites which trial, directly or through other guidance" in text
    text = text_of(page(features, "/"))
    assert "A version of the page of Alcohol A1 was read , 9 October 2026" in text


def test_the_page_of_a_matrix_has_its_grid(local: Site) -> None:
    html = page(local, "/matrix/drug?kind=Guidance")
    assert squares(html)["read"] == ["Drug E4, 6 of 15 entries: 6 guidance"]
    assert "<h1>Drug Treatment Matrix</h1>" in html
    assert '<a href="/matrix/drug" aria-current="true">Drug Matrix</a>' in html
    assert "/selection.csv?kind=Guidance&amp;matrix=drug" in html


def test_a_selection_downloads_as_a_table_for_spreadsheets(local: Site) -> None:
    written = written_at(local, "/selection.csv?marker=K&from=2012&matrix=drug")
    assert written is not None
    assert written.media_type == "text/csv"
    rows = list(csv.DictReader(io.StringIO(written.html.removeprefix("\ufeff"))))
    assert [(row["cell"], row["position"], row["markers"], row["names"], row["countries"]) for row in rows] == [
        ("drug-E4", "1", "K", "Schmidt et al. (2012)", "United States"),
        ("drug-E4", "3", "K", "Manning et al. (2012)", "United Kingdom"),
    ]


def test_a_selection_downloads_as_turtle(local: Site) -> None:
    written = written_at(local, "/selection.ttl?marker=S")
    assert written is not None
    triples = list(ox.parse(written.html, format=ox.RdfFormat.TURTLE))
    entries = {triple.subject for triple in triples if triple.object == ox.NamedNode(f"{EVG}Entry")}
    assert [str(entry) for entry in entries] == ["<https://w3id.org/evgraph/id/entry/alcohol-E4/sisson-1981>"]
    assert ox.NamedNode("https://w3id.org/evgraph/id/doc/sisson-1981") in {triple.subject for triple in triples}


def test_downloads_are_served_with_their_types(site: Served) -> None:
    answer = site.get("/selection.csv?marker=S", HTML)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="entries.csv"'
    assert site.get("/selection.ttl", HTML).headers["content-type"] == "text/turtle; charset=utf-8"
    assert site.get("/?from=x", HTML).status_code == 400


def test_a_missing_folder_of_pages_is_refused_at_the_start(local: Site) -> None:
    with pytest.raises(UnreadableError, match="/nowhere: no such folder of pages"):
        home.warm(Site(local.store, Options(pages="/nowhere")))


def test_long_selections_page(features: Site) -> None:
    html = page(features, "/?marker=K&page=2")
    assert "Page 2 of 2" in html
    assert '<a rel="prev" href="/?marker=K&amp;page=1">' in html
    assert len(re.findall(r"<a href=\"/cell/drug-A1#entry-e-\d+\">", html)) == 5


def test_topics_list_their_cells_documents_and_years(local: Site) -> None:
    html = page(local, "/topics")
    rows = [text_of(row) for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", html, re.DOTALL)]
    assert rows == [
        "Commissioning Alcohol E4 , Drug E4 22 1981 to 2019",
        "Computerised therapy and advice Alcohol E4 , Drug E4 22 1981 to 2019",
        "Residential rehabilitation Drug E4 15 1998 to 2019",
        "Contingency management none in the graph 0 –",
        "Staff training and support none in the graph 0 –",
    ]


def test_a_topic_lists_the_entries_of_its_cells(local: Site, features: Site) -> None:
    text = text_of(page(local, "/scheme/topic/commissioning"))
    assert "also called Commissioning services" in text
    assert "Linked from Alcohol E4 , Drug E4 . These list 22 documents of 1981 to 2019." in text
    assert text.count("( 2012 )") == 4
    assert written_at(local, "/scheme/topic/nope") is None
    html = page(features, "/scheme/topic/elms")
    assert '<a href="https://example.org/elms">its page at the bank</a>' in html
    assert "javascript:" not in html
