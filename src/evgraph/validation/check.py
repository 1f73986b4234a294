"""Rules, and checks: rules over the whole graph, since a shape sees one node at a time."""

from __future__ import annotations

from dataclasses import dataclass
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
    """The texts of a rule, whatever checks it.

    Attributes:
        name: as in findings.
        severity: of its findings.
        kind: ``shape``, ``check``, ``waiver`` or ``notice``.
        summary: what is wrong, or what is required.
        problem: why it matters; empty where a shape does not say.
        solution: how to fix it; empty where a shape has no text of its own for it.
        source: the file that defines it.

    """

    name: str
    severity: Severity
    kind: str
    summary: str
    problem: str
    solution: str
    source: str

    def finding(self, focus: Term, message: str) -> Finding:
        """Return a finding of this rule about a node as a whole."""
        return Finding(
            severity=self.severity,
            rule=self.name,
            focus=focus,
            path=None,
            value=None,
            message=message,
            source_shape=NamedNode(f"{SHAPES}check-{self.name}"),
            component=IN_CODE,
        )


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over the whole graph, and the function that finds what breaks it.

    Attributes:
        name: as in findings (``dangling-reference``).
        severity: of its findings.
        summary: what is wrong, in one line without a full stop.
        problem: why it matters.
        solution: how to fix it.
        source: the file that defines it, relative to the project.
        component: the IRI of the constraint component in reports.
        rows: graph → a row for each finding.

    """

    name: str
    severity: Severity
    summary: str
    problem: str
    solution: str
    source: str
    component: str
    rows: Callable[[Store], Iterable[Row]]

    @property
    def iri(self) -> str:
        """The IRI of the source shape in reports."""
        return f"{SHAPES}check-{self.name}"

    def message(self, observed: str = "") -> str:
        """Return the message of a finding: the summary, what was observed, and the solution."""
        return f"{self.summary}{observed and f' ({observed})'}. {self.solution}"


def nothing(_: Store) -> tuple[Row, ...]:
    """Return no row; for a check that lacks what it needs."""
    return ()


def findings_of(store: Store, checks: Iterable[Check]) -> Iterator[Finding]:
    """Run checks on a graph whose literals are as the engine has them."""
    for check in checks:
        for entity, path, value, *observed in dict.fromkeys(check.rows(store)):
            yield Finding(
                severity=check.severity,
                rule=check.name,
                focus=entity,
                path=path,
                value=value,
                message=check.message(*observed),
                source_shape=NamedNode(check.iri),
                component=check.component,
            )
