"""The page for free queries: the text, its answer as a table or as triples, and examples."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from markupsafe import Markup

from evgraph.errors import EvgraphError
from evgraph.namespaces import PREFIXES
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.question import Question
from evgraph.site.page import STATIC
from evgraph.site.question_pictures import pictures_of_rows, pictures_of_triples
from evgraph.site.questions import without_head
from evgraph.site.tables import Row, Table, item, labels_of, table
from evgraph.store.protocol import Rows, Triples

if TYPE_CHECKING:
    from evgraph.site.page import Page, Parameters, Site
    from evgraph.store.protocol import Answer

_EDITOR = "editor.js"  # Built from the folder "editor" of the source; without it the text area does the same.
_MOST = 1_000  # Rows or triples on the page.
_EXAMPLE = """SELECT ?guidance ?trial
WHERE {
  ?guidance a evg:Guidance ; cito:citesAsEvidence ?trial .
  ?trial a evg:Trial .
}
LIMIT 100
"""


def sparql(site: Site, chosen: Parameters) -> Page:
    """Show the editor, and the answer to the query in the address."""
    text = next(iter(chosen.get("query", ())), "")
    problem: EvgraphError | None = None
    rows: Table | None = None
    drawn: list[Markup] = []
    verdict: bool | None = None
    notes: list[str] = []
    is_graph = False
    if text:
        try:
            answer, notes = runner.ask(site.store, Question("the query", "", "", "", (), {}, {}, text, "the query"))
            is_graph = isinstance(answer, Triples)
            verdict = answer if isinstance(answer, bool) else None
            rows, drawn = _shown(site, answer)
        except EvgraphError as error:
            problem = error
    page = site.page(
        "sparql",
        title="SPARQL",
        address="/sparql" + (f"?{urlencode({'query': text})}" if text else ""),
        text=text or _EXAMPLE,
        asked=text,
        problem=problem,
        message=problem.message.partition("\n")[0].removesuffix(f" (column {problem.column})") if problem else "",
        faulty=_faulty_line(text, problem) if problem else None,
        rows=rows,
        pictures=drawn,
        verdict=verdict,
        is_graph=is_graph,
        most=_MOST,
        notes=notes,
        query=urlencode({"query": text}),
        editor=_EDITOR if (STATIC / _EDITOR).exists() else None,
        prefixes=Markup(json.dumps(PREFIXES)),  # noqa: S704 - namespaces have no "<".
        examples=[
            (question.summary, f"/sparql?{urlencode({'query': without_head(question.text)})}")
            for question in Catalogue()
            if not question.answered_by_evgraph
            and not any(parameter.required for parameter in question.parameters.values())
        ],
    )
    return page._replace(status=400) if problem else page


def _shown(site: Site, answer: Answer) -> tuple[Table | None, list[Markup]]:
    """Return an answer as a table and as pictures."""
    if isinstance(answer, bool):
        return None, []
    if isinstance(answer, Rows):
        found = list(islice(answer.rows, _MOST + 1))
        read = table(site, Rows(answer.columns, iter(found[:_MOST])), size=_MOST)
        drawn = pictures_of_rows(site, answer.columns, found[:_MOST])
        return read._replace(is_cut=len(found) > _MOST), drawn
    most = 2 * _MOST  # A triple may come once for each graph.
    first = list(islice(answer.triples, most + 1))
    triples = list(dict.fromkeys(first))
    is_cut = len(first) > most or len(triples) > _MOST
    del triples[_MOST:]
    labels = labels_of(site, (term for triple in triples for term in triple))
    rows = [Row(tuple(item(site, term, labels) for term in triple)) for triple in triples]
    read = Table(("subject", "predicate", "object"), rows, 0, len(rows), is_cut, has_passages=False)
    return read, pictures_of_triples(site, triples)


def _faulty_line(text: str, problem: EvgraphError) -> tuple[int, str, str, str] | None:
    """Return the line with the error: its number, and its text before, at and after the column."""
    lines = text.splitlines()
    if not problem.line or problem.line > len(lines):
        return None
    line, column = lines[problem.line - 1], (problem.column or 1) - 1
    end = next((place for place in range(column + 1, len(line)) if line[place].isspace()), len(line))
    return problem.line, line[:column], line[column:end] or " ", line[end:]
