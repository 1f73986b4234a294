"""``evgraph validate``: what it prints, where, and with which exit code."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.formats import FINDING_FORMATS
from evgraph.namespaces import ID, RDF, SH
from evgraph.rdf.files import find

if TYPE_CHECKING:
    from tests.conftest import Run

CASES = Path(__file__).parent.parent / "validation" / "shapes"
BASE = CASES / "base.ttl"
VIOLATION = CASES / "entry" / "position-low-invalid.ttl"
WARNING = CASES / "entry" / "marker-missing-invalid.ttl"
INFO = CASES / "guidance" / "publisher-missing-invalid.ttl"
COMPOUND = CASES / "replacement" / "not-described-invalid.ttl"
SHACL = "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
HOUSE = (
    SHACL
    + """@prefix evg: <https://w3id.org/evgraph/ns#> .
ex:HouseShape a sh:NodeShape ; sh:targetClass evg:Entry ; sh:property ex:HouseShape-shelf .
ex:HouseShape-shelf a sh:PropertyShape ; sh:path ex:shelf ; sh:minCount 1 ; sh:message "On which shelf?" ."""
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    path = tmp_path / "house.ttl"
    path.write_text(HOUSE, encoding="utf-8")
    return path


def test_text_names_severity_rule_thing_triple_and_remedy(run: Run) -> None:
    ran = run("validate", BASE, VIOLATION)
    assert ran.code == 1
    assert ran.stderr == ""
    first, rest = ran.stdout.split("\n\n")
    assert first.splitlines() == [
        "violation EntryShape-position: 1 finding",
        "  An entry must have exactly one position in its cell (schema:position), a whole number from 1.",
        "  How to fix it: Count it on the page.",
        f"  - {VIOLATION}:14:21: Follow-up helps (entry:drug-E4/position-low)",
        "    entry:drug-E4/position-low schema:position 0",
        "    read from drug-E4:3",
    ]
    notice, counts = rest.splitlines()
    assert notice.startswith("notice: not checked, because the data has none of these: evg:Analysis, ")
    assert counts == (
        "1 violation; 11 things checked: 1 cell snapshot, 1 claim, 1 commentary, 2 documents, 2 entries, 1 guidance, "
        "1 passage, 1 recommendation, 1 section, 1 study"
    )


def test_without_a_finding_it_says_so(run: Run) -> None:
    ran = run("validate", BASE)
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1].startswith("no findings; 10 things checked: ")


@pytest.mark.default_cases(4)
@pytest.mark.parametrize(
    ("path", "fail_on", "code"),
    [
        (VIOLATION, "violation", 1), (VIOLATION, "warning", 1), (VIOLATION, "info", 1),
        (WARNING, "violation", 0), (WARNING, "warning", 1), (WARNING, "info", 1),
        (INFO, "violation", 0), (INFO, "warning", 0), (INFO, "info", 1),
        (BASE, "info", 0),
    ],
)  # fmt: skip
def test_fail_on_decides_the_exit_code_and_nothing_else(run: Run, path: Path, fail_on: str, code: int) -> None:
    ran = run("validate", BASE, path, "--fail-on", fail_on, "--format", "json")
    assert ran.code == code
    assert json.loads(ran.stdout)["conforms"] is (path == BASE)


def test_json_holds_findings_and_notices(run: Run) -> None:
    whole = json.loads(run("validate", BASE, VIOLATION, "--format", "json").stdout)
    assert list(whole) == ["conforms", "findings", "waived", "notices"]
    assert whole["conforms"] is False
    assert whole["findings"] == [
        {
            "severity": "violation",
            "rule": "EntryShape-position",
            "label": "Follow-up helps",
            "focus": "https://w3id.org/evgraph/id/entry/drug-E4/position-low",
            "path": "https://schema.org/position",
            "value": {"type": "literal", "value": "0", "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
            "message": "An entry must have exactly one position in its cell (schema:position), a whole number from 1. "
            "Count it on the page.",
            "triple": "entry:drug-E4/position-low schema:position 0",
            "source_shape": "https://w3id.org/evgraph/shapes#EntryShape-position",
            "component": "http://www.w3.org/ns/shacl#MinInclusiveConstraintComponent",
            "file": str(VIOLATION),
            "line": 14,
            "column": 21,
            "page": {"passage": f"{ID}passage/0011223344556677/10-42", "cell": "drug-E4", "line": 3},
            "fix": None,
            "candidates": [],
            "related": [],
        }
    ]
    assert {
        "kind": "unused-target",
        "term": "https://w3id.org/evgraph/ns#Analysis",
        "message": "the data has no evg:Analysis, so nothing of this class was checked",
    } in whole["notices"]


def test_json_distinguishes_iris_blank_nodes_and_language_apart(run: Run, tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        SHACL + "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:S-p . "
        "ex:S-p sh:path ex:p ; sh:datatype ex:never .",
        encoding="utf-8",
    )
    ran = run(
        "validate", "-", "--shapes", shapes, "--format", "json", stdin=SHACL + "ex:a ex:p ex:b, _:c, 'd'@en, 'e' ."
    )
    values = [finding["value"] for finding in json.loads(ran.stdout)["findings"]]
    assert sorted(values, key=str) == sorted(
        [
            {"type": "uri", "value": "http://example.org/b"},
            {"type": "bnode", "value": "d1"},
            {"type": "literal", "value": "d", "xml:lang": "en"},
            {"type": "literal", "value": "e"},
        ],
        key=str,
    )


def test_turtle_is_a_standard_report_without_blank_nodes(run: Run) -> None:
    ran = run("validate", BASE, VIOLATION, COMPOUND, "--format", "turtle")
    assert ran.code == 1
    triples = list(ox.parse(ran.output, format=ox.RdfFormat.TURTLE))
    assert not any(isinstance(term, ox.BlankNode) for triple in triples for term in (triple.subject, triple.object))
    import rdflib

    graph = rdflib.Graph().parse(data=ran.output, format="turtle")
    (root,) = graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationReport)
    assert graph.value(root, rdflib.SH.conforms) == rdflib.Literal(False)
    results = list(graph.objects(root, rdflib.SH.result))
    assert len(results) == 2
    for result in results:
        names = {str(predicate).removeprefix(SH) for predicate in graph.predicates(result)} - {f"{RDF}type"}
        # One has a cause, which is about no property, and what broke is its detail.
        assert names - {"value", "detail", "resultPath"} == {
            "focusNode", "resultMessage", "resultSeverity", "sourceConstraintComponent", "sourceShape",
        }  # fmt: skip
    (detail,) = graph.objects(None, rdflib.SH.detail)
    assert (root, rdflib.SH.result, detail) not in graph
    assert str(graph.value(detail, rdflib.SH.sourceShape)).endswith("#ReplacementShape-described")
    paths = [path for path in graph.objects(None, rdflib.SH.resultPath) if (path, rdflib.RDF.first, None) in graph]
    ((first, second),) = [list(graph.items(path)) for path in paths]
    assert str(first) == "http://purl.org/dc/terms/isReplacedBy"
    (alternatives,) = graph.objects(second, rdflib.SH.alternativePath)
    assert [str(step) for step in graph.items(alternatives)] == [f"{RDF}type", "http://purl.org/dc/terms/isReplacedBy"]


def test_turtle_of_a_clean_graph_conforms(run: Run) -> None:
    ran = run("validate", BASE, "--format", "turtle")
    assert ran.code == 0
    assert "sh:conforms true" in ran.stdout


@pytest.mark.parametrize(
    "path", ["[ sh:inversePath ex:p ]", "[ sh:alternativePath ( ex:p ex:q ) ]", "[ sh:zeroOrOnePath ex:p ]"]
)
def test_turtle_holds_paths_as_shacl_writes_them(run: Run, tmp_path: Path, path: str) -> None:
    from evgraph.shacl.shapes_graph import ShapesGraph

    shapes = tmp_path / "shapes.ttl"
    shape = f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:S-p . ex:S-p sh:path {path} ; sh:minCount 9 ."
    shapes.write_text(SHACL + shape, encoding="utf-8")
    ran = run("validate", "-", "--shapes", shapes, "--format", "turtle", stdin=SHACL + "ex:a ex:p ex:b .")
    blank = re.sub(r"<https://w3id\.org/\.well-known/genid/evgraph/([^>]+)>", r"_:\1", ran.stdout)  # As it was meant.
    (tmp_path / "report.ttl").write_text(blank, encoding="utf-8")
    report, loaded = ShapesGraph(find([tmp_path / "report.ttl"])), ShapesGraph(find([shapes]))
    (node,) = report.objects(f"{SH}resultPath")
    (meant,) = loaded.objects(f"{SH}path")
    assert report.path(node) == loaded.path(meant)


EVERY_FORMAT = """
import sys
from evgraph.cli.main import main
from evgraph.formats import FINDING_FORMATS
for form in sorted(FINDING_FORMATS):
    try:
        main([*sys.argv[1:], "--format", form])
    except SystemExit as left:
        print(form, left.code, flush=True)
"""


@pytest.mark.slow
def test_the_bytes_are_the_same_under_any_hash_seed() -> None:
    outputs = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", EVERY_FORMAT, "validate", BASE, *sorted((CASES / "claim").glob("*-invalid.ttl"))],
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(CASES.parent.parent.parent / "src"),
                "PYTHONIOENCODING": "utf-8",
            },
            capture_output=True,
            check=True,
            timeout=120,
        )
        assert done.stderr == b""
        assert all(f"{form} 1\n".encode() in done.stdout for form in FINDING_FORMATS)
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_shapes_replace_ours_and_added_shapes_do_not(run: Run, house: Path) -> None:
    def rules(*options: str | Path) -> set[str]:
        ran = run("validate", BASE, VIOLATION, "--format", "json", *options)
        return {finding["rule"] for finding in json.loads(ran.stdout)["findings"]}

    assert rules("--shapes", house) == {"HouseShape-shelf"}
    assert rules("--add-shapes", house) == {"HouseShape-shelf", "EntryShape-position"}
    assert rules("--shapes", CASES.parent.parent.parent / "ontology" / "shapes", "--add-shapes", house) == rules(
        "--add-shapes", house
    )


@pytest.mark.slow
def test_paths_may_be_folders_streams_and_a_variable(run: Run, tmp_path: Path) -> None:
    (tmp_path / "base.ttl").write_bytes(BASE.read_bytes())
    (tmp_path / "more.ttl").write_bytes(VIOLATION.read_bytes())
    whole = run("validate", BASE, VIOLATION).stdout
    in_folder = whole.replace(str(VIOLATION), str(tmp_path / "more.ttl"))
    assert in_folder != whole
    assert run("validate", tmp_path).stdout == in_folder
    assert run("validate", BASE, "-", stdin=VIOLATION.read_bytes()).stdout == whole.replace(str(VIOLATION), "-")
    assert run("validate", env={"EVGRAPH_DATA": str(tmp_path)}).stdout == in_folder
    assert run("validate", BASE, env={"EVGRAPH_DATA": str(tmp_path)}).stdout != in_folder


def test_without_a_path_the_shipped_graph_is_checked(run: Run) -> None:
    ran = run("validate")
    assert ran.code == 0
    assert "50 cells" in ran.stdout.splitlines()[-1]


def test_output_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    ran = run("validate", BASE, VIOLATION, "--format", "json", "-o", tmp_path / "report.json")
    assert (ran.code, ran.stdout) == (1, "")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["conforms"] is False


def test_nothing_checked_is_reported_and_has_its_own_exit_code(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.ttl"
    empty.write_text("# nothing\n", encoding="utf-8")
    for args, why in (
        ((empty,), f"there is no triple in the data ({empty})"),
        ((BASE, "--shapes", empty), "there is no shape in the shapes"),
        (("-",), "the shapes have no target in the data"),
    ):
        ran = run("validate", *args, stdin=SHACL + "ex:rex a ex:Dog .")
        assert (ran.code, ran.stdout) == (6, "")
        assert ran.stderr.startswith(f"evgraph: nothing was checked: {why}\n  ")


def test_what_cannot_be_read_is_reported_with_file_and_line(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text(SHACL + "ex:a ex:b\n", encoding="utf-8")
    for args in ((broken,), (BASE, "--shapes", broken), (BASE, "--add-shapes", broken)):
        ran = run("validate", *args)
        assert (ran.code, ran.stdout) == (3, "")
        assert ran.stderr.startswith(f"evgraph: {broken}:")
        assert "Traceback" not in ran.stderr
    missing = run("validate", tmp_path / "missing.ttl")
    assert (missing.code, missing.stderr.splitlines()[0]) == (
        3,
        f"evgraph: {tmp_path / 'missing.ttl'}: no such file or folder",
    )


def test_one_of_our_shape_files_alone_is_refused_with_a_hint(run: Run) -> None:
    ran = run("validate", BASE, "--shapes", CASES.parent.parent.parent / "ontology" / "shapes" / "entry.ttl")
    assert ran.code == 3
    assert (
        "these shapes refer to shapes that are not there: https://w3id.org/evgraph/shapes#MarkerConcept" in ran.stderr
    )
    assert "add the file with these shapes" in ran.stderr


@pytest.mark.parametrize("args", [("--format", "yaml"), ("--fail-on", "never"), ("--colour",)])
def test_wrong_words_are_a_usage_error(run: Run, args: tuple[str, ...]) -> None:
    ran = run("validate", BASE, *args)
    assert (ran.code, ran.stdout) == (2, "")


def test_help_holds_examples(run: Run) -> None:
    ran = run("validate", "--help")
    assert "evgraph validate mydata/ -o report.html\n" in ran.stdout
    assert "6 nothing was checked" in " ".join(ran.stdout.split())


class Terminal(io.StringIO):
    """A terminal, or none, that tells what was written to it first."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal
        self.written = threading.Event()

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        count = super().write(text)
        self.written.set()
        return count


def test_on_a_terminal_it_says_what_takes_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    from evgraph.cli import reporting

    monkeypatch.setattr(reporting, "_DELAY", 0)
    for terminal, patience, shown in ((True, 60, "checking …\r\x1b[K"), (False, 0.2, "")):
        screen = Terminal(terminal=terminal)
        monkeypatch.setattr(sys, "stderr", screen)
        with reporting.progress("checking …"):
            screen.written.wait(patience)
        assert screen.getvalue() == shown
