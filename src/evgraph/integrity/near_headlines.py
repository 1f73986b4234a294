"""Documents that may be one: the same year, and headlines that hardly differ.

Only documents whose headlines share one of their longest words, and all numbers, are compared, so that a graph of many
thousand stays quick, and that two documents are never compared, or not, because of a third. How alike two headlines are
is RapidFuzz's to say (https://rapidfuzz.github.io/RapidFuzz/).
"""

from __future__ import annotations

import re
import weakref
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.integrity.asking import asked_of, every, value_of
from evgraph.integrity.lexical import kept
from evgraph.namespaces import DCTERMS, ID, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from evgraph.integrity.affected import Changes
    from evgraph.integrity.check import Row
    from evgraph.store.protocol import Store, Term

SUMMARY = "Two documents of one year have headlines that hardly differ, so they may be one"
PROBLEM = (
    "A document that stands twice in the graph splits what is known of it, and counts twice in every answer. Headlines"
    " alone never decide it: the same words can stand for two documents."
)
SOLUTION = (
    "Compare the two. If they are one, give up one for the other, as shown (dcterms:isReplacedBy); if not, say so with"
    " owl:differentFrom in a file of curated/."
)

_ALIKE = 90  # Of 100: a word more or less in ten, or a few letters.
_LONGEST = 4
_REPLACED_BY = NamedNode(f"{DCTERMS}isReplacedBy")
# What is asked about stands in each alternative, so that no engine reads all headlines for a few.
_HEADLINES = """
SELECT DISTINCT ?document ?year ?headline
WHERE {
  { %(asked)s ?document dcterms:issued ?year . ?document dcterms:title ?headline . %(condition)s }
  UNION {
    %(asked)s ?document dcterms:issued ?year . ?entry evg:lists ?document . ?entry schema:headline ?headline .
    %(condition)s
  }
}
"""
_STILL = "FILTER NOT EXISTS { ?document dcterms:isReplacedBy ?kept }"
# A page that lists both holds them for two; so does a statement that joins them, whatever it says, and so do two DOIs.
_KNOWN_APART = (
    "{0} ?property {1}",
    "{1} ?property {0}",
    "?one evg:lists {0} . ?one evg:inCell ?cell . ?other evg:lists {1} . ?other evg:inCell ?cell",
    "{0} bibo:doi ?one . {1} bibo:doi ?other . FILTER(LCASE(STR(?one)) != LCASE(STR(?other)))",
    "{0} bibo:pmid ?one . {1} bibo:pmid ?other . FILTER(STR(?one) != STR(?other))",
)


class _Headline(NamedTuple):
    document: str
    year: Term
    words: tuple[str, ...]

    @property
    def order(self) -> tuple[str, tuple[str, ...]]:
        """The key that one of a pair comes first by."""
        return self.document, self.words

    @property
    def shelf(self) -> tuple[str, ...]:
        """What another headline must share to be compared: the year, and the numbers, which set parts apart."""
        return str(self.year), *sorted({word for word in self.words if word.isdecimal()})

    @property
    def longest(self) -> list[str]:
        """The words of which another headline must share one, too."""
        words = {word for word in self.words if not word.isdecimal()}
        return sorted(words, key=lambda word: (-len(word), word))[:_LONGEST] or [""]

    def is_near(self, other: _Headline) -> bool:
        """Whether two headlines hardly differ."""
        from rapidfuzz import fuzz

        words = " ".join(self.words), " ".join(other.words)
        return self.document != other.document and bool(fuzz.token_sort_ratio(*words, score_cutoff=_ALIKE))


class NearHeadlines:
    """The check, which reads the headlines of a year but once in a validation."""

    def __init__(self) -> None:
        self._store: weakref.ref[Store] | None = None
        self._read: dict[Term, set[_Headline]] = {}

    def rows(self, store: Store, among: Collection[Term] | None = None) -> Iterator[Row]:
        """Find pairs of documents; the one that nobody has identified comes first, to be given up for the other.

        Args:
            store: the graph.
            among: the only documents that may come first; by default any.

        """
        asked = None if among is None else _headlines(store, _STILL, among)
        headlines = _headlines(store, _STILL) if asked is None else self._of_years(store, {one.year for one in asked})
        for pair in sorted(_near(headlines if asked is None else asked, headlines)):
            one, other = sorted(
                map(NamedNode, pair), key=lambda node: (not node.value.startswith(f"{ID}doc/u-"), node.value)
            )
            if (among is None or one in among) and not _known_apart(store, one, other):
                yield one, _REPLACED_BY, other

    def reach(self, store: Store, changes: Changes) -> set[Term]:
        """Find the documents whose pairs a change can touch: those that it is about, and those near to them."""
        nodes = {one for triple in changes.triples for one in (triple[0], triple[2])} | changes.wholes
        iris = {one for one in nodes if isinstance(one, NamedNode)}
        listed = asked_of(
            store, "SELECT DISTINCT ?entry ?document WHERE {{ {} ?entry evg:lists ?document }}", "entry", iris
        )
        about = iris | {document for _, document in listed}
        known = _headlines(store, "", about)
        documents = {one.document for one in known}
        literals = [(predicate.value, one) for _, predicate, one in changes.triples if isinstance(one, Literal)]
        years = {one.year for one in known} | {kept(one) for said, one in literals if said == f"{DCTERMS}issued"}
        # What a removed statement said, or a replaced thing is called, may have been near to others, too.
        texts = {one.value for said, one in literals if said in {f"{DCTERMS}title", f"{SCHEMA}headline"}}
        said = {one.words for one in known} | {_words(text) for text in texts}
        asked = {_Headline("", year, words) for year in years for words in said}
        near = {other for _, other in _near(asked, self._of_years(store, years))} if asked else set()
        return {NamedNode(iri) for iri in documents | near}

    def _of_years(self, store: Store, years: Iterable[Term]) -> set[_Headline]:
        if self._store is None or self._store() is not store:
            self._store, self._read = weakref.ref(store), {}
        new = set(years) - self._read.keys()
        self._read |= {year: set() for year in new}
        for headline in _asked(store, _STILL, "year", new):
            self._read.setdefault(headline.year, set()).add(headline)
        return set().union(*(self._read[year] for year in years))


def _headlines(store: Store, condition: str, documents: Collection[Term] | None = None) -> set[_Headline]:
    if documents is not None:
        return _asked(store, condition, "document", (one for one in documents if isinstance(one, NamedNode)))
    return {
        _headline(*row)
        for row in every(store, _HEADLINES % {"asked": "", "condition": condition})
        if isinstance(row[0], NamedNode)
    }


def _asked(store: Store, condition: str, variable: str, terms: Iterable[Term]) -> set[_Headline]:
    query = (_HEADLINES % {"asked": "@", "condition": condition}).replace("{", "{{").replace("}", "}}")
    return {
        _headline(*row)
        for row in asked_of(store, query.replace("@", "{0}"), variable, terms)
        if isinstance(row[0], NamedNode)
    }


def _headline(document: Term, year: Term, headline: Term) -> _Headline:
    return _Headline(value_of(document), year, _words(value_of(headline)))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


def _near(some: Iterable[_Headline], others: Iterable[_Headline]) -> set[tuple[str, str]]:
    """Find the pairs of one of some headlines and one of others that hardly differ."""
    wanted = [(one, one.shelf) for one in some]
    shelves = {shelf for _, shelf in wanted}
    by_key: dict[tuple[tuple[str, ...], str], list[_Headline]] = defaultdict(list)
    for headline in others:
        shelf = headline.shelf
        if shelf in shelves:
            for word in headline.longest:
                by_key[shelf, word].append(headline)
    pairs = ((one, other) for one, shelf in wanted for word in one.longest for other in by_key.get((shelf, word), ()))
    compared = {(one, other) if one.order < other.order else (other, one) for one, other in pairs}
    return {(one.document, other.document) for one, other in compared if one.is_near(other)}


def _known_apart(store: Store, one: NamedNode, other: NamedNode) -> bool:
    """Whether something in the graph says that two documents are two."""
    # Asked one by one: in a UNION Virtuoso loses the conditions.
    return any(store.query(f"ASK {{ {where.format(one, other)} }}") is True for where in _KNOWN_APART)
