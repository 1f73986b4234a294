"""Values of parameters: as people type them, read as RDF terms, and those that a graph has.

Nothing that is not a term ever gets into a query.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph.errors import Hint, UsageError
from evgraph.namespaces import ID, MATRICES, PREFIXES, XSD, cell_name, curie, expand, scheme
from evgraph.query.names import labels, members, with_labels
from evgraph.query.things import KINDS, find, most_alike
from evgraph.sparql.guard import check_query
from evgraph.store.embedded import OfflineStore, OxigraphStore
from evgraph.store.protocol import Rows
from evgraph.text import plain, shown, unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evgraph.query.question import Parameter
    from evgraph.store.protocol import Store

Value: TypeAlias = NamedNode | Literal

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SECTION = re.compile(r"(?:alcohol|drug)-[A-E][1-5]/[a-z0-9-]+")
_NOTATION = re.compile(r"[a-z]{1,2}(?:-[a-z]{3})?")
# Compiled when a value is read, and not on import.
_IDENTIFIERS = {
    "doi": r"(?i:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)*(?P<it>10\.[0-9.]+(?:/|%2[Ff])\S+)",
    "pmid": r"(?i:pmid:?\s*|(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)*"
    r"(?P<it>[0-9]{1,9})/?",
}
_MAX_WORDS = 100
_MAX_LISTED = 10
_MAX_SHOWN = 80
_CELLS = tuple(
    f"{matrix}{level}{kind}" for matrix in ("", "alcohol:", "drug:") for level in "ABCDE" for kind in "12345"
)

_EXPECTED = {
    "cell": "a cell: E4, drug:E4, drug matrix cell E4, cell:drug-E4 or its IRI",
    "document": "a document: timko-2007, doc:timko-2007, its IRI, DOI or PubMed number, or words of its headline",
    "section": "a section: alcohol-E4/issue-3, section:alcohol-E4/issue-3, its IRI, or words of its title",
    "matrix": "a matrix: alcohol or drug",
    "marker": "a marker: S, K, R or G, or its name",
    "country": "a country: its ISO 3166 code (GB, GB-SCT, US) or its name",
    "topic": "a hot topic by its name, such as commissioning",
    "organisation": "an organisation: nice, org:nice, NICE, or its name",
    "doi": "a DOI: 10.1037/a0022608, doi:10.1037/a0022608 or its address",
    "pmid": "a PubMed number: 17524574",
    "words": f"words with letters or digits, at most {_MAX_WORDS}",
    "iri": "an IRI, a CURIE such as doc:timko-2007, or the name of a document, section, organisation or cell",
    "text": "text in UTF-8",
    "version": "an RDF file, a folder of RDF files, a store on disk, or git:REVISION:PATH",
    "choice": "text in UTF-8",
    "year": "a year of four digits: 2007",
    "integer": "a whole number: 12",
}

_LISTED = {
    "cell": "?snapshot prov:specializationOf ?value",
    **{name: f"?value a {kind.cls}" for name, kind in KINDS.items()},
    "doi": "?document bibo:doi ?value",
    "pmid": "?document bibo:pmid ?value",
    **{name: f"?value skos:inScheme <{scheme(name, '').rstrip('/')}>" for name in ("marker", "country", "topic")},
}
_FOLDERS = {name: kind.folder for name, kind in KINDS.items()} | {"cell": "cell"}


def read(parameter: Parameter, text: str, store: Store, notes: list[str] | None = None) -> tuple[Value, ...]:
    """Read a value as it was typed.

    Args:
        parameter: the parameter.
        text: ``E4``, ``doc:timko-2007``, ``key studies`` …
        store: resolves the names of things.
        notes: gets a note on a thing that was found by a name that is not in its IRI.

    Returns:
        One term; both cells for ``E4`` where a cell is optional; for ``words`` the whole phrase and then each word.

    Raises:
        UsageError: it is not of the parameter's type. The error says what is expected and has the nearest.

    """
    text = text.strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused(parameter, ascii(text).strip("'")) from None
    if parameter.type == "iri" or parameter.type in KINDS:
        return (NamedNode(_thing(parameter, text, store, notes)),)
    if parameter.type in _IRIS:
        return tuple(map(NamedNode, _IRIS[parameter.type](parameter, text, store)))
    if parameter.type in {"text", "version"}:
        return (Literal(text),)
    if parameter.type == "words":
        return tuple(map(Literal, _words(parameter, text)))
    if parameter.type in _IDENTIFIERS:
        identifier = _identifier(text, parameter.type)
        if not identifier:
            raise _refused(parameter, text)
        return (Literal(identifier.lower()),)
    if parameter.type == "choice":
        choices = {choice.casefold(): choice for choice in parameter.choices}
        choice = text if text in parameter.choices else choices.get(text.casefold())
        if choice is None:
            raise _refused(parameter, text, parameter.choices)
        return (Literal(choice),)
    number = text.removesuffix(".0")  # As spreadsheets and data frames write whole numbers beside gaps.
    if not re.fullmatch(r"[0-9]{4}" if parameter.type == "year" else r"[+-]?[0-9]{1,18}", number):
        raise _refused(parameter, text)
    return (Literal(str(int(number)), datatype=NamedNode(f"{XSD}integer")),)


def cells(parameter: Parameter, text: str) -> Sequence[str]:
    """Return the IRIs of the cell, or of those of both matrices, as `read` does; no graph is needed."""
    found = _cells(_local_name(parameter, text, "cell"))
    if not found:
        raise _refused(parameter, text, _CELLS)
    if parameter.required and len(found) > 1:
        raise UsageError(
            "a cell of both matrices, and this question is about one",
            parameter=parameter.name,
            value=text,
            expected=tuple(typed(parameter, NamedNode(cell)) for cell in reversed(found)),
            hint=Hint.CHOOSE_CELL,
        )
    return found


def _cells(text: str) -> list[str]:
    """Return the IRIs of the cells that a text names: none, one, or that of each matrix."""
    matrix, square = cell_name(text) or ("", "")
    return [f"{ID}cell/{name}-{square}" for name in ([matrix] if matrix else MATRICES)] if square else []


def _thing(parameter: Parameter, text: str, store: Store, notes: list[str] | None) -> str:
    """Return the IRI of the one thing that a text means: itself an IRI or a CURIE, else a name."""
    any_kind = parameter.type == "iri"
    kinds = list(KINDS) if any_kind else [parameter.type]
    if not any_kind:
        _local_name(parameter, text, _FOLDERS[parameter.type])  # Refuses an IRI of another kind.
    is_slug = _SLUG.fullmatch(text)
    # No DOI is a slug, no PubMed number has a hyphen, and what expands has a colon.
    identifier = None if is_slug and "-" in text else _identifier(text, *_IDENTIFIERS)
    iri = None if is_slug else expand(text)
    if iri and not identifier:
        return iri
    if not text or (text.endswith(":") and text[:-1] in PREFIXES):
        raise _refused(parameter, text)
    cells_named = dict.fromkeys(_cells(text), "cell") if any_kind else {}
    found = cells_named or find(store, identifier or text, kinds)
    if len(found) > 1:
        raise _ambiguous(parameter, text, store, found)
    if found:
        return _noted(store, text, next(iter(found)), notes)
    if iri:
        return iri  # Of a document outside the Matrices.
    if is_slug and parameter.type == "document":
        return f"{ID}doc/{text}"
    if parameter.type == "section" and _SECTION.fullmatch(text):
        return f"{ID}section/{text}"
    raise _not_found(parameter, text, store, kinds)


def _noted(store: Store, text: str, iri: str, notes: list[str] | None) -> str:
    """Return an IRI, with a note if the text is not the end of it, and it is not a cell, which has one name."""
    if notes is not None and not iri.lower().endswith(f"/{text.lower()}") and not iri.startswith(f"{ID}cell/"):
        label = labels(store, [iri]).get(iri)
        meant = f"{shown(label)} ({curie(iri)})" if label else curie(iri)
        notes.append(f"using {meant} for '{shown(text, _MAX_SHOWN)}'")
    return iri


def _ambiguous(parameter: Parameter, text: str, store: Store, found: Mapping[str, str]) -> UsageError:
    known = labels(store, found)
    any_kind = parameter.type == "iri"
    lines = [
        f"\n    {curie(iri)}  {shown(known.get(iri, ''))}{f' ({kind})' if any_kind else ''}"
        for iri, kind in found.items()
    ][:_MAX_LISTED]
    more = f"\n    and {len(found) - _MAX_LISTED} more" if len(found) > _MAX_LISTED else ""
    return UsageError(
        f"this may mean {len(found)} {'thing' if any_kind else parameter.type}s",
        parameter=parameter.name,
        value=shown(text, _MAX_SHOWN),
        expected=tuple(map(curie, found)),
        hint=f"name one of them:{''.join(lines)}{more}",
    )


def _not_found(parameter: Parameter, text: str, store: Store, kinds: Sequence[str]) -> UsageError:
    near = most_alike(store, text, kinds)
    kind = "document, section, organisation or cell" if parameter.type == "iri" else parameter.type
    meant = f"; did you mean {with_labels(store, near)}?" if near else ""
    return UsageError(
        f"no {kind} in this graph has this name, or these words in a name or title{meant}",
        parameter=parameter.name,
        value=shown(text, _MAX_SHOWN),
        expected=(_EXPECTED[parameter.type],),
        nearest=curie(near[0]) if near else None,
        hint=None if near else "give one word of its name or title",
    )


def _identifier(text: str, *kinds: str) -> str | None:
    """Return a DOI or a PubMed number as registers have it."""
    matches = (re.fullmatch(_IDENTIFIERS[kind], text) for kind in kinds)
    identifier = next((match["it"] for match in matches if match), None)
    if identifier and "%" in identifier and "/" not in identifier:  # Copied from an address.
        from urllib.parse import unquote

        return unquote(identifier)
    return identifier


def _matrix(parameter: Parameter, text: str, _store: Store) -> Sequence[str]:
    name = _local_name(parameter, text, "matrix").lower()
    if name not in MATRICES:
        raise _refused(parameter, text, MATRICES)
    return [f"{ID}matrix/{name}"]


def _concept(parameter: Parameter, text: str, store: Store) -> Sequence[str]:
    kind = parameter.type
    known = members(store, kind)
    name = _local_name(parameter, text, f"scheme/{kind}").casefold()
    if iri := _member(name, known):
        return [iri]
    if not known and (_SLUG if kind == "topic" else _NOTATION).fullmatch(name):  # No schemes in the graph.
        return [scheme(kind, name if kind == "topic" else name.upper())]
    raise _refused(parameter, text, known)


def _member(name: str, known: Mapping[str, str]) -> str | None:
    """Return what has a name, or alone has a name that begins with it ("key": key study), or spells it otherwise."""
    if not name or name in known:
        return known.get(name)
    iris = {iri for label, iri in known.items() if label.startswith(f"{name} ")}
    if not iris:
        iris = {iri for label, iri in known.items() if plain(label) == plain(name)}
    return iris.pop() if len(iris) == 1 else None


def _words(parameter: Parameter, text: str) -> list[str]:
    words = [word for word in text.lower().split() if any(map(str.isalnum, word))]
    if not 0 < len(words) <= _MAX_WORDS:
        raise _refused(parameter, text)
    return list(dict.fromkeys([" ".join(words), *words]))


_IRIS: dict[str, Callable[[Parameter, str, Store], Sequence[str]]] = {
    "cell": lambda parameter, text, _: cells(parameter, text),
    "matrix": _matrix,
    "marker": _concept,
    "country": _concept,
    "topic": _concept,
}


def _local_name(parameter: Parameter, text: str, folder: str) -> str:
    """Return the name of a thing below ``id/FOLDER/``, whether it was typed bare, as a CURIE or as an IRI."""
    prefix, colon, _ = text.partition(":")
    is_iri = text.startswith("<") or (colon and (prefix in PREFIXES or prefix in {"http", "https"}))
    iri = expand(text) if is_iri else None
    if iri is None or not iri.startswith(ID):
        return text
    if not iri.startswith(f"{ID}{folder}/"):
        raise _refused(parameter, text)
    return iri.removeprefix(f"{ID}{folder}/")


def _refused(parameter: Parameter, text: str, known: Collection[str] = ()) -> UsageError:
    expected = f"one of {', '.join(parameter.choices)}" if parameter.choices else _EXPECTED[parameter.type]
    error = unknown_name(f"expected {expected}", text, known)
    error.parameter, error.value, error.expected, error.hint = (
        parameter.name,
        shown(text, _MAX_SHOWN),
        (expected,),
        None,
    )
    return error


def is_listed(parameter: Parameter) -> bool:
    """Return whether the values of a parameter can be listed."""
    return bool(parameter.pick_list) or parameter.type in {"choice", "matrix", *_LISTED}


def pick_list(store: Store, parameter: Parameter) -> dict[str, str]:
    """Return the values to choose from: value as it is typed → label, empty where the value says it all.

    They are the rows of the parameter's ``pick_list``, or else what the graph has of its type.

    Raises:
        UsageError: any text, number or file is a value.
        UnreadableError: the parameter's ``pick_list`` is not legal SPARQL.

    """
    if parameter.type in {"choice", "matrix"}:
        return dict.fromkeys(parameter.choices or MATRICES, "")
    found = terms(store, parameter)
    known = labels(store, (term.value for term in found if isinstance(term, NamedNode)))
    return dict(sorted((typed(parameter, term), known.get(term.value, "")) for term in found))


def terms(store: Store, parameter: Parameter) -> list[NamedNode | Literal]:
    """Return the terms of a pick list.

    Raises:
        UsageError: there is no such list.
        UnreadableError: it is not legal SPARQL.

    """
    if not is_listed(parameter):
        raise UsageError(
            f"there is no list of values for '{parameter.name}': {parameter.description}",
            hint=f"such as {parameter.example}",
        )
    query = parameter.pick_list or f"SELECT DISTINCT ?value WHERE {{ {_LISTED[parameter.type]} }}"
    check_query(query)
    answer = (OfflineStore(store) if parameter.pick_list and isinstance(store, OxigraphStore) else store).query(query)
    if not isinstance(answer, Rows) or len(answer.columns) != 1:
        raise UsageError(f"the pick_list of '{parameter.name}' must be a SELECT of one variable, the value")
    return [term for term in dict.fromkeys(term for (term,) in answer.rows) if isinstance(term, NamedNode | Literal)]


def typed(parameter: Parameter, term: NamedNode | Literal) -> str:
    """Return what people type for a term: ``drug:E4``, ``timko-2007``, ``GB``, a CURIE, a text."""
    if isinstance(term, Literal):
        return term.value
    folder = f"{ID}{_FOLDERS.get(parameter.type, f'scheme/{parameter.type}')}/"
    if parameter.type == "iri" or not term.value.startswith(folder):
        return curie(term.value)
    name = term.value.removeprefix(folder)
    return name.replace("-", ":", 1) if parameter.type == "cell" else name
