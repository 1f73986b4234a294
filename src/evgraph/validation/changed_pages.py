"""Snapshots whose page has changed since: their passages no longer stand where the graph says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.namespaces import EVG, ID, curie
from evgraph.store.select import select
from evgraph.text import summarize_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evgraph.store.protocol import Store
    from evgraph.validation.check import Row

SUMMARY = "The page of this snapshot has changed since it was read"
PROBLEM = (
    "The passages of the snapshot give lines and characters of a text that the page no longer has. Shown beside the"
    " page as it is, they would put words into its mouth."
)
SOLUTION = (
    "Ingest the page as it is now, then look again at what people have said of its passages; or keep the old page"
    " beside the graph."
)

_PASSAGE = re.compile(re.escape(f"{ID}passage/") + r"(?P<hash>[0-9a-f]{16})/(?P<start>[0-9]{1,9})-(?P<end>[0-9]{1,9})")
_SHA256 = NamedNode(f"{EVG}sha256")
_SNAPSHOTS = """
SELECT DISTINCT ?snapshot ?cell ?hash
WHERE {
  ?snapshot prov:specializationOf ?cell ;
    evg:sha256 ?hash .
}
ORDER BY STR(?snapshot)
"""


class Pages:
    """The pages of a folder, to compare snapshots with.

    Args:
        folder: pages, or one page.

    Raises:
        UnreadableError: the folder is missing or holds no page.

    """

    def __init__(self, folder: Path) -> None:
        from evgraph.pages.decoding import find_pages, read
        from evgraph.pages.layout import read_page

        if not folder.exists():
            raise UnreadableError("no such folder of pages", path=folder, hint="check the name")
        self._folder = folder
        self._hashes: dict[str, set[str]] = {}  # Cell (``drug-E4``) → SHA-256 of each text of it.
        self._texts: dict[str, str] = {}  # Hash of a snapshot, as its IRI has it → the text.
        self._unread: list[str] = []
        self._without: dict[str, None] = {}  # The snapshots of which the folder has no page.
        for path in find_pages([folder]):
            try:
                page = read_page(read(path))
            except EvgraphError as error:
                self._unread.append(str(error))
            else:
                self._hashes.setdefault(page.cell, set()).add(page.source.sha256)
                self._texts[page.source.hash] = page.source.text

    @property
    def complaints(self) -> list[str]:
        """What could not be compared, and why, in plain words; whole once the check has run."""
        if not self._without:
            return self._unread
        return [
            *self._unread,
            f"no file of {self._folder} is the page of {summarize_names(self._without)}: not compared",
        ]

    def words(self, passage: str) -> str | None:
        """Give the words of a passage on one line; None where no page of the folder is the text that it is of."""
        found = _PASSAGE.fullmatch(passage)
        text = self._texts.get(found["hash"]) if found else None
        return " ".join(text[int(found["start"]) : int(found["end"])].split()) if found and text else None

    def rows(self, store: Store) -> Iterator[Row]:
        """Find the snapshots of which the folder has the cell's page, and not with that text."""
        for snapshot, cell, digest in select(store, _SNAPSHOTS):
            if isinstance(snapshot, NamedNode) and isinstance(cell, NamedNode) and isinstance(digest, Literal):
                texts = self._hashes.get(cell.value.removeprefix(f"{ID}cell/"))
                if texts is None:
                    self._without[curie(snapshot.value)] = None
                elif digest.value not in texts:
                    yield snapshot, _SHA256, digest
