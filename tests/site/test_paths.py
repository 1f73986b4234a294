"""What people come for, in as few clicks as that takes: each path begins on the home page, or where it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.web.conftest import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site.conftest import Browser

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve the shipped graph with an address for comments."""
    with serving("--workers", "1", "--contact", "mailto:editor@example.org") as server:
        yield server


class Reader:
    """Somebody who clicks on links; `clicks` counts."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = 0

    def click(self, name: str, within: str = "main") -> None:
        """Follow the first link of a name."""
        self.clicks += 1
        self.page.locator(within).get_by_role("link", name=name).first.click()

    def download(self, name: str, within: str = "main") -> str:
        """Click on the first link of a name, and return the name of the file that it gives, and its first bytes."""
        with self.page.expect_download() as started:
            self.click(name, within)
        file = started.value
        return f"{file.suggested_filename}: {Path(file.path()).read_bytes()[:10]!r}"

    @property
    def text(self) -> str:
        """The text of the page."""
        return str(self.page.locator("main").inner_text())


def test_which_guidance_rests_on_this_trial_and_where_it_says_so(served: Served, browser: Browser) -> None:
    with browser.page(f"{served.url}/") as page:
        reader = Reader(page)
        reader.click("guidance documents that cite trials")
        row = page.get_by_role("row").filter(has_text="Timko & DeBenedetti (2007)").filter(has_text="direct")
        assert row.get_by_role("cell").first.inner_text() == "NICE clinical guidelines on alcohol use disorders (2011)"
        reader.click("Alcohol E4, line 95")
        assert "line 95" in reader.text
        assert reader.clicks <= 3


def test_what_nice_advises_without_evidence(served: Served, browser: Browser) -> None:
    with browser.page(f"{served.url}/") as page:
        reader = Reader(page)
        reader.click("Guidance", "nav")
        reader.click("2 by National Institute for Health and Care Excellence")
        assert "2 rows" in reader.text
        assert reader.clicks <= 2


def test_what_is_new_since_last_month(served: Served, browser: Browser) -> None:
    with browser.page(f"{served.url}/") as page:
        reader = Reader(page)
        reader.click("What is new")
        assert "30 November 2026" in reader.text
        assert page.get_by_role("listitem").filter(has_text="Link settled").count() == 18
        assert reader.clicks <= 1


def test_cite_a_cell_in_a_reference_manager(served: Served, browser: Browser) -> None:
    with browser.page(f"{served.url}/") as page:
        reader = Reader(page)
        reader.click("Drug E4, 15 entries")
        page.wait_for_url("**/cell/drug-E4")
        assert page.locator("meta[name=citation_title]").get_attribute("content") == (
            "Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies"
        )
        assert reader.download("RIS", "footer") == "cell-drug-E4.ris: b'TY  - ELEC'"
        assert reader.clicks <= 2
        page.locator("#cite summary").click()  # Or from the cell: Cite, RIS.
        assert reader.download("RIS", "#cite") == "cell-drug-E4.ris: b'TY  - ELEC'"


def test_whom_to_tell_of_a_mistake(served: Served, browser: Browser) -> None:
    with browser.page(f"{served.url}/") as page:
        reader = Reader(page)
        reader.click("Drug E4, 15 entries")
        page.wait_for_url("**/cell/drug-E4")
        address = page.locator("footer").get_by_role("link", name="Comment or query").get_attribute("href")
        assert address.startswith(
            "mailto:editor@example.org?subject=evgraph%3A%20Drug%20Treatment%20Matrix%20cell%20E4"
        )
        assert reader.clicks + 1 <= 2


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("CSV for a spreadsheet", "guidance-citing-trials.csv: b'\\xef\\xbb\\xbfguidanc"),
        ("Excel", "guidance-citing-trials.xlsx: b'PK\\x03\\x04"),
    ],
)
def test_this_table_in_a_spreadsheet(served: Served, browser: Browser, name: str, file: str) -> None:
    with browser.page(f"{served.url}/") as page:
        reader = Reader(page)
        reader.click("guidance documents that cite trials")
        assert reader.download(name).startswith(file)
        assert reader.clicks <= 3
