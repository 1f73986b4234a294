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


def summaries(old: list[str], new: list[str]) -> list[tuple[str, str, str, tuple[str, ...], tuple[str, ...]]]:
    return [
        (change.what, change.how, change.label, change.before, change.after)
        for change in changes(graph(*old), graph(*new))
    ]


def test_the_same_graph_has_no_changes() -> None:
    assert summaries(OLD, list(reversed(OLD))) == []


def test_an_entry_that_comes_moves_no_other() -> None:
    new = [snapshot(), entry("new", 1), *(entry(name, i) for i, name in enumerate("abcd", 2))]
    assert summaries(OLD, new) == [("entry", "came", "new", (), ("first",))]


def test_an_entry_that_goes_moves_no_other() -> None:
    new = [snapshot(), *(entry(name, i) for i, name in enumerate("acd", 1))]
    assert summaries(OLD, new) == [("entry", "went", "b", (), ())]


def test_only_what_changed_its_order_has_moved() -> None:
    new = [snapshot(), *(entry(name, i) for i, name in enumerate("dabc", 1))]
    assert summaries(OLD, new) == [("entry", "moved", "d", ("after “c”",), ("first",))]


@pytest.mark.parametrize(
    ("changed", "how", "before", "after"),
    [
        (entry("b", 2, "Other words"), "retitled", "b", "Other words"),
        (entry("b", 2, marker="R"), "marker changed", "marker:K", "marker:R"),
        (entry("b", 2, date="2015"), "year corrected", "2014", "2015"),
    ],
)
def test_what_an_entry_changed(changed: str, how: str, before: str, after: str) -> None:
    (change,) = changes(graph(*OLD), graph(*OLD[:2], changed, *OLD[3:]))
    assert (change.what, change.how, change.cell, change.before, change.after) == (
        "entry",
        how,
        "cell:drug-C2",
        (before,),
        (after,),
    )


def test_references_come_go_and_mean_something_else() -> None:
    old = [*OLD, reference("a/related-1", "entry/drug-C2/b"), reference("a/related-2", "entry/drug-C2/c")]
    new = [*OLD, reference("a/related-1", "entry/drug-C2/d"), reference("a/see-also-1", "doc/x")]
    assert summaries(old, new) == [
        ("reference", "target changed", "ref:drug-C2/a/related-1", ("entry:drug-C2/b",), ("entry:drug-C2/d",)),
        ("reference", "went", "ref:drug-C2/a/related-2", ("entry:drug-C2/c",), ()),
        ("reference", "came", "ref:drug-C2/a/see-also-1", (), ("doc:x",)),
    ]


def test_a_reference_that_a_person_settled() -> None:
    open_reference = (
        "<ref/drug-C2/a/related-1> a evg:Reference ; evg:resolution resolution:ambiguous ;"
        " evg:candidate <entry/drug-C2/b>, <entry/drug-C2/c> ; prov:wasAttributedTo <snapshot/drug-C2/1111> ."
    )
    settled = reference("a/related-1", "entry/drug-C2/c") + "<ref/drug-C2/a/related-1> prov:wasAttributedTo agent:me ."
    assert summaries([*OLD, open_reference], [*OLD, settled]) == [
        ("reference", "settled", "ref:drug-C2/a/related-1", ("resolution:ambiguous",), ("entry:drug-C2/c",))
    ]


def test_other_candidates_are_not_listed() -> None:
    start = "<ref/drug-C2/a/related-1> a evg:Reference ; evg:resolution resolution:ambiguous ; evg:candidate "
    new = [*OLD, f"{start} <entry/drug-C2/d>, <entry/drug-C2/c> ."]
    assert summaries([*OLD, f"{start} <entry/drug-C2/b>, <entry/drug-C2/c> ."], new) == [
        ("reference", "candidates changed", "ref:drug-C2/a/related-1", (), ())
    ]


def test_an_entry_with_another_iri_is_matched_by_what_it_says() -> None:
    old = [
        *OLD,
        entry("u-1", 5, "Old name of the study") + "<entry/drug-C2/u-1> evg:lists doc:u-1 . doc:u-1 a evg:Document .",
        entry("u-2", 6, "Same headline", date="1996"),
        reference("u-1/related-1", "entry/drug-C2/u-2"),
    ]
    new = [
        *OLD,
        entry("u-3", 5, "New name of the study") + "<entry/drug-C2/u-3> evg:lists doc:u-3 . doc:u-3 a evg:Document .",
        entry("u-4", 6, "Same headline", date="1997"),
        reference("u-3/related-1", "entry/drug-C2/u-4"),
    ]
    assert summaries(old, new) == [
        ("entry", "retitled", "New name of the study", ("Old name of the study",), ("New name of the study",)),
        ("entry", "year corrected", "Same headline", ("1996",), ("1997",)),
    ]


def test_a_header_that_changed() -> None:
    def header(text: str, title: str, organisation: str) -> str:
        support = f"<support/drug-C2/{text}/{organisation}-funded>"
        return (
            f"{snapshot(text)} <snapshot/drug-C2/{text}> rdfs:label '{title}' ; evg:support {support} ."
            f" {support} a evg:Support ; evg:supporter org:{organisation} ; evg:supportRole support-role:funded ."
        )

    old, new = [header("1111", "Cell C2", "ann"), *OLD[1:]], [header("2222", "Cell C2: All", "bob"), *OLD[1:]]
    assert summaries(old, new) == [
        ("page", "text changed", "cell:drug-C2", (), ()),
        ("header", "title changed", "cell:drug-C2", ("Cell C2",), ("Cell C2: All",)),
        ("supporter", "went", "org:ann (funded)", (), ()),
        ("supporter", "came", "org:bob (funded)", (), ()),
    ]
    assert summaries(old, [header("2222", "Cell C2", "ann"), *OLD[1:]]) == [
        ("page", "text changed", "cell:drug-C2", (), ())
    ]


def test_a_new_text_shifts_passages_and_that_is_no_change() -> None:
    def version(text: str, start: int) -> list[str]:
        passage = f"<passage/{text}/{start}-{start + 5}>"
        claim = f"claim:x a evg:Claim ; evg:statedIn {passage} ; prov:wasAttributedTo <snapshot/drug-C2/{text}> ."
        return [
            snapshot(text),
            *OLD[1:],
            f"{passage} oa:hasSource <snapshot/drug-C2/{text}> ; oa:start {start} .",
            claim,
        ]

    assert summaries(version("1111", 10), version("2222", 12)) == [("page", "text changed", "cell:drug-C2", (), ())]


@pytest.mark.parametrize(
    ("thing", "label"),
    [
        ("<recommendation/x/y> rdfs:label 'Do it'", "Do it"),
        ("claim:x rdf:subject doc:a ; rdf:predicate evg:y ; rdf:object doc:b", "claim:x (doc:a evg:y doc:b)"),
        ("doc:a rdfs:label 'Ann (2001)'", "Ann (2001)"),
        ("org:a rdfs:label 'Ann Trust'", "Ann Trust"),
        ("<identification/a/doi> evg:identifierValue '10.1/a'", "identification:a/doi"),
        ("<section/drug-C2/issue-1> dcterms:title 'Why?'", "Why?"),
        ("<passage/1111/0-5> oa:hasSource <snapshot/drug-C2/1111>", "passage:1111/0-5"),
        ("<http://example.org/x> rdfs:label 'Else'", "Else"),
    ],
)
def test_everything_that_comes_or_goes_is_listed(thing: str, label: str) -> None:
    assert [change[1:3] for change in summaries(OLD, [*OLD, f"{thing} ."])] == [("came", label)]
    assert [change[1:3] for change in summaries([*OLD, f"{thing} ."], OLD)] == [("went", label)]
    (changed,) = summaries([*OLD, f"{thing} ."], [*OLD, f"{thing} ; evg:locator '4' ."])
    assert changed[1:] == ("evg:locator changed", label, (), ("4",))


def test_a_decision_on_a_document() -> None:
    decision = "doc:u-1 dcterms:isReplacedBy doc:ann-2001 ."
    assert summaries(OLD, [*OLD, decision]) == [("document", "identified", "doc:u-1", (), ("doc:ann-2001",))]
    assert summaries(OLD, [*OLD, "doc:u-2 dcterms:isReplacedBy doc:u-1 ."]) == []


def test_cells_and_topics() -> None:
    new = [*OLD, "cell:drug-C2 dcterms:subject topic:pay .", snapshot().replace("drug-C2", "drug-C3")]
    assert summaries(OLD, new) == [("topic", "came", "topic:pay", (), ()), ("cell", "came", "cell:drug-C3", (), ())]


def test_a_curated_statement_whose_text_is_gone() -> None:
    claim = "claim:x evg:statedIn <passage/1111/0-5> . <passage/1111/0-5> oa:hasSource <snapshot/drug-C2/1111> ."
    found = changes(graph(*OLD, claim), graph(snapshot("2222"), *OLD[1:], claim))
    gone = Change("passage", "gone", "cell:drug-C2", f"{PREFIXES['claim']}x", "claim:x", ("passage:1111/0-5",))
    assert found[1:] == [gone]
    assert found[0][:2] == ("page", "text changed")


def test_the_command(run: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.ttl", tmp_path / "new.ttl"
    old.write_text(HEAD + BASE + "\n".join(OLD), encoding="utf-8")
    new.write_text(HEAD + BASE + "\n".join([*OLD[:2], entry("b", 2, "Other words"), *OLD[3:]]), encoding="utf-8")
    same = run("diff", str(old), str(old))
    assert (same.code, same.stdout) == (0, "0 changes\n")
    done = run("diff", str(old), str(new))
    assert done.code == 1
    assert done.stdout == "cell:drug-C2\n  entry retitled: b → Other words\n\n1 change\n"
    (change,) = json.loads(run("diff", str(old), str(new), "--format", "json").stdout)
    assert change["how"] == "retitled"
    missing = run("diff", str(old), str(tmp_path / "none.ttl"))
    assert missing.code == 3
    assert "none.ttl: no such file" in missing.stderr
