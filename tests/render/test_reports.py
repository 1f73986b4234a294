"""``evgraph validate`` in every format: a graph that breaks every rule, hostile data, many findings, wrong words."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re

import pyoxigraph as ox
import pytest
from lxml import html as lxml_html
from tests.render.every_rule import write_graph
from tests.render.readers import junit_cases, sarif_run

from evgraph.formats import FINDING_FORMATS
from evgraph.rdf.files import find
from evgraph.render.findings import Account
from evgraph.validation import waivers
from evgraph.validation.changed_pages import Pages
from evgraph.validation.checks import carried_out, our_checks
from evgraph.validation.locations import locate, page_lines
from evgraph.validation.rules import rules
from evgraph.validation.validate import judge, our_shapes

SHACL = "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
FORMATS = sorted(FINDING_FORMATS)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """Judge a graph that breaks every rule."""
    folder = tmp_path_factory.mktemp("every-rule")
    write_graph(folder)
    data, shapes, checks = (
        find([folder / "graph"]),
        our_shapes(),
        our_checks(present=2026, pages=Pages(folder / "pages")),
    )
    day = datetime.date(2026, 6, 30)
    report, of_waivers = waivers.applied(
        judge(data, shapes, checks=checks), waivers.read(folder / "graph" / "waivers.toml"), today=day
    )
    places = {**locate(report.findings, data), **of_waivers}
    known = {rule.name: rule for rule in rules(shapes, filter(carried_out, checks))}
    return Account(report, day, places, page_lines(report.findings, data), {}, known, data, folder)


def written(account: Account, form: str) -> str:
    return "".join(FINDING_FORMATS[form].write(account))


def page(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


def test_every_rule_is_broken_and_every_format_tells_of_each(account: Account) -> None:
    names = {name for name, rule in account.rules.items() if rule.kind != "notice"}
    assert len(names) > 130
    findings = json.loads(written(account, "json"))["findings"]
    assert {one["rule"] for one in findings} == names
    text = written(account, "text")
    assert set(re.findall(r"(?m)^(?:violation|warning|info) (\S+): \d+ findings?$", text)) == names
    for form in ("csv", "spreadsheet"):
        rows = list(csv.DictReader(io.StringIO(written(account, form).removeprefix("\ufeff"), newline="")))
        assert len(rows) == len(findings)
        assert {row["rule"] for row in rows} == names
    told = sarif_run(written(account, "sarif"))
    assert {rule["id"] for rule in told["tool"]["driver"]["rules"]} == names
    assert {result["ruleId"] for result in told["results"]} == names
    assert {case.classname for case in junit_cases(written(account, "junit"))} == names
    sections = page(written(account, "html")).xpath("//section[@data-rule]")
    assert {section.get("data-rule") for section in sections} == names
    shapes = {str(quad.object).rpartition("#")[2].rstrip(">").removeprefix("check-")
              for quad in ox.parse(written(account, "turtle"), format=ox.RdfFormat.TURTLE)
              if quad.predicate.value.endswith("#sourceShape")}  # fmt: skip
    assert shapes == names


def test_a_changed_page_is_told_once_for_its_snapshot(account: Account) -> None:
    text = written(account, "text")
    assert text.count("warning changed-page: 1 finding\n") == 1
    assert text.count("snapshot:drug-C2/ffeeddccbbaa9988 evg:sha256") == 1
