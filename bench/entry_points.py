"""Where other people's bytes enter evgraph: a function for each, which raises an `EvgraphError` or nothing."""

from __future__ import annotations

import datetime
import http.client
import io
import itertools
import shutil
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import NamedNode

from evgraph.export.export import export
from evgraph.formats import FORMATS
from evgraph.pages.ingest import ingest
from evgraph.query import runner
from evgraph.query.lint import lint
from evgraph.query.reading import ad_hoc
from evgraph.rdf.files import find
from evgraph.rdf.positions import statements_of
from evgraph.rdf.write import write
from evgraph.register import load as load_register
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.endpoint import Endpoint, EndpointStore
from evgraph.store.opening import Origin
from evgraph.store.protocol import Rows, Triples
from evgraph.store.reply import Reply
from evgraph.validation import waivers
from evgraph.validation.baseline import read_baseline
from evgraph.validation.checks import our_checks
from evgraph.validation.validate import our_shapes, validate_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from evgraph.register import Register
    from evgraph.validation.report import Report

ROOT = Path(__file__).parents[1]
_ROWS = 200  # Of an answer are read.
_SECONDS = 5  # For pySHACL.
_TODAY = datetime.date(2026, 1, 31)


class EntryPoint(NamedTuple):
    """A way in: its name, the suffix of its files, what reads them, its corpus, and its share of the cases."""

    name: str
    suffix: str
    read: Callable[[Path], object]
    corpus: Sequence[bytes]
    share: int = 10


def entry_points(folder: Path, more: Sequence[Path] = ()) -> list[EntryPoint]:
    """Return every way in.

    Args:
        folder: for what they write.
        more: files for the corpora besides those of the project, by their suffixes.

    """
    turtle = [ROOT / "examples" / name for name in ("faulty.ttl", "typed-by-hand.ttl", "register/documents.ttl")]
    turtle += sorted((ROOT / "tests/validation/shapes").glob("*/*-invalid.ttl"))[::5]
    handwritten = ROOT / "tests/pages/handwritten"
    texts = [*sorted(handwritten.glob("*.txt")), *sorted((ROOT / "examples/pages").glob("*.txt"))]
    questions = sorted((ROOT / "queries").rglob("*.rq"))
    queries = [ROOT / "examples/questions/guidance-since.rq", *questions[::3]]
    shapes = [*sorted((ROOT / "tests/shacl/foreign").glob("*.ttl")), *sorted((ROOT / "ontology/shapes").glob("*.ttl"))]

    def of(paths: Iterable[Path], suffix: str) -> list[bytes]:
        return [path.read_bytes() for path in [*paths, *(extra for extra in more if extra.suffix == suffix)]]

    def converted(kind: str) -> list[bytes]:
        return [write(export(Origin((path,))), FORMATS[kind]) for path in turtle[:8]]

    register = load_register([ROOT / "examples/register"])
    page = partial(_ingest, folder, register)
    answers = [_JSON, _ASK_JSON, *of((), ".srj")]
    return [
        EntryPoint("turtle", ".ttl", _export, of(turtle, ".ttl")),
        EntryPoint("ntriples", ".nt", _export, converted("ntriples")),
        EntryPoint("trig", ".trig", _export, [*converted("trig"), *of((), ".trig")]),
        EntryPoint("jsonld", ".jsonld", _export, [*converted("jsonld"), *of((), ".jsonld")]),
        EntryPoint("rdfxml", ".rdf", _export, [*converted("rdfxml"), *of((), ".rdf")]),
        EntryPoint("page", ".txt", page, of(texts, ".txt")),
        EntryPoint("html", ".html", page, of(sorted(handwritten.glob("*.html")), ".html")),
        EntryPoint("query", ".rq", _query, [*map(_headless, of(queries, ".rq")), *_QUERIES]),
        EntryPoint("question", ".rq", _lint, of(queries, ".rq"), share=4),
        EntryPoint("shapes", ".ttl", _validate_by, [*_SHAPES * 9, *of(shapes, ".ttl")], share=2),
        EntryPoint("data", ".ttl", _validate, of(turtle, ".ttl"), share=1),
        EntryPoint("waivers", ".toml", _waive, [_WAIVERS, *of((), ".toml")]),
        EntryPoint("baseline", ".txt", _baseline, [b"HEAD", b"HEAD~1", b"main@{yesterday}"], share=1),
        EntryPoint("rows", ".srj", partial(_answer, "SELECT ?s ?o WHERE { ?s ?p ?o }"), answers),
        EntryPoint("yes-or-no", ".srj", partial(_answer, "ASK { ?s ?p ?o }"), answers, share=3),
        EntryPoint("triples", ".nt", partial(_answer, "CONSTRUCT WHERE { ?s ?p ?o }"), converted("ntriples"), share=3),
    ]


def _export(path: Path) -> None:
    """Read RDF, write it in its own format and as Turtle, and look up where its subjects are described."""
    (file,) = find([path])
    quads = export(Origin((path,)))
    for kind in {file.format.name, "turtle"}:
        write(quads, FORMATS[kind])
    list(statements_of(file, {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}))


def _ingest(folder: Path, register: Register, path: Path) -> None:
    shutil.rmtree(folder / "graph", ignore_errors=True)
    result = ingest([path], folder / "graph", register)
    for failure in result.failures:
        raise failure


def _consume(answer: runner.LimitedRows | runner.LimitedTriples | Rows | Triples | bool) -> None:
    if isinstance(answer, Rows | Triples):
        list(itertools.islice(answer.rows if isinstance(answer, Rows) else answer.triples, _ROWS))


@cache
def _little_store() -> EmbeddedStore:
    """Return so few triples that no query of a few patterns takes long."""
    store = EmbeddedStore()
    quads = sorted(export(Origin((ROOT / "examples/faulty.ttl",))), key=str)
    store.extend(quads[:8])
    return store


def _query(path: Path) -> None:
    _consume(runner.run(_little_store(), ad_hoc(path.read_bytes(), path), limit=_ROWS))


def _lint(path: Path) -> None:
    lint(path, _little_store())


def _validate_by(path: Path) -> None:
    data = ("examples/faulty.ttl", "examples/typed-by-hand.ttl", "tests/validation/shapes/base.ttl")
    validate_files(find([ROOT / name for name in data]), find([path]), longest=_SECONDS)


def _validate(path: Path) -> None:
    validate_files(find([path]), our_shapes(), checks=_checks())


@cache
def _checks() -> list[Any]:
    return our_checks(present=2026)


@cache
def _report() -> Report:
    return validate_files(find([ROOT / "examples/faulty.ttl"]), our_shapes())


def _waive(path: Path) -> None:
    waivers.apply(_report().findings, waivers.read(path), today=_TODAY, rule_names=lambda: ["DocumentShape-issued"])


def _baseline(path: Path) -> None:
    read_baseline(path.read_bytes().decode("utf-8", "surrogateescape").replace("\0", ""), [ROOT / "examples"])


class _Server(EndpointStore):
    """A server that answers every query with the same bytes."""

    body = b""
    media_type = "application/sparql-results+json"

    def _send(self, url: str, sparql: str, **_: Any) -> Reply:  # noqa: ARG002
        return Reply(url, self.media_type, http.client.HTTPMessage(), io.BytesIO(self.body))


def _answer(query: str, path: Path) -> None:
    server = _Server(Endpoint("http://localhost/query", default_graph="union"))
    server.body = path.read_bytes()
    if query.startswith("CONSTRUCT"):
        server.media_type = "application/n-triples"
    _consume(server.query(query))


def _headless(query: bytes) -> bytes:
    return b"\n".join(line for line in query.split(b"\n") if not line.startswith(b"#+"))


_JSON = b"""{"head": {"vars": ["s", "o"]}, "results": {"bindings": [
 {"s": {"type": "uri", "value": "https://example.org/a"}, "o": {"type": "literal", "value": "b", "xml:lang": "en"}},
 {"s": {"type": "bnode", "value": "b0"}, "o": {"type": "typed-literal", "value": "1", "datatype":
 "http://www.w3.org/2001/XMLSchema#integer"}}, {"s": {"type": "triple", "value": {"subject": {"type": "uri", "value":
 "urn:a"}, "predicate": {"type": "uri", "value": "urn:b"}, "object": {"type": "uri", "value": "urn:c"}}}}]}}"""
_ASK_JSON = b'{"head": {}, "boolean": true}'
_QUERIES = [
    b"SELECT * WHERE { ?s ?p ?o FILTER(xsd:integer(?o) > 1) } ORDER BY ?s LIMIT 3",
    b"CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:label|dcterms:title ?o }",
    b"ASK { ?s a evg:Entry ; evg:lists/dcterms:issued ?year FILTER(REGEX(STR(?year), '^20', 'i')) }",
    b"DESCRIBE ?s WHERE { VALUES ?s { doc:holm-2021 <urn:x> UNDEF } ?s ?p ?o }",
    b"SELECT (GROUP_CONCAT(DISTINCT ?o ; SEPARATOR=', ') AS ?all) WHERE { { SELECT ?o { ?s a ?o } } } GROUP BY ?p",
]
_SHAPES = [
    b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix ex: <https://example.org/> . @prefix dcterms: <http://purl.org/dc/terms/> .
ex: sh:declare [ sh:prefix "dcterms" ; sh:namespace "http://purl.org/dc/terms/" ] .
ex:S a sh:NodeShape ; sh:targetClass evg:Document ; sh:property [ sh:path ( dcterms:issued [ sh:inversePath ex:p ] ) ;
  sh:minCount 1 ; sh:maxCount 2 ; sh:pattern "^[0-9]+$" ; sh:flags "i" ; sh:in ( 1 "a" ex:b ) ; sh:severity sh:Info ] ,
  [ sh:path [ sh:alternativePath ( ex:a [ sh:zeroOrMorePath ex:b ] ) ] ; sh:or ( [ sh:class ex:C ] [ sh:in ( ) ] ) ;
    sh:not [ sh:nodeKind sh:IRI ] ; sh:qualifiedValueShape [ sh:datatype ex:d ] ; sh:qualifiedMinCount 1 ] ;
  sh:sparql [ sh:prefixes ex: ; sh:message "{?value} of {$this}" ;
    sh:select "SELECT $this ?value WHERE { $this dcterms:issued ?value FILTER(STRLEN(STR(?value)) != 4) }" ] .
""",
]
_WAIVERS = b"""[[waiver]]
rule = "DocumentShape-issued"
focus = "doc:holm-2021"
path = "dcterms:issued"
value = "21"
reason = "The page has it so."
who = "Ann"
until = 2030-12-31
"""
