"""The distributions, built once for the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path = ROOT, **environment: str | Path) -> str:
    """Run a program that must succeed, away from the checkout's modules, and return its output."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("EVGRAPH_", "PYTHON"))}
    clean["PATH"] = f"{SCRIPTS}{os.pathsep}{clean['PATH']}"
    clean |= {name: str(value) for name, value in environment.items()}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, folder: Path, *kinds: str) -> list[Path]:
    """Build distributions; without kinds, the source distribution, and from it the wheel."""
    run(sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", folder, source)
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Build the source distribution, and from it the wheel; return the wheel first."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))
