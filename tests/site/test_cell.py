"""A cell's page: what the page of the bank can do, one test for each; links as sentences; passages; paging."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

import pytest
from tests.site.features import page, site_of, written_at
from tests.site.test_map import text_of
from tests.web.conftest import serving

from evgraph.cli.main import main
from evgraph.site.page import Options, Site
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from tests.site.conftest import Browser
    from tests.web.conftest import Served

    from evgraph.store.embedded import OxigraphStore

PAGES = Path(__file__).parent.parent.parent / "examples" / "pages"


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site_of(tmp_path_factory.mktemp("features"))


@pytest.fixture(scope="module")
def quoting(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the invented pages, read without their words, and the pages beside them."""
    folder = tmp_path_factory.mktemp("graph")
    with pytest.raises(SystemExit):
        main(["ingest", str(PAGES), "-o", str(folder)])
    store = cast("OxigraphStore", open_store(Origin(paths=(str(folder),))))
    return Site(store, Options(pages=str(PAGES)))


def part(html: str, anchor: str) -> str:
    """Return the element with an identifier, up to the next of its kind."""
    start = html.index(f'id="{anchor}"')
    tag = re.findall(r"<(\w+)[^<]*$", html[:start])[0]
    return html[start : html.index(f"</{tag}>", start)]


@pytest.mark.parametrize("cell", ["alcohol-E4", "drug-E4"])
def test_each_link_within_a_page_leads_to_one_place(local: Site, cell: str) -> None:
    html = page(local, f"/cell/{cell}")
    names = re.findall(r' id="([^"]*)"', html)
    targets = re.findall(r'(?: href="#| popovertarget=")([^"]*)"', html)
    assert len(names) == len(set(names))
    assert {unquote(target) for target in targets} <= set(names)


def test_a_page_is_small(local: Site) -> None:
    sizes = {cell: len(page(local, f"/cell/{cell}").encode()) for cell in ("alcohol-E4", "drug-E4")}
    assert {cell for cell, size in sizes.items() if size > 60_000} == set()


@pytest.mark.acceptance
def test_a_page_is_small_with_the_words_at_hand(local: Site, pages: Path) -> None:
    quoting = Site(local.store, local.options._replace(pages=str(pages)))
    html = page(quoting, "/cell/alcohol-E4")
    assert html.count('<details class="words">') == 24
    assert len(html.encode()) < 60_000


# What the pages of the bank can do.


def test_funders_stand_with_their_roles(local: Site) -> None:
    assert "Developed with Skills Consortium · Funded by Society for the Study of Addiction ·" in text_of(
        page(local, "/cell/drug-E4")
    )
    assert '<a href="/org/ssa">' in page(local, "/cell/drug-E4")


def test_the_introduction_is_in_our_words_and_signed(local: Site) -> None:
    html = part(page(local, "/cell/drug-E4"), "section-intro")
    assert text_of(html).endswith("how closely commissioners should specify services. evgraph")
    assert "<blockquote>" not in html


def test_the_legend_filters(local: Site) -> None:
    html = page(local, "/cell/drug-E4?marker=K")
    legend = html[html.index('<ul class="legend"') :].partition("</ul>")[0]
    assert text_of(legend).endswith("S Seminal studies 0 K Key studies 5 R Reviews 4 G Guidance 6 more")
    assert [unescape(address) for address in re.findall(r'<a href="([^"]*)"', legend)] == [
        "/cell/drug-E4",
        "/cell/drug-E4?marker=K&marker=R",
        "/cell/drug-E4?marker=G&marker=K",
        "#more",
    ]
    assert "5 of 15 entries ; 10 left out." in text_of(html)
    assert len(re.findall(r'<article id="entry-', html)) == 5


def test_entries_stand_in_their_order_under_their_markers(local: Site) -> None:
    html = page(local, "/cell/alcohol-E4")
    assert re.findall(r"<h2>([^<]*)</h2>", html[: html.index('class="bite"')]) == [
        "Seminal studies",
        "Key studies",
        "Reviews",
        "Guidance",
    ]
    entries = re.findall(r'<article id="entry-([^"]*)"', html)
    assert len(entries) == 16
    assert (entries[0], entries[4], entries[-1]) == ("sisson-1981", "manning-2012", "samhsa-1998")


def test_a_link_is_a_sentence_with_an_arrow(local: Site) -> None:
    html = page(local, "/cell/drug-E4")
    assert text_of("<" + part(html, "ref-manning-2012-corresponding-1")).startswith(
        "Corresponds to Post-treatment substance use reduced by actively linking patients to mutual aid groups"
        " ( United States, 2007 ), below ↓ line 48 Corresponding study, below . Resolved."
        " Characters 2525–2554 ; it says the same line 50"
    )
    assert '<a href="#entry-timko-2007">' in part(html, "ref-manning-2012-corresponding-1")
    assert "above ↑" in part(html, "ref-timko-2007-corresponding-1")
    assert text_of("<" + part(html, "ref-nice-2007-implementation-1")).startswith(
        "Is put into practice by Implementing"
    )
    assert text_of("<" + part(html, "ref-pilling-2010-implementation-1")).startswith("Puts into practice NICE-rec")


def test_what_is_not_settled_says_so(local: Site) -> None:
    html = page(local, "/cell/drug-E4")
    lost = part(html, "ref-white-2009-commentary-1")
    assert "but the link is lost: the saved page does not show where it leads" in lost
    assert "Dangling: The page points, but its text has lost the target." in lost
    away = part(html, "ref-lash-2011-cell-1")
    assert '<a href="/cell/drug-D2"><bdi>cell Drug D2</bdi></a>, which is not in the graph' in away
    unsure = text_of(part(page(local, "/cell/alcohol-E4"), "ref-nice-2011-commissioning-commentary-3"))
    assert "Is discussed in one of 4, and the page does not say which: So fundamental it needs no evidence?" in unsure
    assert unsure.count("below ↓") == 4


def test_a_decision_names_who_made_it(local: Site) -> None:
    text = text_of(part(page(local, "/cell/alcohol-E4"), "ref-humphreys-2014-commentary-2"))
    assert "line 35, settled" in text
    assert "By The curators of evgraph , 30 November 2026: Two links, and two issues that discuss" in text


def test_what_the_page_says_itself_is_not_called_settled(local: Site) -> None:
    html = page(local, "/cell/alcohol-E4")
    issue = html[html.index('id="section-issue-1"') :].partition("</section>")[0]
    notes = re.findall(r'Discusses <a href="([^"]*)">.*?<button[^>]*>([^<]*)</button>', issue)
    assert notes == [
        ("#entry-nice-2011-commissioning", "line 77"),
        ("/doc/nice-2011-guidelines", "line 77"),
        ("#entry-case-management-2006", "line 81, settled"),
        ("#entry-samhsa-1998", "line 81, settled"),
    ]


def test_discussions_are_links_named_by_their_heading(local: Site) -> None:
    html = page(local, "/cell/alcohol-E4")
    found = [part(html, f"ref-white-2009-commentary-{number}") for number in (1, 2, 3)]
    assert [re.findall(r'<a href="(#section[^"]*)"><bdi>([^<]*)<', card) for card in found] == [
        [("#section-highlighted", "Highlighted study")],
        [("#section-issue-3", "Build your aftercare system on mutual aid?")],
        [("#section-issue-4", "Support mutual aid says NICE")],
    ]
    assert '<section id="section-issue-3" class="part" tabindex="-1">' in html


def test_the_commentary_has_contents_and_what_each_part_discusses(local: Site) -> None:
    html = page(local, "/cell/alcohol-E4")
    assert "Commentary Matrix Bite, 10 parts, 20,432 characters" in text_of(html)
    contents = html[html.index('aria-label="Contents of the commentary"') :].partition("</nav>")[0]
    assert len(re.findall(r'<a href="#section-', contents)) == 8
    issue = html[html.index('id="section-issue-1"') :].partition("</section>")[0]
    assert re.findall(r'Discusses <a href="([^"]*)">', issue) == [
        "#entry-nice-2011-commissioning",
        "/doc/nice-2011-guidelines",
        "#entry-case-management-2006",
        "#entry-samhsa-1998",
    ]


def test_a_pull_quote_is_quoted_only_where_its_text_is_at_hand(local: Site, features: Site) -> None:
    quote = part(page(local, "/cell/alcohol-E4"), "section-pull-quote-1")
    assert "Pull quote, line 88 . Repeats the dilemma" in text_of(quote)
    assert "<blockquote>" not in quote
    quote = part(page(features, "/cell/alcohol-A1"), "section-pull-quote-1")
    assert "<blockquote><bdi>Oaks are discussed in the folded text.</bdi></blockquote>" in quote


def test_supplementary_text_is_folded_and_says_how_long_it_is(features: Site) -> None:
    html = page(features, "/cell/alcohol-A1")
    folded = html[html.index('<details class="supplement">') :].partition("</details>")[0]
    assert text_of(folded).startswith("Supplementary text, 20 characters, line 5 Folded words of oaks")
    assert '<div id="section-supplement-1" tabindex="-1">' in folded
    assert '<a href="#section-supplement-1"><bdi>Supplementary text</bdi>' in part(html, "ref-elm-commentary-1")


def test_hot_topics_and_searches(local: Site, features: Site) -> None:
    html = page(local, "/cell/drug-E4")
    more = html[html.index('id="more"') :].partition("</ul>")[0]
    assert re.findall(r'href="(/scheme/topic/[^"]*)"', more) == [
        "/scheme/topic/commissioning",
        "/scheme/topic/computerised-therapy-and-advice",
        "/scheme/topic/residential-rehabilitation",
    ]
    assert '<a href="/search?text=Psychosocial%20therapies">' in more
    assert more.count("its address") == 2
    assert 'At the bank: <a href="https://example.org/search">' in page(features, "/cell/alcohol-A1")


def test_title_and_link_can_be_copied(local: Site) -> None:
    html = page(local, "/cell/drug-E4")
    assert [unescape(text) for text in re.findall(r'<input readonly id="[^"]*" value="([^"]*)"', html)] == [
        "Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies. Drug Treatment Matrix."
        " https://w3id.org/evgraph/id/cell/drug-E4 (version 304a8504b8e0e9ba)",
        "https://w3id.org/evgraph/id/cell/drug-E4",
    ]
    assert len(re.findall(r'<button type="button" data-copy="cite-(?:text|link)" hidden>', html)) == 2


def test_a_comment_has_page_version_and_iri_filled_in(local: Site, features: Site) -> None:
    (address,) = set(re.findall(r'<a href="(mailto:[^"]*)"', page(local, "/cell/drug-E4")))
    assert unquote(unescape(address)) == (
        "mailto:editor@example.org?subject=evgraph: Drug Treatment Matrix cell E4: Treatment systems; Psychosocial"
        " therapies&body=Page: Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies (/cell/drug-E4)"
        "\r\nVersion: 304a8504b8e0e9ba\r\nIRI: https://w3id.org/evgraph/id/cell/drug-E4\r\n"
    )
    assert "omment" not in text_of(page(features, "/cell/drug-A1"))


def test_both_matrices_and_the_sister_are_linked(local: Site) -> None:
    html = page(local, "/cell/drug-E4")
    assert '<a href="/matrix/alcohol">' in html
    assert '<a href="/matrix/drug">' in html
    assert "The same square of the other matrix: Alcohol Treatment Matrix cell E4: Treatment systems" in text_of(html)
    trail = html[html.index('<nav class="trail"') :].partition("</nav>")[0]
    assert text_of(trail).endswith("Drug Matrix Level E Treatment systems E4")


def test_versions_are_listed_the_newest_first(local: Site, features: Site) -> None:
    html = page(features, "/cell/alcohol-A1")
    assert "<h1>Alcohol Matrix cell A1: newer</h1>" in html
    assert "Funded by The Fund · Page of 9 October 2026" in text_of(html)
    assert (
        "Versions 9 October 2026, dddddddddddddddd , from https://example.org/a1 , the newest 1 March 2025,"
        " cccccccccccccccc" in text_of(html)
    )
    assert "The date of this page is not in the graph." in page(local, "/cell/drug-E4")


# Passages.


def test_without_the_pages_a_place_stands_for_their_words(local: Site) -> None:
    for cell in ("alcohol-E4", "drug-E4"):
        html = page(local, f"/cell/{cell}")
        assert "<blockquote>" not in html
        assert "<mark>" not in html
        assert "evgraph serve --pages DIR" in html


def test_with_the_pages_a_passage_stands_in_its_context(quoting: Site) -> None:
    html = page(quoting, "/cell/drug-C2")
    source = (PAGES / "drug-c2.txt").read_text(encoding="utf-8")
    start = source.index("Corresponding Canadian study below.")
    reference = re.findall(r'<li id="(ref-[^"]*-corresponding-1)"', html)[0]
    (address,) = re.findall(r'href="(/passage/[^"]*)"', part(html, reference))
    (quote,) = re.findall(r"<blockquote[^>]*><bdi>(.*?)</bdi></blockquote>", page(quoting, address), re.DOTALL)
    before, _, after = unescape(quote).partition("<mark>Corresponding Canadian study below.</mark>")
    assert before == f"…{source[start - 60 : start]}"
    assert source[start + 35 :].startswith(after.removesuffix("…"))
    assert "The page’s words, " in html


def test_the_words_in_a_graph_are_quoted_too(features: Site) -> None:
    note = part(page(features, "/cell/alcohol-A1"), "ref-elm-commentary-1")
    assert '<a href="/passage/dddddddddddddddd/11-49">Characters 11–49</a>' in note
    passage = page(features, "/passage/dddddddddddddddd/11-49")
    assert "Elms grow. <mark>Oaks are discussed in the folded text.</mark> Elms fall." in passage


@pytest.mark.slow
def test_the_words_come_when_their_place_opens(tmp_path: Path, browser: Browser) -> None:
    site_of(tmp_path)
    with serving("--workers", "1", tmp_path) as server, browser.page(f"{server.url}/cell/alcohol-A1") as shown:
        note = shown.locator("#ref-elm-commentary-1")
        note.locator("button").click()
        note.locator("blockquote").wait_for()
        assert note.locator("mark").all_inner_texts() == ["Oaks are discussed in the folded text."]
        words = shown.locator("#entry-elm details.words")
        words.locator("summary").click()
        words.locator("blockquote").wait_for()
        assert (
            words.locator("blockquote").inner_text() == "Elms grow. Oaks are discussed in the folded text. Elms fall."
        )
        assert browser.messages == []


# Entries.


def test_an_entry_may_list_two_documents_and_lack_a_marker(features: Site) -> None:
    html = page(features, "/cell/alcohol-A1")
    card = html[html.index('id="entry-elm"') :].partition("</article>")[0]
    assert text_of("<" + card).startswith(
        "S G About elms Scotland, United States, The Elm Press, 2001 · trial · Elm (2001) · Elm (2003) · line 3"
    )
    card = html[html.index('id="entry-oak"') :].partition("</article>")[0]
    assert "R? About oaks · no document identified" in text_of(card)
    assert "<h2>Without a marker</h2>" in html


def test_a_long_cell_pages_and_its_links_follow(features: Site) -> None:
    html = page(features, "/cell/drug-A1")
    assert len(re.findall(r'<article id="entry-', html)) == 25
    assert '<a href="/cell/drug-A1?page=3#entry-e-60">' in part(html, "ref-e-1-see-also-1")
    assert '<li id="entry-e-60" tabindex="-1"><a href="/cell/drug-A1?page=3#entry-e-60">' in html
    last = page(features, "/cell/drug-A1?page=3")
    assert re.findall(r'<article id="entry-e-(\d+)"', last) == [str(number) for number in range(51, 61)]
    assert "Page 3 of 3" in last
    assert '<a href="/cell/drug-A1#entry-e-1">' in last[last.index('id="entry-e-60"') :]


def test_a_link_to_an_entry_that_is_filtered_away_leads_to_the_whole_page(features: Site) -> None:
    html = page(features, "/cell/drug-A1?marker=K")
    assert '<a href="/cell/drug-A1?page=3#entry-e-60">' in part(html, "ref-e-1-see-also-1")


def test_arcs_link_the_entries_that_refer_to_each_other(local: Site) -> None:
    html = page(local, "/cell/drug-E4")
    picture = html[html.index('<div class="arcs">') :].partition("</svg>")[0]
    assert "3 links between 15 entries" in picture
    assert "Manning et al. (2012) corresponds to Timko &amp; DeBenedetti (2007)<" in picture


def test_a_cell_that_was_not_read_says_who_refers_to_it(local: Site, features: Site) -> None:
    text = text_of(page(local, "/cell/drug-A1"))
    assert "The page of this cell was not read, so the graph does not know what it lists." in text
    assert "No page in the graph mentions it." in text
    text = text_of(page(features, "/cell/drug-C1"))
    assert "Other pages refer to it: 3 references ." in text
    assert "Referred to by Headline 1 , in Drug A1 note" in text
    assert written_at(local, "/cell/drug-Z9") is None


def test_a_cell_is_served_as_a_page_and_as_data(site: Served) -> None:
    page = site.get("/cell/drug-E4", "text/html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'rel="alternate" href="/cell/drug-E4.ttl" type="text/turtle"' in page.text
