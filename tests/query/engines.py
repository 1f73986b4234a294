"""The same data in every engine, in one graph or in two, and what is asked of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyoxigraph as ox

from evgraph import shipped_files
from evgraph.characters import visible
from evgraph.errors import EndpointError, LimitReachedError, UsageError
from evgraph.formats import FORMATS
from evgraph.namespaces import ID, PREFIXES, curie
from evgraph.query import runner
from evgraph.query.catalogue import CHECKS, Catalogue
from evgraph.query.reading import read
from evgraph.rdf.files import DataFile, always_loaded, find
from evgraph.store.disk import DiskStore, build
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import Rows, Triples
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.query.question import Question
    from evgraph.store.protocol import Answer, Store, Term

TESTS = Path(__file__).parent.parent
HERE = ("embedded", "on-disk")
"""The engines that run in this process, besides rdflib."""
SERVERS = ("oxigraph_server", "oxigraph_union_server", "virtuoso", "virtuoso_raised")
"""The engines that run as servers: the names of their fixtures."""
YEAR = 2026
_ODD_YEAR = re.compile(r'^"(?!\d{4}").*"\^\^<\S+gYear>$')

Graphs: TypeAlias = "Sequence[tuple[str, str]]"
"""IRIs of named graphs, each with its triples in Turtle."""
Asking: TypeAlias = "tuple[str, Question, dict[str, str]]"
"""What is asked, in words; the question; the values of its parameters."""


def shipped() -> list[DataFile]:
    """Give the graph that evgraph brings along."""
    return find([shipped_files.data()])


def cases() -> list[DataFile]:
    """Give the data of all tests of questions: what was made for one meets what the others ask."""
    return find([TESTS / "query" / "data"])


def faults() -> list[DataFile]:
    """Give what the tests of checks hold wrong."""
    return find(sorted((TESTS / "validation" / "checks").glob("*-invalid.ttl")))


def in_graphs(files: Sequence[DataFile], number: int) -> Graphs:
    """Put data, and what goes with any data, in one graph; or in two that share a third of it."""
    triples = {quad.triple for file in (*files, *always_loaded()) for quad in file.quads()}
    # A year of two digits is one that Virtuoso fills up to four.
    known = sorted((triple for triple in triples if not _ODD_YEAR.search(str(triple.object))), key=str)
    parts = [known] if number == 1 else [[t for i, t in enumerate(known) if i % 3 != left_out] for left_out in (0, 1)]
    return tuple((f"{ID}graph/test-{i}", _turtle(part)) for i, part in enumerate(parts))


def _turtle(triples: list[ox.Triple]) -> str:
    content = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert content is not None
    return content.decode()


def in_process(engine: str, graphs: Graphs, folder: Path | None = None) -> Store:
    """Fill one of the engines `HERE`; a folder for one that needs it."""
    if engine == "rdflib":
        return RdflibStore(graphs)
    files = [DataFile(graph, FORMATS["turtle"], graph, turtle.encode()) for graph, turtle in graphs]
    if engine == "on-disk":
        assert folder is not None
        build(folder / "store", files)
        return DiskStore(folder / "store")
    store = EmbeddedStore()
    for file in files:
        store.load(file)
    return store


class RdflibStore:
    """A `Store` over rdflib: the graph that people's own scripts would ask."""

    def __init__(self, graphs: Graphs) -> None:
        import rdflib

        self._dataset = rdflib.Dataset(default_union=True)
        for graph, turtle in graphs:
            self._dataset.graph(rdflib.URIRef(graph)).parse(data=turtle, format="turtle")

    def query(self, sparql: str) -> Answer:
        """See `Store.query`."""
        result = self._dataset.query(sparql, initNs=PREFIXES)
        if result.type == "ASK":
            return bool(result)
        if result.type == "CONSTRUCT":
            triples = (ox.Triple(*map(_ours, triple)) for triple in result)  # type: ignore[arg-type]
            return Triples(triples)
        return Rows([str(variable) for variable in result.vars or ()], (tuple(map(_ours, row)) for row in result))  # type: ignore[arg-type]


def _ours(term: object) -> Term | None:
    import rdflib

    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or rdflib.XSD.string)))
    if term is None:
        return None
    return ox.NamedNode(str(term)) if isinstance(term, rdflib.URIRef) else ox.BlankNode(str(term))


def askings(cases: Sequence[tuple[str, dict[str, str], Any]]) -> Iterator[Asking]:
    """Give each question with what it must be told, with every example, and with what its tests tell it; each check."""
    for question in Catalogue():
        if question.answered_by_evgraph:
            continue
        examples = {name: parameter.example for name, parameter in question.parameters.items()}
        needed = {name: value for name, value in examples.items() if question.parameters[name].required}
        several = [needed, examples, *(values for name, values, _ in cases if name == question.name)]
        several += [{name: examples[name]} for name in question.one_of]
        askings_by_text = {" ".join(f"{name}={value}" for name, value in values.items()): values for values in several}
        for text, values in askings_by_text.items():
            if not question.one_of or any(name in values for name in question.one_of):
                yield f"{question.name} {text}".strip(), question, values
    for path in sorted((shipped_files.queries() / CHECKS).glob("*.rq")):
        check = read(path)
        yield check.name, check, {name: str(YEAR) for name in check.parameters}


def outcome(store: Store, question: Question, values: dict[str, str]) -> list[tuple[str, ...]]:
    """Ask; give the rows as they come, or the triples, which come in no order, sorted; or why it cannot be asked."""
    try:
        answer = runner.run(store, question, values)
        if isinstance(answer, Rows):
            return [tuple(map(_words, row)) for row in answer.rows]
        assert isinstance(answer, Triples)
        return sorted(
            {tuple(map(_words, (triple.subject, triple.predicate, triple.object))) for triple in answer.triples}
        )
    except UsageError as error:
        return [(str(error),)]
    except (EndpointError, LimitReachedError):
        return [("no answer",)]


def readable(term: Term | None) -> str:
    """Write a term as tables do."""
    return visible(curie(term.value) if isinstance(term, ox.NamedNode) else value_of(term))


def _words(term: Term | None) -> str:
    return "_:" if isinstance(term, ox.BlankNode) else str(term)
