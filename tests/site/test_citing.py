"""How pages say how to cite what they are about, and selections for reference managers and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from tests.site.conftest import HTML

from evgraph.site import routes

if TYPE_CHECKING:
    from tests.web.conftest import Served

    from evgraph.site.page import Site

TITLE = "[In USA active and persistent attempts to link patients to mutual aid groups helps reduce substance use]"
CELL = """\
TY  - ELEC\r
ID  - cell-drug-E4\r
TI  - Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies\r
T2  - Drug Treatment Matrix\r
UR  - https://w3id.org/evgraph/id/cell/drug-E4\r
N1  - SHA-256 of the text: 304a8504b8e0e9ba6189675163d6385def70739f88aadcb3616d97c02a357a7f\r
ER  - \r
\r
"""


def head_of(html: str) -> dict[str, str]:
    """Return the ``citation_*`` tags of a page; of authors the last one."""
    return {
        name: unescape(content) for name, content in re.findall(r'<meta name="citation_(\w+)" content="([^"]*)">', html)
    }


def test_a_cell_is_cited_for_a_reference_manager(site: Served) -> None:
    html = site.get("/cell/drug-E4", HTML).text
    files = re.findall(r'<link rel="describedby" href="([^"]*)" type="([^"]*)">', html)
    assert files == [
        ("/cell/drug-E4.ris", "application/x-research-info-systems"),
        ("/cell/drug-E4.bib", "application/x-bibtex"),
        ("/cell/drug-E4.csl.json", "application/vnd.citationstyles.csl+json"),
    ]
    for address, media_type in files:
        file = site.get(address, HTML)
        assert (file.status_code, file.headers["content-type"]) == (200, media_type)
        name = address.replace("/cell/", "cell-")
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert html.count(f'href="{address}"') == 3  # In the head, under Cite, and at the end of the page.
    assert site.get("/cell/drug-E4.ris").text == CELL
    (item,) = json.loads(site.get("/cell/drug-E4.csl.json").text)
    assert (item["id"], item["type"]) == ("cell-drug-E4", "webpage")
    assert site.get("/cell/drug-E4.bib").text.startswith("@misc{cell-drug-E4,\n")
    assert head_of(html) == {
        "title": "Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies",
        "inbook_title": "Drug Treatment Matrix",
        "public_url": "https://w3id.org/evgraph/id/cell/drug-E4",
    }


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("doc/timko-2007", f"Timko C, DeBenedetti (2007). {TITLE}. https://doi.org/10.1016/j.drugalcdep.2007.04.007"),
        ("matrix/drug", "Drug Treatment Matrix. https://w3id.org/evgraph/id/matrix/drug"),
        ("about", "evgraph: the Alcohol and Drug Treatment Matrices as linked data. Version 0.1.0."
         " The evgraph maintainers. https://w3id.org/evgraph/id/dataset"),
    ],
)  # fmt: skip
def test_each_page_has_the_text(local: Site, path: str, text: str) -> None:
    page = routes.page(local, path, {})
    assert page is not None
    assert [unescape(value) for value in re.findall(r'id="cite-text" value="([^"]*)"', page.html)] == [text]


def test_head_of_a_document_and_of_the_dataset(local: Site) -> None:
    pages = [routes.page(local, path, {}) for path in ("doc/timko-2007", "data")]
    document, dataset = (head_of(page.html) for page in pages if page)
    assert document == {
        "title": TITLE,
        "author": "DeBenedetti",
        "publication_date": "2007",
        "doi": "10.1016/j.drugalcdep.2007.04.007",
        "pmid": "17524574",
        "public_url": "https://doi.org/10.1016/j.drugalcdep.2007.04.007",
    }
    assert dataset == {
        "title": "evgraph: the Alcohol and Drug Treatment Matrices as linked data",
        "publisher": "The evgraph maintainers",
        "public_url": "https://w3id.org/evgraph/id/dataset",
    }


@pytest.mark.parametrize("path", ["doc/nope.ris", "org/nice.ris", "cell/drug-Z9.bib", "dataset.xyz"])
def test_there_is_no_citation_of_anything_else(site: Served, path: str) -> None:
    assert site.get(f"/{path}", HTML).status_code == 404


@pytest.mark.slow
def test_citations_resist_data(hostile: Served) -> None:
    for entry in hostile.get("/selection.ris").text.split("ER  - ")[:-1]:
        tags = [line[:6] for line in entry.strip().splitlines()]
        assert tags[0] == "TY  - "
        assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - ", tag) for tag in tags)


def ids(ris: str) -> list[str]:
    """Return what a file in RIS cites."""
    return re.findall(r"^ID  - (.*)\r$", ris, re.MULTILINE)


def test_the_documents_of_a_selection(site: Served) -> None:
    html = site.get("/?marker=K&country=GB", HTML).text
    assert 'href="/selection.ris?country=GB&amp;marker=K"' in html or "/selection.ris?marker=K&amp;country=GB" in html
    answer = site.get("/selection.ris?marker=K&country=GB")
    assert answer.headers["content-disposition"] == 'attachment; filename="documents.ris"'
    assert sorted(ids(answer.text)) == ["macgregor-2010", "manning-2012"]
    assert ids(site.get("/selection.ris?marker=K&country=GB&matrix=drug").text) == ["manning-2012"]
    assert re.findall(
        r"^@\w+\{(.*),$", site.get("/selection.bib?marker=K&country=GB&matrix=drug").text, re.MULTILINE
    ) == ["manning-2012"]


def test_a_choice_of_documents(site: Served) -> None:
    html = site.get("/documents?kind=Guidance&cell=drug-E4", HTML).text
    assert '<a href="/documents.csv?kind=Guidance&amp;cell=drug-E4">CSV for a spreadsheet</a>' in html
    answer = site.get("/documents.csv?kind=Guidance&cell=drug-E4")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="documents.csv"'
    header, first, *others = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert header == ["name", "year", "kinds", "countries", "publishers", "cells", "document"]
    assert first == [
        "National Treatment Agency on commissioning for recovery (2010)", "2010", "Guidance", "England",
        "National Treatment Agency for Substance Misuse", "Drug E4", "https://w3id.org/evgraph/id/doc/nta-2010",
    ]  # fmt: skip
    assert len(others) == 5
    assert ids(site.get("/documents.ris?kind=Guidance&cell=drug-E4&from=2010").text) == ["nta-2010", "pilling-2010"]


def test_the_rows_of_a_question_as_a_workbook(site: Served) -> None:
    address = "/questions/recommendations-without-evidence?publisher=nice"
    link = 'href="/questions/recommendations-without-evidence?publisher=nice&amp;format=xlsx"'
    assert link in site.get(address, HTML).text
    book = site.get(f"{address}&format=xlsx")
    assert book.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with ZipFile(io.BytesIO(book.content)) as file:
        assert file.read("xl/worksheets/sheet1.xml").count(b"<row ") == 3  # The header and two recommendations.
    assert site.get("/sparql?query=ASK%20%7B%7D&format=xlsx").status_code == 406
