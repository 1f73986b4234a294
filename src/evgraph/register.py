"""The register, which records which document is which, and the labels of concepts that pages print.

A headline does not identify a document. Each document that a page names has a key, made of what the page states. The
register says which document a key means, in one triple: ``doc:u-… dcterms:isReplacedBy doc:timko-2007``. Until it does,
the key is the document's IRI.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from evgraph import shipped_files
from evgraph.errors import UnreadableError
from evgraph.namespaces import DCTERMS, EVG, ID, PROV, RDF, RDFS, SKOS
from evgraph.rdf.files import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DOC = f"{ID}doc/"
ORG = f"{ID}org/"
CURATOR = f"{ID}agent/curator"
REGISTER_FILES = ("documents.ttl", "organisations.ttl")
_WORD = re.compile(r"[^\W_]+")
_TYPE, _COUNTRY = f"{RDF}type", (f"{EVG}studyCountry", f"{EVG}forCountry")
_LABELS = (f"{RDFS}label", f"{SKOS}prefLabel", f"{SKOS}altLabel")


@lru_cache(maxsize=4096)  # Pages repeat a few words over and over.
def normalize(words: str) -> str:
    """Return words in a form for comparing: NFKC, case folded, letters and digits only, single spaces."""
    plain = words.lower() if words.isascii() else unicodedata.normalize("NFKC", words).casefold()
    return " ".join(_WORD.findall(plain.replace("'", "").replace("’", "")))


def slug(words: str) -> str:
    """Return a readable last part for an IRI: lower-case ASCII letters and digits, separated by hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", ""))) or "x"


def document_key(cell: str, words: str, date: str | None, publisher: str | None) -> str:
    """Return the IRI of a document that nobody has identified.

    Args:
        cell: ``drug-E4``.
        words: the headline, or the text around the mention of a document that is not listed.
        date: as printed.
        publisher: as printed.

    """
    stated = "\n".join((cell, normalize(words), normalize(date or ""), normalize(publisher or "")))
    return f"{DOC}u-{hashlib.sha256(stated.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class SettledReference:
    """A person's decision on what a reference means: the IRI of the target, and who decided."""

    target: str
    by: str


@dataclass(slots=True)
class Register:
    """Documents, organisations, decisions and concepts, by IRI or by the words that pages print.

    Attributes:
        by_subject: all triples, by IRI of the subject.
        decisions: key of a document → the documents that it means.
        former: document → decisions for it in an earlier output, which no longer apply.
        settled: IRI of a reference → a person's decision on it.
        curated: the triples in ``curated/``.

    """

    by_subject: dict[str, list[Triple]] = field(default_factory=lambda: defaultdict(list))
    decisions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    former: dict[str, list[Triple]] = field(default_factory=lambda: defaultdict(list))
    settled: dict[str, SettledReference] = field(default_factory=dict)
    curated: set[Triple] = field(default_factory=set)
    _values: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _concepts: dict[tuple[str, str], str] = field(default_factory=dict)
    _broader: dict[str, str] = field(default_factory=dict)
    _organisations: dict[str, str] = field(default_factory=dict)
    _identified: dict[tuple[str, str], list[str]] | None = None

    def documents(self, key: str) -> list[str]:
        """Return the documents that a key means: those decided on, else the key itself."""
        return self.decisions.get(key) or [key]

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a property, as strings."""
        return self._values.get((subject, predicate), [])

    def types(self, document: str) -> set[str]:
        """Return the local names of a registered document's evgraph classes: ``{"Trial", "Study", "Document"}``."""
        return {cls.removeprefix(EVG) for cls in self.objects(document, _TYPE) if cls.startswith(EVG)}

    def countries(self, document: str) -> set[str]:
        """Return the countries that a registered document is from or for, as concept IRIs."""
        return {country for name in _COUNTRY for country in self.objects(document, name)}

    def concept(self, scheme: str, words: str) -> str | None:
        """Return the IRI of a concept, by one of its labels."""
        return self._concepts.get((scheme, normalize(words)))

    def broader_country(self, country: str) -> str | None:
        """Return the country that a country is a part of: Great Britain for Wales."""
        return self._broader.get(country)

    def identified(self, scheme: str, value: str) -> list[str]:
        """Return the documents that have an identifier: ``identified("bank-key", "Timko_C_9")``."""
        if self._identified is None:
            self._identified = defaultdict(list)
            for document in sorted(self.by_subject):
                for identification in self.objects(document, f"{EVG}identification"):
                    for iri in self.objects(identification, f"{EVG}identifierScheme"):
                        for identifier in self.objects(identification, f"{EVG}identifierValue"):
                            self._identified[iri.rpartition("/")[2], identifier.casefold()].append(document)
        return self._identified.get((scheme, value.casefold()), [])

    def organisation(self, name: str) -> str | None:
        """Return the IRI of an organisation, by one of its names."""
        return self._organisations.get(normalize(name))

    def publishers(self, name: str) -> list[str]:
        """Return the organisations of a printed publisher: one, or several joined by "and"; none if one is unknown."""
        if whole := self.organisation(name):
            return [whole]
        parts = [self.organisation(part) for part in re.split(r", | and ", name)]
        return [part for part in parts if part] if all(parts) else []

    def extract(self, iris: Iterable[str]) -> tuple[set[Triple], set[Triple]]:
        """Return the triples about some documents and organisations, and about whatever those triples mention.

        Curated triples are left out.

        Returns:
            The triples about documents, with their identifications and decisions, and those about organisations.

        """
        keys = defaultdict(list)
        for key, documents in self.decisions.items():
            for document in documents:
                keys[document].append(key)
        waiting, seen = list(iris), set[str]()
        mentioned = set(waiting)
        documents_, organisations = set[Triple](), set[Triple]()
        while waiting:
            iri = waiting.pop()
            if iri in seen or not iri.startswith(ID):
                continue
            seen.add(iri)
            triples = [triple for triple in self.by_subject.get(iri, ()) if triple not in self.curated]
            (organisations if iri.startswith(ORG) else documents_).update(triples)
            waiting += [triple.object.value for triple in triples if isinstance(triple.object, NamedNode)]
            for key in keys.get(iri, ()):
                documents_.update(triple for triple in self.by_subject.get(key, ()) if triple not in self.curated)
            # Where a cell mentions the key itself, the decision has been taken back.
            documents_.update(
                triple
                for triple in self.former.get(iri, ())
                if isinstance(triple.subject, NamedNode) and triple.subject.value not in mentioned
            )
        return documents_, organisations


def load(places: Sequence[str | Path] | None = None, *, output: Path | None = None) -> Register:
    """Load a register, and the concepts of the shipped ontology.

    Args:
        places: files, or folders with ``documents.ttl``, ``organisations.ttl`` or ``curated/``; default: the shipped
            register.
        output: a folder that an earlier run wrote. Its ``curated/`` is read like that of a place. What was copied into
            it describes documents that the places do not know; its decisions do not apply.

    Raises:
        UnreadableError: a file is missing or not well-formed.

    """
    register = Register()
    for file in find([shipped_files.ontology() / "schemes.ttl"]):
        for quad in file.quads():
            _add_concept(register, quad.triple)
    for place in map(Path, places or [shipped_files.data()]):
        known = [place / name for name in REGISTER_FILES if (place / name).is_file()] if place.is_dir() else [place]
        for file in find(known):
            for quad in file.quads():
                _add(register, quad.triple)
        _load_curated(register, place)
    if output:
        _load_curated(register, output)
        _load_former(register, output)
    return register


def _load_former(register: Register, folder: Path) -> None:
    known = {one.subject for triples in register.by_subject.values() for one in triples if one not in register.curated}
    for file in find([folder / name for name in REGISTER_FILES if (folder / name).is_file()]):
        for quad in file.quads():
            if quad.subject in known or not isinstance(quad.subject, NamedNode):
                continue
            if quad.predicate.value == f"{DCTERMS}isReplacedBy" and isinstance(quad.object, NamedNode):
                register.former[quad.object.value].append(quad.triple)
            else:
                register.by_subject[quad.subject.value].append(quad.triple)


def _load_curated(register: Register, folder: Path) -> None:
    for file in find(sorted((folder / "curated").rglob("*.ttl"))):
        for quad in file.quads():
            _add(register, quad.triple)
            register.curated.add(quad.triple)


def check(place: Path) -> None:
    """Check that a folder holds a register.

    Raises:
        UnreadableError: it holds none.

    """
    if place.is_dir() and not any((place / name).exists() for name in (*REGISTER_FILES, "curated")):
        raise UnreadableError(
            "no register in this folder", path=place, hint=f"a register is {' and '.join(REGISTER_FILES)}"
        )


def _add_concept(register: Register, triple: Triple) -> None:
    if not isinstance(triple.subject, NamedNode) or not triple.subject.value.startswith(f"{ID}scheme/"):
        return
    iri, predicate = triple.subject.value, triple.predicate.value
    scheme = iri.removeprefix(f"{ID}scheme/").split("/")[0]
    if predicate in _LABELS and isinstance(triple.object, Literal):
        register._concepts.setdefault((scheme, normalize(triple.object.value)), iri)
    elif predicate == f"{SKOS}broader" and isinstance(triple.object, NamedNode):
        register._broader[iri] = triple.object.value


def _add(register: Register, triple: Triple) -> None:
    if not isinstance(triple.subject, NamedNode):
        return
    iri, predicate, value = triple.subject.value, triple.predicate.value, triple.object
    register.by_subject[iri].append(triple)
    if isinstance(value, NamedNode | Literal):
        register._values[iri, predicate].append(value.value)
    if iri.startswith(f"{DOC}u-") and predicate == f"{DCTERMS}isReplacedBy" and isinstance(value, NamedNode):
        if value.value not in register.decisions[iri]:
            register.decisions[iri].append(value.value)
    elif iri.startswith(f"{ID}ref/") and predicate == f"{EVG}target" and isinstance(value, NamedNode):
        by = register.settled[iri].by if iri in register.settled else CURATOR
        register.settled[iri] = SettledReference(value.value, by)
    elif iri.startswith(f"{ID}ref/") and predicate == f"{PROV}wasAttributedTo" and isinstance(value, NamedNode):
        target = register.settled[iri].target if iri in register.settled else ""
        register.settled[iri] = SettledReference(target, value.value)
    elif iri.startswith(ORG) and predicate in _LABELS and isinstance(value, Literal):
        register._organisations.setdefault(normalize(value.value), iri)
