"""How to cite what a page is about: the text, the tags of its head, and files for reference managers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from evgraph.export.citation_formats import as_text, meta_tags
from evgraph.export.citations import citations
from evgraph.formats import CITATION_FORMATS
from evgraph.site.addresses import href, iri_of
from evgraph.site.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.export.citations import Citation
    from evgraph.site.page import Parameters, Site
    from evgraph.store.embedded import OxigraphStore

FILES = {"ris": "ris", "bib": "bibtex", "csl.json": "csl"}
"""Suffix of an address, without its dot → the format of citations."""
NAMES = {"ris": "RIS", "bib": "BibTeX", "csl.json": "CSL-JSON"}
"""Suffix → what people call the format."""
PATTERN = r"(?P<path>(?:doc|cell|matrix)/.+|dataset)\.(?P<suffix>ris|bib|csl\.json)"
"""The paths of files with one citation."""
_SHORT = 16  # Characters of the digest of a text, as the IRI of a snapshot has it.
_FILE = re.compile(PATTERN)


class File(NamedTuple):
    """A file with a citation."""

    name: str  # Of its format, for people.
    address: str
    media_type: str


class Cited(NamedTuple):
    """How to cite a thing.

    Attributes:
        text: the citation in one line.
        iri: the lasting address of the thing here.
        note: what the text leaves out.
        tags: ``citation_*`` of the head of its page: name and content.
        files: for reference managers.

    """

    text: str
    iri: str
    note: str
    tags: list[tuple[str, str]]
    files: list[File]


def cited(site: Site, iri: str) -> Cited | None:
    """Return how to cite a document, a cell, a matrix or the dataset; None for any other thing."""
    for it in _citations(site.store, iri):
        files = [
            File(NAMES[suffix], f"{href(it.iri)}.{suffix}", CITATION_FORMATS[name].media_type)
            for suffix, name in FILES.items()
        ]
        note, _, digest = it.note.partition("In evgraph: ")[0].strip().partition("SHA-256 of the text: ")
        text = f"{as_text(it)} (version {digest[:_SHORT]})" if digest else as_text(it)
        return Cited(text, it.iri, note, meta_tags(it), files)
    return None


@lru_cache(maxsize=1)  # Of a static site, a page and the files beside it are written one after the other.
def _citations(store: OxigraphStore, iri: str) -> tuple[Citation, ...]:
    """Return the citation of a thing; nothing where it cannot be cited."""
    return tuple(citations(store, [iri]))


def is_file(path: str) -> bool:
    """Return whether a path is that of a file with one citation."""
    return bool(cited_by(path))


def cited_by(path: str) -> str:
    """Return the path of the thing whose citation is in a file; empty where the path is of no such file."""
    match = _FILE.fullmatch(path)
    return match["path"] if match else ""


def citation_file(site: Site, _parameters: Parameters, path: str, suffix: str) -> Page | None:
    """Write the citation of a thing as a file; None where it cannot be cited."""
    found = _citations(site.store, iri_of(path))
    return _file(found, suffix, path.replace("/", "-")) if found else None


def citation_files(site: Site, iri: str) -> dict[str, str]:
    """Return the citation of a thing in each format: suffix → text; empty where it cannot be cited."""
    found = _citations(site.store, iri)
    return {suffix: _file(found, suffix, "").html for suffix in FILES if found}


def written(site: Site, iris: Iterable[str], suffix: str, name: str) -> Page:
    """Write the citations of things as a file with a name."""
    return _file(citations(site.store, iris), suffix, name)


def _file(found: Iterable[Citation], suffix: str, name: str) -> Page:
    kind = CITATION_FORMATS[FILES[suffix]]
    text = "".join(kind.write(found))
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    return Page(text, (("Content-Disposition", f'attachment; filename="{safe}.{suffix}"'),), media_type=kind.media_type)
