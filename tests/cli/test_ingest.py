from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse
from tests.conftest import ROOT, STARTED
from tests.pages.made import FOLDED, LEGEND, page_text, title

from evgraph.namespaces import EVG, ID, OA

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ran, Run

    from evgraph.pages.cell import Cell
    from evgraph.pages.page import Page

PAGES = ROOT / "examples" / "pages"
REGISTER = ROOT / "examples" / "register"
ENTRIES = ("K One (2001). Related review below.", "R Two (2002). No.", "R Three (2003). No.")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(page_text(*ENTRIES), encoding="utf-8")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def objects(file: Path, subject: str, predicate: str) -> list[str]:
    found = parse(file.read_bytes(), format=RdfFormat.TURTLE)
    return [
        quad.object.value
        for quad in found
        if str(quad.subject) == f"<{subject}>" and quad.predicate.value == predicate and hasattr(quad.object, "value")
    ]


def graph(folder: Path, cell: str = "drug-C2") -> Path:
    return folder / "cells" / f"{cell}.ttl"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def last_line(ran: Ran) -> str:
    return ran.stdout.splitlines()[-1]


# What is written.


def test_pages_become_a_self_contained_folder(run: Run, out: Path) -> None:
    ran = run("ingest", PAGES, "-o", out, "--register", REGISTER, "-q")
    assert (ran.code, ran.stderr) == (0, "")
    assert files(out) == ["cells/alcohol-C2.ttl", "cells/drug-C2.ttl", "documents.ttl", "organisations.ttl"]
    assert ran.stdout.splitlines()[0] == (
        "2 cells (alcohol:C2, drug:C2), 11 entries, 29 references: 16 resolved, 4 ambiguous, 7 dangling, 2 outside"
    )
    assert "@prefix doc:" in (out / "documents.ttl").read_text(encoding="utf-8")


def test_two_runs_write_the_same_bytes_whatever_the_order_of_the_pages(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    names = sorted(PAGES.glob("*.txt"))
    run("ingest", *names, "-o", first, "--register", REGISTER)
    run("ingest", *reversed(names), "-o", second, "--register", REGISTER)
    run("ingest", *names, "-o", second, "--register", REGISTER)
    assert files(first) == files(second)
    for name in files(first):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_what_is_written_is_valid(run: Run, out: Path) -> None:
    run("ingest", PAGES, "-o", out, "--register", REGISTER)
    ran = run("validate", out)
    assert ran.code == 0, ran.stdout


def test_other_cells_in_the_folder_stay_and_are_known(run: Run, out: Path) -> None:
    run("ingest", PAGES / "alcohol-c2.txt", "-o", out, "--register", REGISTER)
    before = graph(out, "alcohol-C2").read_bytes()
    run("ingest", PAGES / "drug-c2.txt", "-o", out, "--register", REGISTER)
    assert graph(out, "alcohol-C2").read_bytes() == before
    reference = f"{ID}ref/drug-C2/tremblay-2009/cell-1"
    assert objects(graph(out), reference, f"{EVG}resolution") == [f"{ID}scheme/resolution/resolved"]
    assert "\ndoc:payroll-2018 a evg:Document" in (out / "documents.ttl").read_text(encoding="utf-8")


def test_text_date_and_address_only_with_their_options(run: Run, page: Path, out: Path) -> None:
    run("ingest", page, "-o", out)
    plain = graph(out).read_text(encoding="utf-8")
    assert "Related review below" not in plain
    assert OA + "exact" not in plain
    assert "oa:exact" not in plain
    ran = run(
        "ingest", page, "-o", out, "--with-text", "--captured", "2026-01-31", "--source", "https://example.org/c2?f=1"
    )
    assert ran.code == 0
    text = graph(out).read_text(encoding="utf-8")
    assert 'oa:exact "Related review below."' in text
    assert 'dcterms:date "2026-01-31"^^xsd:date' in text
    assert "<https://example.org/c2?f=1>" in text


# The report.


def test_each_unsettled_reference_has_its_location_and_what_it_may_mean(run: Run, page: Path, out: Path) -> None:
    ran = run("ingest", page, "-o", out)
    assert ran.stdout.splitlines()[:4] == [
        f"{page}:7: ambiguous: Related review below",
        "    may be “Two” (entry 2); “Three” (entry 3)",
        "",
        f"1 reference to settle: evgraph settle {out} --pages {page}",
    ]


def test_a_lost_link_says_what_to_do(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(page_text("K One (2001). For discussion click here."), encoding="utf-8")
    advice = run("ingest", page, "-o", out).stdout.splitlines()[1]
    assert (
        advice == "    the page lacks its Matrix Bite (the commentary): save it with the Matrix Bite unfolded, as HTML"
    )
    bite = "What is this cell about? Staff.\n\nWhere should I start? Here."
    page.write_text(page_text("K One (2001). For discussion click here.", bite=bite), encoding="utf-8")
    advice = run("ingest", page, "-o", out).stdout.splitlines()[1]
    assert advice == "    the link to a section of the Matrix Bite (the commentary) is lost"


def test_no_control_character_of_a_page_reaches_the_terminal(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(page_text(ENTRIES[0], "R T\x1b[31mwo (2002). No.", "R Three (2003). No."), encoding="utf-8")
    ran = run("ingest", page, "-o", out)
    assert "\x1b" not in ran.stdout
    assert "“T⟨U+001B⟩[31mwo” (entry 2)" in ran.stdout


@pytest.fixture
def curated(run: Run, page: Path, out: Path) -> Path:
    """Ingest the page, and return a file for decisions that is not yet there."""
    run("ingest", page, "-o", out)
    (out / "curated").mkdir()
    return out / "curated" / "mine.ttl"


def decide(curated: Path, *statements: str) -> None:
    """Write decisions on the reference of the first entry, ``REF``, and the others, ``TWO`` and ``THREE``."""
    text = graph(curated.parent.parent).read_text(encoding="utf-8")
    first, second, third = (
        text.partition(f'schema:headline "{name}"')[0].rpartition("\n<entry/")[2].split(">")[0]
        for name in ("One", "Two", "Three")
    )
    for short, name in {"REF": f"ref/{first}/related-1", "TWO": f"entry/{second}", "THREE": f"entry/{third}"}.items():
        statements = tuple(statement.replace(short, name) for statement in statements)
    head = f"@base <{ID}> .\n@prefix evg: <{EVG}> .\n@prefix resolution: <{ID}scheme/resolution/> .\n"
    curated.write_text("\n".join([head, *statements]), encoding="utf-8")


COUNTS = "1 cell (drug:C2), 3 entries, 1 reference: "


@pytest.mark.default_cases(1)
@pytest.mark.parametrize(
    ("statements", "counts", "report"),
    [
        (["<REF> evg:target <TWO> ."], "1 resolved, 0 ambiguous, 0 dangling, 0 outside", "1 used"),
        (["<REF> evg:resolution resolution:outside ."], "0 resolved, 0 ambiguous, 0 dangling, 1 outside", "1 used"),
        (["<REF> evg:resolution resolution:dangling ."], "0 resolved, 0 ambiguous, 1 dangling, 0 outside", "1 used"),
        (
            ["<REF> evg:resolution resolution:outside ; evg:target <https://example.org/x> ."],
            "0 resolved, 0 ambiguous, 0 dangling, 1 outside",
            "1 used",
        ),
    ],
)
def test_decide_and_run_again(
    run: Run, page: Path, out: Path, curated: Path, statements: list[str], counts: str, report: str
) -> None:
    decide(curated, *statements)
    written = curated.read_bytes()
    again = run("ingest", page, "-o", out)
    assert again.code == 0
    assert again.stdout.splitlines()[:2] == [f"decisions in {out / 'curated'}: {report}", COUNTS + counts]
    assert "to settle" not in again.stdout
    assert "prov:wasAttributedTo agent:curator" in graph(out).read_text(encoding="utf-8")
    assert curated.read_bytes() == written
    validated = run("validate", out, "--quiet")
    assert validated.code == 0
    assert "-reference:" not in validated.stdout  # No dangling or ambiguous reference.
    assert len(run("query", "unsettled-references", "--data", out, "--format", "csv").stdout.splitlines()) == 1


def test_words_that_mean_several_things_get_a_reference_for_each(
    run: Run, page: Path, out: Path, curated: Path
) -> None:
    decide(curated, "<REF> evg:target <TWO> .", "<REF-2> evg:target <THREE> .")
    again = run("ingest", page, "-o", out)
    assert again.stdout.splitlines()[:2] == [
        f"decisions in {out / 'curated'}: 2 used",
        "1 cell (drug:C2), 3 entries, 2 references: 2 resolved, 0 ambiguous, 0 dangling, 0 outside",
    ]
    text = graph(out).read_text(encoding="utf-8")
    assert text.count("rdf:predicate evg:relatedTo") == 2
    validated = run("validate", out, "--quiet")
    assert validated.code == 0
    assert "-reference:" not in validated.stdout  # No dangling or ambiguous reference.


@pytest.mark.default_cases(3)
@pytest.mark.parametrize(
    ("statement", "where", "reason"),
    [
        ("<REF> evg:target <entry/drug-C2/none> .", "6:51", "cannot be used: nothing describes entry:drug-C2/none"),
        ("<REF> evg:resolution resolution:ambiguous .", "6:55", "cannot be used: a person can decide on outside or"),
        ("<REF> evg:target <https://example.org> .", "6:51", "cannot be used: https://example.org is no target in the"),
        ("<ref/drug-C2/x/related-9> evg:target <TWO> .", "6:38", "cannot be used: no page has ref:drug-C2/x/related-9"),
        ("<REF-2> evg:target <TWO> .", "6:53", "cannot be used: no page has ref:drug-C2/u-"),
        ("<doc/u-0123456789ab> dcterms:isReplacedBy <doc/x> .", "6:43", "cannot be used: nothing describes doc:x"),
        (
            "<doc/u-0123456789ab> dcterms:isReplacedBy <doc/timko-2007> .",
            "6:43",
            "cannot be used: no page has a document with the key doc:u-0123456789ab",
        ),
        ("<REF> evg:target <TWO>, <THREE> .", "6:", "no effect: ref:drug-C2/u-"),
    ],
)
def test_decisions_that_do_nothing_are_named_with_their_place(
    run: Run, page: Path, out: Path, curated: Path, statement: str, where: str, reason: str
) -> None:
    decide(curated, "@prefix dcterms: <http://purl.org/dc/terms/> .", statement)
    again = run("ingest", page, "-o", out, "-q")
    assert again.stdout.startswith(f"{curated}:{where}")
    assert f": {reason}" in again.stdout.splitlines()[0]
    assert again.code == (0 if reason.startswith("no effect") else 1)


def test_a_decision_that_the_page_makes_needless(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(page_text(*ENTRIES[:2]), encoding="utf-8")
    run("ingest", page, "-o", out)
    text = graph(out).read_text(encoding="utf-8")
    reference = text.partition("\n<ref/")[2].split(">")[0]
    target = text.partition("evg:target <")[2].split(">")[0]
    curated = out / "curated" / "mine.ttl"
    curated.parent.mkdir()
    curated.write_text(f"@base <{ID}> .\n<ref/{reference}> <{EVG}target> <{target}> .", encoding="utf-8")
    again = run("ingest", page, "-o", out)
    assert again.code == 0
    assert again.stdout.splitlines()[0].endswith(f": no effect: the page says the same of ref:{reference}")


def test_decisions_on_cells_of_earlier_runs_wait_for_their_pages(
    run: Run, page: Path, out: Path, curated: Path
) -> None:
    decide(curated, "<REF> evg:target <TWO> .")
    other = page.with_name("other.txt")
    other.write_text(page_text("K Four (2004). No.", square="C3"), encoding="utf-8")
    waiting = (
        f"decisions in {out / 'curated'} that wait for the pages of these cells, to be ingested again: drug:C2 (1)"
    )
    assert run("ingest", other, "-o", out).stdout.splitlines()[0] == waiting
    run("ingest", page, "-o", out)
    assert "decisions in" not in run("ingest", other, "-o", out).stdout


def test_to_name_a_document_and_run_again(run: Run, page: Path, out: Path) -> None:
    line = last_line(run("ingest", page, "-o", out))
    assert line == ("3 documents are not in the register; to find known ones among them: evgraph reconcile " + str(out))
    curated = out / "curated" / "names.ttl"
    curated.parent.mkdir()
    key = graph(out).read_text(encoding="utf-8").partition("evg:lists doc:")[2].split()[0]
    curated.write_text(
        f"@base <{ID}> .\n<doc/{key}> <http://purl.org/dc/terms/isReplacedBy> <doc/jo-2001> .\n"
        f"<doc/jo-2001> a <{EVG}Document> .",
        encoding="utf-8",
    )
    again = run("ingest", page, "-o", out)
    assert again.code == 0
    assert "2 documents are not in the register" in again.stdout
    assert "\n<entry/drug-C2/jo-2001> a evg:Entry" in graph(out).read_text(encoding="utf-8")


def test_quiet_counts_and_lists_nothing(run: Run, page: Path, out: Path) -> None:
    ran = run("ingest", page, "-o", out, "--quiet")
    assert ran.stdout.splitlines()[0] == (
        "1 cell (drug:C2), 3 entries, 1 reference: 0 resolved, 1 ambiguous, 0 dangling, 0 outside"
    )
    assert len(ran.stdout.splitlines()) == 2


def test_lines_not_understood_are_listed_and_end_in_1(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "odd.txt"
    page.write_text(page_text(*ENTRIES, "Loose words " + "and more " * 30), encoding="utf-8")
    ran = run("ingest", page, "-o", out, "-q")
    assert ran.code == 1
    line = ran.stdout.splitlines()[0]
    assert line.startswith(f"{page}:13: not understood: Loose words and more")
    assert line.endswith("…")
    assert graph(out).is_file()


def test_a_page_that_is_not_utf8_is_read_with_a_notice(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "old.txt"
    page.write_bytes(page_text("K The clinic’s way (2001). No.").encode("cp1252"))
    ran = run("ingest", page, "-o", out, "-q")
    assert ran.code == 0
    assert ran.stderr == f"{page}: line 7 is not UTF-8; the page was read as Windows-1252\n"
    assert "The clinic’s way" in graph(out).read_text(encoding="utf-8")


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_page_that_was_cut_off(run: Run, tmp_path: Path, out: Path, kept: float) -> None:
    raw = (PAGES / "alcohol-c2.txt").read_bytes()
    page = tmp_path / "cut.txt"
    page.write_bytes(raw[: int(len(raw) * kept)])
    ran = run("ingest", page, "-o", out, "-q", "--register", REGISTER)
    assert ran.code in (0, 1)
    assert graph(out, "alcohol-C2").is_file()
    assert ran.stdout.count("not understood") <= 1


# The cell.


def test_the_cell_of_a_page_that_does_not_name_it(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "nameless.txt"
    page.write_text("\n\n".join([LEGEND, *ENTRIES, FOLDED]), encoding="utf-8")
    ran = run("ingest", page, "-o", out)
    assert ran.code == 3
    assert ran.stderr == (
        f"evgraph: {page}: the page does not say which cell it is\n  name it: --cell drug:E4 or --cell alcohol:E4\n"
    )
    assert not out.exists()
    assert run("ingest", page, "-o", out, "--cell", "alcohol:D3").code == 0
    assert graph(out, "alcohol-D3").is_file()


def test_the_cell_option_contradicts_the_page(run: Run, page: Path, out: Path) -> None:
    ran = run("ingest", page, "-o", out, "--cell", "drug:E4")
    assert ran.code == 2
    assert "the page says that it is drug:C2, not drug:E4\n  leave --cell out for this page" in ran.stderr
    assert not out.exists()


def test_two_pages_of_one_cell(run: Run, page: Path, tmp_path: Path, out: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(page_text("K Other (2010). No."), encoding="utf-8")
    ran = run("ingest", page, other, page, "-o", out, "-q")
    assert ran.code == 3
    assert ran.stderr == (
        f"evgraph: {other}: a second page of drug:C2, which was read from {page}\n"
        "  ingest one version of a cell at a time\n"
    )
    assert "3 entries" in ran.stdout


# The register.


def test_a_register_that_people_keep_in_the_folder_is_used_and_never_touched(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    kept = (REGISTER / "documents.ttl").read_bytes()
    (folder / "documents.ttl").write_bytes(kept)
    ran = run("ingest", PAGES / "alcohol-c2.txt", "-o", folder)
    assert ran.code == 0
    assert "1 document is not in the register" in ran.stdout
    assert (folder / "documents.ttl").read_bytes() == kept
    assert "entry/alcohol-C2/payroll-2018" in graph(folder, "alcohol-C2").read_text(encoding="utf-8")


def test_a_withdrawn_decision_is_gone_after_the_next_run(run: Run, tmp_path: Path, out: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    documents = (REGISTER / "documents.ttl").read_text(encoding="utf-8")
    (mine / "documents.ttl").write_text(documents, encoding="utf-8")
    run("ingest", PAGES, "-o", out, "--register", mine)
    assert "<entry/drug-C2/jensen-2014>" in graph(out).read_text(encoding="utf-8")
    decision = next(line for line in documents.splitlines() if line.endswith("isReplacedBy doc:tremblay-2009 ."))
    changed = documents.replace(decision, "").replace('"Jensen & Holm (2014)"', '"Jensen and Holm"')
    (mine / "documents.ttl").write_text(changed, encoding="utf-8")
    run("ingest", PAGES, "-o", out, "--register", mine)
    assert "tremblay-2009" not in graph(out).read_text(encoding="utf-8")
    written = (out / "documents.ttl").read_text(encoding="utf-8")
    assert '"Jensen and Holm"' in written
    assert "Jensen & Holm" not in written
    assert "tremblay-2009" not in written


def test_to_forget_the_register_loses_no_document(run: Run, out: Path) -> None:
    run("ingest", PAGES / "alcohol-c2.txt", "-o", out, "--register", REGISTER)
    before = graph(out, "alcohol-C2").read_bytes()
    ran = run("ingest", PAGES / "alcohol-c2.txt", "-o", out)
    assert ran.code == 2
    assert ran.stderr == (
        f"evgraph: {out} was ingested with another register: the shipped one does not identify doc:bell-2006\n"
        f"  name it with --register; to use the shipped one, remove {out / 'documents.ttl'} first\n"
    )
    assert graph(out, "alcohol-C2").read_bytes() == before
    (out / "documents.ttl").unlink()
    assert run("ingest", PAGES / "alcohol-c2.txt", "-o", out).code == 0


def test_the_register_may_be_named_by_the_environment(run: Run, out: Path) -> None:
    ran = run("ingest", PAGES / "alcohol-c2.txt", "-o", out, "-q", env={"EVGRAPH_REGISTER": str(REGISTER)})
    assert "1 document is not in the register" in ran.stdout


def test_curated_files_are_read_and_never_touched(run: Run, page: Path, out: Path) -> None:
    curated = out / "curated"
    (curated / "deep").mkdir(parents=True)
    (curated / "deep" / "note.ttl").write_text(f"<{ID}claim/x> a <{EVG}Claim> .", encoding="utf-8")
    (curated / "read me.md").write_text("# Ours", encoding="utf-8")
    before = {name: (curated / name).stat().st_mtime_ns for name in files(curated)}
    assert run("ingest", page, "-o", out).code == 0
    assert {name: (curated / name).stat().st_mtime_ns for name in files(curated)} == before


def test_a_broken_curated_file_is_an_error_with_its_line(run: Run, page: Path, out: Path) -> None:
    curated = out / "curated" / "mine.ttl"
    curated.parent.mkdir(parents=True)
    curated.write_text(f"@base <{ID}> .\n<ref/x> evg:target <y> .", encoding="utf-8")
    ran = run("ingest", page, "-o", out)
    assert ran.code == 3
    assert ran.stderr.startswith(f"evgraph: {curated}:2: not well-formed turtle")
    assert not graph(out).exists()


@pytest.mark.parametrize("made", [False, True])
def test_a_register_that_is_none(run: Run, page: Path, tmp_path: Path, out: Path, made: bool) -> None:
    place = tmp_path / "nothing"
    if made:
        place.mkdir()
    ran = run("ingest", page, "-o", out, "--register", place)
    assert ran.code == 3
    assert f"{place}: " in ran.stderr
    assert not out.exists()


# What goes wrong.


def test_a_page_that_cannot_be_read_does_not_stop_the_rest(run: Run, page: Path, tmp_path: Path, out: Path) -> None:
    null = tmp_path / "null.txt"
    null.write_bytes(b"one\ntwo\0")
    ran = run("ingest", null, tmp_path / "none.txt", page, "-o", out, "-q")
    assert ran.code == 3
    assert ran.stderr == (
        f"evgraph: {null}:2: not text: it holds a null byte\n  save the web page as text\n"
        f"evgraph: {tmp_path / 'none.txt'}: no such page\n  check the name\n"
    )
    assert ran.stdout.startswith("1 cell (drug:C2), 3 entries")
    assert graph(out).is_file()


def test_nothing_is_written_if_no_page_can_be_read(run: Run, tmp_path: Path, out: Path) -> None:
    ran = run("ingest", tmp_path / "none.txt", "-o", out)
    assert (ran.code, ran.stdout) == (3, "")
    assert not out.exists()


def test_a_folder_without_pages(run: Run, tmp_path: Path, out: Path) -> None:
    ran = run("ingest", tmp_path, "-o", out)
    assert ran.code == 3
    assert ran.stderr.startswith(f"evgraph: {tmp_path}: no page in this folder\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--captured", "2026-02-31"], "'2026-02-31' is not a date; write 2026-01-31"),
        (["--captured", "yesterday"], "'yesterday' is not a date"),
        (["--source", "ftp://example.org"], "'ftp://example.org' is not an http address"),
        (["--source", "https://exa mple.org"], "is not an http address"),
        (["--source", "http://"], "is not an http address"),
        (["--source", "http://[example.org/"], "is not an http address"),
        (["--cell", "E4"], "'E4' is not a cell\n  name it: --cell drug:E4 or --cell alcohol:E4"),
        (["--cell", "drug:E9"], "'drug:E9' is not a cell"),
        (["--nonsense"], "there is no option --nonsense"),
    ],
)
def test_usage_errors(run: Run, page: Path, out: Path, args: list[str], message: str) -> None:
    ran = run("ingest", page, "-o", out, *args)
    assert ran.code == 2
    assert message in ran.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    "args", [["--cell", "drug:C2"], ["--captured", "2026-01-31"], ["--source", "https://example.org"]]
)
def test_options_for_one_page_need_one_page(run: Run, out: Path, args: list[str]) -> None:
    ran = run("ingest", PAGES, "-o", out, *args)
    assert ran.code == 2
    assert "--cell, --captured and --source describe one page, not 2\n  ingest that page alone" in ran.stderr


def test_no_page_and_no_folder_are_usage_errors(run: Run, page: Path) -> None:
    assert run("ingest", "-o", "x").code == 2
    assert run("ingest", page).code == 2


def test_an_output_folder_that_is_a_file(run: Run, page: Path) -> None:
    ran = run("ingest", page, "-o", page)
    assert ran.code == 2
    assert "is a file" in ran.stderr


def test_a_place_that_cannot_be_written(run: Run, page: Path, out: Path) -> None:
    out.mkdir()
    (out / "cells").write_text("in the way", encoding="utf-8")
    ran = run("ingest", page, "-o", out)
    assert ran.code == 3
    assert "cannot be written" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert files(out) == ["cells"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder(run: Run, page: Path, out: Path) -> None:
    out.mkdir(mode=0o500)
    ran = run("ingest", page, "-o", out)
    assert ran.code == 3
    assert "cannot be written: Permission denied" in ran.stderr


def test_the_help_names_an_example(run: Run) -> None:
    ran = run("ingest", "--help")
    assert ran.code == 0
    assert "evgraph ingest examples/pages -o my-graph" in ran.stdout


def test_a_page_without_entries_is_refused_and_the_cell_read_before_stays(run: Run, tmp_path: Path, out: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(page_text("K One (2010). It held.", matrix="Alcohol", square="A5"), encoding="utf-8")
    assert run("ingest", page, "-o", out).code == 0
    before = (out / "cells" / "alcohol-A5.ttl").read_bytes()
    page.write_text(title("Alcohol", "A5"), encoding="utf-8")
    for options in ((), ("--cell", "alcohol:A5")):
        ran = run("ingest", page, "-o", out, *options)
        assert (ran.code, ran.stdout) == (3, "")
        assert ran.stderr == (
            f"evgraph: {page}: this is not the page of a cell: no line of it is an entry that starts with S, K, R or G"
            "\n  evgraph reads the page of one cell, with its list of studies: save that page\n"
        )
    assert (out / "cells" / "alcohol-A5.ttl").read_bytes() == before


def test_the_summary_names_the_pages_that_could_not_be_read(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"PK\x03\x04\x00\x00")
    done = run("ingest", PAGES, bad, "-o", tmp_path / "out", "--register", REGISTER, "-q")
    assert done.code == 3
    assert done.stdout.splitlines()[-1] == f"1 page could not be read: {bad}"
    assert len(list((tmp_path / "out" / "cells").iterdir())) == 2


def test_output_of_ingest_is_valid_for_odd_entries(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(
        "Drug Treatment Matrix cell C2: Management/supervision; Generic and cross-cutting issues\n\n"
        "K One thing in two parts (2003 and 2004). The figures stand on p. 4 of linked PDF file.\n\n"
        "S G Another, study and guidance ([UK] Northfield Institute, 2010). See also a book by one of the authors.\n",
        encoding="utf-8",
    )
    assert run("ingest", page, "-o", tmp_path / "out", "-q").code == 0
    done = run("validate", tmp_path / "out")
    assert done.code == 0, done.stdout
    assert (
        '"2003"^^<http://www.w3.org/2001/XMLSchema#gYear>'
        in run("export", "--data", tmp_path / "out", "--format", "ntriples").stdout
    )


def test_a_page_that_ends_within_a_sentence_has_a_notice(run: Run, tmp_path: Path) -> None:
    whole = (PAGES / "drug-c2.txt").read_text(encoding="utf-8")
    cut = tmp_path / "cut.txt"
    cut.write_text(whole[: whole.index("clinics. Corresponding") + 4], encoding="utf-8")
    line = cut.read_text(encoding="utf-8").count("\n") + 1
    message = f"{cut}:{line}: the page seems to be cut off here: save it whole and read it again\n"
    assert run("ingest", cut, "-o", tmp_path / "out", "-q").stderr == message
    for page in sorted(PAGES.iterdir()):
        assert "cut off" not in run("ingest", page, "-o", tmp_path / "whole", "-q").stderr


# Many pages.


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder of pages: good ones, a second version of one, one that is cut and one that is none."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number, square in enumerate(("A1", "A2", "B3", "C2", "D4", "E5")):
        entry = f"K Number {number} (2001). Discussed in cell A2’s bite. Related review below."
        text = page_text(entry, *ENTRIES, square=square, bite="What is this cell about? Of cell E5." * (square == "A2"))
        (folder / f"{square}.txt").write_text(text, encoding="utf-8")
    (folder / "again.txt").write_text(page_text("K Other (2010). No.", square="B3"), encoding="utf-8")
    (folder / "cut.txt").write_bytes(page_text("K Other (2010). Cut within", square="D1").encode()[:-90])
    (folder / "none.txt").write_bytes(b"PK\x03\x04\0\0")
    (folder / "nameless.txt").write_text("\n\n".join([LEGEND, *ENTRIES]), encoding="utf-8")
    return folder


def test_a_bad_page_does_not_stop_the_others(run: Run, many: Path, out: Path) -> None:
    ran = run("ingest", many, "-o", out)
    assert ran.code == 3
    assert len(files(out)) == 9
    assert ran.stderr.count("evgraph: ") == 3
    assert f"{many / 'again.txt'}: a second page of drug:B3, which was read from {many / 'B3.txt'}" in ran.stderr
    assert last_line(ran).startswith("3 pages could not be read: ")


@pytest.mark.parametrize("step", ["identify", "resolve"])
def test_an_internal_error_costs_only_its_page(
    run: Run, many: Path, out: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from evgraph.pages import ingest

    real_step = getattr(ingest, step)

    def fail_on_c2(work: Page | Cell, *more: object) -> object:
        page = work.page if hasattr(work, "page") else work
        if page.cell == "drug-C2":
            raise ZeroDivisionError("by nine")
        return real_step(work, *more)

    monkeypatch.setattr(ingest, step, fail_on_c2)
    monkeypatch.delenv("EVGRAPH_DEBUG", raising=False)
    ran = run("ingest", many, "-o", out, "-q")
    assert ran.code == 3
    assert f"evgraph: {many / 'C2.txt'}: an internal error of evgraph: ZeroDivisionError: by nine\n" in ran.stderr
    assert not graph(out, "drug-C2").exists()
    assert graph(out, "drug-B3").is_file()


def test_a_page_with_too_many_references_is_replaced_by_the_next_of_its_cell(
    run: Run, tmp_path: Path, out: Path
) -> None:
    many_references = " ".join(f"See a report ({1900 + n % 100})." for n in range(1200))
    for name, entry in (("a.txt", f"K One (2001). {many_references}"), ("b.txt", "K Two (2002). Fine.")):
        (tmp_path / name).write_text(page_text(entry), encoding="utf-8")
    (tmp_path / "c.txt").write_text(
        page_text("K Three (2003). Discussed in cell C2’s bite.", square="A1"), encoding="utf-8"
    )
    ran = run("ingest", tmp_path, "-o", out, "-q")
    assert ran.code == 3
    assert ran.stderr.startswith(f"evgraph: {tmp_path / 'a.txt'}:")
    assert "Two" in graph(out).read_text(encoding="utf-8")
    assert last_line(ran) == f"1 page could not be read: {tmp_path / 'a.txt'}"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_whole_files_and_no_process(tmp_path: Path) -> None:
    folder, out = tmp_path / "pages", tmp_path / "out"
    folder.mkdir()
    for number in range(2000):
        square = f"{'ABCDE'[number % 5]}{number // 5 % 5 + 1}"
        (folder / f"{number}.txt").write_text(page_text(*ENTRIES * 5, square=square), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", STARTED, "ingest", folder, "-o", out],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        process_group=0,
    ) as began:  # fmt: skip
        assert began.stdout
        assert began.stdout.readline() == b"started\n"
        time.sleep(0.6)
        os.killpg(began.pid, signal.SIGINT)
        _, stderr = began.communicate(timeout=60)
    assert (began.returncode, stderr.strip()) == (130, b"evgraph: stopped"), stderr
    with pytest.raises(ProcessLookupError):
        os.killpg(began.pid, 0)
    for name in files(out) if out.exists() else []:
        assert list(parse((out / name).read_bytes(), format=RdfFormat.TURTLE))


# Several paths.


def test_an_empty_path_is_not_this_folder(run: Run, page: Path, out: Path) -> None:
    ran = run("ingest", "", page, "-o", out, "-q", cwd=PAGES)
    assert ran.code == 3
    assert ran.stderr == "evgraph: a path is empty\n  name a file or a folder; . is this folder\n"
    assert files(out / "cells") == ["drug-C2.ttl"]


def test_a_folder_without_pages_does_not_stop_the_rest(run: Run, page: Path, tmp_path: Path, out: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    ran = run("ingest", empty, page, "-o", out, "-q")
    assert ran.code == 3
    assert ran.stderr == f"evgraph: {empty}: no page in this folder\n  pages end in .txt, .html, .htm\n"
    assert ran.stdout.startswith("1 cell (drug:C2), 3 entries")
    assert last_line(ran) == f"1 path could not be read: {empty}"
    assert graph(out).is_file()


def test_hidden_files_and_links_in_a_circle_are_no_pages(run: Run, page: Path, tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "circle").symlink_to(folder)
    (folder / "deep" / "nowhere.txt").symlink_to(tmp_path / "gone.txt")
    (folder / "._page.txt").write_bytes(b"\0\5\x16\7")
    (folder / "folder.txt").mkdir()
    page.rename(folder / "deep" / "Page.TXT")
    ran = run("ingest", folder, "-o", out, "-q")
    assert (ran.code, ran.stderr) == (
        3,
        f"evgraph: {folder / 'deep' / 'nowhere.txt'}: no such page\n  check the name\n",
    )
    assert graph(out).is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
@pytest.mark.usefixtures("page")
def test_a_closed_folder_is_an_error(run: Run, tmp_path: Path, out: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    ran = run("ingest", tmp_path, "-o", out, "-q")
    closed.chmod(0o700)
    assert ran.code == 3
    assert ran.stderr == f"evgraph: {closed}: cannot be read: Permission denied\n"
    assert graph(out).is_file()


# Cells that come in one after the other.

BITE = "What is this cell about? How staff are trained. Discussed in cell A1’s bite, as is cell B2."


@pytest.mark.parametrize("open_bite", [False, True])
def test_references_resolve_when_their_cell_comes_in_later(run: Run, tmp_path: Path, open_bite: bool) -> None:
    pointing, pointed = tmp_path / "pointing.txt", tmp_path / "pointed.txt"
    pointing.write_text(
        page_text("K One (2001). Discussed in cell A1’s bite.", bite=BITE if open_bite else ""), encoding="utf-8"
    )
    pointed.write_text(page_text("K Two (2002). No.", square="A1"), encoding="utf-8")
    together, apart = tmp_path / "together", tmp_path / "apart"
    run("ingest", pointing, pointed, "-o", together)
    assert run("ingest", pointing, "-o", apart).stdout.count("outside") == 1
    assert "resolution:outside" in graph(apart).read_text(encoding="utf-8")
    ran = run("ingest", pointed, "-o", apart)
    number = "2 references" if open_bite else "1 reference"
    assert last_line(ran) == f"{graph(apart)}: {number} to the new cells now resolved"
    assert {name: (apart / name).read_bytes() for name in files(apart)} == {
        name: (together / name).read_bytes() for name in files(together)
    }
    assert "now resolved" not in run("ingest", pointed, "-o", apart).stdout


def test_a_page_to_read_again_is_reported(run: Run, tmp_path: Path) -> None:
    pointing, pointed = tmp_path / "pointing.txt", tmp_path / "pointed.txt"
    pointing.write_text(page_text("K One (2001). Discussed in cell A1’s bite."), encoding="utf-8")
    pointed.write_text(page_text("K Two (2002). No.", square="A1", bite=BITE), encoding="utf-8")
    together, apart = tmp_path / "together", tmp_path / "apart"
    run("ingest", pointing, pointed, "-o", together)
    assert "isDiscussedBy" in graph(together).read_text(encoding="utf-8")
    run("ingest", pointing, "-o", apart)
    for _ in range(2):  # It is said until it is done.
        assert last_line(run("ingest", pointed, "-o", apart)) == (
            "Ingest the pages of these cells again, to record which of their documents a Matrix Bite (the commentary on"
            " a cell) discusses: drug:C2 (refers to the Matrix Bite of drug:A1)"
        )
    assert "pages of these cells again" not in run("ingest", pointing, "-o", apart).stdout
    assert {name: (apart / name).read_bytes() for name in files(apart)} == {
        name: (together / name).read_bytes() for name in files(together)
    }


def test_a_page_that_lost_its_commentary_has_a_notice(run: Run, out: Path) -> None:
    saved = ROOT / "examples" / "saved" / "drug-c2.html"
    first = run("ingest", saved, "-o", out, "--register", REGISTER)
    assert (first.code, first.stderr) == (0, "")
    assert "15 references: 13 resolved, 0 ambiguous, 0 dangling, 2 outside" in first.stdout
    ran = run("ingest", PAGES / "drug-c2.txt", "-o", out, "--register", REGISTER, "--earlier", saved, "-q")
    assert ran.stderr == (
        f"{PAGES / 'drug-c2.txt'}: the earlier version had its Matrix Bite (the commentary), this one lacks it: save it"
        " with the Matrix Bite unfolded, as HTML\n"
    )
    assert "15 references: 8 resolved, 0 ambiguous, 5 dangling, 2 outside" in ran.stdout
