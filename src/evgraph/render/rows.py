"""Rows in the standard result formats, for programs. All are written row by row.

csv, tsv, json and xml are those of SPARQL 1.1 to the letter, with the lexical forms that the engine returns:
https://www.w3.org/TR/sparql11-results-csv-tsv/ https://www.w3.org/TR/sparql11-results-json/
https://www.w3.org/TR/rdf-sparql-XMLres/. ndjson has no standard for rows; see `ndjson`. See `spreadsheet` for CSV that
people open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from evgraph.namespaces import XSD
from evgraph.terms import in_sparql, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Rows, Term

_STRING = f"{XSD}string"
# What makes a spreadsheet take a cell for a formula. https://owasp.org/www-community/attacks/CSV_Injection
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767  # Longer ones run over into the next rows of some spreadsheets.
_FRACTIONS = {"decimal", "double", "float"}
TRUTH = {"true": True, "1": True, "false": False, "0": False}
"""Booleans as XML Schema writes them."""
INTEGERS = {f"{XSD}{name}" for name in ("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger")}
"""Datatypes of whole numbers."""
NUMBERS = INTEGERS | {f"{XSD}{name}" for name in (*_FRACTIONS, "gYear")}
"""Datatypes of numbers and years."""
NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""What XML cannot hold; it takes 10 ms to compile, so it is compiled when XML is written."""
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n<head>'


def csv(rows: Rows) -> Iterator[str]:
    """Write SPARQL 1.1 CSV: values without their types, with the line ends of RFC 4180."""
    yield csv_line(rows.columns)
    for row in rows.rows:
        yield csv_line(map(value_of, row))


def spreadsheet(rows: Rows) -> Iterator[str]:
    """Write CSV for a person who opens it in a spreadsheet: numbers as they are, and any other cell as `guarded`.

    A byte-order mark says that it is UTF-8.
    """
    yield "\ufeff" + csv_line(map(guarded, rows.columns))
    for row in rows.rows:
        yield csv_line(value_of(term) if _is_number(term) else guarded(value_of(term)) for term in row)


def _is_number(term: Term | None) -> bool:
    return type(json_value(term)) in {int, float}


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, with an apostrophe before it; cut where it is too long."""
    cell = f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1]}…"


def tsv(rows: Rows) -> Iterator[str]:
    """Write SPARQL 1.1 TSV: terms as SPARQL and Turtle write them."""
    yield "\t".join(f"?{column}" for column in rows.columns) + "\n"
    for row in rows.rows:
        yield "\t".join(map(in_sparql, row)) + "\n"


def json(rows: Rows) -> Iterator[str]:
    """Write SPARQL 1.1 JSON."""
    from json import JSONEncoder, dumps

    encode = JSONEncoder(ensure_ascii=False).encode  # `dumps` would make an encoder for each row.
    yield f'{{"head": {{"vars": {dumps(list(rows.columns))}}}, "results": {{"bindings": ['
    comma = "\n"
    for row in rows.rows:
        bound = {name: json_term(term) for name, term in zip(rows.columns, row, strict=True) if term is not None}
        yield f"{comma}{encode(bound)}"
        comma = ",\n"
    yield "\n]}}\n"


def xml(rows: Rows) -> Iterator[str]:
    """Write SPARQL XML results. A control character that XML cannot hold becomes U+FFFD."""
    yield _XML_HEAD + "".join(f'<variable name="{column}"/>' for column in rows.columns) + "</head>\n<results>\n"
    for row in rows.rows:
        bound = zip(rows.columns, row, strict=True)
        bindings = (f'<binding name="{name}">{_xml_term(term)}</binding>' for name, term in bound if term is not None)
        yield f"<result>{''.join(bindings)}</result>\n"
    yield "</results>\n</sparql>\n"


def ndjson(rows: Rows) -> Iterator[str]:
    """Write one JSON object a line: column → number (years too), true or false, text, or null where it is unbound."""
    from json import dumps

    for row in rows.rows:
        values = {name: json_value(term) for name, term in zip(rows.columns, row, strict=True)}
        yield dumps(values, ensure_ascii=False) + "\n"


def csv_line(cells: Iterable[str]) -> str:
    """Write a line of CSV: https://www.rfc-editor.org/rfc/rfc4180."""
    return ",".join(map(_quoted, cells)) + "\r\n"


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\r\n]', text) else text


def json_term(term: Term) -> dict[str, object]:
    """Return a term as SPARQL 1.1 JSON writes it."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Literal):
        literal: dict[str, object] = {"type": "literal", "value": term.value}
        if term.language:
            literal["xml:lang"] = term.language
        elif term.datatype.value != _STRING:
            literal["datatype"] = term.datatype.value
        return literal
    return {"type": "triple", "value": {name: json_term(part) for name, part in _parts(term).items()}}


def json_value(term: Term | None) -> str | int | float | bool | None:
    """Return a value as JSON has it; a literal that is ill-formed, or that JSON cannot express, is text."""
    if isinstance(term, Literal):
        kind, text = term.datatype.value.removeprefix(XSD), term.value
        if (term.datatype.value in INTEGERS or kind == "gYear") and re.fullmatch(r"[+-]?[0-9]{1,4000}", text):
            return int(text)
        if kind in _FRACTIONS and re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?", text):
            return float(text)
        if kind == "boolean" and text in TRUTH:
            return TRUTH[text]
    return None if term is None else value_of(term)


def _xml_term(term: Term) -> str:
    if isinstance(term, Triple):
        parts = (f"<{name}>{_xml_term(part)}</{name}>" for name, part in _parts(term).items())
        return f"<triple>{''.join(parts)}</triple>"
    tag = "uri" if isinstance(term, NamedNode) else "bnode" if isinstance(term, BlankNode) else "literal"
    kind = ""
    if isinstance(term, Literal) and term.language:
        kind = f' xml:lang="{term.language}"'
    elif isinstance(term, Literal) and term.datatype.value != _STRING:
        kind = f' datatype="{_xml_text(term.datatype.value)}"'
    return f"<{tag}{kind}>{_xml_text(term.value)}</{tag}>"


def _parts(term: Triple) -> dict[str, Term]:
    return {"subject": term.subject, "predicate": term.predicate, "object": term.object}


def _xml_text(text: str) -> str:
    text = re.sub(NOT_IN_XML, "\ufffd", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


def yes_or_no(answer: bool, name: str) -> str:
    """Write the answer to an ASK in the format of a name."""
    word = str(answer).lower()
    if name == "json":
        return f'{{"head": {{}}, "boolean": {word}}}\n'
    if name == "xml":
        return f"{_XML_HEAD}</head>\n<boolean>{word}</boolean>\n</sparql>\n"
    if name in {"table", "list", "md"}:
        return "yes\n" if answer else "no\n"
    return f"{word}\n"
