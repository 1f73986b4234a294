"""The fixes of findings that have exactly one safe fix.

What a person must decide has none. Files that ingest writes are not fixed: there, the page is to be ingested again.
"""

from __future__ import annotations

import re
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, PROV, RDF, SKOS, XSD
from evgraph.rdf.files import always_loaded
from evgraph.rdf.turtle_edits import RDF_TYPE, Change, Renaming
from evgraph.shacl.findings import term_text
from evgraph.shacl.shapes_graph import triples
from evgraph.text import nearest
from evgraph.validation.source import ontology_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.turtle_edits import Statement, Value
    from evgraph.shacl.findings import Finding

_DOI = re.compile(r"\s*(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/[^ ]+?)\s*", re.IGNORECASE)
_PMID = re.compile(
    r"\s*(?:(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/|pmid:?\s*)?"
    r"([1-9][0-9]{0,8})/?\s*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\s*([0-9]{4})\s*", re.ASCII)
_SIMILAR = 0.85  # The least similarity at which a term counts as misspelt.
_REPLACED_BY = ox.NamedNode(f"{DCTERMS}isReplacedBy")
_SUPERCLASSES = {
    "TrialShape-type": ("Study", "Document"), "StudyShape-type": ("Document",), "ReviewShape-type": ("Document",),
    "GuidanceShape-type": ("Document",), "AnalysisShape-type": ("Document",),
}  # fmt: skip
_SCHEMES = {
    "DocumentShape-studyCountry": "country", "DocumentShape-forCountry": "country",
    "OrganisationShape-country": "country", "DocumentShape-setting": "setting",
    "DocumentShape-studyDesign": "study-design",
}  # fmt: skip

FileChange: TypeAlias = "tuple[DataFile, Change | Renaming]"


class Fix(NamedTuple):
    """The only safe fix of a finding."""

    description: str  # What to do (``write 2007``).
    changes: Callable[[DataIndex], list[FileChange]]  # None where the data leaves more than one possibility.
    certain: bool = True  # Whether there are changes in any data.


class DataIndex:
    """Which file states what; the files are read when it is first asked."""

    def __init__(self, files: Sequence[DataFile]) -> None:
        self._files = {ox.NamedNode(f"urn:evgraph:file:{number}"): file for number, file in enumerate(files)}
        self._claims: dict[ox.NamedNode, Statement] = {}

    @cached_property
    def _store(self) -> ox.Store:
        store = ox.Store()
        for graph, file in self._files.items():
            store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in file.parsed())
        return store

    def files(
        self, subject: ox.NamedNode | None = None, predicate: ox.NamedNode | None = None, value: Value | None = None
    ) -> list[DataFile]:
        """Return the files with a triple of these terms, in the order of the data."""
        graphs = {quad.graph_name for quad in self._store.quads_for_pattern(subject, predicate, value, None)}
        return [file for graph, file in self._files.items() if graph in graphs]

    def values(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> set[ox.NamedNode]:
        """Return the IRIs that are objects of a subject and a predicate."""
        quads = self._store.quads_for_pattern(subject, predicate, None, None)
        return {quad.object for quad in quads if isinstance(quad.object, ox.NamedNode)}

    def claim_iri(self, statement: Statement) -> ox.NamedNode:
        """Return an IRI for a claim of a statement that nothing else has, and reserve it."""
        words = [re.sub(r"(?<=[a-z])(?=[A-Z])", "-", re.split(r"[/#]", term.value)[-1]) for term in statement]
        base = "-".join(re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in words)
        iri, number = ox.NamedNode(f"{ID}claim/{base}"), 1
        while self.files(iri) or self._claims.get(iri, statement) != statement:
            iri = ox.NamedNode(f"{ID}claim/{base}-{(number := number + 1)}")
        self._claims[iri] = statement
        return iri


def fix_of(finding: Finding) -> Fix | None:
    """Return the only safe fix of a finding; None where there is none or a person must choose."""
    focus, path, value = finding.focus, finding.path, finding.value
    if not isinstance(focus, ox.NamedNode):
        return None
    if finding.rule in _SUPERCLASSES:
        classes = [ox.NamedNode(EVG + name) for name in _SUPERCLASSES[finding.rule]]
        return Fix(f"add the type {' and '.join(map(term_text, classes))}", partial(_add_types, focus, classes))
    if finding.rule == "undefined-term":
        near = _nearest_term(focus)
        return Fix(f"write {term_text(near)}", partial(_rename, focus, near)) if near else None
    if not isinstance(path, ox.NamedNode) or not isinstance(value, ox.NamedNode | ox.Literal):
        return None
    statement = focus, path, value
    if isinstance(value, ox.Literal):
        better = _VALUES[finding.rule](value) if finding.rule in _VALUES else None
        if better is None or better == value:
            return None
        return Fix(f"write {term_text(better)}", partial(_replace, statement, better))
    if finding.rule == "LinkShape-claimed" and path.value != f"{EVG}bearsOn":
        return Fix("add a curator's claim of it", partial(_add_claim, statement))
    if finding.rule == "replaced-name":
        return Fix("write the name that has replaced it", partial(_write_successor, statement), certain=False)
    return None


def _add_types(subject: ox.NamedNode, classes: Sequence[ox.NamedNode], index: DataIndex) -> list[FileChange]:
    missing = [cls for cls in classes if cls not in index.values(subject, RDF_TYPE)]
    changes = [Change(((subject, RDF_TYPE, cls),)) for cls in missing]  # Two findings may lack the same class.
    return [(file, change) for file in index.files(subject, RDF_TYPE)[:1] for change in changes]


def _rename(old: ox.NamedNode, new: ox.NamedNode, index: DataIndex) -> list[FileChange]:
    files = [*index.files(subject=old), *index.files(predicate=old), *index.files(value=old)]
    return [(file, Renaming(old, new)) for file in dict.fromkeys(files)]


def _add_claim(statement: Statement, index: DataIndex) -> list[FileChange]:
    subject, predicate, value = statement
    claim = index.claim_iri(statement)
    values: dict[str, Value] = {
        RDF_TYPE.value: ox.NamedNode(f"{EVG}Claim"),
        f"{PROV}wasAttributedTo": ox.NamedNode(f"{ID}agent/curator"),
        f"{RDF}object": value,
        f"{RDF}predicate": predicate,
        f"{RDF}subject": subject,
    }
    change = Change(tuple((claim, ox.NamedNode(name), term) for name, term in values.items()))
    return [(file, change) for file in index.files(*statement)[:1]]


def _write_successor(statement: Statement, index: DataIndex) -> list[FileChange]:
    """Follow ``dcterms:isReplacedBy`` to its end, unless it is a cycle or leads to two."""
    passed = [value for value in statement[2:] if isinstance(value, ox.NamedNode)]
    while len(successors := index.values(passed[-1], _REPLACED_BY)) == 1:
        passed += successors
        if passed[-1] in passed[:-1]:
            return []
    return [] if successors or len(passed) == 1 else _replace(statement, passed[-1], index)


def _replace(statement: Statement, new: Value, index: DataIndex) -> list[FileChange]:
    """Replace the object of a statement; of a DOI or PMID, also in the identification that has the same text."""
    subject, predicate, value = statement
    affected = [statement]
    if predicate.value in {f"{BIBO}doi", f"{BIBO}pmid"}:
        identifications = sorted(index.values(subject, ox.NamedNode(f"{EVG}identification")), key=str)
        affected += [(node, ox.NamedNode(f"{EVG}identifierValue"), value) for node in identifications]
    return [(file, Change(((*old[:2], new),), removed=old)) for old in affected for file in index.files(*old)]


def _matched(pattern: re.Pattern[str], datatype: str, value: ox.Literal) -> ox.Literal | None:
    match = pattern.fullmatch(value.value)
    return ox.Literal(match[1], datatype=ox.NamedNode(XSD + datatype)) if match else None


def _concept(scheme: str, value: ox.Literal) -> ox.NamedNode | None:
    """Return the only concept of a scheme with this notation or label."""
    concepts = _concepts(scheme).get(value.value.strip().casefold(), set())
    return ox.NamedNode(next(iter(concepts))) if len(concepts) == 1 else None


_VALUES: dict[str, Callable[[ox.Literal], Value | None]] = {
    "DocumentShape-doi": partial(_matched, _DOI, "string"),
    "DocumentShape-pmid": partial(_matched, _PMID, "string"),
    "DocumentShape-issued": partial(_matched, _YEAR, "gYear"),
    **{rule: partial(_concept, scheme) for rule, scheme in _SCHEMES.items()},
}


@cache
def _concepts(scheme: str) -> dict[str, set[str]]:
    concepts: dict[str, set[str]] = {}
    names = {f"{SKOS}{name}" for name in ("notation", "prefLabel", "altLabel")}
    for subject, predicate, value in triples(always_loaded(), "c"):
        in_scheme = subject.value.startswith(f"{ID}scheme/{scheme}/") and predicate.value in names
        if in_scheme and isinstance(value, ox.Literal):
            concepts.setdefault(value.value.casefold(), set()).add(subject.value)
    return concepts


def _nearest_term(term: ox.NamedNode) -> ox.NamedNode | None:
    """Return the only term of evgraph's ontology that this one can be a misspelling of."""
    if not term.value.startswith(EVG):
        return None
    name = term.value.removeprefix(EVG)
    near = nearest(name, [iri.removeprefix(EVG) for iri in ontology_terms() if iri != EVG], 2, _SIMILAR)
    # The first letter distinguishes classes from properties.
    is_sure = len(near) == 1 and near[0][:1].isupper() == name[:1].isupper()
    return ox.NamedNode(EVG + near[0]) if is_sure else None
