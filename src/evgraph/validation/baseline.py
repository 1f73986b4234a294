"""The baseline of a validation: the same data as it was at a revision of git, and which findings are new since then.

The states have the names that SARIF gives them: a finding is new, unchanged or absent (here: gone).
https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html#_Toc141790915
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import UsageError
from evgraph.rdf.revision import files_at
from evgraph.validation import notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.findings import Finding, Notice
    from evgraph.validation.report import Report

_HINT = "name files or folders in a git work tree"


class Baseline(NamedTuple):
    """Data as it was at a revision."""

    revision: str  # As the user named it.
    files: dict[str, list[DataFile]]  # Path as the user named it → the RDF files below it, called ``REVISION:NAME``.
    skipped: list[Notice]  # One for each kind of file that was there and could not be read.
    names: dict[str, str]  # ``REVISION:NAME`` → path of the same file today.


def read_baseline(revision: str, paths: Sequence[str | Path]) -> Baseline:
    """Read files and folders as they were at a revision.

    A path that did not exist at that revision has no files. Raise UsageError if the data is not in files, git is
    missing, a path is in no work tree, or there is no such revision: https://git-scm.com/docs/gitrevisions
    """
    if not paths or "-" in map(str, paths):
        raise UsageError("only files in a git work tree can be compared with a revision", hint=_HINT)
    baseline = Baseline(revision, {}, [], {})
    for path in map(Path, paths):
        files = files_at(revision, path, _HINT)
        baseline.files[str(path)] = [file for file, _ in files if file is not None]
        today = {inner: path / inner if inner != Path() else path for _, inner in files}
        baseline.names.update((file.path, str(today[inner])) for file, inner in files if file is not None)
        baseline.skipped.extend(notices.skipped_in(path, [today[inner] for file, inner in files if file is None]))
    return baseline


def compare(report: Report, before: Sequence[Finding], baseline: Baseline) -> Report:
    """Return a report with its findings divided into new and unchanged ones, and with those that are gone.

    `before` are the findings of the data as it was, with the same shapes, checks and waivers.
    """
    new, unchanged = _divide(report.findings, before, baseline)
    gone, _ = _divide(before, report.findings, baseline)
    return replace(report, findings=tuple(new), since=baseline.revision, unchanged=tuple(unchanged), gone=tuple(gone))


def _divide(
    findings: Iterable[Finding], others: Iterable[Finding], baseline: Baseline
) -> tuple[list[Finding], list[Finding]]:
    """Divide findings into those that are not among the others and those that are, each as often as it is there."""
    known = Counter(_identity(finding, baseline) for finding in others)
    missing: list[Finding] = []
    same: list[Finding] = []
    for finding in findings:
        identity = _identity(finding, baseline)
        (same if known[identity] > 0 else missing).append(finding)
        known[identity] -= 1
    return missing, same


def _identity(finding: Finding, baseline: Baseline) -> tuple[object, ...]:
    """Return what makes two findings the same: neither line nor message, nor the label of a blank node."""
    focus, value = (None if isinstance(term, ox.BlankNode) else term for term in (finding.focus, finding.value))
    name = baseline.names.get(getattr(focus, "value", ""))  # Of a file, which some findings are about.
    return finding.rule, ox.Literal(name) if name else focus, finding.path, value, finding.component
