"""Full-text search: ranks, forms of words, filters, misspelt words, hostile words, and where the index is kept."""

from __future__ import annotations

import sqlite3
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evgraph.errors import UnreadableError, UsageError
from evgraph.namespaces import ID, PREFIXES
from evgraph.query.search import COLUMNS, ask, search
from evgraph.query.search_index import open_index
from evgraph.rdf.files import find
from evgraph.store.disk import DiskStore, build
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers import Server

SHIPPED = open_store()
TURTLE_PREFIXES = "".join(f"@prefix {name}: <{start}> .\n" for name, start in PREFIXES.items())
DATA = """@base <https://w3id.org/evgraph/id/> .
<doc/sitzungen-2001> a evg:Document, evg:Review ; rdfs:label "Kurze Sitzungen"@de, "Short séances"@en ;
    dcterms:issued "2001"^^xsd:gYear ; dcterms:creator "Sørensen Ø" ; dcterms:publisher org:harbour .
org:harbour rdfs:label "Harbour Forum" ; skos:altLabel "HF-7" .
<doc/u-0123456789ab> a evg:Document ; dcterms:issued "2019"^^xsd:gYear .
<entry/drug-A1/both> a evg:Entry ; evg:inCell cell:drug-A1 ; schema:headline "Long and short" ;
    evg:lists <doc/sitzungen-2001>, <doc/u-0123456789ab> ; dcterms:abstract "Rocks \\u0000 \\u202E and\\nstones"@en .
<entry/alcohol-A1/alone> a evg:Entry ; evg:inCell cell:alcohol-A1 ; schema:headline "Rocking chairs" ;
    evg:statedDate "about 1999" ; evg:statedPublisher "Chairmakers" .
<section/drug-A1/issue-1> a evg:Section ; dcterms:isPartOf commentary:drug-A1 ; dcterms:title "Why rocks?" .
commentary:drug-A1 schema:about cell:drug-A1 .
<recommendation/sitzungen/rocks> a evg:Recommendation ; rdfs:label "Use stones" .
<doc/sitzungen-2001> evg:hasRecommendation <recommendation/sitzungen/rocks> .
[] a evg:Document ; rdfs:label "Stones without a name" .
<http://example.org/outside> a evg:Document ; rdfs:label "Foreign stones" .
"""


def store_of(turtle: str, graphs: int = 1) -> EmbeddedStore:
    store = EmbeddedStore()
    for number in range(graphs):
        store.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(f"a:{number}"))
            for quad in ox.parse(TURTLE_PREFIXES + turtle, ox.RdfFormat.TURTLE)
        )
    return store


SMALL = store_of(DATA)


def found(words: str, store: Any = SHIPPED, **filters: Any) -> list[str]:
    return [hit.thing.removeprefix(ID) for hit in search(store, words, **filters)[0]]


def notes(words: str, store: Any = SHIPPED, **filters: Any) -> list[str]:
    return search(store, words, **filters)[1]


def test_a_document_comes_before_the_entries_that_list_it() -> None:
    expected = ["doc/timko-2007", "entry/drug-E4/timko-2007", "entry/alcohol-E4/timko-2007"]
    assert found("timko") == found("TIMKO") == found("Timko & DeBenedetti") == expected
    hit = search(SHIPPED, "timko")[0][0]
    assert hit[:7] == (
        f"{ID}doc/timko-2007", "trial", "Timko & DeBenedetti (2007)", ("alcohol:E4", "drug:E4"), 2007, "label",
        "Timko & DeBenedetti (2007)",
    )  # fmt: skip
    assert hit.score > search(SHIPPED, "timko")[0][1].score > 0


def test_hits_in_labels_come_first() -> None:
    assert found("mutual aid", limit=4) == [
        "doc/aa-or-outpatient-costs",
        "section/alcohol-E4/issue-4",
        "recommendation/nta-2010/mutual-aid",
        "recommendation/nice-2007/mutual-aid",
    ]
    assert "section/alcohol-E4/issue-3" in found("mutual aid")
    fields = [hit.field for hit in search(SHIPPED, "mutual aid", limit=None)[0]]
    assert fields.index("abstract") > fields.index("label")


def test_of_many_hits_those_in_labels_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [found("mutual aid", limit=limit) for limit in (20, None)]
    monkeypatch.setattr("evgraph.query.search._MANY", 5)
    assert found("mutual aid", limit=4) == [
        "doc/aa-or-outpatient-costs",
        "recommendation/nta-2010/mutual-aid",
        "recommendation/nice-2007/mutual-aid",
        "section/alcohol-E4/issue-4",
    ]
    assert {hit.field for hit in search(SHIPPED, "mutual aid", limit=10)[0]} == {"label"}
    assert [found("mutual aid", limit=limit) for limit in (20, None)] == before, "fewer labels have the words"


@pytest.mark.parametrize("identifier", ["17524574", "timko-2007", "10.1016/j.drugalcdep.2007.04.007"])
def test_identifiers_find_their_document_first(identifier: str) -> None:
    assert found(identifier)[0] == "doc/timko-2007"


def test_words_have_forms_accents_and_beginnings() -> None:
    assert set(found("studys", limit=None)) == set(found("studies", limit=None)) > {"section/alcohol-E4/highlighted"}
    assert found("aftercar", limit=2) == ["entry/drug-E4/lash-2011", "section/alcohol-E4/issue-3"]
    assert "doc/detoxification-case-managers-2006" in found("detox")
    for words in (
        "seances",
        "séance",
        "SÉANCES",
        "se\u0301ances",
        "Sorensen",
        "sørensen",
        "HF-7",
        "harbor hf 7 séances",
    ):
        assert "doc/sitzungen-2001" in found(words, SMALL), words


def test_the_word_itself_comes_before_longer_ones() -> None:
    assert found("rock", SMALL, kinds=["section", "entry"])[0] == "section/drug-A1/issue-1"
    store = store_of('doc:b-1 a evg:Document ; rdfs:label "Nicest" . doc:a-1 a evg:Document ; rdfs:label "Nice" .')
    assert found("nice", store) == ["doc/a-1", "doc/b-1"]
    assert found("ni", store) == [], "two letters are no beginning"


def test_quotes_make_a_phrase() -> None:
    assert found('"groups mutual"') == []
    assert found('"aid groups"') == found("“aid groups”") != []
    assert (found("patient groups")[0], found('"patient groups"')) == ("entry/drug-E4/timko-2007", [])
    assert found('"mutual aid" abstinence')[0] == "entry/drug-E4/manning-2012"
    assert found('"timko') == found('timko"') == found("timko")


def test_misspelt_words_are_offered_and_nothing_is_dropped_silently() -> None:
    assert search(SHIPPED, "aftrcare") == ([], ["nothing has 'aftrcare'; did you mean 'aftercare'?"])
    assert search(SHIPPED, "xyzzyq") == ([], ["nothing has 'xyzzyq'"])
    hits, remarks = search(SHIPPED, "aftrcare timko")
    assert [hit.thing for hit in hits] == [f"{ID}{name}" for name in found("timko")]
    assert remarks == ["nothing has 'aftrcare'; did you mean 'aftercare'?", "these are hits for the other words"]
    assert notes("seanses", SMALL) == ["nothing has 'seanses'; did you mean 'séances'?"]
    assert found("schmidt residential")[:1] == ["doc/schmidt-2012"]
    assert notes("schmidt residential") == ["nothing has all these words; these are hits for some of them"]


def test_filters() -> None:
    assert found("mutual aid", kinds=["trial"]) == ["doc/sisson-1981", "doc/timko-2007", "doc/manning-2012"]
    assert set(found("mutual aid", kinds=["study"])) > set(found("mutual aid", kinds=["trial"]))
    assert found("mutual aid", kinds=["trial", "section"], limit=1) == ["section/alcohol-E4/issue-4"]
    assert found("timko", kinds=["entry"], cells=["drug:E4"]) == ["entry/drug-E4/timko-2007"]
    assert found("timko", cells=["E4"]) == found("timko", matrices=["alcohol", "drug"]) == found("timko")
    assert found("timko", matrices=["alcohol"]) == ["doc/timko-2007", "entry/alcohol-E4/timko-2007"]
    assert found("timko", years=["2007"]) == found("timko", years=["1900-2006", "2007–2010"]) == found("timko")
    assert search(SHIPPED, "timko", years=["1800-1900"]) == ([], ["without the filters, there are 3 hits"])
    assert notes("timko", cells=["drug:A1"]) == ["without the filters, there are 3 hits"]


def test_cells_and_years_come_from_what_is_around() -> None:
    of_2001 = ["recommendation/sitzungen/rocks", "entry/drug-A1/both", "doc/sitzungen-2001"]
    assert found("stones", SMALL, years=["2001"]) == of_2001
    assert found("stones", SMALL, years=["2019"], kinds=["entry"]) == ["entry/drug-A1/both"], "it lists two documents"
    assert found("chairs", SMALL, years=["1999"]) == found("chairmakers", SMALL) == ["entry/alcohol-A1/alone"]
    hits = {hit.thing.removeprefix(ID): hit for hit in search(SMALL, "rocks stones séances chairs")[0]}
    assert hits["section/drug-A1/issue-1"].cells == ("drug:A1",)
    assert hits["recommendation/sitzungen/rocks"].cells == ("drug:A1",)
    assert hits["recommendation/sitzungen/rocks"].year == hits["entry/drug-A1/both"].year == 2001
    assert hits["doc/sitzungen-2001"].label == "Short séances"
    assert hits["http://example.org/outside"].kind == "document"


def test_a_second_graph_changes_nothing() -> None:
    twice = store_of(DATA, graphs=2)
    for words in ("stones", "séances", "rocks harbour"):
        assert search(twice, words) == search(SMALL, words)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"kinds": ["trail"]}, "there is no kind 'trail'; did you mean 'trial'?"),
        ({"cells": ["Q9"]}, "cell 'Q9': expected a cell: "),
        ({"matrices": ["drugs"]}, "matrix 'drugs': expected a matrix: alcohol or drug; did you mean 'drug'?"),
        ({"years": ["20"]}, "year '20': expected a year, or the first and last: 2007, 2000-2010"),
        ({"years": ["2010-2000"]}, "year '2010-2000': expected"),
        ({"years": ["２００７"]}, "year '２００７': expected"),
    ],
)
def test_a_wrong_filter_is_refused(filters: dict[str, list[str]], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        search(SHIPPED, "timko", **filters)  # type: ignore[arg-type]
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("words", ["", " ", "!? & --", '""', "\0", "\ud800", "\u202e", " ".join(map(str, range(101)))])
def test_words_are_needed_and_not_too_many(words: str) -> None:
    with pytest.raises(UsageError, match="expected words with letters or digits, at most 100"):
        search(SHIPPED, words)


@pytest.mark.parametrize(
    "words",
    [
        "timko OR *", "timko AND", 'timko NEAR("a" b, 2)', "label : timko", "-timko", "^timko", "{timko}", "timko*)",
        'tim"ko', "timko\0x", "timko \ud800", "\u202etimko", "timko;--", "' OR 1=1", "facets : kindtrial", "kindtrial",
        "x" * 100_000, "é" * 10_000, " ".join(f"w{n}" for n in range(100)), "½ timko″", "٣ 日本語 שלום",
    ],
)  # fmt: skip
def test_hostile_words_are_only_words(words: str) -> None:
    hits, remarks = search(SHIPPED, words)
    assert hits == [] or any("timko" in hit.text.casefold() or "timko" not in words for hit in hits)
    assert not [note for note in remarks if len(note) > 200 or "\0" in note or "\u202e" in note]
    assert found("kindtrial") == [], "filters are not searched"


@pytest.mark.slow
@settings(max_examples=2 * settings().max_examples)
@given(st.text(max_size=30))
def test_any_text_is_searched(text: str) -> None:
    with suppress(UsageError):
        search(SMALL, text, kinds=["entry"])


def test_rows_are_limited() -> None:
    answer, _ = ask(SHIPPED, "mutual aid", limit=2)
    rows = list(answer.rows)
    assert list(COLUMNS) == list(answer.columns)
    assert len(rows) == 2
    assert answer.rows.more == "there are more"
    assert all(len(row) == len(COLUMNS) for row in rows)
    every, _ = ask(SHIPPED, "mutual aid", limit=None)
    assert len(list(every.rows)) > 20


def test_an_index_in_memory_follows_its_graph() -> None:
    store = store_of('doc:a-1 a evg:Document ; rdfs:label "Apples" .')
    assert found("pears", store) == []
    assert open_index(store) is open_index(store)
    store.extend(
        [ox.Quad(ox.NamedNode(f"{ID}doc/a-1"), ox.NamedNode("http://purl.org/dc/terms/title"), ox.Literal("Pears"))]
    )
    assert found("pears", store) == ["doc/a-1"]


def test_threads_share_an_index() -> None:
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda: answers.append(found("mutual aid"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [found("mutual aid")] * 8


def written(folder: Path, word: str) -> Path:
    file = folder / "data.ttl"
    file.write_text(f'{TURTLE_PREFIXES}doc:{word}-1 a evg:Document ; rdfs:label "{word}" .', encoding="utf-8")
    return file


def test_the_index_of_a_store_on_disk_is_kept_and_follows_it(tmp_path: Path) -> None:
    folder = tmp_path / "a store #1?"
    build(folder, find([written(tmp_path, "apples")]))
    assert found("apples", DiskStore(folder)) == ["doc/apples-1"]
    (kept,) = folder.glob("v1/search*")
    before = kept.stat()
    reader = DiskStore(folder)
    assert found("apples", reader) == ["doc/apples-1"]
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    build(folder, find([written(tmp_path, "pears")]))
    assert found("apples", reader) == ["doc/apples-1"], "a reader keeps its version"
    assert (found("apples", DiskStore(folder)), found("pears", DiskStore(folder))) == ([], ["doc/pears-1"])
    del reader
    build(folder, find([written(tmp_path, "plums")]))
    assert found("plums", DiskStore(folder)) == ["doc/plums-1"]
    assert [path.parent.name for path in folder.glob("v*/search*")] == ["v3"]


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("size", [0, 10, 5000])
def test_a_damaged_index_is_built_again(tmp_path: Path, size: int) -> None:
    build(tmp_path / "store", find([written(tmp_path, "apples")]))
    found("apples", DiskStore(tmp_path / "store"))
    (kept,) = (tmp_path / "store").glob("v1/search*")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:size])
    assert found("apples", DiskStore(tmp_path / "store")) == ["doc/apples-1"]
    assert kept.read_bytes() == whole


def test_an_index_that_cannot_be_kept_is_used_all_the_same(tmp_path: Path) -> None:
    build(tmp_path / "store", find([written(tmp_path, "apples")]))
    (tmp_path / "store" / "v1" / "search-1.sqlite").mkdir()
    hits, remarks = search(DiskStore(tmp_path / "store"), "apples")
    assert len(hits) == 1
    assert remarks[0].startswith(
        f"the search index is not kept: {tmp_path}/store/v1/search-1.sqlite: cannot be written"
    )


def test_damage_that_shows_late_is_an_error() -> None:
    index = open_index(store_of(DATA))
    index.connection.execute("DROP TABLE texts_docsize")
    with pytest.raises(UnreadableError, match="the search index cannot be read"):
        index.fetch("SELECT rank FROM texts('stones') ORDER BY rank")


def test_a_label_of_several_lines_is_one_label() -> None:
    store = store_of('doc:a-1 a evg:Trial ; rdfs:label "Two\\nlines" ; dcterms:title "One" .')
    ((hit,), _) = search(store, "lines")
    assert (hit.label, hit.text, hit.kind) == ("Two\nlines", "Two\nlines; One", "trial")
    assert found("a-1", store) == ["doc/a-1"], "a document by its class"


def test_without_sqlite_there_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(UnreadableError, match="no SQLite"):
        search(store_of(DATA), "stones")


def test_without_fts5_there_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Without(sqlite3.Connection):
        def executescript(self, script: str, /) -> sqlite3.Cursor:
            return super().executescript(script.replace("fts5(", "no_such_module("))

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **settings: connect(*args, factory=Without, **settings))
    with pytest.raises(UnreadableError, match=r"this Python has no SQLite with full-text search \(FTS5\)"):
        search(store_of(DATA), "stones")


@pytest.mark.parametrize("name", ["oxigraph_server", "virtuoso"])
def test_a_server_gives_the_hits_that_its_data_gives(request: pytest.FixtureRequest, name: str) -> None:
    server: Server = request.getfixturevalue(name)
    data = DATA.replace("\\u0000", "")
    triples = ox.serialize(
        (quad.triple for quad in ox.parse(TURTLE_PREFIXES + data, ox.RdfFormat.TURTLE)), format=ox.RdfFormat.N_TRIPLES
    )
    assert triples is not None
    with server.holding(("urn:example:search", triples.decode())) as remote:
        for words in ("stones", "séances", "chairs", "aftrcare"):
            assert search(remote, words) == search(store_of(data), words)
        assert open_index(remote) is open_index(remote)
