"""One check of the graph as a whole: what a shape, which sees one node at a time, cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import NamedNode

from evgraph.integrity.changes.restricted import restricted_to
from evgraph.integrity.findings import Finding, Severity
from evgraph.integrity.judging.asking import every
from evgraph.namespaces import SH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from evgraph.integrity.changes.affected import Changes
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
        select: the query that it is, with the columns ``entity``, ``property`` and ``value``; empty where it is code.
        among: for code, finds those of some entities; without it, `rows` does.
        reach: for code, finds the entities whose faults a change can touch, apart from those that have changed.

    """

    name: str
    severity: Severity
    summary: str
    problem: str
    solution: str
    source: str
    component: str
    rows: Callable[[Store], Iterable[Row]]
    select: str = ""
    among: Callable[[Store, Collection[Term]], Iterable[Row]] | None = None
    reach: Callable[[Store, Changes], Iterable[Term]] | None = None

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


def findings_of(store: Store, checks: Iterable[Check], among: Collection[Term] | None = None) -> Iterator[Finding]:
    """Carry checks out.

    Args:
        store: the whole graph; literals as the engine has them.
        checks: such as `evgraph.integrity.checking.checks.our_checks`.
        among: the only nodes that are asked about; by default all.

    """
    for check in checks:
        for entity, path, value, *seen in dict.fromkeys(_rows(check, store, among)):
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


def _rows(check: Check, store: Store, among: Collection[Term] | None) -> Iterable[Row]:
    if among is None:
        return check.rows(store)
    if check.select:
        rows = (row for query in restricted_to(check.select, "entity", among) for row in every(store, query))
        return [(entity, path, value) for entity, path, value in rows if isinstance(path, NamedNode)]
    if check.among is not None:
        return check.among(store, among)
    return (row for row in check.rows(store) if row[0] in among)
