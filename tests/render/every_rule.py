"""A graph that breaks every rule but those of addresses on the web, and its report in every format.

``python -m tests.render.every_rule DIR`` writes the graph and the reports into a folder, to be looked at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from evgraph.formats import FINDING_FORMATS

TESTS = Path(__file__).parent.parent
CHANGED = """@base <https://w3id.org/evgraph/id/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
<snapshot/drug-C2/ffeeddccbbaa9988> a evg:CellSnapshot ; <http://www.w3.org/ns/prov#specializationOf> <cell/drug-C2> ;
    evg:sha256 "ffeeddccbbaa9988ffeeddccbbaa9988ffeeddccbbaa9988ffeeddccbbaa9988" .
"""
WAIVERS = """[[waiver]]
rule = "dangling-reference"
focus = "doc:nobody"
reason = "Nothing has this fault."
who = "A. Librarian"

[[waiver]]
rule = "EntryShape-position"
focus = "entry:drug-E4/position-low"
reason = "Its page is being repaired."
who = "A. Librarian"
until = 2026-06-01

[[waiver]]
rule = "EntryShape-headline"
focus = "entry:drug-E4/headline-missing"
reason = "<b>The page</b> has none."
who = "A. Librarian"
"""


def write_graph(folder: Path) -> list[str]:
    """Write ``graph/`` and ``pages/`` below a folder, and give the words of the command that checks them."""
    graph, pages = folder / "graph", folder / "pages"
    graph.mkdir()
    pages.mkdir()
    shutil.copy(TESTS / "validation" / "shapes" / "base.ttl", graph / "base.ttl")
    for path in sorted((TESTS / "validation" / "shapes").glob("*/*-invalid.ttl")):
        shutil.copy(path, graph / f"{path.parent.name}-{path.name}")
    for path in sorted((TESTS / "validation" / "checks").glob("*-invalid.ttl")):
        # Each check has small data with the same few names; what one says must not mend what another one breaks.
        own = re.sub(r"(?<![\w-])(doc:|doc/|entry/[\w-]+/)(?=\w)", rf"\1{path.stem}-", path.read_text(encoding="utf-8"))
        (graph / f"check-{path.name}").write_text(own, encoding="utf-8")
    (graph / "changed-page.ttl").write_text(CHANGED, encoding="utf-8")
    (graph / "waivers.toml").write_text(WAIVERS, encoding="utf-8")
    shutil.copy(TESTS.parent / "examples" / "pages" / "drug-c2.txt", pages / "drug-c2.txt")
    return ["validate", "graph", "--pages", "pages", "--today", "2026-06-30"]


def write_reports(folder: Path) -> None:
    """Write the graph, and a report of it in each format."""
    folder.mkdir(parents=True)
    words = write_graph(folder)
    for name, kind in FINDING_FORMATS.items():
        target = f"report-{name}{kind.suffixes[0] if kind.suffixes else '.txt'}"
        command = [sys.executable, "-m", "evgraph", *words, "--format", name, "-o", target]
        subprocess.run(command, cwd=folder, check=False)


if __name__ == "__main__":
    write_reports(Path(sys.argv[1]))
