"""The editor of the page for SPARQL, in real Chromium.

It is built by ``npm --prefix editor ci && npm --prefix editor run build``; without it the tests are skipped, or fail
where ``EVGRAPH_REQUIRE`` holds ``editor``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.required import missing

from evgraph.site.page import STATIC

if TYPE_CHECKING:
    from tests.site.conftest import Browser
    from tests.web.conftest import Served

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _built() -> None:
    if not (STATIC / "editor.js").exists():
        missing("editor", "the editor is not built")


def write(page: Any, text: str) -> None:
    """Replace the query."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Escape")  # Closes what is offered.


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_query_is_written_run_and_kept_in_the_address(site: Served, browser: Browser, scheme: str) -> None:
    with browser.page(f"{site.url}/sparql", color_scheme=scheme) as page:
        write(page, "SELECT ?t { ?t a evg:Trial")
        page.keyboard.press("Control+Enter")
        page.get_by_text(re.compile(r"rows, \d+ ms$")).wait_for()
        assert page.locator("#answer h2").inner_text() == page.locator("#status").inner_text().partition(",")[0]
        assert page.get_by_role("link", name="Timko & DeBenedetti (2007)").count() == 1
        assert "query=SELECT+%3Ft+%7B" in page.url
        assert browser.faults(page) == []
        page.reload()
        assert page.locator(".cm-content").inner_text() == "SELECT ?t { ?t a evg:Trial}"


def test_names_of_the_data_are_offered(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/sparql") as page:
        write(page, "SELECT ?t { ?t a ")
        page.keyboard.type("evg:Tri")
        page.locator(".cm-tooltip-autocomplete li").first.wait_for()
        assert page.locator(".cm-tooltip-autocomplete li").first.inner_text().startswith("evg:Trial")
        assert browser.faults(page) == []


def test_a_fault_is_underlined_where_it_is(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/sparql") as page:
        write(page, "SELECT * WHER {")
        page.keyboard.press("Control+Enter")
        page.locator(".cm-lintRange-error").wait_for()
        assert page.locator(".cm-lintRange-error").inner_text() == "WHER"
        assert "did you mean 'WHERE'?" in page.locator("#fault").inner_text()


def test_the_keyboard_leaves_the_editor(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/sparql") as page:
        page.locator(".cm-content").click()
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Run"


def test_a_long_query_can_be_stopped(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/sparql") as page:
        write(page, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i")
        page.keyboard.press("Control+Enter")
        page.locator("#stop").click()
        page.get_by_text("Stopped.").wait_for()


def test_without_a_script_the_text_area_does_the_same(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/sparql", java_script_enabled=False) as page:
        page.locator("textarea").fill("ASK { doc:timko-2007 a evg:Trial }")
        page.get_by_role("button", name="Run").click()
        assert page.locator("#answer h2").inner_text() == "Yes"
