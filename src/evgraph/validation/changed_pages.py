"""The check for snapshots whose page has changed: their passages are no longer where the graph says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.namespaces import EVG, ID, curie
from evgraph.store.protocol import select
from evgraph.text import summarize_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evgraph.store.protocol import Store
    from evgraph.validation.check import Row

SUMMARY = "The page of this snapshot has changed since it was read"
PROBLEM = (
    "The passages of the snapshot give lines and offsets in a text that the page no longer has. In the page of today,"
    " other words are there."
)
SOLUTION = (
    "Ingest the page as it is now, then review the curated data that refers to its passages; or keep the old page with"
    " the graph."
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
    """The pages of a folder, or one page, which snapshots are compared with.

    Raise UnreadableError if the folder is missing or has no page.
    """

    def __init__(self, folder: Path) -> None:
        from evgraph.pages.decoding import find_pages, read
        from evgraph.pages.layout import read_page

        if not folder.exists():
            raise UnreadableError("no such folder of pages", path=folder, hint="check the name")
        self._folder = folder
        self._hashes: dict[str, set[str]] = {}  # Cell (``drug-E4``) → SHA-256 of each of its texts.
        self._texts: dict[str, str] = {}  # Hash in the snapshot's IRI → its text.
        self._errors: list[str] = []
        self._without: dict[str, None] = {}  # Snapshots without a page in the folder.
        for path in find_pages([folder]):
            try:
                page = read_page(read(path))
            except EvgraphError as error:
                self._errors.append(str(error))
            else:
                self._hashes.setdefault(page.cell, set()).add(page.source.sha256)
                self._texts[page.source.hash] = page.source.text

    @property
    def complaints(self) -> list[str]:
        """What could not be compared, and why; complete after the check has run."""
        if not self._without:
            return self._errors
        return [*self._errors, f"not compared: {self._folder} has no page for {summarize_names(self._without)}"]

    def words(self, passage: str) -> str | None:
        """Return the words of a passage on one line; None where no page of the folder has the text of its snapshot."""
        match = _PASSAGE.fullmatch(passage)
        text = self._texts.get(match["hash"]) if match else None
        return " ".join(text[int(match["start"]) : int(match["end"])].split()) if match and text else None

    def rows(self, store: Store) -> Iterator[Row]:
        """Yield the snapshots whose page in the folder has another text."""
        for snapshot, cell, digest in select(store, _SNAPSHOTS):
            if isinstance(snapshot, NamedNode) and isinstance(cell, NamedNode) and isinstance(digest, Literal):
                texts = self._hashes.get(cell.value.removeprefix(f"{ID}cell/"))
                if texts is None:
                    self._without[curie(snapshot.value)] = None
                elif digest.value not in texts:
                    yield snapshot, _SHA256, digest
