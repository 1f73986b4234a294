"""Answers, questions and findings as HTML for notebooks, with all text escaped.

https://ipython.readthedocs.io/en/stable/config/integrating.html
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, ID
from evgraph.python.values import value
from evgraph.render.rows import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.query.passages import Passages
    from evgraph.query.question import Question
    from evgraph.render.rows import Labels
    from evgraph.store.protocol import Rows, Term

SHOWN = 50
"""The largest number of rows that a notebook displays."""

_LEFT, _RIGHT = ' style="text-align: left"', ' style="text-align: right"'


def table(rows: Rows, descriptions: Mapping[str, str], passages: Passages, labels: Labels) -> str:
    """Return all rows as an HTML table; the descriptions of columns are tooltips of their headings."""
    body = list(rows.rows)
    cells = [
        "".join(_cell(term, text) for term, text in zip(row, row_texts, strict=True))
        for row, row_texts in zip(body, texts_of(rows, body, passages, labels), strict=True)
    ]
    head = "".join(
        f'<th{_LEFT} title="{escape(descriptions.get(name, ""))}">{escape(name)}</th>' for name in rows.columns
    )
    return _table(head, cells)


def questions(listed: Iterable[Question]) -> str:
    """Return names, summaries and parameters of questions as a table, optional parameters in brackets."""
    body = []
    for question in listed:
        names = (name if parameter.required else f"[{name}]" for name, parameter in question.parameters.items())
        body.append((question.name, question.summary, ", ".join(names)))
    return texts(("question", "what it answers", "parameters"), body)


def question(shown: Question) -> str:
    """Return summary, description, parameters and columns of a question."""
    parameters = [
        f"<td{_LEFT}><code>{escape(parameter.name)}</code></td><td{_LEFT}>{escape(parameter.description)}"
        f"{'' if parameter.required else ' (optional)'}; such as <code>{escape(parameter.example)}</code></td>"
        for parameter in shown.parameters.values()
    ]
    parts = [f"<p><b>{escape(shown.name)}</b>: {escape(shown.summary)}</p>"]
    parts += [f"<p>{escape(shown.description)}</p>"] if shown.description else []
    if parameters:
        parts.append(_table(f"<th{_LEFT}>parameter</th><th{_LEFT}>description</th>", parameters))
    if shown.columns:
        parts.append(texts(("column", "description"), shown.columns.items()))
    return "".join(parts)


def texts(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Return a table of texts."""
    return _table(
        "".join(f"<th{_LEFT}>{escape(text)}</th>" for text in head),
        ["".join(f"<td{_LEFT}>{escape(text)}</td>" for text in row) for row in body],
    )


def lines(*texts: str) -> str:
    """Return each text as a paragraph."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _table(head: str, body: Iterable[str]) -> str:
    rows = "".join(f"<tr>{row}</tr>\n" for row in body)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _cell(term: Term | None, text: str) -> str:
    text = escape(text)
    if not isinstance(term, NamedNode):
        return f"<td{_RIGHT if isinstance(value(term), int | float) else _LEFT}>{text}</td>"
    iri = escape(term.value)
    # The IRIs of evgraph do not resolve on the web yet; other schemes than HTTP may run code.
    if term.value.startswith(("http://", "https://")) and not term.value.startswith((ID, EVG)):
        return f'<td{_LEFT}><a href="{iri}" rel="noreferrer">{text}</a></td>'
    return f'<td{_LEFT} title="{iri}">{text}</td>'
