"""Curated passages of an earlier version of a page, moved to the new version.

Claims in ``curated/`` name the passages that state them, and these name the snapshot of the page. The text of the
files is edited in place: the passages' IRIs, offsets and lines, and the snapshots. Passages whose words are gone stay
as they are, and are reported.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.errors import UnreadableError
from evgraph.namespaces import EVG, ID, OA, PROV, XSD
from evgraph.pages.anchoring import Anchor, Searched, find_near, find_same, folded
from evgraph.pages.earlier import PassageName, parse_passage, parse_snapshot
from evgraph.pages.source import Span
from evgraph.rdf.files import find
from evgraph.rdf.positions import first_uses
from evgraph.rdf.turtle_edits import RDF_TYPE, Change, Renaming, TurtleText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.pages.cell import Cell
    from evgraph.pages.earlier import Texts
    from evgraph.pages.versions import Continuation
    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place

_STATED_IN, _ATTRIBUTED_TO = NamedNode(f"{EVG}statedIn"), NamedNode(f"{PROV}wasAttributedTo")
_HAS_SOURCE, _START, _END = (NamedNode(OA + name) for name in ("hasSource", "start", "end"))
_LEAST_SHOWN = 0.55  # Words less alike than this help nobody.
_LINE, _INTEGER = NamedNode(f"{EVG}line"), NamedNode(f"{XSD}integer")


class MovedPassage(NamedTuple):
    """A curated passage of an earlier version of a page."""

    place: Place  # Its first use in the curated data, before the edit.
    passage: str  # The IRI of the earlier passage.
    now: str | None  # The IRI of the new one; None if the words are gone, or not known.
    words: str | None  # The earlier words; None if they are not known.
    nearest: str  # The new words, or the nearest ones where the earlier are gone.
    page: str  # The file of the new version.
    line: int  # Of the nearest words in it, from 1; 0 if there are none.

    @property
    def is_exact(self) -> bool:
        """Whether only white space, quotes and dashes differ."""
        return self.words is not None and folded(self.words) == folded(self.nearest)


def anchor_passages(
    folder: Path,
    cells: Mapping[str, Cell],
    graphs: Mapping[str, Iterable[Triple]],
    texts: Texts,
    continuations: Mapping[str, Continuation],
) -> tuple[dict[Path, bytes], list[MovedPassage]]:
    """Find the curated passages of earlier versions of pages in the new versions.

    Args:
        folder: its ``curated/`` is read, not written.
        cells: the new versions, by cell: ``drug-E4`` → what was read.
        graphs: their graphs.
        texts: the words of the earlier versions.
        continuations: what the new versions keep of the earlier ones.

    Returns:
        The files to replace with their new content; and the passages, in the order of files and lines.

    Raises:
        UnreadableError: a file cannot be edited.

    """
    files = [file for file in find([folder / "curated"]) if file.format.name == "turtle"] if _has_turtle(folder) else []
    curated = {file.path: {quad.triple for quad in file.parsed()} for file in files}
    cell_of = _cells_by_hash(curated.values(), continuations)
    finder = _Finder(texts, continuations)
    moved: list[MovedPassage] = []
    nodes = {node for triples in curated.values() for triple in triples for node in (triple.subject, triple.object)}
    passages: dict[object, PassageName] = {
        node: name for node in nodes if isinstance(node, NamedNode) and (name := parse_passage(node.value))
    }
    for node, place in sorted(first_uses(nodes & passages.keys(), files).items(), key=lambda use: use[1]):
        name = passages[node]
        cell = cells.get(cell_of.get(name.hash, ""))
        if cell and name.hash != cell.page.source.hash:
            moved.append(finder.find(name, cell, place))
    described: set[object] = {triple.subject for graph in graphs.values() for triple in graph}
    described |= {triple.subject for triples in curated.values() for triple in triples}
    edits = _Edits(moved, cell_of, curated.values())
    contents: dict[Path, bytes] = {}
    for file in files:
        if changes := edits.changes(curated[file.path], described):
            contents[Path(file.path)] = _edited(file, curated[file.path], changes)
    return contents, moved


def _has_turtle(folder: Path) -> bool:
    return any((folder / "curated").rglob("*.ttl"))


def _cells_by_hash(curated: Iterable[set[Triple]], continuations: Mapping[str, Continuation]) -> dict[str, str]:
    """Return the hash of each snapshot that is known → its cell."""
    cells = {
        continuation.earlier.hash: name for name, continuation in continuations.items() if continuation.earlier.hash
    }
    for triples in curated:
        for triple in triples:
            if isinstance(triple.object, NamedNode) and (snapshot := parse_snapshot(triple.object.value)):
                cells[snapshot[1]] = snapshot[0]
    return cells


class _Finder:
    """Finds passages in new versions."""

    def __init__(self, texts: Texts, continuations: Mapping[str, Continuation]) -> None:
        self._texts, self._continuations = texts, continuations
        self._searched: dict[str, Searched] = {}  # By hash.

    def find(self, name: PassageName, cell: Cell, place: Place) -> MovedPassage:
        """Find a passage in the new version of its page."""
        source, words = cell.page.source, self._texts.words(name)
        anchor, nearest = (None, None) if words is None else self._anchor(folded(words), name, cell)
        return MovedPassage(
            place=place,
            passage=name.iri,
            now=PassageName(source.hash, anchor.span).iri if anchor else None,
            words=words,
            nearest=source.slice(nearest.span) if nearest else "",
            page=source.path,
            line=source.line_of(nearest.span.start) if nearest else 0,
        )

    def _anchor(self, words: str, name: PassageName, cell: Cell) -> tuple[Anchor | None, Anchor | None]:
        new, earlier = self._search(cell.page.source.hash), self._search(name.hash)
        old_part, new_part = self._parts(name, cell)
        same = find_same(words, (earlier, name.span) if earlier else None, new, old_part, new_part) if new else None
        if same or new is None:
            return same, same
        anchor, nearest = find_near(words, earlier, new, new_part)
        if not anchor and new_part:
            anchor, elsewhere = find_near(words, earlier, new, None)
            nearest = max(filter(None, (nearest, elsewhere)), key=lambda candidate: candidate.alikeness, default=None)
        return anchor, nearest if nearest and nearest.alikeness >= _LEAST_SHOWN else None

    def _search(self, name: str) -> Searched | None:
        if name not in self._searched and name in self._texts.pages:
            self._searched[name] = Searched(self._texts.pages[name])
        return self._searched.get(name)

    def _parts(self, name: PassageName, cell: Cell) -> tuple[Span | None, Span | None]:
        """Return the entry or section that a passage is in: its spans in the earlier and in the new text."""
        continuation = self._continuations.get(cell.page.cell)
        if not continuation or continuation.earlier.hash != name.hash:
            return None, None
        for iri, span in continuation.parts(cell).items():
            before = continuation.earlier.span_of(iri)
            if before and before.holds(name.span):
                return before, span
        return None, None


class _Edits:
    """The changes of files that move passages.

    Args:
        moved: the passages.
        cell_of: hash of a snapshot → its cell.
        curated: the triples of the files.

    """

    def __init__(
        self, moved: Iterable[MovedPassage], cell_of: Mapping[str, str], curated: Iterable[set[Triple]]
    ) -> None:
        self._moved = {move.passage: move for move in moved if move.now}
        self._cell_of = cell_of
        self._passages = defaultdict[object, set[PassageName]](set)  # Subject → the passages that state it.
        for triple in (triple for triples in curated for triple in triples):
            name = parse_passage(triple.object.value) if isinstance(triple.object, NamedNode) else None
            if name and triple.predicate == _STATED_IN:
                self._passages[triple.subject].add(name)

    def changes(self, triples: set[Triple], described: set[object]) -> list[Change | Renaming]:
        """Return the changes of a file.

        Args:
            triples: its triples.
            described: the subjects of all graphs; the new passages that get a description are added.

        """
        changes = list[Change | Renaming]()
        for triple in sorted(triples, key=str):
            if isinstance(triple.subject, NamedNode) and (new := self._value(triple)):
                statement = (triple.subject, triple.predicate, new)
                changes.append(Change((statement,), (triple.subject, triple.predicate, triple.object)))  # type: ignore[arg-type]
        used = {
            term.value for triple in triples for term in (triple.subject, triple.object) if isinstance(term, NamedNode)
        }
        for passage in sorted(used & self._moved.keys()):
            move = self._moved[passage]
            now = NamedNode(move.now or "")
            changes.append(Renaming(NamedNode(passage), now))
            if NamedNode(passage) not in described and now not in described:
                described.add(now)
                values = [(RDF_TYPE, NamedNode(f"{EVG}Passage")), *self._description(move).items()]
                changes.append(Change(tuple((now, predicate, value) for predicate, value in values)))
        return changes

    def _value(self, triple: Triple) -> NamedNode | Literal | None:
        """Return the new object of a triple about a passage or a claim, if it changes."""
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if isinstance(subject, NamedNode) and (move := self._moved.get(subject.value)):
            new = self._description(move).get(predicate)
            return new if new != value else None
        if predicate == _ATTRIBUTED_TO and isinstance(value, NamedNode) and (old := parse_snapshot(value.value)):
            moved = {self._moved.get(name.iri) for name in self._passages[subject] if name.hash == old[1]}
            if moved and None not in moved:
                return self._snapshot(next(move for move in moved if move))
        return None

    def _snapshot(self, move: MovedPassage) -> NamedNode:
        (old, _), (new, _) = (
            parse_passage(iri or "") or PassageName("", Span(0, 0)) for iri in (move.passage, move.now)
        )
        return NamedNode(f"{ID}snapshot/{self._cell_of[old]}/{new}")

    def _description(self, move: MovedPassage) -> dict[NamedNode, NamedNode | Literal]:
        now = parse_passage(move.now or "")
        start, end = now.span if now else (0, 0)
        return {
            _HAS_SOURCE: self._snapshot(move),
            _START: Literal(str(start), datatype=_INTEGER),
            _END: Literal(str(end), datatype=_INTEGER),
            _LINE: Literal(str(move.line), datatype=_INTEGER),
        }


def _edited(file: DataFile, triples: set[Triple], changes: list[Change | Renaming]) -> bytes:
    """Return the content of a file after some changes, and nothing but these."""
    expected = triples
    for change in sorted(changes, key=lambda change: isinstance(change, Renaming)):
        expected = change.apply(expected)
    text = TurtleText(file.content().decode(), file.base, changes=changes)
    content = (text.mark + text.edited()).encode()
    if {quad.triple for quad in file._replace(body=content).parsed()} != expected:
        raise UnreadableError("its passages could not be moved to the new version of the page", path=file.path,
                              hint="write their block as evgraph writes Turtle, and ingest the page again")  # fmt: skip
    return content
