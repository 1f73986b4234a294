"""The files for hosts that need no configuration of a server: ``_headers`` and ``_redirects``.

https://developers.cloudflare.com/pages/configuration/headers/ https://docs.netlify.com/manage/routing/redirects/overview/
"""

from __future__ import annotations

import re

import pytest

from evgraph.formats import CITATION_FORMATS
from evgraph.namespaces import CC0
from evgraph.site.hosts import files
from evgraph.site.page import POLICY


def headers(text: str, path: str) -> dict[str, list[str]]:
    """Return the headers that a host sends for a path: those of every rule that fits, which it joins."""
    found: dict[str, list[str]] = {}
    fits = False
    for line in text.splitlines():
        assert len(line) <= 2000
        if line.startswith("/"):
            assert line.count("*") <= 1
            fits = re.fullmatch(re.escape(line).replace(r"\*", ".*"), path) is not None
            continue
        match = re.fullmatch(r"  ([A-Za-z-]+): (\S.*)", line)
        assert match, line
        if fits:
            found.setdefault(match[1], []).append(match[2])
    return found


@pytest.mark.parametrize("prefix", ["", "/sub/path"])
@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/cell/drug-E4", None),
        ("/search-index.json", None),
        ("/cell/drug-E4.ttl", "text/turtle; charset=utf-8"),
        ("/cell/drug-E4.jsonld", "application/ld+json"),
        ("/doc/timko-2007.csl.json", CITATION_FORMATS["csl"].media_type),
        ("/questions/shared-documents.spreadsheet.csv", "text/csv; charset=utf-8"),
        ("/feed/cell/drug-E4.atom", "application/atom+xml"),
        ("/.well-known/void", "text/turtle; charset=utf-8"),
    ],
)
def test_each_header_is_sent_once(prefix: str, path: str, media_type: str | None) -> None:
    text = dict(files(f"https://example.org{prefix}/", []))["_headers"].decode()
    assert headers(text, f"{prefix}{path}") == {
        "Access-Control-Allow-Origin": ["*"],
        "X-Content-Type-Options": ["nosniff"],
        "Content-Security-Policy": [POLICY],
        "Link": [f'<{prefix}/dataset>; rel="describedby", <{CC0}>; rel="license"'],
    } | ({"Content-Type": [media_type]} if media_type else {})
    assert not prefix or headers(text, path) == {}


@pytest.mark.parametrize("prefix", ["", "/sub/path"])
def test_redirects_have_three_columns(prefix: str) -> None:
    text = dict(files(f"https://example.org{prefix}/", []))["_redirects"].decode()
    assert [tuple(line.split(" ")) for line in text.splitlines()] == [
        (f"{prefix}/id/*", f"{prefix}/:splat", "303"),
        (f"{prefix}/.well-known/void", f"{prefix}/dataset", "303"),
        (f"{prefix}/feed", f"{prefix}/feed.atom", "200"),
    ]
