"""The index for full-text search: an SQLite database with FTS5, in memory or beside the graph of a store on disk.

https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

import re
import weakref
from collections import defaultdict
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph.errors import Hint, UnreadableError
from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, LABEL_PROPERTIES, RDF, SCHEMA, SKOS
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import WholeAnswers, select
from evgraph.terms import value_of
from evgraph.text import label_rank, plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from evgraph.store.protocol import Store, Term

KINDS = ("trial", "study", "review", "guidance", "analysis", "document", "entry", "recommendation", "section")
"""What a search finds: the classes of these names, the most specific first; a trial is a study and a document too."""
FIELDS = {"label": 10, "creator": 5, "identifier": 5, "publisher": 3, "abstract": 2, "related": 1, "spelling": 3}
"""Field → its weight in the ranking.

"related" has the labels and abstracts of the entries that list a document, of the documents that an entry lists, and of
the guidance that a recommendation is from. "spelling" repeats texts in the letters of a keyboard.
"""
UNRANKED = ("iri UNINDEXED", "kind UNINDEXED", "cells UNINDEXED", "year UNINDEXED", "facets")
"""The columns before the fields; the facets are those words of `facet` that are true of a thing."""

SEPARATOR = "\x1f"
"""Between the values of a field."""

_DOCUMENTS = KINDS[: KINDS.index("entry")]
_WEIGHTS = ", ".join(map(str, [*(0 for _ in UNRANKED), *FIELDS.values()]))
_TABLES = f"""
    CREATE VIRTUAL TABLE texts USING fts5(
        {", ".join([*UNRANKED, *FIELDS])}, tokenize = "porter unicode61 remove_diacritics 2"
    );
    INSERT INTO texts(texts, rank) VALUES ('rank', 'bm25({_WEIGHTS})');
    CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE years (year TEXT PRIMARY KEY) WITHOUT ROWID;
"""  # noqa: S608 - constants
_INSERT = f"INSERT INTO texts VALUES (?{', ?' * (len(UNRANKED) + len(FIELDS) - 1)})"  # noqa: S608 - a constant
_FILE = "search-1.sqlite"  # The number changes with the tables.
ROLES = {
    "label": LABEL_PROPERTIES,
    "other label": (f"{SKOS}altLabel",),
    "creator": (f"{DCTERMS}creator",),
    "identifier": (f"{BIBO}doi", f"{BIBO}pmid", f"{EVG}identifierValue"),
    "identification": (f"{EVG}identification",),
    "publisher": (f"{DCTERMS}publisher",),
    "stated publisher": (f"{EVG}statedPublisher",),
    "abstract": (f"{DCTERMS}abstract",),
    "issued": (f"{DCTERMS}issued",),
    "stated date": (f"{EVG}statedDate",),
    "lists": (f"{EVG}lists",),
    "recommends": (f"{EVG}hasRecommendation",),
    "place": (f"{EVG}inCell", f"{EVG}ofCell", f"{SCHEMA}about", f"{DCTERMS}isPartOf"),
}
"""Role of a value in the index → the properties that have it, the best first."""
_YEAR = re.compile(r"\b[0-9]{4}")
_OFFERED = re.compile(r"[^\W\d_]{4,}")  # Words that are offered for misspelt ones.
_UNFOLDED = re.compile("[øłđðıßØŁĐÐ]")  # Letters that SQLite does not reduce to those of a keyboard.

_Values: TypeAlias = "dict[str, list[str]]"
# Thing → its values.


class Index:
    """A full-text index, closed with the last reference to it; several threads may use it.

    Attributes:
        connection: its SQLite database.
        notes: why it is not kept, if it should be.

    """

    def __init__(self, connection: sqlite3.Connection, *notes: str) -> None:
        self.connection = connection
        self.notes = notes
        weakref.finalize(self, connection.close)

    def fetch(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of an SQL query.

        Raises:
            UnreadableError: the database is damaged.

        """
        import sqlite3

        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise UnreadableError(f"the search index cannot be read: {error}", hint="build the store again") from None

    def count(self, pattern: str, most: int = -1) -> int:
        """Count the hits of an FTS5 expression, up to a number."""
        ((count,),) = self.fetch("SELECT count(*) FROM (SELECT 1 FROM texts(?) LIMIT ?)", pattern, most)
        return int(count)


_OF_SERVERS: weakref.WeakKeyDictionary[Store, Index] = weakref.WeakKeyDictionary()


def open_index(store: Store) -> Index:
    """Return the index of a store: the one that is kept, or a new one.

    The index of a store on disk is kept in the folder of its version. That of a graph in memory is built again after a
    change, and that of a server for each new `Store`.

    Raises:
        UnreadableError: this Python has no SQLite with full-text search.
        LimitReachedError: a server cut an answer, and its pages are not complete either.

    """
    if isinstance(store, OxigraphStore):
        return store.recall("search index", partial(_opened, store))
    if store not in _OF_SERVERS:
        _OF_SERVERS[store] = Index(build_index(WholeAnswers(store)))
    return _OF_SERVERS[store]


def prepare_index(store: OxigraphStore) -> None:
    """Build the index of a graph in memory, so that processes forked from this one need only read it.

    Raises:
        UnreadableError: as `open_index`.

    """
    _serialized(store)


def _serialized(store: OxigraphStore) -> bytes:
    # No connection outlives a fork: https://www.sqlite.org/howtocorrupt.html
    return store.recall("serialized search index", lambda: build_index(store).serialize())


def _opened(store: OxigraphStore) -> Index:
    from evgraph.store.disk import DiskStore
    from evgraph.writing import write_file

    if not isinstance(store, DiskStore):
        content = _serialized(store)  # Raises where there is no SQLite.
        import sqlite3

        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.deserialize(content)
        return Index(connection)
    path = store.path / _FILE
    if kept := _kept(path):
        return Index(kept)
    connection = build_index(store)
    try:
        write_file(path, connection.serialize())
    except UnreadableError as error:
        return Index(connection, f"the search index is not kept: {error}")
    return Index(connection)


def _kept(path: Path) -> sqlite3.Connection | None:
    """Open a kept index; return None if there is none, or if it is damaged."""
    if not path.is_file():
        return None
    import sqlite3

    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        if connection.execute("SELECT (SELECT rowid FROM texts LIMIT 1), (SELECT count(*) FROM years)").fetchall():
            return connection
    except sqlite3.DatabaseError:
        connection.close()
    return None


def build_index(store: Store) -> sqlite3.Connection:
    """Return the database of an index, in memory.

    Raises:
        UnreadableError: as `open_index`.
        LimitReachedError: as `open_index`.

    """
    missing = UnreadableError("this Python has no SQLite with full-text search (FTS5)", hint=Hint.ASK_SEARCH_QUESTION)
    try:
        import sqlite3
    except ImportError:
        raise missing from None
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        connection.executescript(_TABLES)
    except sqlite3.OperationalError:
        connection.close()
        raise missing from None
    rows, years = [], set()
    words: set[str] = set()
    for iri, kinds, cells, its_years, texts in _things(store):
        facets = [facet("kind", kind) for kind in kinds]
        facets += [facet("cell", cell) for cell in cells]
        facets += [facet("year", year) for year in its_years]
        rows.append((iri, kinds[0], " ".join(cells), min(its_years, default=None), " ".join(facets), *texts))
        years.update(its_years)
        words.update(" ".join(texts).split())
    offered = set(_OFFERED.findall(" ".join(words).lower()))
    with connection:
        connection.executemany(_INSERT, rows)
        connection.executemany("INSERT INTO words VALUES (?)", ((word,) for word in sorted(offered)))
        connection.executemany("INSERT INTO years VALUES (?)", ((year,) for year in sorted(years)))
    return connection


@lru_cache(maxsize=10_000)
def facet(name: str, value: str) -> str:
    """Return the word that filters look for: ``facet("cell", "drug:E4")`` is ``celldruge4``, one word for SQLite."""
    return f"{name}{re.sub('[^a-z0-9]', '', value.lower())}"


def _things(store: Store) -> Iterator[tuple[str, list[str], list[str], list[str], list[str]]]:
    """Yield each thing: its IRI, kinds, cells as people type them, years, and texts, one for each of `FIELDS`.

    Sorted by IRI, so that the same graph always gives the same index.
    """
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for kind in KINDS:
        for thing, _ in _pairs(store, f"{RDF}type", NamedNode(f"{EVG}{kind.capitalize()}")):
            if isinstance(thing, NamedNode) and kind not in kinds[thing.value]:
                kinds[thing.value].append(kind)
    facts = _facts(store)
    labels, places = facts["label"], facts["place"]
    listing, guidance = _inverse(facts["lists"]), _inverse(facts["recommends"])
    for iri in sorted(kinds):
        if is_document := kinds[iri][0] in _DOCUMENTS:
            documents, entries = [iri], listing.get(iri, [])
        elif "recommendation" in kinds[iri]:
            documents = guidance.get(iri, [])
            entries = _values(listing, documents)
        else:
            documents, entries = facts["lists"].get(iri, []), [iri]
        related = entries if is_document else documents
        publishers = _values(facts["publisher"], documents)
        texts = [
            _values(labels, [iri]),
            _values(facts["creator"], documents),
            _identifiers(facts, iri) if is_document else [],
            _values(labels, publishers) + _values(facts["other label"], publishers)
            + _values(facts["stated publisher"], [iri]),
            _values(facts["abstract"], [iri]),
            _values(labels, related) + _values(facts["abstract"], related),
        ]  # fmt: skip
        joined = [SEPARATOR.join(values) for values in texts]
        joined.append(SEPARATOR.join(plain(text) for text in joined if not text.isascii() and _UNFOLDED.search(text)))
        around = _values(places, entries)
        around = around + _values(places, around)  # A section is part of a commentary about a cell.
        cells = {place.removeprefix(f"{ID}cell/") for place in around if place.startswith(f"{ID}cell/")}
        dates = _values(facts["issued"], documents) or _values(facts["stated date"], [iri])
        years = {year for date in dates for year in _YEAR.findall(date)}
        yield iri, kinds[iri], sorted(cell.replace("-", ":", 1) for cell in cells), sorted(years), joined


def _facts(store: Store) -> dict[str, _Values]:
    """Return role → thing → values, the best first."""
    facts: dict[str, _Values] = {role: {} for role in ROLES}
    for role, properties in ROLES.items():
        for property_ in properties:
            terms: dict[str, list[Term]] = {}
            for subject, value in _pairs(store, property_):
                if isinstance(subject, NamedNode):
                    terms.setdefault(subject.value, []).append(value)
            for thing, values in terms.items():
                known = facts[role].setdefault(thing, [])
                known += map(value_of, values if len(values) == 1 else sorted(values, key=_rank))
    return facts


def _pairs(store: Store, property_: str, value: NamedNode | None = None) -> Iterator[tuple[Term, ...]]:
    """Yield the subjects and objects of a property, perhaps repeatedly."""
    if isinstance(store, OxigraphStore):  # Without a query, which takes longer in memory.
        for quad in store.matches(None, property_, value):
            yield quad.subject, quad.object
    else:
        condition = f"VALUES ?o {{ {value} }} " if value else ""
        yield from select(store, f"SELECT ?s ?o WHERE {{ {condition}?s <{property_}> ?o }}")


def _rank(value: Term) -> tuple[int, bool, bool, str]:
    return label_rank(value_of(value), value.language if isinstance(value, Literal) else None)


def _inverse(links: _Values) -> _Values:
    sources: _Values = {}
    for source in sorted(links):
        for target in links[source]:
            sources.setdefault(target, []).append(source)
    return sources


def _values(values: _Values, things: Sequence[str]) -> list[str]:
    """Return the values of things, without repetitions."""
    if len(things) < 2:  # As most are.
        found = values.get(things[0], []) if things else []
    else:
        found = [value for thing in things if thing in values for value in values[thing]]
    return found if len(found) < 2 else list(dict.fromkeys(found))


def _identifiers(facts: dict[str, _Values], document: str) -> list[str]:
    """Return the identifiers of a document, and its name in its IRI unless that is a hash."""
    name = document.removeprefix(f"{ID}doc/")
    names = [] if ":" in name or name.startswith("u-") else [name]
    return names + _values(facts["identifier"], [document, *_values(facts["identification"], [document])])
