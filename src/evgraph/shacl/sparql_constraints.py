"""Constraints that are SELECTs already, of one focus node: made to find all focus nodes at one go.

SHACL binds ``$this`` everywhere in the query beforehand. Here the pattern of the targets is put to the head of the
WHERE clause instead, and of each group within it that speaks of ``$this``; ``EXISTS`` sees what is bound outside.
https://www.w3.org/TR/shacl/#sparql-constraints
"""

from __future__ import annotations

import re
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import offline
from evgraph.namespaces import OWL, RDF, RDFS
from evgraph.shacl import paths
from evgraph.shacl.shapes_graph import MalformedError
from evgraph.shacl.value_tests import NotCompiledError
from evgraph.sparql.tokens import Token, columns, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.store.protocol import Term

# With these a query for all focus nodes is not the queries for each, or SHACL forbids them.
_NOT_HERE = frozenset(
    {"MINUS", "VALUES", "SERVICE", "GRAPH", "FROM", "LIMIT", "OFFSET", "CONSTRUCT", "ASK", "DESCRIBE"}
)
# Whatever else would end the declaration, and go on as query text. https://www.w3.org/TR/sparql11-query/#rPN_PREFIX
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.·\-]*[\w·\-])?)?")
_IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]*")
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def text_of(shapes: ShapesGraph, constraint: Term) -> str:
    """Give the query of a constraint, with the prefixes that it may use.

    Raises:
        MalformedError: there is none, there are several, or a prefix is not well-formed.

    """
    selects = [one for one in shapes.sh(constraint, "select") if isinstance(one, ox.Literal)]
    if len(selects) != 1:
        raise MalformedError("a constraint in SPARQL has not exactly one sh:select")
    return prefixes_of(shapes, constraint) + selects[0].value


def prefixes_of(shapes: ShapesGraph, node: Term) -> str:
    """Write the PREFIX lines of a node's queries.

    https://www.w3.org/TR/shacl/#sparql-prefixes

    Raises:
        MalformedError: a prefix is not well-formed.

    """
    prefixes = {"rdf": RDF, "rdfs": RDFS, "owl": OWL}
    ontologies = shapes.typed(f"{OWL}Ontology")
    for source in shapes.sh(node, "prefixes"):
        declared = [one for imported in _imports(shapes, source) for one in shapes.sh(imported, "declare")]
        if not shapes.sh(source, "declare") or source not in ontologies:
            declared += [one for other in ontologies for one in shapes.sh(other, "declare")]
        for one in declared:
            names, namespaces = shapes.sh(one, "prefix"), shapes.sh(one, "namespace")
            if len(names) != 1 or len(namespaces) != 1:
                raise MalformedError("a declaration has not exactly one sh:prefix and one sh:namespace")
            name, namespace = names[0], namespaces[0]
            if not isinstance(name, ox.Literal) or not _PREFIX.fullmatch(name.value):
                raise MalformedError(f"{name} is no prefix")
            if isinstance(namespace, ox.Triple) or not _IRI.fullmatch(namespace.value):
                raise MalformedError(f"{namespace} is no namespace")
            prefixes[name.value] = namespace.value
    return "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in prefixes.items())


def _imports(shapes: ShapesGraph, source: Term) -> list[Term]:
    """Give a resource and all that it imports, and so on."""
    found = [source]
    for one in found:
        found += [imported for imported in shapes.values(one, f"{OWL}imports") if imported not in found]
    return found


def over(query: str, focus: Callable[[str], str], path: Path | None) -> str:
    """Write a constraint's query for all focus nodes at one go.

    Args:
        query: the query, with its prefixes.
        focus: a variable → the pattern that binds it to the focus nodes.
        path: what ``$PATH`` stands for.

    Raises:
        NotCompiledError: one query for all would not be the same as one for each.

    """
    parts = tokens(query)
    _check(parts, path)
    heads = _heads(parts)
    # A node may be found in several ways, which must not count.
    once = _AGGREGATES.intersection(token.text.upper() for token in parts)
    told = f"{{ SELECT DISTINCT $this WHERE {{ {focus('$this')} }} }}" if once else f"{{ {focus('$this')} }}"
    written = [
        ("" if token.kind == "comment" else _path(token, path)) + (f" {told} " if place in heads else "")
        for place, token in enumerate(parts)
    ]
    for start, brace, end in _absences(parts):
        # As the last thing in the WHERE clause this is the same, and the engine looks for what is there once, not for
        # each row anew: both sides bind $this.
        last = _end(parts)
        written[last] = f" MINUS {''.join(written[brace : end + 1])} {written[last]}"
        written[start : end + 1] = [" "] * (end + 1 - start)
    whole = "".join(written)
    try:
        offline.call(partial(_run, whole))
    except SyntaxError:
        raise NotCompiledError("a query that is not well-formed") from None
    return whole


def _run(query: str) -> None:
    ox.Store().query(query)  # Its answer must end in the thread that asked.


def _check(parts: Sequence[Token], path: Path | None) -> None:
    words = [token.text.upper() for token in parts if token.kind == "word"]
    variables = {token.text[1:] for token in parts if token.kind == "var"}
    selected = columns(parts)
    if selected is None or "this" not in {token.text[1:] for token in selected}:
        raise NotCompiledError("a query that does not select $this")
    if found := _NOT_HERE.intersection(words):
        raise NotCompiledError(f"a query with {min(found)}")
    if words.count("SELECT") > 1 and (
        _AGGREGATES.intersection(words) or not all(map(_hands_out_this, _selects(parts)))
    ):
        raise NotCompiledError("a query within a query that counts, or that does not select $this")
    if "failure" in variables or variables & {"shapesGraph", "currentShape"} or ("PATH" in variables and path is None):
        raise NotCompiledError("a query with $shapesGraph, $currentShape, ?failure, or a $PATH that is not there")
    if any(name.startswith("evg") and name[3:].isdigit() for name in variables):
        raise NotCompiledError("a query with variables that are taken")
    text = [token.text.upper().replace("$", "?") for token in parts if token.kind not in {"space", "comment"}]
    if any(text[i : i + 2] == ["AS", "?THIS"] for i in range(len(text))):
        raise NotCompiledError("a query that binds $this")
    grouped = [text[i + 2 :] for i in range(len(text)) if text[i : i + 2] == ["GROUP", "BY"]]
    if _AGGREGATES.intersection(words) or "HAVING" in words:
        by = grouped[0] if grouped else []
        keys = by[: next((i for i, one in enumerate(by) if one in {"HAVING", "ORDER", "("}), len(by))]
        if "?THIS" not in keys:
            raise NotCompiledError("a query that counts over more than $this")


def _selects(parts: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Give what each SELECT selects: the tokens from there to the next brace."""
    for start, token in enumerate(parts):
        if token.kind == "word" and token.text.upper() == "SELECT":
            yield list(takewhile(lambda one: one.text != "{", parts[start:]))


def _hands_out_this(selected: Sequence[Token]) -> bool:
    return any(token.text in {"$this", "?this"} for token in selected)


def _path(token: Token, path: Path | None) -> str:
    if token.kind == "var" and token.text[1:] == "PATH" and path is not None:
        return f"({paths.text(path)})" if isinstance(path, paths.Compound) else str(path)
    return token.text


def _heads(parts: Sequence[Token]) -> set[int]:
    """Find the braces that open the WHERE clause, and each group below it that must be told the focus nodes."""
    heads: set[int] = set()
    opened: list[int | None] = []  # For each open brace its place, None where what is bound outside is seen inside.
    before = ""
    for place, token in enumerate(parts):
        if token.kind in {"space", "comment"}:
            continue
        if token.text == "{":
            opened.append(None if before in {"EXISTS", "OPTIONAL"} else place)
            if len(opened) == 1:
                heads.add(place)
        elif before == "{" and token.text.upper() == "SELECT":
            opened[-1] = None  # The WHERE clause of that SELECT has braces of its own.
        elif token.text == "}" and opened:
            opened.pop()
        elif token.kind == "var" and token.text[1:] == "this" and opened and opened[-1] is not None:
            heads.add(opened[-1])
        before = token.text.upper()
    return heads


def _end(parts: Sequence[Token]) -> int:
    """Find the brace that closes the WHERE clause."""
    depth = 0
    for place, token in enumerate(parts):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if token.text == "}" and depth == 0:
            return place
    raise NotCompiledError("a query that is not well-formed")


def _absences(parts: Sequence[Token]) -> list[tuple[int, int, int]]:
    """Find ``FILTER NOT EXISTS { … }`` of the WHERE clause itself, of triple patterns alone, with ``$this`` in one.

    Returns:
        The places of ``FILTER``, of the opening and of the closing brace.

    """
    told = [(place, token) for place, token in enumerate(parts) if token.kind not in {"space", "comment"}]
    texts = [token.text.upper() for _, token in told]
    found = []
    depth = 0
    for i, text in enumerate(texts):
        depth += {"{": 1, "}": -1}.get(text, 0)
        if depth != 1 or texts[i : i + 4] != ["FILTER", "NOT", "EXISTS", "{"]:
            continue
        end = texts.index("}", i)
        inside = [token for _, token in told[i + 4 : end]]
        is_plain = all(one.text in ".;,[]" or one.text == "a" or one.kind not in {"word", "other"} for one in inside)
        if is_plain and any(one.kind == "var" and one.text[1:] == "this" for one in inside):
            found.append((told[i][0], told[i + 3][0], told[end][0]))
    return found
