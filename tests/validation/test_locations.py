"""The places of statements in files, and of findings."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.namespaces import EVG, ID, OA, RDF
from evgraph.rdf.files import find
from evgraph.rdf.positions import Place, Reader
from evgraph.rdf.turtle import turtle
from evgraph.shacl.findings import Finding, Severity
from evgraph.shacl.paths import Compound
from evgraph.store.embedded import EmbeddedStore
from evgraph.validation.locations import PageLine, locate_in_files, page_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.rdf.positions import Statement
    from evgraph.shacl.paths import Path as PropertyPath
    from evgraph.store.protocol import Term

TEXT = """\
@base <https://w3id.org/evgraph/id/> .
@prefix doc: <https://w3id.org/evgraph/id/doc/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
# doc:one is spoken of here.
doc:two evg:seeAlso doc:one, doc:three ;
    a evg:Document .
<doc/one> a evg:Document ; # a comment with a . in it
    evg:setting "x . doc:one y", \"\"\"more
lines\"\"\"@en ;
    evg:studyDesign [ evg:lists doc:three ; a evg:Entry ] , 'last' .
doc:onemore a evg:Document .
<https://w3id.org/evgraph/id/doc/one> evg:line 5 , "7"^^<http://www.w3.org/2001/XMLSchema#integer> .
"""


def statements(text: str, subjects: Iterable[str], base: str) -> Iterator[Statement]:
    return Reader(text, base).blocks(set(subjects))


def seen(text: str, *subjects: str) -> list[tuple[str, str, int, int]]:
    found = statements(text, [f"{ID}{subject}" for subject in subjects], ID)
    return [
        (statement.predicate.rpartition("#")[2], statement.value.removeprefix(ID), statement.line, statement.column)
        for statement in found
    ]


def test_blocks_are_found_however_their_subject_is_spelt() -> None:
    assert seen(TEXT, "doc/one") == [
        ("", "", 7, 1),
        ("type", f"{EVG}Document", 7, 13),
        ("setting", "x . doc:one y", 8, 17),
        ("setting", "more\nlines", 8, 34),
        ("studyDesign", "", 10, 21),
        ("studyDesign", "last", 10, 61),
        ("", "", 12, 1),
        ("line", "5", 12, 48),
        ("line", "7", 12, 52),
    ]


def test_what_is_no_subject_opens_no_block() -> None:
    assert seen(TEXT, "doc/three") == []
    assert [line for _, _, line, _ in seen(TEXT, "doc/two")] == [5, 5, 5, 6]


@pytest.mark.parametrize("form", [ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS])
def test_other_writers_and_syntaxes(form: ox.RdfFormat) -> None:
    graph = (
        ox.NamedNode("http://g.example/") if form in (ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS) else ox.DefaultGraph()
    )
    quads = [ox.Quad(q.subject, q.predicate, q.object, graph) for q in ox.parse(TEXT, format=ox.RdfFormat.TURTLE)]
    written = ox.serialize(
        quads if form in (ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS) else [q.triple for q in quads], format=form
    )
    assert written is not None
    found = {(p, v) for p, v, _, _ in seen(written.decode(), "doc/one") if p and v and not v.startswith("_:")}
    if form is ox.RdfFormat.N_QUADS:  # The graph's name is where a further value would be.
        found = {(p, v) for p, v in found if v != "http://g.example/"}
    wanted = {(p, v) for p, v, _, _ in seen(TEXT, "doc/one") if p and v}
    assert found == wanted


IRIS = st.sampled_from(
    [f"{ID}doc/{name}" for name in ("a", "ab", "b-1", "c.d", "é", "x/y")] + ["http://x.example/#a", "urn:a"]
)
LITERALS = st.builds(ox.Literal, st.text(st.characters(exclude_categories=["Cs"]), max_size=12)) | st.builds(
    lambda n: ox.Literal(str(n), datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")), st.integers()
)
TRIPLES = st.lists(
    st.builds(
        ox.Triple,
        st.builds(ox.NamedNode, IRIS),
        st.builds(ox.NamedNode, st.sampled_from([f"{EVG}lists", f"{RDF}type", "http://p.example/q"])),
        st.builds(ox.NamedNode, IRIS) | LITERALS,
    ),
    min_size=1,
    max_size=12,
)


@given(TRIPLES)
def test_every_statement_of_any_file_is_found_once(triples: list[ox.Triple]) -> None:
    for text in (turtle(triples).decode(), (ox.serialize(set(triples), format=ox.RdfFormat.TURTLE) or b"").decode()):
        for subject in {triple.subject.value for triple in triples if isinstance(triple.subject, ox.NamedNode)}:
            own = {
                triple
                for triple in triples
                if isinstance(triple.subject, ox.NamedNode) and triple.subject.value == subject
            }
            wanted = sorted((triple.predicate.value, value(triple.object)) for triple in own)
            found = sorted(
                (statement.predicate, statement.value)
                for statement in statements(text, [subject], ID)
                if statement.predicate
            )
            assert found == wanted, text


def value(term: Term) -> str:
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value


def finding(focus: str, path: PropertyPath | None = None, at_fault: Term | None = None) -> Finding:
    return Finding(
        Severity.VIOLATION, "r", ox.NamedNode(ID + focus), path, at_fault, "m", ox.NamedNode("urn:s"), "urn:c"
    )


@pytest.mark.parametrize(
    ("missed", "line", "column"),
    [
        (finding("doc/two", ox.NamedNode(f"{EVG}seeAlso"), ox.NamedNode(f"{ID}doc/three")), 5, 30),
        (finding("doc/two", ox.NamedNode(f"{EVG}seeAlso")), 5, 21),  # Too many: the property.
        (finding("doc/two", ox.NamedNode(f"{EVG}missing")), 5, 1),  # None: the subject's block.
        (finding("doc/two"), 5, 1),
        (finding("doc/one", ox.NamedNode(f"{EVG}line"), ox.Literal("7")), 12, 52),
        (
            finding("doc/two", Compound("sequence", (ox.NamedNode(f"{RDF}type"), ox.NamedNode("u:p"))), ox.Literal("")),
            6, 7,
        ),
    ],
)  # fmt: skip
def test_findings_point_at_the_statement(tmp_path: Path, missed: Finding, line: int, column: int) -> None:
    file = tmp_path / "a.ttl"
    file.write_text(TEXT, encoding="utf-8")
    assert locate_in_files([missed], find([file])) == {missed: Place(str(file), line, column)}


def test_a_missing_value_is_missed_where_the_thing_is_described(tmp_path: Path) -> None:
    for name, statements_about in (("a", "evg:line 1"), ("b", "evg:line 2 ;\n a evg:Document"), ("c", "evg:line 3")):
        (tmp_path / f"{name}.ttl").write_text(
            f"@prefix evg: <{EVG}> .\n<{ID}doc/x> {statements_about} .", encoding="utf-8"
        )
    missed = finding("doc/x", ox.NamedNode(f"{EVG}missing"))
    assert locate_in_files([missed], find([tmp_path])) == {missed: Place(str(tmp_path / "b.ttl"), 2, 1)}


def test_what_stands_in_no_file_has_no_place(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text(TEXT, encoding="utf-8")
    assert locate_in_files([finding("doc/none")], find([file])) == {}


def test_of_other_formats_the_file_is_known(tmp_path: Path) -> None:
    file = tmp_path / "a.nt"
    file.write_text(f"<{ID}doc/x> <urn:p> <urn:o> .\n", encoding="utf-8")
    rdf = tmp_path / "b.rdf"
    written = ox.serialize(ox.parse(path=file), format=ox.RdfFormat.RDF_XML)
    rdf.write_bytes(written or b"")
    missed = finding("doc/x")
    assert str(locate_in_files([missed], find([file]))[missed]) == f"{file}:1:1"
    assert str(locate_in_files([missed], find([rdf]))[missed]) == str(rdf)


def test_the_line_of_the_page(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    passage = f"{ID}passage/1111/0-5"
    file.write_text(
        f"<{ID}doc/x> <{EVG}statedIn> <{passage}> ."
        f"<{passage}> <{EVG}line> 12 ; <{OA}hasSource> <{ID}snapshot/drug-C2/1111> .",
        encoding="utf-8",
    )
    first, second = finding("doc/x"), finding("doc/y")
    store = EmbeddedStore()
    store.load(find([file])[0])
    assert page_lines([first, second], store) == {first: PageLine(passage, "drug-C2", 12)}
    assert str(page_lines([first], store)[first]) == "drug-C2:12"


@pytest.mark.slow
def test_many_subjects_are_found_as_each_alone_is() -> None:
    files = sorted((Path(__file__).parent / "shapes").glob("*/*.ttl"))
    for path in files:
        text = path.read_text(encoding="utf-8")
        subjects = {quad.subject.value for quad in find([path])[0].parsed() if isinstance(quad.subject, ox.NamedNode)}
        alone = {statement for subject in subjects for statement in statements(text, [subject], ID)}
        more = {f"{ID}nothing/{number}" for number in range(100)}
        assert set(statements(text, subjects | more, ID)) == alone


@pytest.mark.slow
def test_many_subjects_take_time_in_proportion() -> None:
    def seconds(count: int, prefix: str) -> float:
        text = "@prefix doc: <https://w3id.org/evgraph/id/doc/> .\n"
        text += "".join(f"doc:{prefix}{number} a <urn:x> .\n" for number in range(count))
        subjects = [f"{ID}doc/{prefix}{number}" for number in range(count)]
        began = time.process_time()
        assert sum(1 for _ in statements(text, subjects, ID)) == 2 * count
        return time.process_time() - began

    # The names differ, since Python keeps the patterns that it has compiled.
    assert seconds(16_000, "d") < 10 * min(seconds(4_000, prefix) for prefix in "abc")


def test_names_that_begin_with_each_other_are_told_apart_however_many() -> None:
    names = ["a" * number for number in range(1, 200)]
    text = "@prefix doc: <https://w3id.org/evgraph/id/doc/> .\n"
    text += "".join(f"doc:{name} a <urn:x> .\n" for name in names)
    for subjects in (names, names[::2], names[100:]):
        found = statements(text, [f"{ID}doc/{name}" for name in subjects], ID)
        assert [len(statement.subject) - len(f"{ID}doc/") for statement in found if not statement.predicate] == list(
            map(len, subjects)
        )
