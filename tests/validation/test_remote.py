"""The same findings from files, from embedded Oxigraph, and from servers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox
import pytest
from tests.shacl.engines import file

from evgraph import shipped_files
from evgraph.errors import EndpointError, LimitReachedError, NothingCheckedError
from evgraph.formats import FORMATS
from evgraph.namespaces import EVG, ID, PREFIXES
from evgraph.rdf.files import DataFile, always_loaded, find
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import Answer, Rows, WholeAnswers
from evgraph.validation.checks import our_checks
from evgraph.validation.locations import locate_in_graphs, page_lines
from evgraph.validation.validate import our_shapes, validate_files, validate_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.conftest import Run
    from tests.servers import Server

    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.store.protocol import Store
    from evgraph.validation.report import Report

TESTS = Path(__file__).parent.parent
YEAR = 2026
Key: TypeAlias = tuple[str, ...]
Graphs: TypeAlias = tuple[tuple[str, str], ...]
SERVERS = ("oxigraph_server", "oxigraph_union_server", "virtuoso", "virtuoso_raised")
# What an engine takes a literal for is all that may differ. What no store tells of: days that there are not, years that
# are none; where any decimal that is a whole number is a decimal still, its form differs.
ILL_FORMED: set[Key] = {
    ("CellSnapshotShape-date", "snapshot/drug-E4/date-impossible", "DatatypeConstraintComponent"),
    ("DocumentShape-issued", "doc/issued-form", "DatatypeConstraintComponent"),
    ("DocumentShape-issued", "doc/odd", "DatatypeConstraintComponent"),
}
OF_VIRTUOSO: set[Key] = {  # Year 21 is 0021 there.
    ("DocumentShape-issued", "doc/odd", "PatternConstraintComponent"),
    ("year-out-of-range", "doc/odd", "SPARQLConstraintComponent"),
}
NOTHING: set[Key] = set()


@cache
def graphs() -> Graphs:
    """Give the shipped graph and all invalid cases, of shapes and of checks, as named graphs in Turtle."""
    shipped = [data_file for data_file in find([shipped_files.data()]) if Path(data_file.path).name != "matrices.ttl"]
    shapes = find(
        [
            TESTS / "validation" / "shapes" / "base.ttl",
            *sorted((TESTS / "validation" / "shapes").glob("*/*-invalid.ttl")),
        ]
    )
    checks = find(sorted((TESTS / "validation" / "checks").glob("*-invalid.ttl")))
    found = {file.graph: [file] for file in [*always_loaded(), *shipped]}
    found |= {f"{ID}graph/shapes": shapes, f"{ID}graph/checks": checks}
    return tuple((name, _turtle(files)) for name, files in found.items())


def _turtle(files: list[DataFile]) -> str:
    triples = {ox.Triple(quad.subject, quad.predicate, quad.object) for file in files for quad in file.quads()}
    content = ox.serialize(sorted(triples, key=str), format=ox.RdfFormat.TURTLE)
    assert content is not None
    return content.decode()


def as_file(graph: str, turtle: str) -> DataFile:
    return DataFile(graph, FORMATS["turtle"], graph, turtle.encode())


def embedded(*named_graphs: tuple[str, str]) -> EmbeddedStore:
    store = EmbeddedStore()
    for graph, turtle in named_graphs:
        store.load(as_file(graph, turtle))
    return store


def keys_of(findings: Sequence[Finding]) -> set[Key]:
    """Say of findings all that people see, without the form of numbers and of blank nodes."""

    def term(value: object) -> str:
        if isinstance(value, ox.Literal):
            return f"{value.value.removesuffix('.0')}@{value.language}"
        return "_:" if isinstance(value, ox.BlankNode) else str(getattr(value, "value", value)).removeprefix(ID)

    return {
        (
            finding.rule,
            term(finding.focus),
            str(finding.path),
            term(finding.value),
            finding.severity.word,
            finding.component,
            finding.message,
            "" if isinstance(finding.focus, ox.BlankNode) else finding.label,
        )
        for finding in findings
    }


def placed(where: Mapping[Finding, Place]) -> set[Key]:
    return {(*key, str(place)) for finding, place in where.items() for key in keys_of([finding])}


def case(key: Key) -> Key:
    """Give rule, focus node and component."""
    return key[0], key[1], key[5].rpartition("#")[2]


def without(findings: set[Key], left_out: set[Key]) -> set[Key]:
    return {finding for finding in findings if case(finding) not in left_out}


@cache
def from_files() -> Report:
    beside = {file.graph for file in always_loaded()}
    data = [as_file(*graph) for graph in graphs() if graph[0] not in beside]
    return validate_files(data, our_shapes(), checks=our_checks(present=YEAR))


@cache
def from_memory() -> Report:
    return validate_store(embedded(*graphs()), our_shapes(), checks=our_checks(present=YEAR))


@pytest.mark.slow
def test_a_store_gives_the_findings_of_files_apart_from_ill_formed_literals() -> None:
    assert keys_of(from_memory().findings) == without(keys_of(from_files().findings), ILL_FORMED)
    assert {case(key) for key in keys_of(from_files().findings)} >= ILL_FORMED
    assert from_memory().checked == from_files().checked
    assert from_memory().focus_count == from_files().focus_count
    rules = {finding.rule for finding in from_memory().findings}
    assert len(rules) > 130
    assert {notice.kind for notice in from_memory().notices} - {notice.kind for notice in from_files().notices} == {
        "lexical-forms"
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS[:3])
def test_every_server_gives_the_same_findings(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    with server.holding(*graphs()) as store:
        report = validate_store(store, our_shapes(), checks=our_checks(present=YEAR))
        where, lines = locate_in_graphs(report.findings, store), page_lines(report.findings, store)
    left_out = OF_VIRTUOSO if name.startswith("virtuoso") else NOTHING
    assert without(keys_of(report.findings), left_out) == without(keys_of(from_memory().findings), left_out)
    assert report.checked == from_memory().checked
    assert report.notices == from_memory().notices
    memory = embedded(*graphs())
    expected = placed(locate_in_graphs(from_memory().findings, memory))
    assert without(placed(where), left_out) == without(expected, left_out) != NOTHING
    assert (
        {str(place) for place in lines.values()}
        == {str(place) for place in page_lines(from_memory().findings, memory).values()}
        != set()
    )


def entries(count: int) -> str:
    lines = [f"<{ID}entry/drug-E4/n{n}> a <{EVG}Entry> ." for n in range(count)]
    return "\n".join(lines)


SHAPES = """
ex:Shape a sh:NodeShape ; sh:targetClass <https://w3id.org/evgraph/ns#Entry> ; sh:property ex:Shape-cell .
ex:Shape-cell a sh:PropertyShape ; sh:path <https://w3id.org/evgraph/ns#inCell> ; sh:minCount 1 ;
  sh:message "No cell." .
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["virtuoso", "oxigraph_union_server"])
def test_more_findings_than_the_server_gives_rows_are_all_found(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    count = 10_321
    with server.holding((f"{ID}graph/many", entries(count))) as store:
        report = validate_store(store, [file(SHAPES)])
    assert len(report.findings) == report.focus_count == count
    assert {finding.rule for finding in report.findings} == {"Shape-cell"}


class Cutting:
    """A store that gives so many rows, and says that it cut."""

    def __init__(self, store: Store, most: int) -> None:
        self.store, self.most = store, most

    def query(self, sparql: str) -> Answer:
        answer = self.store.query(sparql)
        if not isinstance(answer, Rows):
            return answer
        rows = list(answer.rows)
        if len(rows) > self.most:
            raise LimitReachedError("the server cut the answer")
        return Rows(answer.columns, iter(rows))


def _numbered(*pairs: tuple[str, int]) -> EmbeddedStore:
    return embedded(
        ("http://example.org/g", "\n".join(f"{subject} <http://example.org/p> {n} ." for subject, n in pairs))
    )


def test_what_was_cut_is_asked_for_in_pages() -> None:
    pairs = [(f"<http://example.org/n{n % 7}>", n) for n in range(25)]
    query = "PREFIX ex: <http://example.org/> SELECT DISTINCT ?s ?v WHERE { ?s ex:p ?v } ORDER BY DESC(?v)"
    whole = WholeAnswers(Cutting(_numbered(*pairs), 5), page=5).query(query)
    assert isinstance(whole, Rows)
    assert list(whole.columns) == ["s", "v"]
    found = sorted(tuple(map(str, row)) for row in whole.rows)
    uncut = _numbered(*pairs).query(query)
    assert isinstance(uncut, Rows)
    assert found == sorted(tuple(map(str, row)) for row in uncut.rows)
    assert len(found) == 25


@pytest.mark.parametrize("subject", ["<http://example.org/one>", "_:one"])
def test_what_cannot_be_had_in_pages_is_an_error_and_no_pass(subject: str) -> None:
    store = WholeAnswers(Cutting(_numbered(*((subject, n) for n in range(9))), 5), page=5)
    with pytest.raises(LimitReachedError):
        store.query("SELECT ?s ?v WHERE { ?s <http://example.org/p> ?v }")


class Refusing:
    """A store that refuses queries with a word in them, as a server does; or fails altogether."""

    def __init__(self, store: Store, word: str, status: int) -> None:
        self.store, self.word, self.status = store, word, status

    def query(self, sparql: str) -> Answer:
        if self.word in sparql:
            raise EndpointError("SQ074: out of order", status=self.status)
        return self.store.query(sparql)


@pytest.fixture
def small() -> EmbeddedStore:
    return embedded(("http://example.org/g", f"<{ID}entry/a> a <{EVG}Entry> ; <{EVG}lists> <{ID}doc/a> ."))


def test_a_rule_that_the_engine_refuses_is_reported_as_not_checked(small: EmbeddedStore) -> None:
    report = validate_store(Refusing(small, "ns#marker> ?", 500), our_shapes(), checks=our_checks(present=YEAR))
    left = {notice.message.split()[0] for notice in report.notices if notice.kind == "not-checked"}
    assert {"EntryShape-marker", "EntryShape-marker-missing"} <= left
    assert not left & {finding.rule for finding in report.findings}
    assert "EntryShape-inCell" in {finding.rule for finding in report.findings}
    assert any("the engine refuses its query (SQ074: out of order)" in notice.message for notice in report.notices)
    with pytest.raises(EndpointError):  # Not a refusal: the server is gone.
        validate_store(Refusing(small, "ns#marker> ?", 503), our_shapes())
    with pytest.raises(NothingCheckedError, match="could not work with any rule"):
        validate_store(Refusing(small, "SELECT DISTINCT ?this", 400), [file(SHAPES)])


def test_a_shape_that_is_not_compiled_is_reported_as_not_checked() -> None:
    store = embedded(("http://example.org/g", "<http://example.org/a> a <http://example.org/A> ."))
    shapes = file("ex:S sh:targetClass ex:A ; sh:pattern '(?=a)' .ex:U sh:targetClass ex:A ; sh:nodeKind sh:Literal .")
    report = validate_store(store, [shapes])
    assert [finding.rule for finding in report.findings] == ["U"]
    (left,) = [notice.message for notice in report.notices if notice.kind == "not-checked"]
    assert left.startswith("S was not checked: the regular expression '(?=a)', since (? is not part of XPath's")
    assert left.endswith("; pySHACL validates files only")


def test_repeated_paths_are_not_checked_where_the_engine_misses_their_steps(
    virtuoso: Server, oxigraph_union_server: Server
) -> None:
    shapes = file(
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path [ sh:zeroOrOnePath ex:p ] ; sh:maxCount 1 ] ."
        'ex:U sh:targetClass ex:A ; sh:pattern "^(x)+$" .'
    )
    data = "<http://example.org/a> a <http://example.org/A> ; <http://example.org/p> <http://example.org/b> ."
    for server, rules, notices in ((virtuoso, ["U"], ["S-p?"]), (oxigraph_union_server, ["S-p?", "U"], [])):
        with server.holding((f"{ID}graph/paths", data)) as store:
            report = validate_store(store, [shapes])
        assert [finding.rule for finding in report.findings] == rules
        assert [notice.message.split()[0] for notice in report.notices if notice.kind == "not-checked"] == notices


def test_conditions_count_rightly_on_servers_up_to_four(virtuoso: Server, oxigraph_union_server: Server) -> None:
    otherwise = "[ sh:path ex:q ; sh:minCount 1 ]"
    shapes = file(
        "".join(
            f"ex:L{n} sh:targetClass ex:A ; sh:or ( [ sh:path ex:p ; sh:minCount {n} ] {otherwise} ) ."
            f"ex:M{n} sh:targetClass ex:A ; sh:or ( [ sh:path ex:p ; sh:maxCount {n} ] {otherwise} ) ."
            f"ex:N{n} sh:targetClass ex:A ;"
            f" sh:not [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:B ] ; sh:qualifiedMinCount {n} ] ."
            for n in range(1, 6)
        )
    )
    ex = "http://example.org/"
    values = [
        f"<{ex}a{n}> <{ex}p> <{ex}v{m}> . <{ex}v{m}> a <{ex}{'AB'[m % 2]}> ." for n in range(12) for m in range(n)
    ]
    data = (f"{ID}graph/counts", "\n".join([*(f"<{ex}a{n}> a <{ex}A> ." for n in range(12)), *values]))
    found = {(finding.rule, str(finding.focus)) for finding in validate_store(embedded(data), [shapes]).findings}
    not_checked = {"L5", "M4", "M5", "N5"}
    for server in (virtuoso, oxigraph_union_server):
        with server.holding(data) as store:
            report = validate_store(store, [shapes])
        assert {notice.message.split()[0] for notice in report.notices if notice.kind == "not-checked"} == not_checked
        assert {(finding.rule, str(finding.focus)) for finding in report.findings} == {
            finding for finding in found if finding[0] not in not_checked
        }
    assert {rule for rule, _ in found} == {f"{kind}{n}" for kind in "LMN" for n in range(1, 6)}


def test_nothing_checked_is_an_error(small: EmbeddedStore) -> None:
    with pytest.raises(NothingCheckedError, match="no target in the data"):
        validate_store(EmbeddedStore(), our_shapes())
    with pytest.raises(NothingCheckedError, match="no shape in the shapes"):
        validate_store(small, [file("")])
    beside = embedded(*((file_of_ours.graph, _turtle([file_of_ours])) for file_of_ours in always_loaded()))
    with pytest.raises(NothingCheckedError, match="no target in the data"):
        validate_store(beside, our_shapes())  # Users cannot fix what evgraph ships.


def test_notices_name_missing_background_and_undefined_terms(small: EmbeddedStore) -> None:
    kinds = {notice.kind: notice for notice in validate_store(small, our_shapes()).notices}
    assert "the store lacks" in kinds["beside-missing"].message
    odd = embedded(("http://example.org/g", f"<{ID}entry/a> a <{EVG}Entry> ; <{EVG}list> <{ID}doc/a> ."))
    undefined = [notice for notice in validate_store(odd, our_shapes()).notices if notice.kind == "undefined-term"]
    assert [notice.message for notice in undefined] == [
        "evg:list is not a term of the ontology; did you mean evg:lists?"
    ]


def test_subclasses_come_from_the_store_and_from_our_ontology() -> None:
    above = f"<http://example.org/Letter> <{PREFIXES['rdfs']}subClassOf> <{EVG}Review> ."
    store = embedded(("http://example.org/g", f"{above} <{ID}doc/a> a <http://example.org/Letter> ."))
    report = validate_store(store, our_shapes())
    assert {finding.rule for finding in report.findings} >= {"DocumentShape-label", "ReviewShape-type"}
    assert dict(report.checked)[f"{EVG}Document"] == 1


def test_a_finding_names_the_graph_of_its_statement_or_of_its_subject() -> None:
    doc = f"<{ID}doc/a>"
    store = embedded(
        ("http://example.org/a", f"{doc} a <{EVG}Document> ; <{EVG}studyCountry> <{ID}scheme/country/GB> ."),
        ("http://example.org/b", f'{doc} <{PREFIXES["dcterms"]}issued> "20x5" ; <{PREFIXES["rdfs"]}comment> "b" .'),
    )
    report = validate_store(store, our_shapes())
    places = locate_in_graphs(report.findings, store)
    found = {(finding.rule, finding.value is None): str(place) for finding, place in places.items()}
    assert found["DocumentShape-issued", False] == "http://example.org/b"
    assert found["DocumentShape-label", True] == "http://example.org/a"
    assert not any(place.line for place in places.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["virtuoso"])
def test_the_command_validates_a_server(name: str, run: Run, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    ran = run("validate", "--endpoint", server.query)
    assert (ran.code, ran.stdout) == (6, "")
    assert "nothing was checked: the shapes have no target in the data" in ran.stderr
    with server.holding((f"{ID}graph/a", f"<{ID}doc/a> a <{EVG}Review> .")):
        ran = run("validate", "--endpoint", server.query, "--quiet")
        sarif = run("validate", "--endpoint", server.query, "--format", "sarif")
    assert ran.code == sarif.code == 1
    assert f"{ID}graph/a: violation: ReviewShape-type" in ran.stdout or f"{ID}graph/a" in ran.stdout
    assert f'"graph": "{ID}graph/a"' in sarif.stdout
    assert run("validate", "--endpoint", "http://127.0.0.1:9/query").code == 4
