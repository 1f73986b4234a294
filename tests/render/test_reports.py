"""``evgraph validate`` in every format: a graph that breaks every rule, hostile data, many findings, wrong words."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from lxml import html as lxml_html
from tests.render.every_rule import write_graph
from tests.render.readers import junit_cases, sarif_run

from evgraph import __version__
from evgraph.formats import FINDING_FORMATS
from evgraph.rdf.files import find
from evgraph.render.findings.view import ReportView
from evgraph.validation import waivers
from evgraph.validation.checks import can_run, our_checks, rules
from evgraph.validation.checks_in_code import Pages
from evgraph.validation.locations import locate_in_files, page_lines
from evgraph.validation.validate import load, our_shapes, validate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

SHACL = "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
FORMATS = sorted(FINDING_FORMATS)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> ReportView:
    """Validate a graph that breaks every rule."""
    folder = tmp_path_factory.mktemp("every-rule")
    write_graph(folder)
    data, shapes, checks = (
        find([folder / "graph"]),
        our_shapes(),
        our_checks(present=2026, pages=Pages(folder / "pages")),
    )
    day = datetime.date(2026, 6, 30)
    source = load(data, shapes)
    report = validate(source, shapes, checks=checks)
    applied = waivers.apply(report.findings, waivers.read(folder / "graph" / "waivers.toml"), today=day)
    report = replace(report, findings=applied.findings, waived=applied.waived)
    places = {**locate_in_files(report.findings, data), **applied.locations}
    known = {rule.name: rule for rule in rules(shapes, filter(can_run, checks))}
    return ReportView(report, day, places, page_lines(report.findings, source.store), {}, known, data, folder)


def written(view: ReportView, form: str) -> str:
    return "".join(FINDING_FORMATS[form].write(view))


def page(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


@pytest.mark.slow
def test_every_rule_is_broken_and_every_format_names_each(view: ReportView) -> None:
    names = {name for name, rule in view.rules.items() if rule.kind != "notice"} - {"unapplied-decision"}
    assert len(names) > 130
    findings = json.loads(written(view, "json"))["findings"]
    assert {finding["rule"] for finding in findings} == names
    text = written(view, "text")
    assert set(re.findall(r"(?m)^(?:violation|warning|info) (\S+): \d+ findings?$", text)) == names
    for form in ("csv", "spreadsheet"):
        rows = list(csv.DictReader(io.StringIO(written(view, form).removeprefix("\ufeff"), newline="")))
        assert len(rows) == len(findings)
        assert {row["rule"] for row in rows} == names
    sarif = sarif_run(written(view, "sarif"))
    assert {rule["id"] for rule in sarif["tool"]["driver"]["rules"]} == names
    assert {result["ruleId"] for result in sarif["results"]} == names
    assert {case.classname for case in junit_cases(written(view, "junit"))} == names | {"unapplied-decision"}
    sections = page(written(view, "html")).xpath("//section[@data-rule]")
    assert {section.get("data-rule") for section in sections} == names
    shapes = {str(quad.object).rpartition("#")[2].rstrip(">").removeprefix("check-")
              for quad in ox.parse(written(view, "turtle"), format=ox.RdfFormat.TURTLE)
              if quad.predicate.value.endswith("#sourceShape")}  # fmt: skip
    assert shapes == names


def test_a_changed_page_is_reported_once_for_its_snapshot(view: ReportView) -> None:
    text = written(view, "text")
    assert text.count("warning changed-page: 1 finding\n") == 1
    assert text.count("snapshot:drug-C2/ffeeddccbbaa9988 evg:sha256") == 1


def test_html_names_the_data_the_date_and_the_version(view: ReportView) -> None:
    root = page(written(view, "html"))
    about = root.xpath("//dl[@class='about']")[0]
    rows = [[cell.text_content() for cell in row] for row in about.xpath(".//tbody/tr")]
    counts = [[view.local(file.path), str(len([*file.parsed()]))] for file in view.files]
    assert rows == counts
    total = sum(int(count) for _, count in counts)
    assert about.xpath(".//summary")[0].text_content() == f"{len(counts)} files, {total} triples"
    assert [element.text_content() for element in about.xpath("./dd")][1:] == ["30 June 2026", f"evgraph {__version__}"]


@pytest.mark.slow
def test_html_lists_findings_by_page_and_line(view: ReportView) -> None:
    root = page(written(view, "html"))
    by_page = {
        section.xpath("./h3")[0].text_content(): section.xpath(".//tbody/tr")
        for section in root.xpath("//section[@class='page']")
    }
    cells = sorted({line.cell for line in view.pages.values()})
    assert [title.rpartition(":")[0] for title in by_page] == cells
    for title, rows in by_page.items():
        lines = [int(row.xpath("./th")[0].text_content()) for row in rows]
        assert lines == sorted(lines)
        assert title.rpartition(": ")[2] == f"{len(rows)} finding{'s' * (len(rows) != 1)}"
    rows = [row for of_page in by_page.values() for row in of_page]
    shown = {finding for group in view.groups() for finding in group.findings if finding in view.pages}
    assert len(rows) == len(shown) > 10
    for row in rows:
        link = row.xpath(".//a")[0]
        section = root.get_element_by_id(link.get("href").removeprefix("#"))
        assert section.get("data-rule") == link.text_content()


def test_html_shows_so_many_of_a_page_and_counts_the_rest(view: ReportView) -> None:
    root = page(written(replace(view, most=1), "html"))
    sections = root.xpath("//section[@class='page']")
    assert {len(section.xpath(".//tbody/tr")) for section in sections} == {1}
    assert "more of this page" in sections[0].text_content()


def test_html_names_the_store(view: ReportView) -> None:
    root = page(written(replace(view, files=(), store="http://localhost:7878/query"), "html"))
    assert root.xpath("//dl[@class='about']/dd")[0].text_content() == "http://localhost:7878/query"


@pytest.mark.slow
def test_the_same_input_gives_the_same_html(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data.ttl"
    data.write_text("<urn:a> a <https://w3id.org/evgraph/ns#Document> .\n", encoding="utf-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first, second = (run("validate", data, "--format", "html").stdout for _ in range(2))
    assert first == second
    assert "<dd>1 January 2026</dd>" in first
    assert "<dd>2 January 2026</dd>" in run("validate", data, "--format", "html", "--today", "2026-01-02").stdout
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    ran = run("validate", data)
    assert (ran.code, ran.stderr) == (
        2,
        "evgraph: SOURCE_DATE_EPOCH=soon: not a number of seconds\n  correct it, or unset it\n",
    )


def test_html_keeps_the_name_of_a_revision(view: ReportView) -> None:
    report = replace(view.report, since="HEAD")
    text = page(written(replace(view, report=report), "html")).text_content()
    assert "Since HEAD: " in text
