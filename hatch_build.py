"""Build the editor of the page for SPARQL into the wheel, where npm is there; without it that page has a text area."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EditorHook(BuildHookInterface[Any]):
    """https://hatch.pypa.io/latest/plugins/build-hook/reference/."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's own names
        """Run npm, unless the editor is built already or this is an editable installation."""
        root = Path(self.root)
        source, built = root / "editor" / "editor.js", root / "src" / "evgraph" / "site" / "static" / "editor.js"
        if version == "editable" or (built.exists() and built.stat().st_mtime >= source.stat().st_mtime):
            return
        npm = shutil.which("npm")
        if npm is None:
            self.app.display_warning("npm is not there: the wheel has no editor for SPARQL, only a text area")
            return
        for command in (["ci", "--fetch-retries=0", "--fetch-timeout=20000"], ["run", "build"]):
            done = subprocess.run([npm, "--prefix", str(source.parent), *command], capture_output=True, text=True)  # noqa: S603
            if done.returncode:
                self.app.display_warning(f"npm {command[0]} failed: the wheel has no editor for SPARQL\n{done.stderr}")
                return
