"""The check for duplicate documents: the same year, and headlines that are nearly equal.

It compares only headlines that share all numbers and one of their longest words, which keeps it quick on thousands of
documents. RapidFuzz measures the similarity: https://rapidfuzz.github.io/RapidFuzz/
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.namespaces import DCTERMS, ID
from evgraph.store.protocol import select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Store, Term
    from evgraph.validation.check import Row

SUMMARY = "Two documents of the same year have nearly the same headline, so they may be one document"
PROBLEM = (
    "A document with two IRIs counts twice in every answer, and each IRI has only a part of its links. Headlines alone"
    " do not decide it: two documents can have the same headline."
)
SOLUTION = (
    "Compare the two. If they are one document, replace one IRI by the other, as shown (dcterms:isReplacedBy); if not,"
    " state owl:differentFrom in a file in curated/."
)

_SIMILAR = 90  # Of 100: one word in ten differs, or a few letters.
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
# They are two documents if one cell lists both, if a triple links them, or if their DOIs or PMIDs differ.
_DIFFERENT = (
    "{0} ?property {1}",
    "{1} ?property {0}",
    "?one evg:lists {0} . ?one evg:inCell ?cell . ?other evg:lists {1} . ?other evg:inCell ?cell",
    "{0} bibo:doi ?one . {1} bibo:doi ?other . FILTER(LCASE(STR(?one)) != LCASE(STR(?other)))",
    "{0} bibo:pmid ?one . {1} bibo:pmid ?other . FILTER(STR(?one) != STR(?other))",
)


class _Headline(NamedTuple):
    document: str
    words: tuple[str, ...]
    year: Term

    def is_near(self, other: _Headline) -> bool:
        """Whether two headlines of different documents are nearly equal."""
        first, second = " ".join(self.words), " ".join(other.words)
        most = (100 - _SIMILAR) * (len(first) + len(second))
        if self.document == other.document or 100 * abs(len(first) - len(second)) > most:
            return False  # Such lengths rule it out, and most runs need not load RapidFuzz.
        from rapidfuzz import fuzz

        return bool(fuzz.token_sort_ratio(first, second, score_cutoff=_SIMILAR))


def rows(store: Store) -> Iterator[Row]:
    """Yield pairs of documents; the unidentified one comes first, because the other replaces it."""
    headlines = (
        _Headline(document.value, tuple(re.findall(r"[^\W_]+", value_of(headline).lower())), year)
        for document, year, headline in select(store, _HEADLINES)
        if isinstance(document, NamedNode)
    )
    for pair in sorted(_near(headlines)):
        first, second = map(NamedNode, sorted(pair, key=lambda iri: (not iri.startswith(f"{ID}doc/u-"), iri)))
        # One query each: in a UNION, Virtuoso loses the conditions.
        if not any(store.query(f"ASK {{ {where.format(first, second)} }}") is True for where in _DIFFERENT):
            yield first, _REPLACED_BY, second


def _near(headlines: Iterable[_Headline]) -> set[tuple[str, str]]:
    """Return the pairs of documents whose headlines are nearly equal.

    Compared are those that share the year, the numbers, which distinguish parts, and one of the longest words.
    """
    by_key = defaultdict[tuple[object, ...], set[_Headline]](set)
    for headline in headlines:
        numbers = sorted({word for word in headline.words if word.isdecimal()})
        words = sorted({*headline.words}.difference(numbers), key=lambda word: (-len(word), word))
        for word in words[:_LONGEST] or [""]:
            by_key[headline.year, word, *numbers].add(headline)
    pairs = {
        (first, second) for similar in by_key.values() for first, second in itertools.combinations(sorted(similar), 2)
    }
    return {(first.document, second.document) for first, second in pairs if first.is_near(second)}
