"""Decisions on a page: the same files as the commands write, nothing else, and from this server's own forms only."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from tests.decisions.test_settle import FIRST, PAGES, REGISTER, ingest
from tests.site.conftest import HTML
from tests.web.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from tests.conftest import Run
    from tests.site.conftest import Browser
    from tests.web.conftest import Served


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """Ingest the example pages."""
    assert ingest(run, tmp_path / "out").code == 0
    return tmp_path / "out"


@pytest.fixture
def editing(folder: Path) -> Iterator[Served]:
    """Serve the folder, and let its references be settled."""
    with serving("--edit", folder, "--pages", PAGES, "--workers", "1") as server:
        yield server


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """Serve a folder in which nobody decides anything."""
    folder = tmp_path_factory.mktemp("untouched") / "out"
    command = [sys.executable, "-m", "evgraph", "ingest", PAGES, "-o", folder, "--register", REGISTER, "-q"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    with serving("--edit", folder, "--pages", PAGES, "--workers", "1") as server:
        yield server, folder


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the form with the question."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def send(server: Served, form: dict[str, Any], **headers: str) -> httpx.Response:
    return server.get("/settle/references", HTML, method="POST", data=form, headers=headers)


def test_a_decision_is_written_as_the_command_writes_it(
    editing: Served, folder: Path, run: Run, tmp_path: Path
) -> None:
    page = editing.get("/settle/references", HTML)
    assert "1 of 11 open" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in page.headers
    form = fields(page.text) | {"by": "Ann Lee", "key": ["1", "2"]}
    answer = send(editing, form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settle/references?n=1")
    written = (folder / "curated" / "settled.ttl").read_bytes()
    other = tmp_path / "other"
    assert ingest(run, other).code == 0
    arguments = ("--pages", PAGES, "--by", "Ann Lee")
    assert run("settle", other, *arguments, stdin="1,2\nq\n", own_process=True).code == 0
    assert written == (other / "curated" / "settled.ttl").read_bytes()
    following = editing.get("/settle/references", HTML).text
    assert "1 of 10 open" in following
    assert f"<{FIRST.removeprefix('https://w3id.org/evgraph/id/')}> evg:target" in unescape(following)


@pytest.mark.slow
def test_a_decision_can_be_taken_back(editing: Served, folder: Path) -> None:
    file = folder / "curated" / "settled.ttl"
    form = fields(editing.get("/settle/references", HTML).text)
    assert send(editing, form | {"by": "Ann", "key": "o"}).status_code == 303
    assert b"resolution:outside" in file.read_bytes()
    assert send(editing, {"token": form["token"], "number": "1", "undo": "yes"}).status_code == 303
    assert not file.exists()
    assert "1 of 11 open" in editing.get("/settle/references", HTML).text


@pytest.mark.slow
def test_a_file_that_somebody_edits_meanwhile_is_kept(editing: Served, folder: Path) -> None:
    file = folder / "curated" / "settled.ttl"
    form = fields(editing.get("/settle/references", HTML).text)
    assert send(editing, form | {"by": "Ann", "key": "l"}).status_code == 303
    edited = file.read_bytes() + b"# looked at twice\n"
    file.write_bytes(edited)
    refused = send(editing, {"token": form["token"], "number": "1", "undo": "yes"})
    assert (refused.status_code, file.read_bytes()) == (400, edited)
    assert "The last decision cannot be taken back: the file has changed" in refused.text


@pytest.mark.default_cases(2)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": ""}, "A decision needs the name of who makes it"),
        ({"key": []}, "Nothing was chosen"),
        ({"key": "99"}, "'99' is none of the choices"),
        ({"key": ["1", "o"]}, "Only one answer can be chosen here"),
        ({"subject": "https://example.org/x"}, "This question is no longer open"),
        ({"key": [], "typed": "nonsense"}, "'nonsense' is neither a web address nor a name"),
    ],
)
def test_a_wrong_form_changes_nothing(untouched: tuple[Served, Path], changes: dict[str, Any], message: str) -> None:
    editing, folder = untouched
    form = fields(editing.get("/settle/references", HTML).text) | {"by": "Ann", "key": "1"}
    answer = send(editing, form | changes)
    assert answer.status_code == 400
    assert message in unescape(answer.text)
    assert not (folder / "curated").exists()


def test_a_form_of_another_page_is_refused(untouched: tuple[Served, Path]) -> None:
    editing, folder = untouched
    form = fields(editing.get("/settle/references", HTML).text) | {"by": "Ann", "key": "1"}
    assert send(editing, form | {"token": "guess"}).status_code == 403
    assert send(editing, form, origin="https://example.org").status_code == 403
    assert send(editing, form, host="example.org").status_code == 421
    editing.client.cookies.clear()
    assert send(editing, form).status_code == 403
    assert not (folder / "curated").exists()


def test_without_edit_nothing_can_be_decided(site: Served, run: Run, folder: Path) -> None:
    assert site.get("/settle", HTML).status_code == 404
    assert site.get("/settle/references", HTML, method="POST", data={"key": "1"}).status_code == 405
    refused = run("serve", "--edit", folder, "--host", "0.0.0.0", "--port", "0", own_process=True)  # noqa: S104
    assert refused.code == 2
    assert "decisions can be made from this machine only" in refused.stderr


@pytest.mark.slow
def test_a_folder_without_cells_is_refused_at_the_start(run: Run, tmp_path: Path) -> None:
    refused = run("serve", "--edit", tmp_path, "--port", "0", own_process=True)
    assert refused.code == 3
    assert f"{tmp_path}: holds no cells/*.ttl" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_a_librarian_goes_through_the_questions(
    editing: Served, browser: Browser, folder: Path, width: int, scheme: str
) -> None:
    with browser.page(f"{editing.url}/settle", width, color_scheme=scheme) as page:
        assert browser.faults(page) == []
        page.get_by_role("link", name="11 references to settle").click()
        page.get_by_label("Your name").fill("Ann Lee")
        page.get_by_role("checkbox").first.check()
        assert browser.faults(page) == []
        page.get_by_role("button", name="Decide").click()
        assert page.get_by_label("Your name").input_value() == "Ann Lee"
        page.get_by_role("link", name="Skip", exact=True).click()
        page.get_by_role("button", name="Lost").click()
        assert browser.faults(page) == []
        page.get_by_role("button", name="Take it back").click()
        assert "of 10 open" in page.inner_text("main")
    assert (folder / "curated" / "settled.ttl").read_text().count("Ann Lee") >= 1
