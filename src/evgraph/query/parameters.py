"""What people type for a parameter, read as RDF terms; nothing that is not a term ever gets into a query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode

from evgraph.errors import Hint, UsageError
from evgraph.namespaces import ID, MATRICES, PREFIXES, XSD, cell_name, expand, scheme
from evgraph.query.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evgraph.query.question import Parameter

Value: TypeAlias = NamedNode | Literal


def _nothing(_text: str) -> Mapping[str, str]:
    return {}


class Known(NamedTuple):
    """What a graph knows by name.

    Attributes:
        labels: scheme, or ``organisation`` → what its members are called, case folded (notation, labels) → the IRI.
        documents: what people call a document → IRI of each that it may mean → the document's label.

    """

    labels: Callable[[str], Mapping[str, str]] = _nothing
    documents: Callable[[str], Mapping[str, str]] = _nothing


_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOTATION = re.compile(r"[a-z]{1,2}(?:-[a-z]{3})?")
# Compiled when one is asked for, and not at every start.
_IDENTIFIERS = {
    "doi": r"(?i:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)*(?P<it>10\.[0-9.]+(?:/|%2[Ff])\S+)",
    "pmid": r"(?i:pmid:?\s*|(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)*"
    r"(?P<it>[0-9]{1,9})/?",
}
_MOST_WORDS = 100
_MOST_SHOWN = 10
_CELLS = tuple(
    f"{matrix}{level}{kind}" for matrix in ("", "alcohol:", "drug:") for level in "ABCDE" for kind in "12345"
)

_EXPECTED = {
    "cell": "a cell: E4, drug:E4, alcohol-E4, cell:drug-E4 or its IRI",
    "document": "a document: timko-2007, doc:timko-2007, its IRI, DOI or PubMed number, or words of its headline",
    "matrix": "a matrix: alcohol or drug",
    "marker": "a marker: S, K, R or G, or its name",
    "country": "a country: its ISO 3166 code (GB, GB-SCT, US) or its name",
    "topic": "a hot topic by its name, such as commissioning",
    "organisation": "an organisation: nice, org:nice, NICE, or its name",
    "doi": "a DOI: 10.1037/a0022608, doi:10.1037/a0022608 or its address",
    "pmid": "a PubMed number: 17524574",
    "words": f"words with letters or digits in them, at most {_MOST_WORDS}",
    "iri": "an IRI, or a CURIE such as doc:timko-2007",
    "text": "text in UTF-8",
    "version": "an RDF file, a folder of them, a store on disk, or git:REVISION:PATH",
    "choice": "text in UTF-8",
    "year": "a year of four digits: 2007",
    "integer": "a whole number: 12",
}


def read(parameter: Parameter, text: str, known: Known) -> tuple[Value, ...]:
    """Read a value as it was typed.

    Args:
        parameter: what it is for.
        text: ``E4``, ``doc:timko-2007``, ``key studies`` …
        known: looks up what things are called.

    Returns:
        One term; both cells for ``E4`` where a cell is optional; for ``words`` the whole phrase and then each word.

    Raises:
        UsageError: it is not of the parameter's type. The message says what is expected and names the nearest.

    """
    text = text.strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused(parameter, ascii(text).strip("'")) from None
    if parameter.type in _IRIS:
        return tuple(map(NamedNode, _IRIS[parameter.type](parameter, text, known)))
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
        choices = {one.casefold(): one for one in parameter.choices} | {one: one for one in parameter.choices}
        chosen = choices.get(text) or choices.get(text.casefold())
        if chosen is None:
            raise _refused(parameter, text, parameter.choices)
        return (Literal(chosen),)
    whole = text.removesuffix(".0")  # As spreadsheets and data frames write whole numbers beside gaps.
    if not re.fullmatch(r"[0-9]{4}" if parameter.type == "year" else r"[+-]?[0-9]{1,18}", whole):
        raise _refused(parameter, text)
    return (Literal(str(int(whole)), datatype=NamedNode(f"{XSD}integer")),)


def _cell(parameter: Parameter, text: str, _known: Known) -> Sequence[str]:
    found = cell_name(_below(parameter, text, "cell"))
    if not found:
        raise _refused(parameter, text, _CELLS)
    matrix, square = found
    if matrix:
        return [f"{ID}cell/{matrix}-{square}"]
    if parameter.required:
        raise UsageError(
            "a cell of both matrices, and this question is about one",
            parameter=parameter.name,
            value=text,
            expected=tuple(f"{one}:{square}" for one in reversed(MATRICES)),
            hint=Hint.CHOOSE_CELL,
        )
    return [f"{ID}cell/{one}-{square}" for one in MATRICES]


def _document(parameter: Parameter, text: str, known: Known) -> Sequence[str]:
    name = _below(parameter, text, "doc")
    is_slug = _SLUG.fullmatch(name)
    if name != text and is_slug:
        return [f"{ID}doc/{name}"]
    # No DOI is a slug, no PubMed number has a hyphen, and what expands has a colon.
    identifier = None if is_slug and "-" in name else _identifier(text, *_IDENTIFIERS)
    iri = None if is_slug else expand(text)
    found = known.documents(identifier or text) if identifier or not iri else {}
    if len(found) > 1:
        offered = [f"\n    doc:{one.removeprefix(f'{ID}doc/')}  {shown(label)}" for one, label in found.items()]
        more = [f"\n    and {len(offered) - _MOST_SHOWN} more"] if len(offered) > _MOST_SHOWN else []
        raise UsageError(
            f"-p {parameter.name}={shown(text)} may mean {len(found)} documents",
            hint=f"name one of them:{''.join([*offered[:_MOST_SHOWN], *more])}",
        )
    if found:
        return list(found)
    if is_slug:
        return [f"{ID}doc/{name}"]
    if iri is None or iri.startswith(ID):
        raise _refused(parameter, text)
    return [iri]  # Of a document that somebody else has named.


def _identifier(text: str, *kinds: str) -> str | None:
    """Give a DOI or a PubMed number as registers have it."""
    matches = (re.fullmatch(_IDENTIFIERS[kind], text) for kind in kinds)
    found = next((match["it"] for match in matches if match), None)
    if found and "%" in found and "/" not in found:  # Copied from an address.
        from urllib.parse import unquote

        return unquote(found)
    return found


def _matrix(parameter: Parameter, text: str, _known: Known) -> Sequence[str]:
    name = _below(parameter, text, "matrix").lower()
    if name not in MATRICES:
        raise _refused(parameter, text, MATRICES)
    return [f"{ID}matrix/{name}"]


def _concept(parameter: Parameter, text: str, known: Known) -> Sequence[str]:
    called = known.labels(parameter.type)
    given = _below(parameter, text, f"scheme/{parameter.type}").casefold()
    if found := _called(given, called):
        return [found]
    if not called and (_SLUG if parameter.type == "topic" else _NOTATION).fullmatch(given):  # No schemes in the graph.
        return [scheme(parameter.type, given if parameter.type == "topic" else given.upper())]
    raise _refused(parameter, text, called)


def _organisation(parameter: Parameter, text: str, known: Known) -> Sequence[str]:
    called = known.labels(parameter.type)
    given = _below(parameter, text, "org").casefold()
    iri = f"{ID}org/{given}"
    if found := iri if iri in called.values() else _called(given, called):
        return [found]
    if not called and _SLUG.fullmatch(given):  # A graph that describes no organisation.
        return [f"{ID}org/{given}"]
    raise _refused(parameter, text, [*called, *(one.removeprefix(f"{ID}org/") for one in called.values())])


def _called(given: str, known: Mapping[str, str]) -> str | None:
    """Find what is called so; the beginning of a name will do where it can mean one thing only ("key" a key study)."""
    if not given or given in known:
        return known.get(given)
    begun = {iri for label, iri in known.items() if label.startswith(f"{given} ")}
    if not begun:
        from evgraph.query.spelling import plain

        begun = {iri for label, iri in known.items() if plain(label) == plain(given)}
    return begun.pop() if len(begun) == 1 else None


def _words(parameter: Parameter, text: str) -> list[str]:
    words = [word for word in text.lower().split() if any(map(str.isalnum, word))]
    if not 0 < len(words) <= _MOST_WORDS:
        raise _refused(parameter, text)
    return list(dict.fromkeys([" ".join(words), *words]))


def _iri(parameter: Parameter, text: str, _known: Known) -> Sequence[str]:
    iri = expand(text)
    if iri is None:
        raise _refused(parameter, text, [f"{prefix}:" for prefix in PREFIXES] if text.endswith(":") else ())
    return [iri]


_IRIS: dict[str, Callable[[Parameter, str, Known], Sequence[str]]] = {
    "cell": _cell,
    "document": _document,
    "matrix": _matrix,
    "marker": _concept,
    "country": _concept,
    "topic": _concept,
    "organisation": _organisation,
    "iri": _iri,
}


def _below(parameter: Parameter, text: str, folder: str) -> str:
    """Give the name of a thing below ``id/FOLDER/``, whether it was typed bare, as a CURIE or as an IRI."""
    prefix, colon, _ = text.partition(":")
    iri = (
        expand(text)
        if text.startswith("<") or (colon and (prefix in PREFIXES or prefix in {"http", "https"}))
        else None
    )
    if iri is None:
        return text
    if iri.startswith(f"{ID}{folder}/"):
        return iri.removeprefix(f"{ID}{folder}/")
    if iri.startswith(ID):
        raise _refused(parameter, text)
    return text


def _refused(parameter: Parameter, text: str, known: Sequence[str] | Mapping[str, str] = ()) -> UsageError:
    expected = f"one of {', '.join(parameter.choices)}" if parameter.choices else _EXPECTED[parameter.type]
    return UsageError(
        f"expected {expected}{did_you_mean(text, known)}",
        parameter=parameter.name,
        value=shown(text),
        expected=(expected,),
        nearest=next(iter(nearest(text, known)), None),
    )


def shown(text: str) -> str:
    """Give what was typed, or stands in data, for a message: not too long, and nothing that drives a terminal."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text[:80])
