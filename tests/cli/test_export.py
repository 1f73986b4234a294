"""``evgraph export``: whole, by cell, by resource; every format, every error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph import __version__
from evgraph.export.describe import DATASET
from evgraph.formats import FORMATS
from evgraph.namespaces import ID, PREFIXES, curie

if TYPE_CHECKING:
    from tests.conftest import Run

PREFIX_LINES = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
TOP = f"@base <{ID}> .\n{PREFIX_LINES}"

# Two squares list Amber (2001); each page has a corresponding-study link of its own from it.
CELL = """
<graph/MATRIX-A1> a void:Dataset ; prov:wasDerivedFrom <snapshot/MATRIX-A1/HASH> .
cell:MATRIX-A1 dcterms:subject topic:commissioning .
<snapshot/MATRIX-A1/HASH> a evg:CellSnapshot ; prov:specializationOf cell:MATRIX-A1 ;
    evg:support <support/MATRIX-A1/HASH/mint-funded> .
<support/MATRIX-A1/HASH/mint-funded> a evg:Support ; evg:supporter org:mint ; evg:supportRole support-role:funded .
<passage/HASH/1-9> a evg:Passage ; oa:hasSource <snapshot/MATRIX-A1/HASH> ; oa:start 1 ; oa:end 9 ; evg:line 1 .
<passage/HASH/10-19> a evg:Passage ; oa:hasSource <snapshot/MATRIX-A1/HASH> ; oa:start 10 ; oa:end 19 ; evg:line 2 .
<entry/MATRIX-A1/amber-2001> a evg:Entry ; evg:inCell cell:MATRIX-A1 ; schema:position 1 ; evg:marker marker:S ;
    schema:headline "A headline of MATRIX"@en ; evg:lists doc:amber-2001 ; evg:statedIn <passage/HASH/1-9> .
<entry/MATRIX-A1/OTHER> a evg:Entry ; evg:inCell cell:MATRIX-A1 ; schema:position 2 ; evg:marker marker:S ;
    schema:headline "Another of MATRIX"@en ; evg:lists doc:OTHER ; evg:statedIn <passage/HASH/1-9> .
<commentary/MATRIX-A1> a evg:Commentary ; evg:ofCell cell:MATRIX-A1 ; schema:about cell:MATRIX-A1 .
<section/MATRIX-A1/start> a evg:Section ; evg:ofCell cell:MATRIX-A1 ; dcterms:isPartOf <commentary/MATRIX-A1> ;
    evg:statedIn <passage/HASH/10-19> .
doc:amber-2001 evg:correspondsTo doc:OTHER .
<ref/MATRIX-A1/amber-2001/corresponding-1> a evg:Reference, evg:Claim ; evg:source <entry/MATRIX-A1/amber-2001> ;
    evg:target <entry/MATRIX-A1/OTHER> ; evg:statedIn <passage/HASH/10-19> ;
    prov:wasAttributedTo <snapshot/MATRIX-A1/HASH> ;
    rdf:subject doc:amber-2001 ; rdf:predicate evg:correspondsTo ; rdf:object doc:OTHER .
"""
REGISTER = """
<graph/documents> a void:Dataset .
doc:amber-2001 a evg:Study, evg:Document ; rdfs:label "Amber (2001)"@en ; dcterms:issued "2001"^^xsd:gYear ;
    evg:identification <identification/amber-2001/doi> .
<identification/amber-2001/doi> a evg:Identification ; evg:identifierValue "10.1/amber" .
doc:brown-2002 a evg:Study, evg:Document ; rdfs:label "Brown (2002)"@en ; dcterms:publisher org:sage .
doc:coral-2003 a evg:Study, evg:Document ; rdfs:label "Coral (2003)"@en .
doc:dusk-2004 a evg:Study, evg:Document ; rdfs:label "Dusk (2004)"@en .
doc:u-0123456789ab dcterms:isReplacedBy doc:amber-2001 .
org:mint a schema:Organization ; rdfs:label "Mint"@en .
org:sage a schema:Organization ; rdfs:label "Sage"@en .
"""


def cell(matrix: str, other: str, snapshot: str) -> str:
    return TOP + CELL.replace("MATRIX", matrix).replace("OTHER", other).replace("HASH", snapshot)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "cells").mkdir(parents=True)
    (folder / "cells" / "drug-A1.ttl").write_text(cell("drug", "brown-2002", "d1"))
    (folder / "cells" / "alcohol-A1.ttl").write_text(cell("alcohol", "coral-2003", "a1"))
    (folder / "documents.ttl").write_text(TOP + REGISTER)
    return folder


def parse(output: bytes, name: str = "turtle") -> set[ox.Quad]:
    return set(ox.parse(output, format=FORMATS[name].rdf_format()))


def subjects(quads: set[ox.Quad]) -> set[str]:
    return {curie(quad.subject.value) for quad in quads if isinstance(quad.subject, ox.NamedNode)}


def says(quads: set[ox.Quad], subject: str, predicate: str, target: str) -> bool:
    wanted = tuple(
        f"<{PREFIXES[name]}{rest}>"
        for name, rest in (name_in_short.split(":") for name_in_short in (subject, predicate, target))
    )
    return wanted in {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


def test_whole_is_what_the_files_hold_and_no_more(run: Run, data: Path) -> None:
    ran = run("export", "--data", data)
    held = {quad for file in data.rglob("*.ttl") for quad in parse(file.read_bytes())}
    assert (ran.code, ran.stderr) == (0, "")
    assert parse(ran.output) == held


def test_without_data_it_is_the_shipped_graph(run: Run) -> None:
    ran = run("export", own_process=True)
    assert ran.code == 0
    assert {"matrix:drug", "cell:alcohol-A1", "cell:drug-E5"} <= subjects(parse(ran.output))


def test_lexical_forms_stay_as_they_are(run: Run) -> None:
    text = f'<{ID}doc/a> <{PREFIXES["evg"]}n> "01"^^<{PREFIXES["xsd"]}integer> , "1.50"^^<{PREFIXES["xsd"]}decimal> .'
    ran = run("export", "--data", "-", "--format", "ntriples", stdin=text)
    assert '"01"^^' in ran.stdout
    assert '"1.50"^^' in ran.stdout


@pytest.mark.parametrize(
    "cell_name", ["drug:A1", "drug-a1", "cell:drug-A1", f"{ID}cell/drug-A1", f"<{ID}cell/drug-A1>"]
)
def test_a_cell_comes_with_all_that_it_mentions(run: Run, data: Path, cell_name: str) -> None:
    ran = run("export", "--data", data, "--cell", cell_name)
    assert (ran.code, ran.stderr) == (0, "")
    quads = parse(ran.output)
    assert subjects(quads) == {
        *("graph:drug-A1", "cell:drug-A1", "matrix:drug", "snapshot:drug-A1/d1", "support:drug-A1/d1/mint-funded"),
        *("passage:d1/1-9", "passage:d1/10-19", "entry:drug-A1/amber-2001", "entry:drug-A1/brown-2002"),
        *("commentary:drug-A1", "section:drug-A1/start", "ref:drug-A1/amber-2001/corresponding-1"),
        *("doc:amber-2001", "doc:brown-2002", "identification:amber-2001/doi", "org:mint", "org:sage"),
        curie(DATASET),
    }
    assert says(quads, "cell:drug-A1", "evg:inMatrix", "matrix:drug"), "the matrices say so, and the files do not"
    assert says(quads, "doc:amber-2001", "evg:correspondsTo", "doc:brown-2002")
    assert not says(quads, "doc:amber-2001", "evg:correspondsTo", "doc:coral-2003"), "the other page said so"


def test_a_cell_can_be_taken_out_of_a_single_file(run: Run, data: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.ttl"
    assert run("export", "--data", data, "-o", whole).code == 0
    from_one = run("export", "--data", whole, "--cell", "drug:A1")
    assert from_one.output == run("export", "--data", data, "--cell", "drug:A1").output


def test_a_square_without_a_matrix_means_both(run: Run, data: Path) -> None:
    both = parse(run("export", "--data", data, "--cell", "a1").output)
    each = [parse(run("export", "--data", data, "--cell", f"{name}:A1").output) for name in ("drug", "alcohol")]
    assert both == each[0] | each[1]
    assert both > each[0]


def test_a_square_without_a_matrix_may_be_there_once(run: Run, data: Path) -> None:
    (data / "cells" / "alcohol-A1.ttl").unlink()
    ran = run("export", "--data", data, "--cell", "A1")
    assert ran.code == 0
    assert ran.output == run("export", "--data", data, "--cell", "drug:A1").output


def curate(data: Path, turtle: str) -> None:
    (data / "curated").mkdir()
    (data / "curated" / "facts.ttl").write_text(f"{TOP}{turtle}")


def test_what_a_curator_adds_to_a_passage_belongs_to_its_cell(run: Run, data: Path) -> None:
    curate(
        data,
        "doc:brown-2002 cito:critiques doc:dusk-2004 .\n"
        "<claim/one> a evg:Claim ; rdf:subject doc:brown-2002 ; rdf:predicate cito:critiques ;"
        " rdf:object doc:dusk-2004 ; prov:wasAttributedTo <agent/curator> ; evg:statedIn <passage/d1/1-9> .",
    )
    quads = parse(run("export", "--data", data, "--cell", "drug:A1").output)
    assert says(quads, "doc:brown-2002", "cito:critiques", "doc:dusk-2004")
    assert {"claim:one", "doc:dusk-2004"} <= subjects(quads)
    other = parse(run("export", "--data", data, "--cell", "alcohol:A1").output)
    assert subjects(other).isdisjoint({"claim:one", "doc:dusk-2004", "doc:brown-2002"})


def test_a_description_is_whole_whoever_claims_it(run: Run, data: Path) -> None:
    curate(
        data,
        "doc:brown-2002 a evg:Trial ; evg:supportedBy doc:dusk-2004 .\n"
        "<claim/record> a evg:Claim ; rdf:subject doc:brown-2002 ; rdf:predicate rdf:type ; rdf:object evg:Trial ;"
        " prov:wasAttributedTo <agent/curator> .\n"
        "<claim/page> a evg:Claim ; rdf:subject doc:amber-2001 ; rdf:predicate rdf:type ; rdf:object evg:Study ;"
        " evg:statedIn <passage/a1/1-9> .\n"
        "<claim/link> a evg:Claim ; rdf:subject doc:brown-2002 ; rdf:predicate evg:supportedBy ;"
        " rdf:object doc:dusk-2004 ; prov:wasAttributedTo <agent/curator> .",
    )
    quads = parse(run("export", "--data", data, "--cell", "drug:A1").output)
    assert says(quads, "doc:brown-2002", "rdf:type", "evg:Trial")
    assert says(quads, "doc:amber-2001", "rdf:type", "evg:Study"), "the other page says so"
    assert not says(quads, "doc:brown-2002", "evg:supportedBy", "doc:dusk-2004")
    assert subjects(quads) & {"claim:record", "claim:page", "claim:link"} == {"claim:record"}


@pytest.mark.parametrize("name", ["doc:amber-2001", f"{ID}doc/amber-2001", "amber-2001"])
def test_a_resource_comes_with_what_hangs_on_it(run: Run, data: Path, name: str) -> None:
    ran = run("export", "--data", data, "--resource", name)
    assert (ran.code, ran.stderr) == (0, "")
    assert subjects(parse(ran.output)) == {
        *("doc:amber-2001", "identification:amber-2001/doi", "doc:u-0123456789ab"),
        *("entry:drug-A1/amber-2001", "entry:alcohol-A1/amber-2001"),
        *("ref:drug-A1/amber-2001/corresponding-1", "ref:alcohol-A1/amber-2001/corresponding-1"),
        *("passage:d1/1-9", "passage:d1/10-19", "passage:a1/1-9", "passage:a1/10-19"),
        curie(DATASET),
    }


@pytest.mark.parametrize("part", [("--cell", "drug:E4"), ("--resource", "doc:timko-2007")])
def test_a_part_says_of_which_dataset_it_is(run: Run, part: tuple[str, str]) -> None:
    quads = parse(run("export", *part).output)
    about = {(curie(quad.predicate.value), str(quad.object)) for quad in quads if str(quad.subject) == f"<{DATASET}>"}
    assert about == {
        ("rdf:type", "<http://www.w3.org/ns/dcat#Dataset>"),
        ("dcterms:title", '"evgraph: the Alcohol and Drug Treatment Matrices as linked data"@en'),
        ("dcterms:license", "<https://creativecommons.org/publicdomain/zero/1.0/>"),
        ("dcat:version", f'"{__version__}"'),
    }


def test_a_claim_about_a_resource_brings_the_triple_it_stands_for(run: Run, data: Path) -> None:
    quads = parse(run("export", "--data", data, "--resource", "doc:coral-2003").output)
    assert says(quads, "doc:amber-2001", "evg:correspondsTo", "doc:coral-2003")
    assert not says(quads, "doc:amber-2001", "evg:correspondsTo", "doc:brown-2002")
    assert not says(quads, "doc:amber-2001", "rdf:type", "evg:Study")


def test_a_concept_is_a_resource_too(run: Run, data: Path) -> None:
    ran = run("export", "--data", data, "--resource", "marker:K")
    assert ran.code == 0
    assert '    skos:notation "K"' in ran.stdout


def test_a_cell_and_a_resource_together(run: Run, data: Path) -> None:
    both = parse(run("export", "--data", data, "--cell", "drug:A1", "--resource", "doc:coral-2003").output)
    cell = parse(run("export", "--data", data, "--cell", "drug:A1").output)
    other = parse(run("export", "--data", data, "--resource", "doc:coral-2003").output)
    assert both == cell | other


@pytest.mark.parametrize("selection", [[], ["--cell", "drug:A1"], ["--resource", "doc:amber-2001"]])
def test_the_ontology_comes_when_it_is_asked_for(run: Run, data: Path, selection: list[str]) -> None:
    without = subjects(parse(run("export", "--data", data, *selection).output))
    with_it = subjects(parse(run("export", "--data", data, *selection, "--with-ontology").output))
    added = {"evg:Entry", "marker:K", "matrix:alcohol", "cell:drug-E5"}
    assert not added & without
    assert with_it >= without | added


@pytest.mark.parametrize("selection", [[], ["--cell", "drug:A1"]])
def test_quad_formats_keep_the_named_graphs(run: Run, data: Path, selection: list[str]) -> None:
    triples = {(q.subject, q.predicate, q.object) for q in parse(run("export", "--data", data, *selection).output)}
    for name, kind in FORMATS.items():
        if kind.quads:
            quads = parse(run("export", "--data", data, *selection, "--format", name).output, name)
            graphs = {str(quad.graph_name) for quad in quads}
            assert {f"<{ID}graph/drug-A1>", f"<{ID}graph/documents>"} <= graphs
            assert {(q.subject, q.predicate, q.object) for q in quads} == triples


@pytest.mark.slow
def test_the_same_bytes_under_any_hash_seed(run: Run, data: Path) -> None:
    blank = f"{TOP}doc:amber-2001 rdfs:comment [ rdfs:label 'one' ], [ rdfs:label 'two' ] ."
    (data / "a.ttl").write_text(blank)
    (data / "b.ttl").write_text(f"{TOP}_:x rdfs:label 'three' . doc:dusk-2004 rdfs:comment _:x .")
    for name in FORMATS:
        args = ("export", "--data", data, "--cell", "A1", "--resource", "doc:amber-2001", "--format", name)
        seeds = ("0", "7")
        outputs = {run(*args, env={"PYTHONHASHSEED": seed}, own_process=True).output for seed in seeds}
        assert len(outputs) == 1, name
        assert b"three" not in outputs.pop()


def test_blank_nodes_of_two_files_stay_two(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.ttl").write_text(f"{TOP}_:x rdfs:label '{name}' .")
    quads = parse(run("export", "--data", tmp_path).output)
    assert len({quad.subject for quad in quads}) == 2


@pytest.mark.parametrize(("suffix", "name"), [(s, kind.name) for kind in FORMATS.values() for s in kind.suffixes])
def test_the_suffix_of_the_file_says_the_format(run: Run, data: Path, tmp_path: Path, suffix: str, name: str) -> None:
    file = tmp_path / "new" / f"out{suffix.upper()}"
    ran = run("export", "--data", data, "-o", file)
    assert (ran.code, ran.output, ran.stderr) == (0, b"", "")
    assert file.read_bytes() == run("export", "--data", data, "--format", name).output
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_format_beats_the_suffix(run: Run, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ttl"
    assert run("export", "--data", data, "-o", file, "--format", "jsonld").code == 0
    assert json.loads(file.read_bytes())["@graph"]


def test_data_from_the_environment(run: Run, data: Path) -> None:
    both = f"{data / 'cells' / 'drug-A1.ttl'}:{data / 'documents.ttl'}"
    ran = run("export", env={"EVGRAPH_DATA": both})
    assert ran.code == 0
    assert {"entry:drug-A1/amber-2001", "doc:coral-2003"} <= subjects(parse(ran.output))
    assert "entry:alcohol-A1/amber-2001" not in subjects(parse(ran.output))


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--cell", "X9"], 2, "--cell X9: expected a cell: E4, drug:E4"),
        (["--cell", "drug:E6"], 2, "--cell drug:E6: expected a cell"),
        (["--cell", "doc:amber-2001"], 2, "--cell doc:amber-2001: expected a cell"),
        (
            ["--cell", "drug:B2"],
            2,
            "cell drug:B2 is not in the data: no page of it was read\n  the data has these cells: alcohol:A1, drug:A1",
        ),
        (["--cell", "drug:A1", "--cell", "B2"], 2, "cell B2 is not in the data"),
        (["--cell", "drug matrix cell B2"], 2, "cell drug:B2 is not in the data"),
        (["--resource", "doc:amber-2010"], 2, "says nothing about doc:amber-2010\n  did you mean doc:amber-2001"),
        (["--resource", "A1"], 2, "--resource A1: this may mean 2 things\n  name one of them:\n    cell:alcohol-A1"),
        (
            ["--resource", "http://example.org/zzz"],
            2,
            "says nothing about http://example.org/zzz\n  check the name",
        ),
        (["--format", "yaml"], 2, "'yaml' is not one of 'turtle'"),
        (["-o", "OUT.txt"], 2, "cannot write triples as .txt; use .ttl, "),
        (["--data", "no-such.ttl"], 3, "no-such.ttl: no such file or folder"),
        (["--data", ""], 2, "--data is empty"),
        (["--data", "broken.ttl"], 3, "broken.ttl:2: not well-formed turtle"),
    ],
)
def test_errors_say_the_way_out_and_nothing_is_written(
    run: Run, data: Path, tmp_path: Path, args: list[str], code: int, message: str
) -> None:
    (tmp_path / "broken.ttl").write_text("<urn:a> <urn:b> 1 .\n<urn:a> <urn:b> .\n")
    out = [] if "-o" in args else ["-o", "OUT.ttl"]
    ran = run("export", "--data", data, *args, *out, cwd=tmp_path)
    assert (ran.code, ran.output) == (code, b"")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.glob("*OUT*"))


def test_an_old_file_stays_when_the_new_one_cannot_be_had(run: Run, data: Path, tmp_path: Path) -> None:
    old = tmp_path / "out.rdf"
    old.write_text("old")
    (data / "odd.ttl").write_text("<urn:a> <http://example.org/2001> 1 .")
    ran = run("export", "--data", data, "-o", old)
    assert ran.code == 2
    assert "RDF/XML cannot express the predicate <http://example.org/2001>" in ran.stderr
    assert old.read_text() == "old"


def test_a_place_that_cannot_be_written(run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run("export", "--data", data, "-o", tmp_path / "file" / "out.ttl")
    assert ran.code == 3
    assert "out.ttl: cannot be written: its folder is a file" in ran.stderr


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_no_traceback() -> None:
    with FULL.open("wb") as out:
        ran = subprocess.run(
            [sys.executable, "-m", "evgraph", "export"], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == 3
    assert ran.stderr.decode().startswith("evgraph: standard output cannot be written: No space left on device\n")


def test_a_reader_that_has_enough_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "evgraph", "export"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ran:
        assert ran.stdout
        assert ran.stderr
        assert ran.stdout.readline() == f"@base <{ID}> .\n".encode()
        ran.stdout.close()
        assert ran.stderr.read() == b""
        assert ran.wait() == 0


def findings(run: Run, *paths: Path) -> set[tuple[str, str]]:
    report = json.loads(run("validate", *paths, "--format", "json").output)
    return {(finding["focus"], finding["rule"]) for finding in report["findings"]}


@pytest.mark.slow
def test_every_cell_of_the_shipped_graph_stands_on_its_own(run: Run, tmp_path: Path) -> None:
    of_the_whole = findings(run)
    for name in ("drug:E4", "alcohol:E4"):
        for suffix in (".ttl", ".trig"):
            file = tmp_path / f"one{suffix}"
            assert run("export", "--cell", name, "-o", file).code == 0
            assert findings(run, file) <= of_the_whole, "nothing is missing that the whole has"
            asked = ("query", "cell-contents", "-p", f"cell={name}", "--format", "csv")
            assert run(*asked, "--data", file).output == run(*asked).output
