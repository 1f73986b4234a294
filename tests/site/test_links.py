"""The page about the state of the links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.site.conftest import HTML
from tests.site.test_questions import texts

if TYPE_CHECKING:
    from tests.web.conftest import Served


def test_references_are_counted_and_findings_say_where_and_how(site: Served) -> None:
    page = site.get("/links", HTML).text
    assert texts(page, "dt")[:4] == ["44 resolved", "2 ambiguous", "12 dangling", "8 outside"]
    assert "23 warnings, 1 info" in page
    assert "warning dangling-reference: 12 findings" in texts(page, "h3")
    assert "page and line alcohol-E4:73" in page
    assert "cells/alcohol-E4.ttl:" in page
    assert "Every rule was checked." in page
    assert "candidate: section:alcohol-E4/issue-1" in page
