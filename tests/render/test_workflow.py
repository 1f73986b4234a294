"""What ties ``evgraph validate`` into a workflow: the pre-commit hook, and the example for GitHub."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.conftest import ROOT
from tests.render.readers import sarif_run

from evgraph.cli.validate import validate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

FAULTY = ROOT / "examples" / "faulty.ttl"
BASE = ROOT / "tests" / "validation" / "shapes" / "base.ttl"


def hooks() -> dict[str, Any]:
    return {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}


def workflow() -> Any:
    return yaml.safe_load((ROOT / "examples" / "workflows" / "validate.yml").read_text(encoding="utf-8"))


def steps() -> list[Any]:
    (job,) = workflow()["jobs"].values()
    found = job["steps"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("name", ["evgraph-validate", "evgraph-validate-changed"])
def test_a_hook_fits_pre_commit_takes(name: str) -> None:
    hook = hooks()[name]
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    for path in ("data/cells/drug-E4.ttl", "a.trig", "x/y.jsonld", "data/waivers.toml", "waivers.toml"):
        assert re.search(hook["files"], path), path
    for path in ("package.json", "notes.txt", "a.ttl.bak", "my-waivers.toml"):
        assert not re.search(hook["files"], path), path


@pytest.mark.slow
def test_the_hook_runs_on_the_graph(run: Run, tmp_path: Path) -> None:
    hook = hooks()["evgraph-validate"]
    command, *words = shlex.split(hook["entry"]) + list(hook["args"])
    assert command == "evgraph"
    missing = run(*words, cwd=tmp_path, own_process=True)
    assert (missing.code, missing.stdout) == (3, ""), "never the shipped graph in place of the user's own"
    (tmp_path / "data").mkdir()
    shutil.copy(BASE, tmp_path / "data")
    clean = run(*words, cwd=tmp_path, own_process=True)
    assert (clean.code, clean.stdout, clean.stderr) == (0, "", "")
    shutil.copy(FAULTY, tmp_path / "data")
    ran = run(*words, cwd=tmp_path, own_process=True)
    assert ran.code == 1
    assert ran.stdout.startswith("data/faulty.ttl:23:20: violation DocumentShape-issued: ")


@pytest.mark.slow
def test_the_hook_for_changes_reports_new_findings_only(run: Run, tmp_path: Path) -> None:
    hook = hooks()["evgraph-validate-changed"]
    _, *words = shlex.split(hook["entry"]) + list(hook["args"])
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(FAULTY, data)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    unchanged = run(*words, cwd=tmp_path, own_process=True)
    assert (unchanged.code, unchanged.stdout) == (0, "")
    text = (data / "faulty.ttl").read_text(encoding="utf-8")
    (data / "faulty.ttl").write_text(text.replace('"21"^^', '"210"^^'), encoding="utf-8")
    ran = run(*words, cwd=tmp_path, own_process=True)
    assert ran.code == 1
    assert "DocumentShape-issued" in ran.stdout
    assert "EntryShape-statedIn" not in ran.stdout


def test_the_workflow_uses_words_that_the_command_knows() -> None:
    known = {word for parameter in validate.params for word in parameter.opts}
    commands = re.findall(r"evgraph (\w+)(.*)", "\n".join(step.get("run", "") for step in steps()))
    assert len(commands) == 3
    for name, words in commands:
        assert name == "validate"
        used = [word for word in words.partition("||")[0].split() if word.startswith("-")]
        assert set(used) <= known
    workflow = (ROOT / "examples" / "workflows" / "validate.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", workflow)) <= known


def test_the_workflow_may_do_what_it_does() -> None:
    whole = workflow()
    assert whole["permissions"] == {"contents": "read", "security-events": "write"}
    uploads = [step for step in steps() if "upload" in step.get("uses", "")]
    written = "\n".join(step.get("run", "") for step in steps())
    assert [step["with"].get("sarif_file") or step["with"]["path"] for step in uploads] == [
        "findings.sarif", "findings.html",
    ]  # fmt: skip
    for step in uploads:
        name = step["with"].get("sarif_file") or step["with"]["path"]
        assert f"-o {name}" in written
        assert f"hashFiles('{name}')" in step["if"], "what was not written cannot be kept"


def test_the_steps_of_the_workflow_run(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(FAULTY, tmp_path / "data")
    codes = []
    for step in steps():
        if "evgraph validate" in step.get("run", ""):
            command = step["run"].replace("evgraph validate", f"{shlex.quote(sys.executable)} -m evgraph validate")
            done = subprocess.run(["bash", "-eo", "pipefail", "-c", command], cwd=tmp_path, check=False, timeout=120)
            codes.append(done.returncode)
    assert codes == [1, 0], "findings fail the check; the reports of them are written all the same"
    found = sarif_run((tmp_path / "findings.sarif").read_text(encoding="utf-8"))
    assert len(found["results"]) == 5
    assert (tmp_path / "findings.html").read_text(encoding="utf-8").startswith("<!doctype html>")
