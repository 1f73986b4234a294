"""Rules, and checks: rules over the whole graph, since a shape sees one node at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import NamedNode

from evgraph.namespaces import SH
from evgraph.shacl.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evgraph.store.protocol import Store, Term

Row: TypeAlias = "tuple[Term, NamedNode, Term] | tuple[Term, NamedNode, Term, str]"
"""Entity, property and value of the statement at fault; and what was observed, where a check says it."""

SHAPES = "https://w3id.org/evgraph/shapes#"
"""The namespace of evgraph's own shapes."""
IN_SPARQL = f"{SH}SPARQLConstraintComponent"
IN_CODE = f"{SHAPES}CheckConstraintComponent"


class Rule(NamedTuple):
    """The texts of a rule, whatever checks it."""

    name: str  # As in findings.
    severity: Severity
    kind: str  # ``shape``, ``check``, ``waiver`` or ``notice``.
    summary: str  # What is wrong, or what is required.
    problem: str  # Why it matters; empty where a shape does not say.
    solution: str  # How to fix it; empty where a shape has no text of its own for it.
    source: str  # The file that defines it.

    def finding(
        self, focus: Term, message: str, path: NamedNode | None = None, value: Term | None = None, by: str = IN_CODE
    ) -> Finding:
        """Return a finding of this rule about a statement, or a node as a whole; `by` is the constraint component."""
        source_shape = NamedNode(f"{SHAPES}check-{self.name}")
        return Finding(self.severity, self.name, focus, path, value, message, source_shape, by)


class Check(NamedTuple):
    """A rule over the whole graph, and the function that finds what breaks it."""

    rule: Rule
    component: str  # The IRI of the constraint component in reports.
    rows: Callable[[Store], Iterable[Row]]  # Graph → a row for each finding.

    @property
    def name(self) -> str:
        """The name of the rule (``dangling-reference``)."""
        return self.rule.name

    @property
    def iri(self) -> str:
        """The IRI of the source shape in reports."""
        return f"{SHAPES}check-{self.name}"


def nothing(_: Store) -> tuple[Row, ...]:
    """Return no row; for a check that lacks what it needs."""
    return ()


def findings_of(store: Store, checks: Iterable[Check]) -> Iterator[Finding]:
    """Run checks on a graph whose literals are as the engine has them.

    A message is the summary of the rule, what was observed, and the solution.
    """
    for rule, component, rows in checks:
        for entity, path, value, *observed in dict.fromkeys(rows(store)):
            seen = f" ({observed[0]})" if observed and observed[0] else ""
            message = f"{rule.summary.removesuffix('.')}{seen}. {rule.solution}"
            yield rule.finding(entity, message, path, value, component)
