"""Write the generated pages of this folder: ``python -m docs.build``, in the folder above."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docs import checks_reference, cli_reference, ontology_reference, shacl_reference, shapes_reference

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent
PAGES: dict[str, Callable[[], str]] = {
    "checks.md": checks_reference.reference,
    "cli-reference.md": cli_reference.reference,
    "ontology.md": ontology_reference.reference,
    "shacl.md": shacl_reference.reference,
    "shapes.md": shapes_reference.reference,
}
"""File name → function that returns its text."""

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
