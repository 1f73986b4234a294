"""A validation's report in each of `evgraph.formats.FINDING_FORMATS`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from evgraph.render.findings.account import Account, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_A_YEAR = timedelta(days=365)  # A waiver is given no longer than that unasked.

__all__ = ["Account", "one_line", "waivers"]


def waivers(account: Account) -> Iterator[str]:
    """Write a waiver for each finding; see `evgraph.render.waivers`."""
    from evgraph.render.waivers import toml

    yield toml(account.report.findings, account.today + _A_YEAR)
