"""That no shape, however ill-meant, crashes the judge, keeps it for ever or reads what it must not."""

from __future__ import annotations

import time

import pytest
from tests.shacl.engines import file

from evgraph.errors import UnreadableError
from evgraph.validation.validate import validate_files

HEAD = "ex:S a sh:NodeShape ; sh:targetClass ex:Person ; "
DATA = f"ex:ada a ex:Person ; ex:p ex:v7, ex:none ; ex:q '{'a' * 40}b' . ex:v7 ex:p ex:ada ."
PATIENCE = 60  # Seconds of work; each takes one or two.


def chain(first: str, link: str, last: str, count: int) -> str:
    return (
        f"{HEAD} {first} ex:n0 . "
        + " ".join(f"ex:n{n} {link.format(f'ex:n{n + 1}')} ." for n in range(count))
        + (f" ex:n{count} {last} .")
    )


@pytest.mark.parametrize(
    "shapes",
    [
        f"{HEAD} sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .",
        f"{HEAD} sh:property [ sh:path _:l ; sh:minCount 1 ] . _:l sh:inversePath _:l .",
        f"{HEAD} sh:property [ sh:path _:l ; sh:minCount 1 ] . _:l rdf:first ex:p ; rdf:rest _:l .",
        "ex:S a sh:PropertyShape ; sh:targetClass ex:Person ; sh:minCount 1 ; sh:path _:l . _:l sh:inversePath _:l .",
        f"{HEAD} sh:property [ sh:path ( {'ex:p ' * 10_000} ) ; sh:minCount 1 ] .",
        chain("sh:property [ sh:minCount 1 ; sh:path", "sh:inversePath {0}", "sh:inversePath ex:p", 5000)
        .replace("sh:path ex:n0", "sh:path ex:n0 ]")
        .replace("ex:n", "_:n"),
        chain("sh:node", "sh:node {0}", "sh:nodeKind sh:Literal", 1000),
        chain("sh:not", "sh:not {0}", "sh:nodeKind sh:Literal", 1000),
        chain("sh:property", "sh:path ex:p ; sh:property {0}", "sh:path ex:p ; sh:minCount 1", 1000),
        chain("sh:node", "sh:or ( {0} {0} )", "sh:nodeKind sh:Literal", 17),
        f"{HEAD} sh:sparql [ sh:select 'SELECT $this WHERE {{ SERVICE <http://127.0.0.1:9/> {{ $this ?p ?o }} }}' ] .",
        f"{HEAD} sh:sparql [ sh:select 'LOAD <file:///etc/hostname>' ] .",
        f"{HEAD} sh:sparql [ sh:select 'DROP ALL' ] .",
    ],
    ids=lambda text: text[len(HEAD) : len(HEAD) + 60],
)
@pytest.mark.slow
def test_what_cannot_be_judged_is_refused_soon(shapes: str) -> None:
    start = time.process_time()
    with pytest.raises(UnreadableError) as raised:
        validate_files([file(DATA)], [file(shapes, "shapes.ttl")])
    assert raised.value.hint
    assert time.process_time() - start < PATIENCE


@pytest.mark.parametrize(
    ("shapes", "count"),
    [
        (f"{HEAD} sh:property [ sh:path ex:q ; sh:pattern '^(a+)+$' ] .", 1),
        (f"{HEAD} sh:property [ sh:path ex:p ; sh:in ( {' '.join(f'ex:v{n}' for n in range(30_000))} ) ] .", 1),
        (f"{HEAD} sh:property [ sh:path ex:p ; sh:maxCount 99999999999999999999999 ] .", 0),
        (" ".join(f"ex:S{n} sh:targetClass ex:Person ; sh:property [ sh:path ex:p{n} ; sh:minCount 1 ] ."
                  for n in range(1000)), 1000),
    ],
    ids=["regex", "list", "count", "shapes"],
)  # fmt: skip
@pytest.mark.slow
def test_what_is_large_is_judged_soon(shapes: str, count: int) -> None:
    start = time.process_time()
    assert len(validate_files([file(DATA)], [file(shapes, "shapes.ttl")]).findings) == count
    assert time.process_time() - start < PATIENCE
