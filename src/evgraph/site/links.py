"""The state of the links: where references lead, what the checks find, what is new since an earlier version."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph import shipped_files
from evgraph.errors import EvgraphError
from evgraph.namespaces import scheme
from evgraph.render.findings.view import ReportView, thing
from evgraph.site.addresses import href, square_name
from evgraph.site.numbers import unsettled
from evgraph.site.paging import address_with, part_of
from evgraph.site.references import End, Placed, References, Sentence
from evgraph.store.opening import Origin
from evgraph.validation.baseline import Baseline, compare
from evgraph.validation.checks import our_checks, rules
from evgraph.validation.checks_in_code import Pages
from evgraph.validation.run import Validation
from evgraph.validation.validate import our_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.shacl.findings import Finding
    from evgraph.site.page import Page, Parameters, Site
    from evgraph.site.paging import Part

_MOST_TRIPLES = 200_000  # Checking more takes longer than a page may.
_MOST = 50  # Findings of one rule.
_SECONDS = 25.0
_RESOLUTIONS = {
    "resolved": "lead to a target in the graph",
    "ambiguous": "fit several targets, and nobody has chosen yet",
    "dangling": "have lost their target: it is missing from the page",
    "outside": "lead to a cell or document that is not in the graph",
}
_EARLIER = "the earlier version"


class Shown(NamedTuple):
    """A finding as the page shows it.

    Attributes:
        name: of the thing, or what it is.
        address: of its page; empty where there is none.
        statement: the triple.
        place: in the data: file, line and column.
        page: the line of the source page, in words, with its address.
        text: of that line, where it is at hand.
        candidates: the possible targets of an ambiguous reference: name and address of each.
        note: what else it explains.

    """

    name: str
    address: str
    statement: str
    place: str
    page: tuple[str, str]
    text: str
    candidates: list[tuple[str, str]]
    note: str


class Rule(NamedTuple):
    """The findings of one rule; `total` counts those that are left out, too."""

    name: str
    severity: str
    problem: str
    solution: str
    findings: list[Shown]
    total: int


class State(NamedTuple):
    """What the checks find, and since an earlier version what is new and gone; or the problem why not."""

    view: ReportView | None = None
    since: ReportView | None = None
    problem: str = ""


def links(site: Site, chosen: Parameters) -> Page:
    """Show references by resolution, then the findings of shapes and checks; ``?resolution=`` lists references."""
    wanted = next(iter(chosen.get("resolution", ())), "")
    wanted = wanted if wanted in _RESOLUTIONS else ""
    state = site.store.recall("the state of the links", lambda: _state(site))
    view, since = state.view, state.since
    references = References(site, "", Placed({}, {}))
    return site.page(
        "links",
        title="State of the links",
        behind="unsettled-references",
        address=address_with("/links", {"resolution": wanted}),
        resolutions=[(kind, len(_of(site, kind)), meaning) for kind, meaning in _RESOLUTIONS.items()],
        wanted=wanted,
        part=_part(site, chosen, wanted, references),
        has_text=references.sources.has_text,
        rules=_rules(site, view, view.report.findings) if view else [],
        by_cell=_by_cell(view) if view else [],
        summary=view.summary() if view else "",
        not_checked=view.not_checked() if view else [],
        notices=view.notices() if view else [],
        problem=state.problem,
        new=_rules(site, since, since.report.findings) if since else [],
        gone=_rules(site, since, since.report.gone) if since else [],
        since=since.since_summary() if since else "",
        most=_MOST,
    )


def _of(site: Site, resolution: str) -> list[str]:
    return site.reader.subjects("evg:resolution", scheme("resolution", resolution))


def _part(site: Site, chosen: Parameters, wanted: str, references: References) -> Part[tuple[End, Sentence]]:
    """Return the references of a resolution, or else those that a person should look at, as sentences."""
    found = _of(site, wanted) if wanted else unsettled(site)

    def sentence(reference: str) -> tuple[End, Sentence]:
        source = site.reader.value(reference, "evg:source")
        end, made = references.end(source, ""), references.sentence(reference, source)
        verb = "offers a search" if made.verb == "Search" else made.verb[:1].lower() + made.verb[1:]
        ends = tuple(other._replace(place="") if other.place == end.place else other for other in made.ends)
        return end, made._replace(verb=verb, ends=ends, answer=None)

    return part_of(found, address_with("/links", {"resolution": wanted}), chosen).map(sentence)


def _state(site: Site) -> State:
    """Validate the data, once for each worker, and the earlier version, if there is one."""
    if len(site.store) > _MOST_TRIPLES:
        return State(problem="the graph is too large to be checked for a page")
    today = _day(site)
    checks = our_checks(present=today.year, pages=Pages(Path(site.options.pages)) if site.options.pages else None)
    try:
        shapes = our_shapes()
        longest = None if site.options.is_static else _SECONDS
        done = Validation(site.origin, shapes, checks, today, longest=longest).run()
        known = {rule.name: rule for rule in rules(shapes, checks)}
        view = ReportView(done.report, today, done.places, done.pages, rules=known, folder=_folder(site))
        if not site.options.earlier:
            return State(view)
        origin = Origin((site.options.earlier,))
        before = Validation(origin, shapes, checks, today, longest=longest).run()
    except EvgraphError as error:
        return State(problem=error.message)
    report = compare(done.report, before.report.findings, Baseline(_EARLIER, {}, [], {}))
    places, pages = {**before.places, **done.places}, {**before.pages, **done.pages}
    return State(view, ReportView(report, today, places, pages, rules=known, folder=_folder(site)))


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


def _rules(site: Site, view: ReportView, findings: Iterable[Finding]) -> list[Rule]:
    return [
        Rule(
            group.name,
            group.severity.word,
            *group.parts(group.findings[0]),
            [_shown(site, view, finding) for finding in group.findings[:_MOST]],
            len(group.findings),
        )
        for group in view.groups(findings)
    ]


def _shown(site: Site, view: ReportView, finding: Finding) -> Shown:
    focus, location, page = finding.focus, view.file_location(finding), view.pages.get(finding)
    iri = focus.value if isinstance(focus, NamedNode) and site.reader.knows(focus.value) else ""
    candidates = (term.value for term, _ in view.report.candidates.get(finding, ()) if isinstance(term, NamedNode))
    return Shown(
        site.reader.label(iri) if iri else thing(finding),
        site.reader.leads(iri) if iri else "",
        finding.triple if finding.path is not None else "",
        f"{_file(site, view, location.path)}:{location.line}:{location.column}" if location else "",
        (f"{square_name(page.cell)}, line {page.line}", href(page.passage)) if page else ("", ""),
        view.page(finding)[1],
        [(site.reader.label(candidate), site.reader.leads(candidate)) for candidate in candidates],
        view.explained(finding),
    )


def _file(site: Site, view: ReportView, path: str) -> str:
    """Return the path of a file below the working directory, or else below the folder of its version of the graph."""
    local, whole = view.local(path), Path(path).absolute()
    if not Path(local).is_absolute():
        return local
    folders = (Path(data).absolute().parent for data in (*site.origin.paths, site.options.earlier) if data)
    return next(
        (whole.relative_to(folder).as_posix() for folder in folders if whole.is_relative_to(folder)), whole.name
    )


def _by_cell(view: ReportView) -> list[tuple[str, str, int]]:
    """Count the findings that go back to a page: name and address of the cell, number."""
    return [(square_name(cell), f"/cell/{cell}", len(rows)) for cell, rows in view.worklist()]
