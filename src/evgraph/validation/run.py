"""A validation from beginning to end: what is judged, by what, what somebody accepts, and where each finding stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from evgraph import shipped_files
from evgraph.errors import Hint, UsageError
from evgraph.rdf.files import find, find_each
from evgraph.validation import notices, waivers
from evgraph.validation.fixes import changed_files as mended
from evgraph.validation.fixes import plan as mending
from evgraph.validation.locations import locate, page_lines
from evgraph.validation.rules import left_out
from evgraph.validation.rules import rules as all_rules
from evgraph.validation.validate import judge

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.store.opening import Origin
    from evgraph.validation.check import Check
    from evgraph.validation.fixes.plan import Plan
    from evgraph.validation.locations import PageLine
    from evgraph.validation.report import Report
    from evgraph.validation.waiver import Waiver

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
        since: a revision of git to compare with: its findings are no findings any more.
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
        return self._without_accepted(self._of_files() if paths_of(self.origin) else self._of_store())

    def mend(self, *, write: bool) -> tuple[Plan, str]:
        """Mend what has one safe answer, in files.

        Args:
            write: whether to change the files.

        Returns:
            What was done, or would be, and the difference that it makes.

        Raises:
            UsageError: it is no file that is judged, or not the whole of each.

        """
        if not self.origin.paths or "-" in self.origin.paths:
            raise UsageError("only files can be fixed", hint=Hint.NAME_FILES)

        def judged(files: Sequence[DataFile]) -> Report:
            report = judge(files, self.shapes, engine=self.engine, checks=self.checks, longest=self.longest)
            return notices.strict(report)

        data = find(self.origin.paths)
        report = judged(data)
        waived = {one.finding for one in waivers.applied(report, self.accepted, today=self.today)[0].waived}
        plan = mending.plan([one for one in report.findings if one not in waived], report, data, judged)
        if write:
            mended.write(plan.files)
        return plan, mended.diff(plan.files)

    def _of_files(self) -> Validated:
        paths = paths_of(self.origin)
        named = dict(zip(map(str, paths), find_each(paths), strict=True))
        files = [file for some in named.values() for file in some]
        report = judge(
            files,
            self.shapes,
            engine=self.engine,
            checks=self.checks,
            named=named,
            longest=self.longest,
        )
        report = notices.also(report, notices.skipped(paths))
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
        report, of_waivers = waivers.applied(
            validated.report,
            self.accepted,
            today=self.today,
            left_out=left_out(self.shapes, self.checks, strict=self.strict),
            known=lambda: [rule.name for rule in all_rules(self.shapes, self.checks)],
        )
        return replace(validated, report=report, places={**validated.places, **of_waivers})


def paths_of(origin: Origin) -> Sequence[str | Path]:
    """Give the files and folders that data comes from: the shipped graph's where nothing is named, none of a store."""
    if origin.directory is not None or origin.endpoint is not None:
        return ()
    return origin.paths or (shipped_files.data(),)
