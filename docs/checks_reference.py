"""The page of what is checked of the graph as a whole, made from the checks themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.described import plain
from evgraph.integrity.checks import our_checks

if TYPE_CHECKING:
    from evgraph.integrity.check import Check

_HEAD = """\
# Checks of the whole graph

Besides the [rules for one thing at a time](shapes.md), `evgraph validate` checks how things hang together. Most of
these checks are SPARQL queries in [`queries/checks/`](../queries/checks): an empty answer means that all is well, a row
names the thing, the property and the value at fault, and any of them can be asked by itself, with
`evgraph query queries/checks/NAME.rq`. `evgraph validate --list-rules` lists them with the shapes, and
`evgraph validate --explain NAME` says of one what stands here. With `--shapes FILE`, which judges by other shapes, they
are left out; with `--add-shapes FILE` they stay.

This page is written by `python -m docs.build`; a test fails when it is out of date.
"""


def reference() -> str:
    """Give the page."""
    return "".join([_HEAD, *map(_section, our_checks())])


def _section(check: Check) -> str:
    return (
        f"\n## {check.name}\n\n**{check.severity.word.capitalize()}.** {plain(check.summary)}.\n\n"
        f"{plain(check.problem)}\n\n*To mend it:* {plain(check.solution)}\n\n"
        f"Source: [{check.source}](../{check.source}).\n"
    )
