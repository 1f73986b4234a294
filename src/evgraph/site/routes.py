"""Which view writes the page at an address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from evgraph.namespaces import MATRICES
from evgraph.site import (
    about,
    cell,
    changes,
    citing,
    concept,
    document,
    download,
    home,
    links,
    lists,
    organisation,
    parts,
    questions,
    searching,
    sparql,
    thing,
    topics,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.site.page import Page, Parameters, Site

View: TypeAlias = "Callable[..., Page | None]"
"""Takes the site, the parameters and the groups of the pattern; returns None where there is no such page."""

_VIEWS: tuple[tuple[str, View], ...] = (
    ("questions", questions.questions),
    ("questions/(?P<name>[a-z0-9-]+)", questions.question),
    ("sparql", sparql.sparql),
    ("search", searching.find),
    ("links", links.links),
    ("about", about.about),
    ("data", about.data),
    ("dataset", about.dataset),
    ("changes", changes.what_changed),
    (r"feed(?:\.atom)?", changes.feed),
    (r"feed/(?P<path>.+?)(?:\.atom)?", changes.feed),
    (citing.PATTERN, citing.citation_file),
    # The map, cells, topics.
    ("", home.home),
    (f"matrix/(?P<name>{'|'.join(MATRICES)})", home.matrix),
    ("cell/(?P<name>[^/]+)", cell.cell),
    ("topics", topics.topics),
    ("scheme/topic/(?P<name>[^/]+)", topics.topic),
    (r"selection\.(?P<suffix>csv|ttl|ris|bib)", download.download),
    # Documents, people, lists.
    ("documents", lists.documents),
    (r"documents\.(?P<suffix>csv|ris|bib)", download.documents),
    ("guidance", lists.guidance),
    ("organisations", lists.organisations),
    ("doc/(?P<slug>.+)", document.document),
    ("org/(?P<name>.+)", organisation.organisation),
    ("(?P<path>scheme/(?!topic/).+)", concept.concept),
    ("(?P<path>recommendation/.+)", parts.recommendation),
    ("(?P<path>claim/.+)", parts.claim),
    ("(?P<path>passage/.+)", parts.passage),
    ("snapshot/(?P<cell>[^/]+)/(?P<digest>.+)", parts.snapshot),
    ("(?P<path>.+)", thing.thing),  # The last one: any resource.
)
_PATTERNS = tuple((re.compile(pattern), view) for pattern, view in _VIEWS)

ONLY_PAGES = frozenset(
    {"about", "changes", "data", "documents", "guidance", "organisations", "topics", "links", "search"}
)
"""The paths that are pages and no resources: there is no other format to negotiate."""

DOWNLOADS = frozenset(
    {*(f"selection.{suffix}" for suffix in ("csv", "ttl", "ris", "bib")),
     *(f"documents.{suffix}" for suffix in ("csv", "ris", "bib"))}
)  # fmt: skip
"""The paths of files that are no resources, beside those of citations."""


def is_file(path: str) -> bool:
    """Return whether a path is that of a file that is no format of a resource."""
    return path in DOWNLOADS or path in {"feed", "feed.atom"} or path.startswith("feed/") or citing.is_file(path)


def page(site: Site, path: str, parameters: Parameters) -> Page | None:
    """Write the page at a path, or return None where there is none.

    Args:
        site: what the views read.
        path: without its first slash; empty for the home page.
        parameters: of the address.

    """
    for pattern, view in _PATTERNS:
        if match := pattern.fullmatch(path):
            return view(site, parameters, **match.groupdict())
    return None
