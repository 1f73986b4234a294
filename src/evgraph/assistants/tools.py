"""The tools: each canned question, and describe, search, cite and sparql, with the JSON Schema of their parameters.

https://modelcontextprotocol.io/specification/latest/server/tools
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from evgraph.errors import UsageError
from evgraph.formats import CITATION_FORMATS
from evgraph.namespaces import MATRICES
from evgraph.query.catalogue import Catalogue
from evgraph.query.parameters import is_listed, pick_list, terms
from evgraph.query.question import Evidence, Parameter, Question
from evgraph.query.search import COLUMNS
from evgraph.query.search_index import KINDS
from evgraph.text import shown, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.store.protocol import Store

ROWS = 50
"""The rows of an answer, unless a call asks for another number."""
MOST_ROWS = 500
"""The largest number of rows that a call can ask for."""
INSTRUCTIONS = """\
The graph holds what the pages of the Alcohol and Drug Treatment Matrices say about treatment studies, reviews and
guidance, and how these refer to each other. Start with 'search' to find a thing, ask a question by its tool, and use
'describe' for everything about one thing, and 'cite' for how to cite it. Each row of an answer has 'evidence': the
cell, the line of its page and the IRI of the passage. When you state something, cite these, as in "drug:E4, line 48".
What the pages say is the claim of the pages. An empty answer means that the graph does not say it, never that it is not
so. If 'complete' is false, there are more rows than you see."""
"""What an assistant reads before it uses the tools."""

_MOST_VALUES = 20  # A longer list of values is no choice but a search.
_WITHOUT_TOOL = ("describe", "search")  # Their questions; the tools of these names do more.
_OF_CLAIMS = "rdf:subject rdf:predicate rdf:object rdf:type evg:statedIn"

DESCRIBE = Question(
    "describe",
    "find",
    "Everything that the graph says about one thing, one statement per row",
    "The thing's own statements, those of its identifications, supports and recommendations, and the statements that"
    " point to it.",
    ("find",),
    {"thing": Parameter("thing", "iri", "the thing: its IRI, CURIE, name, DOI or PubMed number", "timko-2007", True)},
    {"subject": "what the statement is about", "property": "the property", "value": "its value"},
    f"""SELECT DISTINCT ?subject ?property ?value WHERE {{
      {{ SELECT DISTINCT ?subject ?property ?value WHERE {{
        ?_thing_iri ?property ?value BIND(?_thing_iri AS ?subject) }} }}
      UNION
      {{ SELECT DISTINCT ?subject ?property ?value WHERE {{
        VALUES ?part {{ evg:identification evg:support evg:hasRecommendation }}
        ?_thing_iri ?part ?subject . ?subject ?property ?value
        FILTER(?property NOT IN ({_OF_CLAIMS.replace(" ", ", ")})) }} }}
      UNION
      {{ SELECT DISTINCT ?subject ?property ?value WHERE {{
        ?subject ?property ?_thing_iri BIND(?_thing_iri AS ?value)
        FILTER(?property NOT IN ({_OF_CLAIMS.replace(" ", ", ")})) }} }}
    }} ORDER BY ?subject ?property ?value""",
    "describe",
    evidence=(Evidence("?subject", "?property", "?value"), Evidence("?subject")),
)
"""The question behind the tool 'describe'."""


class Tool(NamedTuple):
    """A tool: its name, what it does in one line and in full, and the JSON Schema of its arguments."""

    name: str
    title: str
    description: str
    schema: dict[str, Any]


def tools(store: Store) -> list[Tool]:
    """Return all tools; parameters with few values list those that the graph has."""
    known: dict[object, Mapping[str, str]] = {}
    own = [
        _tool(DESCRIBE, {"thing": _schema(DESCRIBE.parameters["thing"], store, known)}),
        Tool(
            "search",
            "Find things by words",
            "Find entries, documents, recommendations and sections by words, the best first. A word also finds its"
            f" other forms; words in double quotes must follow each other.\n{_columns(COLUMNS)}\nEvidence: where the"
            " thing is stated or listed.",
            _object(_SEARCH, ["words"]),
        ),
        Tool(
            "cite",
            "Cite a document, a cell, a matrix or the whole dataset",
            "Write how to cite a document, a cell, a matrix or 'dataset', the whole: as a line of text, or for a"
            " reference manager. Use it for each document that you name, and make up no citation. A title in square"
            f" brackets is a description.\n{_columns(CITE_COLUMNS)}",
            _CITE,
        ),
        Tool(
            "sparql",
            "Ask in SPARQL",
            "Run a SPARQL 1.1 query (SELECT, ASK, CONSTRUCT or DESCRIBE) over the graph, for what no other tool"
            " answers. Prefixes such as evg:, doc:, cell:, schema:, dcterms: and cito: need not be declared."
            " SERVICE, FROM and updates are refused. Select the passages yourself: a claim (rdf:subject,"
            " rdf:predicate, rdf:object) or an entry has evg:statedIn, whose value is a passage.",
            _object({"query": {"type": "string", "description": "the query"}}, ["query"]),
        ),
    ]
    questions = [
        _tool(question, {name: _schema(parameter, store, known) for name, parameter in question.parameters.items()})
        for question in questions_of_tools().values()
    ]
    return [*own, *questions]


def questions_of_tools() -> Mapping[str, Question]:
    """Return the canned questions that are tools, by name: not those that read files which a parameter names."""
    return {
        question.name: question
        for question in Catalogue()
        if not question.answered_by_evgraph and question.name not in _WITHOUT_TOOL
    }


def read_arguments(tool: str, arguments: Mapping[str, object]) -> tuple[dict[str, str], int]:
    """Return the arguments of a call as text, without those that are empty, and the largest number of rows.

    Raises:
        UsageError: an argument is no text or number, or the limit is no number of rows.

    """
    texts: dict[str, str] = {}
    for name, value in arguments.items():
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UsageError(f"{tool}: '{shown(name)}' must be a text or a number", hint="give one value")
        texts[name] = str(value)
    limit = texts.pop("limit", str(ROWS)).removesuffix(".0")
    if not limit.isdecimal() or not 0 < int(limit) <= MOST_ROWS:
        raise UsageError(f"expected a number from 1 to {MOST_ROWS}", parameter="limit", value=shown(limit, 80))
    return texts, int(limit)


def check_names(tool: str, names: Mapping[str, str], required: str, known: Mapping[str, object]) -> None:
    """Refuse unknown arguments of a tool that is no question, and one that is missing.

    Raises:
        UsageError: it says which.

    """
    for name in names:
        if name not in known:
            raise unknown_name(f"{tool} has no parameter '{shown(name)}'", name, known)
    if required not in names:
        raise UsageError(f"{tool} needs the parameter '{required}'", hint=f"give it {required}")


def _tool(question: Question, properties: dict[str, Any]) -> Tool:
    needed = f"Give at least one of {', '.join(question.one_of)}." if question.one_of else ""
    meaning = (
        "the passages that state what the row says" if question.evidence else "where the things of the row are stated"
    )
    evidence = f"Evidence: {meaning}{'' if question.evidence else ' or listed'}."
    lines = [f"{question.summary}.", question.description, needed, _columns(question.columns), evidence]
    required = [name for name, parameter in question.parameters.items() if parameter.required]
    return Tool(question.name, question.summary, "\n".join(filter(None, lines)), _object(properties, required))


def _columns(columns: Mapping[str, str]) -> str:
    return "Columns: " + "; ".join(f"{name} ({what})" for name, what in columns.items()) + "."


def _few_values(parameter: Parameter, store: Store) -> Mapping[str, str]:
    """Return the values of a parameter with their labels; none where there are too many to choose from."""
    if parameter.type not in {"choice", "matrix"} and (
        not is_listed(parameter) or len(terms(store, parameter)) > _MOST_VALUES
    ):
        return {}
    return pick_list(store, parameter)


def _schema(parameter: Parameter, store: Store, known: dict[object, Mapping[str, str]]) -> dict[str, Any]:
    """Return the JSON Schema of a parameter; a short list of values is an enum.

    `known` has the values of parameters of the same kind.
    """
    same = (parameter.type, parameter.pick_list, parameter.choices)
    if same not in known:
        known[same] = _few_values(parameter, store)
    values = known[same]
    schema: dict[str, Any] = {"type": "integer" if parameter.type in {"year", "integer"} else "string"}
    description = f"{parameter.description}, such as {parameter.example}"
    if parameter.default is not None:
        schema["default"] = parameter.default
    if values:
        schema["enum"] = list(values)
        named = "; ".join(f"{value}: {label}" for value, label in values.items() if label)
        description = f"{parameter.description}{f' ({named})' if named else ''}"
    return schema | {"description": description}


_SEARCH: dict[str, Any] = {
    "words": {"type": "string", "description": "the words, such as mutual aid"},
    "kind": {"type": "string", "enum": list(KINDS), "description": "only things of this kind"},
    "cell": {"type": "string", "description": "only what is in this cell or listed there, such as drug:E4"},
    "matrix": {"type": "string", "enum": list(MATRICES), "description": "only what is in this matrix or listed there"},
    "year": {"type": "string", "description": "only documents of this year, or of these years: 2007 or 2000-2010"},
}
SEARCH_FILTERS = {"kind": "kinds", "cell": "cells", "matrix": "matrices", "year": "years"}
"""Parameter of the tool 'search' → argument of `evgraph.query.search.search`."""


_CITE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "thing": {"type": "string", "description": "its IRI, CURIE, name, DOI or PubMed number, such as timko-2007"},
        "format": {
            "type": "string",
            "enum": list(CITATION_FORMATS),
            "default": "text",
            "description": "its format",
        },
    },
    "required": ["thing"],
    "additionalProperties": False,
}
CITE_COLUMNS = {"thing": "what is cited", "citation": "how to cite it"}
"""The columns of the tool 'cite'."""


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    limit = {
        "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS,
        "description": "the largest number of rows",
    }  # fmt: skip
    return {
        "type": "object",
        "properties": properties | {"limit": limit},
        "required": required,
        "additionalProperties": False,
    }
