"""The formats of a validation's report: one table for ``--format`` and for the endings of files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from evgraph.render.findings.account import Account, one_line
from evgraph.render.findings.csv import csv, spreadsheet
from evgraph.render.findings.github import github
from evgraph.render.findings.html import html
from evgraph.render.findings.json import json
from evgraph.render.findings.junit import junit
from evgraph.render.findings.sarif import sarif
from evgraph.render.findings.text import text
from evgraph.render.findings.turtle import turtle
from evgraph.render.waivers import toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_A_YEAR = timedelta(days=365)  # A waiver is given no longer than that unasked.

__all__ = ["FINDING_FORMATS", "Account", "FindingFormat", "format_of_file", "one_line", "text"]


class FindingFormat(NamedTuple):
    """A way to write a validation's report.

    Attributes:
        name: what ``--format`` takes.
        media_type: as registered with IANA, where it is.
        suffixes: of files, with the dot, the usual one first; none where another format has them.
        write: account → pieces of text.
        most: how many findings of a rule are shown unless told otherwise; None for programs, which get all.

    """

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    write: Callable[[Account], Iterator[str]]
    most: int | None = None


def _waivers(account: Account) -> Iterator[str]:
    yield toml(account.report.findings, account.today + _A_YEAR)


FINDING_FORMATS: dict[str, FindingFormat] = {
    one.name: one
    for one in (
        FindingFormat("text", "text/plain", (".txt",), text, most=20),
        FindingFormat("html", "text/html", (".html", ".htm"), html, most=1000),
        FindingFormat("json", "application/json", (".json",), json),
        FindingFormat("csv", "text/csv", (".csv",), csv),
        FindingFormat("spreadsheet", "text/csv", (), spreadsheet),
        FindingFormat("turtle", "text/turtle", (".ttl",), turtle),
        FindingFormat("sarif", "application/sarif+json", (".sarif", ".sarif.json"), sarif),
        FindingFormat("junit", "application/xml", (".xml",), junit),
        FindingFormat("github", "text/plain", (), github),
        FindingFormat("waivers", "application/toml", (".toml",), _waivers),
    )
}
"""Name → format of a validation's report."""


def format_of_file(name: str) -> FindingFormat | None:
    """Find the format that a file's name ends in, the longest ending first; None where it names none."""
    endings = {suffix: one for one in FINDING_FORMATS.values() for suffix in one.suffixes}
    fitting = [suffix for suffix in endings if name.lower().endswith(suffix)]
    return endings[max(fitting, key=len)] if fitting else None
