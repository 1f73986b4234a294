"""A folder of Turtle that stands on its own: ``cells/``, and of the register what they mention.

``curated/`` and a register that people keep in the folder are never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.errors import UnreadableError
from evgraph.namespaces import CC0, DCTERMS, ID, RDF, VOID
from evgraph.rdf.files import find
from evgraph.rdf.turtle import turtle
from evgraph.register import REGISTER_FILES, Register
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EXTRACT = "Taken from the register for the cells in this folder, and written anew each time: edit curated/ instead."
_TITLES = {
    "documents.ttl": ("documents", "Documents that the cells in this folder mention"),
    "organisations.ttl": ("organisations", "Organisations that the cells in this folder mention"),
}


def keeps_own_register(folder: Path) -> bool:
    """Tell whether a folder has a register that people keep, not one that `write` took out of another."""
    return any((folder / name).is_file() and not _is_extract(folder / name) for name in REGISTER_FILES)


def write(folder: Path, cells: Mapping[str, bytes], register: Register) -> list[Path]:
    """Write the graphs of some cells, each file whole or not at all, and renew what is taken from the register.

    Args:
        folder: made where it does not exist; files of other cells in it stay.
        cells: ``drug-E4`` → Turtle.
        register: where documents and organisations are taken from.

    Returns:
        The files written.

    Raises:
        UnreadableError: a file cannot be written, or one that was there cannot be read.

    """
    if (folder / "cells").is_symlink():
        raise UnreadableError(
            "is a symbolic link; nothing was written",
            path=folder / "cells",
            hint="remove it, or name another folder with -o",
        )
    written = []
    for name, content in cells.items():
        path = folder / "cells" / f"{name}.ttl"
        write_file(path, content)
        written.append(path)
    mentioned = {
        quad.object.value
        for part in ("cells", "curated")
        for file in find(sorted((folder / part).glob("*.ttl")))
        for quad in file.quads()
        if isinstance(quad.object, NamedNode)
    }
    for name, triples in zip(REGISTER_FILES, register.extract(mentioned), strict=True):
        path = folder / name
        if path.is_file() and not _is_extract(path):
            continue
        write_file(path, turtle([*_header(name), *triples], header=_EXTRACT))
        written.append(path)
    return written


def _header(name: str) -> list[Triple]:
    graph, title = _TITLES[name]
    subject = NamedNode(f"{ID}graph/{graph}")
    return [
        Triple(subject, NamedNode(f"{RDF}type"), NamedNode(f"{VOID}Dataset")),
        Triple(subject, NamedNode(f"{DCTERMS}title"), Literal(title, language="en")),
        Triple(subject, NamedNode(f"{DCTERMS}license"), NamedNode(CC0)),
    ]


def _is_extract(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return _EXTRACT in next(lines, "")
