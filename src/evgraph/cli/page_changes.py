"""What ``evgraph ingest`` prints on pages that changed: what kept its IRI, and which decisions need a person."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

from evgraph.characters import visible
from evgraph.cli.common import say
from evgraph.namespaces import curie
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evgraph.pages.curated_passages import MovedPassage
    from evgraph.pages.ingest import IngestResult
    from evgraph.pages.versions import LostName

_SHOWN = 200  # Characters of words that are gone.
_CONTEXT = 6  # Words that stay, before and after a change.


def print_changes(result: IngestResult, folder: Path) -> bool:
    """Print what changed with new versions of pages; return whether all that curated data is about is still there."""
    for page in result.reports:
        for kept in page.kept:
            label = kept.label and f"{kept.label}: "
            say(visible(f"{page.path}:{kept.line}: {kept.what}: {label}{kept.before} → {kept.after}"))
    lost = [name for page in result.reports for name in page.lost]
    for name, place in _places(lost, folder):
        say(visible(f"{place}: {_of_lost(name)}"))
    exact = [passage for passage in result.moved_passages if passage.now and passage.is_exact]
    near = [passage for passage in result.moved_passages if passage.now and not passage.is_exact]
    gone = sorted((passage for passage in result.moved_passages if not passage.now), key=lambda passage: passage.page)
    for passage in near:
        say(f"{passage.place}: passage reworded, now {passage.page}:{passage.line}: {_differences(passage)}")
    for passage in gone:
        if passage.words is not None:
            nearest = f"; nearest, {passage.page}:{passage.line}: “{_cut(passage.nearest)}”" if passage.line else ""
            say(visible(f"{passage.place}: passage gone from {passage.page}: “{_cut(passage.words)}”{nearest}"))
    for path, unknown in groupby(
        (passage for passage in gone if passage.words is None), key=lambda passage: passage.page
    ):
        first, *others = unknown
        passages = plural(len(others) + 1, "curated passage")
        say(
            f"{first.place}: {passages} of an earlier version of {path} not found, because its text is not known;"
            " name it with --earlier FILE"
        )
    if exact or near:
        counts = f"{len(exact)} with the same words, {len(near)} reworded"
        total = plural(len(exact) + len(near), "curated passage")
        say(f"{folder / 'curated'}: moved {total} to the new version of the page: {counts}")
    return not lost and not gone


def _of_lost(name: LostName) -> str:
    label = f" ({_cut(name.label)})" if name.label else ""
    if name.now:
        return f"{curie(name.iri)} is now {curie(name.now)}: correct the IRI here"
    return f"{curie(name.iri)}{label} is not in the new version of the page: remove it here, or name another"


def _cut(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


def _places(lost: list[LostName], folder: Path) -> Iterator[tuple[LostName, str]]:
    """Yield what is lost with the place in the curated data that names it."""
    if not lost:
        return
    from pyoxigraph import NamedNode

    from evgraph.rdf.files import find
    from evgraph.rdf.positions import first_uses

    curated = folder / "curated"
    files = find([curated]) if any(curated.rglob("*.ttl")) else []
    places = first_uses([NamedNode(name.iri) for name in lost], files)
    for name in lost:
        yield name, str(places.get(NamedNode(name.iri), "curated data"))


def _differences(passage: MovedPassage) -> str:
    """Return the new words with what was removed and added, ``a [-old-] {+new+} word``, and a few words around it."""
    before, after = (passage.words or "").split(), passage.nearest.split()
    parts: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            same = before[a:b]
            parts += same if len(same) <= 2 * _CONTEXT + 1 else [*same[:_CONTEXT], "…", *same[-_CONTEXT:]]
            continue
        parts += [f"[-{' '.join(before[a:b])}-]"] if a < b else []
        parts += [f"{{+{' '.join(after[c:d])}+}}"] if c < d else []
    return visible(" ".join(parts))
