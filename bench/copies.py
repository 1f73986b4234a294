"""Big graphs for measuring: the shipped graph many times over, each copy with its own cells, documents and headlines.

Usage: python bench/copies.py TRIPLES > big.nt

What copies share is what real graphs share: the concepts, the matrices, the organisations. A headline or an identifier
of one copy is never in another, or every copy would be a false friend of all others: each has the copy's number.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, serialize

from evgraph import shipped_files
from evgraph.export.export import export
from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, RDFS, SCHEMA
from evgraph.store.opening import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHARED = r"(?!(?:scheme|matrix|org|agent)/)"
_THING = re.compile(rf"(<{re.escape(ID)}{_SHARED}[a-z]+/)([^/>]+)")
_TELLING = "|".join(
    re.escape(f"<{iri}>")
    for iri in (
        f"{SCHEMA}headline", f"{DCTERMS}title", f"{RDFS}label", f"{EVG}identifierValue", f"{EVG}statedNote",
        f"{BIBO}doi", f"{BIBO}pmid",
    )
)  # fmt: skip
_TEXT = re.compile(rf'(^\S+ (?:{_TELLING}) "(?:[^"\\]|\\.)*)"')


def lines(triples: int) -> Iterator[str]:
    """Give N-Triples, about as many as asked for; the first copy has the shipped graph's own names."""
    cells = {f"<{ID}cell/{name}>" for name in ("alcohol-E4", "drug-E4")}
    shipped = _ntriples(shipped_files.data())
    own = [line for line in _ntriples(shipped_files.data() / "matrices.ttl") if line.partition(" ")[0] in cells]
    whole = sorted(line for line in {*shipped, *own} if f"<{ID}dataset" not in line)
    for copy in range(max(1, round(triples / len(whole)))):
        for line in whole:
            renamed = _THING.sub(rf"\1\2-k{copy}", line) if copy else line
            of_copy = renamed.partition(" ")[0] != line.partition(" ")[0]
            yield (_TEXT.sub(rf'\1 {copy}"', renamed) if of_copy else renamed) + "\n"


def _ntriples(path: Path) -> list[str]:
    quads = export(Origin((path,)))
    text = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert text is not None  # noqa: S101 - without a file the text comes back
    return text.decode().splitlines()


if __name__ == "__main__":
    sys.stdout.writelines(lines(int(sys.argv[1])))
