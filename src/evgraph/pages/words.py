"""The words of references in a page, by the sentence and the kind that the graph has for each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from evgraph.pages.layout import read_page
from evgraph.pages.page import Kind
from evgraph.pages.phrases import PhraseFinder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.pages.source import Source, Span


def words_of_references(source: Source, cell: str) -> Mapping[tuple[int, int, str], list[Span]]:
    """Return the words of the references of a page of a cell (``drug:E4``), in their order.

    Returns:
        Start and end of the passage, and kind → the words of each such reference. References of one kind in one passage
        are numbered in this order.

    Raises:
        EvgraphError: the source is no page of the cell.

    """
    page, finder = read_page(source, cell), PhraseFinder(source)
    words = defaultdict[tuple[int, int, str], list["Span"]](list)
    stretches = [entry.body for entry in page.entries]
    stretches += [paragraph for section in page.sections for paragraph in section.paragraphs]
    for phrase in (phrase for stretch in stretches for phrase in finder.find(stretch)):
        words[(*phrase.sentence, phrase.kind.value)].append(phrase.span)
    for search in page.searches:
        line = max(span for span in page.trailer if span.start <= search.start)
        words[(*line, Kind.SEARCH.value)].append(search)
    return words
