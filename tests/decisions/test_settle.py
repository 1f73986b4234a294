"""The command that asks a person about references: through real processes, from a pipe and on a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
import signal
import subprocess
import sys
from select import select
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from tests.conftest import ROOT
from tests.pages.made import page_text

from evgraph.cli.deciding import decide
from evgraph.decisions.file import DecisionFile, Person
from evgraph.decisions.question import Choice, Question
from evgraph.decisions.references import unsettled
from evgraph.namespaces import DCTERMS, EVG, ID, PROV, scheme
from evgraph.rdf.files import read_triples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import Ran, Run

PAGES = ROOT / "examples" / "pages"
REGISTER = ROOT / "examples" / "register"
DAY = ("--date", "2026-01-31")
FIRST = f"{ID}ref/alcohol-C2/payroll-2018/commentary-1"
ISSUE = f"{ID}section/alcohol-C2/issue-"
NEXT = "ref/alcohol-C2/u-0a897f1b3c77/commentary-1"


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """Ingest the example pages."""
    assert ingest(run, tmp_path / "out").code == 0
    return tmp_path / "out"


def ingest(run: Run, folder: Path) -> Ran:
    return run("ingest", PAGES, "-o", folder, "--register", REGISTER, "-q")


def settle(run: Run, folder: Path, *answers: str, more: Sequence[str | Path] = ()) -> Ran:
    typed = "".join(f"{answer}\n" for answer in answers)
    return run("settle", folder, "--pages", PAGES, *DAY, *more, stdin=typed)


def statements(file: Path) -> set[tuple[str, str, str]]:
    triples = read_triples([file])
    return {
        (triple.subject.value, triple.predicate.value, triple.object.value)
        for triple in triples
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal)
    }


def decided(reference: str, *values: tuple[str, str], by: str = f"{ID}agent/curator") -> set[tuple[str, str, str]]:
    """Return the statements of a decision on a reference."""
    made = {(reference, f"{EVG}{name}", value) for name, value in values}
    return made | {(reference, f"{PROV}wasAttributedTo", by), (reference, f"{DCTERMS}date", "2026-01-31")}


def test_a_question_shows_the_words_and_what_each_choice_states(run: Run, folder: Path) -> None:
    done = settle(run, folder)
    study = "“Payroll records of Welsh services (2018)”"
    assert done.code == 0
    assert (
        done.stdout
        == f"""\
11 references to settle; decisions go to {folder}/curated/settled.ttl

1 of 11  {PAGES}/alcohol-c2.txt:19: ambiguous: it may mean 3 things
  in “Staff who chose their supervisor stayed longer” (2018), entry 2 of alcohol:C2
  »Discussion in bite’s Issues section«.

  1  “Who pays for the hour?”, issue 1 of alcohol:C2
       states: {study} is discussed in “Who pays for the hour?”, issue 1 of alcohol:C2
  2  “Watch or listen?”, issue 2 of alcohol:C2
       states: {study} is discussed in “Watch or listen?”, issue 2 of alcohol:C2
  3  “Keep it friendly”, issue 3 of alcohol:C2
       states: {study} is discussed in “Keep it friendly”, issue 3 of alcohol:C2
  o  outside: the target is not among the pages
  l  lost: the link led somewhere that nobody can find
  t  type another target, by its IRI, or its web address
Choice (1-3, several as 1,2, o outside, l lost, t another, s skip, q quit): \n
decided 0 references, skipped 0, 11 still open
"""
    )
    assert not (folder / "curated").exists()


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["2"], decided(FIRST, ("target", f"{ISSUE}2"))),
        (["o"], decided(FIRST, ("resolution", scheme("resolution", "outside")))),
        (["l"], decided(FIRST, ("resolution", scheme("resolution", "dangling")))),
        (
            ["3, 1"],
            decided(FIRST, ("target", f"{ISSUE}3")) | decided(f"{FIRST}-2", ("target", f"{ISSUE}1")),
        ),
        (["t", "section:alcohol-C2/about"], decided(FIRST, ("target", f"{ID}section/alcohol-C2/about"))),
        (
            ["t", "https://example.org/x"],
            decided(FIRST, ("target", "https://example.org/x"), ("resolution", scheme("resolution", "outside"))),
        ),
        (["9", "1,9", "t", "entry:alcohol-C2/jensen-2014", "t", "it", "2"], decided(FIRST, ("target", f"{ISSUE}2"))),
        (["1", "b", "2"], decided(FIRST, ("target", f"{ISSUE}2"))),
        (["s", "b", "2"], decided(FIRST, ("target", f"{ISSUE}2"))),
    ],
    ids=["one", "outside", "lost", "several", "name", "address", "mistakes", "back", "back to a skipped one"],
)
def test_each_choice(run: Run, folder: Path, answers: list[str], expected: set[tuple[str, str, str]]) -> None:
    done = settle(run, folder, *answers, "q")
    assert done.code == 0
    assert done.stdout.endswith(
        f"decided 1 reference, skipped 0, 10 still open\nwritten to {folder}/curated/settled.ttl\n"
        f"next: ingest again, with the same --register if you named one: evgraph ingest {PAGES} -o {folder}\n"
    )
    assert statements(folder / "curated" / "settled.ttl") == expected
    assert ingest(run, folder).code == 0
    assert run("validate", folder, "--quiet").code == 0


def test_what_a_wrong_answer_says(run: Run, folder: Path) -> None:
    shown = settle(run, folder, "9", "t", "section:alcohol-C2/isue-2", "t", "it").stdout
    assert "  '9' is none of the choices\n" in shown
    assert (
        "  nothing in the data that a reference of the kind commentary may mean is section:alcohol-C2/isue-2;"
        " did you mean 'section:alcohol-C2/issue-2'?\n"
    ) in shown
    assert "  'it' is neither a web address nor a name such as entry:drug-E4/timko-2007\n" in shown


@pytest.mark.slow
def test_all_settled_is_valid_and_nothing_is_asked_again(run: Run, folder: Path) -> None:
    done = settle(run, folder, "1", "1", "2", "t", "https://example.org/?q=1", "o", "2", "o", "l", "l", "l", "l")
    assert "decided 11 references, skipped 0, 0 still open" in done.stdout
    assert settle(run, folder).stdout == "no reference to settle\n"
    done = ingest(run, folder)
    assert done.code == 0
    assert done.stdout.splitlines()[:2] == [
        f"decisions in {folder}/curated: 11 used",
        "2 cells (alcohol:C2, drug:C2), 11 entries, 29 references: 21 resolved, 0 ambiguous, 4 dangling, 4 outside",
    ]
    assert run("validate", folder, "--fail-on", "warning", "--quiet").stdout == ""
    assert settle(run, folder).stdout == "no reference to settle\n"


def test_it_continues_where_it_stopped_and_keeps_what_the_file_holds(run: Run, folder: Path) -> None:
    settle(run, folder, "1", "q")
    file = folder / "curated" / "settled.ttl"
    mine = file.read_text(encoding="utf-8").replace(
        "agent:curator .", 'agent:curator .  # My own.\n\n[] dcterms:title "mine"@en .'
    )
    file.write_text(mine, encoding="utf-8")
    done = settle(run, folder, "2", "q", more=("--by", "Jané Doe"))
    assert "1 of 10  " in done.stdout
    text = file.read_text(encoding="utf-8")
    assert (
        text
        == mine
        + """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

agent:jane-doe a prov:Agent ;
    rdfs:label "Jané Doe" .

"""
        + f"""# {PAGES}/alcohol-c2.txt:23: “Watch or listen?”, issue 2 of alcohol:C2
<ref/alcohol-C2/u-0a897f1b3c77/commentary-1> dcterms:date "2026-01-31"^^xsd:date ;
    evg:target <section/alcohol-C2/issue-2> ;
    prov:wasAttributedTo agent:jane-doe .
"""
    )
    settle(run, folder, "3", "q", more=("--by", "Jané Doe"))
    assert file.read_text(encoding="utf-8").count("Jané Doe") == 1


def test_prefixes_that_mean_something_else_are_declared_anew(run: Run, folder: Path) -> None:
    file = folder / "curated" / "settled.ttl"
    file.parent.mkdir()
    file.write_text("@base <https://example.org/> .\n@prefix evg: <x#> .\n<a> evg:b <c> .", encoding="utf-8")
    settle(run, folder, "1", "q")
    expected = {("https://example.org/a", "https://example.org/x#b", "https://example.org/c")}
    assert statements(file) == expected | decided(FIRST, ("target", f"{ISSUE}1"))


def test_another_file_and_an_iri_of_a_person(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.ttl"
    done = settle(run, folder, "1", more=("-o", file, "--by", "https://example.org/jane"))
    assert f"next: move it to {folder}/curated, then ingest again" in done.stdout
    assert statements(file) == decided(FIRST, ("target", f"{ISSUE}1"), by="https://example.org/jane")
    assert "1 of 10  " in settle(run, folder, more=("-o", file)).stdout


@pytest.mark.slow
def test_the_worklist_has_everything_as_comments(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "worklist.ttl"
    done = settle(run, folder, more=("--worklist", file))
    assert (done.code, done.stdout, done.stderr) == (0, "", "11 references to settle\n")
    text = file.read_text(encoding="utf-8")
    assert list(read_triples([file])) == []
    assert (
        f"""
# {PAGES}/alcohol-c2.txt:23: ambiguous: it may mean 3 things
#   in “Clinic standards” (2001), entry 4 of alcohol:C2
#   Related review above and »discussion in bite’s Issues sections (1 2)«.
# <{NEXT}> evg:target <section/alcohol-C2/issue-1> .  # “Who pays for the hour?”, issue 1 of alcohol:C2
"""
        in text
    )
    (folder / "curated").mkdir()
    untouched = folder / "curated" / "worklist.ttl"
    untouched.write_text(text, encoding="utf-8")
    assert ingest(run, folder).stdout.startswith("2 cells")
    assert run("validate", folder, "--quiet").code == 0
    again = settle(run, folder, more=("--worklist", file))
    assert (again.code, again.stderr) == (
        2,
        f"evgraph: {file} exists and may hold decisions\n  choose another name, or remove the file first\n",
    )


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("choice", [0, 1, -2, -1])
def test_any_line_of_the_worklist_that_is_uncommented_is_valid(run: Run, folder: Path, choice: int) -> None:
    text = settle(run, folder, more=("--worklist", "-")).stdout
    blocks = text.split("\n\n")
    for number, block in enumerate(blocks):
        lines = re.findall(r"^# (<ref/.*)", block, re.MULTILINE)
        if lines:
            line = lines[min(choice, len(lines) - 1)]
            blocks[number] = block.replace(f"# {line}", line)
    (folder / "curated").mkdir()
    (folder / "curated" / "worklist.ttl").write_text("\n\n".join(blocks), encoding="utf-8")
    done = ingest(run, folder)
    assert (done.code, done.stdout.splitlines()[0]) == (0, f"decisions in {folder}/curated: 11 used")
    assert run("validate", folder, "--fail-on", "warning", "--quiet").stdout == ""


def test_a_page_that_changed_is_named_and_its_words_are_not_shown(run: Run, folder: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    text = (PAGES / "alcohol-c2.txt").read_text(encoding="utf-8")
    (pages / "alcohol-c2.txt").write_text(f"{text}\n", encoding="utf-8")
    done = run("settle", folder, "--pages", pages)
    assert f"note: the page of cell:alcohol-C2 has changed: {pages}/alcohol-c2.txt is not the text that" in done.stderr
    assert "no file of " in done.stderr
    assert "\n1 of 11  alcohol-C2:19: ambiguous: it may mean 3 things\n" in done.stdout
    assert "»" not in done.stdout


def test_without_pages_only_the_line_is_shown(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVGRAPH_PAGES", raising=False)
    done = run("settle", folder)
    assert "add --pages PATH to see the words of each\n\n1 of 11  alcohol-C2:19: ambiguous" in done.stdout


def test_a_folder_that_was_not_ingested(run: Run, tmp_path: Path) -> None:
    done = run("settle", tmp_path)
    assert (done.code, done.stdout, done.stderr) == (
        3,
        "",
        f"evgraph: {tmp_path}: holds no cells/*.ttl\n  name a folder that pages were ingested into\n",
    )


def test_a_folder_that_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("settle", tmp_path / "no")
    assert (done.code, done.stderr) == (3, f"evgraph: {tmp_path / 'no'}: no such folder\n  check the name\n")


def test_a_file_that_cannot_be_written(run: Run, folder: Path) -> None:
    (folder / "curated").write_text("in the way", encoding="utf-8")
    done = settle(run, folder, "1")
    assert (done.code, done.stderr) == (
        3,
        f"evgraph: {folder}/curated/settled.ttl: cannot be read: Not a directory\n",
    )


def test_a_broken_file_is_not_added_to(run: Run, folder: Path) -> None:
    file = folder / "curated" / "settled.ttl"
    file.parent.mkdir()
    file.write_text("<a> <b> ", encoding="utf-8")
    done = settle(run, folder, "1")
    assert done.code == 3
    assert done.stderr.startswith(f"evgraph: {file}:1: not well-formed turtle")
    assert file.read_text(encoding="utf-8") == "<a> <b> "


def test_no_control_character_of_a_headline_reaches_the_terminal(run: Run, folder: Path) -> None:
    cell = folder / "cells" / "alcohol-C2.ttl"
    text = cell.read_text(encoding="utf-8")
    cell.write_text(text.replace("Who pays for the hour?", "Who\\u001B[31m pays\\u202E?\\n"), encoding="utf-8")
    done = settle(run, folder, "1")
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "1  “Who⟨U+001B⟩[31m pays⟨U+202E⟩? ”, issue 1 of alcohol:C2" in done.stdout
    written = (folder / "curated" / "settled.ttl").read_text(encoding="utf-8")
    assert "\x1b" not in written
    worklist = settle(run, folder, more=("--worklist", "-")).stdout
    assert list(ox.parse(worklist, format=ox.RdfFormat.TURTLE)) == []


def start(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the command on a terminal of its own; return the process and the terminal."""
    terminal, its_end = pty.openpty()
    command = [sys.executable, "-m", "evgraph", "settle", str(folder), "--pages", str(PAGES), *DAY]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "PYTHONUTF8": "1"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdin=its_end, stdout=its_end, stderr=its_end, env=environment)
    os.close(its_end)
    return process, terminal


def read_until(terminal: int, words: str) -> str:
    """Read what a terminal shows up to some words."""
    shown = b""
    while words.encode() not in shown:
        assert select([terminal], [], [], 60)[0], shown
        shown += os.read(terminal, 4096)
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")


def test_on_a_terminal(folder: Path) -> None:
    process, terminal = start(folder)
    shown = read_until(terminal, "q quit): ")
    assert "\n  »\x1b[1mDiscussion in bite’s Issues section\x1b[0m«.\n" in shown
    os.write(terminal, b"2\n")
    assert "2 of 11" in read_until(terminal, "q quit): ")
    os.write(terminal, b"q\n")
    assert "decided 1 reference, skipped 0, 10 still open" in read_until(terminal, "next: ")
    assert process.wait(30) == 0
    os.close(terminal)
    assert statements(folder / "curated" / "settled.ttl") == decided(FIRST, ("target", f"{ISSUE}2"))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=lambda end: end.name)
@pytest.mark.usefixtures("interruptible")
def test_an_end_in_the_middle_keeps_what_was_decided(folder: Path, end: signal.Signals) -> None:
    process, terminal = start(folder)
    read_until(terminal, "q quit): ")
    os.write(terminal, b"2\n")
    read_until(terminal, "2 of 11")
    process.send_signal(end)
    assert process.wait(30) == -end
    os.close(terminal)
    assert statements(folder / "curated" / "settled.ttl") == decided(FIRST, ("target", f"{ISSUE}2"))


def test_a_file_that_changed_in_the_meantime_is_not_overwritten(folder: Path) -> None:
    process, terminal = start(folder)
    read_until(terminal, "q quit): ")
    file = folder / "curated" / "settled.ttl"
    file.parent.mkdir()
    file.write_text("# somebody else's", encoding="utf-8")
    os.write(terminal, b"2\n")
    shown = read_until(terminal, "start again: what is decided is not asked again")
    assert "settled.ttl: changed while you were deciding; the last decision is not written" in shown
    assert process.wait(30) == 3
    os.close(terminal)
    assert file.read_text(encoding="utf-8") == "# somebody else's"


def test_what_a_careful_reader_takes_the_words_to_mean_comes_first(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    bite = "Issues to consider and discuss\n\n\nWho pays? Nobody does.\n\n\nWho gains? See the review (listed above)."
    entries = ("K One (2001). N.", "R Two (2002). Discussion in bite’s Issues section.")
    page.write_text(page_text(*entries, bite=bite), encoding="utf-8")
    run("ingest", page, "-o", tmp_path / "out")
    (question,) = unsettled(tmp_path / "out", page).questions
    assert [(choice.key, choice.name, choice.reason) for choice in question.choices[:2]] == [
        ("1", "“Who gains?”, issue 2 of drug:C2", "proposed: issue 2 says “review (listed above)”"),
        ("2", "“Who pays?”, issue 1 of drug:C2", ""),
    ]


def test_a_reference_that_nothing_fits_offers_the_entries_that_may_be_meant(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    entries = ("K One (2001). Corresponding study above.", "R Two (2002). No.", "S Three (2003). No.")
    page.write_text(page_text(*entries), encoding="utf-8")
    run("ingest", page, "-o", tmp_path / "out")
    (question,) = unsettled(tmp_path / "out", page).questions
    assert question.heading == "dangling: its target is lost"
    assert question.passage == ("", "Corresponding study above", ".")
    assert [(choice.key, choice.name, choice.meaning) for choice in question.choices] == [
        ("1", "“Three” (2003), entry 3 of drug:C2", "“One” corresponds to “Three”"),
        ("o", "outside", "the target is not among the pages"),
        ("l", "lost", "the link led somewhere that nobody can find"),
    ]


def test_reconcile_asks_too(run: Run, folder: Path) -> None:
    done = run("reconcile", folder, "--register", REGISTER, *DAY, "--by", "Jo", stdin="a\n")
    assert (
        done.stdout
        == f"""\
1 proposal for 1 document; decisions go to {folder}/curated/reconciled.ttl

1 of 1  Clinic standards: may be Riverside standards (2001)
  doc:u-0a897f1b3c77
  doc:riverside-2001
  same year (2001)
  same publisher (riverside)
  same country (US)
  same kind (Guidance)
  headlines 82% alike (“Standards for clinics”)

  a  accept: they are one document
  r  reject: they are two documents, for good
Choice (a accept, r reject, s skip, q quit): \

decided 1 proposal, skipped 0, 0 still open
written to {folder}/curated/reconciled.ttl
next: ingest the pages again, to use them
"""
    )
    assert (
        (folder / "curated" / "reconciled.ttl")
        .read_text(encoding="utf-8")
        .endswith("""
# Clinic standards: accept
# Decided by Jo, 2026-01-31.
doc:u-0a897f1b3c77 dcterms:isReplacedBy doc:riverside-2001 .
""")
    )
    assert ingest(run, folder).stdout.startswith(f"decisions in {folder}/curated: 1 used\n")
    assert run("validate", folder, "--quiet").code == 0
    again = run("reconcile", folder, "--register", REGISTER)
    assert (again.code, again.stdout) == (0, "no proposals\n")


def test_an_accepted_document_is_not_asked_about_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accept, refuse = (Choice(key, key, key, (), closes_group=key == "a") for key in "ar")
    questions = [Question(f"x:{n}", f"q{n}", "?", (), (accept, refuse), group=group) for n, group in enumerate("AAB")]
    file = DecisionFile(tmp_path / "x.ttl", "", Person(f"{ID}agent/curator"), "2026-01-31")
    monkeypatch.setattr("sys.stdin", io.StringIO("r\nb\na\ns\n"))
    outcome = decide(questions, file)
    assert [(question.place, choice.key) for question, choice in outcome.decisions] == [("q0", "a")]
    assert outcome[1:] == (1, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-"], "DATA is standard input, where your answers come from\n  name a file, or add --worklist"),
        (["{}/documents.ttl"], "{}/documents.ttl is no folder with a curated/ for the decisions"),
        (["{}", "--date", "May"], "'May' is not a date; write 2026-01-31"),
    ],
)
def test_what_reconcile_refuses(run: Run, folder: Path, words: list[str], message: str) -> None:
    done = run("reconcile", *(word.format(folder) for word in words))
    assert done.code == 2
    assert message.format(folder) in done.stderr
