"""Compare what the triples say of the entries with the gold: markers, notes, documents."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bench.invented_gold import NEW
from pyoxigraph import Triple

from evgraph.namespaces import DCTERMS, EVG, RDF, SKOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.fidelity import Score
    from bench.invented_gold import GeneratedPage

    from evgraph.pages.cell import Cell

_KINDS = ("Study", "Review", "Guidance")


def plain(words: str | None) -> str | None:
    """Return words with single spaces."""
    return words if words is None else " ".join(words.split())


class Graph:
    """The triples of a cell, by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values: dict[tuple[str, str], set[str]] = defaultdict(set)
        for triple in triples:
            if isinstance(triple.subject, Triple) or isinstance(triple.object, Triple):
                continue
            self._values[triple.subject.value, triple.predicate.value].add(triple.object.value)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values of a property, sorted."""
        return sorted(self._values.get((subject, predicate), ()))

    def types(self, document: str) -> tuple[str, ...]:
        """Return what a document is: a study, a review, guidance, or none of them."""
        types = self.values(document, f"{RDF}type")
        return tuple(kind for kind in _KINDS if f"{EVG}{kind}" in types)


def compare_stated(
    score: Score,
    where: str,
    page: GeneratedPage,
    cell: Cell,
    graph: Graph,
    feature: Callable[[GeneratedPage, str, str], str],
) -> None:
    """Compare markers, notes, hover notes and the years of documents, entry by entry."""
    iris = {identified.entry.position: identified.iri for identified in cell.entries}
    for at, gold in enumerate(page.entries, 1):
        iri = iris.get(at, "")
        documents = graph.values(iri, f"{EVG}lists")
        markers = tuple(marker.rpartition("/")[2] for marker in graph.values(iri, f"{EVG}marker"))
        new = next((tag for tag in gold.features if tag.startswith(NEW)), "")
        lists: list[tuple[str, str, Iterable[str], Iterable[str]]] = [
            (
                "marker",
                f"{NEW}inferred from the neighbours" if gold.inferred else "as printed",
                sorted(gold.markers or gold.inferred or ()),
                markers,
            ),
            (
                "note",
                new if "note" in new else "within the parenthesis",
                _notes([gold.note]),
                _notes(graph.values(iri, f"{EVG}statedNote")),
            ),
        ]
        if page.html:
            hovers = {note for subject in (iri, *documents) for note in graph.values(subject, f"{SKOS}note")}
            lists.append(("hover note", f"{NEW}of the headline's link or icon", [gold.hover or ""], hovers or [""]))
        if gold.documents:
            years = [year for document in documents for year in graph.values(document, f"{DCTERMS}issued")]
            lists.append(("documents", new, gold.documents, years))
        for what, name, expected, read in lists:
            features = [feature(page, what, name)]
            score.compare(
                where,
                [((at, what, value), features) for value in expected],
                [((at, what, value), features) for value in read],
            )


def _notes(notes: Iterable[str | None]) -> list[str]:
    return [" ".join(note.split()).strip(". ").casefold() for note in notes if note]
