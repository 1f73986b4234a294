"""Labels of blank nodes: they follow from the content, whatever its order, and are found in little time."""

from __future__ import annotations

import random
import time
import tracemalloc
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.export.export import export
from evgraph.formats import FORMATS
from evgraph.rdf.blank_nodes import relabel, relabelled
from evgraph.rdf.statements import Statements
from evgraph.rdf.write import write
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

P, Q = ox.NamedNode("urn:p"), ox.NamedNode("urn:q")


def quads_of(turtle: str) -> list[ox.Quad]:
    return list(ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri="urn:base", rename_blank_nodes=True))


def lines(quads: list[ox.Quad], notes: list[str] | None = None) -> list[str]:
    statements = Statements()
    statements.add(quads, numbered=True)
    relabel(statements, notes)
    return sorted(map(str, statements))


def shuffled(quads: list[ox.Quad], seed: int) -> list[ox.Quad]:
    """Return the quads in another order, with other labels."""
    labels: dict[str, ox.BlankNode] = {}

    def term(old: object) -> object:
        if isinstance(old, ox.Triple):
            return ox.Triple(term(old.subject), old.predicate, term(old.object))  # type: ignore[arg-type]
        return labels.setdefault(old.value, ox.BlankNode()) if isinstance(old, ox.BlankNode) else old

    renamed = [ox.Quad(term(q.subject), q.predicate, term(q.object), term(q.graph_name)) for q in quads]  # type: ignore[arg-type]
    random.Random(seed).shuffle(renamed)  # noqa: S311
    return renamed


def canonical(quads: list[ox.Quad]) -> ox.Dataset:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


nodes = st.integers(0, 5).map(lambda number: ox.BlankNode(f"n{number}"))
things = st.one_of(nodes, nodes, nodes, st.sampled_from([ox.NamedNode("urn:a"), ox.Literal("x")]))
graphs = st.sampled_from([ox.DefaultGraph(), ox.DefaultGraph(), ox.NamedNode("urn:g"), ox.BlankNode("n0")])
statements = st.lists(st.builds(ox.Quad, nodes, st.sampled_from([P, Q]), things, graphs), max_size=12)


@given(statements, st.integers(0, 99))
def test_order_and_labels_do_not_matter_and_the_graph_stays_the_same(quads: list[ox.Quad], seed: int) -> None:
    notes: list[str] = []
    assert lines(quads, notes) == lines(shuffled(quads, seed))
    assert notes == []
    assert canonical([*relabelled(quads)]) == canonical(quads)


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(
    "turtle",
    [
        "<a> <p> (1 2 1), (1 2 1), (1 2 1 1) .",
        "<a> <p> ((1) (1) ((1)) ((1))) .",
        "_:a <p> _:b . _:b <p> _:c . _:c <p> _:a .",
        "_:a <p> _:b . _:b <p> _:c . _:c <p> _:d . _:d <p> _:e . _:e <p> _:f . _:f <p> _:a . _:c <q> 1 .",
        "_:a <p> _:b, _:c, _:d . _:b <p> _:a, _:c, _:d . _:c <p> _:a, _:b, _:d . _:d <p> _:a, _:b, _:c .",
        "_:a <p> _:a, _:b . _:b <p> _:b, _:a .",
        "<a> <p> <<( _:a <p> _:b )>> . _:b <q> <<( _:c <p> <<( _:a <q> _:d )>> )>> .",
        # Two triangles and a hexagon: colour refinement does not tell their nodes apart.
        "_:a <p> _:b, _:c . _:b <p> _:c, _:a . _:c <p> _:a, _:b . _:1 <p> _:2, _:6 . _:2 <p> _:3, _:1 ."
        " _:3 <p> _:4, _:2 . _:4 <p> _:5, _:3 . _:5 <p> _:6, _:4 . _:6 <p> _:1, _:5 ."
        " _:h <q> _:a, _:b, _:c, _:1, _:2, _:3, _:4, _:5, _:6 .",
    ],
)
def test_nodes_that_look_alike(turtle: str) -> None:
    quads, notes = quads_of(turtle), list[str]()
    expected = lines(quads, notes)
    assert notes == []
    assert len(expected) == len(set(quads))
    for seed in range(20):
        assert lines(shuffled(quads, seed)) == expected


def test_labels_are_numbers_from_zero() -> None:
    assert lines(quads_of("<urn:a> <urn:p> [ <urn:q> 1 ], [ <urn:q> 2 ] . [] <urn:p> 3 .")) == lines(
        quads_of("[] <urn:p> 3 . <urn:a> <urn:p> [ <urn:q> 2 ], [ <urn:q> 1 ] .")
    )
    assert {str(quad.object) for quad in relabelled(quads_of("<urn:a> <urn:p> [], [] ."))} == {"_:b0", "_:b1"}


def test_a_quad_without_blank_nodes_and_a_repeated_one() -> None:
    quads = quads_of("<urn:a> <urn:p> 1, 1 .")
    assert lines(quads + quads) == ['<urn:a> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer>']


@pytest.mark.slow
def test_where_the_order_is_not_found_a_note_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of forty nodes is linked to each other one: there are more orders than anyone can try."""
    monkeypatch.setattr("evgraph.rdf.blank_nodes._STEPS", 50_000)  # A tenth of what is tried otherwise.
    names = [f"_:n{number}" for number in range(40)]
    body = "".join(f"{name} <urn:p> {', '.join(other for other in names if other != name)} .\n" for name in names)
    (tmp_path / "a.ttl").write_text(body, encoding="utf-8")
    ran = run("export", "--data", tmp_path / "a.ttl", "--format", "ntriples")
    assert (ran.code, ran.stdout.count("\n")) == (0, 40 * 39)
    assert ran.stderr == (
        "note: 40 blank nodes look so much alike that their labels depend on the order of the statements; with IRIs the"
        " output would be the same in any order\n"
    )


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    "body",
    [
        f"<urn:a> <urn:p> ({' 1' * 5000}) .",
        f"<urn:a> <urn:p> {'[ <urn:p> ' * 5000}1{']' * 5000} .",
        f"<urn:a> <urn:p> {', '.join(['[ <urn:p> 1 ]'] * 5000)} .",
        f"[ <urn:p> {', '.join(['[ <urn:p> 1 ]'] * 5000)} ] .",
        "".join(f"_:a{n} <urn:p> _:a{n + 1} .\n" for n in range(5000)),
    ],
    ids=["a list", "nested", "alike", "alike in one", "a chain"],
)
def test_many_nodes_take_time_that_grows_with_their_number(body: str) -> None:
    quads = quads_of(body)
    started = time.process_time()
    assert lines(shuffled(quads, 1)) == lines(quads)
    assert time.process_time() - started < 20  # Today 1; the square of it would be minutes.


def test_a_store_on_disk_gives_the_same_bytes_as_the_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> (1 1 2), [ <urn:q> <urn:b> ] .", encoding="utf-8")
    outputs = []
    for name in ("one", "two"):
        assert run("load", tmp_path / "a.ttl", "--store", tmp_path / name).code == 0
        outputs.append(run("export", "--store", tmp_path / name, "--format", "nquads").stdout)
    assert outputs[0] == outputs[1] == run("export", "--data", tmp_path / "a.ttl", "--format", "nquads").stdout


@pytest.mark.slow
def test_an_export_needs_at_most_ten_times_the_memory_of_the_data(tmp_path: Path) -> None:
    links = (f'_:n{n} <urn:example:part> _:n{n + 1} .\n_:n{n} <urn:example:value> "{n}" .\n' for n in range(4_000))
    body = "".join(links)
    (tmp_path / "a.nt").write_text(body, encoding="utf-8")
    for kind in FORMATS.values():
        write([], kind)  # What is imported is not part of the data.
    tracemalloc.start()
    try:
        statements = export(Origin((tmp_path / "a.nt",)))
        for kind in FORMATS.values():
            assert sum(map(len, kind.write(statements))) > len(body) / 2
        assert tracemalloc.get_traced_memory()[1] < 10 * len(body)
    finally:
        tracemalloc.stop()
