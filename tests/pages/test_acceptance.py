"""The two real pages, wherever ``EVGRAPH_PAGES`` says they are: what is on them, and that nothing is lost."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.pages.made import resolve_all

from evgraph import register as registry
from evgraph import shipped_files
from evgraph.namespaces import ID
from evgraph.pages.cell import identify
from evgraph.pages.decoding import find_pages, read
from evgraph.pages.layout import read_page
from evgraph.pages.page import Imprint
from evgraph.pages.readings import readings
from evgraph.register import DOC

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.pages.cell import Cell, Reference
    from evgraph.register import Register

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def register() -> Register:
    return registry.load()


@pytest.fixture(scope="module")
def cells(pages: Path, register: Register) -> dict[str, Cell]:
    return resolved(pages, register)


@pytest.fixture(scope="module")
def unsettled(pages: Path) -> Cell:
    """Return the alcohol cell as the page leaves it, without people's decisions."""
    register = registry.load()
    register.settled.clear()
    return resolved(pages, register)["alcohol-E4"]


def resolved(pages: Path, register: Register) -> dict[str, Cell]:
    cells = [identify(read_page(read(path)), register) for path in find_pages([pages])]
    resolve_all(cells, register)
    return {cell.page.cell: cell for cell in cells}


@pytest.fixture(scope="module")
def drug(cells: dict[str, Cell]) -> Cell:
    return cells["drug-E4"]


@pytest.fixture(scope="module")
def alcohol(cells: dict[str, Cell]) -> Cell:
    return cells["alcohol-E4"]


def documents(cell: Cell) -> list[str]:
    return [document.removeprefix(DOC) for listing in cell.entries for document in listing.documents]


def reference(cell: Cell, name: str) -> Reference:
    return next(reference for reference in cell.references if reference.iri == f"{ID}ref/{cell.page.cell}/{name}")


def test_every_line_is_accounted_for_and_understood(cells: dict[str, Cell]) -> None:
    assert sorted(cells) == ["alcohol-E4", "drug-E4"]
    for cell in cells.values():
        assert cell.page.not_understood() == []
        assert sorted(cell.page.parts) == cell.page.source.lines
    assert Counter(cells["drug-E4"].page.parts.values()) == {
        "header": 15, "title": 3, "intro": 1, "legend": 1, "links": 1, "entry": 15, "trailer": 1, "commentary": 1,
    }  # fmt: skip
    parts = Counter(cells["alcohol-E4"].page.parts.values())
    assert (parts["entry"], parts["trailer"], parts["links"], parts["legend"], parts["title"]) == (16, 2, 2, 1, 1)


def test_who_paid_for_them(drug: Cell, alcohol: Cell) -> None:
    assert [(support.role, support.name) for support in drug.page.supports] == [
        ("funded", "Society for the Study of Addiction"),
        ("developed-with", "Skills Consortium"),
    ]
    assert [(support.role, support.name) for support in alcohol.page.supports] == [
        ("supported", "Alcohol Research UK"),
        ("supported", "Society for the Study of Addiction"),
        ("supported", "Skills Consortium"),
    ]


def test_entries_by_tag(drug: Cell, alcohol: Cell) -> None:
    assert "".join("".join(entry.entry.markers) for entry in drug.entries) == "KKKKKRRRRGGGGGG"
    assert "".join("".join(entry.entry.markers) for entry in alcohol.entries) == "SKKKKKKRRRRRGGGG"
    for cell in (drug, alcohol):
        assert [entry.entry.position for entry in cell.entries] == list(range(1, len(cell.entries) + 1))


def test_what_the_parentheses_state(drug: Cell, alcohol: Cell) -> None:
    assert [entry.entry.imprint.date for entry in drug.entries] == [
        "2012", "2008", "2012", "2007", "2001", "2011", "2009", "2019", "2003", "2010", "2007", "2010", "2006",
        "2008", "1998",
    ]  # fmt: skip
    assert [entry.entry.imprint.date for entry in alcohol.entries] == [
        "1981", "2012", "2008", "2010", "2012", "2007", "2011", "2011", "2009", "2014", "2006", "2003", "2011", "2006",
        "2008", "1998",
    ]  # fmt: skip
    nta = "National Treatment Agency for Substance Misuse"
    nice = "National Institute for Health and Care Excellence"
    assert [entry.entry.imprint for entry in drug.entries[9:]] == [
        Imprint("2010", nta, "UK"),
        Imprint("2007", f"{nice} [NICE]", "UK"),
        Imprint("2010", nta, "UK"),
        Imprint("2006", nta, "UK"),
        Imprint("2008", "Report Produced for the Scottish Advisory Committee on Drug Misuse"),
        Imprint("1998", "Substance Abuse and Mental Health Services Administration", "US"),
    ]
    assert [entry.entry.imprint for entry in alcohol.entries[12:14]] == [
        Imprint("2011", nice, "UK"),
        Imprint("2006", f"Department of Health and {nta}", "UK"),
    ]


def test_a_headline_keeps_its_own_brackets_and_signs(alcohol: Cell) -> None:
    headlines = [alcohol.page.source.slice(entry.entry.headline) for entry in alcohol.entries]
    assert headlines[0].startswith("0% ")
    assert headlines[0].endswith("encouragement")
    assert headlines[7] == "Ways to continue to (after)care for patients"
    assert headlines[3] == "Promoting SMART Recovery mutual aid"


def test_which_document_is_which(drug: Cell, alcohol: Cell) -> None:
    assert set(documents(drug)) & set(documents(alcohol)) == {
        "schmidt-2012", "ghose-2008", "manning-2012", "timko-2007", "lash-2011", "white-2009", "residential-care-2003",
        "scotland-2008", "samhsa-1998",
    }  # fmt: skip
    assert len(set(documents(drug)) | set(documents(alcohol))) == 22
    named = {*drug.mentioned, *alcohol.mentioned}
    assert {iri.removeprefix(DOC) for iri in named} == {
        "case-management-2006", "detoxification-case-managers-2006", "smith-2006", "nta-2006-care-planning",
        "smit-2011", "nice-2011-guidelines",
    }  # fmt: skip


def test_one_headline_of_two_documents(drug: Cell, alcohol: Cell) -> None:
    alike = "Varieties and impacts of case management"
    (here,) = [entry for entry in drug.entries if drug.page.source.slice(entry.entry.headline) == alike]
    (there,) = [entry for entry in alcohol.entries if alcohol.page.source.slice(entry.entry.headline) == alike]
    assert (here.entry.imprint.date, there.entry.imprint.date) == ("2019", "2006")
    assert not set(here.documents) & set(there.documents)
    earlier = reference(drug, "vanderplasschen-2019/see-also-1")
    assert earlier.target == there.documents[0]
    assert earlier.phrase.imprint == Imprint("2006")


def test_references_by_kind_and_resolution(drug: Cell, alcohol: Cell, unsettled: Cell) -> None:
    def count(cell: Cell) -> Counter[tuple[str, str]]:
        return Counter((str(reference.phrase.kind), str(reference.resolution)) for reference in cell.references)

    assert count(drug) == {
        ("commentary", "dangling"): 8,
        ("cell", "outside"): 2,
        ("corresponding", "resolved"): 2,
        ("see-also", "resolved"): 3,
        ("implementation", "resolved"): 2,
        ("related", "resolved"): 2,
        ("inline", "resolved"): 1,
        ("search", "dangling"): 2,
    }
    others = {
        ("commentary", "outside"): 1,
        ("cell", "outside"): 5,
        ("corresponding", "resolved"): 2,
        ("see-also", "resolved"): 2,
        ("related", "resolved"): 1,
        ("inline", "resolved"): 5,
        ("search", "dangling"): 2,
    }
    assert count(unsettled) == others | {
        ("commentary", "ambiguous"): 14,
        ("commentary", "resolved"): 5,
        ("position", "resolved"): 1,
        ("position", "ambiguous"): 6,
    }
    assert count(alcohol) == others | {
        ("commentary", "ambiguous"): 1,
        ("commentary", "resolved"): 18,
        ("position", "resolved"): 6,
        ("position", "ambiguous"): 1,
    }
    open_references = [reference.iri for reference in alcohol.references if reference.candidates]
    assert [iri.removeprefix(f"{ID}ref/alcohol-E4/") for iri in open_references] == [
        "nice-2011-commissioning/commentary-3", "highlighted/position-1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "there_name", "back_name"),
    [
        ("drug-E4", "manning-2012/corresponding-1", "timko-2007/corresponding-1"),
        ("alcohol-E4", "manning-2012/corresponding-1", "timko-2007/corresponding-1"),
        ("drug-E4", "vanderplasschen-2019/related-1", "samhsa-1998/related-1"),
        ("alcohol-E4", "case-management-2006/see-also-1", "samhsa-1998/related-1"),
        ("drug-E4", "nice-2007/implementation-1", "pilling-2010/implementation-1"),
    ],
)
def test_pairs_point_to_each_other(cells: dict[str, Cell], there_name: str, back_name: str, cell: str) -> None:
    there, back = reference(cells[cell], there_name), reference(cells[cell], back_name)
    assert there.target == back.source
    assert back.target == there.source
    assert {there.phrase.direction, back.phrase.direction} == {"above", "below"}
    assert there.settled_by is None
    assert back.settled_by is None
    if "implementation" in there_name:
        assert there.statement == back.statement
        assert there.statement is not None
        assert there.statement[0] == f"{DOC}pilling-2010"
    else:
        assert there.statement is not None
        assert back.statement is not None
        assert there.statement[::2] == back.statement[::-2]


@pytest.mark.parametrize(
    ("cell", "name", "target"),
    [
        ("alcohol-E4", "nice-2011-commissioning/inline-1", "nice-2011-guidelines"),
        ("alcohol-E4", "blankers-2011/inline-1", "smit-2011"),
        ("alcohol-E4", "schmidt-2012/inline-1", "detoxification-case-managers-2006"),
        ("drug-E4", "schmidt-2012/inline-1", "detoxification-case-managers-2006"),
        ("alcohol-E4", "residential-care-2003/see-also-1", "smith-2006"),
        ("drug-E4", "residential-care-2003/see-also-1", "smith-2006"),
        ("drug-E4", "nta-2006-coordination/see-also-1", "nta-2006-care-planning"),
    ],
)
def test_documents_named_in_passing(cells: dict[str, Cell], cell: str, name: str, target: str) -> None:
    assert reference(cells[cell], name).target == f"{DOC}{target}"


def test_other_cells(drug: Cell, alcohol: Cell) -> None:
    def squares(cell: Cell) -> list[str]:
        return sorted(
            reference.target.rpartition("/")[2]
            for reference in cell.references
            if reference.phrase.kind == "cell" and reference.target
        )

    assert squares(drug) == ["drug-D2", "drug-E3"]
    assert squares(alcohol) == ["alcohol-A2", "alcohol-A4", "alcohol-D2", "alcohol-E2", "alcohol-E3"]


def test_sections(drug: Cell, alcohol: Cell) -> None:
    assert [section.name for section in drug.page.sections] == ["intro"]
    assert not drug.page.has_commentary
    headings = [(section.name, alcohol.page.source.slice(section.heading)) for section in alcohol.page.sections]
    assert headings == [
        ("about", "What is this cell about?"),
        ("start", "Where should I start?"),
        ("highlighted", "Highlighted study"),
        ("issues", "Issues to consider and discuss"),
        ("issue-1", "So fundamental it needs no evidence?"),
        ("issue-2", "How much should be left to services?"),
        ("pull-quote-1", ""),
        ("issue-3", "Build your aftercare system on mutual aid?"),
        ("caption-1", ""),
        ("issue-4", "Support mutual aid says NICE"),
    ]
    assert [len(section.paragraphs) for section in alcohol.page.sections] == [2, 2, 3, 0, 3, 3, 1, 6, 1, 5]


def test_hot_topics_and_searches(drug: Cell, alcohol: Cell) -> None:
    assert drug.page.topics == ["computerised therapy and advice", "residential rehabilitation", "commissioning"]
    assert alcohol.page.topics == ["computerised therapy and advice", "commissioning services"]
    assert (len(drug.page.searches), len(alcohol.page.searches)) == (2, 2)


def test_ambiguous_references_keep_every_candidate(unsettled: Cell) -> None:
    issues = tuple(f"{ID}section/alcohol-E4/issue-{n}" for n in (1, 2, 3, 4))
    assert reference(unsettled, "manning-2012/commentary-1").candidates == issues
    # "UK and US studies": of three US studies, the one that corresponds with the British one.
    targets = [reference(unsettled, f"sisson-1981/inline-{number}").target for number in (1, 2)]
    assert targets == [f"{ID}entry/alcohol-E4/manning-2012", f"{ID}entry/alcohol-E4/timko-2007"]
    assert len(reference(unsettled, "issue-1/position-1").candidates) == 16


def test_the_shipped_graph_is_what_ingest_makes_of_them(run: Run, pages: Path, tmp_path: Path) -> None:
    ran = run("ingest", pages, "-o", tmp_path, "--quiet")
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout == (
        "2 cells (alcohol:E4, drug:E4), 31 entries, 66 references: 44 resolved, 2 ambiguous, 12 dangling, 8 outside\n"
    )
    for name in ("alcohol-E4.ttl", "drug-E4.ttl"):
        assert (tmp_path / "cells" / name).read_bytes() == (shipped_files.data() / "cells" / name).read_bytes()


def test_each_reference_that_needs_a_person_comes_with_its_line(run: Run, pages: Path, tmp_path: Path) -> None:
    ran = run("ingest", pages, "-o", tmp_path)
    assert len(re.findall(r": (?:ambiguous|dangling): ", ran.stdout)) == 2 + 12
    assert "evg:target" not in ran.stdout
    assert f"{pages / 'alcohol-e4.txt'}:41: ambiguous: " in ran.stdout
    assert f"{pages / 'drug-e4.txt'}:64: dangling: " in ran.stdout


def test_fifteen_of_the_ambiguous_references_are_plain_to_a_careful_reader(unsettled: Cell) -> None:
    ambiguous = [reference.iri for reference in unsettled.references if reference.resolution == "ambiguous"]
    proposed = {reading.reference for reading in readings(unsettled)}
    assert (len(ambiguous), len(proposed), proposed <= {*ambiguous}) == (20, 15, True)
