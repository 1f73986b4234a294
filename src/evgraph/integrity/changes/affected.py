"""What a change can break: the nodes whose findings may differ between the old graph and the new one.

A node is *affected* if it is the subject of a statement that came or went, or if a rule's query, looked at pattern by
pattern, leads to it from such a statement (see `evgraph.integrity.changes.reach`). So every finding that only one of
the two graphs has is of an affected node, and it is enough to judge these, in the new graph as a whole.

Of a file that counts as changed as a whole, what it no longer says is not known: whatever its things say, or may have
said of themselves, is taken to have changed, but not what they may have said of other things.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.integrity.changes.reach import reaches
from evgraph.integrity.changes.select_reader import NotReadError
from evgraph.integrity.judging import lexical
from evgraph.integrity.judging.asking import AT_ONCE, asked_of, every, value_of
from evgraph.namespaces import EVG, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.integrity.changes.patterns import Step
    from evgraph.integrity.changes.reach import Reach
    from evgraph.store.protocol import Store, Term

_BELOW = f"<{RDFS}subClassOf>"


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed between two graphs.

    Attributes:
        triples: what one of them says and the other does not.
        wholes: the things of which more may have changed than is known.

    """

    triples: frozenset[tuple[Term, ox.NamedNode, Term]] = frozenset()
    wholes: frozenset[Term] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.triples or self.wholes)

    @property
    def subjects(self) -> set[Term]:
        """The things that have changed."""
        return {subject for subject, _, _ in self.triples} | self.wholes

    @property
    def used(self) -> set[str]:
        """The terms of our ontology's namespace that stand in what has changed."""
        return {value_of(one) for triple in self.triples for one in triple if value_of(one).startswith(EVG)}


class EverythingError(Exception):
    """A change can touch any node; the message says why."""


@dataclass(slots=True)
class Affected:
    """Collects the nodes that a change can touch.

    Args:
        store: the new graph.
        changes: what has changed.

    Attributes:
        nodes: what has been found; at first, the things that have changed.

    Raises:
        EverythingError: the change is of a kind that can touch anything: of blank nodes, of classes.

    """

    store: Store
    changes: Changes
    nodes: set[Term] = field(init=False)
    _by_predicate: Mapping[str, Sequence[tuple[Term, ox.NamedNode, Term]]] = field(init=False)
    _asked: set[Reach] = field(init=False, default_factory=set)
    _queries: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        by_predicate = defaultdict(list)
        for triple in self.changes.triples:
            by_predicate[str(triple[1])].append(triple)
        self._by_predicate = by_predicate
        self.nodes = self.changes.subjects
        if any(isinstance(one, ox.BlankNode) for triple in self.changes.triples for one in (triple[0], triple[2])):
            raise EverythingError("statements about blank nodes have changed")
        if any(isinstance(one, ox.BlankNode) for one in self.changes.wholes):
            raise EverythingError("blank nodes may have changed")
        query = f"SELECT DISTINCT ?s WHERE {{{{ {{}} ?s {_BELOW} ?o }}}}"
        is_class = asked_of(self.store, query, "s", self.changes.wholes)
        if _BELOW in by_predicate or any(is_class):
            raise EverythingError("which class is below which has changed")

    def by_query(self, query: str, focus: str) -> None:
        """Add the nodes whose rows in the answer to a SELECT may differ.

        Args:
            query: the query.
            focus: the variable of the nodes, without its question mark.

        Raises:
            EverythingError: that may be any.

        """
        try:
            found = reaches(query, f"?{focus}")
        except NotReadError as error:
            raise EverythingError(f"how far a rule looks cannot be told ({error})") from None
        for reach in found:
            if reach not in self._asked:
                self._asked.add(reach)
                self._follow(reach)

    def _follow(self, reach: Reach) -> None:
        matching = [bound for triple in self._of(reach.step) if (bound := _bound(reach.step, triple)) is not None]
        subject = reach.step.subject
        wholes = self.changes.wholes
        if not matching and (not wholes or not (subject.startswith("?") or subject in map(str, wholes))):
            return
        if reach.alone:
            self._decide(reach.step)
            return
        if matching and not reach.focus:
            raise EverythingError("something has changed that rules ask of the graph as a whole")
        names = reach.variables
        if reach.focus in names:
            self.nodes.update(one for bound in matching for one in bound[reach.focus])
        elif matching:
            self._ask(reach, names, sorted({row for bound in matching for row in _rows(bound, names)}))
        if reach.focus and wholes and subject != reach.focus and subject in reach.known:
            self._ask(reach, [subject], sorted(f"({one})" for one in wholes))

    def _ask(self, reach: Reach, names: Sequence[str], rows: Sequence[str]) -> None:
        for start in range(0, len(rows), AT_ONCE):
            values = f"VALUES ({' '.join(names)}) {{ {' '.join(rows[start : start + AT_ONCE])} }}" if names else ""
            query = reach.query(values)
            if query not in self._queries:
                self._queries.add(query)
                self.nodes.update(one for (one,) in every(self.store, query))
            if not names:
                return

    def _of(self, step: Step) -> Iterable[tuple[Term, ox.NamedNode, Term]]:
        return self.changes.triples if step.predicate.startswith("?") else self._by_predicate.get(step.predicate, ())

    def _decide(self, step: Step) -> None:
        """See whether a pattern that only says yes or no of the graph said, and says, yes apart from the change."""
        subjects = self.changes.subjects
        name = step.subject if step.subject.startswith("?") else "?evgs"
        pattern = f"{step.subject} {step.predicate} {step.object}"
        query = f"SELECT DISTINCT {name} WHERE {{ {pattern} }} LIMIT {len(subjects) + 1}"
        if name == "?evgs" or {one for (one,) in every(self.store, query)} <= subjects:
            raise EverythingError("something has changed that rules ask of the graph as a whole")


def _bound(step: Step, triple: tuple[Term, ox.NamedNode, Term]) -> dict[str, set[Term]] | None:
    """Match a changed triple with a pattern: variable → what it is bound to, as any form of a literal."""
    found: dict[str, set[Term]] = {}
    for wanted, term in zip((step.subject, step.predicate, step.object), triple, strict=True):
        forms: set[Term] = {term}
        if isinstance(term, ox.Literal):
            forms |= {lexical.stored(term), lexical.kept(term)}
        if wanted.startswith("?"):
            if wanted in found and found[wanted].isdisjoint(forms):
                return None
            found[wanted] = forms
        elif str(term) != wanted and not (isinstance(term, ox.Literal) and not wanted.startswith("<")):
            return None
    return found


def _rows(bound: Mapping[str, set[Term]], names: Sequence[str]) -> Iterator[str]:
    rows = [""]
    for name in names:
        rows = [f"{row} {term}" for row in rows for term in sorted(bound[name], key=value_of)]
    for row in rows:
        yield f"({row} )"
