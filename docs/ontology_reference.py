"""The page of the terms and controlled values, made from the ontology, the shapes and the shipped graph."""

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

What the graph is made of: [classes](#classes), [properties](#properties) and [controlled values](#controlled-values).
Our own terms begin with `evg:`, which is `{EVG}`; where another vocabulary has the word, that one
is used. Things have IRIs below `{ID}`, written here as in the data: `doc:timko-2007`,
`<entry/drug-E4/timko-2007>`. What is demanded of each class stands in [shapes.md](shapes.md).

![The model: a cell of a matrix has entries and a commentary with sections; an entry lists a document; guidance has
recommendations, which rest on documents; references and claims point to the passage of a snapshot.](model.svg)

Nothing is inferred. Every class that a thing belongs to is written, a trial as `evg:Trial`, `evg:Study` and
`evg:Document`; a link stands in the one direction that its page states, and a question reads both. *How many* says how
often a property stands; a number in brackets is wanted, and only a warning tells when it is missing.

This page is written by `python -m docs.build` from [`evgraph.ttl`](../ontology/evgraph.ttl),
[`schemes.ttl`](../ontology/schemes.ttl), [`alignments.ttl`](../ontology/alignments.ttl), the
[shapes](../ontology/shapes) and the shipped graph; a test fails when it is out of date.
"""
_ALIGNED = ("rdfs:subClassOf", "rdfs:subPropertyOf")
_MATCHES = {
    "skos:closeMatch": "close to",
    "skos:broadMatch": "narrower than",
    "skos:narrowMatch": "wider than",
    "skos:relatedMatch": "related to",
}
# The examples tell one story: a trial, how a cell lists it, and the guidance that rests on it.
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
    """Give the page."""
    classes = "".join(_class(one) for one in _ontology().instances("owl:Class"))
    others = sorted(kind for kind in _kinds() if not kind.startswith(EVG))
    schemes = "".join(_scheme(one) for one in _schemes().instances("skos:ConceptScheme"))
    return "".join(
        [
            *(_HEAD, "\n## Classes\n", classes),
            "\n### Of other vocabularies\n\nThe shipped graph also has these:\n\n",
            table(("class", "for example"), ((f"`{short(one)}`", _first(one)) for one in others)),
            *("\n## Properties\n\nThose of evgraph, in the order of their names.\n\n", _properties()),
            *("\n## Controlled values\n\nConcept schemes (SKOS); a value is `scheme:notation`.\n", schemes),
        ]
    )


def _class(iri: str) -> str:
    terms = _ontology()
    name = iri.removeprefix(EVG)
    below = [one for one in terms.instances("owl:Class") if iri in terms.values(one, "rdfs:subClassOf")]
    kinds = f" Kinds: {', '.join(_linked(one) for one in below)}." if below else ""
    lines = [
        f"\n### {name}\n\n{_meaning(iri)}{kinds}\n\n",
        f"`{short(iri)}`: {_alignment(iri)}.\n",
    ]
    if rows := list(_class_properties(iri)):
        lines.append(f"\n{table(('property', 'how many', 'value', 'meaning'), rows)}")
    lines.append(f"\n{_example(iri)}")
    return "".join(lines)


def _kinds() -> set[str]:
    return {kind for one in _data() for kind in _data().values(one, "rdf:type")}


def _first(kind: str) -> str:
    iri = _data().instances(kind)[0]
    label = _data().value(iri, "rdfs:label") or _data().value(iri, "dcterms:title")
    return f"`{short(iri)}` {plain(label)}"


def _meaning(iri: str) -> str:
    terms = _ontology()
    return plain(" ".join([terms.value(iri, "skos:definition"), *terms.values(iri, "skos:scopeNote")]))


def _alignment(iri: str) -> str:
    """Say where a term stands among those of others."""
    terms = _ontology()
    above = [one for name in _ALIGNED for one in terms.values(iri, name)]
    said = [f"under {', '.join(_linked(one) for one in above)}"] if above else []
    said += [f"{words} {code(found)}" for name, words in _MATCHES.items() if (found := terms.values(iri, name))]
    return "; ".join(said)


def _linked(iri: str) -> str:
    """Give a class as a link to where it is described, if that is here."""
    return f"[`{short(iri)}`](#{iri.removeprefix(EVG).lower()})" if iri.startswith(EVG) else f"`{short(iri)}`"


def _class_properties(iri: str) -> Iterator[tuple[str, ...]]:
    """Give what a class is said to have: by its shapes, and by the properties that name it as their domain."""
    terms, shapes = _ontology(), _shapes()
    rules: dict[str, list[str]] = {}
    for shape in shapes:
        if iri in shapes.values(shape, "sh:targetClass"):
            for rule in shapes.values(shape, "sh:property"):
                rules.setdefault(path_of(shapes, rule), []).append(rule)
    for one in terms:
        if iri in terms.values(one, "rdfs:domain"):
            rules.setdefault(short(one), [])
    for path, of_path in rules.items():
        if path == "rdf:type":
            continue
        term = EVG + path.removeprefix("evg:")
        own = path.startswith("evg:")
        meaning = _meaning(term) if own else plain(shapes.value(of_path[0], "sh:name"))
        value = _value(of_path) or _value(_rules_above(iri, path)) or _range(path)
        yield f"`{path}`", _how_many(of_path), value or "anything", meaning


def _rules_above(iri: str, path: str) -> list[str]:
    """Give the rules for a property of the classes that a class is under."""
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
    """Say what the ontology gives as a property's values; followed backwards, what it gives as its subjects."""
    which = "rdfs:domain" if path.startswith("^") else "rdfs:range"
    return " or ".join(map(_linked, _ontology().values(EVG + path.removeprefix("^").removeprefix("evg:"), which)))


def _how_many(rules: list[str]) -> str:
    """Say how often a property stands: a number that only a warning asks for is in brackets."""
    shapes = _shapes()
    least = {rule: int(shapes.value(rule, "sh:minCount") or 0) for rule in rules}
    most = [int(count) for rule in rules for count in shapes.values(rule, "sh:maxCount")]
    wanted = max(least.values(), default=0)
    strict = max((least[one] for one in rules if shapes.value(one, "sh:severity").endswith("#Violation")), default=0)
    lower = str(strict) if strict == wanted else f"{strict} ({wanted})"
    return lower if most == [strict] else f"{lower}…{min(most, default='')}"


def _value(rules: Iterable[str]) -> str:
    """Say what kind of value a property takes by its rules; "" where they leave it open."""
    shapes = _shapes()
    found: dict[str, None] = {}
    for rule in rules:
        for node in shapes.values(rule, "sh:node"):
            [holder] = shapes.values(node, "sh:property")
            schemes = shapes.values(holder, "sh:hasValue") + shapes.members(shapes.value(holder, "sh:in"))
            found |= dict.fromkeys(map(_scheme_link, schemes))
        for choice in shapes.values(rule, "sh:or"):
            kinds = [shapes.value(one, "sh:class") for one in shapes.members(choice)]
            found |= dict.fromkeys(_linked(kind) for kind in kinds if kind)
        for name in ("sh:class", "sh:datatype"):
            found |= dict.fromkeys(map(_linked, shapes.values(rule, name)))
        kind = shapes.value(rule, "sh:nodeKind").rpartition("#")[2]
        if not found and (kind == "Literal" or shapes.values(rule, "sh:pattern")):
            found["text"] = None
        elif not found and kind == "IRI":
            found["any IRI"] = None
    return " or ".join(found)


def _scheme_link(scheme: str) -> str:
    return f"[{scheme.rpartition('/')[2]}](#{_anchor(_schemes().value(scheme, 'skos:prefLabel'))})"


def _anchor(heading: str) -> str:
    return "-".join("".join(one for one in heading.lower() if one.isalnum() or one in " -").split(" "))


def _example(iri: str) -> str:
    """Show an instance of a class as the shipped graph has it."""
    found = _data().instances(iri)
    if not found:
        return "The shipped graph has none.\n"
    wanted = ID + _EXAMPLES.get(iri.removeprefix(EVG), "")
    chosen = wanted if wanted in found else found[0]
    _, _, body = turtle(_data().triples(chosen)).decode().partition("\n\n")
    return f"```turtle\n{body}```\n"


def _properties() -> str:
    terms = _ontology()
    kinds = ("owl:ObjectProperty", "owl:DatatypeProperty")
    rows = [
        (
            f"`{short(one)}`",
            " or ".join(map(_linked, terms.values(one, "rdfs:domain"))) or "several classes",
            _value(_rules_for(one)) or _range(short(one)) or "anything",
            f"{_meaning(one)} {f'({stands})' if (stands := _alignment(one)) else ''}",
        )
        for one in sorted((one for kind in kinds for one in terms.instances(kind)), key=str.lower)
    ]
    return table(("property", "of", "value", "meaning"), rows)


def _rules_for(term: str) -> list[str]:
    return [
        rule for rule in _shapes() if term in _shapes().values(rule, "sh:path") and _shapes().value(rule, "sh:name")
    ]


def _scheme(iri: str) -> str:
    terms = _schemes()
    concepts = [one for one in terms.instances("skos:Concept") if iri in terms.values(one, "skos:inScheme")]
    rows = []
    for one in concepts:
        within = terms.value(one, "skos:broader")
        other = ", ".join(terms.values(one, "skos:altLabel"))
        notes = [terms.value(one, "skos:definition"), f"Within `{short(within)}`." if within else ""]
        rows.append(
            (
                f"`{short(one)}`",
                f"`{terms.value(one, 'skos:notation')}`",
                *map(plain, (terms.value(one, "skos:prefLabel"), other, " ".join(filter(None, notes)))),
            )
        )
    head = ("value", "notation", "label", "also", "meaning")
    used = [column for column in range(len(head)) if any(row[column] for row in rows)]
    laid = table(tuple(head[column] for column in used), [tuple(row[column] for column in used) for row in rows])
    title, definition = terms.value(iri, "skos:prefLabel"), terms.value(iri, "skos:definition")
    return f"\n### {plain(title)}\n\n{plain(definition)} `<{iri.removeprefix(ID)}>`\n\n{laid}"
