"""The README and the guides tell the truth: every command in them runs, and prints what it says.

``EVGRAPH_UPDATE=1 pytest tests/docs/test_readme.py`` writes what the commands print now into the files; read the diff.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
GUIDES = [README, *(ROOT / "docs" / f"{name}.md" for name in ("librarian", "analyst", "consumer", "servers"))]
SERVER = "http://localhost:7878"
CONSOLE = re.compile(r"^```console\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL)
SETUP = re.compile(r"^```sh\n(?P<command>.*?)\n```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Copy what the README's commands use, into a folder of its own."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def run(command: str, folder: Path) -> str:
    """Run a command as a reader would, and give what the terminal shows."""
    scripts = Path(sys.executable).parent
    environment = {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        ["bash", "-c", f"{{ {command}; }} 2>&1"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + (f"(exit code {done.returncode})\n" if done.returncode else "")


def replayed(text: str, folder: Path, server: str) -> str:
    """Give a guide with each block's output as it is now; a server of ours stands in for the one it names."""

    def block(found: re.Match[str]) -> str:
        commands = [line for line in found["block"].splitlines() if line.startswith("$ ")]
        shown = "".join(f"{line}\n{run(line[2:].replace(SERVER, server), folder)}" for line in commands)
        return f"```console\n{shown.replace(server, SERVER)}```"

    return CONSOLE.sub(block, text)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_command_prints_what_the_guide_says(guide: Path, workplace: Path, oxigraph_server: Server) -> None:
    text = guide.read_text(encoding="utf-8")
    now = replayed(text, workplace, oxigraph_server.query.removesuffix("/query"))
    with oxigraph_server.holding() as server:
        oxigraph_server.drop(*server.graphs())  # Other tests ask this server too.
    assert "Traceback" not in now
    if os.environ.get("EVGRAPH_UPDATE"):
        guide.write_text(now, encoding="utf-8")
    assert text == now, "EVGRAPH_UPDATE=1 pytest tests/docs/test_readme.py writes the new output into the guide"


def test_the_python_of_the_readme_runs() -> None:
    (block,) = re.findall(r"(?ms)^```python\n(.*?)^```$", README.read_text(encoding="utf-8"))
    subprocess.run([sys.executable, "-W", "error", "-c", block], cwd=ROOT, check=True, capture_output=True)


def test_ci_runs_the_commands_that_set_evgraph_up() -> None:
    commands = SETUP.findall(README.read_text(encoding="utf-8"))
    assert len(commands) == 2
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    for page in (README, *ROOT.glob("docs/*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
