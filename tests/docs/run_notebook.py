"""Run the notebook on standard input in a folder, and write it with its outputs to standard output.

``python -m tests.docs.run_notebook examples < examples/tutorial.ipynb``. It is a process of its own, because the
libraries that talk to the kernel leave sockets open until the interpreter ends, and pytest reports those as errors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Callable

# nbformat has no types.
reads = cast("Callable[..., Any]", nbformat.reads)
writes = cast("Callable[..., str]", nbformat.writes)
KERNEL = {
    "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Python 3",
    "language": "python",
}


def run(notebook: Any, folder: str) -> None:
    """Run a notebook with this interpreter as its kernel, whatever kernels the user has installed."""
    with TemporaryDirectory() as kernels:
        spec = Path(kernels) / "python3" / "kernel.json"
        spec.parent.mkdir()
        spec.write_text(json.dumps(KERNEL), encoding="utf-8")
        kernel_specs = KernelSpecManager(kernel_dirs=[kernels], ensure_native_kernel=False)
        manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=kernel_specs)
        NotebookClient(
            notebook, km=manager, timeout=120, resources={"metadata": {"path": folder}}, record_timing=False
        ).execute()


def normalise(notebook: Any, metadata: Any) -> None:
    """Remove what differs between runs."""
    notebook.metadata = metadata
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = None


if __name__ == "__main__":
    notebook = reads(sys.stdin.read(), as_version=4)
    metadata = notebook.metadata.copy()
    run(notebook, sys.argv[1])
    normalise(notebook, metadata)
    nbformat.validate(notebook)
    sys.stdout.write(writes(notebook, indent=1) + "\n")
