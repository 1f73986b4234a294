"""One record with all that touches it, found in each of its ways, on two engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.errors import Hint, UsageError
from evgraph.namespaces import ID, curie
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.store.protocol import Triples

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.store.embedded import EmbeddedStore

DATA = Path(__file__).parent / "data"
DESCRIBE = Catalogue()["describe"]
TOUCHING = {
    "doc:it": 6,
    "identification:it/key": 2,
    "entry:drug-E4/it": 2,
    "passage:a/1-9": 1,
    "passage:a/5-9": 1,
    "ref:drug-E4/it/cell-1": 2,
    "ref:drug-E4/other/see-also-1": 1,
    "claim:1": 3,
    "recommendation:it/one": 1,
    "doc:other": 1,  # Only what it says of the record.
}
"""Subject → how many triples of it belong to the record."""


def subjects(store: EmbeddedStore, values: dict[str, str | list[str]]) -> dict[str, int]:
    answer = runner.run(store, DESCRIBE, values)
    assert isinstance(answer, Triples)
    triples = set(answer.triples)
    found: dict[str, int] = {}
    for triple in triples:
        name = curie(str(triple.subject).strip("<>"))
        found[name] = found.get(name, 0) + 1
    return found


@pytest.mark.parametrize("graphs", [1, 2])
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("iri", "doc:it"),
        ("iri", f"{ID}doc/it"),
        ("doi", "10.1/abc"),
        ("doi", "https://doi.org/10.1/ABC"),
        ("doi", "doi:10.1/aBc"),
        ("pmid", "12345"),
        ("pmid", "PMID: 12345"),
        ("key", "it_a_1"),
    ],
)
def test_each_parameter_finds_the_document(
    store_of: Callable[..., EmbeddedStore], name: str, typed: str, graphs: int
) -> None:
    assert subjects(store_of("describe", graphs=graphs), {name: typed}) == TOUCHING


def test_an_unverified_doi_will_do(store_of: Callable[..., EmbeddedStore]) -> None:
    assert subjects(store_of("describe"), {"doi": "10.2/X"}) == {
        "doc:candidate": 2,
        "identification:candidate/doi": 2,
        "identification:candidate/number": 2,
    }


def test_several_and_none(store_of: Callable[..., EmbeddedStore]) -> None:
    store = store_of("describe")
    assert subjects(store, {"iri": ["doc:stranger", "doc:it"]}) == TOUCHING | {"doc:stranger": 1}
    assert subjects(store, {"iri": "doc:stranger", "key": "It_A_1"}) == TOUCHING | {"doc:stranger": 1}
    assert subjects(store, {"key": "nobody"}) == {}
    assert subjects(store, {"pmid": "99"}) == {}


def test_one_of_its_parameters_is_needed(store_of: Callable[..., EmbeddedStore]) -> None:
    with pytest.raises(UsageError, match="needs one of the parameters iri, doi, pmid, key") as refused:
        runner.run(store_of("describe"), DESCRIBE)
    assert (refused.value.hint, refused.value.example) == (Hint.GIVE_PARAMETER, "doc:timko-2007")


@pytest.mark.default_cases(2)
@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
@pytest.mark.parametrize("values", [{"iri": "doc:it"}, {"doi": "10.1/ABC"}, {"pmid": "12345"}, {"key": "It_A_1"}])
def test_same_triples_on_rdflib(store_of: Callable[..., EmbeddedStore], values: dict[str, str]) -> None:
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    for graph in ("a", "b"):
        dataset.graph(rdflib.URIRef(f"{ID}graph/{graph}")).parse(DATA / "describe.ttl", format="turtle")
    text = runner.sparql_of(DESCRIBE, runner.bind(store_of("describe"), DESCRIBE, values))
    found: dict[str, int] = {}
    for subject, _, _ in dataset.query(text).graph or ():
        found[curie(str(subject))] = found.get(curie(str(subject)), 0) + 1
    assert found == TOUCHING
