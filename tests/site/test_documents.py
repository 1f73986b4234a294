"""The pages of documents and guidance: what they say, with whose words, and how they look."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.site.conftest import HTML, injected
from tests.web.conftest import serving

from evgraph.namespaces import ID, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import Served


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a trial that 5,000 guidance documents cite, each with a year, a recommendation and a passage."""
    data = tmp_path_factory.mktemp("crowded") / "crowded.ttl"
    lines = [
        f"doc:g-{n} a evg:Document, evg:Guidance ; rdfs:label 'Guidance {n}' ;"
        f" dcterms:issued '{1990 + n % 30}'^^xsd:gYear ;"
        f" cito:citesAsEvidence doc:hub ; evg:hasRecommendation <recommendation/g-{n}/1> ."
        f" <recommendation/g-{n}/1> a evg:Recommendation ; rdfs:label 'Do {n}' ; evg:restsOn doc:hub ."
        for n in range(5000)
    ]
    prefixes = "".join(
        f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("evg", "doc", "rdfs", "dcterms", "xsd", "cito")
    )
    hub = "doc:hub a evg:Document, evg:Study, evg:Trial ; rdfs:label 'The hub' .\n"
    data.write_text(f"@base <{ID}> .\n{prefixes}{hub}" + "\n".join(lines), encoding="utf-8")
    with serving("--workers", "1", data) as server:
        yield server


def words(html: str) -> str:
    """Return the text of a page on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2].partition("</main>")[0]).split())


def read(site: Served, path: str) -> str:
    page = site.get(path, HTML)
    assert page.status_code == 200
    return page.text


def test_a_document_says_where_it_is_listed(site: Served) -> None:
    text = words(read(site, "/doc/timko-2007"))
    assert "K In USA active and persistent attempts to link patients to mutual aid groups helps reduce" in text
    assert "Listed as 2" in text
    page = read(site, "/doc/timko-2007")
    assert 'href="/cell/alcohol-E4#entry-timko-2007"' in page
    assert 'href="/cell/drug-E4#entry-timko-2007"' in page


def test_a_chain_has_one_hop_a_line_with_the_passage_of_each(site: Served) -> None:
    text = words(read(site, "/doc/timko-2007"))
    assert (
        "Directly: each of these cites it. NICE clinical guidelines on alcohol use disorders (2011) cites as evidence"
        " Timko &amp; DeBenedetti (2007) guidance Alcohol E4, line 95 Its recommendation Link patients to mutual aid"
        " groups, with encouragement and practical help to attend rests on Timko &amp; DeBenedetti (2007) added by The"
        " curators of evgraph , with a note Alcohol E4, line 95, says"
    ) in text
    assert (
        "NICE on commissioning alcohol services (2011) takes its lead from NICE clinical guidelines on alcohol use"
        " disorders (2011) Alcohol E4, line 41 NICE clinical guidelines on alcohol use disorders (2011) cites as"
        " evidence Timko &amp; DeBenedetti (2007) Alcohol E4, line 95 Of NICE on commissioning"
    ) in text


def test_identifiers_say_how_certain_they_are(site: Served) -> None:
    page = read(site, "/doc/timko-2007")
    assert '<a href="https://doi.org/10.1016/j.drugalcdep.2007.04.007">' in page
    assert '<a href="https://pubmed.ncbi.nlm.nih.gov/17524574/">' in page
    text = words(read(site, "/doc/smit-2011"))
    assert "Smit et al., J Med Internet Res 13(3):e56 verified probable public bibliographic record" in text


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("timko-2007", (
            "Kind Trial added by The curators of evgraph Authors Timko C DeBenedetti Year 2007 as printed",
            "Studied in United States Alcohol E4, line 27 · Drug E4, line 50 Design Controlled trial",
            "Study Country Year Said in Timko &amp; DeBenedetti (2007) United States 2007 this study Manning et al."
            " (2012) United Kingdom 2012 Alcohol E4, line 25 · Alcohol E4, line 27 · Drug E4, line 48 · Drug E4,"
            " line 50",
            "is discussed in a commentary, but the page has lost the link Drug E4, line 50",
        )),
        ("nice-2011-commissioning", (
            "NICE on commissioning alcohol services (2011) is critiqued in Where should I start? , in the",
            "is discussed in one of these, and the page does not say which:",
        )),
        ("vanderplasschen-2019", (
            "Not to be confused: the same headline is also that of 1 other document. Varieties and impacts of case"
            " management (2006) , under “ Varieties and impacts of case management ”",
        )),
        ("manning-2012", (
            "Manning et al. (2012) ± qualifies the recommendation Give everyone who seeks help information on mutual"
            " aid groups and help them to take part of NICE on commissioning alcohol services (2011) Alcohol E4,"
            " line 95",
        )),
        ("samhsa-1998", ("is the Effectiveness Bank’s own support for the recommendation Offer case management",)),
    ],
)  # fmt: skip
def test_facts_links_and_warnings_name_their_sources(site: Served, path: str, texts: tuple[str, ...]) -> None:
    text = words(read(site, f"/doc/{path}"))
    assert [expected for expected in texts if expected not in text] == []


def test_guidance_has_a_table_of_recommendations(site: Served) -> None:
    text = words(read(site, "/doc/nice-2011-commissioning"))
    assert (
        "Make care coordination routine for everybody in specialist alcohol services Alcohol E4, line 77"
        " ○ none offered No evidence is offered for this. Alcohol E4, line 77 taken over from Coordinate the care of"
    ) in text
    assert "◐ indirect Alcohol E4, line 95 rests on Timko &amp; DeBenedetti (2007) Alcohol E4, line 95" in text
    assert "± qualifies Manning et al. (2012) newer Alcohol E4, line 95 · Alcohol E4, line 99" in text
    assert "+ supports Costs of starting with mutual aid or with outpatient treatment Alcohol E4, line 112" in text
    assert text.count("? not stated") == 3
    assert text.count("No evidence is offered for this.") == 1
    assert "6.24" in words(read(site, "/doc/nice-2011-guidelines"))


def test_the_head_speaks_schema_org(site: Served) -> None:
    page = read(site, "/doc/timko-2007")
    (text,) = re.findall(r'<script type="application/ld\+json">(.*)</script>', page)
    data = json.loads(text)
    assert data["@type"] == "ScholarlyArticle"
    assert data["@id"] == "https://w3id.org/evgraph/id/doc/timko-2007"
    assert data["identifier"][1] == {"@type": "PropertyValue", "propertyID": "PMID", "value": "17524574"}
    assert '<link rel="canonical" href="/doc/timko-2007">' in page
    assert '<link rel="cite-as" href="https://w3id.org/evgraph/id/doc/timko-2007">' in page


def test_hostile_data_stays_text_in_documents(hostile: Served) -> None:
    for path in ("/doc/hostile", "/doc/quote'onfocus='alert(1)&quot;"):
        page = read(hostile, path)
        assert injected(page) == []
        (text,) = re.findall(r'<script type="application/ld\+json">(.*)</script>', page)
        assert "</s" in json.loads(text)["name"]
        assert not re.search("[<>&]", text)
    assert "No evidence is offered for this." in page


@pytest.mark.slow
def test_a_document_that_thousands_cite_pages(crowded: Served) -> None:
    page = read(crowded, "/doc/hub")
    assert len(page) < 20_000
    text = words(page)
    assert "Cited as evidence by 5,000" in text
    assert "and 9,960 more, in the list" in text
    assert text.index("Guidance 1019 (2019)") < text.index("Guidance 1049 (2019)")
    assert '<a href="/doc/hub?list=cited-by">All 5,000</a>' in page
    first = read(crowded, "/doc/hub?list=cited-by")
    assert len(first) < 60_000
    assert '<a rel="next" href="/doc/hub?list=cited-by&amp;page=2">Next</a>' in first
    last = read(crowded, "/doc/hub?list=cited-by&page=100")
    assert "4,951 to 5,000 of 5,000" in words(last)
    assert '<link rel="canonical" href="/doc/hub">' in last
    assert "4,951 to 5,000" in words(read(crowded, "/doc/hub?list=cited-by&page=999999"))
    assert "1 to 50 of" in words(read(crowded, "/doc/hub?list=cited-by&page=zwei"))
    assert "Cited as evidence by 5,000" in words(read(crowded, "/doc/hub?list=nothing"))
