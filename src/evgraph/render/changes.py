"""Changes between two versions of a graph, as text and as JSON."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.export.diff import Change


def text(changes: Sequence[Change]) -> str:
    """Write changes for a reader, one a line under their cell; the last line counts them."""
    lines = []
    for cell, group in groupby(changes, key=lambda change: change.cell):
        lines.append(cell or "no cell")
        for one in group:
            before, after = ", ".join(one.before), ", ".join(one.after)
            values = f": {before} → {after}" if before and after else f": {before or after}" if before or after else ""
            lines.append(f"  {one.what} {one.how}: {one.label}{values}")
        lines.append("")
    lines.append(f"{len(changes)} changes" if len(changes) != 1 else "1 change")
    return "\n".join(lines) + "\n"


def as_json(changes: Sequence[Change]) -> str:
    """Write changes as a JSON array of objects with the attributes of `Change`."""
    return json.dumps([one._asdict() for one in changes], ensure_ascii=False, indent=2) + "\n"
