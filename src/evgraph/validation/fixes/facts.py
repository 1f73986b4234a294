"""What must be known of data before its text is changed: which files say what."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import DCTERMS, EVG, RDF
from evgraph.validation.fixes.fixes import Claim, Follow, Rename, Replace, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.validation.fixes.fixes import Change

_REPLACED_BY = ox.NamedNode(f"{DCTERMS}isReplacedBy")
_TYPE = ox.NamedNode(f"{RDF}type")


class Facts:
    """What must be known of the data to change it, gathered in one reading.

    Attributes:
        holders: triple → the files that state it.
        types: subject → its classes.
        described: subject → the files that say what it is.
        users: term → the files that use it.

    """

    def __init__(self, changes: Iterable[Change], data: Sequence[DataFile]) -> None:
        changes = list(changes)
        wanted = {one.triple for one in changes if isinstance(one, Replace | Follow | Claim)}
        values = {one.triple.object for one in changes if isinstance(one, Replace) and one.identification}
        subjects = {one.subject for one in changes if isinstance(one, Type)}
        terms = {one.old for one in changes if isinstance(one, Rename)}
        self.holders: dict[ox.Triple, list[DataFile]] = defaultdict(list)
        self.types: dict[object, set[object]] = defaultdict(set)
        self.described: dict[object, list[DataFile]] = defaultdict(list)
        self.users: dict[object, list[DataFile]] = defaultdict(list)
        self.subjects: set[object] = set()
        self.identifications: dict[object, set[object]] = defaultdict(set)
        self._successors: dict[object, set[object]] = defaultdict(set)
        for file in data:
            for quad in file.parsed():
                triple = quad.triple
                self.subjects.add(triple.subject)
                if triple in wanted or (triple.predicate.value == f"{EVG}identifierValue" and triple.object in values):
                    _once(self.holders[triple], file)
                if triple.predicate.value == f"{EVG}identification":
                    self.identifications[triple.subject].add(triple.object)
                if triple.predicate == _REPLACED_BY:
                    self._successors[triple.subject].add(triple.object)
                if triple.subject in subjects and triple.predicate == _TYPE:
                    self.types[triple.subject].add(triple.object)
                    _once(self.described[triple.subject], file)
                for term in terms.intersection((triple.subject, triple.predicate, triple.object)):
                    _once(self.users[term], file)

    def settled(self, change: Change) -> Change | None:
        """Say what a change comes to in this data; None where there is no one answer."""
        if not isinstance(change, Follow):
            return change
        kept: object = change.triple.object
        passed = set[object]()
        while len(self._successors[kept]) == 1 and kept not in passed:
            passed.add(kept)
            (kept,) = self._successors[kept]
        sure = passed and kept not in passed and not self._successors[kept]
        return Replace(change.triple, kept) if sure and isinstance(kept, ox.NamedNode) else None

    def places(self, change: Change) -> list[DataFile]:
        """Give the files that a change must be made in."""
        if isinstance(change, Replace):
            return [file for triple in self.replaced(change) for file in self.holders[triple]]
        if isinstance(change, Claim):
            return self.holders[change.triple][:1]
        if isinstance(change, Type):
            return self.described[change.subject][:1]
        if isinstance(change, Rename):
            return self.users[change.old]
        return []

    def replaced(self, change: Replace) -> list[ox.Triple]:
        """Give the triples whose object a change replaces."""
        ids = self.identifications[change.triple.subject] if change.identification else ()
        value = change.triple.object
        others = (
            ox.Triple(one, ox.NamedNode(f"{EVG}identifierValue"), value) for one in ids if isinstance(one, ox.NamedNode)
        )
        return [change.triple, *(one for one in others if one in self.holders)]


def _once(files: list[DataFile], file: DataFile) -> None:
    if not files or files[-1] is not file:
        files.append(file)
