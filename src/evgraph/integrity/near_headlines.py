"""Documents that may be one: the same year, and headlines that hardly differ.

Only documents whose headlines share one of their rarest words are compared, so that a graph of many thousand stays
quick; how alike two headlines are is RapidFuzz's to say (https://rapidfuzz.github.io/RapidFuzz/).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import DCTERMS, ID
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
_RAREST = 3
_REPLACED_BY = NamedNode(f"{DCTERMS}isReplacedBy")
_HEADLINES = """
SELECT DISTINCT ?document ?year ?headline ?cell
WHERE {
  ?document dcterms:issued ?year .
  { ?document dcterms:title ?headline } UNION { ?entry evg:lists ?document ; schema:headline ?headline }
  OPTIONAL { ?listing evg:lists ?document ; evg:inCell ?cell }
  FILTER NOT EXISTS { ?document dcterms:isReplacedBy ?kept }
}
"""
# A statement that joins the two takes them for two, whatever it says; so do two DOIs.
_KNOWN_APART = """
ASK {{
  {{ {0} ?property {1} }} UNION {{ {1} ?property {0} }}
  UNION {{ {0} bibo:doi ?one . {1} bibo:doi ?other . FILTER(LCASE(STR(?one)) != LCASE(STR(?other))) }}
  UNION {{ {0} bibo:pmid ?one . {1} bibo:pmid ?other . FILTER(STR(?one) != STR(?other)) }}
}}
"""


class _Headline(NamedTuple):
    document: str
    words: tuple[str, ...]

    @property
    def numbers(self) -> set[str]:
        """Numbers set editions, parts and years apart."""
        return {word for word in self.words if word.isdecimal()}


def rows(store: Store) -> Iterator[Row]:
    """Find pairs of documents; the one that nobody has identified comes first, to be given up for the other."""
    by_year: dict[str, set[_Headline]] = defaultdict(set)
    cells: dict[str, set[str]] = defaultdict(set)
    answer = store.query(_HEADLINES)
    for document, year, headline, cell in answer.rows if isinstance(answer, Rows) else ():
        if isinstance(document, NamedNode) and isinstance(year, Literal) and isinstance(headline, Literal):
            words = tuple(re.findall(r"[^\W_]+", headline.value.casefold()))
            by_year[year.value].add(_Headline(document.value, words))
            cells[document.value].update(_iris(cell))
    for headlines in by_year.values():
        for pair in sorted(_near(headlines)):
            # A page that lists both holds them for two.
            if not cells[pair[0]] & cells[pair[1]]:
                one, other = sorted(pair, key=lambda iri: (not iri.startswith(f"{ID}doc/u-"), iri))
                if not store.query(_KNOWN_APART.format(NamedNode(one), NamedNode(other))):
                    yield NamedNode(one), _REPLACED_BY, NamedNode(other)


def _near(headlines: Iterable[_Headline]) -> set[tuple[str, str]]:
    from rapidfuzz import fuzz

    ordered = sorted(headlines)
    common = Counter(word for headline in ordered for word in set(headline.words))
    by_word: dict[str, list[_Headline]] = defaultdict(list)
    for headline in ordered:
        for word in sorted(set(headline.words), key=lambda word: (common[word], word))[:_RAREST]:
            by_word[word].append(headline)
    found: set[tuple[str, str]] = set()
    compared: set[tuple[_Headline, _Headline]] = set()
    for alike in by_word.values():
        for pair in combinations(alike, 2):
            one, other = pair
            if one.document != other.document and pair not in compared and one.numbers == other.numbers:
                compared.add(pair)
                if fuzz.token_sort_ratio(" ".join(one.words), " ".join(other.words), score_cutoff=_ALIKE):
                    found.add((one.document, other.document))
    return {(min(pair), max(pair)) for pair in found}


def _iris(term: Term | None) -> set[str]:
    return {term.value} if isinstance(term, NamedNode) else set()
