"""The package as it is published: source distribution and wheel, citation, image; and the tools that install it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.project.conftest import ROOT, SCRIPTS, build, run
from tests.required import missing

from evgraph import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CONTAINERFILE = ROOT / "Containerfile"
QUESTION = ["query", "shared-documents", "--limit", "1", "--columns", "document", "--format", "csv"]
ANSWER = "document\nhttps://w3id.org/evgraph/id/doc/ghose-2008\n"


def tool(name: str) -> str:
    """Return the path of a program of the extra ``dev``."""
    found = shutil.which(name, path=SCRIPTS) or shutil.which(name)
    if found is None:
        missing("package", f"{name} is not installed")
    return found


@pytest.mark.slow
def test_distributions_are_in_order(distributions: Sequence[Path]) -> None:
    wheel, source = distributions
    assert [wheel.name, source.name] == [f"evgraph-{__version__}-py3-none-any.whl", f"evgraph-{__version__}.tar.gz"]
    assert run(tool("twine"), "check", "--strict", *distributions).count("PASSED") == 2
    assert run(tool("check-wheel-contents"), wheel) == f"{wheel}: OK\n"
    with tarfile.open(source) as archive:
        folders = {name.split("/")[1] for name in archive.getnames()}
    assert {"CITATION.cff", "Containerfile", "data", "docs", "ontology", "queries", "src", "tests"} <= folders


@pytest.mark.slow
def test_pipx_and_uv_install_the_wheel(distributions: Sequence[Path], tmp_path: Path) -> None:
    uv = tool("uv")
    places = {"UV_TOOL_DIR": tmp_path / "tools", "UV_TOOL_BIN_DIR": tmp_path / "bin", "PIPX_HOME": tmp_path / "pipx"}
    run(uv, "tool", "install", distributions[0], cwd=tmp_path, **places)
    assert run(tmp_path / "bin" / "evgraph", *QUESTION, cwd=tmp_path) == ANSWER
    pipx = [uv, "tool", "run", "pipx", "run", "--backend", "uv"]
    assert run(*pipx, "--spec", distributions[0], "evgraph", *QUESTION, cwd=tmp_path, **places) == ANSWER


def test_the_citation_is_that_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'license = "{" AND ".join(citation["license"])}"' in project
    assert citation["authors"][0]["name"] in project


@pytest.mark.slow
def test_the_citation_is_valid() -> None:
    assert "are valid" in run(tool("uv"), "tool", "run", "-q", "cffconvert", "--validate", "-i", ROOT / "CITATION.cff")


@pytest.mark.slow
def test_the_image_has_what_it_needs(tmp_path: Path) -> None:
    assert run(tool("hadolint"), CONTAINERFILE) == ""
    text = CONTAINERFILE.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^USER (.*)$", text) == ["65532:65532"]
    context = tmp_path / "context"
    context.mkdir()
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert [line for line in lines if not line.startswith("!")] == ["*", "editor/node_modules"]
    for name in (line[1:] for line in lines if line.startswith("!")):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, context / name, ignore=shutil.ignore_patterns("node_modules"))
        else:
            shutil.copy2(ROOT / name, context / name)
    (wheel,) = build(context, tmp_path / "wheel", "--wheel")
    assert wheel.stat().st_size > 500_000


@pytest.mark.slow
def test_the_image_starts_a_healthy_server(tmp_path: Path) -> None:
    text = CONTAINERFILE.read_text(encoding="utf-8")
    entry, words = (json.loads(re.search(rf"(?m)^{name} (\[.*\])$", text)[1]) for name in ("ENTRYPOINT", "CMD"))  # type: ignore[index]
    (health,) = (json.loads(line) for line in re.findall(r"(?m)^    CMD (\[.*\])$", text))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert words[-1] == "8000"
    command = [sys.executable, "-m", *entry, *words[:-1], port]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "HOME": "/nonexistent"}
    server = subprocess.Popen(
        command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == f"evgraph is ready at http://0.0.0.0:{port}/\n"
        check = [sys.executable, *health[1:-1], health[-1].replace("8000", port)]
        assert subprocess.run(check, check=False).returncode == 0
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode == 1
    assert list(tmp_path.iterdir()) == []
