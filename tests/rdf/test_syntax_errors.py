"""Files that cannot be parsed: each message has the offending text, its place, and a hint."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest

from evgraph.errors import UnreadableError
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile

PREFIXES = "@prefix ex: <http://example.org/> .\n@prefix schema: <https://schema.org/> .\n"
UNCLOSED = 'close it with ", or """ around a text of several lines'
CONFLICT = "keep one of the two versions, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>"
SEPARATORS = "write , between two values of a property, ; before another property, . after a statement"
NAMES = "write a prefixed name, an IRI in <>, or text in quotation marks"
ESCAPES = r"""write \\ for a backslash; the escapes are \t \b \n \r \f \" \' \\ \uXXXX \UXXXXXXXX"""


def error_of(text: str | bytes, name: str = "turtle") -> UnreadableError:
    body = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(UnreadableError) as raised:
        list(DataFile("data", FORMATS[name], "http://example.org/graph", body).parsed())
    return raised.value


TURTLE = [
    # Strings and IRIs that do not end: where they begin.
    ('ex:a schema:name "Timko ;\n  schema:x "B" .', 3, 18,
     'the string that begins here does not end: "Timko ;', UNCLOSED),
    ('ex:a schema:name """Long\n.\nex:b schema:name "B" .', 3, 18,
     'the string that begins here does not end: """Long', 'close it with """'),
    ("ex:a schema:name 'x .\n", 3, 18, "the string that begins here does not end: 'x .",
     "close it with ', or ''' around a text of several lines"),
    ('ex:a schema:name "x” .', 3, 18, 'the string that begins here does not end: "x” .',
     'close it with " instead of the printed ”'),
    ("ex:a ex:b <http://example.org/a .\nex:b ex:c <http://example.org/b> .", 3, 11,
     "the IRI that begins here does not end: <http://example.org/a .", "close it with >"),
    # Statements.
    ('ex:a schema:name "A"\n\n# comment .\nex:b schema:name "B" .', 3, 21,
     'a full stop is missing after "A"', SEPARATORS),
    ('ex:a schema:name """A\nB"""\nex:b schema:name "B" .', 4, 5, 'a full stop is missing after """A', SEPARATORS),
    ('ex:a schema:name "A"\n  ex:b "B" .', 3, 21, 'a semicolon is missing after "A"', SEPARATORS),
    ('ex:a schema:name "A" "B" .', 3, 22, '"B" follows "A" without a comma', SEPARATORS),
    ("ex:a ex:b ex:c ex:d .", 3, 15, "a comma is missing after ex:c", SEPARATORS),
    ('ex:a schema:name "A"', 3, 21, 'a full stop is missing after "A"', SEPARATORS),
    ('ex:a schema:name "A" ;\nex:b schema:name "B" .', 3, 22,
     "after this ; ex:b on line 4 begins a new statement", "write . for the ;"),
    ('ex:a schema:name "A" ;\n\nex:b\n  schema:name "B" .', 3, 22,
     "after this ; ex:b on line 5 begins a new statement", "write . for the ;"),
    ('ex:a schema:name "A" ;\nex:b a ex:Thing .', 3, 22,
     "after this ; ex:b on line 4 begins a new statement", "write . for the ;"),
    ('ex:a schema:name "A" ,\n  ex:b "B" .', 3, 22,
     "after this , ex:b on line 4 begins another property", "write ; for the ,"),
    ("ex:a ex:b ex:c ;\n", 3, 16, "the file ends after a ;", "write . for the ;"),
    ("ex:a ex:b ex:c . .", 3, 18, "there is a full stop too many", "remove it"),
    ("ex:a ex:b .", 3, 11, "a value is missing after ex:b", "add what is missing, or remove the rest"),
    ("ex:a ex:b ex:c , , ex:d .", 3, 18, "a value is missing after ,", "add what is missing, or remove the rest"),
    ("ex:a .", 3, 6, "a property and its value are missing after ex:a", "add what is missing, or remove the rest"),
    # Brackets.
    ('ex:a ex:b [ ex:c "A" ;\n  ex:d "B" .', 3, 11,
     "the [ that begins here is not closed before the . on line 4", "close it with ]"),
    ("ex:a ex:b (ex:c", 3, 11, "the ( that begins here is not closed before the end of the file", "close it with )"),
    ("ex:a ex:b ex:c ] .", 3, 16, "] closes nothing", "remove it, or write the ["),
    # Prefixes.
    ('ex:a dcterms:title "A" .', 3, 6, "the prefix dcterms: of dcterms:title is not declared",
     "add at the top: @prefix dcterms: <http://purl.org/dc/terms/> ."),
    ('ex:a shema:name "A" .', 3, 6, "the prefix shema: of shema:name is not declared; did you mean schema:?",
     "correct it, or declare it at the top: @prefix shema: <…> ."),
    ('ex:a zzz:name "A" .', 3, 6, "the prefix zzz: of zzz:name is not declared",
     "declare it at the top: @prefix zzz: <…> ."),
    ("@prefix x <http://example.org/> .", 3, 1, "not a declaration: @prefix x <http://example.org/> .",
     "write it as @prefix NAME: <IRI> ."),
    ("@prefix x: <http://example.org/>\nex:a ex:b ex:c .", 3, 33,
     "a full stop is missing after <http://example.org/>", SEPARATORS),
    ("PREFIX x: <http://example.org/> .", 3, 33, "PREFIX and BASE without @ take no full stop",
     "remove it, or write @prefix or @base"),
    # Language tags, datatypes, escapes.
    ('ex:a schema:name "A"@en_GB .', 3, 21, "@en_GB is not a language tag", "write it as @en-GB"),
    ('ex:a schema:name "A"@toolonglanguage .', 3, 21, "@toolonglanguage is not a language tag",
     "write a tag such as @en or @en-GB"),
    ('ex:a schema:name "A"^^date .', 3, 23, "date is not a datatype",
     "write one such as xsd:date after ^^, or remove ^^"),
    (r'ex:a schema:name "C:\data" .', 3, 21, r"\d is no escape", ESCAPES),
    (r'ex:a schema:name "\u12" .', 3, 19, r"\u12 is no escape",
     r"write \u with four hexadecimal digits, \U with eight"),
    # IRIs.
    ("ex:a ex:b <http://example.org/a b> .", 3, 11, "the IRI <http://example.org/a b> contains a space",
     "write %20 for it"),
    ("ex:a ex:b <http://example.org/a|b> .", 3, 11, "the IRI <http://example.org/a|b> contains |", "write %7C for it"),
    ("ex:a ex:b <http://example.org/9%> .", 3, 11,
     "the IRI <http://example.org/9%> contains a % without two hexadecimal digits", "write %25 for it"),
    ("ex:a ex:b <http://example.org/#a#b> .", 3, 11, "the IRI <http://example.org/#a#b> contains a second #",
     "write %23 for it"),
    (r"ex:a ex:b <file:C:\q> .", 3, 19, r"\q is no escape",
     "write %5C for a backslash in an IRI, or / for one that separates folders"),
    # What people write.
    ("ex:a schema:name “A” .", 3, 18, "“A” begins with the printed quotation mark “", "write \" or '"),
    ('ex:a schema:name "He said "hello" to us" .', 3, 28, 'hello" directly follows the string "He said "',
     r'write \" for a quotation mark within a string, and @ before a language tag'),
    ("ex:a A ex:Thing .", 3, 6, "A cannot be a property", "write a (a small letter alone) to say what something is"),
    ("ex:a ex:b True .", 3, 11, "True cannot be a value", "write true, in small letters"),
    ("ex:a ex:b 2007-01-01 .", 3, 11, "2007-01-01 is not a number",
     'write it in quotation marks: "2007-01-01"^^xsd:date'),
    ("ex:doc/timko ex:b ex:c .", 3, 1, "ex:doc/timko: / cannot be in a prefixed name as it is",
     r"write \/, or the whole IRI in <>"),
    ("// a comment", 3, 1, "// a comment cannot stand here", "begin a comment with #"),
    ("ex:a\xa0ex:b ex:c .", 3, 5, "the character U+00A0 cannot stand here", "replace it, perhaps with a space"),
    ("ex:a -> ex:b .", 3, 6, "-> cannot stand here", NAMES),
    ("ex:g { ex:a ex:b ex:c }", 3, 6, "{ cannot be a property",
     "Turtle has no named graphs; give a file in TriG the suffix .trig"),
    ("<!DOCTYPE html><html></html>", 3, 1, "it is a web page (HTML): <!DOCTYPE html><html></html>",
     "download the data itself; this may be a server's page about an error"),
    # Marks of a merge, which may be anywhere.
    ("<<<<<<< HEAD\nex:a ex:b ex:c .", 3, 1, "unresolved git merge conflict: <<<<<<< HEAD", CONFLICT),
    ('ex:a ex:b "A" ;\n=======\n  ex:c "B" .', 4, 1, "unresolved git merge conflict: =======", CONFLICT),
    (">>>>>>> branch", 3, 1, "unresolved git merge conflict: >>>>>>> branch", CONFLICT),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), TURTLE)
def test_the_offending_text_of_turtle_is_named(text: str, line: int, column: int, message: str, hint: str) -> None:
    error = error_of(PREFIXES + text)
    assert (error.line, error.column) == (line, column)
    assert (error.message, error.hint) == (f"not well-formed turtle: {message}", hint)
    # Lines may end as Windows has it, and a byte-order mark changes no place.
    windows = error_of(f"\ufeff{PREFIXES}{text}".removeprefix("\ufeff").replace("\n", "\r\n"))
    assert (windows.line, windows.message) == (line, error.message)


RDF = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
OTHERS = [
    ("ntriples", "<http://e/a> <http://e/b> ex:c .\n", 1, "ex:c cannot be in ntriples",
     'write IRIs whole, in <>, and strings in ""; if the file is Turtle, give it the suffix .ttl'),
    ("ntriples", "<a> <http://e/b> <http://e/c> .\n", 1, "the IRI <a> is not absolute",
     "write it whole, with http:// or https://"),
    ("ntriples", '<http://e/a> <http://e/b> "c"\n<http://e/a> <http://e/b> "d" .\n', 1,
     'a full stop is missing after "c"', SEPARATORS),
    ("trig", "@prefix e: <http://e/> .\ne:g { e:a e:b e:c .\ne:h { e:a e:b e:c . }\n", 2,
     "the { that begins here is not closed before the { on line 3", "close it with }"),
    ("jsonld", '{\n"@id": "urn:a",\n}', 2, "a comma before a closing bracket: ,", "remove the comma"),
    ("jsonld", '{\n"@id": "urn:a"\n', 2, 'the file ends before it is complete, after "@id": "urn:a"',
     "close what is open with ] or }"),
    ("jsonld", "{'@id': 'urn:a'}", 1, "'@id': 'urn:a'} cannot stand here",
     'write names and strings in straight quotation marks: "name"'),
    ("jsonld", '{"urn:b": True}', 1, "True cannot stand here", "write true, false or null, in small letters"),
    ("jsonld", '{\n<<<<<<< HEAD\n"@id": "urn:a"}', 2, "unresolved git merge conflict: <<<<<<< HEAD", CONFLICT),
    ("rdfxml", RDF + '<r:Description r:about="http://e/a">\n<dc:title>x</dc:title></r:Description></r:RDF>', 3,
     "the prefix dc: is not declared", 'add to rdf:RDF: xmlns:dc="http://purl.org/dc/elements/1.1/"'),
    ("rdfxml", RDF + "<e:T><e:t>x & y</e:t></e:T></r:RDF>", 2, "& is no entity", "write &amp; for &"),
    ("rdfxml", RDF + "<e:T><e:t>x</e:u></e:T></r:RDF>", 2,
     "<e:t>, which begins on line 2, is not closed before </e:u></e:T></r:RDF>", "close it with </e:t>"),
    ("rdfxml", RDF + '<e:T>\n<e:t xml:lang="en_GB">x</e:t></e:T></r:RDF>', 3, "en_GB is not a language tag",
     "write it as en-GB"),
    ("rdfxml", RDF + '<e:T>\n<e:u r:resource="http://e/a b"/></e:T></r:RDF>', 3,
     "the IRI <http://e/a b> contains a space", "write %20 for it"),
    # The parser itself would read what there is.
    ("rdfxml", RDF + "<e:T><e:t>x", 2, "<e:t>, which begins on line 2, is not closed before the end of the file",
     "close it with </e:t>"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "line", "message", "hint"), OTHERS)
def test_the_offending_text_of_other_formats_is_named(name: str, text: str, line: int, message: str, hint: str) -> None:
    error = error_of(text, name)
    assert (error.line, error.message, error.hint) == (line, f"not well-formed {name}: {message}", hint)


@pytest.mark.slow
def test_what_is_far_from_the_beginning_has_its_line_and_column() -> None:
    many = 'ex:a schema:name "é 漢 \U0001f600" .\n' * 40_000
    error = error_of(f'{PREFIXES}{many}ex:a schema:name "A"\nex:b ex:c ex:d .\n')
    assert (error.line, error.column) == (40_003, 21)


@pytest.mark.parametrize("name", ["turtle", "ntriples", "trig", "rdfxml", "jsonld"])
def test_any_damage_gives_an_error_with_a_message(name: str) -> None:
    turtle = f'{PREFIXES}ex:a a ex:T ; schema:name "x\\t", """y"""@en-GB ; ex:b 5, ex:d .\n'
    quads = [*ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE)]
    body = ox.serialize(quads, format=FORMATS[name].rdf_format()) or b""
    generator = random.Random(1)  # noqa: S311 - no secret
    noise = [*(bytes([each]) for each in b"\"'<>[](){};.,\\@^\n :#%&_\xff"), "“".encode(), b"\n=======\n"]
    errors: list[tuple[object, ...]] = []
    for _ in range(400):
        at = generator.randrange(len(body))
        damaged = body[:at] + generator.choice(noise) + body[at + generator.randrange(3) :]
        try:
            list(DataFile("data", FORMATS[name], "http://example.org/graph", damaged).parsed())
        except UnreadableError as error:
            errors.append((error.message, error.hint, 0 < (error.line or 1) <= damaged.count(b"\n") + 1))
    assert len(errors) > 100
    assert all(all(error) for error in errors)
