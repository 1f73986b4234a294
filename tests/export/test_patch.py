"""The changes between two versions for programs: a patch that another library applies, and a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from tests.required import require

from evgraph.export.diff import changes
from evgraph.export.patch import patch
from evgraph.namespaces import ID, PREFIXES
from evgraph.render.atom import atom

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import Run

require("feedparser")
import feedparser  # noqa: E402

HEAD = f"@base <{ID}> .\n" + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
OLD = """
GRAPH <graph/drug-C2> {
  <snapshot/drug-C2/1> a evg:CellSnapshot ; prov:specializationOf cell:drug-C2 ; dcterms:date "2026-01-31"^^xsd:date .
  <entry/drug-C2/elm> a evg:Entry ; evg:inCell cell:drug-C2 ; schema:position 1 ; schema:headline "Elm \\"old\\""@en ;
    evg:lists doc:elm-2002 .
}
GRAPH <graph/documents> {
  doc:elm-2002 a evg:Document ; rdfs:label "Elm"@en ; evg:identification <identification/elm-2002/doi> .
  doc:oak-2003 a evg:Document ; rdfs:label "Oak"@en .
  <identification/elm-2002/doi> a evg:Identification ; evg:identifierValue "10.1/elm" .
}
"""
NEW = (
    OLD.replace('Elm \\"old\\"', "Elm & <new> \\n").replace("10.1/elm", "10.1/elm2").replace('"Oak"', '"Oak II"')
    + "GRAPH <graph/documents> { doc:ash-2004 a evg:Document . }"
)


def quads(text: str) -> list[ox.Quad]:
    return list(ox.parse(HEAD + text, format=ox.RdfFormat.TRIG))


def dataset(text: str) -> rdflib.Dataset:
    data = rdflib.Dataset()
    data.parse(data=ox.serialize(quads(text), format=ox.RdfFormat.N_QUADS), format="nquads")
    return data


def statements(data: rdflib.Dataset) -> set[tuple[object, ...]]:
    return {(s, p, o, getattr(graph, "identifier", graph)) for s, p, o, graph in data.quads()}


def test_a_patch_to_the_letter() -> None:
    lines = list(patch(quads(OLD), quads(NEW)))
    head = f"<{ID}entry/drug-C2/elm> <https://schema.org/headline>"
    assert lines[0] == "TX .\n"
    assert lines[2] == f'D {head} "Elm \\"old\\""@en <{ID}graph/drug-C2> .\n'
    assert [line[0] for line in lines[1:-1]] == list("DDDAAAA")
    assert f'A {head} "Elm & <new> \\n"@en <{ID}graph/drug-C2> .\n' in lines
    assert (
        f"A <{ID}doc/ash-2004> <{PREFIXES['rdf']}type> <{PREFIXES['evg']}Document> <{ID}graph/documents> .\n" in lines
    )
    assert lines[-1] == "TC .\n"


def test_statements_of_the_default_graph_name_none() -> None:
    [_, line, _] = patch([], quads('doc:ash-2004 rdfs:label "Ash" .'))
    assert line == f'A <{ID}doc/ash-2004> <{PREFIXES["rdfs"]}label> "Ash" .\n'


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
def test_another_library_applies_a_patch() -> None:
    data = dataset(OLD)
    data.parse(data="".join(patch(quads(OLD), quads(NEW))), format="patch")
    assert statements(data) == statements(dataset(NEW))


@pytest.fixture
def versions(tmp_path: Path) -> Sequence[Path]:
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{name}.trig").write_text(HEAD + text, encoding="utf-8")
    return tmp_path / "old.trig", tmp_path / "new.trig"


def test_the_command_writes_a_patch(run: Run, versions: Sequence[Path]) -> None:
    ran = run("diff", *versions, "--format", "patch")
    assert (ran.code, ran.stdout) == (1, "".join(patch(quads(OLD), quads(NEW))))
    same = run("diff", versions[0], versions[0], "--format", "patch")
    assert (same.code, same.stdout) == (0, "TX .\nTC .\n")
    assert run("diff", *versions, "--format", "patch", "--about", "elm-2002").code == 2


@pytest.mark.parametrize(
    ("about", "labels"),
    [
        (None, ["Elm & <new>", "doc:ash-2004", "Oak II", "identification:elm-2002/doi"]),
        ("drug", ["Elm & <new>"]),
        ("alcohol", []),
        ("drug:C2", ["Elm & <new>"]),
        ("elm-2002", ["Elm & <new>", "identification:elm-2002/doi"]),
        ("oak-2003", ["Oak II"]),
    ],
)
def test_a_feed_is_about_all_or_one_thing(
    run: Run, versions: Sequence[Path], about: str | None, labels: list[str]
) -> None:
    ran = run("diff", *versions, "--format", "atom", *(("--about", about) if about else ()))
    feed = feedparser.parse(ran.output)
    assert (ran.code, feed.bozo, feed.feed.updated) == (int(bool(labels)), False, "2026-01-31T00:00:00Z")
    assert [entry.title.partition(": ")[2].strip() for entry in feed.entries] == labels
    assert len({feed.feed.id, *(entry.id for entry in feed.entries)}) == 1 + len(labels)


def test_an_entry_of_a_feed() -> None:
    found = changes(quads(OLD), quads(NEW))
    address = "https://example.org/f?a&b"
    pieces = "".join(atom(found, "2026-02-28", iri=f"{ID}dataset", title="Changes", address=address))
    feed = feedparser.parse(pieces)
    entry = feed.entries[0]
    assert (entry.title, entry.link) == ("entry retitled: Elm & <new>", f"{ID}entry/drug-C2/elm")
    assert entry.summary == 'Elm "old" → Elm & <new>'
    assert [tag.term for tag in entry.tags] == ["entry", "cell:drug-C2"]
    assert feed.feed.links[0].href == address


def test_a_feed_needs_a_day(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.ttl").write_text(HEAD, encoding="utf-8")
    ran = run("diff", tmp_path / "old.ttl", tmp_path / "old.ttl", "--format", "atom")
    assert (ran.code, ran.stderr) == (
        2,
        "evgraph: a feed needs the day of the new version, and the data has none\n  name it with --date\n",
    )
    ran = run("diff", tmp_path / "old.ttl", tmp_path / "old.ttl", "--format", "atom", "--date", "2026-01-31")
    assert (ran.code, "<updated>2026-01-31T00:00:00Z</updated>" in ran.stdout) == (0, True)


def test_files_without_headers_are_the_same_graph(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.ttl").write_text(f'{HEAD} doc:elm-2002 rdfs:label "{name}" .', encoding="utf-8")
    ran = run("diff", tmp_path / "one.ttl", tmp_path / "two.ttl", "--format", "patch")
    assert [line.rpartition(" <")[2] for line in ran.stdout.splitlines()[1:-1]] == [f"{ID}graph/file/one.ttl> ."] * 2
