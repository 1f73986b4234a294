"""Random edits of a page in the ways that editors make them: what people decided holds, or its loss is reported."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pages.made import page_text

from evgraph import register as registry
from evgraph.namespaces import DCTERMS, EVG, ID, OA, PROV, curie
from evgraph.pages.decoding import read
from evgraph.pages.ingest import IngestOptions, ingest

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.pages.ingest import IngestResult

# Each headline and sentence has a word of its own (``tag12``), by which the test follows it through the edits.
SUBJECTS = (
    "patients",
    "nurses",
    "clinics",
    "families",
    "prisons",
    "counsellors",
    "schools",
    "mentors",
    "wards",
    "towns",
)
VERBS = ("prefer", "avoid", "question", "finance", "measure", "supervise", "recruit", "describe", "support", "compare")
OBJECTS = (
    "vouchers",
    "leaflets",
    "telephones",
    "housing",
    "payrolls",
    "methadone",
    "buses",
    "gardens",
    "choirs",
    "tea",
)
ENDS = ("in-winter", "over-years", "at-night", "by-chance", "for-nothing", "on-paper", "in-haste", "all-day")
FIRST_ADDED = 300  # The first tag of what edits add.
TAG = re.compile(r"tag\d+")


@dataclass(frozen=True)
class Entry:
    """An entry of an invented page."""

    headline: str
    year: int
    sentences: tuple[str, ...]
    marker: str = "K"


@dataclass(frozen=True)
class Page:
    """An invented page."""

    entries: tuple[Entry, ...]
    issues: tuple[tuple[str, tuple[str, ...]], ...]  # Heading and paragraphs of each.
    gap: str = "\n\n"
    used: int = field(default=0, compare=False)  # Tags that are taken.

    def text(self) -> str:
        """Return the page's text."""
        lines = [
            f"{entry.marker} {entry.headline} ({entry.year}). {' '.join(entry.sentences)}" for entry in self.entries
        ]
        issues = "\n\n\n".join(f"{heading} {self.gap.join(paragraphs)}" for heading, paragraphs in self.issues)
        bite = f"What is this cell about? Of staff.\n\n\nIssues to consider and discuss\n\n{issues}"
        return page_text(*lines, bite=bite).replace("\n\n", self.gap)


def sentence(number: int) -> str:
    """Return a sentence with its own tag."""
    words = (SUBJECTS[number * 7 % 10], VERBS[number * 3 % 10], f"tag{number}", OBJECTS[number % 10], ENDS[number % 8])
    return f"The {' '.join(words)}."


def entry(number: int) -> Entry:
    """Return an entry with its own words; every third refers to others."""
    words = [OBJECTS[number % 10], VERBS[number * 3 % 10], f"tag{number}", SUBJECTS[number * 7 % 10], ENDS[number % 8]]
    if number >= FIRST_ADDED:  # Not the headline of an entry that was deleted, in other words.
        words = [words[2], *(word[::-1] for word in (words[4], words[0], words[3]))]
    pointers = ("Related study below tag%d.", "See also a review (1999) of tag%d.", "Corresponding study above tag%d.")
    pointer = pointers[number % 3] % (number + 1)
    return Entry(" ".join(words).capitalize(), 1990 + number % 25, (pointer, sentence(number + 2)))


def start() -> Page:
    """Return the page before the edits."""
    entries = tuple(entry(10 * number) for number in range(1, 6))
    paragraphs = [
        f"{sentence(100 + 10 * n)} With the study tag{101 + 10 * n} (listed above) it began. {sentence(102 + 10 * n)}"
        for n in range(4)
    ]
    issues = (
        (f"Who pays for tag{200}?", (paragraphs[0], paragraphs[1])),
        (f"Whose choice is tag{201}?", (paragraphs[2],)),
        (f"When does tag{202} end?", (paragraphs[3],)),
    )
    return Page(entries, issues, used=FIRST_ADDED)


Edit: TypeAlias = "Callable[[Page, int], Page]"


def on_entry(page: Page, number: int, change: Callable[[Entry], Entry]) -> Page:
    """Change one entry."""
    index = number % len(page.entries)
    entries = [change(entry) if place == index else entry for place, entry in enumerate(page.entries)]
    return replace(page, entries=tuple(entries))


def reword(page: Page, number: int) -> Page:
    """Change a word of a sentence of an entry."""
    return on_entry(page, number, lambda entry: replace(entry, sentences=tuple(map(other_words, entry.sentences))))


def other_words(words: str) -> str:
    """Return a sentence with other words at its end."""
    return re.sub(r" ([a-z-]+)\.$", " elsewhere.", words)


def reword_issue(page: Page, number: int) -> Page:
    """Change a word of a paragraph."""
    index = number % len(page.issues)
    heading, paragraphs = page.issues[index]
    changed = tuple(paragraph.replace("it began", "all of it began") for paragraph in paragraphs)
    return replace(page, issues=(*page.issues[:index], (heading, changed), *page.issues[index + 1 :]))


def fix_typo(page: Page, number: int) -> Page:
    """Change a letter of a headline."""
    return on_entry(page, number, lambda entry: replace(entry, headline=entry.headline.replace("e", "ee", 1)))


def correct_year(page: Page, number: int) -> Page:
    """Change a year by one."""
    return on_entry(page, number, lambda entry: replace(entry, year=entry.year + 1))


def insert(page: Page, number: int) -> Page:
    """Insert an entry."""
    index = number % (len(page.entries) + 1)
    entries = (*page.entries[:index], entry(page.used), *page.entries[index:])
    return replace(page, entries=entries, used=page.used + 10)


def move(page: Page, number: int) -> Page:
    """Move an entry to the end."""
    index = number % len(page.entries)
    return replace(page, entries=(*page.entries[:index], *page.entries[index + 1 :], page.entries[index]))


def delete(page: Page, number: int) -> Page:
    """Delete an entry, unless it is the last one left."""
    index = number % len(page.entries)
    return replace(page, entries=(*page.entries[:index], *page.entries[index + 1 :]) or page.entries)


def add_pointer(page: Page, number: int) -> Page:
    """Add references before those of an entry."""
    added = (f"See also a book (1985) of tag{page.used}.", f"Related study below tag{page.used + 1}.")
    changed = on_entry(page, number, lambda entry: replace(entry, sentences=(*added, *entry.sentences)))
    return replace(changed, used=page.used + 2)


def respace(page: Page, number: int) -> Page:
    """Change the white space between lines and within sentences."""
    wider = on_entry(
        page, number, lambda entry: replace(entry, sentences=tuple(s.replace(" ", "  ") for s in entry.sentences))
    )
    return replace(wider, gap="\n \n")


def add_paragraph(page: Page, number: int) -> Page:
    """Add a paragraph with a reference to the beginning of an issue."""
    index = number % len(page.issues)
    heading, paragraphs = page.issues[index]
    added = f"With the study tag{page.used} (listed above) all was new. {sentence(page.used + 1)}"
    issues = (*page.issues[:index], (heading, (added, *paragraphs)), *page.issues[index + 1 :])
    return replace(page, issues=issues, used=page.used + 2)


def insert_issue(page: Page, number: int) -> Page:
    """Insert an issue."""
    index = number % (len(page.issues) + 1)
    added = (f"Where is tag{page.used} now?", (f"With the study tag{page.used + 1} (listed above) all was new.",))
    return replace(page, issues=(*page.issues[:index], added, *page.issues[index:]), used=page.used + 2)


def delete_issue(page: Page, number: int) -> Page:
    """Delete an issue, unless it is the last one left."""
    index = number % len(page.issues)
    return replace(page, issues=(*page.issues[:index], *page.issues[index + 1 :]) or page.issues)


EDITS = (
    reword, reword_issue, fix_typo, correct_year, insert, move, delete, add_pointer, respace, add_paragraph,
    insert_issue, delete_issue,
)  # fmt: skip


class Graph:
    """A folder that ingest wrote, with its page."""

    def __init__(self, folder: Path, page: Path) -> None:
        self.store = ox.Store()
        for path in sorted([*(folder / "cells").glob("*.ttl"), *(folder / "curated").glob("*.ttl")]):
            self.store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=ID)
        self.source = read(page)

    def rows(self, names: str, where: str) -> list[tuple[str, ...]]:
        """Return the values of some variables, as texts."""
        prefixes = f"PREFIX evg: <{EVG}> PREFIX oa: <{OA}> PREFIX prov: <{PROV}> PREFIX schema: <https://schema.org/>"
        solutions = self.store.query(f"{prefixes} SELECT DISTINCT {names} WHERE {{ {where} }}")
        assert isinstance(solutions, ox.QuerySolutions)
        return sorted(tuple(getattr(value, "value", "") for value in row) for row in solutions)

    def tag(self, passage: str) -> str | None:
        """Return the first tag in a passage of the page; None for a passage of an earlier version."""
        match = re.search(r"/passage/(\w+)/(\d+)-(\d+)$", passage)
        assert match
        found = TAG.search(self.source.text[int(match[2]) : int(match[3])]) if match[1] == self.source.hash else None
        return found and found[0]

    def targets(self) -> dict[str, str]:
        """Return entry or section → the tag of its headline or heading."""
        rows = self.rows("?s ?o", f"?s schema:headline|<{DCTERMS}title> ?o")
        return {iri: tag[0] for iri, words in rows if (tag := TAG.search(words))}


def decide(folder: Path, graph: Graph) -> dict[str, tuple[str, str]]:
    """Settle references, identify documents and state claims: IRI of each → its tag, and the tag of its target."""
    lines = [f"@base <{ID}> .", f"@prefix evg: <{EVG}> .", f"@prefix oa: <{OA}> .", f"@prefix prov: <{PROV}> .",
             f"@prefix dcterms: <{DCTERMS}> ."]  # fmt: skip
    decided: dict[str, tuple[str, str]] = {}
    tags = graph.targets()
    ambiguous = f"?r evg:resolution <{ID}scheme/resolution/ambiguous> ; evg:statedIn ?p"
    for reference, passage in graph.rows("?r ?p", ambiguous):
        target = graph.rows("?t", f"<{reference}> evg:candidate ?t")[-1][0]
        decided[reference] = (graph.tag(passage) or "", tags.get(target, ""))
        lines.append(f"<{reference}> evg:target <{target}> .")
    for number, (listing, key) in enumerate(graph.rows("?e ?d", "?e evg:lists ?d")):
        if number % 2:
            decided[f"{ID}doc/known-{number}"] = (tags[listing], "")
            lines.append(f"<{key}> dcterms:isReplacedBy <doc/known-{number}> .")
    text, snapshot = graph.source.text, f"<snapshot/drug-C2/{graph.source.hash}>"
    for match in re.finditer(r"(?:The|With) [^.]*?(tag\d+)[^.]*\.", text):
        claim, passage = f"{ID}claim/{match[1]}", f"<passage/{graph.source.hash}/{match.start()}-{match.end()}>"
        decided[claim] = (match[1], "")
        lines.append(f"<{claim}> evg:statedIn {passage} ; prov:wasAttributedTo {snapshot} .")
        lines.append(f"{passage} oa:hasSource {snapshot} ; oa:start {match.start()} ; oa:end {match.end()} .")
    curated = folder / "curated" / "decided.ttl"
    curated.parent.mkdir(exist_ok=True)
    curated.write_text("\n".join(lines), encoding="utf-8")
    return decided


def run(page: Path, folder: Path, earlier: Path | None = None) -> IngestResult:
    """Ingest a page."""
    register = registry.load([Path(__file__).parent], output=folder)
    result = ingest([page], folder, register, IngestOptions(earlier_pages=(earlier,) if earlier else ()))
    assert not result.failures
    return result


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of the files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.ttl")}


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 5)
@given(st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9)), min_size=1, max_size=5), st.booleans())
def test_decisions_hold_or_their_loss_is_reported(edits: list[tuple[Edit, int]], known: bool) -> None:
    place = Path(tempfile.mkdtemp())
    try:
        check(place, edits, known=known)
    finally:
        shutil.rmtree(place)


def check(place: Path, edits: list[tuple[Edit, int]], *, known: bool) -> None:
    """Decide on a page, edit it, and compare what the decisions are about then."""
    before, after, folder = place / "before.txt", place / "after.txt", place / "graph"
    page = start()
    before.write_text(page.text(), encoding="utf-8")
    run(before, folder)
    decided = decide(folder, Graph(folder, before))
    assert [sum(f"/{kind}/" in iri for iri in decided) for kind in ("ref", "doc", "claim")] == [6, 2, 17]
    run(before, folder)
    for edit, number in edits:
        page = edit(page, number)
    after.write_text(page.text(), encoding="utf-8")
    result = run(after, folder, before if known else None)
    graph = Graph(folder, after)
    reported = {name.iri for report in result.reports for name in report.lost}
    reported |= {moved.passage for moved in result.moved_passages if not moved.now}
    tags = graph.targets()
    settled = f"?r a evg:Reference ; evg:statedIn ?p ; evg:target ?t ; prov:wasAttributedTo <{ID}agent/curator>"
    for reference, passage, target in graph.rows("?r ?p ?t", settled):
        words, meant = decided[reference]
        assert graph.tag(passage) == words, (curie(reference), words)
        assert tags.get(target, meant) == meant, (curie(reference), target)
        reported.add(reference)
    assert {iri for iri in decided if "/ref/" in iri} <= reported
    for listing, document in graph.rows("?e ?d", "?e evg:lists ?d"):
        if "/known-" in document:
            assert tags[listing] == decided[document][0]
            reported.add(document)
    keys = {document: key for key, document in graph.rows("?k ?d", f"?k <{DCTERMS}isReplacedBy> ?d")}
    assert [iri for iri in decided if "/known-" in iri and reported.isdisjoint({iri, keys[iri]})] == []
    for claim, passage in graph.rows("?c ?p", f"?c evg:statedIn ?p FILTER(STRSTARTS(STR(?c), '{ID}claim/'))"):
        assert graph.tag(passage) == decided[claim][0] or passage in reported
    written = files(folder)
    run(after, folder)
    assert files(folder) == written
