"""Draw how the code is built: rooms on their floors, with modules and lines, and the modules in the order of imports.

python -m docs.structure          the rooms
python -m docs.structure ROOM     the modules of a room: each imports only from those above it
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "evgraph"
MODULES = {
    ".".join(("evgraph", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
"""Dotted name → file."""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("cli", "python", "web", "assistants"),
    ("site",),
    ("render",),
    ("validation", "decisions", "export"),
    ("query",),
    ("shacl", "pages"),
    ("register", "store"),
    ("workers", "rdf"),
    ("sparql",),
    (
        "characters",
        "errors",
        "formats",
        "limits",
        "namespaces",
        "offline",
        "redaction",
        "regular_files",
        "shipped_files",
        "terms",
        "text",
        "writing",
    ),
)
"""From the top down. A room imports only from itself and from the floors below; on the lowest, modules are rooms."""


def room(module: str) -> str:
    """Return the room of a module: ``evgraph.store.disk`` is in ``store``."""
    return module.split(".")[1] if "." in module else module


@cache
def syntax_tree(path: Path) -> ast.Module:
    """Parse a module, once."""
    return ast.parse(path.read_bytes())


@cache
def imports(module: str) -> frozenset[str]:
    """Return the modules of evgraph that a module imports anywhere, in functions and for types too."""
    found: set[str] = set()
    for node in ast.walk(syntax_tree(MODULES[module])):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(
                name if (name := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            )
    return frozenset(name for name in found if name in MODULES and name not in {"evgraph", module})


def in_order(modules: set[str]) -> list[str]:
    """Sort modules so that each comes after those that it imports.

    Raises:
        graphlib.CycleError: modules import each other in a circle.

    """
    graph = {module: sorted(imports(module) & modules) for module in sorted(modules)}
    return list(TopologicalSorter(graph).static_order())


def lines(module: str) -> int:
    """Count the lines of a module."""
    return len(MODULES[module].read_text(encoding="utf-8").splitlines())


def main(name: str | None = None) -> str:
    """Draw the rooms, or one room."""
    if name is not None:
        modules = {module for module in MODULES if room(module) == name}
        return "".join(f"{lines(module):5} {module.removeprefix('evgraph.')}\n" for module in in_order(modules))
    drawn = []
    for floor in FLOORS:
        parts = []
        for name in floor:
            modules = {module for module in MODULES if room(module) == name}
            if modules:
                parts.append(f"{name} {len(modules)} / {sum(map(lines, modules)):,}")
        drawn.append(" | ".join(parts))
    total = f"{len(MODULES)} modules, {sum(map(lines, MODULES)):,} lines"
    return "\n".join(["room modules / lines", *drawn, total, ""])


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:2]))
