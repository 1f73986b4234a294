"""The text of RDF/XML: in any encoding that Python knows, and without declarations that could take all memory.

https://www.w3.org/TR/xml/#sec-guessing https://www.w3.org/TR/xml/#sec-prolog-dtd
"""

from __future__ import annotations

import codecs
import re

_MARKS = (  # UTF-32 before UTF-16, whose mark it begins with.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STARTS = tuple(("<".encode(name), name) for name in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"))
_EBCDIC = "cp037"  # Its code pages agree on the characters of a declaration.
_DECLARED = re.compile(r"""<\?xml\s[^>]*?(\sencoding\s*=\s*["']([A-Za-z][\w.\-]*)["'])""", re.ASCII)
_LONGEST_DECLARATION = 1000  # Bytes.
_NOT_FOR_FILES = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"}
# White space, processing instructions, and comments as XML has them (without "--"): every parser agrees on these.
_BEFORE_ROOT = re.compile(rb"(?:\s|<\?.*?\?>|<!--(?:(?!--).)*-->)*", re.DOTALL)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)  # Oxigraph reads declarations in either case.


def in_utf8(content: bytes) -> bytes:
    """Return a file in UTF-8, decoded as its byte-order mark or its declaration says; the declaration loses its word.

    Raises:
        LookupError: Python does not know the encoding.
        UnicodeDecodeError: the file is not in its encoding.

    """
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", ""))
    content = content.removeprefix(mark)
    encoding = encoding or next((name for start, name in _STARTS if content.startswith(start)), "")
    if not encoding:
        family = _EBCDIC if content.startswith("<?xm".encode(_EBCDIC)) else "latin-1"
        declared = _DECLARED.match(content[:_LONGEST_DECLARATION].decode(family))
        encoding = _text_encoding(declared[2]) if declared else "utf-8"
    if encoding == "utf-8":
        return content
    text = content.decode(encoding)
    if declared := _DECLARED.match(text[:_LONGEST_DECLARATION]):
        text = text[: declared.start(1)] + " " * len(declared[1]) + text[declared.end(1) :]
    return text.encode("utf-8", "surrogatepass")


def _text_encoding(name: str) -> str:
    """Return the name that Python has for an encoding of text whose first bytes are those of single characters."""
    found = codecs.lookup(name)
    is_text = getattr(found, "_is_text_encoding", True) and found.name.replace("-", "_") not in _NOT_FOR_FILES
    if not is_text or found.name.startswith(("utf-16", "utf-32")):  # These begin otherwise.
        raise LookupError(name)
    return found.name


def declaration_line(content: bytes) -> int | None:
    """Return the line, from 1, of a document type declaration in UTF-8, or of that of an entity anywhere, or None.

    A kilobyte of entities that refer to each other can fill all memory, and RDF/XML does not need them.
    """
    before_root = _BEFORE_ROOT.match(content)
    start = before_root.end() if before_root else 0
    if content[start : start + 9].upper() != b"<!DOCTYPE":
        # Further on, in a text (CDATA), a DOCTYPE is harmless unless it declares entities.
        entity = _ENTITY.search(content, start)
        if entity is None:
            return None
        start = entity.start()
    return content.count(b"\n", 0, start) + 1
