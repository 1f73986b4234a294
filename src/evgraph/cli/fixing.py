"""What ``evgraph validate --fix`` says and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from evgraph.integrity.findings import Report
    from evgraph.integrity.mending import Plan
    from evgraph.store.files import DataFile


def check(paths: Sequence[str | Path], *, fix: bool, write: bool) -> None:
    """Refuse what makes no sense together.

    Raises:
        UsageError: it does not.

    """
    if write and not fix:
        raise UsageError("--write is of use to --fix only", way_out="add --fix, or leave --write out")
    if fix and (not paths or "-" in paths):
        raise UsageError("--fix mends files", way_out="name the files or folders to mend")


def mend(
    data: Sequence[DataFile], judge: Callable[[Sequence[DataFile]], Report], accepted: Iterable[object], *, write: bool
) -> tuple[Plan, str]:
    """Mend what has one safe answer.

    Args:
        data: the files.
        judge: judges such files; notices are findings.
        accepted: the findings that are waived.
        write: whether to change the files.

    Returns:
        What was done, or would be, and the difference that it makes.

    """
    from evgraph.integrity import mended, mending

    report = judge(data)
    waived = set(accepted)
    plan = mending.plan([one for one in report.findings if one not in waived], report, data, judge)
    if write:
        mended.write(plan.files)
    said = f"{_counted(len(plan.fixed), 'finding')} in {_counted(len(plan.files), 'file')}"
    click.echo(f"evgraph: {'mended' if write else 'can mend'} {said}", err=True)
    for finding, why in plan.held_back.items():
        click.echo(f"evgraph: left {finding.rule} ({finding.triple}) alone: {why}", err=True)
    if plan.files and not write:
        click.echo("  say --fix --write to change the files", err=True)
    return plan, mended.diff(plan.files)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
