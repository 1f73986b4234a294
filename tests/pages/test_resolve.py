"""What references mean, on small invented pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.pages.made import FOLDED, page_text, read, resolved, words_only

from evgraph import register as registry
from evgraph.namespaces import EVG, ID
from evgraph.pages.cell import identify
from evgraph.pages.page import Kind
from evgraph.register import DOC

if TYPE_CHECKING:
    from pathlib import Path

    from evgraph.pages.cell import Cell, Reference
    from evgraph.register import Register

BITE = """What is this cell about? Everything.


Where should I start? With the trial.


Issues to consider and discuss


Who pays? The clinic does.


Watch or listen? Both do."""


def names(cell: Cell) -> dict[str, str]:
    """Return the IRIs of entries as ``1``, ``2`` … by their position; other IRIs stay as they are."""
    return {entry.iri: str(entry.entry.position) for entry in cell.entries}


def meant(reference: Reference, cell: Cell) -> str:
    """Return ``KIND: RESOLUTION TARGETS`` in short."""
    known = names(cell)
    iris = [reference.target] if reference.target else reference.candidates
    found = [known.get(iri, iri.removeprefix(ID).removeprefix(f"section/{cell.page.cell}/")) for iri in iris if iri]
    return f"{reference.phrase.kind}: {reference.resolution} {' '.join(found)}".rstrip()


def meanings(*entries: str, bite: str = "", register: Register | None = None) -> dict[int | str, list[str]]:
    """Return what the references mean, by the position of their entry, or by the name of their section."""
    (cell,) = resolved(page_text(*entries, bite=bite), register=register)
    known = names(cell)
    found: dict[int | str, list[str]] = {}
    for reference in cell.references:
        where = known.get(reference.source)
        found.setdefault(int(where) if where else reference.source.rpartition("/")[2], []).append(
            meant(reference, cell)
        )
    return found


# Above and below.


def test_above_and_below_stay_on_their_side() -> None:
    assert meanings(
        "K One (2001). It held. Related review below.",
        "R Two (2002). It held. Related study above.",
        "R Three (2003). It held. Related study above.",
    ) == {1: ["related: ambiguous 2 3"], 2: ["related: resolved 1"], 3: ["related: resolved 1"]}


def test_the_entry_that_points_back_is_the_target() -> None:
    assert meanings(
        "K One (2001). Corresponding study below.",
        "K Two (2002). Nothing.",
        "K Three (2003). Corresponding study above.",
    ) == {1: ["corresponding: resolved 3"], 3: ["corresponding: resolved 1"]}


def test_the_way_back_may_be_of_another_kind() -> None:
    assert meanings(
        "R One (2001). See also US guidance below.",
        "G Two ([US] Forum, 2002). Other.",
        "G Three ([US] Forum, 2003). Related review above.",
    ) == {1: ["see-also: resolved 3"], 3: ["related: resolved 1"]}


def test_a_related_study_does_not_answer_a_corresponding_one() -> None:
    assert meanings(
        "K One (2001). Corresponding study below.",
        "K Two (2002). Related study above.",
        "K Three (2003). Nothing.",
    )[1] == ["corresponding: ambiguous 2 3"]


def test_implementation_is_answered_by_building_on() -> None:
    assert meanings(
        "G One (2001). Implementation guidance below.",
        "G Two (2002). Nothing.",
        "G Three (2003). Building on what was recommended (see above), sets out rotas.",
    ) == {1: ["implementation: resolved 3"], 3: ["implementation: resolved 1"]}


def test_an_answer_that_means_another_entry_does_not_point_back() -> None:
    entries = ["R One (2001). Related guidance below.", "G Two (2002). N.", "G Three (2003). Related study above."]
    assert meanings("K Nought (2000). N.", *entries)[2] == ["related: ambiguous 3 4"]
    assert meanings(*entries)[1] == ["related: resolved 3"]  # No study is above: the review must be meant.


def test_an_answer_that_names_another_year_does_not_point_back() -> None:
    assert meanings(
        "K One (2001). Related review below.",
        "K Two (2002). Nothing.",
        "R Three (2003). Related study (2002) above.",
        "R Four (2004). Nothing.",
    )[1] == ["related: ambiguous 3 4"]


def test_one_of_another_kind_is_meant_only_if_its_own_words_can_mean_nothing_else() -> None:
    entries = ["K One (2001). Related review below.", "R Two (2002). N.", "G Three (2003). Related study above."]
    assert meanings(*entries)[1] == ["related: resolved 3"]
    assert meanings("K Nought (2000). N.", *entries)[2] == ["related: resolved 3"]


def test_an_entry_from_another_country_does_not_point_back() -> None:
    assert meanings(
        "R One (2001). Related UK guidance below.",
        "G Two ([US] Forum, 2002). Related review above.",
        "G Three ([UK] Forum, 2003). Nothing.",
    )[1] == ["related: resolved 3"]


def test_a_plural_means_more_than_the_entry_that_points_back() -> None:
    entries = ["K One (2001). Related review below.", "K Two (2002). N.", "R Three (2003). Related studies above."]
    assert meanings(*entries)[3] == ["related: ambiguous 1 2"]
    assert meanings(entries[0], "R Three (2003). Related studies above.")[2] == ["related: resolved 1"]


def test_immediately_below_is_the_next_that_fits() -> None:
    entries = [
        "K Two (2002). N.",
        "K Three (2003). See the trial directly above.",
        "R Four (2004). N.",
        "K Five (2005).",
    ]
    assert meanings("K One (2001). For costs see the study immediately below.", *entries) == {
        1: ["position: resolved 2"],
        3: ["position: resolved 2"],
    }
    assert meanings("K One (2001). Related review immediately below.", *entries)[1] == ["related: resolved 4"]


def test_numbers_behind_the_direction_count_in_order() -> None:
    entries = ["K One (2001). N.", "K Two (2002). N.", "R Three (2003). Related studies above (1 2)."]
    assert meanings(*entries)[3] == ["related: resolved 1", "related: resolved 2"]


def test_the_kind_narrows() -> None:
    assert meanings(
        "K One (2001). Related guidance below.",
        "R Two (2002). Nothing.",
        "G Three (2003). Nothing.",
        "K Four (2004). No.",
    ) == {1: ["related: resolved 3"]}


def test_the_country_narrows() -> None:
    assert meanings(
        "K One (2001). Danish clinics. Corresponding Canadian study below.",
        "K Two (2002). In Welsh clinics.",
        "K Three (2003). In Canadian clinics.",
    )[1] == ["corresponding: resolved 3"]


def test_a_country_holds_its_parts() -> None:
    assert meanings(
        "G One ([US] F, 2001). Related UK guidance below.", "G Two ([US] F, 2002). N.", "G Three ([Scotland] F, 2003)."
    )[1] == ["related: resolved 3"]  # fmt: skip


def test_the_country_of_a_referenced_entry_is_not_that_of_the_entry() -> None:
    assert meanings(
        "K One (2001). Corresponding Canadian study below.",
        "K Two (2002). Danish clinics. Related Canadian study below.",
        "K Three (2003). Canadian clinics.",
    )[1] == ["corresponding: resolved 3"]


def test_the_year_narrows() -> None:
    assert meanings(
        "K One (2001). Related review (2003) below.", "R Two (2002). No.", "R Three (2003). No.", "R Four (2004). No."
    ) == {1: ["related: resolved 3"]}


def test_what_is_left_is_ambiguous_with_every_candidate() -> None:
    assert meanings("K One (2001). Related review below.", "R A (2002). N.", "R B (2003). N.", "R C (2004). N.") == {
        1: ["related: ambiguous 2 3 4"]
    }


def test_a_kind_that_the_page_does_not_hold_dangles() -> None:
    entries = "K One (2001). Related guidance below.", "R A (2002). N.", "R B (2003). N."
    assert meanings(*entries) == {1: ["related: dangling"]}
    assert meanings("G Zero (2000). N.", *entries) == {2: ["related: ambiguous 3 4"]}


def test_the_items_of_one_phrase_are_different_things() -> None:
    entries = "R Old (2000). N.", "S One (1981). Related study and review below.", "K Two (2010). N."
    assert meanings(*entries) == {2: ["related: dangling", "related: dangling"]}
    assert meanings(*entries[1:]) == {1: ["related: resolved 2", "related: dangling"]}


def test_a_bare_arrow_confirms_nothing() -> None:
    assert meanings(
        "K Zero (1999). N.",
        "K One (2001). Related study and review below.",
        "K Two (2002). N.",
        "K Three (2003). Wages ( above) were better.",
        "R Four (2004). Related study above.",
    ) == {
        2: ["related: ambiguous 3 4", "related: resolved 5"],
        4: ["position: ambiguous 1 2 3"],
        5: ["related: resolved 2"],
    }


@pytest.mark.parametrize(
    ("words", "second", "meaning"),
    [
        ("Related study below", "K Two (2010). And then", "dangling"),
        ("Related studies (1) below", "K Two (2010). And then", "dangling"),
        ("Related study below", "K Two (2010). Related study above. And then it bro", "resolved 2"),
    ],
)
def test_on_a_page_that_is_cut_below_stays_open_unless_it_is_confirmed(words: str, second: str, meaning: str) -> None:
    text = page_text(f"S One (1981). {words}.", second).removesuffix(f"\n\n{FOLDED}")
    (cell,) = resolved(text)
    assert meant(cell.references[0], cell) == f"related: {meaning}"


def test_a_lost_tag_may_be_any_kind() -> None:
    assert meanings("K One (2001). Related guidance below.", "A lost tag (2002). N.", "R B (2003). N.") == {
        1: ["related: resolved 2"]
    }


def test_nothing_on_that_side_dangles() -> None:
    assert meanings("K One (2001). Related review above.", "R Two (2002). Related study below.") == {
        1: ["related: dangling"], 2: ["related: dangling"]
    }  # fmt: skip


def test_each_noun_of_a_list_is_sought_by_itself() -> None:
    assert meanings(
        "S One (2001). Study, review and guidance below.", "K Two (2002). N.", "R Three (2003). N.", "G Four (2004). N."
    ) == {1: ["related: resolved 2", "related: resolved 3", "related: resolved 4"]}


def test_as_many_link_numbers_as_entries_that_fit_are_those_entries_in_order() -> None:
    entries = ["K One (2001). Reviews (1 2) below.", "R Two (2002). N.", "K Three (2003). N.", "R Four (2004). N."]
    assert meanings(*entries) == {1: ["related: resolved 2", "related: resolved 4"]}
    assert meanings(*entries, "R Five (2005). N.") == {1: ["related: ambiguous 2 4 5"] * 2}


def test_a_document_listed_again_below(tmp_path: Path) -> None:
    entries = (
        "K One (2001). Also listed below as guidance.",
        "G Two (2002). N.",
        "K One again (2001). N.",
    )
    keys = [entry.documents[0].removeprefix(DOC) for entry in identify(read(page_text(*entries)), words_only()).entries]
    assert meanings(*entries)[1] == ["position: resolved 2"]  # As far as the words tell.
    register = decided(tmp_path, {keys[0]: "a-2001", keys[2]: "a-2001"})
    assert meanings(*entries, register=register)[1] == ["position: resolved 3"]


def test_each_country_that_a_phrase_names_is_a_reference() -> None:
    assert meanings(
        "S One (1981). Similar procedures have been trialled in contemporary UK and Danish studies.",
        "K Two (2002). In British clinics.",
        "K Three (2003). In Danish clinics.",
        "K Four (2004). In Canadian clinics.",
        "R Five (2004). In Danish clinics.",
    )[1] == ["inline: resolved 2", "inline: resolved 3"]


def test_of_several_the_study_that_corresponds_with_the_other_is_meant() -> None:
    assert meanings(
        "S One (1981). Tried in contemporary UK and Danish studies.",
        "K Two (2002). In Danish clinics.",
        "K Three (2003). In British clinics. Corresponding Danish study below.",
        "K Four (2004). In Danish wards. Corresponding UK study above.",
    )[1] == ["inline: resolved 3", "inline: resolved 4"]


def test_a_study_names_no_corresponding_study_of_its_own_country() -> None:
    assert meanings(
        "K A book in Oslo (2010). N. Corresponding Spanish and US studies below.",
        "K A book in Madrid (2011). N. Corresponding Norwegian study above and US study below.",
        "K A book in Boston (2013). N. Corresponding Norwegian and Spanish studies above.",
        "K Another (2004). Of a US trial of something else.",
    ) == {
        1: ["corresponding: resolved 2", "corresponding: resolved 3"],
        2: ["corresponding: resolved 1", "corresponding: resolved 3"],
        3: ["corresponding: resolved 1", "corresponding: resolved 2"],
    }


# Documents named in passing.


def test_a_document_named_in_passing_has_a_key_of_its_own() -> None:
    (cell,) = resolved(
        page_text(
            "R One (2001). See also a review (2006).",
            "R Two (2002). See also a review (2006).",
            "K T (1999). (2006) a.",
        )
    )
    targets = [reference.target for reference in cell.references]
    assert all(target and target.startswith(f"{DOC}u-") for target in targets)
    assert len(set(targets)) == 3
    assert [reference.phrase.kind for reference in cell.references] == [Kind.SEE_ALSO, Kind.SEE_ALSO, Kind.INLINE]
    assert list(cell.mentioned) == targets


def test_two_mentions_of_one_year_in_a_sentence_are_two_documents() -> None:
    (cell,) = resolved(page_text("K One (2001). Tried here (2006) and there (2006)."))
    assert len({reference.target for reference in cell.references}) == 2


def test_the_key_does_not_depend_on_quotes_or_broken_characters() -> None:
    line = "K The bite’s – ‘own’ (2001). The clinic’s review (2006) – so."
    keys = {
        (cell.entries[0].documents[0], cell.references[0].target)
        for text in (line, line.replace("’", "'").replace("‘", "'").replace("–", "-"),
                     line.replace("’", "‚Äô").replace("‘", "‚Äò").replace("–", "‚Äì"))
        for cell in resolved(page_text(text))
    }  # fmt: skip
    assert len(keys) == 1


def test_a_see_also_without_a_year_names_a_document_too() -> None:
    (cell,) = resolved(page_text("K One (2001). See also a slide presentation."))
    (reference,) = cell.references
    assert reference.resolution == "resolved"
    assert reference.target is not None
    assert reference.target.startswith(f"{DOC}u-")


# Other cells.


def test_another_cell_is_outside_unless_its_page_was_read() -> None:
    line = "K One (2001). Discussed in cell A2’s bite, cell B3 and in cell C2 of the Alcohol Treatment Matrix."
    (cell,) = resolved(page_text(line))
    assert [meant(reference, cell) for reference in cell.references] == [
        "cell: outside cell/drug-A2",
        "cell: outside cell/drug-B3",
        "cell: outside cell/alcohol-C2",
    ]
    here, _ = resolved(
        page_text(line), page_text("K X (1999). Y.", matrix="Alcohol", bite=BITE), others={f"{ID}cell/drug-A2": False}
    )
    assert [reference.resolution for reference in here.references] == ["resolved", "outside", "resolved"]


def test_a_cell_discusses_a_document_only_if_its_commentary_is_known() -> None:
    line = "K One (2001). Discussed in cell A2’s bite. Compare cell A2."
    other = page_text("K X (1999). Y.", square="A2", bite=BITE)
    here, _ = resolved(page_text(line), other)
    document = here.entries[0].documents[0]
    assert [reference.statement for reference in here.references] == [
        (document, "http://purl.org/spar/cito/isDiscussedBy", f"{ID}commentary/drug-A2"), None,
    ]  # fmt: skip
    folded, _ = resolved(page_text(line), page_text("K X (1999). Y.", square="A2"))
    assert [reference.statement for reference in folded.references] == [None, None]


def test_the_order_of_the_pages_does_not_matter() -> None:
    first = page_text("K One (2001). Discussed in cell A2’s bite.")
    second = page_text("K Two (2002). Discussed in cell C2’s bite.", square="A2")
    forward, backward = resolved(first, second), resolved(second, first)
    assert forward[0].references == backward[1].references
    assert forward[1].references == backward[0].references


@pytest.mark.parametrize(
    ("square", "label", "expected"),
    [("E4", "treatment systems", "E2"), ("E4", "practitioners", "B4"), ("C1", "management", "C2"),
     ("A3", "organisational functioning", "D3")],
)  # fmt: skip
def test_a_cell_named_by_its_label(square: str, label: str, expected: str) -> None:
    (cell,) = resolved(
        page_text(f"K One (2001). Makes the corresponding cell on {label} as a whole matter.", square=square)
    )
    assert cell.references[0].target == f"{ID}cell/drug-{expected}"


# The own commentary.


def test_sections_of_an_open_commentary() -> None:
    assert meanings(
        "K One (2001). Discussion in bite’s Where should I start? and Issues (1 2) sections.",
        "K Two (2002). Discussion in bite’s Issues section.",
        "K Three (2003). For discussion click and scroll down to highlighted heading.",
        "K Four (2004). Discussion in bite’s Highlighted study section.",
        bite=BITE,
    ) == {
        1: ["commentary: resolved start", *["commentary: ambiguous issue-1 issue-2"] * 2],
        2: ["commentary: ambiguous issue-1 issue-2"],
        3: ["commentary: dangling"],
        4: ["commentary: outside highlighted"],
    }


def test_sections_of_a_folded_commentary_are_outside() -> None:
    assert meanings(
        "K One (2001). Discussion in bite’s Where should I start? and Issues sections.",
        "K Two (2002). For discussions click here and here and scroll down to highlighted headings.",
    ) == {
        1: ["commentary: outside start", "commentary: outside issues"],
        2: ["commentary: dangling", "commentary: dangling"],
    }


def test_the_only_issue_is_meant() -> None:
    bite = "Issues to consider and discuss\n\n\nWho pays? The clinic does."
    assert meanings("K One (2001). Discussion in bite’s Issues section.", bite=bite) == {
        1: ["commentary: resolved issue-1"]
    }


def test_references_of_the_commentary() -> None:
    bite = BITE.replace(
        "With the trial.", "With the Danish trial (listed above). Related issue discussed below."
    ).replace("Both do.", "The section above asked who pays. See the text below. It shows entries in this cell (1 2).")
    assert meanings("K One (2001). Danish trial.", "K Two (2002). Welsh trial.", bite=bite) == {
        "start": ["position: resolved 1", "commentary: ambiguous issue-1 issue-2"],
        "issue-2": [
            "commentary: resolved issue-1",
            "commentary: outside supplement-1",
            *["position: ambiguous 1 2"] * 2,
        ],
    }


def test_a_bare_below_in_the_commentary_refers_to_its_sections() -> None:
    bite = BITE.replace("The clinic does.", "The clinic does ( below).")
    assert meanings("K One (2001). N.", bite=bite) == {"issue-1": ["position: resolved issue-2"]}
    bite = BITE.replace("The clinic does.", "The clinic does, says the study below.")
    assert meanings("K One (2001). N.", bite=bite) == {"issue-1": ["position: resolved issue-2"]}


def test_a_place_in_a_file_means_the_document_itself() -> None:
    (cell,) = resolved(page_text("K One (2001). Explained on p. 1 of linked PDF file."))
    assert [meant(reference, cell) for reference in cell.references] == [
        f"file-place: resolved {cell.entries[0].documents[0][len(ID) :]}"
    ]


def test_searches_dangle() -> None:
    (cell,) = resolved(page_text("K One (2001). N.", "more This search retrieves all relevant analyses."))
    (reference,) = cell.references
    assert (reference.phrase.kind, reference.source, reference.resolution) == ("search", cell.iri, "dangling")
    assert reference.iri == f"{ID}ref/drug-C2/trailer/search-1"


# Statements.


def test_each_kind_of_reference_states_what_the_page_states_and_only_in_its_direction() -> None:
    (cell,) = resolved(
        page_text(
            "K One (2001). Corresponding study below. See also a report (1999). Tried before (1998).",
            "K Two (2002). N.",
            "G Three (2003). Implementation guidance below. Discussion in bite’s Where should I start? section.",
            "G Four (2004). Building on the above (see above), it plans. Related guidance above.",
            bite=BITE.replace("With the trial.", "With a report (1999) and the guidance on plans (listed above)."),
        )
    )
    document = {entry.documents[0]: f"d{entry.entry.position}" for entry in cell.entries}
    statements = [
        (
            str(reference.phrase.kind),
            *(document.get(part, part.removeprefix(EVG).removeprefix(ID)) for part in reference.statement),
        )
        for reference in cell.references
        if reference.statement
    ]
    report, other = (
        iri.removeprefix(ID) for iri, mention in cell.mentioned.items() if mention.phrase.imprint.date == "1999"
    )
    discussed = "http://purl.org/spar/cito/isDiscussedBy"
    assert statements == [
        ("corresponding", "d1", "correspondsTo", "d2"),
        ("see-also", "d1", "seeAlso", report),
        ("implementation", "d4", "implements", "d3"),
        ("commentary", "d3", discussed, "section/drug-C2/start"),
        ("implementation", "d4", "implements", "d3"),
        ("related", "d4", "relatedTo", "d3"),
        ("inline", other, discussed, "section/drug-C2/start"),
    ]


# Decisions.


def decided(folder: Path, keys: dict[str, str], settled: str = "") -> Register:
    """Return a register in which some keys mean named documents, and some references are settled."""
    lines = [f"<doc/{key}> dcterms:isReplacedBy <doc/{name}> ." for key, name in keys.items()]
    prefixes = f"@base <{ID}> .\n@prefix evg: <{EVG}> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n"
    prefixes += "@prefix prov: <http://www.w3.org/ns/prov#> .\n"
    (folder / "documents.ttl").write_text(prefixes + "\n".join(lines))
    (folder / "curated").mkdir(exist_ok=True)
    (folder / "curated" / "settled.ttl").write_text(prefixes + settled)
    return registry.load([folder])


def test_two_entries_of_one_document(tmp_path: Path) -> None:
    entries = ("K One (2001). Related study below.", "R Another line (2001). Related study above.")
    keys = [entry.documents[0].removeprefix(DOC) for entry in identify(read(page_text(*entries)), words_only()).entries]
    (cell,) = resolved(page_text(*entries), register=decided(tmp_path, dict.fromkeys(keys, "a-2001")))
    assert [entry.iri.removeprefix(ID) for entry in cell.entries] == ["entry/drug-C2/a-2001", "entry/drug-C2/a-2001-2"]
    assert [entry.documents for entry in cell.entries] == [[f"{DOC}a-2001"]] * 2
    assert [reference.iri.removeprefix(ID) for reference in cell.references] == [
        "ref/drug-C2/a-2001/related-1",
        "ref/drug-C2/a-2001-2/related-1",
    ]
    assert [reference.statement for reference in cell.references] == [None, None]  # Nothing is related to itself.


def test_one_entry_may_list_two_documents(tmp_path: Path) -> None:
    entries = ("K One (2001 and 2003). N.", "R Two (2004). Related study above.")
    key = identify(read(page_text(*entries)), words_only()).entries[0].documents[0].removeprefix(DOC)
    register = decided(tmp_path, {})
    register.decisions[f"{DOC}{key}"] = [f"{DOC}a-2001", f"{DOC}b-2003"]
    (cell,) = resolved(page_text(*entries), register=register)
    assert cell.entries[0].documents == [f"{DOC}a-2001", f"{DOC}b-2003"]
    assert cell.entries[0].name == "a-2001"


def test_what_a_person_settled_is_taken_over_as_theirs(tmp_path: Path) -> None:
    entries = ("K One (2001). Related review below.", "R Two (2002). N.", "R Three (2003). N.")
    (open_one,) = resolved(page_text(*entries))
    assert open_one.references[0].resolution == "ambiguous"
    target = open_one.entries[2].iri
    words = f"<{open_one.references[0].iri}> evg:target <{target}> ; prov:wasAttributedTo <agent/jo> ."
    (cell,) = resolved(page_text(*entries), register=decided(tmp_path, {}, words))
    (reference,) = cell.references
    assert (reference.resolution, reference.target, reference.candidates) == ("resolved", target, ())
    assert reference.settled_by == f"{ID}agent/jo"
    assert reference.statement is not None
    assert reference.statement[2] == cell.entries[2].documents[0]


def test_a_decision_without_a_name_is_the_curators_and_survives_identification(tmp_path: Path) -> None:
    entries = ("K One (2001). Related review below.", "R Two (2002). N.", "R Three (2003). N.")
    (before,) = resolved(page_text(*entries))
    settled = f"<{before.references[0].iri}> evg:target <entry/drug-C2/c-2003> ."
    keys = [entry.documents[0].removeprefix(DOC) for entry in before.entries]
    register = decided(tmp_path, dict(zip(keys, ["a-2001", "b-2002", "c-2003"], strict=True)), settled)
    (cell,) = resolved(page_text(*entries), register=register)
    (reference,) = cell.references
    assert reference.iri == f"{ID}ref/drug-C2/a-2001/related-1"
    assert reference.target == f"{ID}entry/drug-C2/c-2003"
    assert reference.settled_by == registry.CURATOR
    assert reference.statement == (f"{DOC}a-2001", f"{EVG}relatedTo", f"{DOC}c-2003")


def test_a_person_overrides_the_reader(tmp_path: Path) -> None:
    entries = ("K One (2001). Related review below.", "R Two (2002). N.")
    (cell,) = resolved(page_text(*entries))
    assert cell.references[0].resolution == "resolved"
    register = decided(tmp_path, {}, f"<{cell.references[0].iri}> evg:target <entry/drug-C2/elsewhere> .")
    (cell,) = resolved(page_text(*entries), register=register)
    assert cell.references[0].target == f"{ID}entry/drug-C2/elsewhere"


def test_reordering_a_page_changes_no_name() -> None:
    entries = ["K One (2001). See a report (1999).", "K Two (2002). Discussed in cell A2.", "R Three (2003). N."]
    (forward,), (backward,) = resolved(page_text(*entries)), resolved(page_text(*reversed(entries)))
    assert {entry.iri for entry in forward.entries} == {entry.iri for entry in backward.entries}
    assert {reference.iri for reference in forward.references} == {reference.iri for reference in backward.references}
    assert set(forward.mentioned) == set(backward.mentioned)


def test_the_corresponding_cell_of_the_other_matrix_is_this_square_there() -> None:
    found = meanings("K One (2001). See the corresponding cell of the Alcohol Treatment Matrix.")
    assert found == {1: ["cell: outside cell/alcohol-C2"]}


def test_two_link_numbers_do_not_both_mean_the_entry_that_points_back() -> None:
    entries = ["K One (2001). Related review below.", "K Two (2002). N.", "K Three (2003). N."]
    found = meanings(*entries, "R Four (2004). Related studies (1 2) above.")
    assert found[4] == ["related: ambiguous 1 2 3"] * 2
    assert meanings(*entries, "R Four (2004). Related studies (1) above.")[4] == ["related: resolved 1"]


def test_a_known_country_counts_before_pointing_back() -> None:
    found = meanings(
        "K One (2001). In Danish clinics. Related review below.",
        "K Two (2002). In Swiss clinics.",
        "R Three (2003). Related Swiss study above.",
    )
    assert found[3] == ["related: resolved 2"]


def test_new_england_is_not_england() -> None:
    found = meanings(
        "K One (2001). In New England. N.",
        "K Two (2002). In England. N.",
        "R Three (2003). Related English study above.",
    )
    assert found[3] == ["related: resolved 2"]
