"""The reference of terms and controlled values, made from the ontology, the shapes and the shipped graph."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from docs.described import Described, code, plain, short, table
from docs.shapes_reference import path_of
from evgraph import shipped_files
from evgraph.namespaces import EVG, ID
from evgraph.rdf.turtle import turtle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD = f"""\
# The terms

The graph uses these [classes](#classes), [properties](#properties) and [controlled values](#controlled-values).
evgraph's own terms have the prefix `evg:` (`{EVG}`); where another vocabulary has a suitable term, the graph
uses that. Things have IRIs below `{ID}`, written here as in the data: `doc:timko-2007`,
`<entry/drug-E4/timko-2007>`. [shapes.md](shapes.md) lists the rules for each class.

![The model: a cell of a matrix has entries and a commentary with sections; an entry lists a document; guidance has
recommendations, which rest on documents; references and claims point to the passage of a snapshot.](model.svg)

evgraph infers nothing. The graph states every class of a thing: a trial is an `evg:Trial`, an `evg:Study` and an
`evg:Document`. It contains a link only in the direction that the page states, and questions follow it both ways.
*How many* is the number of values that a thing may have; a number in brackets is expected, and its absence is only a
warning or an info.

`python -m docs.build` writes this page from [`evgraph.ttl`](../ontology/evgraph.ttl),
[`schemes.ttl`](../ontology/schemes.ttl), [`alignments.ttl`](../ontology/alignments.ttl), the
[shapes](../ontology/shapes) and the shipped graph; a test fails if it is out of date.
"""
_ALIGNED = ("rdfs:subClassOf", "rdfs:subPropertyOf")
_MATCHES = {
    "skos:closeMatch": "close to",
    "skos:broadMatch": "narrower than",
    "skos:narrowMatch": "wider than",
    "skos:relatedMatch": "related to",
}
# The examples belong together: a trial, an entry that lists it, and the guidance that rests on it.
_EXAMPLES = {
    "Matrix": "matrix/drug",
    "Cell": "cell/drug-E4",
    "CellSnapshot": "snapshot/drug-E4/304a8504b8e0e9ba",
    "Entry": "entry/drug-E4/timko-2007",
    "Document": "doc/nice-2011-commissioning",
    "Study": "doc/ghose-2008",
    "Trial": "doc/timko-2007",
    "Review": "doc/vanderplasschen-2019",
    "Guidance": "doc/nice-2011-guidelines",
    "Identification": "identification/timko-2007/doi",
    "Section": "section/alcohol-E4/issue-3",
    "Recommendation": "recommendation/nice-2011-guidelines/mutual-aid",
    "Reference": "ref/drug-E4/timko-2007/corresponding-1",
    "Claim": "claim/commissioning-takes-lead-from-guidelines",
    "Passage": "passage/304a8504b8e0e9ba/2924-2958",
}


@cache
def _ontology() -> Described:
    folder = shipped_files.ontology()
    return Described(folder / "evgraph.ttl", folder / "alignments.ttl")


@cache
def _schemes() -> Described:
    return Described(shipped_files.ontology() / "schemes.ttl")


@cache
def _shapes() -> Described:
    return Described(shipped_files.ontology() / "shapes")


@cache
def _data() -> Described:
    return Described(shipped_files.data())


def reference() -> str:
    """Return the page as Markdown."""
    classes = "".join(_class(cls) for cls in _ontology().instances("owl:Class"))
    others = sorted(kind for kind in _kinds() if not kind.startswith(EVG))
    schemes = "".join(_scheme(scheme) for scheme in _schemes().instances("skos:ConceptScheme"))
    return "".join(
        [
            *(_HEAD, "\n## Classes\n", classes),
            "\n### Classes of other vocabularies\n\nThe shipped graph also uses these:\n\n",
            table(("class", "example"), ((f"`{short(cls)}`", _first(cls)) for cls in others)),
            *("\n## Properties\n\nThe properties of evgraph, by name.\n\n", _properties()),
            *("\n## Controlled values\n\nConcept schemes (SKOS); a value is `scheme:notation`.\n", schemes),
        ]
    )


def _class(iri: str) -> str:
    terms = _ontology()
    name = iri.removeprefix(EVG)
    below = [cls for cls in terms.instances("owl:Class") if iri in terms.values(cls, "rdfs:subClassOf")]
    kinds = f" Subclasses: {', '.join(_linked(cls) for cls in below)}." if below else ""
    lines = [
        f"\n### {name}\n\n{_meaning(iri)}{kinds}\n\n",
        f"`{short(iri)}`: {_alignment(iri)}.\n",
    ]
    if rows := list(_class_properties(iri)):
        lines.append(f"\n{table(('property', 'how many', 'value', 'meaning'), rows)}")
    lines.append(f"\n{_example(iri)}")
    return "".join(lines)


def _kinds() -> set[str]:
    return {kind for subject in _data() for kind in _data().values(subject, "rdf:type")}


def _first(kind: str) -> str:
    iri = _data().instances(kind)[0]
    label = _data().value(iri, "rdfs:label") or _data().value(iri, "dcterms:title")
    return f"`{short(iri)}` {plain(label)}"


def _meaning(iri: str) -> str:
    terms = _ontology()
    return plain(" ".join([terms.value(iri, "skos:definition"), *terms.values(iri, "skos:scopeNote")]))


def _alignment(iri: str) -> str:
    """Return how a term relates to those of other vocabularies."""
    terms = _ontology()
    parents = [parent for name in _ALIGNED for parent in terms.values(iri, name)]
    parts = [f"under {', '.join(map(_linked, parents))}"] if parents else []
    parts += [f"{words} {code(matches)}" for name, words in _MATCHES.items() if (matches := terms.values(iri, name))]
    return "; ".join(parts)


def _linked(iri: str) -> str:
    """Return a class as code, with a link if this page describes it."""
    name = iri.removeprefix(EVG)  # Classes have a heading each, properties have not.
    return f"[`{short(iri)}`](#{name.lower()})" if iri.startswith(EVG) and name[0].isupper() else f"`{short(iri)}`"


def _class_properties(iri: str) -> Iterator[tuple[str, ...]]:
    """Return a row for each property of a class: from its shapes, and from the properties with this domain."""
    terms, shapes = _ontology(), _shapes()
    rules: dict[str, list[str]] = {}
    for shape in shapes:
        if iri in shapes.values(shape, "sh:targetClass"):
            for rule in shapes.values(shape, "sh:property"):
                rules.setdefault(path_of(shapes, rule), []).append(rule)
    for term in terms:
        if iri in terms.values(term, "rdfs:domain"):
            rules.setdefault(short(term), [])
    for path, of_path in rules.items():
        if path == "rdf:type":
            continue
        term = EVG + path.removeprefix("evg:")
        own = path.startswith("evg:")
        meaning = _meaning(term) if own else plain(shapes.value(of_path[0], "sh:name"))
        value = _value(of_path) or _value(_rules_above(iri, path)) or _range(path)
        yield f"`{path}`", _how_many(of_path), value or "anything", meaning


def _rules_above(iri: str, path: str) -> list[str]:
    """Return the property shapes of the superclasses for a path."""
    terms, shapes = _ontology(), _shapes()
    return [
        rule
        for above in terms.values(iri, "rdfs:subClassOf")
        for shape in shapes
        if above in shapes.values(shape, "sh:targetClass")
        for rule in shapes.values(shape, "sh:property")
        if path_of(shapes, rule) == path
    ]


def _range(path: str) -> str:
    """Return the range of a property, or its domain if the path is inverse."""
    which = "rdfs:domain" if path.startswith("^") else "rdfs:range"
    return " or ".join(map(_linked, _ontology().values(EVG + path.removeprefix("^").removeprefix("evg:"), which)))


def _how_many(rules: list[str]) -> str:
    """Return the number of values, least…most; in brackets what only a warning or an info requires."""
    shapes = _shapes()
    least = {rule: int(shapes.value(rule, "sh:minCount") or 0) for rule in rules}
    most = [int(count) for rule in rules for count in shapes.values(rule, "sh:maxCount")]
    expected = max(least.values(), default=0)
    strict = max((least[rule] for rule in rules if shapes.value(rule, "sh:severity").endswith("#Violation")), default=0)
    lower = str(strict) if strict == expected else f"{strict} ({expected})"
    return lower if most == [strict] else f"{lower}…{min(most, default='')}"


def _value(rules: Iterable[str]) -> str:
    """Return the kind of value that the property shapes require, or ""."""
    shapes = _shapes()
    values: dict[str, None] = {}
    for rule in rules:
        for node in shapes.values(rule, "sh:node"):
            [holder] = shapes.values(node, "sh:property")
            schemes = shapes.values(holder, "sh:hasValue") + shapes.members(shapes.value(holder, "sh:in"))
            values |= dict.fromkeys(map(_scheme_link, schemes))
        for choice in shapes.values(rule, "sh:or"):
            kinds = [shapes.value(option, "sh:class") for option in shapes.members(choice)]
            values |= dict.fromkeys(_linked(kind) for kind in kinds if kind)
        for name in ("sh:class", "sh:datatype"):
            values |= dict.fromkeys(map(_linked, shapes.values(rule, name)))
        kind = shapes.value(rule, "sh:nodeKind").rpartition("#")[2]
        if not values and (kind == "Literal" or shapes.values(rule, "sh:pattern")):
            values["text"] = None
        elif not values and kind == "IRI":
            values["any IRI"] = None
    return " or ".join(values)


def _scheme_link(scheme: str) -> str:
    return f"[{scheme.rpartition('/')[2]}](#{_anchor(_schemes().value(scheme, 'skos:prefLabel'))})"


def _anchor(heading: str) -> str:
    return "-".join("".join(char for char in heading.lower() if char.isalnum() or char in " -").split(" "))


def _example(iri: str) -> str:
    """Return an instance of a class in the shipped graph, as Turtle."""
    instances = _data().instances(iri)
    if not instances:
        return "The shipped graph has none.\n"
    preferred = ID + _EXAMPLES.get(iri.removeprefix(EVG), "")
    chosen = preferred if preferred in instances else instances[0]
    _, _, body = turtle(_data().triples(chosen)).decode().partition("\n\n")
    return f"```turtle\n{body}```\n"


def _properties() -> str:
    terms = _ontology()
    kinds = ("owl:ObjectProperty", "owl:DatatypeProperty")
    rows = [
        (
            f"`{short(term)}`",
            " or ".join(map(_linked, terms.values(term, "rdfs:domain"))) or "several classes",
            _value(_rules_for(term)) or _range(short(term)) or "anything",
            f"{_meaning(term)} {f'({aligned})' if (aligned := _alignment(term)) else ''}",
        )
        for term in sorted((term for kind in kinds for term in terms.instances(kind)), key=str.lower)
    ]
    return table(("property", "of", "value", "meaning"), rows)


def _rules_for(term: str) -> list[str]:
    return [
        rule for rule in _shapes() if term in _shapes().values(rule, "sh:path") and _shapes().value(rule, "sh:name")
    ]


def _scheme(iri: str) -> str:
    terms = _schemes()
    concepts = [concept for concept in terms.instances("skos:Concept") if iri in terms.values(concept, "skos:inScheme")]
    rows = []
    for concept in concepts:
        within = terms.value(concept, "skos:broader")
        other = ", ".join(terms.values(concept, "skos:altLabel"))
        notes = [terms.value(concept, "skos:definition"), f"Within `{short(within)}`." if within else ""]
        rows.append(
            (
                f"`{short(concept)}`",
                f"`{terms.value(concept, 'skos:notation')}`",
                *map(plain, (terms.value(concept, "skos:prefLabel"), other, " ".join(filter(None, notes)))),
            )
        )
    head = ("value", "notation", "label", "also", "meaning")
    used = [column for column in range(len(head)) if any(row[column] for row in rows)]
    laid = table(tuple(head[column] for column in used), [tuple(row[column] for column in used) for row in rows])
    title, definition = terms.value(iri, "skos:prefLabel"), terms.value(iri, "skos:definition")
    return f"\n### {plain(title)}\n\n{plain(definition)} `<{iri.removeprefix(ID)}>`\n\n{laid}"
