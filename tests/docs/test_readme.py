"""Every command in the README and the guides runs, and prints the output shown.

``EVGRAPH_UPDATE=1 pytest -m '' tests/docs/test_readme.py`` writes the new output into the files; read the diff.
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
from tests.required import missing, require

if TYPE_CHECKING:
    from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
GUIDES = [ROOT / "docs" / f"{name}.md" for name in ("librarian", "analyst", "consumer", "servers")]
SERVER = "http://localhost:7878"
CONSOLE = re.compile(r"^```console\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = re.compile(
    r"(?<=^```)(?P<language>python|r)\n(?P<code>.*?)^```\n\n```text\n(?P<output>.*?)(?=^```$)", re.MULTILINE | re.DOTALL
)
COMMANDS = {"python": "python", "r": "Rscript"}
"""Language of a block → the command that runs it."""
SETUP = re.compile(r"^```sh\n(?P<command>.*?)\n```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Return a folder with a copy of the examples."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def run(command: str, folder: Path) -> str:
    """Run a command in a shell and return what the terminal shows."""
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
    """Return a guide with new outputs; a test server replaces the server that it names."""

    def program(language: str, code: str) -> str:
        (folder / "block").write_text(code, encoding="utf-8")
        return f"{language}\n{code}```\n\n```text\n{run(f'{COMMANDS[language]} block', folder)}"

    def block(match: re.Match[str]) -> str:
        if match["code"]:
            is_there = match["language"] == "python" or shutil.which(COMMANDS[match["language"]])
            return program(match["language"], match["code"]) if is_there else match[0]
        commands = [line for line in match["block"].splitlines() if line.startswith("$ ")]
        shown = "".join(f"{line}\n{run(line[2:].replace(SERVER, server), folder)}" for line in commands)
        return f"```console\n{shown.replace(server, SERVER)}```"

    return re.sub(f"{CONSOLE.pattern}|{PROGRAM.pattern}", block, text, flags=CONSOLE.flags)


@pytest.mark.parametrize(
    "guide",
    [README, *(pytest.param(guide, marks=pytest.mark.slow) for guide in GUIDES)],
    ids=lambda path: path.stem,
)
def test_every_command_prints_the_output_shown(guide: Path, workplace: Path, oxigraph_server: Server) -> None:
    text = guide.read_text(encoding="utf-8")
    now = replayed(text, workplace, oxigraph_server.query.removesuffix("/query"))
    with oxigraph_server.holding() as server:
        oxigraph_server.drop(*server.graphs())  # Other tests use this server too.
    assert "Traceback" not in now
    if os.environ.get("EVGRAPH_UPDATE"):
        guide.write_text(now, encoding="utf-8")
    assert text == now, "EVGRAPH_UPDATE=1 pytest -m '' tests/docs/test_readme.py writes the new output into the guide"
    if "```r\n" in text and not shutil.which("Rscript"):
        missing("r", f"{guide.name} is right, but R, which is not installed, did not run its commands")


def test_the_python_of_the_readme_runs() -> None:
    require("pandas")
    (block,) = re.findall(r"(?ms)^```python\n(.*?)^```$", README.read_text(encoding="utf-8"))
    subprocess.run([sys.executable, "-W", "error", "-c", block], cwd=ROOT, check=True, capture_output=True)


def test_ci_runs_the_commands_that_set_evgraph_up() -> None:
    commands = SETUP.findall(README.read_text(encoding="utf-8"))
    assert len(commands) == 2
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_links_resolve() -> None:
    for page in (README, *ROOT.glob("docs/*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
