"""Documents that may be one: the same year, and headlines that hardly differ.

Only documents whose headlines share one of their longest words, and all numbers, are compared, so that a graph of many
thousand stays quick, and that two documents are never compared, or not, because of a third. How alike two headlines are
is RapidFuzz's to say (https://rapidfuzz.github.io/RapidFuzz/).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.integrity.judging.asking import asked_of, batches, every, value_of, values
from evgraph.integrity.judging.lexical import kept
from evgraph.namespaces import DCTERMS, EVG, ID, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from evgraph.integrity.changes.affected import Changes
    from evgraph.integrity.checking.check import Row
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
_HEADLINES = """
SELECT DISTINCT ?document ?year ?headline
WHERE {
  { %(asked)s ?document dcterms:title ?headline . %(like)s ?document dcterms:issued ?year . %(condition)s }
  UNION {
    %(asked)s ?entry schema:headline ?headline . %(like)s ?entry evg:lists ?document .
    ?document dcterms:issued ?year . %(condition)s
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

    @property
    def needles(self) -> list[str]:
        """What, one or the other, stands in each headline that this one is compared with."""
        return [max(self.shelf[1:], key=len)] if len(self.shelf) > 1 else self.longest

    def is_near(self, other: _Headline) -> bool:
        """Whether two headlines hardly differ."""
        from rapidfuzz import fuzz

        words = " ".join(self.words), " ".join(other.words)
        return self.document != other.document and bool(fuzz.token_sort_ratio(*words, score_cutoff=_ALIKE))


def rows(store: Store, among: Collection[Term] | None = None) -> Iterator[Row]:
    """Find pairs of documents; the one that nobody has identified comes first, to be given up for the other.

    Args:
        store: the graph.
        among: the only documents that may come first; by default any.

    """
    asked = _headlines(store, _STILL) if among is None else _of(store, _STILL, among)
    for pair in sorted(_near(asked, asked if among is None else _like(store, asked))):
        one, other = sorted(
            map(NamedNode, pair), key=lambda node: (not node.value.startswith(f"{ID}doc/u-"), node.value)
        )
        if (among is None or one in among) and not _known_apart(store, one, other):
            yield one, _REPLACED_BY, other


def reach(store: Store, changes: Changes) -> set[Term]:
    """Find the documents whose pairs a change can touch: those that it is about, and those near to them."""
    nodes = changes.subjects | {value for _, predicate, value in changes.triples if predicate.value == f"{EVG}lists"}
    lists = "SELECT DISTINCT ?entry ?document WHERE {{ {} ?entry evg:lists ?document }}"
    known = _of(store, "", nodes | {document for _, document in asked_of(store, lists, "entry", nodes)})
    literals = [(predicate.value, one) for _, predicate, one in changes.triples if isinstance(one, Literal)]
    years = {one.year for one in known} | {kept(one) for said, one in literals if said == f"{DCTERMS}issued"}
    # What a removed statement said, or a replaced thing is called, may have been near to others, too.
    texts = {one.value for said, one in literals if said in {f"{DCTERMS}title", f"{SCHEMA}headline"}}
    words = {one.words for one in known} | {_words(text) for text in texts}
    asked = {_Headline("", year, some) for year in years for some in words}
    near = {other for _, other in _near(asked, _like(store, asked))}
    return {NamedNode(iri) for iri in near.union(one.document for one in known)}


def _of(store: Store, condition: str, documents: Iterable[Term]) -> set[_Headline]:
    """Read the headlines of some documents."""
    found: set[_Headline] = set()
    for some in batches(one for one in documents if isinstance(one, NamedNode)):
        found |= _headlines(store, condition, values("document", some))
    return found


def _like(store: Store, headlines: Iterable[_Headline]) -> set[_Headline]:
    """Read the headlines that some may be near to, and more."""
    found: set[_Headline] = set()
    needles = {Literal(needle) for one in headlines for needle in one.needles}
    for some in batches(needles):
        expression = Literal("|".join(value_of(needle) for needle in some))
        found |= _headlines(store, _STILL, like=f'FILTER(REGEX(STR(?headline), {expression}, "i"))')
    return found


def _headlines(store: Store, condition: str, asked: str = "", like: str = "") -> set[_Headline]:
    query = _HEADLINES % {"asked": asked, "like": like, "condition": condition}
    return {_headline(*row) for row in every(store, query) if isinstance(row[0], NamedNode)}


def _headline(document: Term, year: Term, headline: Term) -> _Headline:
    return _Headline(value_of(document), year, _words(value_of(headline)))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.lower()))


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
