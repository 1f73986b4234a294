"""The structure of the code: floors, sizes, docstrings, modules that a command loads, and paths of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs.structure import FLOORS, imports, in_order, room, syntax_tree
from docs.structure import MODULES as NAMES

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "evgraph"
MODULES = sorted(PACKAGE.rglob("*.py"))
VAGUE = {"one", "some", "told", "said", "given"}
"""Names that do not say what a value holds."""


def test_imports_point_down_the_floors() -> None:
    rank = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    wrong = [
        f"{module} imports {imported}"
        for module in NAMES
        if module not in {"evgraph", "evgraph.__main__"}  # They hand on names of the floors above.
        for imported in imports(module)
        if room(imported) != room(module) and rank[room(imported)] <= rank[room(module)] < len(FLOORS) - 1
    ]
    assert not wrong


def test_there_is_no_import_cycle() -> None:
    in_order(set(NAMES) - {"evgraph"})


def test_relative_imports_are_not_used() -> None:
    assert not [
        path
        for path in MODULES
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def test_no_module_has_more_than_400_lines() -> None:
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def overload(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Return whether a definition is a typing overload, which needs no docstring."""
    return any(isinstance(name, ast.Name) and name.id == "overload" for name in node.decorator_list)


def undocumented(path: Path) -> list[str]:
    """Return a module's public names without a docstring, methods included."""
    tree = syntax_tree(path)
    missing = [] if ast.get_docstring(tree) else [f"{path}:1: the module"]
    queue: list[ast.AST] = [tree]
    while queue:
        for node in ast.iter_child_nodes(queue.pop()):
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not overload(node)
            ):
                missing += [] if ast.get_docstring(node) else [f"{path}:{node.lineno}: {node.name}"]
                queue += [node] if isinstance(node, ast.ClassDef) else []
    return missing


def test_public_names_have_docstrings() -> None:
    assert [name for path in MODULES for name in undocumented(path)] == []


OUTPUT_AND_EXIT = {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}


def test_only_the_command_prints_and_exits() -> None:
    calls = [
        f"{path}:{node.lineno}: {ast.unparse(node.func)}"
        for path in MODULES
        if not path.is_relative_to(PACKAGE / "cli") and path.name != "workers.py"  # A worker ends itself.
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in OUTPUT_AND_EXIT
    ]
    assert not calls


LOADED = """
import sys
before = set(sys.modules)
from evgraph.cli.main import main
try:
    main({args!r})
except SystemExit as left:
    assert left.code == 0, left.code
print(*sorted(sys.modules.keys() - before), file=sys.stderr)
"""
HEAVY = {
    "rdflib",
    "pyshacl",
    "owlrl",
    "importlib.metadata",
    "importlib.resources",
    "asyncio",
    "json",
    "urllib.request",
}


@pytest.mark.parametrize(
    "args",
    [
        ["query"],
        ["query", "cell-contents", "-p", "cell=drug:E4"],
        ["query", "describe", "-p", "iri=doc:timko-2007"],
        ["query", "--help"],
        ["search", "timko"],
        ["export", "--cell", "drug:E4"],
    ],
)
def test_a_question_does_not_pay_for_what_it_does_not_use(args: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(args=args)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ran.stdout
    assert (HEAVY | {"dataclasses"}) & set(ran.stderr.split()) == set()


def tracked_texts() -> dict[str, str]:
    """Return file name → text, for all text files that git tracks."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    texts = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        body = path.read_bytes() if path.is_file() else b""
        if b"\0" not in body:
            texts[name] = f"{name}\n{body.decode()}"
    return texts


# A path or a host that only the author's machine knows.
OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|mnt|Users)/|\bpypi\.\w|python[h]osted")


def test_no_file_names_a_path_of_one_machine() -> None:
    texts = tracked_texts()
    assert "pyproject.toml" in texts
    matches = [
        f"{name}:{text.count(chr(10), 0, match.start())}: {match[0]}"
        for name, text in texts.items()
        for match in OF_ONE_MACHINE.finditer(text)
    ]
    assert not matches


def test_the_pattern_matches_paths_of_one_machine_only() -> None:
    assert OF_ONE_MACHINE.search("see /" + "tmp/x")
    assert not OF_ONE_MACHINE.search("data/curated/tmp/x")


@pytest.mark.parametrize("folder", ["src", "tests", "bench", "docs"])
def test_names_say_what_a_value_holds(folder: str) -> None:
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if (name := _bound(node)).strip("_") in VAGUE
    ] == []


def _bound(node: ast.AST) -> str:
    """Return the name that a node gives to a value, or an empty text."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return node.attr
    if isinstance(node, ast.arg):
        return node.arg
    return node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ""
