"""What every page has: the frame, the policy, and a document for people beside those for programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.site.conftest import HTML

if TYPE_CHECKING:
    from tests.web.conftest import Served


def test_a_browser_gets_a_page_and_a_program_gets_turtle(site: Served) -> None:
    page = site.get("/doc/timko-2007", HTML)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-location"] == "/doc/timko-2007.html"
    assert page.headers["vary"] == "Accept, Accept-Encoding"
    assert "<h1>Timko &amp; DeBenedetti (2007)</h1>" in page.text
    assert site.get("/doc/timko-2007", "*/*").headers["content-type"] == "text/turtle; charset=utf-8"
    assert site.get("/doc/timko-2007?format=html", "*/*").text == page.text
    assert site.get("/doc/timko-2007.html", "text/turtle").text == page.text


def test_a_page_may_load_nothing_from_elsewhere(site: Served) -> None:
    page = site.get("/about", HTML)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?! src=\"/static/)|<style|style=|\son\w+=", page.text)


def test_a_static_file_is_kept_by_its_version(site: Served) -> None:
    (address,) = re.findall(r'href="(/static/style\.css\?v=\w+)"', site.get("/about", HTML).text)
    assert site.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get("/static/style.css").headers["cache-control"] == "no-cache"
    assert site.get("/static/missing.css").status_code == 404


def test_an_unknown_thing_gets_a_page_that_helps(site: Served) -> None:
    page = site.get("/doc/timko-2070", HTML)
    assert page.status_code == 404
    assert '<a href="/doc/timko-2007">Timko &amp; DeBenedetti (2007)</a>' in page.text


@pytest.mark.parametrize(
    ("path", "status", "heading", "help_"),
    [
        ("/nothing/here", 404, "There is no such page", '<a href="/search">Search</a> finds things by their words'),
        ("/doc/u-0220b0b197b6", 410, "This has another name now", "<p>doc:u-0220b0b197b6 is replaced by doc:lash"),
        ("/doc/timko-2007?format=x", 406, "There is no such format", '<a href="/doc/timko-2007.ttl">text/turtle</a>'),
        (
            "/?from=abc",
            400,
            "This address has a mistake",
            "<p>from=abc: expected a year.</p>\n<p>Such as from=2006</p>",
        ),
    ],
)
def test_an_error_says_what_to_do(site: Served, path: str, status: int, heading: str, help_: str) -> None:
    page = site.get(path, HTML)
    assert page.status_code == status
    assert f"<h1>{heading}</h1>" in page.text
    assert help_ in page.text
