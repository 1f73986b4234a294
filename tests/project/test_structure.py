"""How the code is built: floors, sizes, docstrings, what it loads, and what no file of the project says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from docs.structure import FLOORS, imports, in_order, room
from docs.structure import MODULES as NAMES

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "evgraph"
MODULES = sorted(PACKAGE.rglob("*.py"))


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


def test_no_module_imports_itself_by_way_of_others() -> None:
    in_order(set(NAMES) - {"evgraph"})


def test_relative_imports_are_not_used() -> None:
    trees = {path: ast.parse(path.read_bytes()) for path in MODULES}
    assert not [
        path
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def test_a_module_fits_one_sitting() -> None:
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def overload(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Tell whether it is one of several signatures, of which the last one is described."""
    return any(isinstance(one, ast.Name) and one.id == "overload" for one in node.decorator_list)


def undocumented(path: Path) -> list[str]:
    """Find a module's public names without a docstring, methods included."""
    tree = ast.parse(path.read_bytes())
    silent = [] if ast.get_docstring(tree) else [f"{path}:1: the module"]
    ahead: list[ast.AST] = [tree]
    while ahead:
        for node in ast.iter_child_nodes(ahead.pop()):
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not overload(node)
            ):
                silent += [] if ast.get_docstring(node) else [f"{path}:{node.lineno}: {node.name}"]
                ahead += [node] if isinstance(node, ast.ClassDef) else []
    return silent


def test_whatever_is_public_says_what_it_is_for() -> None:
    assert [one for path in MODULES for one in undocumented(path)] == []


LOUD = {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}


def test_only_the_command_prints_and_exits() -> None:
    loud = [
        f"{path}:{node.lineno}: {ast.unparse(node.func)}"
        for path in MODULES
        if not path.is_relative_to(PACKAGE / "cli") and path.name != "workers.py"  # A worker ends itself.
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in LOUD
    ]
    assert not loud


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
    "difflib",
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
    """Read every text file that git tracks."""
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


# A path or a host that only the author's machine knows; user names and mounts have no place in a public text.
OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|mnt|Users)/|\bpypi\.\w|python[h]osted")
# Words that no file of the project needs, as the start of their digests: a plain list would break its own rule.
DIGESTS = """
053ea4804ef1 32e83e92d45d 386ebc0efd04 3ea125d0bff3 487b91042c7c 52196a62f405 57de4cf40144 59458508a082
5d72436256ad 60965168ce76 7d3194f79e64 94a168d2da57 a39a7ffad4a3 a5ea7d719f7a c70eca6b0f88 c857d09db23e
d298391b0743 de2187af3fb0 eea82f53ecae
"""
UNWANTED = set(DIGESTS.split())
# Treatment has them too, and the data and the pages may say so.
UNWANTED_IN_CODE = {"3f3af1ecebbd", "1225ae6c1ae6"}
FIELDS_OWN = ("data/", "docs/ontology.md", "examples/", "ontology/", "README.md")


def words(text: str) -> list[str]:
    spoken = text.lower().replace('scope="session"', "").replace("requests.session", "")  # Names that libraries gave.
    return re.findall(r"[a-z]+", spoken)


@cache
def digest(word: str) -> str:
    return sha256(word.encode()).hexdigest()[:12]


def test_no_file_speaks_of_the_machine_it_was_written_on() -> None:
    texts = tracked_texts()
    assert "pyproject.toml" in texts
    places = [
        f"{name}:{text.count(chr(10), 0, found.start())}: {found[0]}"
        for name, text in texts.items()
        for found in OF_ONE_MACHINE.finditer(text)
    ]
    assert not places


def test_no_file_holds_an_unwanted_word() -> None:
    said = {
        name: sorted(word for word in set(words(text)) if digest(word) in unwanted)
        for name, text in tracked_texts().items()
        if name != "ontology/vocabularies.txt"  # Names that vocabularies gave.
        for unwanted in [UNWANTED if name.startswith(FIELDS_OWN) else UNWANTED | UNWANTED_IN_CODE]
    }
    assert {name: found for name, found in said.items() if found} == {}


def test_the_hunt_for_words_finds_them() -> None:
    assert OF_ONE_MACHINE.search("see /" + "tmp/x")
    assert not OF_ONE_MACHINE.search("data/curated/tmp/x")
    assert digest("chat" + "bot") in UNWANTED
