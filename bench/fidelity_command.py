"""Compare what ``evgraph ingest`` does with pages that are no cell, with a new version of a page, and across pages."""

from __future__ import annotations

import io
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from bench.invented_gold import NEW
from bench.invented_refused import refused
from bench.invented_versions import versions
from pyoxigraph import RdfFormat, parse

from evgraph.cli.main import main
from evgraph.namespaces import DCTERMS, SCHEMA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.fidelity import Score

_UNREADABLE = 3
_CELL_PAGE = """{title}: Practitioners; Psychosocial therapies

S Seminal studiesK Key studiesR ReviewsG Guidancemore Search for more studies

Links to other documents. Hover over for notes. Click to highlight passage referred to. Unfold extra text

K Evening calls and what they cost ({year}). Ten clinics took part.

more Search for all relevant Effectiveness Bank analyses. See also {topics}.
"""


def measure_command(score: Score, seeds: Iterable[int]) -> None:
    """Ingest pages of some seeds and count what comes of them."""
    for seed in seeds:
        for compare in (_compare_refused, _compare_versions, _compare_topics):
            with tempfile.TemporaryDirectory() as folder:
                compare(score, seed, Path(folder))


def _ingest(*words: str | Path) -> tuple[int, str]:
    messages = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(messages):
        try:
            main(["ingest", *map(str, words)])
        except SystemExit as left:
            return int(left.code or 0), messages.getvalue()
    return 0, messages.getvalue()


def _compare_refused(score: Score, seed: int, folder: Path) -> None:
    page = refused(seed)
    feature, where = [f"refused: {NEW}{page.kind}"], f"refused page {seed} ({page.kind})"
    matrix, _, square = page.cell.partition(":")
    title = f"{matrix.capitalize()} Treatment Matrix cell {square}"
    (folder / "cell.txt").write_text(_CELL_PAGE.format(title=title, year=2001, topics="hot topic on travel"))
    (folder / "page.txt").write_text(page.text, encoding="utf-8")
    out, written = folder / "out", folder / "out" / "cells" / f"{matrix}-{square}.ttl"
    _ingest(folder / "cell.txt", "-o", out)
    before = written.read_bytes()
    code, messages = _ingest(folder / "page.txt", "-o", out)
    with_option, _ = _ingest(folder / "page.txt", "-o", out, "--cell", page.cell)
    read = (
        ("exit code", code),
        ("exit code with --cell", with_option),
        ("offers --cell", "--cell" in messages),
        ("the cell that was there stays", written.read_bytes() == before),
    )
    gold = (_UNREADABLE, _UNREADABLE, False, True)
    score.compare(
        where,
        [((what, value), feature) for (what, _), value in zip(read, gold, strict=True)],
        [(outcome, feature) for outcome in read],
    )


def _compare_versions(score: Score, seed: int, folder: Path) -> None:
    two, entries = versions(seed), []
    for number, text in enumerate(two.texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        _ingest(folder / f"{number}.txt", "-o", folder / "out")
        found = parse((folder / "out" / "cells" / f"{two.cell}.ttl").read_bytes(), format=RdfFormat.TURTLE)
        entries.append(
            {
                int(triple.object.value): triple.subject.value
                for triple in found
                if triple.predicate.value == f"{SCHEMA}position"
            }
        )
    earlier, later = entries
    places = {iri: place for place, iri in earlier.items()}
    for at, (place, change) in enumerate(two.entries, 1):
        feature = [f"versions: {NEW}{change}"]
        read = places.get(later.get(at, ""))
        score.compare(f"versions {seed}", [((at, place), feature)], [((at, read), feature)])


def _compare_topics(score: Score, seed: int, folder: Path) -> None:
    """Compare the topics of a page whose first topic is known whole from another page."""
    known = ("rest and rations", "rules and riders", "beds and boards")[seed % 3]
    feature = [f"hot topics: {NEW}with “and” inside, known from another page"]
    pages = {"B4": f"hot topic on {known}", "C4": f"hot topics on {known} and travel"}
    for square, topics in pages.items():
        title = f"Drug Treatment Matrix cell {square}"
        (folder / f"{square}.txt").write_text(_CELL_PAGE.format(title=title, year=2001 + seed % 9, topics=topics))
    _ingest(folder / "B4.txt", folder / "C4.txt", "-o", folder / "out")
    path = folder / "out" / "cells" / "drug-C4.ttl"
    found = list(parse(path.read_bytes(), format=RdfFormat.TURTLE)) if path.exists() else []
    subjects = {triple.object.value for triple in found if triple.predicate.value == f"{DCTERMS}subject"}
    labels = [
        triple.object.value
        for triple in found
        if triple.predicate.value == f"{SKOS}prefLabel" and triple.subject.value in subjects
    ]
    score.compare(
        f"topics {seed}",
        [((label,), feature) for label in (known, "travel")],
        [((label,), feature) for label in labels],
    )
