"""Write the pictures of pages in docs/screenshots/: ``python -m docs.screenshots``, in the folder above.

It needs the extras ``serve`` and ``test``, and Chromium. The pages are those of the shipped graph and, for the settling
of references, of the invented pages in ``examples/``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "screenshots"
_ROOT = Path(__file__).parent.parent
_CHROMIUM = os.environ.get("EVGRAPH_CHROMIUM", "/usr/bin/chromium")


class Shot(NamedTuple):
    """A picture: its page, the size of the window, its colours, and whether the page is of the graph that is edited."""

    path: str
    width: int = 960
    height: int = 640
    scheme: str = "light"
    is_edited: bool = False


SHOTS = {
    "home": Shot("/", width=1060, height=740),
    "cell": Shot("/cell/drug-E4"),
    "cell-narrow": Shot("/cell/alcohol-E4", width=360, height=720, scheme="dark"),
    "document": Shot("/doc/timko-2007", width=1060),
    "question": Shot("/questions/guidance-citing-trials?trial=timko-2007", height=740),
    "settle": Shot("/settle/references", is_edited=True),
}
"""Name of a file without its suffix → what it shows."""


@contextmanager
def _serving(*arguments: str) -> Iterator[str]:
    """Run ``evgraph serve``; yield its address."""
    command = [sys.executable, "-m", "evgraph", "serve", "--port", "0", "--workers", "1", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield (process.stdout.readline() if process.stdout else "").split()[-1].rstrip("/")
        finally:
            process.terminate()


def write(folder: Path = FOLDER) -> None:
    """Write each picture as PNG."""
    from playwright.sync_api import sync_playwright

    pages = str(_ROOT / "examples" / "pages")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        graph = str(Path(temporary) / "my-graph")
        command = [sys.executable, "-m", "evgraph", "ingest", pages, "-o", graph]
        register = ["--register", str(_ROOT / "examples" / "register")]
        subprocess.run([*command, *register], check=True, capture_output=True)  # noqa: S603 - our own command
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with _serving() as shipped, _serving("--edit", graph, "--pages", pages) as edited:
            for name, shot in SHOTS.items():
                page = browser.new_page(
                    viewport={"width": shot.width, "height": shot.height},
                    color_scheme="dark" if shot.scheme == "dark" else "light",
                    reduced_motion="reduce",
                )
                page.goto((edited if shot.is_edited else shipped) + shot.path)
                page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")
                page.close()
        browser.close()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write()
