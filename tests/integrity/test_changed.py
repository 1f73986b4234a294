"""Only what has changed, and what that can break: the findings of a full run, of fewer nodes."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from tests.integrity.engines import file
from tests.integrity.random_shapes import Chance
from tests.integrity.test_remote import TESTS, told

from evgraph.errors import NothingCheckedError
from evgraph.formats import FORMATS
from evgraph.integrity.affected import Changes
from evgraph.integrity.checks import our_checks
from evgraph.integrity.compile import compile_shapes
from evgraph.integrity.judge import judge, our_shapes
from evgraph.integrity.judging import scope_of
from evgraph.integrity.remote import judge_store
from evgraph.integrity.shapes_graph import ShapesGraph
from evgraph.integrity.sources import InStore
from evgraph.namespaces import ID
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.files import DataFile, always_loaded, find

if TYPE_CHECKING:
    from evgraph.integrity.check import Check
    from evgraph.integrity.findings import Report

YEAR = 2026
Triple = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]
Graph = frozenset[Triple]


@cache
def checks() -> list[Check]:
    return our_checks(present=YEAR)


@cache
def all_cases() -> Graph:
    """Give what the cases of shapes and checks say, valid and invalid, without blank nodes."""
    folders = ("shapes/*/*.ttl", "checks/*.ttl")
    return _triples(find(sorted(path for folder in folders for path in TESTS.glob(folder))))


def _triples(files: list[DataFile]) -> Graph:
    quads = (quad for one in files for quad in one.quads())
    return frozenset(
        (quad.subject, quad.predicate, quad.object)
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal)
    )


def as_file(graph: Graph) -> DataFile:
    triples = [ox.Triple(*triple) for triple in sorted(graph, key=str)]
    body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert body is not None
    return DataFile("data.nt", FORMATS["ntriples"], f"{ID}graph/data", body)


def as_store(graph: Graph) -> EmbeddedStore:
    store = EmbeddedStore()
    for one in [*always_loaded(), as_file(graph)]:
        store.load(one)
    return store


def affected(new: Graph, changes: Changes, shapes: list[DataFile], ours: list[Check]) -> set[str] | None:
    """Give the nodes that a change can touch, as `told` names them; None for all."""
    source, graph = InStore(as_store(new)), ShapesGraph(shapes)
    compiled = compile_shapes(graph, source.subclasses)
    nodes = scope_of(source.store, changes, compiled.rules, list(compiled.left), ours).nodes
    return None if nodes is None else {named(node) for node in nodes}


def named(node: object) -> str:
    if isinstance(node, ox.Literal):
        return f"{node.value.removesuffix('.0')}@{node.language}"
    return str(getattr(node, "value", node)).removeprefix(ID)


def edited(graph: Graph, random: Random) -> Graph:
    """Take statements out, put some in, and give some other values or subjects, such as there are."""
    known = sorted(graph, key=str)
    new = set(graph)
    for _ in range(random.randrange(1, 5)):
        one, other = random.choice(known), random.choice(known)
        kind = random.randrange(4)
        if kind in {0, 1}:
            new.discard(one)
        if kind == 1:
            new.add((one[0], one[1], other[2]))
        if kind == 2:
            new.add((other[0], one[1], one[2]))
        if kind == 3:  # All of a thing goes.
            new = {triple for triple in new if triple[0] != one[0]}
    return frozenset(new)


def compare(before: Report, after: Report, since: Report, nodes: set[str] | None) -> None:
    """See that what differs is of affected nodes, and that of these all is found, and nothing else."""
    old, new, found = told(before.findings), told(after.findings), told(since.findings)
    assert {one[1] for one in old ^ new} <= (nodes if nodes is not None else {one[1] for one in old | new})
    assert found == {one for one in new if nodes is None or one[1] in nodes}


@pytest.mark.parametrize("seed", range(8))
def test_an_edit_of_our_data_is_judged_as_in_full(seed: int) -> None:
    old = all_cases()
    new = edited(old, Random(seed))  # noqa: S311 - not for secrets
    changes = Changes(frozenset(old ^ new))
    nodes = affected(new, changes, our_shapes(), checks())
    assert nodes is not None
    assert len(nodes) < len({triple[0] for triple in old}) / 5
    before, after = (judge([as_file(one)], our_shapes(), checks=checks()) for one in (old, new))
    compare(before, after, judge([as_file(new)], our_shapes(), checks=checks(), changes=changes), nodes)
    before, after = (judge_store(as_store(one), our_shapes(), checks=checks()) for one in (old, new))
    compare(before, after, judge_store(as_store(new), our_shapes(), checks=checks(), changes=changes), nodes)


@pytest.mark.parametrize("tens", range(8))
def test_an_edit_of_any_data_is_judged_by_any_shapes_as_in_full(tens: int) -> None:
    limited = 0
    for seed in range(tens * 10, tens * 10 + 10):
        data, shapes = Chance(seed).case()
        old = _triples([file(data.replace("_:", "ex:blank-"))])
        new = edited(old, Random(seed))  # noqa: S311 - not for secrets
        rules = [file(shapes.replace("_:", "ex:blank-"), "shapes.ttl")]
        changes = Changes(frozenset(old ^ new))
        if ShapesGraph(rules).missing() or not new or not changes:
            continue
        try:
            before, after = (judge_store(as_store(one), rules) for one in (old, new))
        except NothingCheckedError:
            continue
        nodes = affected(new, changes, rules, [])
        if any(one.kind == "not-judged" for one in after.notices):
            continue
        limited += nodes is not None
        compare(before, after, judge_store(as_store(new), rules, changes=changes), nodes)
    assert limited
