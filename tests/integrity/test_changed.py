"""Only what has changed, and what that can break: the findings of a full run, of fewer nodes."""

from __future__ import annotations

import json
import subprocess
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
from evgraph.integrity.changes.affected import Changes
from evgraph.integrity.checking.checks import our_checks
from evgraph.integrity.judging.in_store import InStore
from evgraph.integrity.judging.judge import judge, our_shapes
from evgraph.integrity.judging.remote import judge_store
from evgraph.integrity.judging.scope import scope_of
from evgraph.integrity.shacl.compile import compile_shapes
from evgraph.integrity.shacl.shapes_graph import ShapesGraph
from evgraph.namespaces import ID
from evgraph.namespaces import PREFIXES as NAMESPACES
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.files import DataFile, always_loaded, find

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.integrity.checking.check import Check
    from evgraph.integrity.report import Report

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


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


TURTLE = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in NAMESPACES.items())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a work tree of git with two files in ``data``, committed."""
    data = tmp_path / "tree" / "data"
    data.mkdir(parents=True)
    (data / "a.ttl").write_text(
        f'{TURTLE}doc:a a evg:Review, evg:Document ; rdfs:label "A"@en .\n'
        'doc:b a evg:Review, evg:Document ; rdfs:label "B"@en .\n'
    )
    (data / "b.ttl").write_text(f"{TURTLE}doc:c a evg:Review, evg:Document ; evg:seeAlso doc:a .\n")
    (data / "c.ttl").write_text(f"{TURTLE}<{ID}entry/a> a evg:Entry .\n")  # Else unreached documents are none at all.
    git(data.parent, "init", "-q")
    git(data.parent, "add", "-A")
    git(data.parent, "commit", "-qm", "first")
    return data


def found_by(run: Run, *words: str | Path) -> tuple[int, set[tuple[str, str]], str]:
    ran = run("validate", *words, "--format", "json")
    report = json.loads(ran.stdout)
    about = {(one["rule"], one["focus"].removeprefix(ID)) for one in report["findings"]}
    return ran.code, about, next((one["message"] for one in report["notices"] if one["kind"] == "changed"), "")


def test_since_judges_what_changed_and_what_that_breaks(run: Run, tree: Path) -> None:
    assert found_by(run, tree, "--since", "HEAD") == (0, set(), "nothing has changed, so nothing was judged")
    everything = found_by(run, tree)[1]
    assert ("DocumentShape-label", "doc/c") in everything
    (tree / "a.ttl").write_text(f'{TURTLE}doc:b a evg:Review, evg:Document ; rdfs:label "B"@en .\n')
    code, about, notice = found_by(run, tree, "--since", "HEAD")
    assert (code, ("LinkShape", "doc/c") in found_by(run, tree)[1]) == (1, ("LinkShape", "doc/c") in about)
    assert "doc/b" not in {focus for _, focus in about}
    assert notice.startswith("judged what has changed, 1 in number, and what that can break")


def test_a_file_that_was_renamed_has_not_changed_and_one_that_went_has(run: Run, tree: Path) -> None:
    (tree / "a.ttl").rename(tree / "renamed.ttl")
    assert found_by(run, tree, "--since", "HEAD")[2] == "nothing has changed, so nothing was judged"
    (tree / "renamed.ttl").unlink()
    assert "judged what has changed, 2 in number" in found_by(run, tree, "--since", "HEAD")[2]
    (tree / "new.ttl").write_text(f"{TURTLE}doc:d a evg:Review .\n")  # Not known to git.
    code, about, notice = found_by(run, tree, "--since", "HEAD")
    assert code == 1
    assert ("ReviewShape-type", "doc/d") in about
    assert "3 in number" in notice
    git(tree.parent, "add", "-A")
    git(tree.parent, "commit", "-qm", "second")
    assert found_by(run, tree, "--since", "HEAD")[1:] == (
        set(),
        "nothing has changed, so nothing was judged",
    )
    assert "3 in number" in found_by(run, tree, "--since", "HEAD~1")[2]


def test_changed_files_count_as_a_whole(run: Run, tree: Path) -> None:
    code, about, _ = found_by(run, tree, "--changed", tree / "b.ttl")
    assert (code, {focus for _, focus in about}) == (1, {"doc/a", "doc/c"})  # Nothing may lead to A any more.
    assert about == {one for one in found_by(run, tree)[1] if one[1] in {"doc/a", "doc/c"}}
    (tree / "empty.ttl").write_text(TURTLE)
    told = found_by(run, tree, "--changed", tree / "empty.ttl")
    assert told == (0, set(), "nothing has changed, so nothing was judged")


def test_what_cannot_be_compared_is_told(run: Run, tree: Path, tmp_path: Path) -> None:
    for words, message in (
        ((tree, "--since", "nowhere"), "git knows no revision 'nowhere'"),
        ((tree, "--since", "--output=x"), "git knows no revision '--output=x'"),
        (("-", "--since", "HEAD"), "standard input has no revisions"),
    ):
        ran = run("validate", *words)
        assert (ran.code, ran.stdout) == (2, "")
        assert message in ran.stderr
    outside = tmp_path / "outside.ttl"
    outside.write_text(f"{TURTLE}doc:d a evg:Review .\n")
    ran = run("validate", outside, "--since", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert ran.code == 2
    assert "is in no work tree of git" in ran.stderr
    ran = run("validate", tree, "--since", "HEAD", env={"PATH": "/nowhere"})
    assert ran.code == 2
    assert "git is not installed" in ran.stderr
    ran = run("validate", tree, "--changed", tree / "gone.ttl")
    assert ran.code == 3
    assert "what a deleted file said is seen by --since REV only" in ran.stderr
    outside = tree.parent / "outside.ttl"
    outside.write_text(f"{TURTLE}doc:d a evg:Review .\n")
    ran = run("validate", tree, "--changed", outside)
    assert (ran.code, ran.stdout) == (2, "")
    assert f"--changed {outside} is not among the data" in ran.stderr
    assert run("validate", tree, outside, "--changed", outside).code == 1
    (tree / "a.ttl").write_text("doc:a a")
    git(tree.parent, "commit", "-qam", "broken")
    (tree / "a.ttl").write_text(f"{TURTLE}doc:d a evg:Review .\n")
    ran = run("validate", tree, "--since", "HEAD")
    assert ran.code == 3
    assert "HEAD:data/a.ttl:1: not well-formed" in ran.stderr


def test_a_store_on_disk_is_judged_by_what_changed(run: Run, tree: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert run("load", tree, "--store", store).code == 0
    code, about, notice = found_by(run, "--store", store, "--changed", tree / "b.ttl")
    assert (code, about) == (1, {one for one in found_by(run, "--store", store)[1] if one[1] in {"doc/a", "doc/c"}})
    assert "judged what has changed, 1 in number" in notice
    for words, message in (
        (("--since", "HEAD"), "--since compares files with a revision"),
        (("--engine", "pyshacl"), "pySHACL judges files only"),
    ):
        ran = run("validate", "--store", store, *words)
        assert ran.code == 2
        assert message in ran.stderr
