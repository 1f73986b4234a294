"""A SELECT read as the patterns that it looks for.

https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

from itertools import count

from evgraph.integrity.changes.patterns import Bind, Group, Path, Values, add
from evgraph.integrity.shacl.paths import SUFFIXES
from evgraph.namespaces import PREFIXES, RDF
from evgraph.query.tokens import Token, columns, tokens

_SIGNS = {sign: kind for kind, sign in SUFFIXES.items()}
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT", "HAVING", "GROUP"})
_END = Token("end", "", 0)


class NotReadError(Exception):
    """A query that says more than can be read here; the message says what."""


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
            add(found, subject, predicate, self._term(), self._variable)
            while self._now.text == ",":
                self._next()
                add(found, subject, predicate, self._term(), self._variable)
            if self._now.text != ";":
                return
            while self._now.text == ";":
                self._next()
            if self._now.text in {".", "}"}:
                return

    def _path(self) -> Path:
        """Read a path: alternatives of sequences of steps."""
        ways = [self._sequence()]
        while self._now.text == "|":
            self._next()
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else Path("|", tuple(ways))

    def _sequence(self) -> Path:
        parts = [self._part()]
        while self._now.text == "/":
            self._next()
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else Path("/", tuple(parts))

    def _part(self) -> Path:
        if self._now.text == "^":
            self._next()
            return Path("^", (self._part(),))
        if self._now.text == "(":
            self._next()
            found = self._path()
            self._expect(")")
        elif self._now.text == "!":
            raise NotReadError("a query with a negated path")
        else:
            found = Path("", (), self._term())
        if self._now.text in _SIGNS:
            found = Path(self._now.text, (found,))
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
