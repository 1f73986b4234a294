"""A validation from beginning to end: what is judged, by what, what somebody accepts, and where each finding stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from evgraph import shipped_files
from evgraph.errors import Hint, NothingCheckedError, UsageError
from evgraph.rdf.files import find, find_each
from evgraph.validation import notices, waivers
from evgraph.validation.baseline import compare, read_baseline
from evgraph.validation.fixes import plan as fixing
from evgraph.validation.locations import locate, page_lines
from evgraph.validation.report import Report
from evgraph.validation.rules import rules as all_rules
from evgraph.validation.rules import unchecked
from evgraph.validation.validate import judge

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.store.opening import Origin
    from evgraph.validation.baseline import Baseline
    from evgraph.validation.check import Check
    from evgraph.validation.fixes.plan import Plan
    from evgraph.validation.locations import PageLine
    from evgraph.validation.waivers import Waiver

Engine: TypeAlias = Literal["auto", "pyshacl"]
"""Who judges: the shapes as SPARQL, with pySHACL for what that cannot say, or pySHACL alone."""


LONGEST = 600.0
"""Seconds for what pySHACL judges, unless told otherwise: ample for a hundred thousand triples."""


@dataclass(frozen=True, slots=True)
class Validated:
    """What a validation found.

    Attributes:
        report: the findings and the notices.
        places: where findings stand: in a file, or in a graph of a store.
        pages: where on a page the things at fault were read.
        files: the files that were judged; none where it was a store.

    """

    report: Report
    places: Mapping[Finding, Place]
    pages: Mapping[Finding, PageLine]
    files: Sequence[DataFile] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What is judged, and how.

    Attributes:
        origin: the data: files, a store on disk, or a server.
        shapes: SHACL shapes, such as `evgraph.validation.validate.our_shapes`.
        checks: such as `evgraph.validation.checks.our_checks`.
        engine: who judges.
        since: a revision of git: only findings that are new since then count.
        strict: whether notices are findings.
        accepted: the waivers.
        longest: seconds for what pySHACL judges; None for no limit.
        today: a waiver holds on its last day.

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
        """Judge.

        Raises:
            UsageError: pySHACL is to judge a store.
            UnreadableError: a file is not well-formed, or nobody can work with the shapes.
            NothingCheckedError: nothing was judged.
            EndpointError, LimitReachedError: a server failed, or cut its answers.
            LimitReachedError: pySHACL took longer than it may.

        """
        baseline = None if self.since is None else read_baseline(self.since, paths_of(self.origin))
        validated = self._without_accepted(self._of_files() if paths_of(self.origin) else self._of_store())
        return self._compared(validated, baseline) if baseline else validated

    def fix(self, *, write: bool) -> tuple[Plan, str]:
        """Fix what has exactly one safe fix.

        Args:
            write: whether to change the files.

        Returns:
            The plan and its changes as a unified diff.

        Raises:
            UsageError: the data is not in files.

        """
        if not self.origin.paths or "-" in self.origin.paths:
            raise UsageError("only files can be fixed", hint=Hint.NAME_FILES)

        def judged(files: Sequence[DataFile]) -> Report:
            report = judge(files, self.shapes, engine=self.engine, checks=self.checks, longest=self.longest)
            return notices.strict(report)

        data = find(self.origin.paths)
        report = judged(data)
        waived = {one.finding for one in waivers.apply(report.findings, self.accepted, today=self.today).waived}
        plan = fixing.plan([one for one in report.findings if one not in waived], report, data, judged)
        if write:
            fixing.write(plan.files)
        return plan, fixing.diff(plan.files)

    def _compared(self, validated: Validated, baseline: Baseline) -> Validated:
        """Validate the data as it was at a revision, too, and compare the findings."""
        try:
            before = self._without_accepted(self._of_files(baseline))
        except NothingCheckedError:  # Then there was no data yet.
            before = Validated(Report((), (), (), 0), {}, {})
        report = compare(validated.report, before.report.findings, baseline)
        return replace(validated, report=report, places={**before.places, **validated.places})

    def _of_files(self, baseline: Baseline | None = None) -> Validated:
        paths = paths_of(self.origin)
        named = baseline.files if baseline else dict(zip(map(str, paths), find_each(paths), strict=True))
        files = [file for some in named.values() for file in some]
        report = judge(
            files,
            self.shapes,
            engine=self.engine,
            checks=self.checks,
            named=named,
            longest=self.longest,
        )
        report = notices.also(report, baseline.skipped if baseline else notices.skipped(paths))
        report = notices.strict(report) if self.strict else report
        places = dict(locate(report.findings, files))
        if self.strict:
            places |= notices.places(report.findings, files, self.shapes)
        return Validated(report, places, page_lines(report.findings, files), files)

    def _of_store(self) -> Validated:
        from evgraph.store.opening import open_store
        from evgraph.validation.remote import judge_store
        from evgraph.validation.remote import page_lines as lines_in_store
        from evgraph.validation.remote import places as places_in_store

        if self.engine == "pyshacl":
            raise UsageError("pySHACL validates files only", hint=Hint.EXPORT_AND_NAME_FILE)
        store = open_store(self.origin)
        report = judge_store(store, self.shapes, checks=self.checks)
        places, lines = dict(places_in_store(report.findings, store)), lines_in_store(report.findings, store)
        if self.strict:
            report = notices.strict(report)
            places |= notices.places(report.findings, (), self.shapes)
        return Validated(report, places, lines)

    def _without_accepted(self, validated: Validated) -> Validated:
        """Set the findings apart that somebody accepts, and judge the waivers."""
        if not self.accepted:
            return validated
        applied = waivers.apply(
            validated.report.findings,
            self.accepted,
            today=self.today,
            is_unchecked=unchecked(self.shapes, self.checks, strict=self.strict),
            rule_names=lambda: [rule.name for rule in all_rules(self.shapes, self.checks)],
        )
        report = replace(validated.report, findings=applied.findings, waived=applied.waived)
        return replace(validated, report=report, places={**validated.places, **applied.locations})


def paths_of(origin: Origin) -> Sequence[str | Path]:
    """Give the files and folders that data comes from: the shipped graph's where nothing is named, none of a store."""
    if origin.directory is not None or origin.endpoint is not None:
        return ()
    return origin.paths or (shipped_files.data(),)
