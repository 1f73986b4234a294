"""Queries of shapes' authors that are run once for each focus node, with ``$this`` bound before the query starts.

`evgraph.shacl.sparql_constraints` rewrites most queries to find all focus nodes at once, which is faster. The others
need what SHACL calls pre-binding: the variable has its value in every group, expression and query within the query.
https://www.w3.org/TR/shacl/#pre-binding
"""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph import offline
from evgraph.errors import UnreadableError
from evgraph.rdf import lexical_forms as lexical
from evgraph.shacl import lexical_queries, paths
from evgraph.shacl.lexical_queries import OF_TERMS, check_exact, mentions
from evgraph.shacl.shapes_graph import MalformedError
from evgraph.sparql.tokens import Token, columns, form, prefixes, tokens
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import select_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from evgraph.shacl.lexical_queries import Uncommon
    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.shacl.targets import Source
    from evgraph.store.protocol import Term

SHAPES_GRAPH = "urn:evgraph:shapes-graph"
"""The IRI that replaces ``$shapesGraph``."""
# Changes no solution, but keeps Oxigraph from taking a variable for one without a value where a group does not bind it.
_POSSIBLE = ' VALUES $%s { UNDEF <urn:evgraph:here> "" } '
_HERE = ox.NamedNode("urn:evgraph:here")
_LONGEST = 120  # Characters of an engine's message, which lists all that could follow.
_FORBIDDEN = ("MINUS", "VALUES", "SERVICE")
_NOTHING: Mapping[str, ox.NamedNode] = MappingProxyType({})


class OneNodeQuery(NamedTuple):
    """A SELECT for one focus node.

    Attributes:
        text: the query; it selects the variables that are bound beforehand.
        is_test: whether a node conforms if there is a row (an ASK), rather than if there is none.
        values: the values of other variables, which are in the text already.
        needs_shapes: whether it reads the shapes graph, too.
        walks: whether it has a path that may be without steps.
        of_forms: the same query for nodes whose form the engine would change; see `_form_of`.

    """

    text: str
    is_test: bool = False
    values: Mapping[str, Term] = _NOTHING
    needs_shapes: bool = False
    walks: bool = False
    of_forms: str = ""


def check(query: str, bound: Collection[str]) -> None:
    """Check that a query follows the rules for variables that are bound beforehand.

    Raises:
        MalformedError: it does not.

    """
    parts = [token for token in tokens(query) if token.kind not in {"space", "comment"}]
    words = {token.keyword for token in parts if token.kind == "word"}
    if found := [word for word in _FORBIDDEN if word in words]:
        raise MalformedError(f"a query has {found[0]}, which SHACL does not allow")
    for place, token in enumerate(parts[:-1]):
        following = parts[place + 1]
        if token.keyword == "AS" and following.kind == "var" and following.text[1:] in bound:
            raise MalformedError(f"a query assigns {following.text}, which SHACL binds")
        if token.keyword == "GRAPH" and following.text[1:] != "shapesGraph":
            raise MalformedError("a query has GRAPH, and the graphs of the data are merged")
    for names, used in _queries_within(parts):
        if names is None:
            raise MalformedError("a query within a query selects *, which is not known to contain $this")
        if missing := [name for name in bound if name not in names and (name == "this" or name in used)]:
            raise MalformedError(f"a query within a query does not select ${missing[0]}")


def _queries_within(parts: Sequence[Token]) -> Iterator[tuple[set[str] | None, set[str]]]:
    """Iterate over the SELECTs within a query: the variables each selects, None for all, and those it uses."""
    selects = [place for place, token in enumerate(parts) if token.keyword == "SELECT"]
    for start in selects[1:] if form(parts) == "SELECT" else selects:
        depth, end = 0, start
        for end in range(start, len(parts)):
            depth += (parts[end].text == "{") - (parts[end].text == "}")
            if depth < 0:
                break
        inside = parts[start:end]
        selected = columns(inside)
        used = {token.text[1:] for token in inside if token.kind == "var"}
        yield None if selected is None else {token.text[1:] for token in selected}, used


def for_one_node(
    query: str,
    shape: Node,
    path: Path | None,
    values: Mapping[str, Term | None] = _NOTHING,
    uncommon: Uncommon = lexical_queries.NONE,
    more: str = "",
) -> OneNodeQuery:
    """Return a query of shapes for one focus node.

    Args:
        query: a SELECT or ASK, with its prefixes.
        shape: the shape that it belongs to, ``$currentShape``.
        path: ``$PATH``.
        values: those of parameters; None for one that has no value.
        uncommon: literals of the data.
        more: the pattern of the nodes.

    Raises:
        MalformedError: it does not follow the standard, or evgraph cannot bind its variables.
        InexactError: the engine would answer it otherwise than the standard.

    """
    is_test = form(tokens(query)) == "ASK"
    bound = ["this", "value"] if is_test else ["this"]
    check(query, {*bound, *values})
    parts = [token for token in tokens(query) if token.kind != "comment"]
    used = {token.text[1:] for token in parts if token.kind == "var"}
    inserted: dict[str, Term | None] = {**values, "currentShape": shape, "shapesGraph": ox.NamedNode(SHAPES_GRAPH)}
    for name in used & inserted.keys():
        if isinstance(inserted[name], ox.BlankNode):
            raise MalformedError(f"a query uses ${name}, which is a blank node")
    if "PATH" in used and path is None:
        raise MalformedError("a query uses $PATH, and its shape has no path")
    selected = columns(parts)
    if not is_test and selected is not None and "this" not in {token.text[1:] for token in selected}:
        raise MalformedError("a query does not select $this")
    text = _with_head("".join(_written(parts, bound, inserted, path)), parts, is_test=is_test)
    _try(text, bound)
    check_exact(text, uncommon, bound, more)
    of_forms = ""
    if mentions(more, uncommon):
        forms = [_form_of(function, name) for function in OF_TERMS for name in bound]
        written = "".join(_written(parts, [*bound, *forms], inserted, path))
        if forms := [form for form in forms if f"?{form}" in written]:
            of_forms = _with_head(written, parts, is_test=is_test, more=forms)
            _try(of_forms, [*bound, *forms])
    known = {name: value for name, value in values.items() if value is not None}
    walks = any(token.kind == "other" and token.text in "*?" for token in tokens(text))
    return OneNodeQuery(text, is_test, known, "shapesGraph" in used, walks, of_forms)


def _written(
    parts: Sequence[Token], bound: Collection[str], inserted: Mapping[str, Term | None], path: Path | None
) -> Iterator[str]:
    """Iterate over the text of a query with the values of its variables."""
    significant = [place for place, token in enumerate(parts) if token.kind != "space"]
    after = dict(pairwise(significant))
    in_head = False
    brackets = 0
    skip_to = -1
    for place, token in enumerate(parts):
        if place <= skip_to:
            continue
        if token.keyword == "SELECT":
            in_head, brackets = True, 0
        elif token.text == "{" or token.keyword == "WHERE":
            in_head = False
        brackets += (token.text == "(") - (token.text == ")")
        name = token.text[1:] if token.kind == "var" else ""
        if token.keyword == "BOUND":
            opening = after.get(place, place)
            variable = after.get(opening, place)
            closing = after.get(variable, place)
            tested = parts[variable].text[1:]
            if parts[variable].kind == "var" and (tested in bound or tested in inserted):
                yield "(true)" if tested in bound or inserted[tested] is not None else "(false)"
                skip_to = closing
                continue
        if token.keyword in OF_TERMS:
            variable = after.get(after.get(place, place), place)
            form = _form_of(token.keyword, parts[variable].text[1:])
            if form in bound and parts[after.get(variable, place)].text == ")":
                yield f"?{form}"
                skip_to = after[variable]
                continue
        if name == "PATH" and path is not None:
            yield f"({paths.text(path)})" if isinstance(path, paths.Compound) else str(path)
        elif (term := inserted.get(name)) is not None:
            yield f"({term} AS ?{name})" if in_head and brackets == 0 else str(term)
        else:
            yield token.text
            if token.text == "{" and parts[after.get(place, place)].keyword != "SELECT":
                yield "".join(_POSSIBLE % name for name in bound)


def _form_of(function: str, name: str) -> str:
    """Return the variable for STR or DATATYPE of one that is bound beforehand."""
    return f"evg{function}{name}"


def _forms(bound: Mapping[str, Term]) -> dict[str, Term]:
    """Return the values of these variables."""
    forms: dict[str, Term] = {}
    for name, term in bound.items():
        if isinstance(term, ox.NamedNode | ox.Literal):
            forms[_form_of("STR", name)] = ox.Literal(term.value)
        if isinstance(term, ox.Literal):
            forms[_form_of("DATATYPE", name)] = lexical.unmarked(term).datatype
    return forms


def _with_head(text: str, parts: Sequence[Token], *, is_test: bool, more: Sequence[str] = ()) -> str:
    """Return a query with a head that selects what is bound beforehand, with ``more`` variables."""
    written = list(tokens(text))
    word = "ASK" if is_test else "SELECT"
    start = next((place for place, token in enumerate(written) if token.keyword == word), None)
    if start is None:
        raise MalformedError("a query is neither SELECT nor ASK")
    head = "SELECT $this $value " if is_test else "SELECT "
    rest = "".join(token.text for token in written[start + 1 :])
    if not is_test and columns(parts) is None:
        names = dict.fromkeys(token.text[1:] for token in written if token.kind == "var")
        head += " ".join(f"?{name}" for name in {"this": None, **names})
        rest = rest.replace("*", "", 1)
    if not is_test and rest.split(maxsplit=1)[0].upper() in {"DISTINCT", "REDUCED"}:
        head, rest = f"SELECT {rest.split(maxsplit=1)[0]} {head.removeprefix('SELECT ')}", rest.split(maxsplit=1)[1]
    head += "".join(f"?{name} " for name in more)
    return "".join(token.text for token in written[:start]) + head + rest


def _try(text: str, bound: Sequence[str]) -> None:
    """Raise MalformedError for a text that is no query, or does not select what is bound."""
    substitutions: dict[ox.Variable, Term] = {ox.Variable(name): _HERE for name in bound}
    try:
        # The answer must be freed in the thread that asked.
        offline.call(lambda: bool(ox.Store().query(text, substitutions=substitutions)))
    except SyntaxError as error:
        query = tokens(text)
        used = (token.text.partition(":")[0] for token in query if token.kind == "name")
        if unknown := next((prefix for prefix in used if prefix not in prefixes(query)), None):
            raise MalformedError(f"a query uses the prefix {unknown}:, which sh:prefixes does not declare") from None
        reason = str(error).partition("\n")[0]
        raise MalformedError(f"a query is not legal SPARQL: {reason[:_LONGEST]}") from None
    except RuntimeError as error:
        raise MalformedError(f"a query cannot be bound: {error}") from None


def focus_nodes(data: Source, nodes: str) -> list[dict[str, Term | None]]:
    """Return the rows of a SELECT of focus nodes, each once, with literals as queries of authors see them."""
    answer = select_rows(data.store, nodes)
    rows = dict.fromkeys(answer.rows)
    return [
        {
            name: lexical.for_queries(term) if isinstance(term, ox.Literal) else term
            for name, term in zip(answer.columns, row, strict=True)
        }
        for row in rows
    ]


class Runner:
    """Runs a query for one node after another.

    Args:
        store: the data as queries of authors see it.
        shapes: the shapes graph.
        query: the query.

    """

    def __init__(self, store: OxigraphStore, shapes: ShapesGraph, query: OneNodeQuery) -> None:
        self._query = query
        self._store = _with_shapes(store, shapes) if query.needs_shapes else store

    def rows(self, row: Mapping[str, Term | None]) -> Iterator[dict[str, Term | None]]:
        """Iterate over the rows that break the shape, given a focus node ``this`` and perhaps ``value``.

        Raises:
            UnreadableError: the query reports a failure (``?failure``).

        """
        query = self._query
        text, bound = query.text, {name: term for name, term in row.items() if term is not None}
        if query.is_test:
            bound.setdefault("value", bound["this"])
        if query.of_forms and any(_is_rewritten(term) for term in bound.values()):
            text = query.of_forms
            bound |= {name: term for name, term in _forms(bound).items() if f"?{name}" in text}
        store = _with_nodes(self._store, {*bound.values()}) if query.walks else self._store
        answer = store.select_bound(text, bound, union=not query.needs_shapes)
        if query.is_test:
            if next(answer.rows, None) is None:
                yield {**row, **query.values}
            return
        for found in dict.fromkeys(answer.rows):
            result = {**query.values, **dict(zip(answer.columns, found, strict=True)), **row}
            if result.get("failure") == ox.Literal(True):
                raise UnreadableError(f"a query reports a failure for {row['this']}")
            yield result


def rows(
    data: Source, shapes: ShapesGraph, nodes: Sequence[Mapping[str, Term | None]], query: OneNodeQuery
) -> Iterator[dict[str, Term | None]]:
    """Run a query for each row of focus nodes, and iterate over the rows that break the shape.

    Raises:
        UnreadableError: the query reports a failure (``?failure``).

    """
    store = data.store
    assert isinstance(store, OxigraphStore)  # noqa: S101 - others get no such queries
    if query.walks:
        store = _with_nodes(store, {term for node in nodes for term in node.values() if term is not None})
    runner = Runner(store, shapes, query)
    for row in nodes:
        yield from runner.rows(row)


def _is_rewritten(term: Term) -> bool:
    return isinstance(term, ox.Literal) and lexical.normalized(lexical.unmarked(term)) != term


def _with_nodes(store: OxigraphStore, nodes: set[Term]) -> OxigraphStore:
    """Return a copy of the data in which terms are nodes; the data itself, if they are all."""
    absent = [
        node
        for node in nodes
        if next(store.matches(value=node), None) is None
        and (isinstance(node, ox.Literal | ox.Triple) or next(store.matches(node), None) is None)
    ]
    if not absent:
        return store
    copy = ox.Store()
    copy.bulk_extend(store.quads())
    copy.extend(ox.Quad(_HERE, _HERE, node) for node in absent)
    return OxigraphStore(copy)


def _with_shapes(store: OxigraphStore, shapes: ShapesGraph) -> OxigraphStore:
    """Return a copy of the data with the shapes in a named graph."""

    def build() -> OxigraphStore:
        both = ox.Store()
        both.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in store.quads())
        both.extend(ox.Quad(*triple, ox.NamedNode(SHAPES_GRAPH)) for triple in shapes.triples())
        return OxigraphStore(both)

    return store.recall("with shapes", build)
