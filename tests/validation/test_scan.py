"""That a file which the engine loads by itself is judged as one that was parsed with care."""

from __future__ import annotations

from random import Random

import pytest

from evgraph.errors import UnreadableError
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile
from evgraph.validation import file_source
from evgraph.validation.file_source import FileSource, scan

HEAD = """@prefix ex: <http://example.org/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
XSD = "http://www.w3.org/2001/XMLSchema#"


def read(text: str) -> tuple[set[str], set[str]]:
    data = FileSource([DataFile("data.ttl", FORMATS["turtle"], "http://example.org/g", text.encode())], [])
    return {str(quad) for quad in data.store.quads()}, data.marked_datatypes


def with_care(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], set[str]]:
    with monkeypatch.context() as patch:
        patch.setattr(file_source, "scan", lambda _: None)
        return read(text)


@pytest.mark.parametrize(
    "body",
    [
        'ex:a ex:p "text (with [brackets] _:x) # and \\\' more" .',
        "ex:a ex:p 12, 0, true, false; ex:q ex:b . # 'a comment' with 1.0 in it",
        'ex:a ex:p "2007"^^xsd:gYear, "20x5"^^xsd:gYear, "x"^^ex:own, "true"^^xsd:boolean .',
        f'ex:a ex:p "2007"^^<{XSD}gYear> .',
        "ex:a evg:statedin evg:nowhere . evg:only-subject ex:p 'evg:quoted' .",
        '<http://example.org/a> <https://w3id.org/evgraph/ns#lists> "a"@en-GB .',
        "ex:a1.5 ex:p-007 ex:1e5 .",
        'ex:a ex:p "\\"2007\\"", "tab\\t" .',
        "PREFIX ex: <http://example.org/2/> ex:a ex:p ex:b .",
    ],
)
def test_what_is_written_as_usual_the_engine_loads_by_itself(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scan((HEAD + body).encode()) is not None
    assert read(HEAD + body) == with_care(HEAD + body, monkeypatch)


@pytest.mark.parametrize(
    "body",
    [
        "ex:a ex:p 007 .",
        "ex:a ex:p +7 .",
        "ex:a ex:p 1.50 .",
        "ex:a ex:p .5 .",
        "ex:a ex:p 1e3 .",
        "ex:a ex:p 4.E3 .",
        "ex:a ex:p -0 .",
        "ex:a ex:p 99999999999999999999 .",
        "<a><p>1.50 .",
        "ex:a ex:p ex:b,1.50 .",
        'ex:a ex:p "007"^^xsd:integer .',
        'ex:a ex:p "7"^^xsd:byte .',
        'ex:a ex:p "7" ^^ xsd:byte .',
        "ex:a ex:p '007'^^xsd:integer .",
        'ex:a ex:p """007"""^^xsd:integer .',
        'ex:a ex:p "\\u0030"^^xsd:byte .',
        f'ex:a ex:p "007"^^<{XSD}integer> .',
        f'@prefix x: <{XSD}int> . ex:a ex:p "007"^^x:eger .',
        f'@prefix ex: <{XSD}> . ex:a ex:p "007"^^ex:integer .',
        f'@base <{XSD}> . <a> <b> "007"^^<integer> .',
        'ex:a ex:p "007"^^<http://www.w3.org/2001/./XMLSchema#integer> .',
        "ex:a ex:p [] .",
        "ex:a ex:p _:b .",
        "ex:a ex:p ( 1 ) .",
        "ex:a ex:p <<( ex:a ex:b ex:c )>> .",
        "ex:a ex:p ex:b\\~c .",
    ],
)
def test_what_the_engine_would_change_is_parsed_with_care(body: str) -> None:
    assert scan((HEAD + body).encode()) is None


TOKENS = (
    " ", " ", "\n", ";", ",", ".", " . ", '"', "'", '"""', "\\", "#", "^^", "^^xsd:gYear", "^^xsd:integer", "@en", "(",
    "[", "]", "_:b", "<", ">", "<http://example.org/x>", "<x#y>", "ex:a", "ex:b.c", "evg:x", "xsd:", "a", "true", "1",
    "007", "1.5", "2e3", "-4", '"1"', '"01"', '"2007"^^xsd:gYear', '"x"^^xsd:gYear', "'1'^^xsd:byte", "a^^b", "\r", "é",
    "@prefix xsd: <http://example.org/> .", "@base <http://www.w3.org/2001/> .", '"a\\"b"', '"c # d"', "''", '""',
)  # fmt: skip


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("block", range(4))
def test_any_text_that_the_engine_loads_by_itself_is_judged_as_if_parsed(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = 0
    for seed in range(block * 3000, block * 3000 + 3000):
        random = Random(seed)  # noqa: S311 - not for secrets
        objects = ["".join(random.choices(TOKENS, k=random.randrange(1, 5))) for _ in range(random.randrange(1, 4))]
        text = HEAD + "ex:s ex:p " + random.choice([" , ", ",", " . ex:s ex:q ", "; ex:q "]).join(objects) + " ."
        if scan(text.encode()) is None:
            continue
        try:
            expected = with_care(text, monkeypatch)
        except (UnreadableError, ValueError):
            with pytest.raises((UnreadableError, ValueError)):
                read(text)
            continue
        assert read(text) == expected, text
        alone += 1
    assert alone > 100
