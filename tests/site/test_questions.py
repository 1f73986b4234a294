"""The pages of questions: the list, the form, the rows, and what is wrong with a value."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from tests.site.conftest import HTML

if TYPE_CHECKING:
    from tests.web.conftest import Served


def texts(page: str, tag: str) -> list[str]:
    """Return the texts of the elements of a kind, without the marks in them."""
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.DOTALL)
    return [unescape(" ".join(re.sub("<[^>]*>", "", text).split())) for text in found]


def test_questions_are_listed_by_group_and_found_by_words(site: Served) -> None:
    page = site.get("/questions", HTML).text
    assert texts(page, "h2") == ["Cells", "Commentary", "Documents", "Find", "Guidance", "Links", "Worklists"]
    assert 'href="/questions/guidance-citing-trials"' in page
    assert "changes-since" not in page  # It reads files.
    assert "2 questions with “same headline”" in site.get("/questions?text=same+headline", HTML).text
    assert "No question has these words" in site.get("/questions?text=zebra", HTML).text


def test_a_question_shows_its_rows_with_labels_and_lines(site: Served) -> None:
    page = site.get("/questions/guidance-citing-trials?trial=timko-2007", HTML).text
    assert texts(page, "h2")[0] == "2 rows"
    direct, chained = re.findall(r"<tr>\s*<td>.*?</tr>", page, re.DOTALL)
    assert texts(direct, "td") == [
        "NICE clinical guidelines on alcohol use disorders (2011)", "2011", "Timko & DeBenedetti (2007)", "2007",
        "direct", "NICE clinical guidelines on alcohol use disorders (2011)", "Alcohol E4, line 95",
    ]  # fmt: skip
    assert texts(chained, "summary") == ["2 passages"]
    assert "evgraph query guidance-citing-trials -p trial=timko-2007" in page
    assert 'href="/questions/guidance-citing-trials?trial=timko-2007&amp;format=csv"' in page
    assert 'value="timko-2007"' in page


def test_rows_can_be_sorted_and_come_in_pages(site: Served) -> None:
    page = site.get("/questions/timeline?sort=-year", HTML).text
    years = re.findall(r"<tr>\s*<td><bdi>(\d+)</bdi>", page)
    assert years == sorted(years, reverse=True)
    page = site.get("/questions/facts-without-source?offset=2", HTML).text
    assert texts(page, "h2")[0] == "3 rows"


def picture(site: Served, query: str) -> list[str]:
    """Return the texts of the picture of an answer, from top to bottom."""
    page = site.get(f"/sparql?{urlencode({'query': query})}", HTML).text
    return texts(page.partition("<figure>")[2].partition("</figure>")[0], "(?:span|text|desc)")


def test_an_answer_that_is_a_picture_has_one(site: Served) -> None:
    assert picture(site, "DESCRIBE doc:manning-2012")[:6] == [
        "8 neighbours: 0 links to it, 8 from it drawn.",
        "Manning et al. (2012)",
        "bears on",
        "Link patients to mutual aid groups, with encouragement and practical help to attend",
        "Give everyone who seeks help information on mutual aid groups and help them to take part",
        "corresponds to",
    ]
    cells = picture(site, "CONSTRUCT WHERE { ?entry evg:inCell ?cell }")
    assert cells[:2] == ["32 neighbours: 16 links to it, 0 from it drawn.", "in cell"]
    assert cells[-2:] == [
        "Alcohol Treatment Matrix cell E4: Treatment systems; Psychosocial therapies",
        "and 16 more, in the list",
    ]
    linked = picture(site, "SELECT ?document ?listed { ?entry evg:lists ?document ; evg:inCell ?listed }")
    assert linked[:2] == ["23 neighbours: 16 links to it, 0 from it drawn.", "document"]
    years = picture(site, "SELECT ?document ?year { ?document a evg:Trial ; dcterms:issued ?year }")
    assert years[0] == "4 documents, 1981 to 2012."
    assert picture(site, "SELECT ?trial { ?trial a evg:Trial }") == []
    assert picture(site, "ASK {}") == []


def test_a_value_that_may_mean_two_things_offers_both(site: Served) -> None:
    answer = site.get("/questions/cell-contents?cell=E4", HTML)
    assert answer.status_code == 400
    assert '<a href="/questions/cell-contents?cell=drug%3AE4">drug:E4</a>' in answer.text
    assert "aria-invalid" in answer.text


def test_a_question_without_its_value_says_what_to_give(site: Served) -> None:
    answer = site.get("/questions/evidence-chain", HTML)
    assert answer.status_code == 200
    assert '<a href="/questions/evidence-chain?guidance=nice-2011-commissioning">' in answer.text
    assert site.get("/questions/evidence-chains", HTML).status_code == 404


def test_a_query_is_answered_on_a_page(site: Served) -> None:
    page = site.get("/sparql?query=SELECT+*+WHERE+{+?s+a+evg:Trial+}", HTML).text
    assert "Timko &amp; DeBenedetti (2007)" in page
    form = site.get("/sparql", HTML, method="POST", data={"query": "ASK { doc:timko-2007 a evg:Trial }"})
    assert texts(form.text, "h2")[0] == "Yes"
    assert (
        "<h2>1 triple</h2>" in site.get("/sparql?query=CONSTRUCT+{+doc:x+a+?t+}+{+BIND(evg:Trial+AS+?t)+}", HTML).text
    )


def test_a_fault_in_a_query_is_shown_where_it_is(site: Served) -> None:
    answer = site.get("/sparql?query=SELECT+*+WHER+{", HTML)
    assert answer.status_code == 400
    assert "Line 1, column 10: the query is not legal SPARQL" in answer.text
    assert "<code>SELECT * <mark>WHER</mark> {</code>" in answer.text
    assert "SERVICE" in site.get("/sparql?query=SELECT+*+{SERVICE+<http://x/>{}}", HTML).text


@pytest.mark.parametrize(
    "query", ["SELECT (<javascript:alert(1)> AS ?x) {}", 'SELECT ("<script>alert(1)</script>" AS ?x) {}']
)
def test_script_in_an_answer_stays_text(site: Served, query: str) -> None:
    page = site.get(f"/sparql?query={query.replace(' ', '+')}", HTML).text
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page


def test_words_names_and_cells_are_found(site: Served) -> None:
    page = site.get("/search?text=mutual+aid", HTML).text
    assert texts(page, "h2")[0] == "26 hits"
    assert site.get("/search?text=drug:E4", HTML).headers["location"] == "/cell/drug-E4"
    assert '<a href="/cell/alcohol-E4">Alcohol E4</a>' in site.get("/search?text=E4", HTML).text
    page = site.get("/search?text=timco", HTML).text
    assert "These are hits for" in page
    assert '<a href="/doc/timko-2007">' in page
    assert '<a href="/doc/timko-2007">' in site.get("/search?text=10.1016/j.drugalcdep.2007.04.007", HTML).text
    assert '<a href="/doc/timko-2007">' in site.get("/search?text=17524574", HTML).text
    assert "Nothing was found" in site.get("/search?text=zzzzqqq", HTML).text


def test_hits_are_narrowed_by_kind_cell_and_decade(site: Served) -> None:
    page = site.get("/search?text=mutual+aid&kind=section", HTML).text
    assert set(re.findall(r'class="quiet">(\w+) · ', page)) == {"section"}
    assert "click to take off" in page


def test_some_questions_have_a_picture(site: Served) -> None:
    page = site.get("/questions/guidance-citing-trials", HTML).text
    assert page.count("<svg") == 1
    assert '<a href="/doc/nice-2011-commissioning"' in page.partition("<svg")[2].partition("</svg>")[0]
    assert site.get("/questions/cell-coverage", HTML).text.count("<svg") == 2
    assert site.get("/questions/timeline", HTML).text.count("<svg") == 1
    assert site.get("/questions/evidence-age?cell=drug:E4", HTML).text.count("<svg") == 1
    assert "<svg" not in site.get("/questions/hot-topics", HTML).text
