"""JSON-LD that is also readable as plain JSON: short names, one object per subject, one property per line, sorted.

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
_WIDTH = 100  # Characters; longer lists have one value per line.
_SMALL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,8}")  # Every JSON reader keeps these exactly.


def jsonld_chunks(quads: Iterable[Quad]) -> Iterator[bytes]:
    """Write quads as JSON-LD (UTF-8): the subjects of the default graph, then each named graph with its subjects.

    The context has only the prefixes that are used, so a reader has nothing to fetch.

    Raises:
        UsageError: a term is a triple, or a literal has a base direction; raised before anything is yielded.

    """
    graphs: dict[str, list[Quad]] = defaultdict(list)
    schemes = set()
    for quad in quads:
        graph = quad.graph_name
        graphs["" if isinstance(graph, DefaultGraph) else _key(graph)].append(quad)
        for term in (quad.subject, quad.predicate, quad.object, graph):
            iri = term.datatype if isinstance(term, Literal) else term
            if isinstance(iri, NamedNode):
                schemes.add(iri.value.partition(":")[0])
    names = _Names(schemes)
    objects = [_lines(each, "    ") for each in names.objects(graphs.pop("", []))]
    for name in sorted(graphs):
        inner = ",\n".join(_lines(each, "        ") for each in names.objects(graphs[name]))
        objects.append(f'    {{\n      "@id": {_json(names.short(name))},\n      "@graph": [\n{inner}\n      ]\n    }}')
    yield f'{{\n  "@context": {_lines(names.context(), "  ").lstrip()},\n  "@graph": [\n'.encode()
    for number, text in enumerate(objects, 1):
        yield f"{text}{',' if number < len(objects) else ''}\n".encode()
    yield b"  ]\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(each: dict[str, Any], indent: str) -> str:
    """Return an object with one key per line, and one value per line in long lists."""
    lines = []
    for key, value in each.items():
        text = _json(value)
        if isinstance(value, list) and len(text) > _WIDTH:
            text = "[" + ",".join(f"\n{indent}    {_json(item)}" for item in value) + f"\n{indent}  ]"
        lines.append(f"{indent}  {_json(key)}: {text}")
    return f"{indent}{{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else f"{indent}{{}}"


class _Names:
    """Shortens IRIs, and keeps the prefixes that it used; none that is spelt like a scheme of the IRIs."""

    def __init__(self, schemes: set[str]) -> None:
        self._schemes = schemes
        self._short: dict[str, str] = {}
        self._used: set[str] = set()

    def context(self) -> dict[str, str]:
        """Return prefix → namespace, sorted."""
        return {prefix: PREFIXES[prefix] for prefix in sorted(self._used)}

    def short(self, iri: str) -> str:
        """Return ``prefix:rest``, or the IRI (or the ``_:label``) as it is."""
        if iri not in self._short:
            short = curie(iri)
            prefix, _, rest = short.partition(":")
            if short == iri or prefix in self._schemes or rest.startswith("//"):
                short = iri
            else:
                self._used.add(prefix)
            self._short[iri] = short
        return self._short[iri]

    def objects(self, quads: Iterable[Quad]) -> Iterator[dict[str, Any]]:
        """Iterate over the subjects of a graph, each as one JSON object."""
        subjects: dict[str, dict[str, set[Literal | str]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            value = quad.object if isinstance(quad.object, Literal) else _key(quad.object)
            subjects[_key(quad.subject)][quad.predicate.value].add(value)
        for subject in sorted(subjects):
            each: dict[str, Any] = {"@id": self.short(subject)}
            predicates = subjects[subject]
            if types := sorted(value for value in predicates.get(_TYPE, ()) if isinstance(value, str)):
                each["@type"] = _one_or_list([self.short(value) for value in types])
                predicates[_TYPE].difference_update(types)  # A literal as a type is legal, and stays below.
            used = (predicate for predicate, values in predicates.items() if values)
            for predicate in sorted(used, key=lambda iri: (iri != _LABEL, self.short(iri))):
                values = sorted(predicates[predicate], key=lambda value: (isinstance(value, Literal), str(value)))
                each[self.short(predicate)] = _one_or_list([self._value(value) for value in values])
            yield each

    def _value(self, value: Literal | str) -> Any:
        if isinstance(value, str):
            return {"@id": self.short(value)}
        if value.direction:
            raise _inexpressible("a literal with a base direction")
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
    raise _inexpressible("a triple as a term")


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _inexpressible(what: str) -> UsageError:
    return UsageError(f"JSON-LD cannot express {what}", hint="choose another format, such as turtle")
