"""Validate the description of a dump of the shipped graph with the shapes of DCAT-AP.

Usage: python -m bench.dcat_ap SHAPES.ttl [SHAPES.ttl ...]

The shapes are published at https://github.com/SEMICeu/DCAT-AP, in releases/3.0.1/html/shacl: shapes.ttl has what must
be there, range.ttl the classes of values. Their licence is CC BY 4.0. On 30 November 2026 both had no findings;
shapes_recommended.ttl has warnings for what we do not state: themes, contact point, place, time, availability, the
types of publisher and licence, and homepage, language and dates of the catalogue.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from evgraph.cli.main import main as evgraph
from evgraph.export.export import dump
from evgraph.store.opening import SHIPPED
from evgraph.writing import write_folder


def main(shapes: list[str]) -> None:
    """Print the findings, and exit as ``evgraph validate`` does."""
    if not shapes:
        sys.exit(__doc__)
    facts = {"issued": "2026-01-31", "modified": "2026-11-30", "previous": "https://example.org/dumps/1/"}
    with tempfile.TemporaryDirectory() as folder:
        dumps = Path(folder) / "dumps"
        write_folder(dumps, dump(SHIPPED, "https://example.org/dumps/2/", **facts))
        named = [word for name in shapes for word in ("--shapes", name)]
        evgraph(["validate", str(dumps / "dcat.ttl"), *named, "--fail-on", "warning"])


if __name__ == "__main__":
    main(sys.argv[1:])
