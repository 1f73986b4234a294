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
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from evgraph import shipped_files
from evgraph.errors import UnreadableError
from evgraph.namespaces import DCTERMS, EVG, ID, PROV, RDF, RDFS, SKOS
from evgraph.rdf.files import read_triples

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

    It is made of the cell (``drug-E4``), the headline, or the text around the mention of a document that is not listed,
    and the date and the publisher as printed.
    """
    stated = "\n".join((cell, normalize(words), normalize(date or ""), normalize(publisher or "")))
    return f"{DOC}u-{hashlib.sha256(stated.encode()).hexdigest()[:12]}"


class SettledReference(NamedTuple):
    """A person's decision on a reference: the IRI of its target, or the reason why it has none, and who decided."""

    target: str = ""
    resolution: str = ""  # A notation of the resolution scheme, where the decision names one: ``outside``.
    by: str = CURATOR


class Register:
    """Documents, organisations, decisions and concepts, by IRI or by the words that pages print."""

    def __init__(self) -> None:
        self.by_subject = defaultdict[str, list[Triple]](list)  # All triples.
        self.decisions = defaultdict[str, list[str]](list)  # Key of a document → the documents that it means.
        # Document → decisions for it in an earlier output, which no longer apply.
        self.former = defaultdict[str, list[Triple]](list)
        self.settled = defaultdict[str, SettledReference](SettledReference)  # By IRI of the reference.
        self.curated = set[Triple]()  # What ``curated/`` holds.
        self._values = defaultdict[tuple[str, str], list[str]](list)
        self._concepts: dict[tuple[str, str], str] = {}
        self._broader: dict[str, str] = {}
        self._organisations: dict[str, str] = {}

    def documents(self, key: str) -> list[str]:
        """Return the documents that a key means: those decided on, else the key itself."""
        return self.decisions.get(key) or [key]

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a property, as strings."""
        return self._values.get((subject, predicate), [])

    def label(self, iri: str) -> str:
        """Return the first label of a thing; empty where it has none."""
        return next(iter(self.objects(iri, f"{RDFS}label")), "")

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
        return self._identified.get((scheme, value.casefold()), [])

    @cached_property
    def _identified(self) -> dict[tuple[str, str], list[str]]:
        documents = defaultdict[tuple[str, str], list[str]](list)
        for document in sorted(self.by_subject):
            for identification in self.objects(document, f"{EVG}identification"):
                for iri in self.objects(identification, f"{EVG}identifierScheme"):
                    for value in self.objects(identification, f"{EVG}identifierValue"):
                        documents[iri.rpartition("/")[2], value.casefold()].append(document)
        return documents

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

        Those about documents, with their identifications and decisions, come first, then those about organisations.
        Curated triples are left out.
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

    def add(self, triple: Triple) -> None:
        """Add a triple of a register or of ``curated/``."""
        if not isinstance(triple.subject, NamedNode):
            return
        iri, predicate, value = triple.subject.value, triple.predicate.value, triple.object
        self.by_subject[iri].append(triple)
        if isinstance(value, NamedNode | Literal):
            self._values[iri, predicate].append(value.value)
        if isinstance(value, Literal):
            if iri.startswith(ORG) and predicate in _LABELS:
                self._organisations.setdefault(normalize(value.value), iri)
        elif not isinstance(value, NamedNode):
            return
        elif iri.startswith(f"{DOC}u-") and predicate == f"{DCTERMS}isReplacedBy":
            if value.value not in self.decisions[iri]:
                self.decisions[iri].append(value.value)
        elif iri.startswith(f"{ID}ref/") and predicate == f"{EVG}target":
            self.settled[iri] = self.settled[iri]._replace(target=value.value)
        elif iri.startswith(f"{ID}ref/") and predicate == f"{EVG}resolution":
            self.settled[iri] = self.settled[iri]._replace(resolution=value.value.rpartition("/")[2])
        elif iri.startswith(f"{ID}ref/") and predicate == f"{PROV}wasAttributedTo":
            self.settled[iri] = self.settled[iri]._replace(by=value.value)

    def add_concept(self, triple: Triple) -> None:
        """Add a triple of the ontology's concept schemes: a label of a concept, or the country that it is a part of."""
        if not isinstance(triple.subject, NamedNode) or not triple.subject.value.startswith(f"{ID}scheme/"):
            return
        iri, predicate = triple.subject.value, triple.predicate.value
        if predicate in _LABELS and isinstance(triple.object, Literal):
            scheme = iri.removeprefix(f"{ID}scheme/").split("/")[0]
            self._concepts.setdefault((scheme, normalize(triple.object.value)), iri)
        elif predicate == f"{SKOS}broader" and isinstance(triple.object, NamedNode):
            self._broader[iri] = triple.object.value


def load(places: Sequence[str | Path] | None = None, *, output: Path | None = None) -> Register:
    """Load a register, by default the shipped one, and the concepts of the shipped ontology.

    Args:
        places: files, or folders with ``documents.ttl``, ``organisations.ttl`` or ``curated/``.
        output: a folder that an earlier run wrote. Its ``curated/`` is read like that of a place. What was copied into
            it describes documents that the places do not know; its decisions do not apply.

    Raises:
        UnreadableError: a file is missing or not well-formed.

    """
    register = Register()
    for triple in read_triples([shipped_files.ontology() / "schemes.ttl"]):
        register.add_concept(triple)
    for place in map(Path, places or [shipped_files.data()]):
        for triple in read_triples(_register_files(place) if place.is_dir() else [place]):
            register.add(triple)
        _load_curated(register, place)
    if output:
        _load_curated(register, output)
        _load_former(register, output)
    return register


def _register_files(folder: Path) -> list[Path]:
    return [folder / name for name in REGISTER_FILES if (folder / name).is_file()]


def _load_curated(register: Register, folder: Path) -> None:
    for triple in read_triples(sorted((folder / "curated").rglob("*.ttl"))):
        register.add(triple)
        register.curated.add(triple)


def _load_former(register: Register, folder: Path) -> None:
    known = {
        triple.subject
        for triples in register.by_subject.values()
        for triple in triples
        if triple not in register.curated
    }
    for triple in read_triples(_register_files(folder)):
        subject, value = triple.subject, triple.object
        if subject in known or not isinstance(subject, NamedNode):
            continue
        if triple.predicate.value == f"{DCTERMS}isReplacedBy" and isinstance(value, NamedNode):
            register.former[value.value].append(triple)
        else:
            register.by_subject[subject.value].append(triple)


def check(place: Path) -> None:
    """Raise `UnreadableError` if a folder holds no register."""
    if place.is_dir() and not any((place / name).exists() for name in (*REGISTER_FILES, "curated")):
        raise UnreadableError(
            "no register in this folder", path=place, hint=f"a register is {' and '.join(REGISTER_FILES)}"
        )
