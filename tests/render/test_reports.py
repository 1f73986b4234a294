"""``evgraph validate`` in every format: a graph that breaks every rule, hostile data, many findings, wrong words."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from dataclasses import replace

import pyoxigraph as ox
import pytest
from lxml import html as lxml_html
from tests.render.every_rule import write_graph
from tests.render.readers import junit_cases, sarif_run

from evgraph.formats import FINDING_FORMATS
from evgraph.rdf.files import find
from evgraph.render.findings.view import ReportView
from evgraph.validation import waivers
from evgraph.validation.checks import can_run, our_checks, rules
from evgraph.validation.checks_in_code import Pages
from evgraph.validation.locations import locate_in_files, page_lines
from evgraph.validation.validate import load, our_shapes, validate

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


def test_every_rule_is_broken_and_every_format_names_each(view: ReportView) -> None:
    names = {name for name, rule in view.rules.items() if rule.kind != "notice"}
    assert len(names) > 130
    findings = json.loads(written(view, "json"))["findings"]
    assert {one["rule"] for one in findings} == names
    text = written(view, "text")
    assert set(re.findall(r"(?m)^(?:violation|warning|info) (\S+): \d+ findings?$", text)) == names
    for form in ("csv", "spreadsheet"):
        rows = list(csv.DictReader(io.StringIO(written(view, form).removeprefix("\ufeff"), newline="")))
        assert len(rows) == len(findings)
        assert {row["rule"] for row in rows} == names
    told = sarif_run(written(view, "sarif"))
    assert {rule["id"] for rule in told["tool"]["driver"]["rules"]} == names
    assert {result["ruleId"] for result in told["results"]} == names
    assert {case.classname for case in junit_cases(written(view, "junit"))} == names
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
