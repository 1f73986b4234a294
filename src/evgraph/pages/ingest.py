"""Read pages and resolve them together: the one call behind ``evgraph ingest``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.pages.cell import Cell, identify
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.source import read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from evgraph.register import Register

PAGE_SUFFIXES = (".txt", ".html", ".htm")


@dataclass(slots=True)
class Ingested:
    """What came of some pages.

    Attributes:
        cells: one a page that could be read, in the order of the pages.
        failures: one error a page that could not.

    """

    cells: list[Cell] = field(default_factory=list)
    failures: list[EvgraphError] = field(default_factory=list)


def pages_at(paths: Sequence[str | Path]) -> list[Path]:
    """Find the pages that paths mean: a file, or every ``.txt``, ``.html`` and ``.htm`` below a folder.

    Raises:
        UnreadableError: a folder holds none.

    """
    pages: list[Path] = []
    for path in map(Path, paths):
        found = [path]
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix.lower() in PAGE_SUFFIXES and file.is_file())
        if not found:
            raise UnreadableError(
                "no page in this folder", path=path, way_out=f"pages end in {', '.join(PAGE_SUFFIXES)}"
            )
        pages += found
    return list(dict.fromkeys(pages))


def ingest(
    paths: Iterable[Path], register: Register, *, cell: str | None = None, in_graph: Collection[str] = ()
) -> Ingested:
    """Read pages and resolve their references across them all.

    Args:
        paths: one page each; a page that cannot be read becomes a failure and stops no other.
        register: which document is which.
        cell: ``drug:E4`` for a page that does not say which cell it is.
        in_graph: IRIs of cells that were ingested before, so that references to them resolve.

    """
    done, read_from = Ingested(), dict[str, str]()
    for path in paths:
        try:
            one = identify(read_page(read(path), cell), register)
            if first := read_from.get(one.iri):
                raise UnreadableError(
                    f"a second page of {one.page.matrix}:{one.page.square}, which was read from {first}",
                    path=path,
                    way_out="ingest one version of a cell at a time",
                )
        except EvgraphError as error:
            done.failures.append(error)
        else:
            read_from[one.iri] = str(path)
            done.cells.append(one)
    resolve(done.cells, register, in_graph)
    return done
