"""The checks that need more than SPARQL: whether pages have changed, and which documents may be one.

RapidFuzz measures how similar headlines are: https://rapidfuzz.github.io/RapidFuzz/
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.namespaces import DCTERMS, EVG, ID, curie
from evgraph.shacl.findings import Severity
from evgraph.store.protocol import select, select_for
from evgraph.terms import value_of
from evgraph.text import summarize_names
from evgraph.validation.check import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from evgraph.store.protocol import Store, Term
    from evgraph.validation.check import Row

_SOURCE = "src/evgraph/validation/checks_in_code.py"
CHANGED_PAGE = Rule(
    "changed-page",
    Severity.WARNING,
    "check",
    "The page of this snapshot has changed since it was read.",
    "The passages of the snapshot give lines and offsets in a text that the page no longer has. In the page of today,"
    " other words are there.",
    "Ingest the page as it is now, then review the curated data that refers to its passages; or keep the old page with"
    " the graph.",
    _SOURCE,
)
NEAR_HEADLINES = Rule(
    "near-headlines",
    Severity.WARNING,
    "check",
    "Two documents of the same year have nearly the same headline, so they may be one document.",
    "A document with two IRIs counts twice in every answer, and each IRI has only a part of its links. Headlines alone"
    " do not decide it: two documents can have the same headline.",
    "Compare the two. If they are one document, replace one IRI by the other, as shown (dcterms:isReplacedBy); if not,"
    " state owl:differentFrom in a file in curated/.",
    _SOURCE,
)
UNAPPLIED_DECISION = Rule(
    "unapplied-decision",
    Severity.VIOLATION,
    "check",
    "A decision about a reference is not in the file of its cell, or two decisions contradict each other.",
    "Answers follow the file of the cell, so what was decided has no effect there.",
    "Keep the one that is right, then ingest the pages again.",
    _SOURCE,
)

_PASSAGE = re.compile(re.escape(f"{ID}passage/") + r"(?P<hash>[0-9a-f]{16})/(?P<start>[0-9]{1,9})-(?P<end>[0-9]{1,9})")
_SHA256 = NamedNode(f"{EVG}sha256")
_SNAPSHOTS = """
SELECT DISTINCT ?snapshot ?cell ?hash
WHERE {
  ?snapshot prov:specializationOf ?cell ;
    evg:sha256 ?hash .
}
ORDER BY STR(?snapshot)
"""

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
# Two documents are different if a triple links them, if one cell lists both, or if their DOIs or PMIDs differ.
_LINKS = "SELECT DISTINCT ?s ?o WHERE { VALUES ?s {} ?s ?p ?o FILTER(isIRI(?o)) }"
_CELLS = "SELECT DISTINCT ?s ?o WHERE { VALUES ?s {} ?entry evg:lists ?s ; evg:inCell ?o }"
_DOIS = "SELECT DISTINCT ?s (LCASE(STR(?text)) AS ?o) WHERE { VALUES ?s {} ?s bibo:doi ?text }"
_PMIDS = "SELECT DISTINCT ?s (STR(?text) AS ?o) WHERE { VALUES ?s {} ?s bibo:pmid ?text }"


class Pages:
    """The pages of a folder, or one page, which snapshots are compared with.

    Raise UnreadableError if the folder is missing or has no page.
    """

    def __init__(self, folder: Path) -> None:
        from evgraph.pages.decoding import find_pages, read
        from evgraph.pages.layout import read_page

        if not folder.exists():
            raise UnreadableError("no such folder of pages", path=folder, hint="check the name")
        self._folder = folder
        self._hashes: dict[str, set[str]] = {}  # Cell (``drug-E4``) → SHA-256 of each of its texts.
        self._texts: dict[str, str] = {}  # Hash in the snapshot's IRI → its text.
        self._errors: list[str] = []
        self._without: dict[str, None] = {}  # Snapshots without a page in the folder.
        for path in find_pages([folder]):
            try:
                page = read_page(read(path))
            except EvgraphError as error:
                self._errors.append(str(error))
            else:
                self._hashes.setdefault(page.cell, set()).add(page.source.sha256)
                self._texts[page.source.hash] = page.source.text

    @property
    def complaints(self) -> list[str]:
        """What could not be compared, and why; complete after the check has run."""
        if not self._without:
            return self._errors
        return [*self._errors, f"not compared: {self._folder} has no page for {summarize_names(self._without)}"]

    def words(self, passage: str) -> str | None:
        """Return the words of a passage on one line; None where no page of the folder has the text of its snapshot."""
        match = _PASSAGE.fullmatch(passage)
        text = self._texts.get(match["hash"]) if match else None
        return " ".join(text[int(match["start"]) : int(match["end"])].split()) if match and text else None

    def rows(self, store: Store) -> Iterator[Row]:
        """Yield the snapshots whose page in the folder has another text."""
        for snapshot, cell, digest in select(store, _SNAPSHOTS):
            if isinstance(snapshot, NamedNode) and isinstance(cell, NamedNode) and isinstance(digest, Literal):
                texts = self._hashes.get(cell.value.removeprefix(f"{ID}cell/"))
                if texts is None:
                    self._without[curie(snapshot.value)] = None
                elif digest.value not in texts:
                    yield snapshot, _SHA256, digest


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


def near_headlines(store: Store) -> Iterator[Row]:
    """Yield pairs of documents; the unidentified one comes first, because the other replaces it."""
    headlines = (
        _Headline(document.value, tuple(re.findall(r"[^\W_]+", value_of(headline).lower())), year)
        for document, year, headline in select(store, _HEADLINES)
        if isinstance(document, NamedNode)
    )
    pairs = _near(headlines)
    documents = {NamedNode(document) for pair in pairs for document in pair}

    def values(query: str) -> defaultdict[str, set[str]]:
        by_document = defaultdict[str, set[str]](set)
        for document, value in select_for(store, query, documents):
            by_document[value_of(document)].add(value_of(value))
        return by_document

    links, cells = values(_LINKS), values(_CELLS)
    identifiers = [values(_DOIS), values(_PMIDS)]
    for document, other in sorted(pairs):
        is_linked = other in links[document] or document in links[other] or not cells[document].isdisjoint(cells[other])
        if not is_linked and not any(
            keys[document] and keys[other] and len(keys[document] | keys[other]) > 1 for keys in identifiers
        ):
            first, second = sorted((document, other), key=lambda iri: (not iri.startswith(f"{ID}doc/u-"), iri))
            yield NamedNode(first), _REPLACED_BY, NamedNode(second)


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
