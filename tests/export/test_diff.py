"""Two versions of a small graph, and what changed between them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.export.diff import Change, changes
from evgraph.namespaces import PREFIXES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
BASE = "BASE <https://w3id.org/evgraph/id/>\n"


def graph(*parts: str) -> list[ox.Quad]:
    return list(ox.parse(HEAD + BASE + "\n".join(parts), format=ox.RdfFormat.TURTLE))


def snapshot(name: str = "1111") -> str:
    return f"<snapshot/drug-C2/{name}> a evg:CellSnapshot ; prov:specializationOf cell:drug-C2 ."


def entry(name: str, position: int, headline: str = "", marker: str = "K", date: str = "2014") -> str:
    return (
        f"<entry/drug-C2/{name}> a evg:Entry ; evg:inCell cell:drug-C2 ; schema:position {position} ;"
        f' schema:headline "{headline or name}" ; evg:marker marker:{marker} ; evg:statedDate "{date}" .'
    )


def reference(name: str, target: str) -> str:
    return f"<ref/drug-C2/{name}> a evg:Reference ; evg:resolution resolution:resolved ; evg:target <{target}> ."


OLD = [snapshot(), *(entry(name, i) for i, name in enumerate("abcd", 1))]


def told(old: list[str], new: list[str]) -> list[tuple[str, str, str, tuple[str, ...], tuple[str, ...]]]:
    return [(one.what, one.how, one.label, one.before, one.after) for one in changes(graph(*old), graph(*new))]


def test_the_same_graph_has_no_changes() -> None:
    assert told(OLD, list(reversed(OLD))) == []


def test_an_entry_that_comes_moves_no_other() -> None:
    new = [snapshot(), entry("new", 1), *(entry(name, i) for i, name in enumerate("abcd", 2))]
    assert told(OLD, new) == [("entry", "came", "new", (), ("1",))]


def test_an_entry_that_goes_moves_no_other() -> None:
    new = [snapshot(), *(entry(name, i) for i, name in enumerate("acd", 1))]
    assert told(OLD, new) == [("entry", "went", "b", (), ())]


def test_only_what_changed_its_order_has_moved() -> None:
    new = [snapshot(), *(entry(name, i) for i, name in enumerate("dabc", 1))]
    assert told(OLD, new) == [("entry", "moved", "d", ("4",), ("1",))]


@pytest.mark.parametrize(
    ("changed", "how", "before", "after"),
    [
        (entry("b", 2, "Other words"), "retitled", "b", "Other words"),
        (entry("b", 2, marker="R"), "changed marker", "marker:K", "marker:R"),
        (entry("b", 2, date="2015"), "changed date", "2014", "2015"),
    ],
)
def test_what_an_entry_changed(changed: str, how: str, before: str, after: str) -> None:
    (one,) = changes(graph(*OLD), graph(*OLD[:2], changed, *OLD[3:]))
    assert (one.what, one.how, one.cell, one.before, one.after) == ("entry", how, "cell:drug-C2", (before,), (after,))


def test_references_come_go_and_mean_something_else() -> None:
    old = [*OLD, reference("a/related-1", "entry/drug-C2/b"), reference("a/related-2", "entry/drug-C2/c")]
    new = [*OLD, reference("a/related-1", "entry/drug-C2/d"), reference("a/see-also-1", "doc/x")]
    assert told(old, new) == [
        ("reference", "changed target", "ref:drug-C2/a/related-1", ("entry:drug-C2/b",), ("entry:drug-C2/d",)),
        ("reference", "went", "ref:drug-C2/a/related-2", ("entry:drug-C2/c",), ()),
        ("reference", "came", "ref:drug-C2/a/see-also-1", (), ("doc:x",)),
    ]


def test_cells_and_topics() -> None:
    new = [*OLD, "cell:drug-C2 dcterms:subject topic:pay .", snapshot().replace("drug-C2", "drug-C3")]
    assert told(OLD, new) == [("topic", "came", "topic:pay", (), ()), ("cell", "came", "cell:drug-C3", (), ())]


def test_a_curated_statement_whose_text_is_gone() -> None:
    claim = "claim:x evg:statedIn <passage/1111/0-5> . <passage/1111/0-5> oa:hasSource <snapshot/drug-C2/1111> ."
    found = changes(graph(*OLD, claim), graph(snapshot("2222"), *OLD[1:], claim))
    gone = Change("passage", "gone", "cell:drug-C2", f"{PREFIXES['claim']}x", "claim:x", ("passage:1111/0-5",))
    assert found == [gone]


def test_the_command(run: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.ttl", tmp_path / "new.ttl"
    old.write_text(HEAD + BASE + "\n".join(OLD), encoding="utf-8")
    new.write_text(HEAD + BASE + "\n".join([*OLD[:2], entry("b", 2, "Other words"), *OLD[3:]]), encoding="utf-8")
    same = run("diff", str(old), str(old))
    assert (same.code, same.stdout) == (0, "0 changes\n")
    done = run("diff", str(old), str(new))
    assert done.code == 1
    assert done.stdout == "cell:drug-C2\n  entry retitled: Other words: b → Other words\n\n1 change\n"
    (one,) = json.loads(run("diff", str(old), str(new), "--format", "json").stdout)
    assert one["how"] == "retitled"
    missing = run("diff", str(old), str(tmp_path / "none.ttl"))
    assert missing.code == 3
    assert "none.ttl: no such file" in missing.stderr
