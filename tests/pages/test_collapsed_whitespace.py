from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from evgraph.pages.collapsed_whitespace import CollapsedWhitespace
from evgraph.pages.source import Source, Span

_TEXTS = st.text("ab .\u00a0\t\n’", max_size=40)


def test_runs_become_one_space() -> None:
    page = Source("p", "See  the\u00a0 \t study   below.")
    collapsed = CollapsedWhitespace(page)
    assert collapsed.source.text == "See the study below."
    assert collapsed.collapsed(Span(5, 26)) == Span(4, 20)
    assert collapsed.original(Span(8, 13)) == Span(12, 17)


@given(_TEXTS)
def test_words_keep_their_original_spans(text: str) -> None:
    page = Source("p", text)
    collapsed = CollapsedWhitespace(page)
    assert collapsed.source.folded == re.sub("  +", " ", page.folded)
    for found in re.finditer(r"\S+", collapsed.source.folded):
        span = Span(*found.span())
        there = collapsed.original(span)
        assert page.slice(there) == collapsed.source.slice(span)
        assert collapsed.collapsed(there) == span


@given(_TEXTS, st.integers(0, 40))
def test_an_offset_within_a_run_is_that_of_its_one_space(text: str, offset: int) -> None:
    page = Source("p", text)
    offset = min(offset, len(text))
    before = len(re.sub("  +", " ", page.folded[:offset]))
    in_run = page.folded[offset - 1 : offset + 1] == "  " and offset > 0
    assert CollapsedWhitespace(page).collapsed(Span(offset, offset)).start == before - in_run
