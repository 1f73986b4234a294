"""JSON-LD that is pleasant as plain JSON too: short names, one object a thing, one property a line, sorted.

https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from evgraph.errors import UsageError
from evgraph.namespaces import PREFIXES, RDF, RDFS, XSD, curie
from evgraph.rdf.turtle import blank_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TYPE = f"{RDF}type"
_LABEL = f"{RDFS}label"
_WIDTH = 100  # Several values share a line up to here.
_SMALL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,8}")  # Every JSON reader keeps these exactly.


def jsonld_chunks(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Write quads as JSON-LD (UTF-8): the default graph's things, then each named graph with its things inside.

    The context holds the prefixes used and nothing else, so that every key reads without fetching anything.

    Raises:
        UsageError: a triple stands as a term, or a literal has a base direction; nothing was yielded before.

    """
    graphs: dict[str, list[Quad]] = defaultdict(list)
    schemes = set()
    for quad in quads:
        where = quad.graph_name
        graphs["" if isinstance(where, DefaultGraph) else _key(where)].append(quad)
        for term in (quad.subject, quad.predicate, quad.object, where):
            named = term.datatype if isinstance(term, Literal) else term
            if isinstance(named, NamedNode):
                schemes.add(named.value.partition(":")[0])
    names = _Names(schemes)
    things = [_lines(thing, "    ") for thing in names.things(graphs.pop("", []))]
    for graph in sorted(graphs):
        inner = ",\n".join(_lines(thing, "        ") for thing in names.things(graphs[graph]))
        things.append(f'    {{\n      "@id": {_json(names.short(graph))},\n      "@graph": [\n{inner}\n      ]\n    }}')
    yield f'{{\n  "@context": {_lines(names.context(), "  ").lstrip()},\n  "@graph": [\n'.encode()
    for number, thing in enumerate(things, 1):
        yield f"{thing}{',' if number < len(things) else ''}\n".encode()
    yield b"  ]\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(thing: dict[str, Any], indent: str) -> str:
    """Write an object, one key a line; a long list one value a line."""
    lines = []
    for key, value in thing.items():
        written = _json(value)
        if isinstance(value, list) and len(written) > _WIDTH:
            written = "[" + ",".join(f"\n{indent}    {_json(one)}" for one in value) + f"\n{indent}  ]"
        lines.append(f"{indent}  {_json(key)}: {written}")
    return f"{indent}{{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else f"{indent}{{}}"


class _Names:
    """Shortens IRIs, and remembers which prefixes that took.

    Args:
        schemes: of all IRIs to be written; one that is spelt like a prefix keeps that prefix out of use.

    """

    def __init__(self, schemes: set[str]) -> None:
        self._schemes = schemes
        self._short: dict[str, str] = {}
        self._used: set[str] = set()

    def context(self) -> dict[str, str]:
        """Give prefix → namespace, sorted."""
        return {prefix: PREFIXES[prefix] for prefix in sorted(self._used)}

    def short(self, iri: str) -> str:
        """Give ``prefix:rest``, or the IRI (or the ``_:label``) as it is."""
        if iri not in self._short:
            short = curie(iri)
            prefix, _, rest = short.partition(":")
            if short == iri or prefix in self._schemes or rest.startswith("//"):
                short = iri
            else:
                self._used.add(prefix)
            self._short[iri] = short
        return self._short[iri]

    def things(self, quads: Iterable[Quad]) -> Iterator[dict[str, Any]]:
        """Give a graph's subjects, each as one JSON object."""
        subjects: dict[str, dict[str, set[Literal | str]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            value = quad.object if isinstance(quad.object, Literal) else _key(quad.object)
            subjects[_key(quad.subject)][quad.predicate.value].add(value)
        for subject in sorted(subjects):
            thing: dict[str, Any] = {"@id": self.short(subject)}
            predicates = subjects[subject]
            if types := sorted(value for value in predicates.get(_TYPE, ()) if isinstance(value, str)):
                thing["@type"] = _one_or_list([self.short(value) for value in types])
                predicates[_TYPE].difference_update(types)  # A literal for a type is nonsense, and legal.
            used = (predicate for predicate, values in predicates.items() if values)
            for predicate in sorted(used, key=lambda iri: (iri != _LABEL, self.short(iri))):
                values = sorted(predicates[predicate], key=lambda value: (isinstance(value, Literal), str(value)))
                thing[self.short(predicate)] = _one_or_list([self._value(value) for value in values])
            yield thing

    def _value(self, value: Literal | str) -> Any:
        if isinstance(value, str):
            return {"@id": self.short(value)}
        if value.direction:
            raise _unsayable("a literal with a base direction")
        if value.language:
            return {"@language": value.language, "@value": value.value}
        datatype = value.datatype.value
        if datatype == f"{XSD}string":
            return value.value
        if datatype == f"{XSD}boolean" and value.value in ("true", "false"):
            return value.value == "true"
        if datatype == f"{XSD}integer" and _SMALL_INTEGER.fullmatch(value.value):
            return int(value.value)
        return {"@type": self.short(datatype), "@value": value.value}


def _key(term: NamedNode | BlankNode | Triple) -> str:
    if isinstance(term, NamedNode):
        return term.value
    if isinstance(term, BlankNode):
        return f"_:{blank_label(term)}"
    raise _unsayable("a triple that stands as a term")


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _unsayable(what: str) -> UsageError:
    return UsageError(f"JSON-LD cannot express {what}", hint="choose another format, turtle for one")
