"""A folder of dumps: every file as its description says, which harvesters read."""

from __future__ import annotations

import gzip
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib import DCAT, DCTERMS, FOAF, RDF, VOID, URIRef
from rdflib.term import BNode

from evgraph import __version__
from evgraph.export.describe import DATASET
from evgraph.export.export import dump
from evgraph.formats import FORMATS
from evgraph.namespaces import ID, SPDX
from evgraph.store.opening import SHIPPED
from evgraph.writing import write_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

BASE = "https://example.org/dumps/1/"
PARTS = ("evgraph", "cells/alcohol-E4", "cells/drug-E4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dumps") / "it"
    facts = {"issued": "2026-01-31", "modified": "2026-11-30", "previous": "https://example.org/dumps/0/"}
    write_folder(folder, dump(SHIPPED, BASE, **facts))
    return folder


@pytest.mark.slow
def test_every_file_is_there_and_described(folder: Path, run: Run) -> None:
    graph = rdflib.Graph().parse(folder / "dcat.ttl")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    suffixes = {kind.suffixes[0] for kind in FORMATS.values()}
    dumped = {f"{part}{suffix}{end}" for part in PARTS for suffix in suffixes for end in ("", ".gz")}
    assert files.keys() == dumped | {f"dcat{suffix}" for suffix in suffixes} | {"SHA256SUMS"}
    described = {}
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        [address], [size], [checksum] = (
            list(graph.objects(distribution, name))
            for name in (DCAT.downloadURL, DCAT.byteSize, URIRef(f"{SPDX}checksum"))
        )
        described[str(address).removeprefix(BASE)] = (
            int(str(size)),
            str(graph.value(checksum, URIRef(f"{SPDX}checksumValue"))),
        )
        assert address in graph.objects(distribution, DCAT.accessURL)
        assert (None, VOID.dataDump, address) in graph
        compressed = graph.value(distribution, DCAT.compressFormat)
        assert (compressed is not None) == str(address).endswith(".gz")
    assert described == {name: (len(files[name]), sha256(files[name]).hexdigest()) for name in dumped}
    for name in dumped:
        if name.endswith(".gz"):
            assert gzip.decompress(files[name]) == files[name.removesuffix(".gz")]
    assert files["evgraph.trig"] == run("export", "--format", "trig").output
    assert files["cells/drug-E4.nq"] == run("export", "--cell", "drug:E4", "--format", "nquads").output
    lines = files["SHA256SUMS"].decode().splitlines()
    assert {line.partition("  ")[2] for line in lines} == files.keys() - {"SHA256SUMS"}


def test_the_description_has_what_harvesters_need(folder: Path) -> None:
    graph = rdflib.Graph().parse(folder / "dcat.ttl")
    dataset = URIRef(DATASET)
    facts = {name: str(graph.value(dataset, name)) for name in (DCTERMS.issued, DCTERMS.modified, DCTERMS.license)}
    assert list(facts.values()) == ["2026-01-31", "2026-11-30", "https://creativecommons.org/publicdomain/zero/1.0/"]
    assert str(graph.value(dataset, URIRef(f"{DCAT}version"))) == __version__
    assert str(graph.value(dataset, URIRef(f"{DCAT}previousVersion"))) == "https://example.org/dumps/0/"
    publisher = graph.value(dataset, DCTERMS.publisher)
    assert (publisher, RDF.type, FOAF.Agent) in graph
    assert str(graph.value(publisher, FOAF.name)) == "The evgraph maintainers"
    parts = {URIRef(f"{ID}dataset/cell/{name}-E4") for name in ("alcohol", "drug")}
    assert set(graph.objects(dataset, DCTERMS.hasPart)) == parts
    [catalog] = graph.subjects(RDF.type, DCAT.Catalog)
    assert set(graph.objects(catalog, DCAT.dataset)) == {dataset, *parts}
    assert not [term for triple in graph for term in triple if isinstance(term, BNode)]
    for part in parts:
        assert str(graph.value(part, URIRef(f"{DCAT}version"))) == __version__
        assert len(list(graph.objects(part, DCAT.distribution))) == 2 * len(FORMATS)


@pytest.mark.slow
def test_the_command_gives_the_same_bytes(run: Run, folder: Path, tmp_path: Path) -> None:
    release = ("--issued", "2026-01-31", "--modified", "2026-11-30", "--previous", "https://example.org/dumps/0/")
    words = ("export", "--dumps", tmp_path / "it", "--base", BASE.removesuffix("/"), *release)
    ran = run(*words, env={"PYTHONHASHSEED": "7"}, own_process=True)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "")
    assert (tmp_path / "it" / "SHA256SUMS").read_bytes() == (folder / "SHA256SUMS").read_bytes()


def test_data_of_your_own_needs_an_address(run: Run, tmp_path: Path) -> None:
    ran = run("export", "--dumps", tmp_path / "it", "--data", "examples/register")
    assert (ran.code, ran.stderr) == (
        2, "evgraph: --dumps needs the address at which the folder will be\n  name it with --base URL\n",
    )  # fmt: skip
    for option, value in (("--base", "here"), ("--previous", "file:///x")):
        ran = run("export", "--dumps", tmp_path / "it", option, value)
        assert (ran.code, ran.stderr) == (2, f"evgraph: {option} {value}: expected an address, https://…\n")
    assert run("export", "--dumps", tmp_path / "it", "--format", "turtle").code == 2
    assert not (tmp_path / "it").exists()


def test_a_character_that_a_format_cannot_express_is_named_with_its_statement(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(r'<urn:a> <urn:p> "a\u0000b" .', encoding="utf-8")
    ran = run("export", "--data", tmp_path / "a.ttl", "--dumps", tmp_path / "d", "--base", "https://e.org/")
    assert (ran.code, ran.stderr) == (
        2,
        "evgraph: RDF/XML cannot express the character U+0000 in a literal: urn:a urn:p …\n"
        "  change that statement, or choose another format, such as turtle\n",
    )
    assert not (tmp_path / "d").exists()
