"""What ``evgraph validate`` judges: files, a store or a server; all of it, or what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from evgraph.integrity.affected import Changes
    from evgraph.integrity.check import Check
    from evgraph.integrity.findings import Finding, Report
    from evgraph.integrity.locate import PageLine, Place
    from evgraph.store.files import DataFile
    from evgraph.store.opening import Origin

    Judged = tuple[Report, Mapping[Finding, Place], Mapping[Finding, PageLine]]


def change_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say what has changed."""
    since = click.option(
        "--since", metavar="REV",
        help="Judge only what has changed since this revision of git, and all that this can break.",
    )  # fmt: skip
    changed = click.option(
        "--changed", multiple=True, metavar="FILE",
        help="Judge only what this file describes, and all that this can break; may repeat.",
    )  # fmt: skip
    return since(changed(command))


def changes_of(
    since: str | None, changed: Sequence[str], origin: Origin, given: Sequence[str | Path]
) -> Changes | None:
    """Find out what has changed, as far as it was asked for.

    Raises:
        UsageError: a store is to be compared with a revision; or see `evgraph.integrity.changed`.
        UnreadableError: a file is missing or not well-formed.

    """
    from evgraph.integrity import changed as changing
    from evgraph.integrity.affected import Changes

    if since is None and not changed:
        return None
    if since is not None and (origin.directory or origin.endpoint):
        raise UsageError(
            "--since compares files with a revision", way_out="of a store, say what changed: --changed FILE"
        )
    found = Changes()
    if since is not None:
        found = changing.since(since, given)
    if changed:
        more = changing.in_files(changed)
        found = Changes(found.triples | more.triples, found.wholes | more.wholes)
    return found


def nothing_changed(since: str | None) -> Report:
    """Give the report on no change at all."""
    from evgraph.integrity.findings import Notice, Report

    what = f"nothing has changed since {since}" if since else "the changed files describe nothing"
    return Report((), (Notice("changed", "", f"{what}, so nothing was judged"),), (), 0)


def judge_there(
    origin: Origin, rules: Sequence[DataFile], checks: Sequence[Check], changes: Changes | None, engine: str
) -> Judged:
    """Judge what is in a store or on a server, and find the graph and the page's line of each finding.

    Raises:
        UsageError: pySHACL is to judge.

    """
    from evgraph.integrity.remote import judge_store, page_lines, places
    from evgraph.store.opening import open_store

    if engine == "pyshacl":
        raise UsageError(
            "pySHACL judges files only", way_out="leave --engine out, or export the data and name the file"
        )
    store = open_store(origin)
    report = judge_store(store, rules, checks=checks, changes=changes)
    return report, places(report.findings, store), page_lines(report.findings, store)
