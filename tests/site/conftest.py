"""A server with the shipped graph, and Debian's Chromium to read its pages with.

Without ``/usr/bin/chromium`` and the libraries that drive it, the tests that need them are skipped, or fail where
``EVGRAPH_REQUIRE`` holds ``chromium``. Each test that opens a browser is marked ``slow``.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.required import missing
from tests.web.conftest import Served, serving

from evgraph.site.page import Options, Site
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.embedded import OxigraphStore

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What a browser accepts."""


@pytest.fixture(scope="session")
def site() -> Iterator[Served]:
    """Serve the shipped graph."""
    with serving("--workers", "2") as server:
        yield server


@pytest.fixture(scope="session")
def hostile() -> Iterator[Served]:
    """Serve a graph whose texts and names try to become markup or script; see `injected`."""
    with serving("--workers", "1", Path(__file__).parent / "hostile.ttl") as server:
        yield server


class _Injected(HTMLParser):
    """Collects what the data of a page must never become."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Look for scripts of the page's own, handlers of events, and links that run something."""
        names = dict(attributes)
        is_data = names.get("type") == "application/ld+json"
        is_own = tag == "script" and (is_data or (names.get("src") or "").startswith("/static/"))
        if tag in {"iframe", "style", "img"} or (tag == "script" and not is_own):
            self.found.append(self.get_starttag_text() or tag)
        for name, text in attributes:
            is_link = name.endswith(("href", "src", "action"))
            if name.startswith("on") or (
                is_link and re.match(r"[\s\x00-\x20]*(?!https?:|mailto:)[a-z]+:", text or "", re.I)
            ):
                self.found.append(self.get_starttag_text() or tag)


def injected(html: str) -> list[str]:
    """Return the start tags of a page that only data can have made."""
    parser = _Injected()
    parser.feed(html)
    return parser.found


@pytest.fixture(scope="session")
def local() -> Site:
    """Return the shipped graph in this process, with an address for comments."""
    return Site(cast("OxigraphStore", open_store(Origin())), Options(contact="mailto:editor@example.org"))


@dataclass(frozen=True, slots=True)
class Browser:
    """Chromium; `messages` are what it reported: errors of scripts, refusals by the policy."""

    chromium: Any
    messages: list[str]

    @contextmanager
    def page(self, address: str, width: int = 1280, **context: Any) -> Iterator[Any]:
        """Open a page: https://playwright.dev/python/docs/api/class-page.

        Args:
            address: of the page.
            width: of the window in pixels.
            context: such as ``color_scheme="dark"``, ``java_script_enabled=False``, ``forced_colors="active"``.

        """
        opened = self.chromium.new_context(viewport={"width": width, "height": 900}, **context)
        page = opened.new_page()
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.goto(address)
        try:
            yield page
        finally:
            opened.close()

    def faults(self, page: Any, rules: tuple[str, ...] = ()) -> list[str]:
        """Return what axe finds (WCAG 2.2 AA and best practices, or some rules), what scrolls sideways, `messages`."""
        from axe_playwright_python.sync_playwright import Axe

        options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
        found = [
            f"{violation['id']}: {node['html'][:200]}"
            for violation in Axe().run(page, options=options).response["violations"]
            for node in violation["nodes"]
        ]
        excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if excess > 0:
            found.append(f"scrolls sideways by {excess} pixels")
        return found + self.messages


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start Chromium."""
    try:
        import axe_playwright_python  # noqa: F401 - that it is there
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        missing("chromium", str(error))
    if not CHROMIUM.exists():
        missing("chromium", f"there is no {CHROMIUM}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def browser(chromium: Any) -> Browser:
    """Return Chromium with no messages yet."""
    return Browser(chromium, [])
