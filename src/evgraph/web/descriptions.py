"""What the server says about itself: the list of addresses, the questions, OpenAPI, the SPARQL service."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Quad

from evgraph import __version__
from evgraph.formats import FORMATS, ROW_FORMATS
from evgraph.namespaces import CC0, DCTERMS, ID, RDF, RDFS
from evgraph.query.parameters import is_listed
from evgraph.query.passages import COLUMN
from evgraph.rdf.write import write
from evgraph.web.answers import ROW_NAMES, ROW_TYPES, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.formats import Format
    from evgraph.query.question import Parameter, Question

HOME = """\
evgraph: the Alcohol and Drug Treatment Matrices as linked data

/cell/drug-E4                     a resource; also .ttl .jsonld .nt .rdf .nq .trig
/id/cell/drug-E4                  leads there
/ns                               the ontology
/sparql                           SPARQL 1.1
/questions                        the canned questions
/questions/NAME?parameter=value   ask one; also limit, offset, format, csv, columns, no-labels, with-passages
/questions/NAME.rq                its query
/questions/NAME/values/PARAMETER  the values of a parameter
/openapi.json                     the same for programs
/doc/timko-2007.ris               how to cite it; also .bib .csl.json
/changes                          what changed; /feed for feed readers
"""
_BEFORE_ACCEPT = "The format; it goes before the header Accept"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
}


def service(address: str, kind: Format) -> bytes:
    """Describe the SPARQL service: https://www.w3.org/TR/sparql11-service-description/."""
    dataset = f"{address}#dataset"

    def statements() -> Iterator[tuple[str, str, NamedNode | Literal]]:
        yield address, f"{RDF}type", NamedNode(f"{_SD}Service")
        yield address, f"{RDFS}label", Literal("The SPARQL service of evgraph", language="en")
        yield address, f"{_SD}endpoint", NamedNode(address)
        yield address, f"{_SD}supportedLanguage", NamedNode(f"{_SD}SPARQL11Query")
        yield address, f"{_SD}feature", NamedNode(f"{_SD}UnionDefaultGraph")
        for name in _NAMES.values():
            yield address, f"{_SD}resultFormat", NamedNode(f"{_FORMATS}{name}")
        yield address, f"{_SD}defaultDataset", NamedNode(dataset)
        yield dataset, f"{RDF}type", NamedNode(f"{_SD}Dataset")
        yield dataset, f"{DCTERMS}license", NamedNode(CC0)
        yield dataset, f"{DCTERMS}source", NamedNode(f"{ID}dataset")

    return write(
        (Quad(NamedNode(subject), NamedNode(predicate), value) for subject, predicate, value in statements()), kind
    )


@cache
def questions() -> bytes:
    """List the questions with their parameters and columns."""
    return _dumped([_question(question) for question in catalogue().values()])


def _question(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "summary": question.summary,
        "description": question.description,
        "tags": question.tags,
        "form": question.form,
        "parameters": [_parameter(question, parameter) for parameter in question.parameters.values()],
        "one_of": question.one_of,
        "columns": question.columns,
        "href": f"/questions/{question.name}",
        "query": f"/questions/{question.name}.rq",
    }


def _parameter(question: Question, parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "type": parameter.type,
        "description": parameter.description,
        "required": parameter.required,
        "default": parameter.default,
        "example": parameter.example,
    }
    if parameter.choices:
        described["choices"] = parameter.choices
    if is_listed(parameter):
        described["values"] = f"/questions/{question.name}/values/{parameter.name}"
    return described


@cache
def openapi() -> bytes:
    """Describe the API: https://spec.openapis.org/oas/v3.1.0."""
    paths: dict[str, Any] = {
        "/questions": {"get": _operation("questions", "List the questions", {"application/json": {}})}
    }
    for question in catalogue().values():
        is_rows = question.form == "SELECT"
        rows = (*ROW_TYPES, ROW_FORMATS["xlsx"].media_type)
        types = rows if is_rows else [kind.media_type for kind in FORMATS.values()]
        own = [_declared(parameter) for parameter in question.parameters.values()]
        names = ["limit", "offset", "rows-format" if is_rows else "triples-format"]
        names += ["csv", "columns", "no-labels"] if is_rows else []
        names += ["with-passages"] if question.evidence or COLUMN in question.columns else []
        shared = [{"$ref": f"#/components/parameters/{name}"} for name in names]
        operation = _operation(question.name, question.summary, _content(types), [*own, *shared])
        paths[f"/questions/{question.name}"] = {"get": operation | {"description": question.description}}
        text = _operation(f"{question.name}.rq", f"The query of {question.name}", {"application/sparql-query": {}}, own)
        paths[f"/questions/{question.name}.rq"] = {"get": text}
        for parameter in question.parameters.values():
            if is_listed(parameter):
                name = f"{question.name}/values/{parameter.name}"
                listed = _operation(name.replace("/", "."), f"The values of {parameter.name}", _content(ROW_TYPES))
                paths[f"/questions/{name}"] = {"get": listed}
    flag = {"type": "string", "enum": ["true", "false"]}
    number = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
    shared_parameters = {
        "limit": _shared("limit", "At most so many rows; a Link with rel=next leads to more", number),
        "offset": _shared("offset", "The first row, from 0", number),
        "rows-format": _shared("format", _BEFORE_ACCEPT, {"type": "string", "enum": list(ROW_NAMES)}),
        "triples-format": _shared("format", _BEFORE_ACCEPT, {"type": "string", "enum": list(FORMATS)}),
        "csv": _shared("csv", "CSV in which a spreadsheet runs no formulas", {"type": "string", "enum": ["safe"]}),
        "columns": _shared("columns", "Only these columns, separated by commas", {"type": "string"}),
        "no-labels": _shared("no-labels", "Leave out the columns of labels", flag),
        "with-passages": _shared("with-passages", "Add the passages that a row rests on", flag),
    }
    problem = {
        "type": "object",
        "required": ["title", "status", "detail"],
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "hint": {"type": "string"},
        },
    }
    return _dumped(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "evgraph",
                "version": __version__,
                "description": "The Alcohol and Drug Treatment Matrices: canned questions. Free SPARQL is at /sparql.",
                "license": {"name": "CC0-1.0", "identifier": "CC0-1.0"},
            },
            "paths": paths,
            "components": {"parameters": shared_parameters, "schemas": {"Problem": problem}},
        }
    )


def _declared(parameter: Parameter) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "string"}
    if parameter.choices:
        item["enum"] = list(parameter.choices)
    elif parameter.type == "year":
        item["pattern"] = "^[0-9]{4}$"
    elif parameter.type == "integer":
        item["pattern"] = "^[+-]?[0-9]{1,18}$"
    if parameter.default is not None:
        item["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": {"type": "array", "items": item, "minItems": 1},
        "example": [parameter.example],
    }


def _shared(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _operation(
    name: str, summary: str, content: dict[str, Any], parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/plain": {}}
    words = {
        "400": "A parameter is unknown, missing or of another type",
        "406": "No acceptable format",
        "503": "A limit was reached, or the server is busy",
    }
    failures = {status: {"description": text, "content": problem} for status, text in words.items()}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": {"description": "The answer", "content": content}, **failures},
    }


def _content(media_types: Iterable[str]) -> dict[str, Any]:
    return {media_type: {} for media_type in media_types}


def _dumped(content: Any) -> bytes:
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode()
