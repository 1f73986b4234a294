"""What changed, for people and as a feed: decisions with their days, and the changes since an earlier version."""

from __future__ import annotations

import re
import shutil
from html import unescape
from typing import TYPE_CHECKING

import pytest
from tests.required import require
from tests.site.conftest import HTML, injected
from tests.web.conftest import Served, serving

from evgraph import shipped_files

require("feedparser")
import feedparser  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Run
    from tests.site.conftest import Browser

RETITLED = "Cost-containment limits on offering individualised treatment associated with worse treatment outcomes"
SETTLED = "In USA active and persistent attempts to link patients to mutual aid groups helps reduce substance use"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the shipped graph after an earlier version, in which an entry had another headline."""
    earlier = tmp_path_factory.mktemp("earlier") / "data"
    shutil.copytree(shipped_files.data(), earlier)
    file = earlier / "cells" / "drug-E4.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace(RETITLED, "An older headline"), encoding="utf-8")
    with serving("--workers", "1", "--earlier", earlier) as server:
        yield server


def lines(html: str) -> list[str]:
    """Return the changes of a page as text."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return [
        " ".join(unescape(re.sub(r"<[^>]*>", "", item)).split())
        for item in re.findall(r"<li>(.*?)</li>", main, re.DOTALL)
    ]


@pytest.mark.parametrize(
    ("path", "title", "entries"),
    [
        ("/feed", "evgraph: what changed", 18),
        ("/feed/alcohol", "evgraph: what changed, Alcohol Treatment Matrix", 18),
        ("/feed/drug", "evgraph: what changed, Drug Treatment Matrix", 0),
        ("/feed/cell/alcohol-E4", "evgraph: what changed, Alcohol Treatment Matrix cell E4: Treatment systems;"
         " Psychosocial therapies", 18),
        ("/feed/doc/timko-2007", "evgraph: what changed, Timko & DeBenedetti (2007)", 1),
    ],
)  # fmt: skip
def test_decisions_are_a_feed(site: Served, path: str, title: str, entries: int) -> None:
    answer = site.get(path)
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = feedparser.parse(answer.text)
    assert not feed.bozo
    assert (feed.feed.title, len(feed.entries), feed.feed.updated) == (title, entries, "2026-11-30T00:00:00Z")
    assert feed.feed.links[0].href == f"{path}.atom"
    assert site.get(f"{path}.atom").text == answer.text


def test_a_decision_in_a_feed(site: Served) -> None:
    (entry,) = feedparser.parse(site.get("/feed/doc/timko-2007").text).entries
    assert entry.title == f"reference settled: {SETTLED}"
    assert entry.link == "https://w3id.org/evgraph/id/ref/alcohol-E4/timko-2007/commentary-1"
    assert (entry.summary, entry.updated) == ("section:alcohol-E4/issue-3", "2026-11-30T00:00:00Z")


@pytest.mark.parametrize("path", ["/feed/doc/nope", "/feed/ns", "/feed/", "/changes?about=doc/nope"])
def test_there_is_no_feed_of_nothing(site: Served, path: str) -> None:
    assert site.get(path, HTML).status_code in {308, 404}


def test_pages_lead_to_their_feeds(site: Served) -> None:
    for path, feed in {
        "/": "/feed.atom", "/about": "/feed.atom", "/matrix/drug": "/feed/drug.atom",
        "/cell/drug-E4": "/feed/cell/drug-E4.atom", "/doc/timko-2007": "/feed/doc/timko-2007.atom",
    }.items():  # fmt: skip
        html = site.get(path, HTML).text
        assert f'<link rel="alternate" href="{feed}" type="application/atom+xml" title="What changed">' in html
        assert f'as <a href="{feed}">a feed</a>' in html


def test_decisions_by_day(site: Served) -> None:
    html = site.get("/changes?about=doc/timko-2007", HTML).text
    assert re.findall(r'<h2><time datetime="([^"]*)">([^<]*)<', html) == [("2026-11-30", "30 November 2026")]
    assert lines(html) == [f"Link settled: {SETTLED} leads to Build your aftercare system on mutual aid? Alcohol E4"]
    assert "This site has no earlier version of the graph to compare with." in html
    assert len(lines(site.get("/changes", HTML).text)) == 18


def test_changes_since_an_earlier_version(compared: Served) -> None:
    text = f"Entry retitled: {RETITLED}, from An older headline to {RETITLED} Drug E4"
    for path in ("/changes", "/changes?about=cell/drug-E4", "/changes?about=drug", "/changes?about=doc/ghose-2008"):
        html = compared.get(path, HTML).text
        assert lines(html) == [text]
        assert "Changes since the earlier version of the graph that this site has." in html
    assert lines(compared.get("/changes?about=doc/timko-2007", HTML).text) == []
    (entry,) = feedparser.parse(compared.get("/feed/drug").text).entries
    assert (entry.title, entry.summary) == (f"entry retitled: {RETITLED}", f"An older headline → {RETITLED}")
    assert feedparser.parse(compared.get("/feed/alcohol").text).entries == []
    assert '<a href="/changes">1 entry retitled since the earlier version</a>' in compared.get("/", HTML).text


def test_what_changed_resists_data(hostile: Served) -> None:
    assert injected(hostile.get("/changes", HTML).text) == []
    assert not feedparser.parse(hostile.get("/feed").text).bozo


def test_a_missing_earlier_version_is_named(run: Run, tmp_path: Path) -> None:
    ran = run("serve", "--port", "0", "--earlier", tmp_path / "nope.ttl")
    assert (ran.code, ran.stderr) == (3, f"evgraph: {tmp_path}/nope.ttl: no such file or folder\n  check the name\n")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_what_changed_is_accessible(site: Served, browser: Browser, width: int, scheme: str) -> None:
    with browser.page(f"{site.url}/changes", width, color_scheme=scheme) as page:
        page.get_by_text("Link settled").first.wait_for()
        assert browser.faults(page) == []
