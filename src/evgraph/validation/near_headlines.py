"""Documents that may be one: the same year, and headlines that hardly differ.

Only documents whose headlines share one of their longest words, and all numbers, are compared, so that a graph of many
thousand stays quick, and that two documents are never compared, or not, because of a third. How alike two headlines are
is RapidFuzz's to say (https://rapidfuzz.github.io/RapidFuzz/).
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.namespaces import DCTERMS, ID
from evgraph.store.select import select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Store, Term
    from evgraph.validation.check import Row

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
  { ?document dcterms:title ?headline } UNION { ?entry evg:lists ?document ; schema:headline ?headline }
  ?document dcterms:issued ?year .
  FILTER NOT EXISTS { ?document dcterms:isReplacedBy ?kept }
}
"""
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


def rows(store: Store) -> Iterator[Row]:
    """Find pairs of documents; the one that nobody has identified comes first, to be given up for the other."""
    for pair in sorted(_near(_headline(*row) for row in select(store, _HEADLINES) if isinstance(row[0], NamedNode))):
        first, second = sorted(
            map(NamedNode, pair), key=lambda node: (not node.value.startswith(f"{ID}doc/u-"), node.value)
        )
        if not _known_apart(store, first, second):
            yield first, _REPLACED_BY, second


def _headline(document: Term, year: Term, headline: Term) -> _Headline:
    return _Headline(value_of(document), year, _words(value_of(headline)))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.lower()))


def _near(headlines: Iterable[_Headline]) -> set[tuple[str, str]]:
    """Find the pairs of documents whose headlines hardly differ."""
    by_key: dict[tuple[tuple[str, ...], str], set[_Headline]] = defaultdict(set)
    for headline in headlines:
        for word in headline.longest:
            by_key[headline.shelf, word].add(headline)
    pairs = {
        (first, second)
        for group in by_key.values()
        for first, second in itertools.combinations(sorted(group, key=lambda headline: headline.order), 2)
    }
    return {(first.document, second.document) for first, second in pairs if first.is_near(second)}


def _known_apart(store: Store, one: NamedNode, other: NamedNode) -> bool:
    """Whether something in the graph says that two documents are two."""
    # Asked one by one: in a UNION Virtuoso loses the conditions.
    return any(store.query(f"ASK {{ {where.format(one, other)} }}") is True for where in _KNOWN_APART)
