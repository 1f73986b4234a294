"""Quads as text: what comes back, and where blank nodes and graphs are found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rdf.terms import iris, labels, literals

from evgraph.rdf.files import find
from evgraph.rdf.statements import Statements, replaced

if TYPE_CHECKING:
    from pathlib import Path

# Oxigraph writes a label with a colon, and does not read it.
blanks = st.builds(ox.BlankNode, labels.filter(lambda label: ":" not in label))
graph_names = st.one_of(st.just(ox.DefaultGraph()), iris, blanks)
triple_terms = st.builds(ox.Triple, st.one_of(iris, blanks), iris, st.one_of(iris, blanks, literals))
quads = st.builds(
    ox.Quad,
    st.one_of(iris, blanks),
    iris,
    st.one_of(iris, blanks, literals, triple_terms),
    st.one_of(st.just(ox.DefaultGraph()), iris, blanks),
)


@given(st.lists(quads, max_size=8))
def test_quads_come_back(given_quads: list[ox.Quad]) -> None:
    held = Statements([*given_quads, *given_quads[:2]])
    assert set(held) == set(given_quads)
    assert len(held) == len(set(given_quads))


S, P = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")


@pytest.mark.parametrize(
    "value",
    [
        *(ox.Literal(text) for text in ("a <urn:g>", "a _:g", "_:g", '" <urn:g', "a .\n", "<<( _:g <urn:p> 1 )>>")),
        ox.Literal("a <b", datatype=ox.NamedNode("urn:d")),
        ox.Literal("a _:b", language="en"),
        ox.Triple(S, P, ox.Literal("a _:b")),
        ox.NamedNode("urn:_:b"),
    ],
)
@pytest.mark.parametrize("graph", [ox.DefaultGraph(), ox.NamedNode("urn:g"), ox.BlankNode("g")])
def test_nothing_in_a_literal_is_a_graph_or_a_blank_node(
    value: ox.Literal, graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph
) -> None:
    quad = ox.Quad(S, P, value, graph)
    held = Statements([quad])
    (name,) = held.graphs
    assert list(held) == [quad]
    assert name == ("" if isinstance(graph, ox.DefaultGraph) else str(graph))
    (line,) = held.graphs[name]
    assert replaced(line, lambda _: "NODE") == line


def test_blank_nodes_are_numbered_by_file_and_get_other_labels(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.trig").write_text(
            f'_:x <urn:p> _:y, "_:x {name}" . GRAPH _:x {{ _:y <urn:p> <<( _:x <urn:p> _:z )>> }}', encoding="utf-8"
        )
    held = Statements()
    for file in find([tmp_path]):
        held.add_file(file)
    assert held.nodes == 6
    held.rename(lambda number: f"n{number}")
    assert {name: set(lines) for name, lines in held.graphs.items() if name.startswith("_")} == {
        "_:n0": {"_:n1 <urn:p> <<( _:n0 <urn:p> _:n2 )>>"},
        "_:n3": {"_:n4 <urn:p> <<( _:n3 <urn:p> _:n5 )>>"},
    }
    assert sorted(line for name, lines in held.graphs.items() if name.endswith("a.trig>") for line in lines) == [
        '_:n0 <urn:p> "_:x a"',
        "_:n0 <urn:p> _:n1",
    ]
