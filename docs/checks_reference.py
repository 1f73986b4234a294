"""The reference of the checks of the whole graph, made from the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.described import plain
from evgraph.validation import notices, waivers
from evgraph.validation.checks import our_checks

if TYPE_CHECKING:
    from evgraph.validation.check import Check, Rule

_HEAD = """\
# Checks of the whole graph

In addition to the [rules for single things](shapes.md), `evgraph validate` checks the graph as a whole. Most checks are
SPARQL queries in [`queries/checks/`](../queries/checks). Each row of their result is a finding: the thing, the property
and the value that are wrong. You can run one alone with `evgraph query queries/checks/NAME.rq`.
`evgraph validate --list-rules` lists checks and shapes, and `evgraph validate --explain NAME` describes one.
`--shapes FILE` replaces shapes and checks; `--add-shapes FILE` keeps them.

One mistake often breaks many rules. Then evgraph reports one finding, the cause, and counts what it explains:
a thing that nothing describes, a file that is missing, a prefix that was not declared, a misspelt term, a decision that
was not ingested. `--related` lists what a finding explains; it is `related` in JSON, `relatedLocations` in SARIF, and
`sh:detail` in a SHACL validation report.

Curated data is what people decide, in the folder `curated/`.

`python -m docs.build` writes this page; a test fails if it is out of date.
"""

_WAIVERS = """
## Waivers

To accept a finding, waive it in the file `waivers.toml` of the folder that you validate, or in the file that
`--waivers FILE` names:

```toml
[[waiver]]
rule = "dangling-reference"               # the rule of the finding
focus = "ref:drug-E4/trailer/search-1"    # the thing: a CURIE, or an IRI
path = "evg:resolution"                   # the property; optional
value = "resolution:dangling"             # the value; optional
reason = "The search page is gone from the site; its editors know."
who = "M. Keeper"
until = 2027-06-30                        # the last day; optional
```

In `rule`, `focus` and `file`, `*` matches any characters. A waiver can be about a rule (`focus = "*"`), about things
alike (`focus = "ref:drug-E4/*"`), or about a file (`file = "cells/drug-E4.ttl"`, seen from the folder of the waivers;
then `focus` is optional, and `rule` may be `"*"`).

Waivers are TOML and not Turtle, because they are about findings and not about documents: no question should return
them, and people review them line by line. Waived findings are counted and listed separately, and do not affect the
exit code. `sh:conforms` has its standard meaning, so it is false also if all findings are waived. Two rules check the
waivers themselves.
"""

_NOTICES = """
## Notices

Notices report what evgraph did not check. They are not findings and do not affect the exit code, unless `--strict`
turns them into findings with the severities below: violations if a shape or statement has no effect, warnings if that
may be intended. A misspelt term in data is a finding even without `--strict`: one of evgraph's namespace that the
ontology does not define, or one that is nearly a term of another vocabulary. If evgraph checked nothing at all, the
exit code is 6, with or without `--strict`.

evgraph looks up terms in its own ontology and in lists of the terms of BIBO, CiTO, DCAT, Dublin Core, DoCO, FaBiO,
FOAF, OWL, PROV, RDF(S), schema.org, SKOS, OWL-Time, VANN, VoID and Web Annotation. `python -m docs.vocabularies`
writes these lists.
"""


def reference() -> str:
    """Return the page as Markdown."""
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
    return f"\n### {rule.name}\n\n**{severity}.** {rule.summary} {rule.problem}\n\n*Fix:* {rule.solution}\n"


def _section(check: Check) -> str:
    rule = check.rule
    return (
        f"\n## {rule.name}\n\n**{rule.severity.word.capitalize()}.** {plain(rule.summary)}\n\n"
        f"{plain(rule.problem)}\n\n*Fix:* {plain(rule.solution)}\n\n"
        f"Source: [{rule.source}](../{rule.source}).\n"
    )
