"""CONTRIBUTING.md describes the code as it is: every room, and the functions of the walk-throughs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from docs.structure import FLOORS, MODULES, room

TEXT = (Path(__file__).parent.parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def exists(name: str) -> bool:
    """Return whether ``room.module.Class.method`` or a part of it is in the code."""
    parts = f"evgraph.{name}".split(".")
    length = max(n for n in range(1, len(parts) + 1) if ".".join(parts[:n]) in MODULES)
    body: list[ast.stmt] = ast.parse(MODULES[".".join(parts[:length])].read_bytes()).body
    for part in parts[length:]:
        definitions = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part]
        if not definitions:
            return False
        body = definitions[0].body
    return length > 1


def test_the_functions_of_the_walk_throughs_exist() -> None:
    part = TEXT.partition("## Three walk-throughs")[2].partition("\n## ")[0]
    walks = part.split("\n### ")[1:]
    assert len(walks) == 3
    for walk in walks:
        names = re.findall(r"`([a-z_]+(?:\.\w+)+)`", re.sub(r"(?m)^`.*`$", "", walk))
        assert len(names) >= 5
        assert [name for name in names if not exists(name)] == []


def test_every_room_is_described_on_its_floor() -> None:
    floors = {name: number for number, floor in enumerate(FLOORS, 1) for name in floor}
    described = {name: int(number) for number, name in re.findall(r"(?m)^\| (\d+) \| `(\w+)` \| \S", TEXT)}
    assert described.items() <= floors.items()
    assert {room(module) for module in MODULES} & floors.keys() <= described.keys()


def test_a_name_that_is_not_in_the_code_is_noticed() -> None:
    assert exists("pages.resolve.resolve")
    assert not exists("pages.resolve.guess")
    assert not exists("kitchen.cook")
