"""A SELECT read as the patterns that it looks for: which triples it can see, and how they hang together.

Only what tells which nodes a change can reach is kept: conditions are left out, but for the groups within them.
https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from evgraph.integrity.shacl.paths import SUFFIXES
from evgraph.namespaces import PREFIXES, RDF
from evgraph.query.tokens import Token, columns, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNS = {sign: kind for kind, sign in SUFFIXES.items()}
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "HAVING", "GROUP"})
_END = Token("end", "", 0)


class NotReadError(Exception):
    """A query that says more than can be read here; the message says what."""


@dataclass(frozen=True, slots=True)
class Step:
    """A triple pattern of one property; terms and variables as SPARQL writes them, prefixes written out."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A path of any number of steps.

    Attributes:
        subject: where it begins.
        path: the repeated path as SPARQL, with its sign.
        object: where it ends.
        once: one round of it, from ``start`` to ``end``.
        start: a variable of its own.
        end: a variable of its own.

    """

    subject: str
    path: str
    object: str
    once: Group
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Bind:
    """A variable that is computed from others."""

    text: str
    inputs: frozenset[str]
    variable: str


@dataclass(frozen=True, slots=True)
class Values:
    """Rows that stand in the query."""

    text: str
    variables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two braces.

    Attributes:
        steps: triple patterns and repeated paths, all of which must match.
        unions: alternatives, of each of which one must match.
        selects: subqueries: the variables that are seen outside, and the group.
        values: rows given in the query.
        binds: computed variables.
        dependents: the groups of OPTIONAL, MINUS and EXISTS, which see what is bound here.

    """

    steps: list[Step | Repeat] = field(default_factory=list)
    unions: list[list[Group]] = field(default_factory=list)
    selects: list[tuple[frozenset[str], Group]] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    binds: list[Bind] = field(default_factory=list)
    dependents: list[Group] = field(default_factory=list)


def read(query: str, focus: str) -> Group:
    """Read a SELECT.

    Args:
        query: legal SPARQL.
        focus: the variable, with its question mark, whose values are asked about.

    Raises:
        NotReadError: it holds something of which one cannot tell here what it sees.

    """
    reader = _Reader(query)
    seen, group = reader.select()
    if focus not in seen:
        raise NotReadError(f"a query that counts over more than {focus}")
    return group


class _Reader:
    def __init__(self, query: str) -> None:
        self._tokens = [
            one._replace(text="?" + one.text[1:]) if one.kind == "var" else one
            for one in tokens(query)
            if one.kind not in {"space", "comment"}
        ]
        self._at = 0
        self._fresh = count(1)
        self._prefixes = dict(PREFIXES)
        while self._word() in {"PREFIX", "BASE"}:
            if self._word() == "BASE":
                raise NotReadError("a query with a base")
            self._prefixes[self._tokens[self._at + 1].text[:-1]] = self._tokens[self._at + 2].text[1:-1]
            self._at += 3

    def select(self) -> tuple[frozenset[str], Group]:
        """Read a SELECT from its first word: the variables of the group that are seen outside, and the group."""
        start = self._at
        named = {token.text for token in columns(self._tokens[start:]) or ()}
        while self._now.text != "{":
            self._next()
        head = self._tokens[start : self._at]
        group = self._group()
        tail = self._at
        while self._now.kind != "end" and self._now.text != "}":
            self._next()
        modifiers = self._tokens[tail : self._at]
        words = {one.text.upper() for one in (*head, *modifiers) if one.kind == "word"}
        if words & {"LIMIT", "OFFSET", "EXISTS", "VALUES", "FROM"}:
            raise NotReadError("a query with LIMIT, VALUES or EXISTS after its pattern")
        computed = {token.text for i, token in enumerate(head) if i and head[i - 1].text.upper() == "AS"}
        seen = named - computed
        if words & _AGGREGATES:
            by = [i for i, one in enumerate(modifiers) if one.text.upper() == "GROUP"]
            keys: set[str] = set()
            for one in modifiers[by[0] + 2 :] if by else ():
                if one.kind != "var":
                    break
                keys.add(one.text)
            seen &= keys
        return frozenset(seen), group

    def _group(self) -> Group:
        """Read a group from its opening brace to behind its closing one."""
        self._expect("{")
        found = Group()
        while self._now.text != "}":
            word = self._word()
            if self._now.text == ".":
                self._next()
            elif self._now.text == "{":
                self._braced(found)
            elif word in {"OPTIONAL", "MINUS"}:
                self._next()
                found.dependents.append(self._group())
            elif word == "FILTER":
                self._next()
                self._condition(found)
            elif word == "BIND":
                self._bind(found)
            elif word == "VALUES":
                found.values.append(self._values())
            elif word in {"GRAPH", "SERVICE"}:
                raise NotReadError(f"a query with {word}")
            else:
                self._triples(found)
        self._expect("}")
        return found

    def _braced(self, found: Group) -> None:
        if self._tokens[self._at + 1].text.upper() == "SELECT":
            self._next()
            seen, group = self.select()
            self._expect("}")
            if self._word() == "UNION":
                raise NotReadError("a query with a subquery as an alternative")
            found.selects.append((seen, group))
            return
        branches = [self._group()]
        while self._word() == "UNION":
            self._next()
            branches.append(self._group())
        found.unions.append(branches)

    def _condition(self, found: Group) -> list[Token]:
        """Read a condition; the groups within are kept."""
        start, depth = self._at, 0
        while True:
            if self._word() == "EXISTS":
                self._next()
                found.dependents.append(self._group())
            else:
                depth += {"(": 1, ")": -1}.get(self._now.text, 0)
                self._next()
            last = self._tokens[self._at - 1]
            if depth == 0 and (last.text in {")", "}"}):
                return self._tokens[start : self._at]

    def _bind(self, found: Group) -> None:
        start = self._at
        self._next()
        inside = self._condition(found)
        variables = [one.text for one in inside if one.kind == "var"]
        if any(one.text.upper() == "EXISTS" for one in inside):
            raise NotReadError("a query that computes with EXISTS")
        text = self._text(start)
        found.binds.append(Bind(text, frozenset(variables[:-1]), variables[-1]))

    def _values(self) -> Values:
        start = self._at
        while self._now.text != "{":
            self._next()
        variables = frozenset(one.text for one in self._tokens[start : self._at] if one.kind == "var")
        while self._now.text != "}":
            self._next()
        self._next()
        return Values(self._text(start), variables)

    def _triples(self, found: Group) -> None:
        subject = self._term()
        while True:
            predicate = self._term() if self._now.kind == "var" else self._path()
            _add(found, subject, predicate, self._term(), self._variable)
            while self._now.text == ",":
                self._next()
                _add(found, subject, predicate, self._term(), self._variable)
            if self._now.text != ";":
                return
            while self._now.text == ";":
                self._next()
            if self._now.text in {".", "}"}:
                return

    def _path(self) -> _Path:
        """Read a path: alternatives of sequences of steps."""
        ways = [self._sequence()]
        while self._now.text == "|":
            self._next()
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else _Path("|", tuple(ways))

    def _sequence(self) -> _Path:
        parts = [self._part()]
        while self._now.text == "/":
            self._next()
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else _Path("/", tuple(parts))

    def _part(self) -> _Path:
        if self._now.text == "^":
            self._next()
            return _Path("^", (self._part(),))
        if self._now.text == "(":
            self._next()
            found = self._path()
            self._expect(")")
        elif self._now.text == "!":
            raise NotReadError("a query with a negated path")
        else:
            found = _Path("", (), self._term())
        if self._now.text in _SIGNS:
            found = _Path(self._now.text, (found,))
            self._next()
        return found

    def _term(self) -> str:
        token = self._next()
        if token.text == "[":
            self._expect("]")
            return self._variable()
        if token.kind == "var" or token.kind == "iri":
            return token.text
        if token.kind == "name":
            return self._named(token.text)
        if token.text == "a":
            return f"<{RDF}type>"
        if token.kind == "string":
            return token.text + self._of_literal()
        if token.text in {"true", "false"}:
            return token.text
        if token.text.isdigit() or token.text in {"-", "+"}:
            return token.text + self._digits()
        raise NotReadError(f"a query with {token.text}")

    def _of_literal(self) -> str:
        if self._now.kind == "lang":
            return self._next().text
        if self._now.text == "^":
            self._next()
            self._expect("^")
            return f"^^{self._term()}"
        return ""

    def _digits(self) -> str:
        found = ""
        while self._now.text.isdigit():
            found += self._next().text
        if self._now.text == "." and self._tokens[self._at + 1].text.isdigit():
            raise NotReadError("a query with a decimal")
        return found

    def _text(self, start: int) -> str:
        """Write what was read, from a place on, with its prefixes written out."""
        found = ""
        for one in self._tokens[start : self._at]:
            # Oxigraph wants no space between some functions and their bracket.
            found += ("" if one.text == "(" else " ") + (self._named(one.text) if one.kind == "name" else one.text)
        return found

    def _named(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        if prefix not in self._prefixes or "\\" in local:
            raise NotReadError(f"a query with {name}")
        return f"<{self._prefixes[prefix]}{local}>"

    def _variable(self) -> str:
        return f"?evgp{next(self._fresh)}"

    @property
    def _now(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _word(self) -> str:
        return self._now.text.upper() if self._now.kind == "word" else ""

    def _next(self) -> Token:
        if self._now.kind == "end":
            raise NotReadError("a query that is not well-formed")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, text: str) -> None:
        if self._next().text != text:
            raise NotReadError("a query that is not well-formed")


@dataclass(frozen=True, slots=True)
class _Path:
    """A property path: a sign of SPARQL's and its parts, or no sign and a property."""

    sign: str
    parts: tuple[_Path, ...]
    name: str = ""

    def __str__(self) -> str:
        if not self.sign:
            return self.name
        if self.sign in {"|", "/"}:
            return f"({self.sign.join(map(str, self.parts))})"
        return f"(^{self.parts[0]})" if self.sign == "^" else f"({self.parts[0]}){self.sign}"


def _add(found: Group, subject: str, path: _Path | str, value: str, fresh: Callable[[], str]) -> None:
    """Add a triple pattern to a group, step by step."""
    if isinstance(path, str):
        found.steps.append(Step(subject, path, value))
    elif not path.sign:
        found.steps.append(Step(subject, path.name, value))
    elif path.sign == "^":
        _add(found, value, path.parts[0], subject, fresh)
    elif path.sign == "/":
        nodes = [subject, *(fresh() for _ in path.parts[1:]), value]
        for i, part in enumerate(path.parts):
            _add(found, nodes[i], part, nodes[i + 1], fresh)
    elif path.sign == "|":
        branches = []
        for part in path.parts:
            branches.append(Group())
            _add(branches[-1], subject, part, value, fresh)
        found.unions.append(branches)
    else:
        once, start, end = Group(), fresh(), fresh()
        _add(once, start, path.parts[0], end, fresh)
        found.steps.append(Repeat(subject, f"({path.parts[0]})*", value, once, start, end))
