"""A new version of a page: what keeps its IRI, what the command says, and what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from tests.pages.made import page_text

from evgraph.namespaces import CITO, DCTERMS, EVG, ID, PROV, SCHEMA
from evgraph.pages.decoding import read
from evgraph.pages.matching import EntryFacts, match_entries, same_but_for_a_slip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ran, Run

ENTRIES = (
    "K Old name of it (2004). It went well in the clinics that took part in it.",
    "K Text messages (2006). They helped those who read them before breakfast.",
    "R Does it add up? (1996). It does where somebody counts what is there.",
)
BITE = (
    "What is this cell about? Of staff.\n\n\nIssues to consider and discuss\n\nWho pays? The first study (listed above)"
    " did not say.\n\n\nWho decides? The other study (listed above) did."
)


class Folder:
    """A page in versions, and the folder that they are ingested into."""

    def __init__(self, place: Path, run: Run) -> None:
        self.place, self.graph, self.page, self._run = place, place / "graph", place / "page.txt", run
        (place / "earlier").mkdir()

    def ingest(self, *entries: str, bite: str = BITE, options: tuple[str, ...] = ()) -> Ran:
        """Ingest a version of the page."""
        if self.page.exists():
            self.page.rename(self.place / "earlier" / f"{read(self.page).hash}.txt")
        self.page.write_text(page_text(*entries, bite=bite), encoding="utf-8")
        return self._run("ingest", self.page, "-o", self.graph, "-q", *options)

    def ingest_known(self, *entries: str, bite: str = BITE) -> Ran:
        """Ingest a version of the page, with the earlier ones at hand."""
        return self.ingest(*entries, bite=bite, options=("--earlier", str(self.place / "earlier")))

    def decide(self, *lines: str) -> Path:
        """Write curated data."""
        path = self.graph / "curated" / "decided.ttl"
        path.parent.mkdir(exist_ok=True)
        prefixes = f"@base <{ID}> .\n@prefix evg: <{EVG}> .\n@prefix dcterms: <{DCTERMS}> .\n@prefix prov: <{PROV}> .\n"
        path.write_text(prefixes + "\n".join(lines), encoding="utf-8")
        return path

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a property in the cell's graph, without evgraph's namespace."""
        quads = parse((self.graph / "cells" / "drug-C2.ttl").read_bytes(), format=RdfFormat.TURTLE)
        wanted = (NamedNode(ID + subject), NamedNode(predicate))
        return sorted(quad.object.value.removeprefix(ID) for quad in quads if (quad.subject, quad.predicate) == wanted)

    def names(self, kind: str) -> list[str]:
        """Return the entries, sections or references of the cell, without what their IRIs share."""
        quads = parse((self.graph / "cells" / "drug-C2.ttl").read_bytes(), format=RdfFormat.TURTLE)
        start = f"{ID}{kind}/drug-C2/"
        found = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
        return sorted(iri.removeprefix(start) for iri in found if iri.startswith(start))

    def entry(self, headline: str) -> str:
        """Return the name of an entry."""
        names = self.names("entry")
        return next(name for name in names if self.objects(f"entry/drug-C2/{name}", f"{SCHEMA}headline") == [headline])

    def files(self) -> dict[str, bytes]:
        """Return the content of all files."""
        return {str(path): path.read_bytes() for path in self.graph.rglob("*.ttl")}

    def messages(self, ran: Ran) -> list[str]:
        """Return what the command printed, but for its counts."""
        text = ran.stdout.replace(f"{self.page}:", "").replace(f"{self.graph / 'curated'}/", "")
        return [
            line
            for line in text.splitlines()
            if not line.startswith(("1 cell", "3 doc", "2 doc", "4 doc", "decisions"))
        ]


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Folder:
    folder = Folder(tmp_path, run)
    assert folder.ingest(*ENTRIES).code == 0
    return folder


# Entries.


def test_a_retitled_entry_and_a_corrected_year_keep_their_iris(folder: Folder) -> None:
    before = folder.names("entry")
    ran = folder.ingest(
        ENTRIES[0].replace("Old name of", "New name for"), ENTRIES[1], ENTRIES[2].replace("1996", "1997")
    )
    assert (ran.code, folder.messages(ran)) == (
        0, ["7: retitled: Old name of it → New name for it", "11: year corrected: Does it add up?: 1996 → 1997"]
    )  # fmt: skip
    assert folder.names("entry") == before
    for name in before:
        assert folder.objects(f"entry/drug-C2/{name}", f"{EVG}lists") == [f"doc/{name}"]
    written = folder.files()
    again = folder.ingest(
        ENTRIES[0].replace("Old name of", "New name for"), ENTRIES[1], ENTRIES[2].replace("1996", "1997")
    )
    assert folder.messages(again) == []
    assert folder.files() == written


def test_a_retitled_entry_keeps_its_document_until_the_decision_is_taken_back(folder: Folder, run: Run) -> None:
    key = folder.entry("Old name of it")
    folder.decide(f"<doc/{key}> dcterms:isReplacedBy <doc/timko-2007> . <doc/timko-2007> a evg:Document .")
    retitled = (ENTRIES[0].replace("Old name of", "New name for"), *ENTRIES[1:])
    for version in (ENTRIES, retitled, retitled):
        folder.ingest(*version)
        assert folder.objects("entry/drug-C2/timko-2007", f"{EVG}lists") == ["doc/timko-2007"]
    assert [finding["rule"] for finding in findings(run, folder) if finding["rule"] == "replaced-name"] == []
    folder.decide()
    folder.ingest(*retitled)
    assert folder.objects(f"entry/drug-C2/{key}", f"{EVG}lists") == [f"doc/{key}"]


def findings(run: Run, folder: Folder) -> list[dict[str, str]]:
    """Return the findings of a validation."""
    import json

    found: list[dict[str, str]] = json.loads(run("validate", folder.graph, "--format", "json").stdout)["findings"]
    return found


def test_an_entry_that_somebody_decided_on_and_that_is_gone_is_reported(folder: Folder) -> None:
    key = folder.entry("Text messages")
    folder.decide(f"<doc/{key}> dcterms:isReplacedBy <doc/ann-2006> . <doc/ann-2006> a evg:Document .")
    folder.ingest(*ENTRIES)
    ran = folder.ingest(ENTRIES[0], ENTRIES[2])
    assert (ran.code, folder.messages(ran)) == (
        1,
        [
            f"decided.ttl:5:1: doc:{key} (Text messages) is not in the new version of the page: remove it here, or name"
            " another"
        ],
    )


def facts(headline: str, date: str = "2004", *, body: str = "", marker: str = "K", publisher: str = "") -> EntryFacts:
    return EntryFacts(headline, date, publisher, frozenset({marker}), body=body)


LONG, OTHER = "It went well in the clinics that took part in it.", "Nobody knows why the gardens were closed that year."


@pytest.mark.parametrize(
    ("earlier", "new", "matched"),
    [
        (facts("Old name of it"), facts("New name for it"), True),
        (facts("Old name of it"), facts("Quite another study"), False),
        (facts("Old name of it"), facts("New name for it", "2005"), False),  # Both changed.
        (facts("Old name of it"), facts("New name for it", marker="R"), False),
        (facts("Old name of it"), facts("Old name of it", marker="R"), True),
        (facts("Old name of it", body=LONG), facts("New name for it", body=OTHER), False),
        (facts("Old name of it", body=LONG), facts("Other name, then", body=LONG), True),
        (facts("Same", "1996"), facts("Same", "1997"), True),
        (facts("Same", "1996"), facts("Same", "1969"), True),  # Two digits swapped.
        (facts("Case management", "2006"), facts("Case management", "2019"), False),  # A later document.
        (facts("Case management", "2006"), facts("Case management", "2019", body=LONG), False),
        (facts("Same", publisher="NICE"), facts("Same", publisher="Nice Institute"), True),
        (facts("Same", "2003 and 2004"), facts("Same", "2004"), False),
    ],
)  # fmt: skip
def test_which_entries_match(earlier: EntryFacts, new: EntryFacts, matched: bool) -> None:
    assert match_entries([earlier], [new]) == ({0: 0} if matched else {})


def test_entries_that_fit_equally_well_are_not_matched() -> None:
    assert match_entries([facts("Study one of it"), facts("Study two of it")], [facts("Study six of it")]) == {}
    assert match_entries([facts("Same"), facts("Same")], [facts("Same")]) == {}
    assert match_entries([facts("Same"), facts("Same")], [facts("Same"), facts("Same")]) == {0: 0, 1: 1}
    assert match_entries([facts("A"), facts("Same", body=LONG)], [facts("Same", body=LONG), facts("A")]) == {0: 1, 1: 0}


def test_dates_that_are_slips() -> None:
    pairs = [
        ("2006", "2008"),
        ("2006", "2016"),
        ("2006", "2060"),
        ("2006", "2019"),
        ("2006", ""),
        ("2006", "2003 and 2004"),
    ]
    assert [same_but_for_a_slip(*pair) for pair in pairs] == [True, True, True, False, False, False]


# References.

OTHER_STUDY = "ref/drug-C2/issue-2/position-1"


def settle(folder: Folder) -> tuple[Path, str]:
    """Settle the reference of the second issue; return the file and the target."""
    target = f"entry/drug-C2/{folder.names('entry')[1]}"
    path = folder.decide(f"<{OTHER_STUDY}> evg:target <{target}> .")
    folder.ingest(*ENTRIES)
    assert folder.objects(OTHER_STUDY, f"{EVG}target") == [target]
    return path, target


@pytest.mark.parametrize("known", [False, True])
def test_references_keep_their_iris_when_others_come_before_them(folder: Folder, known: bool) -> None:
    _, target = settle(folder)
    bite = BITE.replace("Who decides? The", "Who decides? Some (listed above) ask. The")
    bite = bite.replace("Who pays?", "Where is it? In a study (listed below).\n\n\nWho pays?")
    ingest = folder.ingest_known if known else folder.ingest
    ran = ingest(*ENTRIES, bite=bite)
    assert folder.objects(OTHER_STUDY, f"{EVG}target") == ([target] if known else [])
    assert ran.code == (0 if known else 1)
    numbers = ["issue-2/position-1", "issue-2/position-2"] if known else ["issue-2/position-2", "issue-2/position-3"]
    assert folder.names("ref")[1:3] == numbers
    assert folder.names("section") == ["about", "issue-1", "issue-2", "issue-3", "issues"]
    assert folder.objects("section/drug-C2/issue-3", f"{DCTERMS}title") == ["Where is it?"]


def test_without_the_earlier_text_as_many_references_in_sentences_of_the_same_length_are_the_same(
    folder: Folder,
) -> None:
    _, target = settle(folder)
    assert folder.ingest(*ENTRIES, bite=BITE.replace("Of staff.", "Of staff and clients.")).code == 0
    assert folder.objects(OTHER_STUDY, f"{EVG}target") == [target]


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("The other study (listed above) did, as they said.", True),  # The words around it are the same.
        ("The third study (listed above) did.", False),
        ("The other study (listed below) did.", False),
        ("Nobody did.", False),
    ],
)
def test_a_decision_holds_while_the_words_are_there(folder: Folder, sentence: str, kept: bool) -> None:
    _, target = settle(folder)
    ran = folder.ingest_known(*ENTRIES, bite=BITE.replace("The other study (listed above) did.", sentence))
    assert folder.objects(OTHER_STUDY, f"{EVG}target") == ([target] if kept else [])
    gone = (
        "decided.ttl:5:1: ref:drug-C2/issue-2/position-1 (The other study (listed above) did.) is not in the new"
        " version of the page: remove it here, or name another"
    )
    assert (ran.code, folder.messages(ran)) == ((0, []) if kept else (1, [gone]))


def test_the_number_of_a_reference_that_is_gone_is_not_used_again(folder: Folder) -> None:
    settle(folder)
    folder.ingest_known(*ENTRIES, bite=BITE.replace("The other study (listed above) did.", "Nobody did."))
    folder.ingest_known(*ENTRIES, bite=BITE.replace("The other study (listed above) did.", "Most (listed above) did."))
    assert folder.names("ref")[1] == "issue-2/position-2"
    assert folder.objects("ref/drug-C2/issue-2/position-2", f"{EVG}target") == []


def test_a_decision_on_a_mentioned_document_holds_when_its_entry_is_retitled(folder: Folder) -> None:
    entries = ("K Old name of it (2004). See also a review (1999) of the clinics.", *ENTRIES[1:])
    folder.ingest(*entries)
    (reference,) = [name for name in folder.names("ref") if "see-also" in name]
    (key,) = folder.objects(f"ref/drug-C2/{reference}", f"{EVG}target")
    folder.decide(f"<{key}> dcterms:isReplacedBy <doc/ann-1999> . <doc/ann-1999> a evg:Document .")
    retitled = (entries[0].replace("Old name of", "New name for"), *entries[1:])
    for version in (entries, retitled, retitled):
        folder.ingest_known(*version)
        assert folder.objects(f"ref/drug-C2/{reference}", f"{EVG}target") == ["doc/ann-1999"]


# Passages.


def claim(folder: Folder, words: str) -> Path:
    """State a claim in a passage of the page."""
    source = read(folder.page)
    start = source.text.index(words)
    passage = f"<passage/{source.hash}/{start}-{start + len(words)}>"
    return folder.decide(
        f"<claim/one> a evg:Claim ; # a comment\n  evg:statedIn {passage} ;\n"
        f"  prov:wasAttributedTo <snapshot/drug-C2/{source.hash}> ."
    )


SENTENCE = "They helped those who read them before breakfast."


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ("They  helped those who read them\u00a0before breakfast.", "1 with the same words, 0 reworded"),
        (
            "They helped only those who read them before lunch.",
            "They helped {+only+} those who read them before [-breakfast.-] {+lunch.+}",
        ),
        ("Nobody knows.", "passage gone from PAGE: “They helped those who read them before breakfast.”"),
        (
            "They hated breakfast. Nobody read them.",
            "gone from PAGE: “They helped those who read them before breakfast.”",
        ),
    ],
)
def test_a_curated_passage_moves_with_its_words(folder: Folder, now: str, message: str) -> None:
    path = claim(folder, SENTENCE)
    before = path.read_text(encoding="utf-8")
    ran = folder.ingest_known(ENTRIES[0], ENTRIES[1].replace(SENTENCE, now), ENTRIES[2])
    assert message in ran.stdout.replace(str(folder.page), "PAGE")
    if "gone" in message:
        assert (ran.code, path.read_text(encoding="utf-8")) == (1, before)
        return
    source = read(folder.page)
    start = source.text.index(now)
    passage = f"passage/{source.hash}/{start}-{start + len(now)}"
    assert ran.code == 0
    text = path.read_text(encoding="utf-8")
    snapshot = f"<snapshot/drug-C2/{source.hash}>"
    assert f"# a comment\n  evg:statedIn <{passage}> ;\n  prov:wasAttributedTo {snapshot} ." in text
    assert f"{ID}{passage}" in text  # Nothing described it, so it is described.


def test_the_words_may_be_in_the_graph(folder: Folder) -> None:
    folder.ingest(*ENTRIES, options=("--with-text",))
    claim(folder, SENTENCE)
    ran = folder.ingest(ENTRIES[0], "K A new one (2020). It is new.", *ENTRIES[1:], options=("--with-text",))
    assert ran.code == 0
    assert folder.messages(ran)[-1].endswith("1 with the same words, 0 reworded")


def test_words_of_another_passage_are_not_taken_for_reworded_ones(folder: Folder) -> None:
    twin = "They helped those who read them before dinner."
    folder.ingest(*ENTRIES, f"K A twin (2011). {twin}")
    path = claim(folder, SENTENCE)
    before = path.read_bytes()
    ran = folder.ingest_known(ENTRIES[0], ENTRIES[2], f"K A twin (2011). {twin}")
    assert (ran.code, path.read_bytes()) == (1, before)
    assert "passage gone" in ran.stdout


def test_an_earlier_version_that_cannot_be_read_is_named(folder: Folder) -> None:
    (folder.place / "earlier" / "bad.txt").write_bytes(b"PK\x03\x04")
    ran = folder.ingest_known(*ENTRIES)
    assert (ran.code, ran.stderr) == (
        0,
        f"evgraph: {folder.place / 'earlier' / 'bad.txt'}: not text but a zip archive or an office document\n"
        "  save the web page as text\n",
    )
    (folder.graph / "pages").mkdir()
    (folder.graph / "pages" / "notes.md").touch()
    assert folder.ingest(*ENTRIES).stderr == ""


def test_a_curated_file_that_cannot_be_written_is_named(folder: Folder) -> None:
    path = claim(folder, SENTENCE)
    real = folder.place / "elsewhere.ttl"
    path.rename(real)
    path.symlink_to(real)
    before = real.read_bytes()
    ran = folder.ingest_known("K A new one (2020). It is new.", *ENTRIES)
    assert (ran.code, real.read_bytes()) == (3, before)
    assert f"{path}: is a symbolic link; nothing was written" in ran.stderr


def test_a_cell_that_cannot_be_read_is_replaced_with_a_notice(folder: Folder) -> None:
    cell = folder.graph / "cells" / "drug-C2.ttl"
    cell.write_text("<a> <b> ", encoding="utf-8")
    ran = folder.ingest(*ENTRIES)
    assert ran.code == 0
    assert ran.stderr.startswith(f"{folder.page}: replaces {cell}:1, which is not well-formed turtle")
    assert len(folder.names("entry")) == 3


def test_the_commentary_that_comes_unfolded_gets_the_usual_names(folder: Folder) -> None:
    folder.ingest(*ENTRIES, bite="")
    folder.decide(f"<doc/ann> <{CITO}isDiscussedBy> <section/drug-C2/issue-1> .")
    folder.ingest(*ENTRIES)
    assert folder.names("section") == ["about", "issue-1", "issue-2", "issues"]
