"""One check of the graph as a whole: what a shape, which sees one node at a time, cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import NamedNode

from evgraph.namespaces import SH
from evgraph.shacl.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evgraph.store.protocol import Store, Term

Row: TypeAlias = "tuple[Term, NamedNode, Term] | tuple[Term, NamedNode, Term, str]"
"""Entity, property, value: the thing at fault, and the statement that shows it; and what was seen there, if told."""

SHAPES = "https://w3id.org/evgraph/shapes#"
"""The namespace of evgraph's own shapes."""
IN_SPARQL = f"{SH}SPARQLConstraintComponent"
IN_CODE = f"{SHAPES}CheckConstraintComponent"


@dataclass(frozen=True, slots=True)
class Check:
    """A check and how it is carried out; no row means that all is well.

    Attributes:
        name: as findings name it (``dangling-reference``).
        severity: how much a finding of it weighs.
        summary: what is wrong, one line without a full stop.
        problem: why it matters.
        solution: how to mend it.
        source: the file or module that holds it, within the project.
        component: the IRI that reports give as its constraint component.
        rows: finds the faults of a graph.

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
        """The IRI that reports give as the source shape."""
        return f"{SHAPES}check-{self.name}"

    def message(self, seen: str = "") -> str:
        """Say what is wrong and how to mend it, and what was seen."""
        return f"{self.summary}{seen and f' ({seen})'}. {self.solution}"


def nothing(_: Store) -> tuple[Row, ...]:
    """Find nothing: the rows of a check that lacks what it needs."""
    return ()


def findings_of(store: Store, checks: Iterable[Check]) -> Iterator[Finding]:
    """Carry checks out.

    Args:
        store: the whole graph; literals as the engine has them.
        checks: such as `evgraph.validation.checks.our_checks`.

    """
    for check in checks:
        for entity, path, value, *seen in dict.fromkeys(check.rows(store)):
            yield Finding(
                severity=check.severity,
                rule=check.name,
                focus=entity,
                path=path,
                value=value,
                message=check.message(*seen),
                source_shape=NamedNode(check.iri),
                component=check.component,
            )
