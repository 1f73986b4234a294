"""The map and the cells in a browser: for everybody, at every width, with and without a script, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.site.conftest import HTML, injected
from tests.site.features import turtle
from tests.web.conftest import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site.conftest import Browser

NOTE = "#ref-manning-2012-corresponding-1 [popovertarget]"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("features") / "features.ttl"
    file.write_text(turtle(), encoding="utf-8")
    with serving("--workers", "1", file) as server:
        yield server


@pytest.mark.parametrize("path", ["/", "/?marker=K", "/cell/drug-E4", "/topics", "/scheme/topic/hostile"])
def test_nothing_in_the_data_becomes_markup(hostile: Served, path: str) -> None:
    answer = hostile.get(path, HTML)
    assert answer.status_code == 200
    assert injected(answer.text) == []


def test_hostile_parameters_stay_text(hostile: Served) -> None:
    answer = hostile.get("/?marker=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&country=javascript:alert(1)", HTML)
    assert answer.status_code == 200
    assert injected(answer.text) == []


@pytest.mark.slow
def test_forced_colours_keep_markers_and_squares(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/", 1280, forced_colors="active", color_scheme="dark") as page:
        colours = page.evaluate(
            "[...document.querySelectorAll('.sq.read rect')].map(one => getComputedStyle(one).fill)"
        )
        assert len(set(colours)) > 1


@pytest.mark.slow
def test_a_note_opens_by_hover_focus_and_tap_and_escape_closes_it(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/cell/drug-E4", 1280) as page:
        note = page.locator(f"{NOTE} + [popover]").first
        page.locator(NOTE).first.hover()
        note.wait_for(state="visible")
        assert "Corresponding study, below. Resolved." in note.inner_text()
        page.locator(NOTE).first.click()
        assert note.is_visible()
        page.keyboard.press("Escape")
        assert not note.is_visible()
        page.mouse.move(0, 0)
        page.locator("#ref-manning-2012-corresponding-1 > a").first.focus()
        page.keyboard.press("Tab")
        note.wait_for(state="visible")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Characters 2525–2554"
        page.keyboard.press("Escape")
        assert not note.is_visible()


@pytest.mark.slow
def test_without_a_script_notes_and_links_work(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/cell/drug-E4", 1280, java_script_enabled=False) as page:
        page.locator(NOTE).first.click()
        assert page.locator(f"{NOTE} + [popover]").first.is_visible()
        page.locator("#ref-manning-2012-corresponding-1 > a").first.click()
        assert page.locator("#entry-timko-2007:target").count() == 1
        assert page.locator("a.back").count() == 0
        assert page.locator("[data-copy]:visible").count() == 0


@pytest.mark.slow
def test_the_target_of_a_link_is_lit_and_leads_back(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/cell/drug-E4", 1280, reduced_motion="reduce") as page:
        page.locator("#ref-manning-2012-corresponding-1 > a").first.click()
        target = page.locator("#entry-timko-2007")
        assert target.evaluate("one => one.matches(':target') && one === document.activeElement")
        assert target.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        page.get_by_role("link", name="Back to where you were").click()
        assert page.locator("#ref-manning-2012-corresponding-1").evaluate("one => one.matches(':target')")
        assert page.locator("a.back").count() == 0


@pytest.mark.slow
def test_folded_text_opens_by_a_link_into_it_and_on_paper(served: Served, browser: Browser) -> None:
    address = f"{served.url}/cell/alcohol-A1"
    with browser.page(address, 320, java_script_enabled=False) as page:
        words = page.locator("#section-supplement-1 > blockquote")
        assert not words.is_visible()
        page.locator("#ref-elm-commentary-1 > a").first.click()
        assert words.is_visible()
    with browser.page(address, 1280, color_scheme="dark") as page:
        assert browser.faults(page) == []
        page.emulate_media(media="print")
        assert page.locator("#section-supplement-1 > blockquote").is_visible()
        assert not page.locator(".legend").is_visible()
        assert not page.locator("[popovertarget]").first.is_visible()
        shown = "getComputedStyle(document.querySelector('main a[href^=http]'), '::after').content"
        assert "http" in page.evaluate(shown)


@pytest.mark.slow
def test_title_and_link_are_copied(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/cell/drug-E4", 1280, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.locator("#cite summary").click()
        page.locator("[data-copy='cite-link']").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == "https://w3id.org/evgraph/id/cell/drug-E4"


@pytest.mark.slow
def test_the_map_is_operated_by_keyboard(site: Served, browser: Browser) -> None:
    with browser.page(f"{site.url}/", 1280) as page:
        page.locator("input[name=marker]").nth(1).focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**marker=K**")
        assert page.get_by_role("status").inner_text() == "11 of 31 entries, in 2 cells; 20 left out."
        page.get_by_role("link", name="Drug E4, 5 of 15 entries: 5 key studies").focus()
        assert page.locator(".sq:focus + .tip").evaluate("one => getComputedStyle(one).visibility") == "visible"
        page.keyboard.press("Enter")
        page.wait_for_url("**/cell/drug-E4?marker=K**")
