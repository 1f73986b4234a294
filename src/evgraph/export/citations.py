"""How to cite what the graph describes: documents, cells, matrices and the dataset, as records of `Citation`.

`evgraph.export.citation_formats` writes them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.export.describe import DATASET, About
from evgraph.namespaces import BIBO, DCAT, DCTERMS, EVG, ID, LABEL_PROPERTIES, RDF, curie
from evgraph.query.names import labels
from evgraph.query.notes import alike
from evgraph.query.parameters import read
from evgraph.query.question import Parameter
from evgraph.store.protocol import select, select_for
from evgraph.terms import value_of
from evgraph.text import label_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Store, Term

_THING = Parameter("thing", "iri", "", "doc:timko-2007", required=True)
_ABOUT = """
    SELECT DISTINCT ?thing ?property ?value WHERE { VALUES ?thing {} ?thing ?property ?value
      FILTER(?property IN (PROPERTIES)) }
"""
_SNAPSHOTS = """
    SELECT DISTINCT ?cell ?snapshot ?property ?value WHERE {
      VALUES ?cell {} ?snapshot prov:specializationOf ?cell ; ?property ?value
      FILTER(?property IN (dcterms:date, dcterms:source, evg:sha256)) }
"""
_HEADLINES = (
    "SELECT DISTINCT ?thing ?headline WHERE { VALUES ?thing {} ?entry evg:lists ?thing ; schema:headline ?headline }"
)
_TYPE, _TITLE, _CREATOR, _PUBLISHER = f"{RDF}type", f"{DCTERMS}title", f"{DCTERMS}creator", f"{DCTERMS}publisher"
_ISSUED, _JOURNAL = f"{DCTERMS}issued", f"{DCTERMS}bibliographicCitation"
_DOI, _PMID, _VERSION, _LICENCE = f"{BIBO}doi", f"{BIBO}pmid", f"{DCAT}version", f"{DCTERMS}license"
_IN_MATRIX, _REPLACED_BY = f"{EVG}inMatrix", f"{DCTERMS}isReplacedBy"
_READ = (
    _TYPE, *LABEL_PROPERTIES, _CREATOR, _PUBLISHER, _ISSUED, _JOURNAL, _REPLACED_BY, _DOI, _PMID, _VERSION, _LICENCE,
    _IN_MATRIX,
)  # fmt: skip
# "Drug and Alcohol Dependence 126(1–2):131–137", with an article's number for its pages, too.
_IN_JOURNAL = re.compile(
    r"(?P<container>.*\D) (?P<volume>\d+)(?:\((?P<issue>[^()]+)\))?: ?(?P<pages>\w+(?:[-–]\w+)?)\.?"
)
_INITIALS = re.compile(r"[^\W\d_a-z]{1,3}|(?:[^\W\d_a-z]\.-?){1,4}")  # "C", "SJ", "G.A."
_YEAR_AT_END = re.compile(r" \((?:1[5-9]|20)\d\d[a-z]?\)$")
_OTHERS = " et al."
_NAME = r"[^\W\d_a-z][\w'’\-]*(?: [^\W\d_a-z][\w'’\-]*)?"
# "Elm, Oak & Ash et al. (2002)"
_LABEL_OF_AUTHORS = re.compile(rf"({_NAME}(?:(?:, | & ){_NAME}){{0,9}})(?: et al\.)? \(\d{{4}}[a-z]?\)")
_MAX_REPLACED = 10  # Steps from a former name to the present one.

_Statements: TypeAlias = "dict[str, list[Term]]"  # Of one thing: property → values.


class Author(NamedTuple):
    """An author: a person's name in two parts, or the name of an organisation as its only part."""

    family_name: str
    given_name: str = ""
    is_organisation: bool = False


class Citation(NamedTuple):
    """What a reference manager wants to know of a thing; a field without a value is an empty text."""

    iri: str
    key: str  # Unique in the graph: ``timko-2007``, ``cell-drug-E4``.
    kind: str  # ``article``, ``report``, ``document``, ``webpage`` or ``dataset``.
    title: str  # In square brackets where it is a description, because the graph has no title.
    authors: tuple[Author, ...] = ()
    has_more_authors: bool = False  # Whether the graph says "et al.".
    issued: str = ""  # A year, or a day: ``2026-01-31``.
    accessed: str = ""  # The day on which the page was captured.
    container: str = ""  # The journal, or the matrix of a cell.
    volume: str = ""
    issue: str = ""
    pages: str = ""  # With a hyphen between the first and the last.
    publisher: str = ""
    version: str = ""
    doi: str = ""
    pmid: str = ""
    address: str = ""
    note: str = ""
    licence: str = ""  # Its IRI.


def citation(store: Store, iri: str) -> Citation:
    """Return the citation of one thing; for a former name, that of the present one.

    Raises:
        UsageError: it is no document, cell, matrix or the dataset, or the graph does not describe it.

    """
    for found in citations(store, [iri]):
        return found
    near = ", ".join(curie(found.iri) for found in citations(store, alike(store, iri, 3)))
    raise UsageError(
        f"{curie(iri)} is no document, cell or matrix of this graph",
        value=iri,
        hint=f"did you mean {near}?" if near else "name one of these, or 'dataset' for the whole",
    )


def named(store: Store, text: str, notes: list[str] | None = None) -> str:
    """Return the IRI of what people type: ``dataset``, or what names a document, a cell or any other thing.

    Raise UsageError where `evgraph.query.parameters.read` does.
    """
    if text.strip().casefold() == "dataset":
        return DATASET
    return value_of(read(_THING, text, store, notes)[0])


def documents(store: Store) -> list[str]:
    """Return the IRIs of all documents, sorted; a blank node cannot be cited."""
    return sorted(
        thing.value
        for (thing,) in select(store, "SELECT DISTINCT ?it WHERE { ?it a evg:Document }")
        if isinstance(thing, NamedNode)
    )


def citations(store: Store, iris: Iterable[str]) -> Iterator[Citation]:
    """Yield the citations of things, in their order, each once; what cannot be cited is left out."""
    asked = list(iris)
    about = _statements(store, asked)
    for _ in range(_MAX_REPLACED):
        present = [_iri(about[iri], _REPLACED_BY) or iri for iri in asked]
        if present == asked:
            break
        asked = present
        about = _statements(store, asked)
    asked = [iri for iri in dict.fromkeys(asked) if _kind(iri, about[iri])]
    near = {value_of(value) for iri in asked for name in (_PUBLISHER, _CREATOR, _IN_MATRIX)
            for value in about[iri].get(name, ()) if isinstance(value, NamedNode)}  # fmt: skip
    names = labels(store, near)
    headlines = defaultdict[str, list[str]](list)
    for thing, headline in select_for(store, _HEADLINES, (iri for iri in asked if not about[iri].get(_TITLE))):
        headlines[value_of(thing)].append(value_of(headline))
    snapshots = _snapshots(store, (iri for iri in asked if iri.startswith(f"{ID}cell/")))
    for iri in asked:
        kind = _kind(iri, about[iri])
        if kind == "document":
            yield _of_document(iri, about[iri], names, sorted(headlines[iri]))
        else:
            yield _of_page(iri, kind, about[iri], names, snapshots.get(iri, {}))


def _kind(iri: str, about: _Statements) -> str:
    """Return what kind of thing is cited: document, cell, matrix, dataset; empty for any other."""
    types = {value_of(value).removeprefix(EVG) for value in about.get(_TYPE, ())}
    if iri == DATASET:
        return "dataset"
    return next((name for name in ("Document", "Cell", "Matrix") if name in types), "").lower()


def _statements(store: Store, iris: Iterable[str]) -> defaultdict[str, _Statements]:
    query = _ABOUT.replace("PROPERTIES", ", ".join(f"<{name}>" for name in _READ))
    about: defaultdict[str, _Statements] = defaultdict(dict)
    for thing, property_, value in sorted(select_for(store, query, iris), key=str):
        if not isinstance(value, BlankNode):
            about[value_of(thing)].setdefault(value_of(property_), []).append(value)
    return about


def _snapshots(store: Store, cells: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return cell → property → value of the snapshot that was captured last."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for cell, snapshot, property_, value in select_for(store, _SNAPSHOTS, cells):
        found.setdefault(value_of(cell), {}).setdefault(value_of(snapshot), {})[value_of(property_)] = value_of(value)
    date = f"{DCTERMS}date"
    return {
        cell: snapshots[max(snapshots, key=lambda iri: (snapshots[iri].get(date, ""), iri))]
        for cell, snapshots in found.items()
    }


def _of_document(iri: str, about: _Statements, names: dict[str, str], headlines: list[str]) -> Citation:
    label = _label(about)
    types = {value_of(value).removeprefix(EVG) for value in about.get(_TYPE, ())}
    published = [_name(value, names) for value in about.get(_PUBLISHER, ())]
    named = None if "Guidance" in types else _LABEL_OF_AUTHORS.fullmatch(label)
    authors = _authors(about.get(_CREATOR, ()), names, label)
    if named and not authors:
        authors = tuple(Author(name) for name in re.split(", | & ", named[1]))
    journal = _IN_JOURNAL.fullmatch(_text(about, _JOURNAL))
    parts = {name: value or "" for name, value in journal.groupdict().items()} if journal else {}
    title, notes = _best(about, _TITLE), []
    if not title:
        described = headlines[0] if headlines and named else _YEAR_AT_END.sub("", label)
        title = f"[{_line(described) or curie(iri)}]"
        notes.append("The title in square brackets is a description; the title itself is not in the graph.")
    if (place := _text(about, _JOURNAL)) and not journal:
        notes.append(place)
    has_more_authors = bool(authors) and _OTHERS in label
    if has_more_authors:
        notes.append("There are more authors.")
    doi, pmid = _text(about, _DOI), _text(about, _PMID)
    address = f"https://doi.org/{quote(doi, safe='/:;()')}" if doi else ""
    if pmid and not doi:
        address = f"https://pubmed.ncbi.nlm.nih.gov/{quote(pmid, safe='')}/"
    return Citation(
        iri=iri,
        key=iri.removeprefix(f"{ID}doc/"),
        kind="article" if journal else "report" if "Guidance" in types or published else "document",
        title=title,
        authors=authors,
        has_more_authors=has_more_authors,
        issued=_text(about, _ISSUED),
        container=parts.get("container", ""),
        volume=parts.get("volume", ""),
        issue=parts.get("issue", "").replace("–", "-"),
        pages=parts.get("pages", "").replace("–", "-"),
        publisher="; ".join(published),
        doi=doi,
        pmid=pmid,
        address=address or ("" if iri.startswith(ID) else iri),
        note=" ".join([*notes, f"In evgraph: {iri}"]),
    )


def _of_page(iri: str, kind: str, about: _Statements, names: dict[str, str], snapshot: dict[str, str]) -> Citation:
    digest = snapshot.get(f"{EVG}sha256", "")
    source = snapshot.get(f"{DCTERMS}source", "")
    notes = [f"SHA-256 of the text: {digest}"] if digest else []
    if source:
        notes.append(f"In evgraph: {iri}")
    matrix = _iri(about, _IN_MATRIX)
    return Citation(
        iri=iri,
        key=iri.removeprefix(ID).replace("/", "-"),
        kind="dataset" if kind == "dataset" else "webpage",
        title=_best(about, _TITLE) or _label(about) or (About().title if kind == "dataset" else curie(iri)),
        issued=_text(about, _ISSUED),
        accessed=snapshot.get(f"{DCTERMS}date", ""),
        container=names.get(matrix, "") if kind == "cell" else "",
        publisher="; ".join(_name(value, names) for value in about.get(_PUBLISHER, ())),
        version=_text(about, _VERSION),
        address=source or iri,
        note=" ".join(notes),
        licence=_iri(about, _LICENCE) or (About().licence if kind == "dataset" else ""),
    )


def _authors(creators: Iterable[Term], names: dict[str, str], label: str) -> tuple[Author, ...]:
    """Return the authors in the order in which the label names them; RDF has none."""
    authors = [
        Author(_name(value, names), is_organisation=True) if isinstance(value, NamedNode) else _author(value_of(value))
        for value in creators
    ]

    def place(author: Author) -> tuple[int, Author]:
        return label.find(author.family_name) if author.family_name in label else len(label), author

    return tuple(sorted((author for author in authors if author.family_name), key=place))


def _author(name: str) -> Author:
    """Read a name: ``Timko C``, ``De Leon G.``, ``Timko, Christine``, ``Timko``."""
    family_name, comma, given_name = _line(name).partition(", ")
    if comma:
        return Author(family_name, given_name)
    words = family_name.split(" ")
    first = len(words)
    while first > 1 and _INITIALS.fullmatch(words[first - 1]):
        first -= 1
    return Author(" ".join(words[:first]), " ".join(words[first:]))


def _name(value: Term, names: dict[str, str]) -> str:
    return _line(names.get(value_of(value)) or curie(value_of(value)))


def _text(about: _Statements, name: str) -> str:
    return next((_line(value.value) for value in about.get(name, ()) if isinstance(value, Literal)), "")


def _iri(about: _Statements, name: str) -> str:
    return next((value.value for value in about.get(name, ()) if isinstance(value, NamedNode)), "")


def _best(about: _Statements, *properties: str) -> str:
    """Return the best of the values of some `LABEL_PROPERTIES`, or an empty text."""
    ranked = [
        label_rank(_line(value.value), value.language, name)
        for name in properties
        for value in about.get(name, ())
        if isinstance(value, Literal) and _line(value.value)
    ]
    return min(ranked)[-1] if ranked else ""


def _label(about: _Statements) -> str:
    return _best(about, *LABEL_PROPERTIES)


def _line(text: str) -> str:
    """Return a text in one line, without control characters and double spaces."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
