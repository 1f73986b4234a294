"""How answers and questions show themselves in a notebook: plain HTML, everything in it escaped.

https://ipython.readthedocs.io/en/stable/config/integrating.html
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, ID
from evgraph.python.values import value
from evgraph.query.passages import COLUMN
from evgraph.render.rows import called, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.query.passages import Passages
    from evgraph.query.question import Question
    from evgraph.render.rows import Labels
    from evgraph.store.protocol import Rows, Term

SHOWN = 50
"""So many rows of an answer are shown."""

_LEFT, _RIGHT = ' style="text-align: left"', ' style="text-align: right"'


def table(rows: Rows, descriptions: Mapping[str, str], places: Passages, labels: Labels) -> str:
    """Lay out rows.

    Args:
        rows: all of them are shown.
        descriptions: column → what it is, shown when the mouse rests on its name.
        places: tells each passage as cell and line.
        labels: tells what stands behind an IRI, unless its row says so already.

    """
    given = list(rows.rows)
    if COLUMN in rows.columns:
        at = rows.columns.index(COLUMN)
        places.look_up(iri for row in given for iri in _passages(row[at]))
    body = [
        "".join(
            _named(places, _passages(term)) if name == COLUMN else _cell(term, label)
            for name, term, label in zip(rows.columns, row, known, strict=True)
        )
        for row, known in zip(given, called(given, labels), strict=True)
    ]
    head = "".join(
        f'<th{_LEFT} title="{escape(descriptions.get(name, ""))}">{escape(name)}</th>' for name in rows.columns
    )
    return _table(head, body)


def questions(given: Iterable[Question]) -> str:
    """Lay out a list of questions: name, summary and parameters, the optional ones in brackets."""
    body = []
    for one in given:
        names = (name if parameter.required else f"[{name}]" for name, parameter in one.parameters.items())
        body.append((one.name, one.summary, ", ".join(names)))
    return texts(("question", "what it answers", "parameters"), body)


def question(given: Question) -> str:
    """Lay out one question: its summary, its description, its parameters and its columns."""
    parameters = [
        f"<td{_LEFT}><code>{escape(one.name)}</code></td><td{_LEFT}>{escape(one.description)}"
        f"{'' if one.required else ' (may be left out)'}; such as <code>{escape(one.example)}</code></td>"
        for one in given.parameters.values()
    ]
    parts = [f"<p><b>{escape(given.name)}</b>: {escape(given.summary)}</p>"]
    parts += [f"<p>{escape(given.description)}</p>"] if given.description else []
    if parameters:
        parts.append(_table(f"<th{_LEFT}>parameter</th><th{_LEFT}>what it is</th>", parameters))
    if given.columns:
        parts.append(texts(("column", "what it is"), given.columns.items()))
    return "".join(parts)


def texts(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Lay out a table of texts."""
    return _table(
        "".join(f"<th{_LEFT}>{escape(text)}</th>" for text in head),
        ["".join(f"<td{_LEFT}>{escape(text)}</td>" for text in row) for row in body],
    )


def lines(*texts: str) -> str:
    """Set lines of text below each other."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _table(head: str, body: Iterable[str]) -> str:
    rows = "".join(f"<tr>{row}</tr>\n" for row in body)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _cell(term: Term | None, label: str) -> str:
    text = escape(readable(term))
    if not isinstance(term, NamedNode):
        return f"<td{_RIGHT if isinstance(value(term), int | float) else _LEFT}>{text}</td>"
    iri, behind = escape(term.value), f" {escape(label)}" if label else ""
    # Our own IRIs are names that the web does not answer to yet; of others, a link may only be what a browser fetches.
    if term.value.startswith(("http://", "https://")) and not term.value.startswith((ID, EVG)):
        return f'<td{_LEFT}><a href="{iri}" rel="noreferrer">{text}</a>{behind}</td>'
    return f'<td{_LEFT} title="{iri}">{text}{behind}</td>'


def _named(places: Passages, iris: Iterable[str]) -> str:
    # Two passages of one line have one name.
    return f"<td{_LEFT}>{escape(' '.join(dict.fromkeys(places.name(iri) for iri in iris)))}</td>"


def _passages(term: Term | None) -> list[str]:
    return str(value(term) or "").split()
