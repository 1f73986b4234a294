"""Find the document type declaration in RDF/XML before a parser expands the entities that it declares.

A kilobyte of entities that refer to each other can fill all memory. RDF/XML does not need them.
https://www.w3.org/TR/rdf-syntax-grammar/ https://www.w3.org/TR/xml/#sec-prolog-dtd
"""

from __future__ import annotations

import re

# White space, processing instructions, and comments as XML has them (without "--"): every parser agrees on these.
_BEFORE_ROOT = re.compile(rb"(?:\s|<\?.*?\?>|<!--(?:(?!--).)*-->)*", re.DOTALL)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)  # Oxigraph reads declarations in either case.


def declaration_line(content: bytes) -> int | None:
    """Return the line of a document type declaration, or of the declaration of an entity anywhere.

    Args:
        content: an XML document, in any encoding that has ASCII's characters, such as UTF-8 and UTF-16.

    Returns:
        Its line, counted from 1; None where there is none.

    """
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        content = content.removeprefix(mark)
    text = content.replace(b"\0", b"")
    before_root = _BEFORE_ROOT.match(text)
    start = before_root.end() if before_root else 0
    if text[start : start + 9].upper() != b"<!DOCTYPE":
        # Further on, in a text (CDATA), a DOCTYPE is harmless unless it declares entities.
        entity = _ENTITY.search(text, start)
        if entity is None:
            return None
        start = entity.start()
    return text.count(b"\n", 0, start) + 1
