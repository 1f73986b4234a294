"""The changes between two versions of a graph: of cells, entries, references, documents and everything else."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from evgraph.export.renamed import new_names
from evgraph.export.version import CLAIMED, Values, Version, kind_of
from evgraph.namespaces import DCTERMS, EVG, ID, LABEL_PROPERTIES, OA, PROV, RDF, SCHEMA, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad


_LISTS, _STATED_IN, _TARGET = f"{EVG}lists", f"{EVG}statedIn", f"{EVG}target"
_RESOLUTION, _CANDIDATE, _BY = f"{EVG}resolution", f"{EVG}candidate", f"{PROV}wasAttributedTo"
_HEADLINE, _POSITION = f"{SCHEMA}headline", f"{SCHEMA}position"
_DATE, _TOPIC, _REPLACED_BY = f"{EVG}statedDate", f"{DCTERMS}subject", f"{DCTERMS}isReplacedBy"
_TYPE, _UNIDENTIFIED = f"{RDF}type", f"{ID}doc/u-"
_NAMES = {  # Kind of IRI → what people call it, where that is another word.
    "doc": "document",
    "org": "organisation",
    "ref": "reference",
    "snapshot": "header",
    "support": "supporter",
    "graph": "file",
}
# Property → the name of its change, where that is not "PROPERTY changed".
_CHANGES = {
    _HEADLINE: "retitled",
    f"{EVG}marker": "marker changed",
    f"{EVG}statedPublisher": "publisher changed",
    f"{EVG}statedCountry": "country changed",
    f"{EVG}statedNote": "note changed",
    _LISTS: "lists another document",
    f"{EVG}referenceKind": "kind changed",
    f"{EVG}direction": "direction changed",
    f"{DCTERMS}title": "title changed",
    LABEL_PROPERTIES[0]: "title changed",
    _REPLACED_BY: "identified",
}
_UNSHOWN = {  # Kind → properties whose changes are part of another change, such as a move.
    "entry": {_POSITION},
    "section": {_POSITION},
    "snapshot": {f"{EVG}sha256", f"{EVG}support"},
    "graph": {f"{PROV}wasDerivedFrom"},
    "ref": {*CLAIMED, _RESOLUTION, _TARGET, _CANDIDATE, _BY, _TYPE},
}
# Of a document that nobody identified: what ingest repeats of the entry or the words that name it.
_OF_ENTRY = {
    _TYPE, LABEL_PROPERTIES[0], f"{DCTERMS}issued", f"{DCTERMS}publisher",
    *(EVG + name for name in ("studyCountry", "forCountry", "producedFor", "identification")),
}  # fmt: skip
_ORDER = {kind: place for place, kind in enumerate(("cell", "snapshot", "support", "entry", "section", "ref"))}


class Change(NamedTuple):
    """One change."""

    what: str  # ``cell``, ``header``, ``topic``, ``entry``, ``section``, ``reference``, ``document``, ``claim`` …
    how: str  # ``came``, ``went``, ``moved``, ``retitled``, ``year corrected``, ``settled`` …; of a passage, ``gone``.
    cell: str  # The CURIE of the cell, or empty.
    iri: str  # The IRI of the thing, in the new version where it is there.
    label: str  # The headline of an entry, the label of anything else, or its CURIE.
    before: Values = ()  # The old values, as CURIEs or text.
    after: Values = ()


def changes(old: Iterable[Quad], new: Iterable[Quad]) -> list[Change]:
    """Return the changes between two versions of a graph, each its quads.

    They come by cell: the header, topics, entries in the order of the page, sections, references, passages that are
    gone; then everything that is of no cell, by kind. An entry that has another IRI in the new version is matched by
    what it says. A new text of a page is one change; its passages, whose offsets shift, are none.
    """
    before, after = Version(old), Version(new)
    names = new_names(before, after)
    comparison = _Comparison(before, after, names)
    found = list(comparison.changes())
    return sorted(found, key=lambda change: (not change.cell, change.cell))


class _Comparison:
    def __init__(self, before: Version, after: Version, names: dict[str, str]) -> None:
        old_snapshots = dict(before.cells)
        if names:
            before.rename(names)
        self.before, self.after = before, after
        # Passages of texts that one version lacks shift as a whole.
        texts = old_snapshots.keys() ^ after.cells.keys()
        self.replaced = {snapshot.rpartition("/")[2] for snapshot in texts}
        self.new_texts = {names[snapshot] for snapshot in texts & names.keys()}
        self.order = {iri: place for version in (before, after) for iris in version.entries.values()
                      for place, iri in enumerate(iris)}  # fmt: skip

    def changes(self) -> Iterator[Change]:
        moved = self._moved()
        subjects = self.before.statements.keys() | self.after.statements.keys()
        for iri in sorted(subjects, key=self._rank):
            yield from self._of(iri)
            yield from moved.get(iri, ())
        yield from self._gone_passages()

    def _rank(self, iri: str) -> tuple[int, str, int, str]:
        kind = kind_of(iri)
        return _ORDER.get(kind, len(_ORDER)), kind, self.order.get(iri, 0), iri

    def _change(self, iri: str, how: str, before: Values = (), after: Values = (), what: str = "") -> Change:
        kind = kind_of(iri)
        label = self.after.label(iri) or self.before.label(iri) or curie(iri)
        if kind in ("ref", "snapshot"):
            label = curie(iri if kind == "ref" else self._cell(iri))
        return Change(what or _NAMES.get(kind, kind or "thing"), how, self._cell_name(iri), iri, label, before, after)

    def _cell(self, iri: str) -> str:
        kind, _, rest = iri.removeprefix(ID).partition("/")
        if kind in ("entry", "ref", "section", "commentary", "snapshot", "support", "cell"):
            return f"{ID}cell/{rest.partition('/')[0]}"
        snapshot = self.after.value(iri, f"{OA}hasSource") or self.before.value(iri, f"{OA}hasSource")
        return self._cell(snapshot) if snapshot else ""

    def _cell_name(self, iri: str) -> str:
        cell = self._cell(iri)
        return curie(cell) if cell else ""

    def _of(self, iri: str) -> Iterator[Change]:
        old, new = self.before.statements.get(iri), self.after.statements.get(iri)
        kind = kind_of(iri)
        if old == new and iri not in self.new_texts:
            return
        if kind == "passage" and iri.removeprefix(f"{ID}passage/").partition("/")[0] in self.replaced:
            return
        if kind == "snapshot":
            yield from self._of_snapshot(iri)
        elif kind == "ref" and old and new:
            yield from self._of_reference(iri)
        elif kind == "cell":
            yield from self._of_cell(iri)
        elif iri.startswith(_UNIDENTIFIED) or self._is_there(iri, self.before) == self._is_there(iri, self.after):
            # A document that nobody identified comes and goes with an entry or a reference.
            yield from self._properties(iri)
        else:
            yield self._came_or_went(iri)

    def _is_there(self, iri: str, version: Version) -> bool:
        """Return whether a version describes a thing: where either version has its type, this one must have it."""
        is_typed = bool(self.before.values(iri, _TYPE) or self.after.values(iri, _TYPE))
        return bool(version.values(iri, _TYPE)) if is_typed else iri in version.statements

    def _came_or_went(self, iri: str) -> Change:
        came = self._is_there(iri, self.after)
        version = self.after if came else self.before
        values: Values = ()
        if kind_of(iri) == "entry":
            values = (self._place(iri, version),) if came else ()
        elif kind_of(iri) == "ref":
            values = tuple(map(curie, version.values(iri, _TARGET) or version.values(iri, _RESOLUTION)))
        return self._change(iri, "came" if came else "went", () if came else values, values if came else ())

    def _of_cell(self, iri: str) -> Iterator[Change]:
        topics = [set(version.values(iri, _TOPIC)) for version in (self.before, self.after)]
        for topic in sorted(topics[0] ^ topics[1]):
            how = "came" if topic in topics[1] else "went"
            label = self.after.label(topic) or self.before.label(topic) or curie(topic)
            yield Change("topic", how, curie(iri), topic, label)
        yield from self._properties(iri, but={_TOPIC})

    def _of_snapshot(self, iri: str) -> Iterator[Change]:
        cell = self.after.cells.get(iri) or self.before.cells.get(iri, "")
        was, now = cell in self.before.snapshots, cell in self.after.snapshots
        if was != now:
            yield Change("cell", "came" if now else "went", curie(cell), cell, curie(cell))
            return
        if iri in self.new_texts:
            yield Change("page", "text changed", curie(cell), iri, curie(cell))
        yield from self._properties(iri)

    def _of_reference(self, iri: str) -> Iterator[Change]:
        versions = (self.before, self.after)
        old, new = ([version.values(iri, name) for name in (_RESOLUTION, _TARGET)] for version in versions)
        if old != new:
            by = self.after.value(iri, _BY)
            is_settled = by not in ("", self.before.value(iri, _BY)) and kind_of(by) != "snapshot"
            before, after = (tuple(map(curie, target or resolution)) for resolution, target in (old, new))
            yield self._change(iri, "settled" if is_settled else "target changed", before, after)
        elif any(len(version.values(iri, _CANDIDATE)) for version in versions):
            counts = [version.values(iri, _CANDIDATE) for version in versions]
            if counts[0] != counts[1]:
                yield self._change(iri, "candidates changed")
        yield from self._properties(iri)

    def _properties(self, iri: str, but: Iterable[str] = ()) -> Iterator[Change]:
        """Yield a change for each property that changed, except those of `but`."""
        old, new = self.before.statements.get(iri, {}), self.after.statements.get(iri, {})
        unshown = _UNSHOWN.get(kind_of(iri), set()).union(but, _OF_ENTRY if iri.startswith(_UNIDENTIFIED) else ())
        for predicate in sorted((old.keys() | new.keys()) - unshown):
            before, after = self._values(iri, predicate, self.before), self._values(iri, predicate, self.after)
            if before != after:
                how = _CHANGES.get(predicate, f"{curie(predicate)} changed")
                if predicate == _DATE:
                    years = all(
                        len(dates) == 1 and len(dates[0]) == 4 and dates[0].isdecimal() for dates in (before, after)
                    )
                    how = "year corrected" if years else "date changed"
                yield self._change(iri, how, tuple(map(curie, before)), tuple(map(curie, after)))

    def _values(self, iri: str, predicate: str, version: Version) -> Values:
        """Return the values of a property, without those that are part of another change."""
        values = version.values(iri, predicate)
        if predicate == _STATED_IN:
            start = f"{ID}passage/"
            return tuple(
                passage for passage in values if passage.removeprefix(start).partition("/")[0] not in self.replaced
            )
        if predicate in (_BY, f"{OA}hasSource"):
            return tuple(source for source in values if source.rpartition("/")[2] not in self.replaced)
        if predicate == _REPLACED_BY:
            return tuple(document for document in values if not document.startswith(_UNIDENTIFIED))
        other = self.after if version is self.before else self.before
        return tuple(
            value
            for value in values
            if value in other.statements.get(iri, {}).get(predicate, ())
            or not any(self._differs(claim) for claim in version.claimed.get((iri, predicate, value), ()))
        )

    def _differs(self, iri: str) -> bool:
        return self.before.statements.get(iri) != self.after.statements.get(iri)

    def _moved(self) -> dict[str, list[Change]]:
        """Return the moves of entries that changed their order, by IRI."""
        moves: dict[str, list[Change]] = {}
        for cell, new in self.after.entries.items():
            old = self.before.entries.get(cell, [])
            both = {*old, *new}.intersection(old, new)
            for iri in _out_of_order(
                [entry for entry in old if entry in both], [entry for entry in new if entry in both]
            ):
                before, after = (self._place(iri, version) for version in (self.before, self.after))
                moves[iri] = [self._change(iri, "moved", (before,), (after,))]
        return moves

    def _place(self, iri: str, version: Version) -> str:
        """Return the place of an entry: ``after “HEADLINE”``, or ``first``."""
        entries = version.entries.get(version.value(iri, f"{EVG}inCell"), [])
        place = entries.index(iri) if iri in entries else 0
        return f"after “{version.label(entries[place - 1])}”" if place else "first"

    def _gone_passages(self) -> Iterator[Change]:
        """Find what is stated in a passage whose snapshot is missing from the new graph."""
        for iri in sorted(self.after.statements):
            for passage in self.after.values(iri, _STATED_IN):
                snapshot = self.after.value(passage, f"{OA}hasSource") or self.before.value(passage, f"{OA}hasSource")
                if snapshot not in self.after.cells:
                    cell = curie(self._cell(snapshot)) if snapshot else ""
                    label = self.after.label(iri) or curie(iri)
                    yield Change("passage", "gone", cell, iri, label, (curie(passage),))


def _out_of_order(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the IRIs that moved: all but those of the longest blocks that kept their order."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {iri for block in blocks for iri in old[block.a : block.a + block.size]}
    return [iri for iri in new if iri not in kept]
