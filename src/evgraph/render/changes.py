"""Changes between two versions of a graph, as text and as JSON."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.export.diff import Change


def text(changes: Sequence[Change]) -> str:
    """Write one line per change, grouped by cell, and their number."""
    lines = []
    for cell, group in groupby(changes, key=lambda change: change.cell):
        lines.append(cell or "no cell")
        for change in group:
            before, after = ", ".join(change.before), ", ".join(change.after)
            values = f": {before} → {after}" if before and after else f": {before or after}" if before or after else ""
            lines.append(f"  {change.what} {change.how}: {change.label}{values}")
        lines.append("")
    lines.append(f"{len(changes)} changes" if len(changes) != 1 else "1 change")
    return "\n".join(lines) + "\n"


def as_json(changes: Sequence[Change]) -> str:
    """Write changes as a JSON array of objects with the attributes of `Change`."""
    return json.dumps([change._asdict() for change in changes], ensure_ascii=False, indent=2) + "\n"
