"""The tutorial runs, and its outputs are those in the file.

``EVGRAPH_UPDATE=1 pytest -m '' tests/docs/test_notebook.py`` writes the new outputs into the file; read the diff.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.required import require

require("nbclient", "pandas")

ROOT = Path(__file__).parent.parent.parent
TUTORIAL = ROOT / "examples" / "tutorial.ipynb"


def run(text: str, home: Path) -> str:
    """Return a notebook after a run that writes nothing to the user's home."""
    kept = os.environ.keys() - {"PYTHONWARNINGS"}  # Warnings of the kernel's libraries are not errors here.
    environment = {name: os.environ[name] for name in kept if not name.startswith("EVGRAPH_")}
    folders = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment |= {name: str(home / name) for name in folders} | {"COLUMNS": "120", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.docs.run_notebook", str(TUTORIAL.parent)],
        cwd=ROOT,
        input=text,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(text: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return each cell's source and outputs; of a data frame only the text: pandas changes its HTML."""
    cells = []
    for cell in json.loads(text)["cells"]:
        outputs = cell.get("outputs", [])
        for output in outputs:
            if 'class="dataframe"' in "".join(output.get("data", {}).get("text/html", "")):
                del output["data"]["text/html"]
        cells.append(("".join(cell["source"]), outputs))
    return cells


@pytest.mark.slow
def test_its_outputs_are_current(tmp_path: Path) -> None:
    now = run(TUTORIAL.read_text(encoding="utf-8"), tmp_path)
    if os.environ.get("EVGRAPH_UPDATE"):
        TUTORIAL.write_text(now, encoding="utf-8")
    written = TUTORIAL.read_text(encoding="utf-8")
    assert shown(written) == shown(now), (
        "EVGRAPH_UPDATE=1 pytest -m '' tests/docs/test_notebook.py writes the new outputs"
    )


def test_the_file_has_a_stable_form() -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert text == json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert [cell["id"] for cell in notebook["cells"]] == [
        f"cell-{number + 1}" for number in range(len(notebook["cells"]))
    ]
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(code) > 8
    for cell in code:
        assert cell["execution_count"] is None
        assert cell["outputs"], f"{cell['id']} has no output"
        assert not [out for out in cell["outputs"] if out["output_type"] == "error" or out.get("name") == "stderr"]


@pytest.mark.slow
def test_a_changed_cell_has_another_output(tmp_path: Path) -> None:
    notebook = json.loads(TUTORIAL.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    notebook["cells"] = [cell | {"source": ["1 + 1"]}]
    [(source, [output])] = shown(run(json.dumps(notebook), tmp_path))
    assert (source, output["data"], output["execution_count"]) == ("1 + 1", {"text/plain": ["2"]}, None)
