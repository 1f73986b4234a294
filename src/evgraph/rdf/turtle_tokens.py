"""Patterns for the tokens of Turtle, TriG, N-Triples and N-Quads.

https://www.w3.org/TR/turtle/#sec-grammar
"""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"""
    (?:[ \t\r\n]++ | \#[^\r\n]*+)*+ (?:
      (?P<iri>    <(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*> )
    | (?P<name>   (?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])
                  (?:(?:[\w.:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
                  (?:[\w:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]))?)? )
    | (?P<string> \"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\" | '''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
                | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
    | (?P<tag>    @[A-Za-z]+(?:-[A-Za-z0-9]+)* | \^\^ )
    | (?P<blank>  _:[\w.\-]*[\w\-] )
    | (?P<number> [+\-]?(?:\d+\.?\d*|\.\d+)[eE][+\-]?\d+ | [+\-]?\d*\.\d+ | [+\-]?\d+ )
    | (?P<word>   [A-Za-z]+ )
    | (?P<mark>   [.;,\[\](){}] )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
"""One token with the white space and comments before it; the name of its group is its kind."""

DIRECTIVE = re.compile(  # With the end of the line before it, which is what the engine looks for fastest.
    r"\n[ \t]*(?:@?prefix[ \t]+(?P<prefix>[^\s:]*):[ \t]*<(?P<namespace>[^<>\s]*)>|@?base[ \t]+<(?P<base>[^<>\s]*)>)",
    re.IGNORECASE,
)
"""A declaration of a prefix or of the base."""
