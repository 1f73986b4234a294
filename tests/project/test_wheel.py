"""The wheel, in an empty environment and an empty folder: what a stranger gets from ``pip install evgraph``."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.required import require

if TYPE_CHECKING:
    from collections.abc import Sequence

require("build", "hatchling")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def command(distributions: Sequence[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment, and give its ``evgraph``.

    The dependencies come from the environment that runs the tests, by a .pth file; the wheel itself comes first.
    """
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False)
    scheme = {name: str(folder) for name in ("base", "platbase")}
    site = Path(sysconfig.get_path("purelib", "venv", vars=scheme))
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index", "-q"]
    subprocess.run([*pip, str(distributions[0])], check=True, timeout=60)
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return Path(sysconfig.get_path("scripts", "venv", vars=scheme)) / "evgraph"


def evgraph(command: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command without a trace of the checkout in its surroundings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("EVGRAPH_", "PYTHON"))}
    return subprocess.run([command, *args], cwd=folder, env=clean, capture_output=True, text=True, check=False)


def test_what_travels_in_the_wheel(distributions: Sequence[Path]) -> None:
    names = set(zipfile.ZipFile(distributions[0]).namelist())
    shipped = {
        f"evgraph/_shipped/{path.relative_to(ROOT).as_posix()}"
        for folder in ("ontology", "data", "queries")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    files = [*(ROOT / "src").glob("evgraph/*/templates/*"), *(ROOT / "src").glob("evgraph/*/static/*")]
    beside = {path.relative_to(ROOT / "src").as_posix() for path in files} | {"evgraph/py.typed"}
    assert shipped | modules | beside <= names
    assert "evgraph/render/templates/report.html.j2" in beside
    rest = {name for name in names - shipped - modules if ".dist-info/" not in name}
    assert rest == beside, "nothing else does: no tests, no pages, no caches"
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {"LICENSE", "LICENSE-data"}


def test_it_runs_from_the_wheel_and_nowhere_else(command: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [command.parent / "python", "-I", "-c", "import evgraph, pyoxigraph; print(evgraph.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(ran.stdout.strip()).is_relative_to(command.parent.parent)


@pytest.mark.parametrize(
    ("args", "in_output"),
    [
        (["--version"], "evgraph, version "),
        (["query"], "cell-contents"),
        (["query", "cell-contents", "-p", "cell=drug:E4"], "timko"),
        (["export", "--cell", "drug:E4"], "\n<entry/drug-E4/timko-2007> a evg:Entry ;\n"),
        (["validate"], ""),
        (["validate", "--format", "html"], "<!doctype html>"),
        (["ingest", "--help"], "Usage: evgraph ingest"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_in_an_empty_folder(command: Path, tmp_path: Path, args: list[str], in_output: str) -> None:
    ran = evgraph(command, tmp_path, *args)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert in_output in ran.stdout
    assert list(tmp_path.iterdir()) == []
