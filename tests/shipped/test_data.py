"""The shipped graph is valid and complete, and the pages give the same bytes again."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph import __version__
from evgraph.export.describe import DATASET
from evgraph.namespaces import CC0, DCTERMS, EVG, ID, OA, PROV, RDF, VOID, curie
from evgraph.pages.decoding import read
from evgraph.pages.source import Source, Span
from evgraph.rdf.files import DataFile, find

if TYPE_CHECKING:
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
FILES = find([DATA])


@cache
def values(*folders: Path) -> dict[str, dict[str, set[str]]]:
    """Return subject → property → values, as IRIs and lexical forms."""
    statements: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for file in find(folders):
        for quad in file.quads():
            assert isinstance(quad.subject, ox.NamedNode)
            assert isinstance(quad.object, ox.NamedNode | ox.Literal)
            statements[quad.subject.value][quad.predicate.value].add(quad.object.value)
    return statements


def of_class(name: str, *folders: Path) -> dict[str, dict[str, set[str]]]:
    data = values(*folders)
    return {iri: data[iri] for iri in data if f"{EVG}{name}" in data[iri].get(f"{RDF}type", ())}


def only(values: set[str]) -> str:
    [value] = values
    return value


def test_there_is_no_violation_and_the_readme_explains_each_finding(run: Run) -> None:
    ran = run("validate", DATA, "--format", "json")
    assert ran.code == 0, "a violation"
    findings = json.loads(ran.stdout)["findings"]
    assert "violation" not in {finding["severity"] for finding in findings}
    explained = re.findall(r"(?m)^\| `([\w-]+)` \| (?:`([\w:/-]+)`|(\d+) references) \| \S.*\|$", README)
    counted = {rule: int(count) for rule, _, count in explained if count}
    reported = Counter((finding["rule"], curie(finding["focus"])) for finding in findings)
    assert Counter(rule for rule, _ in reported if rule in counted) == counted, "the counts in data/README.md"
    single = {(rule, focus) for rule, focus, count in explained if not count}
    assert single == {finding for finding in reported if finding[0] not in counted}, "the table in data/README.md"
    assert len(explained) == len(single) + len(counted)


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file.path).relative_to(DATA).as_posix())
def test_each_file_has_a_header_and_no_blank_node(file: DataFile) -> None:
    graph = ox.NamedNode(file.graph)
    own = [quad for quad in file.quads() if quad.subject == graph]
    header = {quad.predicate.value: quad.object for quad in own}
    assert header[f"{RDF}type"] == ox.NamedNode(f"{VOID}Dataset"), "no header"
    assert header[f"{DCTERMS}license"] == ox.NamedNode(CC0)
    assert isinstance(header[f"{DCTERMS}title"], ox.Literal)
    terms = {term for quad in file.quads() for term in (quad.subject, quad.object)}
    assert not [term for term in terms if isinstance(term, ox.BlankNode)]


def test_no_two_files_share_a_graph() -> None:
    assert [graph for graph, count in Counter(file.graph for file in FILES).items() if count > 1] == []


def test_the_readme_lists_each_file() -> None:
    linked = set(re.findall(r"\]\((?!\.\.)([^)#]+)\)", README))
    present = {file.relative_to(DATA).as_posix() for file in DATA.rglob("*.ttl")}
    assert {"cells" if name.startswith("cells/") else name for name in present} == linked


def test_a_snapshot_is_named_by_its_hash() -> None:
    snapshots = of_class("CellSnapshot", DATA)
    assert len(snapshots) == 2
    for iri, snapshot in snapshots.items():
        cell, _, name = iri.removeprefix(f"{ID}snapshot/").partition("/")
        assert only(snapshot[f"{EVG}sha256"]).startswith(name)
        assert len(name) == 16
        assert only(snapshot[f"{PROV}specializationOf"]) == f"{ID}cell/{cell}"


def test_a_passage_matches_its_iri() -> None:
    passages = of_class("Passage", DATA)
    snapshots = {iri.rpartition("/")[2]: iri for iri in of_class("CellSnapshot", DATA)}
    assert len(passages) > 100
    for iri, passage in passages.items():
        match = re.fullmatch(rf"{ID}passage/([0-9a-f]{{16}})/(\d+)-(\d+)", iri)
        assert match, iri
        assert only(passage[f"{OA}hasSource"]) == snapshots[match[1]]
        assert only(passage[f"{OA}start"]) == match[2]
        assert only(passage[f"{OA}end"]) == match[3]
        assert int(match[2]) < int(match[3])
        assert f"{OA}exact" not in passage, "the shipped graph contains no words of the pages"


def test_each_curated_claim_is_written_once_and_names_its_author() -> None:
    blocks = Counter(
        name
        for file in (DATA / "curated").glob("*.ttl")
        for name in re.findall(r"(?m)^(\S+) a (?:[\w:]+, )*evg:Claim\b", file.read_text(encoding="utf-8"))
    )
    claims = of_class("Claim", DATA / "curated")
    assert {curie(iri) for iri in claims} == set(blocks)
    assert [name for name, count in blocks.items() if count > 1] == []
    assert not set(claims) & set(of_class("Claim", DATA / "cells"))
    for iri, claim in claims.items():
        snapshots = {author for author in claim[f"{PROV}wasAttributedTo"] if author.startswith(f"{ID}snapshot/")}
        sources = {only(values(DATA)[passage][f"{OA}hasSource"]) for passage in claim.get(f"{EVG}statedIn", ())}
        assert snapshots == sources, f"{iri}: its author is the page of its passages"


def test_no_statement_has_two_claims_from_one_passage() -> None:
    parts = [f"{RDF}{name}" for name in ("subject", "predicate", "object")]
    claims = Counter(
        (*(only(claim[part]) for part in parts), passage)
        for claim in of_class("Claim", DATA).values()
        for passage in claim.get(f"{EVG}statedIn", {""})
    )
    assert [statement for statement, count in claims.items() if count > 1] == []


def test_the_readme_names_the_dataset_and_its_version() -> None:
    assert f"Version {__version__}. `{DATASET}`" in README
    assert f"{DCTERMS}title" in values(DATA)[DATASET]
    assert only(values(DATA)[DATASET][f"{DCTERMS}title"]) in README


@pytest.fixture(scope="module")
def sources(pages: Path) -> dict[str, Source]:
    """Return the real pages by the hash of their text."""
    return {source.hash: source for source in map(read, sorted(pages.glob("*.txt")))}


@pytest.mark.acceptance
def test_the_pages_give_the_same_bytes(run: Run, pages: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    for file in (copy / "cells").iterdir():
        file.unlink()
    assert run("ingest", pages, "-o", copy, "--quiet").code == 0
    before, after = (
        {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        for folder in (DATA, copy)
    )
    assert set(before) == set(after)
    differing = [name for name in before if before[name] != after[name]]
    assert not differing, "to build them again: evgraph ingest PAGES -o data"


@pytest.mark.acceptance
def test_each_passage_lies_within_its_page_on_its_line(sources: dict[str, Source]) -> None:
    snapshots = of_class("CellSnapshot", DATA)
    for iri, passage in of_class("Passage", DATA).items():
        source = sources[only(passage[f"{OA}hasSource"]).rpartition("/")[2]]
        span = Span(int(only(passage[f"{OA}start"])), int(only(passage[f"{OA}end"])))
        assert span.end <= len(source.text), iri
        words = source.slice(span)
        assert words == words.strip(), f"{iri} begins or ends with white space"
        assert str(source.line_of(span.start)) == only(passage[f"{EVG}line"]), iri
        assert {source.sha256} == snapshots[only(passage[f"{OA}hasSource"])][f"{EVG}sha256"]


@pytest.mark.acceptance
def test_a_curated_passage_consists_of_whole_words(sources: dict[str, Source]) -> None:
    claims = of_class("Claim", DATA / "curated")
    passages = {passage for claim in claims.values() for passage in claim.get(f"{EVG}statedIn", ())}
    assert len(passages) > 20
    for iri in passages:
        name, _, span = iri.removeprefix(f"{ID}passage/").partition("/")
        text = sources[name].text
        start, end = map(int, span.split("-"))
        assert not re.match(r"\w\w", text[max(start - 1, 0) : start + 1]), f"{iri} begins within a word"
        assert not re.match(r"\w\w", text[end - 1 : end + 1]), f"{iri} ends within a word"
