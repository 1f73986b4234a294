"""``evgraph query`` as people and scripts call it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from evgraph.query.catalogue import Catalogue

if TYPE_CHECKING:
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests/query/data"
CONTENTS = ("query", "cell-contents", "-p", "cell=drug:E4", "--data", DATA / "cell-contents.ttl")
ENTRIES = "SELECT DISTINCT ?e WHERE { ?e a evg:Entry } ORDER BY STR(?e)"
CONSTRUCT = "CONSTRUCT { ?d a evg:Document } WHERE { ?e evg:lists ?d }"


def solutions(text: str, kind: ox.QueryResultsFormat) -> ox.QuerySolutions:
    found = ox.parse_query_results(text, format=kind)
    assert isinstance(found, ox.QuerySolutions)
    return found


def test_bare_lists_the_questions(run: Run) -> None:
    ran = run("query")
    assert ran.code == 0
    lines = ran.stdout.splitlines()
    assert lines[:3] == ["cells", "  cell-contents cell", "      What a cell lists, in the order of its page"]
    assert "  timeline [matrix] [marker]" in lines
    assert "  describe iri|doi|pmid|key" in lines
    for question in Catalogue():
        assert f"      {question.summary}" in lines
    assert "evgraph query NAME -p" in ran.stderr


def test_show_prints_the_file(run: Run) -> None:
    ran = run("query", "timeline", "--show")
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.output == (ROOT / "queries/documents/timeline.rq").read_bytes()


def test_a_table_with_its_count(run: Run) -> None:
    ran = run(*CONTENTS)
    assert ran.code == 0
    assert ran.stdout.splitlines()[0].split() == [
        "position", "marker", "entry", "headline", "document", "document_label", "year", "date", "publisher",
    ]  # fmt: skip
    assert ran.stdout.splitlines()[2].startswith("       1  G       entry:drug-E4/early  The early one")
    assert ran.stderr == "note: no page of cell:drug-E4 is in this graph\n5 rows\n"


def test_the_terminals_width(run: Run) -> None:
    ran = run(*CONTENTS, env={"COLUMNS": "70"})
    assert max(map(len, ran.stdout.splitlines())) <= 70


def test_a_limit_is_reported(run: Run) -> None:
    ran = run(*CONTENTS, "--limit", "2", "--format", "csv")
    assert ran.code == 0
    assert len(list(csv.reader(io.StringIO(ran.stdout)))) == 3
    assert "2 rows, as --limit 2 asks; there are more" in ran.stderr
    assert "there are more" not in run(*CONTENTS, "--limit", "5").stderr


def test_no_rows_are_reported(run: Run) -> None:
    ran = run("query", "same-headline-different-document", "--data", DATA / "cell-contents.ttl", "--format", "csv")
    assert (ran.code, ran.stdout) == (0, "headline,document,document_label,year,other,other_label,other_year\r\n")
    assert ran.stderr == "no rows\n"


def test_a_note_names_a_missing_document(run: Run) -> None:
    ran = run("query", "see-also", "-p", "document=center", "--data", DATA / "see-also.ttl")
    assert ran.code == 0
    note = "doc:center is not in this graph; it has doc:centre, doc:counter (Counterpart (2012))"
    assert ran.stderr == f"note: {note}\nno rows\n"


def test_a_note_names_a_missing_iri(run: Run) -> None:
    ran = run("query", "describe", "-p", "iri=entry:drug-E4/nothing", "--data", DATA / "cell-contents.ttl")
    assert ran.code == 0
    note = "entry:drug-E4/nothing is not in this graph; it has entry:drug-E4/twins (Twins)"
    assert ran.stderr == f"note: {note}\nno triples\n"


@pytest.mark.parametrize("name", ["table", "csv", "tsv", "json", "xml", "ndjson", "md"])
def test_every_format_of_rows(run: Run, name: str, tmp_path: Path) -> None:
    printed = run(*CONTENTS, "--format", name)
    target = tmp_path / "new" / "answer"
    kept = run(*CONTENTS, "--format", name, "-o", target)
    assert (printed.code, kept.code, kept.output) == (0, 0, b"")
    assert target.read_bytes() == printed.output
    counted = {
        "table": lambda text: len(text.splitlines()) - 2,
        "csv": lambda text: len(list(csv.DictReader(io.StringIO(text)))),
        "tsv": lambda text: len(list(solutions(text, ox.QueryResultsFormat.TSV))),
        "json": lambda text: len(json.loads(text)["results"]["bindings"]),
        "xml": lambda text: len(list(solutions(text, ox.QueryResultsFormat.XML))),
        "ndjson": lambda text: len([json.loads(line) for line in text.splitlines()]),
        "md": lambda text: len(text.splitlines()) - 2,
    }
    assert counted[name](printed.stdout) == 5


@pytest.mark.parametrize("name", ["turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld"])
def test_every_format_of_triples(run: Run, name: str) -> None:
    from evgraph.formats import FORMATS

    ran = run("query", "-", "--data", DATA / "cell-contents.ttl", "--format", name, stdin=CONSTRUCT)
    assert (ran.code, ran.stderr) == (0, "")
    assert {quad.subject for quad in ox.parse(ran.output, format=FORMATS[name].rdf_format())} == {
        ox.NamedNode(f"https://w3id.org/evgraph/id/doc/{slug}") for slug in ("early", "twin-2003", "twin-2004")
    }


def test_the_suffix_chooses_the_format(run: Run, tmp_path: Path) -> None:
    assert run(*CONTENTS, "-o", tmp_path / "a.json").code == 0
    assert len(json.loads((tmp_path / "a.json").read_text())["results"]["bindings"]) == 5
    ran = run("query", "-", "--data", DATA / "cell-contents.ttl", "-o", tmp_path / "a.nt", stdin=CONSTRUCT)
    assert ran.code == 0
    assert len((tmp_path / "a.nt").read_text().splitlines()) == 3


def test_an_ad_hoc_query(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.rq").write_text(ENTRIES)
    data = ("--data", DATA / "cell-contents.ttl", "--format", "tsv")
    by_file, by_stdin = run("query", tmp_path / "mine.rq", *data), run("query", "-", *data, stdin=ENTRIES)
    assert by_file.code == by_stdin.code == 0
    assert by_file.output == by_stdin.output
    assert len(by_file.stdout.splitlines()) == 7
    assert run("query", "-", *data[:2], stdin="ASK { ?e a evg:Entry }").stdout == "yes\n"
    (tmp_path / "timelin").write_text(ENTRIES)
    assert run("query", "timelin", *data, cwd=tmp_path).stdout == by_file.stdout
    (tmp_path / "timeline").write_text(ENTRIES)
    assert run("query", "timeline", "--format", "csv", cwd=tmp_path).stdout.startswith("year,document")


def test_a_file_with_a_head_has_parameters(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.rq").write_bytes((ROOT / "queries/cells/cell-contents.rq").read_bytes())
    ran = run("query", tmp_path / "mine.rq", *CONTENTS[2:])
    assert ran.stdout == run(*CONTENTS).stdout


def test_data_from_the_environment_and_from_stdin(run: Run) -> None:
    paths = os.pathsep.join([str(DATA / "cell-contents.ttl"), str(DATA / "timeline.ttl")])
    ran = run("query", "timeline", "--format", "ndjson", env={"EVGRAPH_DATA": paths})
    assert {json.loads(line)["document"][-5:] for line in ran.stdout.splitlines()} >= {"early", "plain"}
    ran = run(*CONTENTS[:-1], "-", stdin=(DATA / "cell-contents.ttl").read_bytes())
    assert ran.stdout == run(*CONTENTS).stdout


@pytest.mark.parametrize(
    ("args", "stdin", "code", "message"),
    [
        (["timelin"], "", 2, "there is no question 'timelin'; did you mean 'timeline'?"),
        (["timeline", "-p", "marke=K"], "", 2, "timeline has no parameter 'marke'; did you mean 'marker'?"),
        (["timeline", "-p", "marker"], "", 2, "-p marker: expected NAME=VALUE"),
        (["timeline", "-p", "marker="], "", 2, "-p marker=: expected NAME=VALUE"),
        (["timeline", "-p", "marker=keys studies"], "", 2, "did you mean 'key studies'?"),
        (["timeline", "-p", "matrix=dug"], "", 2, "did you mean 'drug'?"),
        (["cell-contents"], "", 2, "needs the parameter 'cell'"),
        (["cell-contents", "-p", "cell=E4"], "", 2, "-p cell=drug:E4 or -p cell=alcohol:E4"),
        (["timeline", "--limit", "-1"], "", 2, "--limit"),
        (["timeline", "--format", "turtle"], "", 2, "cannot write rows as turtle; use table, list, csv"),
        (["timeline", "--format", "xls"], "", 2, "--format"),
        (["-", "--format", "csv"], CONSTRUCT, 2, "cannot write triples as csv; use turtle"),
        (["-", "-p", "cell=E4"], ENTRIES, 2, "no parameter 'cell'"),
        (["-", "--data", "-"], ENTRIES, 2, "both the query and the data"),
        (["--limit", "3"], "", 2, "need the name of a question"),
        (
            ["describe"],
            "",
            2,
            "describe needs one of the parameters iri, doi, pmid, key\n  evgraph query describe -p iri=",
        ),
        (["describe", "-p", "doi=17524574"], "", 2, "expected a DOI: 10."),
        (["guidance-by-publisher", "-p", "publisher=nise"], "", 2, "did you mean org:nice ("),
        (["search", "-p", "text=!!"], "", 2, "expected words with letters or digits"),
        (["SELECT ?s WHERE { ?s ?p ?o }"], "", 2, "from a file or from standard input"),
        (["none.rq"], "", 3, "none.rq: no such file"),
        (["/dev"], "", 3, "/dev: this is a folder, not a query\n  name a file in it"),
        (["x" * 5000], "", 2, "there is no question 'xxx"),
        (["-"], "SELECT ?s WHERE {\n?s ?p }", 3, "-:2: the query is not legal SPARQL"),
        (["-"], "\nDROP ALL", 3, "-:2: DROP is a keyword of updates"),
        (["-"], "SELECT ?s WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 3, "SERVICE asks another server"),
        (["-"], b"\xff", 3, "-:1: not UTF-8"),
        (["cell-contents", "drug:E4"], "", 2, "drug:E4: one question at a time\n  values go with -p: -p NAME=drug:E4"),
        (["timeline", "marker=K"], "", 2, "one question at a time\n  values go with -p: -p marker=K"),
        (
            ["timeline", "-o", "out.foo"],
            "",
            2,
            "out.foo: cannot write rows as .foo; use .txt, .csv",
        ),
        (["timeline", "-o", "out.ttl"], "", 2, "out.ttl: cannot write rows as .ttl"),
        (["-", "-o", "out.csv"], CONSTRUCT, 2, "out.csv: cannot write triples as .csv; use .ttl"),
        (["timeline", "--data", "none.ttl"], "", 3, "none.ttl"),
        (["timeline", "-o", "/dev/null/x.csv"], "", 3, "/dev/null/x.csv: cannot be written"),
    ],
)
def test_errors(run: Run, args: list[str], stdin: str | bytes, code: int, message: str, tmp_path: Path) -> None:
    ran = run("query", *args, stdin=stdin, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (code, "")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.iterdir())


def test_the_help_has_an_example_that_runs(run: Run) -> None:
    ran = run("query", "--help")
    assert ran.code == 0
    assert "evgraph query cell-contents -p cell=drug:E4" in ran.stdout
    assert run("query", "cell-contents", "-p", "cell=drug:E4").code == 0


@pytest.mark.parametrize(
    ("words", "word", "expected"),
    [
        ("evgraph query see", 2, {"plain,see-also"}),
        ("evgraph query timeline -p ma", 4, {"plain,matrix=", "plain,marker="}),
        ("evgraph query nothing -p ma", 4, set()),
        ("evgraph query cell-contents -p cell=dr", 4, {"plain,cell=drug:E4"}),
        ("evgraph query see-also -p document=TIMKO", 4, {"plain,document=timko-2007"}),
        ("evgraph query guidance-by-publisher -p publisher=ni", 4, {"plain,publisher=nice"}),
        ("evgraph query corresponding-studies -p country=", 4, {"plain,country=GB", "plain,country=US"}),
        ("evgraph query guidance-by-publisher --values ", 4, {"plain,publisher", "plain,country"}),
        ("evgraph query search --values t", 4, set()),
        ("evgraph query none --values t", 4, set()),
        ("evgraph query timeline -p matrix=d", 4, {"plain,matrix=drug"}),
        ("evgraph query timeline -p marker=", 4, {f"plain,marker={letter}" for letter in "GKRS"}),
        ("evgraph query unidentified-documents -p kind=gu", 4, {"plain,kind=guidance"}),
        ("evgraph query search -p text=a", 4, set()),
        ("evgraph query timeline -p nothing=a", 4, set()),
        (f"evgraph query --data {DATA}/see-also.ttl see-also -p document=cen", 6, {"plain,document=centre"}),
        ("evgraph query --data none.ttl see-also -p document=cen", 6, set()),
        ("evgraph query --queries none see-al", 4, {"plain,see-also"}),
    ],
)
def test_shell_completion(run: Run, words: str, word: int, expected: set[str]) -> None:
    done = run(env={"_EVGRAPH_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(word)})
    assert set(done.stdout.split()) == expected


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    with (tmp_path / "many.nt").open("w") as many:
        many.writelines(f"<a:{number}> <a:p> <a:{number}> .\n" for number in range(20_000))
    with subprocess.Popen(
        [sys.executable, "-m", "evgraph", "query", "-", "--data", str(tmp_path), "--format", "csv"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as asking:
        assert asking.stdin
        assert asking.stdout
        assert asking.stderr
        asking.stdin.write(b"SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }")
        asking.stdin.close()
        assert asking.stdout.readline() == b"s,p,o\r\n"
        asking.stdout.close()
        assert asking.stderr.read() == b""
        assert asking.wait(60) == 0


# Runs the command, and tells how many megabytes it took at its most.
MEASURED = """
import resource, sys
from evgraph.cli.main import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}\\n")
"""
MANY = "VALUES ?a { 0 1 2 3 4 } " + " ".join(f"VALUES ?{name} {{ 0 1 2 3 4 5 6 7 8 9 }}" for name in "bcde")


def megabytes(folder: Path, sparql: str, *words: str) -> tuple[int, int]:
    """Ask, and give the most memory that it took and how many lines came."""
    (folder / "many.rq").write_text(sparql)
    (folder / "one.ttl").write_text("<a:s> <a:p> <a:o> .")
    command = ["query", str(folder / "many.rq"), "--data", str(folder / "one.ttl"), *words]
    with (folder / "out").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *command],
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
            stdout=out,
            stderr=subprocess.PIPE,
            check=True,
            timeout=300,
        )
    return int(done.stderr.split()[-1]), (folder / "out").read_bytes().count(b"\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csv", "json", "table"])
def test_many_rows_take_no_more_memory_than_a_few(name: str, tmp_path: Path) -> None:
    """Held all at once, fifty thousand rows would take some 40 MB."""
    sparql = f'SELECT ?a ?b ?c ?d ?e ("words to make a row as long as rows are" AS ?text) WHERE {{ {MANY} }}'
    few, many = (megabytes(tmp_path, query, "--format", name) for query in (f"{sparql} LIMIT 1000", sparql))
    assert many[1] >= 50_000 > few[1] >= 1000
    assert many[0] < few[0] + 20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ntriples"])
def test_many_triples_take_no_more_memory_than_a_few(name: str, tmp_path: Path) -> None:
    """Held all at once, they would take some 30 MB.

    The engine itself keeps what it has given, so as not to give it again: it is in a process of its own here.
    """
    things = 'BIND(IRI(CONCAT("urn:a:", STR(?a), STR(?b), STR(?c), STR(?d), STR(?e))) AS ?s)'
    sparql = f"CONSTRUCT {{ ?s <urn:a:so-that-a-line-is-as-long-as-lines-are> ?a , ?b }} WHERE {{ {MANY} {things} }}"
    words = ["--format", name, "--timeout", "300"]
    few, many = (megabytes(tmp_path, query, *words) for query in (f"{sparql} LIMIT 1000", sparql))
    assert many[1] >= 95_000 > few[1] >= 1000
    assert many[0] < few[0] + 20


def test_heavy_libraries_stay_away() -> None:
    """What a cold start must not pay for: rdflib, pyshacl, and what only some answers need."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "evgraph", *map(str, CONTENTS)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")}
    assert "evgraph.query.runner" in loaded
    assert not loaded & {"rdflib", "pyshacl", "importlib.metadata", "importlib.resources", "json", "csv"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--timeout", "inf"], "--timeout: inf is not above 0 and at most 1000000"),
        (["--timeout", "1e308"], "--timeout: 1e+308 is not above 0 and at most 1000000"),
        (["--timeout", "nan"], "--timeout: nan is no number of seconds"),
        (["--timeout", "soon"], "--timeout: 'soon' is not a number"),
        (["--limit", "1.5"], "--limit: '1.5' is not a whole number"),
        (["--limit", "-1"], "--limit: -1 is less than 0"),
        (["--max-memory", "9" * 30], f"--max-memory: {'9' * 30} is not between 1 and 16777216"),
        (["--max-memory", "16777217"], "--max-memory: 16777217 is not between 1 and 16777216"),
    ],
)
def test_a_limit_that_nothing_can_keep_is_refused(run: Run, words: list[str], message: str) -> None:
    ran = run("query", "-", *words, stdin="ASK { }")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"evgraph: {message}\n")


@pytest.mark.default_cases(4)
@pytest.mark.parametrize("limits", [[], ["--timeout", "60", "--max-memory", "500"]], ids=["here", "limited"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"ASK {{ ?s ?p '{'x' * 10_000_000}' }}", "a query of more than 1,000,000 characters"),
        ("#\n" * 5_000_000, "a query of more than 1,000,000 characters"),
        (
            f"ASK {{ VALUES ?x {{ {' '.join(map(str, range(300_000)))} }} }}",
            "a query of more than 1,000,000 characters",
        ),
        (f"ASK {{ VALUES ?x {{{' 1' * 300_000} }} }}", "a query of more than 200,000 words and signs"),
        (f"ASK {{ FILTER(1 IN (1{',1' * 50_000})) }}", "more than 5000 brackets, operators and keywords"),
        ("ASK " + "{" * 100_000, "brackets nested more than 100 deep"),
    ],
    ids=["literal", "comments", "characters", "list", "commas", "brackets"],
)
def test_a_query_that_is_too_long_is_refused(
    run: Run, tmp_path: Path, text: str, reason: str, limits: list[str]
) -> None:
    (tmp_path / "mine.rq").write_text(text, encoding="utf-8")
    for words, stdin in ((["mine.rq"], ""), (["-"], text)):
        ran = run("query", *words, *limits, stdin=stdin, cwd=tmp_path)
        assert (ran.code, ran.stdout) == (3, "")
        assert ran.stderr.startswith(f"evgraph: {words[0]}:")
        assert reason in ran.stderr


def test_a_name_that_resembles_nothing_gets_the_way_out(run: Run) -> None:
    ran = run("query", "describe", "-p", "iri=http://a b")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == (
        "evgraph: -p iri=http://a b: no document, section, organisation or cell in this graph has this name, or these"
        " words in a name or title\n  give one word of its name or title\n"
    )
