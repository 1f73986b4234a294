"""Pictures with an axis of years: documents by year, spans of years, and citations from later to earlier."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from evgraph.site.pictures.drawing import ROW, label, line, link, markup, picture, point, text
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOST_ROWS = 40
"""A timeline of more documents has a bar for each year."""
_LEFT, _RIGHT = 6.0, 34.0  # Where the axis starts and ends, in percent of the width; texts follow.
_TEXT = "beside-axis"
_TOP = 24  # The height of the axis.


class Document(NamedTuple):
    """A document of a timeline; `marker` is S, K, R, G or empty."""

    label: str
    year: int
    address: str = ""
    marker: str = ""


class Span(NamedTuple):
    """The years of the documents of a group, such as the key studies of a cell."""

    label: str
    oldest: int
    newest: int
    documents: int
    address: str = ""
    marker: str = ""


class Citation(NamedTuple):
    """A document that cites another, directly, or through the documents named in `through`."""

    citing: str
    citing_year: int
    cited: str
    cited_year: int
    citing_address: str = ""
    cited_address: str = ""
    through: str = ""


def timeline(
    documents: Sequence[Document],
    *,
    name: str = "timeline",
    title: str = "Documents by year",
    address_of_year: Callable[[int], str] | None = None,
) -> Markup:
    """Draw documents by year: a row for each, or a bar for each year where there are more than `MOST_ROWS`.

    Args:
        documents: in any order; those of the same year are sorted by label.
        name: of the picture, one of a kind on its page.
        title: of the picture.
        address_of_year: where the bar of a year leads.

    """
    if len(documents) > MOST_ROWS:
        return _bars(documents, name, title, address_of_year)
    ordered = sorted(documents, key=lambda document: (document.year, document.label))
    axis = _Axis(document.year for document in ordered)
    rows = []
    for place, document in enumerate(ordered):
        y = _TOP + place * ROW + ROW // 2
        content = point(axis.x(document.year), y, document.marker) + label(_TEXT, y, document.label)
        rows.append(link(document.address, f"{document.label}, {document.year}", content, document.marker))
    height = _TOP + len(ordered) * ROW
    return picture(name, title, axis.describe(plural(len(ordered), "document")), height, [axis.draw(height), *rows])


def age(spans: Sequence[Span], *, name: str = "age", title: str = "Years of the documents by group") -> Markup:
    """Draw the span from the oldest to the newest document of each group, in the order given."""
    axis = _Axis(year for span in spans for year in (span.oldest, span.newest))
    rows = []
    for place, span in enumerate(spans):
        y = _TOP + place * ROW + ROW // 2
        years = str(span.oldest) if span.oldest == span.newest else f"{span.oldest}–{span.newest}"
        content = (
            line(axis.x(span.oldest), y, axis.x(span.newest), y, "span")
            + point(axis.x(span.oldest), y)
            + point(axis.x(span.newest), y)
            + label(_TEXT, y, f"{span.label}: {years}")
        )
        words = f"{span.label}: {plural(span.documents, 'document')}, {years}"
        rows.append(link(span.address, words, content, span.marker))
    height = _TOP + len(spans) * ROW
    return picture(name, title, axis.describe(plural(len(spans), "group")), height, [axis.draw(height), *rows])


def citations(
    cited_by: Sequence[Citation], *, name: str = "citations", title: str = "Which guidance cites which trial, by year"
) -> Markup:
    """Draw each cited document, and below it those that cite it; a dashed line is a citation through other guidance.

    The citations of a document follow each other in `cited_by`.
    """
    axis = _Axis(year for citation in cited_by for year in (citation.citing_year, citation.cited_year))
    rows: list[Markup] = []
    y = _TOP - ROW // 2
    before = ""
    start = 0
    for citation in cited_by:
        if (citation.cited_address or citation.cited) != before:
            before = citation.cited_address or citation.cited
            y += ROW
            start = y
            content = point(axis.x(citation.cited_year), y, radius=5) + label(_TEXT, y, citation.cited, strong=True)
            rows.append(link(citation.cited_address, f"{citation.cited}, {citation.cited_year}", content, "K"))
        y += ROW
        how = f"through {citation.through}" if citation.through else "directly"
        rows.append(
            line(
                axis.x(citation.cited_year),
                start,
                axis.x(citation.citing_year),
                y,
                "line chained" if citation.through else "line",
            )
        )
        content = point(axis.x(citation.citing_year), y) + label(_TEXT, y, citation.citing)
        rows.append(
            link(
                citation.citing_address,
                f"{citation.citing}, {citation.citing_year}, cites {citation.cited} {how}",
                content,
                "G",
            )
        )
        if citation.through:
            y += 16
            rows.append(label(_TEXT, y, how, quiet=True))
    height = y + ROW // 2 + 2
    count = plural(len(cited_by), "citation")
    return picture(name, title, f"{axis.describe(count)} A dashed line is a citation through other guidance.", height,
                   [axis.draw(height), *rows])  # fmt: skip


def _bars(documents: Sequence[Document], name: str, title: str, address_of_year: Callable[[int], str] | None) -> Markup:
    """Draw a row for each year that has documents, with a bar and their number."""
    counts = Counter(document.year for document in documents)
    longest = max(counts.values())
    rows = []
    for place, (year, count) in enumerate(sorted(counts.items())):
        y = place * ROW
        width = max(count / longest * 65, 0.5)
        bar = markup('<rect x="16%" y="{}" width="{:.1f}%" height="14" class="bar"/>', y + 6, width)
        content = text(0, y + 17, str(year)) + bar + text(f"{width + 17.5:.1f}%", y + 17, f"{count:,}")
        rows.append(link(address_of_year(year) if address_of_year else "", f"{year}: {count:,}", content))
    years = f"{min(counts)} to {max(counts)}"
    description = f"{plural(len(documents), 'document')} from {years}; most in one year: {longest:,}."
    return picture(name, title, description, len(rows) * ROW, rows)


class _Axis:
    """A scale of years at the left of a picture."""

    def __init__(self, years: Iterable[int]) -> None:
        known = list(years) or [2000]
        self.first, self.last = min(known), max(known)

    def x(self, year: int) -> str:
        """Return where a year is, in percent of the width."""
        share = (year - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return f"{_LEFT + share * (_RIGHT - _LEFT):.1f}%"

    def draw(self, height: int) -> Markup:
        """Return lines at the first and the last year down to a height, with the years above."""
        return Markup("").join(
            line(self.x(year), 18, self.x(year), height) + text(self.x(year), 13, str(year), classes="quiet middle")
            for year in sorted({self.first, self.last})
        )

    def describe(self, what: str) -> str:
        return f"{what}, {self.first} to {self.last}." if self.last > self.first else f"{what}, {self.first}."
