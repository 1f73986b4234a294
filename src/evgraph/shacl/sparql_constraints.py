"""Constraints that are SELECTs already, of one focus node: rewritten to find all focus nodes at once.

SHACL binds ``$this`` everywhere in the query beforehand. Here the pattern of the targets is put at the start of the
WHERE clause instead, and of each group within it that uses ``$this``; ``EXISTS`` sees the variables bound outside.
https://www.w3.org/TR/shacl/#sparql-constraints

Every query text in shapes (SHACL Advanced Features has them in functions and rules) passes the guard of
`evgraph.sparql.guard` before any engine reads it, whether or not evgraph uses it. https://www.w3.org/TR/shacl-af/
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import offline
from evgraph.errors import UnreadableError
from evgraph.namespaces import OWL, RDF, RDFS, SH
from evgraph.rdf.positions import place_of
from evgraph.shacl import paths
from evgraph.shacl.shapes_graph import MalformedError
from evgraph.shacl.value_tests import NotCompiledError
from evgraph.sparql.guard import check_query
from evgraph.sparql.tokens import Token, closing, columns, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term

# With these one query for all focus nodes is not the same as one for each.
_NOT_FOR_ALL = frozenset({"LIMIT", "OFFSET", "GRAPH", "CONSTRUCT", "ASK", "DESCRIBE"})
# Other characters would end the declaration and continue as query text. https://www.w3.org/TR/sparql11-query/#rPN_PREFIX
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.·\-]*[\w·\-])?)?")
_IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]*")
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def text_of(shapes: ShapesGraph, constraint: Term, name: str = "select") -> str:
    """Return the query of a constraint or validator, with its prefixes; ``name`` is ``select`` or ``ask``.

    Raises:
        MalformedError: there is not exactly one query, or a prefix is not well-formed.

    """
    texts = [text for text in shapes.sh(constraint, name) if isinstance(text, ox.Literal)]
    if len(texts) != 1:
        raise MalformedError(f"a constraint in SPARQL has not exactly one sh:{name}")
    return prefixes_of(shapes, constraint) + texts[0].value


def prefixes_of(shapes: ShapesGraph, node: Term) -> str:
    """Return the PREFIX lines of a node's queries.

    https://www.w3.org/TR/shacl/#sparql-prefixes

    Raises:
        MalformedError: a prefix is not well-formed.

    """
    prefixes = {"rdf": RDF, "rdfs": RDFS, "owl": OWL}
    ontologies = shapes.typed(f"{OWL}Ontology")
    for source in shapes.sh(node, "prefixes"):
        declarations = [node for imported in _imports(shapes, source) for node in shapes.sh(imported, "declare")]
        if not shapes.sh(source, "declare") or source not in ontologies:
            declarations += [node for ontology in ontologies for node in shapes.sh(ontology, "declare")]
        for declaration in declarations:
            names, namespaces = shapes.sh(declaration, "prefix"), shapes.sh(declaration, "namespace")
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
    """Return a resource and everything that it imports, directly or not."""
    nodes = [source]
    for node in nodes:
        nodes += [imported for imported in shapes.values(node, f"{OWL}imports") if imported not in nodes]
    return nodes


def for_all_focus_nodes(query: str, of_focus: str, path: Path | None) -> str:
    """Return a constraint's query with its prefixes, rewritten for all focus nodes of a pattern; ``path`` is ``$PATH``.

    Raises:
        MalformedError: the query calls a function that does not exist.
        NotCompiledError: one query for all would not be the same as one for each.

    """
    parts = tokens(query)
    _check(parts, path)
    heads = _groups_with_this(parts)
    # A node that the pattern matches in several ways must be counted once.
    counts = _AGGREGATES.intersection(token.text.upper() for token in parts)
    of_focus = f"{{ SELECT DISTINCT $this WHERE {{ {of_focus} }} }}" if counts else f"{{ {of_focus} }}"
    written = [
        ("" if token.kind == "comment" else _path(token, path)) + (f" {of_focus} " if place in heads else "")
        for place, token in enumerate(parts)
    ]
    for start, brace, end in _absences(parts):
        # MINUS at the end of the WHERE clause is the same, since both sides bind $this, and the engine evaluates the
        # pattern once, not once for each row.
        last = closing(parts, min(heads))
        written[last] = f" MINUS {''.join(written[brace : end + 1])} {written[last]}"
        written[start : end + 1] = [" "] * (end + 1 - start)
    whole = "".join(written)
    try:
        offline.call(lambda: bool(ox.Store().query(whole)))  # The answer must be freed in the thread that asked.
    except SyntaxError:
        raise NotCompiledError("a query that is not well-formed") from None
    except RuntimeError as error:  # A function that does not exist: pySHACL would take its calls for false.
        raise MalformedError(f"a query cannot be evaluated: {error}") from None
    return whole


def with_path(query: str, path: Path | None) -> str:
    """Return a query with the path of a shape for ``$PATH``."""
    return "".join(_path(token, path) for token in tokens(query))


def _check(parts: Sequence[Token], path: Path | None) -> None:
    words = [token.text.upper() for token in parts if token.kind == "word"]
    variables = {token.text[1:] for token in parts if token.kind == "var"}
    selected = columns(parts)
    if selected is None or "this" not in {token.text[1:] for token in selected}:
        raise NotCompiledError("a query that does not select $this")
    if found := _NOT_FOR_ALL.intersection(words):
        raise NotCompiledError(f"a query with {min(found)}")
    if words.count("SELECT") > 1 and (
        _AGGREGATES.intersection(words) or not all("this" in names for names in _selected_names(parts))
    ):
        raise NotCompiledError("a query within a query that counts, or that does not select $this")
    if "failure" in variables or variables & {"shapesGraph", "currentShape"} or ("PATH" in variables and path is None):
        raise NotCompiledError("a query with $shapesGraph, $currentShape, ?failure, or a $PATH that is not there")
    if any(name.startswith("evg") and name[3:].isdigit() for name in variables):
        raise NotCompiledError("a query with variables that are taken")
    if _is_bound_in_optional(parts):
        raise NotCompiledError("a query with $this in a part of an OPTIONAL that does not see it")
    text = [token.text.upper().replace("$", "?") for token in parts if token.kind not in {"space", "comment"}]
    grouped = [text[i + 2 :] for i in range(len(text)) if text[i : i + 2] == ["GROUP", "BY"]]
    if _AGGREGATES.intersection(words) or "HAVING" in words:
        by = grouped[0] if grouped else []
        keys = by[: next((i for i, word in enumerate(by) if word in {"HAVING", "ORDER", "("}), len(by))]
        if "?THIS" not in keys:
            raise NotCompiledError("a query that counts over more than $this")


def _is_bound_in_optional(parts: Sequence[Token]) -> bool:
    """Whether ``$this`` is in a BIND or in a group within an OPTIONAL, where SPARQL has no value for it yet."""
    depths: list[int] = []  # Of the open OPTIONALs.
    depth, before, binding = 0, "", False
    for token in parts:
        if token.kind in {"space", "comment"}:
            continue
        if token.text == "{":
            depth += 1
            depths += [depth] if before == "OPTIONAL" else []
        elif token.text == "}":
            depth -= 1
            depths = [start for start in depths if start <= depth]
        binding = token.keyword == "BIND" or (binding and token.text not in {"}", "."})
        if token.kind == "var" and token.text[1:] == "this" and depths and (binding or depth > depths[0]):
            return True
        before = token.keyword
    return False


def _selected_names(parts: Sequence[Token]) -> Iterator[set[str]]:
    """Iterate over the variables in the head of each SELECT: up to the next brace."""
    for start, token in enumerate(parts):
        if token.kind == "word" and token.keyword == "SELECT":
            head = takewhile(lambda part: part.text != "{", parts[start:])
            yield {part.text[1:] for part in head if part.kind == "var"}


def _path(token: Token, path: Path | None) -> str:
    if token.kind == "var" and token.text[1:] == "PATH" and path is not None:
        return f"({paths.text(path)})" if isinstance(path, paths.Compound) else str(path)
    return token.text


def _groups_with_this(parts: Sequence[Token]) -> set[int]:
    """Return the places of the braces that open the WHERE clause and each group within it that uses ``$this``."""
    heads: set[int] = set()
    opened: list[int | None] = []  # Places of open braces; None where the group sees outer variables.
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


def _absences(parts: Sequence[Token]) -> list[tuple[int, int, int]]:
    """Find each ``FILTER NOT EXISTS`` of triple patterns with ``$this`` that is in the WHERE clause itself.

    Returns:
        The places of ``FILTER``, of the opening and of the closing brace.

    """
    words = [(place, token) for place, token in enumerate(parts) if token.kind not in {"space", "comment"}]
    texts = [token.text.upper() for _, token in words]
    absences = []
    depth = 0
    for i, text in enumerate(texts):
        depth += {"{": 1, "}": -1}.get(text, 0)
        if depth != 1 or texts[i : i + 4] != ["FILTER", "NOT", "EXISTS", "{"]:
            continue
        end = texts.index("}", i)
        inside = [token for _, token in words[i + 4 : end]]
        is_plain = all(
            token.text in ".;,[]" or token.text == "a" or token.kind not in {"word", "other"} for token in inside
        )
        if is_plain and any(token.kind == "var" and token.text[1:] == "this" for token in inside):
            absences.append((words[i][0], words[i + 3][0], words[end][0]))
    return absences


def refuse_foreign_queries(shapes: ShapesGraph, files: Sequence[DataFile]) -> None:
    """Refuse shapes whose queries ask other servers, name graphs, or change data.

    Raises:
        UnreadableError: a query text contains such a word, or one of its prefixes is not well-formed; the error names
            the shape, and file and line where the shape has an IRI.

    """
    for name in ("select", "ask", "construct", "update"):
        for node in shapes.subjects(SH + name):
            for text in shapes.sh(node, name):
                try:
                    prefixes = prefixes_of(shapes, node)
                    check_query(prefixes + (text.value if isinstance(text, ox.Literal) else str(text)))
                except (MalformedError, UnreadableError) as error:
                    message = error.message if isinstance(error, UnreadableError) else str(error)
                    raise _refused(message, node, shapes, files) from None


def _refused(message: str, node: Node, shapes: ShapesGraph, files: Sequence[DataFile]) -> UnreadableError:
    owner = shapes.owner(node)
    place = place_of(owner, files)
    path, line = (place.path, place.line or None) if place else (", ".join(file.path for file in files), None)
    return UnreadableError(
        f"the query text of {shapes.rule(owner)} is refused: {message}",
        path=path,
        line=line,
        hint="change the query: it may ask only the data that is validated",
    )
