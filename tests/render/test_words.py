"""``evgraph validate``: which format it writes, how much of it, and what it says to wrong words."""

from __future__ import annotations

import csv
import datetime
import gc
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from junitparser import Failure, Skipped
from lxml import html as lxml_html
from tests.conftest import ROOT
from tests.render.readers import github_commands, junit_cases, sarif_run

from evgraph.formats import FINDING_FORMATS
from evgraph.render.findings.text import text as text_of
from evgraph.render.findings.view import ReportView
from evgraph.shacl.findings import Finding, Severity
from evgraph.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run

SHACL = "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = SHACL + "".join(
    f"ex:{name} a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property ex:{name}-p . ex:{name}-p sh:path ex:p ;"
    f' sh:datatype ex:{name} ; sh:severity sh:{name} ; sh:message "It is {name}. Mend it." .\n'
    for name in ("Violation", "Warning", "Info")
)
FAULTY = ROOT / "examples" / "faulty.ttl"


def data(count: int) -> str:
    return SHACL + "".join(f"ex:thing-{number:03} ex:p {number} .\n" for number in range(count))


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES, encoding="utf-8")
    return path


def test_people_are_shown_so_many_of_a_rule(run: Run, shapes: Path) -> None:
    def shown(*options: str) -> tuple[int, list[str]]:
        ran = run("validate", "-", "--shapes", shapes, *options, stdin=data(30))
        assert (ran.code, ran.stderr) == (1, "")
        return ran.stdout.count("  - -:"), [line.strip() for line in ran.stdout.splitlines() if "more of this" in line]

    assert shown() == (60, ["… and 10 more of this rule"] * 3)
    assert shown("--max-findings", "29") == (87, ["… and 1 more of this rule"] * 3)
    assert shown("--max-findings", "30") == (90, [])
    assert shown("--max-findings", "0") == (90, [])


def test_html_is_shortened_on_request(run: Run, shapes: Path) -> None:
    def rows(*options: str) -> int:
        ran = run("validate", "-", "--shapes", shapes, "--format", "html", *options, stdin=data(30))
        root = lxml_html.document_fromstring(ran.stdout)
        (head,) = root.xpath("//h1")
        assert head.text == "30 violations, 30 warnings, 30 infos"
        return len(root.xpath("//table[@class='findings']/tbody/tr"))

    assert rows() == 90
    assert rows("--max-findings", "4") == 12
    assert FINDING_FORMATS["html"].most == 1000


def _rows(text: str) -> int:
    return len(list(csv.DictReader(io.StringIO(text, newline=""))))


@pytest.mark.parametrize(
    ("form", "count"),
    [
        ("json", lambda text: len(json.loads(text)["findings"])),
        ("csv", _rows),
        ("spreadsheet", _rows),
        ("sarif", lambda text: len(sarif_run(text)["results"])),
        ("junit", lambda text: len(junit_cases(text))),
    ],
)
def test_programs_get_all(run: Run, shapes: Path, form: str, count: Callable[[str], int]) -> None:
    ran = run("validate", "-", "--shapes", shapes, "--format", form, stdin=data(50))
    assert count(ran.stdout) == 150


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (9, {"error": 9, "warning": 9, "notice": 9}),
        (10, {"error": 10, "warning": 10, "notice": 10}),
        (11, {"error": 10, "warning": 10, "notice": 10}),
    ],
)
def test_github_gets_what_it_shows_and_the_rest_is_counted(
    run: Run, shapes: Path, count: int, expected: dict[str, int]
) -> None:
    (shapes.parent / "data.ttl").write_text(data(count), encoding="utf-8")
    ran = run("validate", "data.ttl", "--shapes", shapes, "--format", "github", cwd=shapes.parent)
    found = github_commands(ran.stdout)
    commands = [command.command for command in found]
    assert {name: commands.count(name) for name in set(commands)} == expected
    assert found[0].properties == {"title": "Violation-p", "file": "data.ttl", "line": "3", "col": "19"}
    assert found[0].text.splitlines() == [
        "It is Violation. Mend it.", "<http://example.org/thing-000>",
        "<http://example.org/thing-000> <http://example.org/p> 0",
    ]  # fmt: skip
    rest = "and 1 violation, 1 warning, 2 infos more; a report as text lists all"
    assert (found[-1].text == rest) is (count > 10)
    assert ran.stdout.splitlines()[-1] == (
        f"evgraph: {count} violations, {count} warnings, {count} infos; {count} things checked"
    )


@pytest.mark.parametrize(
    ("fail_on", "failures"),
    [
        ("violation", {"Violation-p"}),
        ("warning", {"Violation-p", "Warning-p"}),
        ("info", {"Violation-p", "Warning-p", "Info-p"}),
    ],
)
def test_junit_is_red_when_the_exit_code_says_so(run: Run, shapes: Path, fail_on: str, failures: set[str]) -> None:
    ran = run("validate", "-", "--shapes", shapes, "--format", "junit", "--fail-on", fail_on, stdin=data(1))
    assert ran.code == 1
    cases = junit_cases(ran.stdout)
    assert {
        case.classname for case in cases if any(isinstance(outcome, Failure) for outcome in case.result)
    } == failures
    rest = {case.classname for case in cases if any(isinstance(outcome, Skipped) for outcome in case.result)}
    assert rest == {"Violation-p", "Warning-p", "Info-p"} - failures


def test_junit_passes_the_rules_that_are_kept_and_no_others(run: Run) -> None:
    ran = run("validate", FAULTY, "--format", "junit")
    names = {case.classname: [type(outcome) for outcome in case.result] for case in junit_cases(ran.stdout)}
    assert names["EntryShape-position"] == []
    assert names["EntryShape-lists"] == [Failure]
    assert names["unreached-document"] == [Skipped]
    assert "changed-page" not in names, "without --pages nobody looked"
    assert "dead-address" not in names, "without --online nobody asked"


def test_quiet_is_a_line_a_finding_and_nothing_without_one(run: Run, tmp_path: Path) -> None:
    ran = run("validate", FAULTY.name, "--quiet", cwd=FAULTY.parent)
    assert (ran.code, ran.stderr) == (1, "")
    lines = ran.stdout.splitlines()
    assert lines[3] == (
        "faulty.ttl:13:1: violation EntryShape-statedIn: entry:drug-C2/lost-2020 evg:statedIn (nothing): "
        "An entry must name at least one passage (evg:statedIn), an evg:Passage."
    )
    assert len(lines) == 5
    clean = run("validate", ROOT / "tests" / "validation" / "shapes" / "base.ttl", "--quiet")
    assert (clean.code, clean.stdout, clean.stderr) == (0, "", "")
    faulty = run("validate", FAULTY, "--quiet", "-o", tmp_path / "lines.txt")
    assert (faulty.code, faulty.stdout) == (1, "")
    assert len((tmp_path / "lines.txt").read_text(encoding="utf-8").splitlines()) == 5


def test_what_is_in_no_file_is_named_in_its_place(run: Run, shapes: Path) -> None:
    ran = run("validate", "-", "--shapes", shapes, "--quiet", stdin=SHACL + "[] ex:p 1 .")
    assert ran.stdout.startswith("_:d1: violation Violation-p: _:d1 <http://example.org/p> 1: It is Violation.")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("r.html", "html"), ("r.HTM", "html"), ("r.json", "json"), ("r.csv", "csv"), ("r.ttl", "turtle"),
        ("r.sarif", "sarif"), ("r.sarif.json", "sarif"), ("r.xml", "junit"), ("r.txt", "text"), ("r.toml", "waivers"),
        ("r", None), ("r.odt", None), ("-", None),
    ],
)  # fmt: skip
def test_the_name_of_a_file_names_its_format(name: str, form: str | None) -> None:
    found = FINDING_FORMATS.by_suffix(name)
    assert (found.name if found else None) == form


def test_a_format_has_a_place_in_the_table_once() -> None:
    suffixes = [suffix for kind in FINDING_FORMATS.values() for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(name == kind.name and "/" in kind.media_type for name, kind in FINDING_FORMATS.items())


def test_output_is_written_as_its_name_ends_unless_a_format_is_named(run: Run, tmp_path: Path) -> None:
    assert run("validate", FAULTY, "-o", tmp_path / "r.sarif").code == 1
    assert len(sarif_run((tmp_path / "r.sarif").read_text(encoding="utf-8"))["results"]) == 5
    assert run("validate", FAULTY, "-o", tmp_path / "r.sarif", "--format", "json").code == 1
    assert json.loads((tmp_path / "r.sarif").read_text(encoding="utf-8"))["conforms"] is False
    assert run("validate", FAULTY, "-o", tmp_path / "report").code == 1
    assert (tmp_path / "report").read_text(encoding="utf-8").startswith("violation ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "sarif", "--quiet"), "--quiet: sarif has no shorter form"),
        (("-o", "r.html", "--quiet"), "--quiet: html has no shorter form"),
        (("--format", "json", "--max-findings", "3"), "--max-findings: json writes all of them"),
        (("--quiet", "--max-findings", "3"), "--max-findings: --quiet writes all of them"),
        (("--max-findings", "-1"), "-1 is less than 0"),
        (("--max-findings", "many"), "'many' is not a whole number"),
        (("--format", "xlsx"), "'xlsx' is not one of 'text', 'html', 'json', 'csv', 'spreadsheet'"),
        (("--list-rules", "--format", "html"), "rules are listed as text or JSON"),
    ],
)
def test_wrong_words_are_a_usage_error(run: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    ran = run("validate", FAULTY, *words, cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_sarif_places_are_reported_from_the_folder_and_counted_in_utf16(run: Run, tmp_path: Path, shapes: Path) -> None:
    inside, outside = tmp_path / "work" / "données", tmp_path / "else where"
    inside.mkdir(parents=True)
    outside.mkdir()
    (inside / "a.ttl").write_text(SHACL + 'ex:a ex:q "😀é😀" ; ex:p 1 .\r\n', encoding="utf-8")
    (outside / "b.ttl").write_text(SHACL + "ex:b ex:p 1 . [] ex:p 2 .", encoding="utf-8")
    ran = run("validate", "données", outside / "b.ttl", "--shapes", shapes, "--format", "sarif", cwd=tmp_path / "work")
    found = sarif_run(ran.stdout)
    assert found["columnKind"] == "utf16CodeUnits"
    places = {
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: result["locations"][0]["physicalLocation"]
        for result in found["results"]
        if result["level"] == "error"
    }
    column = (SHACL + 'ex:a ex:q "😀é😀" ; ex:p ').splitlines()[-1]
    assert places["http://example.org/a"] == {
        "artifactLocation": {"uri": "donn%C3%A9es/a.ttl", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": len(column.encode("utf-16-le")) // 2 + 1},
    }
    assert places["http://example.org/b"]["artifactLocation"] == {"uri": (outside / "b.ttl").as_uri()}
    (nameless,) = [place for name, place in places.items() if name.startswith("_:")]
    assert set(nameless) == {"artifactLocation"}, "a thing without a name is somewhere in the data"
    assert "%SRCROOT%" in found["originalUriBaseIds"]
    assert str(tmp_path / "work") not in ran.stdout


def test_sarif_fingerprints_stay_when_lines_move(run: Run, shapes: Path) -> None:
    def fingerprints(text: str) -> dict[str, str]:
        ran = run("validate", "-", "--shapes", shapes, "--format", "sarif", stdin=text)
        return {
            f"{result['ruleId']} {result['properties']['triple']}": result["partialFingerprints"]["evgraphStatement/v1"]
            for result in sarif_run(ran.stdout)["results"]
        }

    before = fingerprints(data(3))
    assert len(set(before.values())) == 9
    assert fingerprints("# a line\n\n" + data(3)) == before
    after = fingerprints(data(4))
    assert {name: after[name] for name in before} == before


def test_sarif_has_levels_rules_and_notices(run: Run, shapes: Path) -> None:
    idle = shapes.parent / "idle.ttl"
    idle.write_text(
        SHACL + "ex:U a sh:NodeShape ; sh:targetClass ex:Nobody ; sh:nodeKind sh:IRI ; sh:minCout 1 .", encoding="utf-8"
    )
    ran = run("validate", "-", "--shapes", shapes, "--add-shapes", idle, "--format", "sarif", stdin=data(1))
    found = sarif_run(ran.stdout)
    driver = found["tool"]["driver"]
    assert {rule["id"]: rule["defaultConfiguration"]["level"] for rule in driver["rules"]} == {
        "Violation-p": "error", "Warning-p": "warning", "Info-p": "note",
    }  # fmt: skip
    assert driver["rules"][0]["help"]["markdown"].startswith("**How to fix it.** Mend it.")
    (invocation,) = found["invocations"]
    levels = {
        notification["descriptor"]["id"]: notification["level"]
        for notification in invocation["toolExecutionNotifications"]
    }
    assert levels == {"unused-target": "note", "unknown-shacl-term": "warning", "not-checked": "warning"}
    assert {notification["id"] for notification in driver["notifications"]} == levels.keys()


def test_a_notice_that_is_a_finding_is_reported_in_every_format(run: Run, shapes: Path) -> None:
    idle = shapes.parent / "idle.ttl"
    idle.write_text(SHACL + "ex:U a sh:NodeShape ; sh:targetNode ex:a ; sh:minCout 1 .", encoding="utf-8")
    for form in FINDING_FORMATS:
        words = ("--shapes", shapes, "--add-shapes", idle, "--strict", "--format", form)
        assert "unknown-shacl-term" in run("validate", "-", *words, stdin=data(1)).stdout, form


def test_a_waiver_of_an_address_rests_where_nobody_asks_the_web(run: Run, tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(
        '[[waiver]]\nrule = "dead-address"\nfocus = "doc:a"\nreason = "It moves."\nwho = "A. Librarian"\n',
        encoding="utf-8",
    )
    shutil.copy(FAULTY, tmp_path)
    assert "stale-waiver" not in run("validate", tmp_path).stdout


def many(count: int) -> ReportView:
    position = ox.NamedNode("https://schema.org/position")
    shape = ox.NamedNode("https://w3id.org/evgraph/shapes#S")
    findings = [
        Finding(Severity.VIOLATION, "S", ox.NamedNode(f"http://example.org/{number:06}"), position, ox.Literal("x"),
                "It is wrong.", shape, "http://www.w3.org/ns/shacl#InConstraintComponent")
        for number in range(count)
    ]  # fmt: skip
    return ReportView(Report(findings, (), (), count), datetime.date(2026, 6, 30))


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("form", ["text", "html", "json", "csv", "sarif", "junit"])
def test_many_findings_are_written_piece_by_piece(form: str) -> None:
    view = many(4000)
    usual = gc.get_threshold()
    gc.set_threshold(700)  # The command lets more garbage lie, for its life is short.
    size = 0
    next(iter(FINDING_FORMATS[form].write(view)))  # What is read once: templates, library.
    tracemalloc.start()
    for piece in FINDING_FORMATS[form].write(view):
        size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    gc.set_threshold(*usual)
    assert size > 4000 * 80
    assert peak < 2_500_000, "the findings by rule, and a piece of the report"


def test_text_is_wrapped_to_the_terminal(run: Run, shapes: Path) -> None:
    ran = run("validate", FAULTY, env={"COLUMNS": "60"})
    lines = [line for line in ran.stdout.splitlines() if not line.startswith(("  - ", "    "))]
    assert max(map(len, lines)) <= 60
    assert "  Why it matters: It may be left from an earlier version of\n  a page, or the" in ran.stdout
    wide = run("validate", "-", "--shapes", shapes, stdin=data(1)).stdout
    assert wide.splitlines()[:3] == [
        "violation Violation-p: 1 finding",
        "  It is Violation.",
        "  How to fix it: Mend it.",
    ]


def on_a_terminal(**environment: str) -> str:
    """Run the command on a terminal, and give what arrives there."""
    own, other = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}}
    command = [sys.executable, "-m", "evgraph", "validate", str(FAULTY)]
    done = subprocess.Popen(command, stdout=other, stderr=subprocess.DEVNULL, env=env | {"TERM": "xterm"} | environment)
    os.close(other)
    received = b""
    try:
        while piece := os.read(own, 65536):
            received += piece
    except OSError:
        pass  # The other end is closed.
    os.close(own)
    assert done.wait(timeout=60) == 1
    return received.decode()


@pytest.mark.slow
def test_colours_are_for_terminals_whose_owner_likes_them(run: Run) -> None:
    assert "\x1b[31m\x1b[1mviolation EntryShape-lists\x1b[0m: 1 finding" in on_a_terminal()
    assert "\x1b[" not in on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(TERM="dumb")
    assert "\x1b[" not in run("validate", FAULTY).stdout


def test_colours_change_nothing_else() -> None:
    view = many(2)
    plain = "".join(text_of(view))
    coloured = "".join(text_of(replace(view, colours=True)))
    assert coloured.replace("\x1b[31m\x1b[1m", "").replace("\x1b[0m", "") == plain != coloured


@pytest.mark.slow
def test_with_the_pages_a_finding_shows_the_words_that_it_was_read_from(run: Run, tmp_path: Path) -> None:
    graph, pages = tmp_path / "graph", tmp_path / "pages"
    shutil.copytree(ROOT / "examples" / "pages", pages)
    run("ingest", pages, "-o", graph, "--register", ROOT / "examples" / "register", "--quiet")
    words = "Discussion in bite’s Issues section"  # Of a link that could lead to each of three.
    assert words not in run("validate", graph).stdout
    text = run("validate", graph, "--pages", pages).stdout
    assert f"    read from alcohol-C2:19\n      {words}" in text.replace("\n      ", "\n      ")
    found = json.loads(run("validate", graph, "--pages", pages, "--format", "json").stdout)["findings"]
    assert any(words in finding["page"]["words"] for finding in found if finding["page"])
    results = sarif_run(run("validate", graph, "--pages", pages, "--format", "sarif").stdout)["results"]
    assert any(words in result["message"]["text"] for result in results)
    root = lxml_html.document_fromstring(run("validate", graph, "--pages", pages, "--format", "html").stdout)
    assert any(words in quote.text_content() for quote in root.xpath("//td/q | //th/q"))
    with (pages / "alcohol-c2.txt").open("a", encoding="utf-8") as page:
        page.write("\n")
    changed = run("validate", graph, "--pages", pages).stdout
    assert words not in changed, "the page has changed, and its words may no longer be those"
    assert changed.count("warning changed-page: 1 finding\n") == 1


def test_sarif_gives_a_file_above_the_folder_absolutely(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_bytes(Path("examples/faulty.ttl").read_bytes())
    (tmp_path / "sub").mkdir()
    ran = run("validate", "../data.ttl", "--format", "sarif", cwd=tmp_path / "sub")
    places = {
        json.dumps(location["physicalLocation"]["artifactLocation"])
        for result in sarif_run(ran.stdout)["results"]
        for location in result["locations"]
    }
    assert places == {json.dumps({"uri": (tmp_path / "data.ttl").as_uri()})}


def test_sarif_has_as_many_results_as_code_scanning_takes_and_counts_the_rest(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("validate", "examples/faulty.ttl", "--format", "sarif")
    all_results = sarif_run(run(*words).stdout)["results"]
    monkeypatch.setattr("evgraph.render.findings.sarif.MOST_RESULTS", 2)
    cut = sarif_run(run(*words).stdout)
    assert cut["results"] == all_results[:2]
    notifications = cut["invocations"][0]["toolExecutionNotifications"]
    assert notifications[-1]["message"]["text"] == (
        f"{len(all_results) - 2} more findings are not here: code scanning takes 2. CSV and JSON have all."
    )
    assert {notification["descriptor"]["id"] for notification in notifications} <= {
        notification["id"] for notification in cut["tool"]["driver"]["notifications"]
    }
