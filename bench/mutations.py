"""Broken versions of a file: bytes are lost, repeated, swapped, or replaced by what parsers trip over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

_MOST = 200_000  # Bytes of a case.
_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
# Of every syntax: ends of constructs, escapes, other encodings, invisible and control characters, odd numbers.
_NASTY = [
    *(b'"', b"'", b'"""', b"'''", b"<", b">", b"<<(", b")>>", b"<<", b"{", b"}", b"[", b"]", b"(", b")", b"[[", b"]]"),
    *(b";", b",", b".", b"#", b"#+", b"=", b":", b"_:", b"@", b"^^", b"\\", b"\\u0000", b"\\uD800", b"\\U00110000"),
    *(
        b"&lt;",
        b"&#0;",
        b"&#x110000;",
        b"&a;",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"<!DOCTYPE a [",
        b"<?xml",
        b"%s",
        b"%00",
    ),
    *(
        b"\x00",
        b"\x1b[31m",
        b"\x07",
        b"\r",
        b"\x85",
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ),
    *("\u202e \u2028 \u2029 \u00a0 \ufeff \U0001f600 é 前 ﬁ İ ß".encode().split()),
    *(b"0", b"-1", b"9" * 40, b"1e999", b"NaN", b"INF", b"-0.0", b"0x10", b"00", b"inf", b"99999999999-12-31"),
    *(b"null", b"true", b"SERVICE", b"FROM", b"UNION", b"OPTIONAL", b"FILTER", b"BIND", b"VALUES", b"GROUP BY", b"a"),
    *(b"<http://[", b"<a b>", b"<mailto:>", b"<//x>", b"<urn:\xe9>", b"rdf:type", b"xsd:foo", b"sh:path", b"sh:node"),
    *(b"sh:not", b"sh:property", b"sh:sparql", b"rdf:rest", b"rdf:first", b"rdf:nil", b"@context", b"@graph", b"@id"),
    *(b"(1)", b"(2010)", b"E4", b"below", b"above", b"see also", b"[", b"K", b"S", b"\n\n", b"\t", b" " * 300),
]


def mutate(body: bytes, others: Sequence[bytes], choose: random.Random) -> bytes:
    """Return a broken version of a file; one to six changes, the same for the same state of `choose`."""
    for _ in range(choose.choice((1, 1, 1, 2, 3, 6))):
        body = choose.choice(_CHANGES)(body, others, choose)[:_MOST]
    return body


def _span(body: bytes, choose: random.Random, most: int = 200) -> tuple[int, int]:
    start = choose.randint(0, len(body))
    return start, min(len(body), start + choose.randint(1, most))


def _flip(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, _end = _span(body, choose)
    return body[:start] + bytes([choose.randrange(256)]) + body[start + 1 :]


def _lose(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _span(body, choose, choose.choice((1, 5, 50, 2_000)))
    return body[:start] + body[end:]


def _cut(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    return body[: choose.randint(0, len(body))]


def _insert(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    at = choose.randint(0, len(body))
    return body[:at] + choose.choice(_NASTY) + body[at:]


def _replace_token(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    tokens = list(_TOKEN.finditer(body))
    if not tokens:
        return choose.choice(_NASTY)
    old = choose.choice(tokens)
    new = choose.choice(_NASTY) if choose.random() < 0.5 else choose.choice(tokens)[0]
    return body[: old.start()] + new + body[old.end() :]


def _repeat(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    start, end = _span(body, choose, choose.choice((1, 10, 300)))
    return body[:end] + body[start:end] * choose.choice((1, 2, 20, 500)) + body[end:]


def _nest(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    at, depth = choose.randint(0, len(body)), choose.choice((3, 50, 1_000, 20_000))
    first, last = choose.choice(((b"[", b"]"), (b"(", b")"), (b"{", b"}"), (b"<b>", b"</b>"), (b"<<( ", b" )>>")))
    return body[:at] + first * depth + last * choose.choice((0, depth)) + body[at:]


def _splice(body: bytes, others: Sequence[bytes], choose: random.Random) -> bytes:
    other = choose.choice(others)
    start, end = _span(other, choose, 2_000)
    at = choose.randint(0, len(body))
    return body[:at] + other[start:end] + body[at:]


def _swap(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    lines = body.split(b"\n")
    first, second = choose.randrange(len(lines)), choose.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _recode(body: bytes, _: Sequence[bytes], choose: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(
        choose.choice(("utf-16", "utf-16-le", "latin-1", "cp1252")), "replace"
    )


_CHANGES: Sequence[Callable[[bytes, Sequence[bytes], random.Random], bytes]] = (
    *(_flip, _lose, _cut, _insert, _insert, _insert, _replace_token, _replace_token, _replace_token),
    *(_repeat, _nest, _splice, _swap, _recode),
)
