"""The page of what is checked of the graph as a whole, made from the checks themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.described import plain
from evgraph.validation import notices, waivers
from evgraph.validation.checks import our_checks

if TYPE_CHECKING:
    from evgraph.validation.check import Check, Rule

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

_WAIVERS = """
## Waivers

A finding that somebody accepts is waived in a file `waivers.toml` of the folder that is checked, or in one that
`--waivers FILE` names:

```toml
[[waiver]]
rule = "dangling-reference"               # as the finding names it
focus = "ref:drug-E4/trailer/search-1"    # the thing: a CURIE, or an IRI
path = "evg:resolution"                   # the property; may be left out
value = "resolution:dangling"             # the value; may be left out
reason = "The search page is gone from the site; its editors know."
who = "M. Keeper"
until = 2027-06-30                        # the last day; may be left out
```

It is TOML and not Turtle because it speaks of findings and not of documents: no question shall meet it, and people
review it line by line. A waived finding is counted and listed apart, and has no say in the exit code; the standard's
`sh:conforms` knows no waivers and stays false. Two rules look after the waivers themselves.
"""

_NOTICES = """
## Notices

What was not checked, though somebody may think so, is told in notices. They are no findings and have no say in the
exit code, unless `--strict` makes findings of them, with the severities below. A violation is what takes effect away
from a shape or a statement; what may well be meant so is a warning. Where nothing was checked at all, the exit code
is 6, strict or not. Terms are looked up in lists that come with evgraph, of its own ontology and of BIBO, CiTO, DCAT,
Dublin Core, DoCO, FaBiO, FOAF, OWL, PROV, RDF(S), schema.org, SKOS, OWL-Time, VANN, VoID and Web Annotation; `python
-m docs.vocabularies` makes the lists.
"""


def reference() -> str:
    """Give the page."""
    return "".join(
        [
            _HEAD,
            *map(_section, our_checks()),
            _WAIVERS,
            *map(_of_no_check, waivers.RULES),
            _NOTICES,
            *map(_of_no_check, notices.RULES),
        ]
    )


def _of_no_check(rule: Rule) -> str:
    severity = rule.severity.word.capitalize()
    return f"\n### {rule.name}\n\n**{severity}.** {rule.summary} {rule.problem}\n\n*To fix it:* {rule.solution}\n"


def _section(check: Check) -> str:
    return (
        f"\n## {check.name}\n\n**{check.severity.word.capitalize()}.** {plain(check.summary)}.\n\n"
        f"{plain(check.problem)}\n\n*To fix it:* {plain(check.solution)}\n\n"
        f"Source: [{check.source}](../{check.source}).\n"
    )
