"""Texts and names from the data stay text: no markup, no script, no link that runs something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.site.conftest import HTML, injected

if TYPE_CHECKING:
    from tests.web.conftest import Served

PATHS = ("/doc/hostile", "/cell/drug-E4", "/claim/hostile", "/scheme/topic/hostile")


@pytest.mark.parametrize("path", PATHS)
def test_no_page_runs_what_its_data_says(hostile: Served, path: str) -> None:
    page = hostile.get(path, HTML)
    assert page.status_code == 200
    assert "&lt;" in page.text
    assert injected(page.text) == []


def test_injected_markup_is_recognised() -> None:
    assert injected("<p>&lt;script&gt;<script src='/static/site.js'></script>") == []
    assert len(injected("<script>1</script><a href=' javascript:1'>a</a><b onclick=1>b</b><iframe>")) == 4
