"""Which document is which: the register that people keep, and the controlled words that pages print.

Sameness is never decided by a headline. A document that a page names has a key, made of what the page states; the
register says which document a key means, in one triple: ``doc:u-… dcterms:isReplacedBy doc:timko-2007``. Where it says
nothing, the key is the document's name until somebody decides.
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


@lru_cache(maxsize=4096)  # Pages say the same few words over and over.
def normalised(words: str) -> str:
    """Make words comparable: NFKC, case folded, letters and digits only, single spaces."""
    plain = words.lower() if words.isascii() else unicodedata.normalize("NFKC", words).casefold()
    return " ".join(_WORD.findall(plain.replace("'", "").replace("’", "")))


def slug(words: str) -> str:
    """Make a readable last part for an IRI: lower-case ASCII letters and digits, parted by hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", ""))) or "x"


def document_key(cell: str, words: str, date: str | None, publisher: str | None) -> str:
    """Give the IRI of a document that nobody has identified.

    Args:
        cell: ``drug-E4``.
        words: the headline, or for a document mentioned in passing what surrounds the mention.
        date: as printed.
        publisher: as printed.

    """
    stated = "\n".join((cell, normalised(words), normalised(date or ""), normalised(publisher or "")))
    return f"{DOC}u-{hashlib.sha256(stated.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Settled:
    """A person's word on what a reference means."""

    target: str
    by: str


@dataclass(slots=True)
class Register:
    """Documents, organisations, decisions and controlled words, looked up by IRI or by what pages print.

    Attributes:
        by_subject: all statements.
        decisions: key of a document → the documents that it means.
        former: document → decisions of earlier runs for it; they decide nothing any more.
        settled: reference → what a person says that it means.
        curated: the statements that stand in ``curated/``.

    """

    by_subject: dict[str, list[Triple]] = field(default_factory=lambda: defaultdict(list))
    decisions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    former: dict[str, list[Triple]] = field(default_factory=lambda: defaultdict(list))
    settled: dict[str, Settled] = field(default_factory=dict)
    curated: set[Triple] = field(default_factory=set)
    _values: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _concepts: dict[tuple[str, str], str] = field(default_factory=dict)
    _broader: dict[str, str] = field(default_factory=dict)
    _organisations: dict[str, str] = field(default_factory=dict)
    _identified: dict[tuple[str, str], list[str]] | None = None

    def documents(self, key: str) -> list[str]:
        """Give the documents that a key means: those decided on, else the key itself."""
        return self.decisions.get(key) or [key]

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Give the values of a property, as strings."""
        return self._values.get((subject, predicate), [])

    def types(self, document: str) -> set[str]:
        """Give the local names of a registered document's evgraph classes: ``{"Trial", "Study", "Document"}``."""
        return {one.removeprefix(EVG) for one in self.objects(document, _TYPE) if one.startswith(EVG)}

    def countries(self, document: str) -> set[str]:
        """Give the countries that a registered document comes from or is meant for, as concept IRIs."""
        return {one for name in _COUNTRY for one in self.objects(document, name)}

    def concept(self, scheme: str, words: str) -> str | None:
        """Find a concept by one of its labels."""
        return self._concepts.get((scheme, normalised(words)))

    def broader_country(self, country: str) -> str | None:
        """Give the country that one is a part of."""
        return self._broader.get(country)

    def identified(self, scheme: str, value: str) -> list[str]:
        """Find the documents that have an identifier: ``identified("bank-key", "Timko_C_9")``."""
        if self._identified is None:
            self._identified = defaultdict(list)
            for document in sorted(self.by_subject):
                for one in self.objects(document, f"{EVG}identification"):
                    for kind in self.objects(one, f"{EVG}identifierScheme"):
                        for given in self.objects(one, f"{EVG}identifierValue"):
                            self._identified[kind.rpartition("/")[2], given.casefold()].append(document)
        return self._identified.get((scheme, value.casefold()), [])

    def organisation(self, name: str) -> str | None:
        """Find an organisation by one of its names."""
        return self._organisations.get(normalised(name))

    def publishers(self, name: str) -> list[str]:
        """Find the organisations behind a printed publisher: one name, or several joined by "and"; none if unknown."""
        if whole := self.organisation(name):
            return [whole]
        parts = [self.organisation(part) for part in re.split(r", | and ", name)]
        return [part for part in parts if part] if all(parts) else []

    def extract(self, iris: Iterable[str]) -> tuple[set[Triple], set[Triple]]:
        """Take out what the register holds on some documents and organisations, and on whatever those lead to.

        Curated statements stay where they are.

        Returns:
            Statements on documents (their identifications and decisions included), and on organisations.

        """
        keys = defaultdict(list)
        for key, documents in self.decisions.items():
            for document in documents:
                keys[document].append(key)
        waiting, seen = list(iris), set[str]()
        asked = set(waiting)
        documents_, organisations = set[Triple](), set[Triple]()
        while waiting:
            iri = waiting.pop()
            if iri in seen or not iri.startswith(ID):
                continue
            seen.add(iri)
            triples = [one for one in self.by_subject.get(iri, ()) if one not in self.curated]
            (organisations if iri.startswith(ORG) else documents_).update(triples)
            waiting += [one.object.value for one in triples if isinstance(one.object, NamedNode)]
            for key in keys.get(iri, ()):
                documents_.update(one for one in self.by_subject.get(key, ()) if one not in self.curated)
            former = self.former.get(iri, ())  # Of what a cell still names by its key, the decision was taken back.
            documents_.update(
                one for one in former if isinstance(one.subject, NamedNode) and one.subject.value not in asked
            )
        return documents_, organisations


def load(places: Sequence[str | Path] | None = None, *, output: Path | None = None) -> Register:
    """Load a register, with the controlled words beside it.

    Args:
        places: folders or files; of a folder ``documents.ttl``, ``organisations.ttl`` and ``curated/`` are read where
            they are there. Without any, the shipped register.
        output: a folder that was written before. Its ``curated/`` counts like a place's; what was extracted into it is
            kept for what the places do not know, and decides nothing.

    Raises:
        UnreadableError: a file is missing or not well-formed.

    """
    register = Register()
    for file in find([shipped_files.ontology() / "schemes.ttl"]):
        for quad in file.quads():
            _learn_word(register, quad.triple)
    for place in map(Path, places or [shipped_files.data()]):
        known = [place / name for name in REGISTER_FILES if (place / name).is_file()] if place.is_dir() else [place]
        for file in find(known):
            for quad in file.quads():
                _learn(register, quad.triple)
        _load_curated(register, place)
    if output:
        _load_curated(register, output)
        _load_former(register, output)
    return register


def _load_former(register: Register, folder: Path) -> None:
    known = {one.subject for of_one in register.by_subject.values() for one in of_one if one not in register.curated}
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
            _learn(register, quad.triple)
            register.curated.add(quad.triple)


def check(place: Path) -> None:
    """Make sure that a folder holds a register.

    Raises:
        UnreadableError: it holds none.

    """
    if place.is_dir() and not any((place / name).exists() for name in (*REGISTER_FILES, "curated")):
        raise UnreadableError(
            "no register in this folder", path=place, hint=f"a register is {' and '.join(REGISTER_FILES)}"
        )


def _learn_word(register: Register, triple: Triple) -> None:
    if not isinstance(triple.subject, NamedNode) or not triple.subject.value.startswith(f"{ID}scheme/"):
        return
    iri, predicate = triple.subject.value, triple.predicate.value
    scheme = iri.removeprefix(f"{ID}scheme/").split("/")[0]
    if predicate in _LABELS and isinstance(triple.object, Literal):
        register._concepts.setdefault((scheme, normalised(triple.object.value)), iri)
    elif predicate == f"{SKOS}broader" and isinstance(triple.object, NamedNode):
        register._broader[iri] = triple.object.value


def _learn(register: Register, triple: Triple) -> None:
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
        register.settled[iri] = Settled(value.value, by)
    elif iri.startswith(f"{ID}ref/") and predicate == f"{PROV}wasAttributedTo" and isinstance(value, NamedNode):
        target = register.settled[iri].target if iri in register.settled else ""
        register.settled[iri] = Settled(target, value.value)
    elif iri.startswith(ORG) and predicate in _LABELS and isinstance(value, Literal):
        register._organisations.setdefault(normalised(value.value), iri)
