"""Rows as tables for people, and in the standard result formats for programs. All are written row by row.

csv, tsv, json and xml are those of SPARQL 1.1 to the letter, with the lexical forms that the engine returns:
https://www.w3.org/TR/sparql11-results-csv-tsv/ https://www.w3.org/TR/sparql11-results-json/
https://www.w3.org/TR/rdf-sparql-XMLres/. ndjson has no standard for rows; see `ndjson`.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from evgraph.namespaces import XSD, curie
from evgraph.query.passages import COLUMN
from evgraph.terms import in_sparql, value_of
from evgraph.text import columns, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from evgraph.query.passages import Passages
    from evgraph.store.protocol import Rows, Term

_STRING = f"{XSD}string"
_FRACTIONS = {"decimal", "double", "float"}
TRUTH = {"true": True, "1": True, "false": False, "0": False}
"""Booleans as XML Schema writes them."""
INTEGERS = {f"{XSD}{name}" for name in ("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger")}
"""Datatypes of whole numbers."""
_RIGHT = INTEGERS | {f"{XSD}{name}" for name in (*_FRACTIONS, "gYear")}  # Aligned to the right.
_NARROWEST = 8  # The least width of a column of text.
_GAP = "  "  # Between columns.
_AT_ONCE = 1000  # The number of rows in memory at a time.
# It takes 10 ms to compile, so it is compiled when XML is written.
_NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n<head>'


def csv(rows: Rows) -> Iterator[str]:
    """Write SPARQL 1.1 CSV: values without their types, with the line ends of RFC 4180."""
    yield csv_line(rows.columns)
    for row in rows.rows:
        yield csv_line(map(value_of, row))


def tsv(rows: Rows) -> Iterator[str]:
    """Write SPARQL 1.1 TSV: terms as SPARQL and Turtle write them."""
    yield "\t".join(f"?{column}" for column in rows.columns) + "\n"
    for row in rows.rows:
        yield "\t".join(map(in_sparql, row)) + "\n"


def json(rows: Rows) -> Iterator[str]:
    """Write SPARQL 1.1 JSON."""
    from json import dumps

    yield f'{{"head": {{"vars": {dumps(list(rows.columns))}}}, "results": {{"bindings": ['
    comma = "\n"
    for row in rows.rows:
        bound = {name: json_term(term) for name, term in zip(rows.columns, row, strict=True) if term is not None}
        yield f"{comma}{dumps(bound, ensure_ascii=False)}"
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
        values = {name: _json_value(term) for name, term in zip(rows.columns, row, strict=True)}
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


def _json_value(term: Term | None) -> str | int | float | bool | None:
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
    text = re.sub(_NOT_IN_XML, "\ufffd", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


Labels: TypeAlias = "Callable[[Iterable[str]], Mapping[str, str]]"
"""IRIs → their labels; without those that have none worth showing."""


def table(
    rows: Rows, width: int | None = None, passages: Passages | None = None, labels: Labels | None = None
) -> Iterator[str]:
    """Write an aligned table: a header, IRIs as CURIEs, numbers to the right.

    Args:
        rows: the first thousand decide the width of each column.
        width: of the terminal; long texts are wrapped to fit it. Without it, every row is one line.
        passages: writes each passage as cell and line, and its words, where known, below its row.
        labels: returns the labels shown after IRIs, unless the row has the same text.

    """
    batch = list(islice(rows.rows, _AT_ONCE))
    body = texts_of(rows, batch, passages, labels)
    right = right_aligned(rows, batch)
    widths = [max(map(columns, column)) for column in zip(rows.columns, *body, strict=True)]
    if width is not None:
        widths = _narrowed(widths, width, body, right)
    yield from _lines(rows.columns, widths, right, wrap=width is not None)
    yield _GAP.join("-" * size for size in widths) + "\n"
    while batch:
        for row, texts in zip(batch, body, strict=True):
            yield from _lines(texts, widths, right, wrap=width is not None)
            for words in filter(None, (passages.words(iri) for iri in _iris(rows, row)) if passages else ()):
                yield from _indented(words, width)
        batch = list(islice(rows.rows, _AT_ONCE))
        body = texts_of(rows, batch, passages, labels)


def md(rows: Rows, passages: Passages | None = None, labels: Labels | None = None) -> Iterator[str]:
    """Write a table in GitHub's Markdown as `table` does; the words of passages are in a list below it."""
    batch = list(islice(rows.rows, _AT_ONCE))
    yield _md_line(rows.columns)
    yield "|" + "|".join(" ---: " if flush else " --- " for flush in right_aligned(rows, batch)) + "|\n"
    iris: dict[str, None] = {}
    while batch:
        for texts in texts_of(rows, batch, passages, labels):
            yield _md_line(texts)
        if passages:
            iris.update(dict.fromkeys(iri for row in batch for iri in _iris(rows, row)))
        batch = list(islice(rows.rows, _AT_ONCE))
    for number, words in enumerate(filter(None, (passages.words(iri) for iri in iris) if passages else ())):
        yield ("\n" if number == 0 else "") + f"- {_md(visible(words))}\n"


def texts_of(
    rows: Rows, batch: Sequence[Sequence[Term | None]], passages: Passages | None, labels: Labels | None
) -> list[list[str]]:
    """Return the cells of a table: terms on one line each, IRIs as CURIEs with labels, passages as cell and line.

    An IRI has no label where the row has the same text. Hidden characters are visible.
    """
    iris = {term.value for row in batch for term in row if isinstance(term, NamedNode)}
    known = labels(iris) if labels and iris else {}
    if passages:
        passages.look_up(iri for row in batch for iri in _iris(rows, row))
    body = []
    for row in batch:
        literals = {term.value for term in row if isinstance(term, Literal)}
        texts = [_text(term, known, literals) for term in row]
        if passages and COLUMN in rows.columns:
            # Two passages of one line have one name.
            names = dict.fromkeys(visible(passages.name(iri)) for iri in _iris(rows, row))
            texts[rows.columns.index(COLUMN)] = " ".join(names)
        body.append(texts)
    return body


def _text(term: Term | None, labels: Mapping[str, str], literals: Container[str]) -> str:
    if not isinstance(term, NamedNode):
        return visible(value_of(term))
    label = labels.get(term.value, "")
    return visible(f"{curie(term.value)} {label}" if label and label not in literals else curie(term.value))


def _iris(rows: Rows, row: Sequence[Term | None]) -> list[str]:
    """Return the passages of a row."""
    return value_of(row[rows.columns.index(COLUMN)]).split() if COLUMN in rows.columns else []


def _indented(text: str, width: int | None) -> Iterator[str]:
    """Yield the lines with the words of a passage."""
    from textwrap import wrap

    lines = [visible(text)] if width is None else wrap(visible(text), max(width, 30) - 6)
    yield from (f"{'      ' if number else '    '}{line}\n" for number, line in enumerate(lines))


def _lines(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, wrap: bool) -> Iterator[str]:
    """Yield the lines of one row, as many as its longest cell has."""
    cells = [_wrapped(text, width) if wrap else [text] for text, width in zip(texts, widths, strict=True)]
    for number in range(max(map(len, cells), default=1)):
        pieces = [cell[number] if number < len(cell) else "" for cell in cells]
        aligned = [
            f"{blank}{piece}" if flush else f"{piece}{blank}"
            for piece, width, flush in zip(pieces, widths, right, strict=True)
            for blank in [" " * (width - columns(piece))]
        ]
        yield _GAP.join(aligned).rstrip() + "\n"


def _wrapped(text: str, width: int) -> list[str]:
    taken = columns(text)
    if taken <= width:
        return [text]
    from textwrap import wrap

    if taken > len(text):  # textwrap counts characters; wide ones take two columns.
        width = max(width // 2, 1)
    return wrap(text, width, break_on_hyphens=max(map(len, text.split()), default=0) > width) or [""]


def right_aligned(rows: Rows, batch: Sequence[Sequence[Term | None]]) -> list[bool]:
    """Return for each column whether it has only numbers or years."""
    columns = ([row[place] for row in batch if row[place] is not None] for place in range(len(rows.columns)))
    return [
        bool(terms) and all(isinstance(term, Literal) and term.datatype.value in _RIGHT for term in terms)
        for terms in columns
    ]


def _narrowed(widths: list[int], total: int, body: Sequence[Sequence[str]], right: Sequence[bool]) -> list[int]:
    """Narrow the widest columns until a row fits: first without breaking words, then as far as needed."""
    room = total - len(_GAP) * (len(widths) - 1)
    words = [
        max((columns(word) for row in body for word in row[place].split()), default=0) for place in range(len(widths))
    ]
    for floors in (words, [_NARROWEST] * len(widths)):
        cap = max(widths, default=0)
        while sum(widths) > room and cap > _NARROWEST:
            cap -= 1
            widths = [
                width if flush else min(width, max(cap, floor))
                for width, floor, flush in zip(widths, floors, right, strict=True)
            ]
    return widths


def _md_line(texts: Sequence[str]) -> str:
    return "|" + "|".join(f" {_md(text)} " for text in texts) + "|\n"


def _md(text: str) -> str:
    return re.sub(r"([\\|<*`\[]|&(?=#?\w+;)|(?<!\w)_(?=\w))", r"\\\1", text)


def yes_or_no(answer: bool, name: str) -> str:
    """Write the answer to an ASK in the format of a name."""
    word = str(answer).lower()
    if name == "json":
        return f'{{"head": {{}}, "boolean": {word}}}\n'
    if name == "xml":
        return f"{_XML_HEAD}</head>\n<boolean>{word}</boolean>\n</sparql>\n"
    if name in {"table", "md"}:
        return "yes\n" if answer else "no\n"
    return f"{word}\n"
