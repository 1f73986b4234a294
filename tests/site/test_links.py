"""The page about the state of the links."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, cast

from tests.site.conftest import HTML
from tests.site.features import page as page_of
from tests.site.test_questions import texts

from evgraph import shipped_files
from evgraph.site.page import Options, Site
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Served

    from evgraph.store.embedded import OxigraphStore


def test_references_are_counted_and_findings_say_where_and_how(site: Served) -> None:
    page = site.get("/links", HTML).text
    assert texts(page, "dt")[:4] == ["44 resolved", "2 ambiguous", "12 dangling", "8 outside"]
    assert "23 warnings, 1 info" in page
    assert "warning dangling-reference: 12 findings" in texts(page, "h3")
    assert "cells/alcohol-E4.ttl:" in page
    assert "Every rule was checked." in page
    (ambiguous,) = [text for text in texts(page, "li") if "position-1 evg:resolution resolution:ambiguous" in text]
    assert ambiguous.startswith(
        "Position link 1 of Highlighted study, Alcohol E4, line 73may be So fundamental it needs no evidence?, How"
    )
    assert '<a class="quiet" href="/passage/efce44c0c094406b/' in page


def test_references_are_sentences_by_resolution(site: Served) -> None:
    page = site.get("/links", HTML).text
    assert "For a person to settle: 14 references" in texts(page, "h3")
    sentences = [text for text in texts(page, "li") if "the page does not say which" in text]
    assert sentences[0].startswith(
        "Highlighted study, in Alcohol E4 points to one of 4, and the page does not say which: So fundamental it needs"
        " no evidence?, How much should be left to services?, "
    )
    outside = site.get("/links?resolution=outside", HTML).text
    assert "8 references, outside" in texts(outside, "h3")
    found = [text for text in texts(outside, "li") if "which is not in the graph" in text]
    assert len(found) == 8
    start = "Build your aftercare system on mutual aid?, in Alcohol E4 refers to Section “supplement 1” of Alcohol E4"
    assert any(text.startswith(start) for text in found)
    for html in (page, outside, site.get("/ref/alcohol-E4/issue-3/commentary-1", HTML).text):
        assert "#section-supplement-1" not in html


def test_findings_are_new_or_gone_since_an_earlier_version(local: Site, tmp_path: Path) -> None:
    assert "no earlier version of the graph to compare with" in page_of(local, "/links")
    earlier = tmp_path / "data"
    shutil.copytree(shipped_files.data(), earlier)
    file = earlier / "documents.ttl"
    text = file.read_text(encoding="utf-8")
    year, other = ' ;\n    dcterms:issued "2011"^^xsd:gYear', "study-design:economic-evaluation ."
    text = text.replace(f'"Blankers M"{year}', '"Blankers M"').replace(other, other.replace(" .", f"{year} ."), 1)
    file.write_text(text, encoding="utf-8")
    site = Site(cast("OxigraphStore", open_store(Origin())), Options(earlier=str(earlier)))
    html = page_of(site, "/links")
    assert "Findings since the earlier version: 1 new, 1 gone, 23 unchanged." in html
    new, _, gone = html.partition('<h2 id="changed">')[2].partition("<h3>Gone</h3>")
    assert texts(new, "code")[0] == "doc:aa-or-outpatient-costs dcterms:issued (nothing)"
    assert texts(gone, "code")[0] == "doc:blankers-2011 dcterms:issued (nothing)"
