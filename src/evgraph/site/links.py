"""The state of the links: what the checks find, and which references lead nowhere, to several things or outside."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evgraph import shipped_files
from evgraph.errors import EvgraphError
from evgraph.namespaces import ID
from evgraph.query import runner
from evgraph.query.added_columns import with_passages
from evgraph.query.catalogue import Catalogue
from evgraph.render.findings.view import ReportView, thing
from evgraph.site.addresses import href
from evgraph.site.listing import square_name
from evgraph.site.tables import Table, table
from evgraph.store.protocol import Rows
from evgraph.validation.checks import our_checks, rules
from evgraph.validation.checks_in_code import Pages
from evgraph.validation.run import Validation
from evgraph.validation.validate import our_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import NamedNode

    from evgraph.render.findings.view import Group
    from evgraph.site.page import Page, Parameters, Site

_MOST_TRIPLES = 200_000  # Checking more takes longer than a page may.
_MOST = 50  # Findings of one rule.
_SECONDS = 25.0
_RESOLUTIONS = {
    "resolved": "lead to a target in the graph",
    "ambiguous": "fit several targets, and nobody has chosen yet",
    "dangling": "have lost their target: it is missing from the page",
    "outside": "lead to a cell or document that is not in the graph",
}


class Finding(NamedTuple):
    """A finding as the page shows it."""

    name: str
    address: str
    statement: str
    place: str
    page: str
    text: str
    notes: list[str]


class Rule(NamedTuple):
    """The findings of one rule; `total` counts those that are left out, too."""

    name: str
    severity: str
    problem: str
    solution: str
    findings: list[Finding]
    total: int


def links(site: Site, chosen: Parameters) -> Page:
    """Show references by resolution, then the findings of shapes and checks; ``?resolution=`` lists references."""
    reader = site.reader
    resolutions: Counter[str] = Counter()
    for kind in _RESOLUTIONS:
        resolutions[kind] = len(reader.subjects("evg:resolution", f"{ID}scheme/resolution/{kind}"))
    wanted = next(iter(chosen.get("resolution", ())), "")
    view, problem = _report(site)
    groups = view.groups() if view else []
    return site.page(
        "links",
        title="State of the links",
        address="/links" + (f"?resolution={wanted}" if wanted in _RESOLUTIONS else ""),
        resolutions=[(kind, count, _RESOLUTIONS[kind]) for kind, count in resolutions.items()],
        unsettled=_unsettled(site),
        rules=[_rule(view, group) for group in groups] if view else [],
        by_cell=_by_cell(view) if view else [],
        summary=view.summary() if view else "",
        not_checked=view.not_checked() if view else [],
        notices=view.notices() if view else [],
        problem=problem,
        most=_MOST,
    )


def _unsettled(site: Site) -> Table | None:
    """Return the references that a person should look at, with their candidates."""
    question = Catalogue()["unsettled-references"]
    answer = runner.run(site.store, question)
    if not isinstance(answer, Rows):
        return None
    return table(site, with_passages(site.store, answer, question.evidence, site.passages), size=200)


def _report(site: Site) -> tuple[ReportView | None, str]:
    """Validate the data, once for each worker; return why not where that is not possible."""

    def compute() -> tuple[ReportView | None, str]:
        if len(site.store) > _MOST_TRIPLES:
            return None, "the graph is too large to be checked for a page"
        today = _day(site)
        pages = Pages(Path(site.options.pages)) if site.options.pages else None
        checks = our_checks(present=today.year, pages=pages)
        try:
            shapes = our_shapes()
            longest = None if site.options.is_static else _SECONDS
            done = Validation(site.origin, shapes, checks, today, longest=longest).run()
        except EvgraphError as error:
            return None, error.message
        known = {rule.name: rule for rule in rules(shapes, checks)}
        return ReportView(done.report, today, done.places, done.pages, rules=known, folder=_folder(site)), ""

    return site.store.recall("the state of the links", compute)


def _day(site: Site) -> datetime.date:
    """Return the day of a check: of the newest page where there is no server, so that the same data gives the same."""
    if not site.options.is_static:
        return datetime.datetime.now(datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(site.newest)
    except ValueError:  # No page has a date: no year is in the future.
        return datetime.date.max


def _folder(site: Site) -> Path:
    """Return the folder below which files of data are named; others learn no path of the operator's machine."""
    if not site.options.is_static:
        return Path.cwd()
    path = Path(*site.origin.paths[:1] or [shipped_files.data().parent]).absolute()
    return path if path.is_dir() else path.parent


def _rule(view: ReportView, group: Group) -> Rule:
    problem, solution = group.parts(group.findings[0])
    return Rule(
        group.name,
        group.severity.word,
        problem,
        solution,
        [_finding(view, finding) for finding in group.findings[:_MOST]],
        len(group.findings),
    )


def _finding(view: ReportView, finding) -> Finding:  # type: ignore[no-untyped-def]
    focus: NamedNode = finding.focus
    location = view.file_location(finding)
    page, text = view.page(finding)
    return Finding(
        thing(finding),
        href(focus.value) if hasattr(focus, "value") else "",
        finding.triple if finding.path is not None else "",
        f"{view.local(location.path)}:{location.line}:{location.column}" if location else "",
        page,
        text,
        view.notes(finding),
    )


def _by_cell(view: ReportView) -> list[tuple[str, str, int]]:
    """Count the findings that go back to a page: name and address of the cell, number."""
    found: Sequence[tuple[str, list[object]]] = view.worklist()  # type: ignore[assignment]
    return [(square_name(cell), f"/cell/{cell}", len(rows)) for cell, rows in found]
