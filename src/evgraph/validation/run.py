"""A validation from beginning to end: data, shapes, checks and waivers to findings and their locations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph import shipped_files
from evgraph.errors import Hint, NothingCheckedError, UsageError
from evgraph.namespaces import EVG
from evgraph.rdf.files import find, find_each
from evgraph.shacl.shapes_graph import plain
from evgraph.store.protocol import select_for
from evgraph.validation import causes, notices, waivers
from evgraph.validation.checks import rules as all_rules
from evgraph.validation.checks import unchecked
from evgraph.validation.fixes import plan as fixing
from evgraph.validation.locations import page_lines
from evgraph.validation.report import Candidate, Report
from evgraph.validation.source import StoreSource
from evgraph.validation.validate import Engine, load, validate, validate_files

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.store.opening import Origin
    from evgraph.validation.baseline import Baseline
    from evgraph.validation.causes import Cause
    from evgraph.validation.check import Check
    from evgraph.validation.fixes.plan import Plan
    from evgraph.validation.locations import PageLine
    from evgraph.validation.source import Source
    from evgraph.validation.waivers import Waiver

LONGEST = 600.0
"""Seconds for queries, and for pySHACL, unless the user says otherwise."""


class Validated(NamedTuple):
    """The result of a validation.

    Attributes:
        report: the findings and the notices.
        places: the places of findings: in a file, or in a graph of a store.
        pages: the lines of source pages that findings go back to.
        files: the files that were validated; none where the data is in a store.
        causes: findings that explain others; in `Validation.run`, they have taken their place already.

    """

    report: Report
    places: Mapping[Finding, Place]
    pages: Mapping[Finding, PageLine]
    files: Sequence[DataFile] = ()
    causes: Sequence[Cause] = ()


class Validation(NamedTuple):
    """What is validated, and how.

    Attributes:
        origin: the data: files, a store on disk, or a server.
        shapes: SHACL shapes, such as `evgraph.validation.validate.our_shapes`.
        checks: such as `evgraph.validation.checks.our_checks`.
        today: a waiver is valid up to its last day.
        engine: who validates by the shapes.
        since: a revision of git; findings that were there then do not count.
        strict: whether notices are findings.
        accepted: the waivers.
        longest: seconds for queries in this process, and as many for pySHACL; None for no limit.

    """

    origin: Origin
    shapes: Sequence[DataFile]
    checks: Sequence[Check]
    today: datetime.date
    engine: Engine = "auto"
    since: str | None = None
    strict: bool = False
    accepted: Sequence[Waiver] = ()
    longest: float | None = LONGEST

    def run(self) -> Validated:
        """Validate the data.

        Raises:
            UsageError: a store is to be validated by pySHACL.
            UnreadableError: a file is not well-formed, or the shapes are not usable.
            NothingCheckedError: nothing was checked.
            EndpointError: a server failed.
            LimitReachedError: a server cut its answers, or queries or pySHACL took too long.

        """
        if self.since is None:
            return _folded(self._state())
        from evgraph.validation.baseline import compare, read_baseline

        baseline = read_baseline(self.since, paths_of(self.origin))
        today = self._state()
        try:
            before = self._state(baseline)
        except NothingCheckedError:  # Then there was no data yet.
            before = Validated(Report((), (), (), 0), {}, {})
        report = compare(today.report, before.report.findings, baseline)
        found = [*today.causes, *before.causes]
        return _folded(today._replace(report=report, places={**before.places, **today.places}, causes=found))

    def _state(self, baseline: Baseline | None = None) -> Validated:
        """Validate the data as it is, or as it was."""
        paths = paths_of(self.origin)
        files_of = baseline.files if baseline else dict(zip(map(str, paths), find_each(paths), strict=True))
        source = load([file for files in files_of.values() for file in files], self.shapes) if paths else self._store()
        report = validate(
            source,
            self.shapes,
            engine=self.engine,
            checks=self.checks,
            paths=files_of,
            longest=self.longest,
        )
        report = notices.also(report, baseline.skipped if baseline else notices.skipped(paths))
        if self.strict:
            report = notices.strict(report)
        report = replace(report, candidates=_candidates(report.findings, source))
        places, lines = source.locate(report.findings), page_lines(report.findings, source.store)
        places = {**places, **notices.places(report.findings, source.files, self.shapes)}
        found = self._causes(report, source)
        places = {**places, **causes.places(found, source)}
        return self._without_accepted(Validated(report, places, lines, source.files, found))

    def fix(self, *, write: bool) -> tuple[Plan, str, list[Finding]]:
        """Fix the findings that have one safe fix, in files.

        Args:
            write: whether to change the files.

        Returns:
            The plan, its changes as a unified diff, and the findings that have no fix, as `run` gives them.

        Raises:
            UsageError: the data is not in files.

        """
        if not self.origin.paths or "-" in self.origin.paths:
            raise UsageError("only files can be fixed", hint=Hint.NAME_FILES)

        def validate_again(files: Sequence[DataFile]) -> Report:
            report = validate_files(files, self.shapes, engine=self.engine, checks=self.checks, longest=self.longest)
            return notices.strict(report)

        data = find(self.origin.paths)
        source = load(data, self.shapes)
        before = validate(source, self.shapes, engine=self.engine, checks=self.checks, longest=self.longest)
        report = notices.strict(before)
        waived = {finding for finding, _ in waivers.apply(report.findings, self.accepted, today=self.today).waived}
        findings = [finding for finding in report.findings if finding not in waived]
        plan = fixing.plan(findings, report, data, validate_again)
        if write:
            fixing.write(plan.files)
        dealt_with = {*plan.fixed, *plan.held_back, *waived}
        remaining, _ = causes.fold(
            (finding for finding in before.findings if finding not in dealt_with), self._causes(before, source)
        )
        return plan, fixing.diff(plan.files), remaining

    def _causes(self, report: Report, source: Source) -> list[Cause]:
        """Return what explains several findings, where evgraph's own checks are used."""
        rule = next((check.rule for check in self.checks if check.name == causes.UNDESCRIBED), None)
        return causes.causes(report.findings, source, rule) if rule and report.findings else []

    def _store(self) -> Source:
        from evgraph.store.opening import open_store

        if self.engine == "pyshacl":
            raise UsageError("pySHACL validates files only", hint=Hint.EXPORT_AND_NAME_FILE)
        return StoreSource(open_store(self.origin))

    def _without_accepted(self, validated: Validated) -> Validated:
        """Separate the waived findings, and check the waivers."""
        if not self.accepted:
            return validated
        known = dict.fromkeys(validated.report.findings)
        leads = [cause.lead for cause in validated.causes if cause.lead not in known]
        applied = waivers.apply(
            [*known, *leads],
            self.accepted,
            today=self.today,
            places=validated.places,
            is_unchecked=unchecked(self.shapes, self.checks, strict=self.strict),
            rule_names=lambda: [rule.name for rule in all_rules(self.shapes, self.checks)],
        )
        waived = {finding for finding, _ in applied.waived}
        explained = {member for cause in validated.causes if cause.lead in waived for member in cause.members}
        findings = [finding for finding in applied.findings if finding not in explained and finding not in leads]
        accepted = tuple(waiver for waiver in applied.waived if waiver.finding not in explained)
        report = replace(validated.report, findings=tuple(findings), waived=accepted)
        found = [*validated.causes, *(causes.Cause(first, [expired]) for expired, first in applied.again.items())]
        return validated._replace(report=report, places={**validated.places, **applied.locations}, causes=found)


def _candidates(findings: Sequence[Finding], source: Source) -> Mapping[Finding, Sequence[Candidate]]:
    """Return the candidates of ambiguous references, sorted by IRI."""
    ambiguous = {finding.focus: finding for finding in findings if finding.rule == "ambiguous-reference"}
    query = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?s {{}} ?s <{EVG}candidate> ?o }}"
    rows = [(node, thing) for node, thing in select_for(source.store, query, ambiguous) if isinstance(thing, NamedNode)]
    titles = source.labels({thing for _, thing in rows})
    found: dict[Finding, list[Candidate]] = {}
    for node, thing in sorted(rows, key=str):
        found.setdefault(ambiguous[node], []).append(Candidate(thing, plain(titles.get(thing, ()))))
    return found


def _folded(validated: Validated) -> Validated:
    """Return findings with each cause in place of what it explains."""
    report = validated.report
    findings, related = causes.fold(report.findings, validated.causes)
    unchanged, of_unchanged = causes.fold(report.unchanged, validated.causes)
    gone, of_gone = causes.fold(report.gone, validated.causes)
    related = {**of_gone, **of_unchanged, **related}
    report = replace(report, findings=findings, unchanged=unchanged, gone=gone, related=related)
    return validated._replace(report=report)


def paths_of(origin: Origin) -> Sequence[str | Path]:
    """Return the files and folders with the data: the shipped graph's by default, none where it is in a store."""
    if origin.directory is not None or origin.endpoint is not None:
        return ()
    return origin.paths or (shipped_files.data(),)
