"""Every kind of page in a browser: axe, sideways scrolling and the console, wide and light, narrow and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.site.conftest import Browser

from evgraph.web.pool import BusyError
from evgraph.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import Served

pytestmark = pytest.mark.slow

PAGES = {
    "home": "/",
    "home, filtered": "/?marker=K&country=GB",
    "matrix": "/matrix/drug",
    "cell": "/cell/drug-E4",
    "cell with commentary": "/cell/alcohol-E4",
    "cell that was not read": "/cell/drug-A2",
    "document": "/doc/timko-2007",
    "documents": "/documents?kind=Study&from=2000",
    "guidance": "/doc/nice-2011-guidelines",
    "list of guidance": "/guidance",
    "recommendation": "/recommendation/nice-2011-commissioning/mutual-aid",
    "organisation": "/org/nice",
    "organisations": "/organisations",
    "country": "/scheme/country/GB",
    "topic": "/scheme/topic/computerised-therapy",
    "topics": "/topics",
    "claim": "/claim/guidelines-cite-timko-2007",
    "passage": "/passage/efce44c0c094406b/18454-18759",
    "version": "/snapshot/drug-E4/304a8504b8e0e9ba",
    "class": "/ns/Trial",
    "questions": "/questions",
    "question": "/questions/guidance-citing-trials?trial=timko-2007",
    "question with a mistake": "/questions/cell-contents?cell=Z9",
    "question without rows": "/questions/guidance-citing-trials?trial=nobody-1900",
    "statements": "/questions/describe?iri=org:nice",
    "SPARQL": "/sparql",
    "SPARQL, rows": "/sparql?query=SELECT+*+{?s+a+evg:Trial}",
    "SPARQL, mistake": "/sparql?query=SELECT+{",
    "search": "/search?text=mutual+aid&kind=section",
    "search, nothing": "/search?text=zebra",
    "search, corrected": "/search?text=aftrcare",
    "links": "/links",
    "about": "/about",
    "data": "/data",
    "404": "/doc/timko-2070",
    "406": "/doc/timko-2007?format=x",
    "410": "/doc/u-0220b0b197b6",
    "503": "/busy",
}
"""Kind of page → path; `test_settling` looks at the forms of librarians."""
LOOKS = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""The rules of axe that depend on the width and the colours."""


@pytest.fixture(scope="module")
def tab(chromium: Any) -> Iterator[tuple[Browser, Any]]:
    """Open a window for all pages: Chromium takes longer to open one than to show a page and look at it."""
    browser = Browser(chromium, [])
    with browser.page("about:blank") as page:
        busy = Problem(BusyError("all workers are busy")).page("/busy")
        page.route("**/busy", lambda route: route.fulfill(status=503, body=busy, content_type="text/html"))
        yield browser, page


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_is_for_everybody(site: Served, tab: tuple[Browser, Any], path: str) -> None:
    browser, page = tab
    browser.messages.clear()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(site.url + path)
    for note in page.locator("[popovertarget]").all()[:1]:
        note.click()
    found = browser.faults(page)
    page.set_viewport_size({"width": 320, "height": 900})
    page.emulate_media(color_scheme="dark")
    found += browser.faults(page, LOOKS)
    assert [fault for fault in found if "the server responded with a status of" not in fault] == []


@pytest.mark.parametrize("path", ["/doc/timko-2007", "/questions/cell-coverage"])
def test_forced_colours_leave_nothing_unreadable(site: Served, browser: Browser, path: str) -> None:
    with browser.page(site.url + path, 1280, forced_colors="active", color_scheme="dark") as page:
        assert browser.faults(page) == []


@pytest.mark.parametrize(
    ("path", "field", "value", "button", "expected"),
    [
        ("/", "[name=country]", "GB", "Show", "11 of 31 entries"),
        ("/documents", "[name=kind]", "Trial", "Show", "4 of 35 documents"),
        ("/questions/cell-coverage", "[name=matrix]", "drug", "Ask", "25 rows"),
    ],
)
def test_forms_work_without_a_script(
    site: Served, browser: Browser, path: str, field: str, value: str, button: str, expected: str
) -> None:
    with browser.page(site.url + path, 1280, java_script_enabled=False) as page:
        page.locator(f"main {field}").select_option(value)
        page.get_by_role("button", name=button).click()
        assert expected in page.locator("main").inner_text()


def test_the_keyboard_goes_from_the_skip_link_to_an_answer(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/guidance", 1280, reduced_motion="reduce") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") > 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Which guidance cites which trial"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        page.wait_for_url("**/questions/guidance-citing-trials")
