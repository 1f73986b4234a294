"""The lists of documents, guidance and organisations, and the pages of organisations, concepts and small things."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.site.conftest import HTML, injected
from tests.site.test_documents import read, words

if TYPE_CHECKING:
    from tests.site.conftest import Browser
    from tests.web.conftest import Served


def rows(html: str) -> list[str]:
    """Return the text of each row of a page's tables."""
    return [words(f"<main{row}</main>") for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)]


def test_documents_are_chosen_by_kind_country_cell_and_years(site: Served) -> None:
    assert "35 documents" in words(read(site, "/documents"))
    page = read(site, "/documents?kind=Trial&country=GB")
    assert rows(page)[1:] == ["2012 K Manning et al. (2012) Trial United Kingdom Alcohol E4 , Drug E4"]
    assert "1 of 35 documents; the filters leave out 34." in words(page)
    assert '<a href="/documents?country=GB"><span class="unseen">Take off: </span><bdi>Kind: Trial</bdi>' in page
    assert '<a href="/documents?kind=Trial">' in page
    assert len(rows(read(site, "/documents?from=2012&to=2014"))) == 4
    assert len(rows(read(site, "/documents?cell=drug-E4"))) == 16


def test_each_choice_says_how_many_it_would_leave(site: Served) -> None:
    page = read(site, "/documents?country=GB")
    assert '<option value="Guidance">Guidance (9)</option>' in page
    assert '<option value="GB" selected>United Kingdom (11)</option>' in page
    assert '<option value="GB-SCT">Scotland (1)</option>' in page


def test_documents_are_sorted(site: Served) -> None:
    newest, oldest, by_name = (rows(read(site, f"/documents?sort={name}"))[1] for name in ("", "oldest", "name"))
    assert newest.startswith("2019 R Vanderplasschen")
    assert oldest.startswith("1981 S Sisson")
    assert by_name.startswith("2011 K Blankers")


def test_an_empty_choice_says_what_to_do(site: Served) -> None:
    text = words(read(site, "/documents?kind=Trial&from=1800&to=1900"))
    assert "No document fits all of these filters. Take one off, or show all documents ." in text
    assert "No document fits" in words(read(site, "/documents?kind=%3Cscript%3E"))


def test_guidance_counts_its_recommendations_by_status(site: Served) -> None:
    page = read(site, "/guidance?publisher=nice")
    assert rows(page)[1:4] == [
        "2011 G NICE clinical guidelines on alcohol use disorders (2011) National Institute for Health and Care"
        " Excellence United Kingdom 4 recommendations : ● 2 cited , ○ 1 none offered , ? 1 not stated",
        "2011 G NICE on commissioning alcohol services (2011) National Institute for Health and Care Excellence"
        " United Kingdom 5 recommendations : ◐ 1 indirect , ○ 1 none offered , ? 3 not stated",
        "2007 G NICE on psychosocial interventions (2007) National Institute for Health and Care Excellence"
        " United Kingdom 4 recommendations : ? 4 not stated",
    ]
    assert '<a href="/questions/recommendations-without-evidence?publisher=nice">2 by' in page


def test_an_organisation_has_its_roles_and_what_became_of_it(site: Served) -> None:
    text = words(read(site, "/org/nta"))
    assert "Became Public Health England , Office for Health Improvement and Disparities" in text
    assert "Published 5" in text
    assert "Commissioned G Pilling, Hesketh &amp; Mitcheson (2010) guidance Drug E4, line 66" in text
    assert "The page of Drug E4 : funded" in words(read(site, "/org/ssa"))
    assert "Came from National Treatment Agency for Substance Misuse" in words(read(site, "/org/phe"))
    assert site.get("/org/nta.ttl").status_code == 200


def test_a_country_lists_its_documents_and_those_of_its_parts(site: Served) -> None:
    text = words(read(site, "/scheme/country/GB"))
    assert "Includes England , Northern Ireland , Scotland , Wales Documents 11" in text
    assert "Integrated care guidance for Scotland (2008)" in text


def test_small_things_read_as_sentences(site: Served) -> None:
    text = words(read(site, "/recommendation/nice-2011-commissioning/mutual-aid"))
    assert "Manning et al. (2012) ± qualifies this recommendation newer than the guidance" in text
    text = words(read(site, "/claim/guidelines-cite-timko-2007"))
    assert "A claim NICE clinical guidelines on alcohol use disorders (2011)" in text
    assert "Timko &amp; DeBenedetti (2007) Alcohol E4, line 95" in text
    text = words(read(site, "/passage/efce44c0c094406b/18454-18759"))
    assert "On the page of Alcohol E4 , line 95, characters 18454 to 18759 of" in text
    text = words(read(site, "/snapshot/drug-E4/304a8504b8e0e9ba"))
    assert "Behind the page Developed with : Skills Consortium Funded : Society for the Study of Addiction" in text


def test_what_is_not_there_is_not_found(site: Served) -> None:
    for path in (
        "/org/nobody",
        "/scheme/country/XX",
        "/recommendation/x/y",
        "/claim/x",
        "/passage/x/1-2",
        "/snapshot/a/b",
    ):
        assert site.get(path, HTML).status_code == 404


def test_hostile_data_stays_text_in_lists(hostile: Served) -> None:
    for path in ("/documents", "/guidance", "/organisations", "/org/hostile", "/recommendation/hostile/1",
                 "/passage/0123456789abcdef/0-9", "/snapshot/drug-E4/0123456789abcdef", "/scheme/country/GB",
                 "/claim/hostile-bears-on", "/documents?kind=%22%3E%3Cscript%3E&from=%3Cb%3E"):  # fmt: skip
        assert injected(read(hostile, path)) == []


@pytest.mark.slow
def test_the_links_of_a_picture_take_focus_in_reading_order(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/doc/timko-2007", forced_colors="active") as page:
        page.locator(".picture a").first.focus()
        order = []
        for _ in range(3):
            order.append(page.evaluate("document.activeElement.getAttribute('href')"))
            page.keyboard.press("Tab")
        assert order == [
            "/doc/nice-2011-guidelines",
            "/recommendation/nice-2011-commissioning/mutual-aid",
            "/recommendation/nice-2011-guidelines/mutual-aid",
        ]
        assert browser.faults(page) == []


@pytest.mark.slow
def test_the_text_of_a_picture_reads_at_320_pixels(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/doc/timko-2007", 320) as page:
        sizes = page.evaluate("[...document.querySelectorAll('.picture span')].map(e => getComputedStyle(e).fontSize)")
        assert set(sizes) == {"13px"}
