"""What the shipped graph answers to the questions that people ask first, row by row."""

from __future__ import annotations

from functools import cache
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from tests.query.engines import readable

from evgraph.namespaces import ID
from evgraph.query import runner
from evgraph.query.added_columns import complete
from evgraph.query.catalogue import Catalogue
from evgraph.query.passages import COLUMN, Passages
from evgraph.store.opening import open_store
from evgraph.store.protocol import Rows
from evgraph.terms import value_of as plain

if TYPE_CHECKING:
    from evgraph.query.question import Question

GUIDE, GUIDELINES, TRIAL = "doc:nice-2011-commissioning", "doc:nice-2011-guidelines", "doc:timko-2007"
BY_GUIDE, BY_GUIDELINES = "recommendation:nice-2011-commissioning", "recommendation:nice-2011-guidelines"
QUESTIONS = [question for question in Catalogue() if not question.answered_by_evgraph]

shipped = cache(open_store)


def labelled(question: Question) -> list[str]:
    """Return the columns of a question with those of their labels."""
    return [column for name in question.columns for column in [name, f"{name}_label"][: 1 + (name in question.labels)]]


def asked(name: str, *columns: str, **values: str) -> list[tuple[str, ...]]:
    """Ask the shipped graph; tell some columns as people read them, passages as cell and line."""
    store, question = shipped(), Catalogue()[name]
    answer = runner.run(store, question, values)
    assert isinstance(answer, Rows)
    passages, found = Passages(store), []
    for row in complete(store, question, answer, labels=True, passages=passages).rows:
        by_column = dict(zip([*labelled(question), COLUMN], row, strict=False))
        iris = plain(by_column.get(COLUMN)).split()
        passages.look_up(iris)
        lines = " ".join(dict.fromkeys(map(passages.name, iris)))
        found.append(tuple(lines if column == COLUMN else readable(by_column[column]) for column in columns))
    return found


def test_guidance_citing_trials() -> None:
    columns = ("guidance", "year", "trial", "trial_year", "how", "citing", COLUMN)
    assert asked("guidance-citing-trials", *columns) == [
        (GUIDELINES, "2011", TRIAL, "2007", "direct", GUIDELINES, "alcohol-E4:95"),
        (GUIDE, "2011", TRIAL, "2007", "chained", GUIDELINES, "alcohol-E4:41 alcohol-E4:95"),
    ]


def test_labels_stand_beside_things() -> None:
    assert asked("guidance-citing-trials", "guidance_label", "trial_label") == [
        ("NICE clinical guidelines on alcohol use disorders (2011)", "Timko & DeBenedetti (2007)"),
        ("NICE on commissioning alcohol services (2011)", "Timko & DeBenedetti (2007)"),
    ]


def test_evidence_chain() -> None:
    columns = ("from", "link", "to", "recommendation", COLUMN)
    assert asked("evidence-chain", *columns, guidance="nice-2011-commissioning", study="timko-2007") == [
        (GUIDE, "evg:restsOn", TRIAL, f"{BY_GUIDE}/mutual-aid", "alcohol-E4:95"),
        (GUIDE, "evg:takesLeadFrom", GUIDELINES, "", "alcohol-E4:41"),
        (GUIDELINES, "cito:citesAsEvidence", TRIAL, "", "alcohol-E4:95"),
        (GUIDELINES, "evg:restsOn", TRIAL, f"{BY_GUIDELINES}/mutual-aid", "alcohol-E4:95"),
    ]


def test_recommendations_without_evidence() -> None:
    rows = [
        (GUIDE, f"{BY_GUIDE}/care-coordination", "alcohol-E4:77"),
        (GUIDELINES, f"{BY_GUIDELINES}/care-coordination", "alcohol-E4:77"),
    ]
    columns = ("guidance", "recommendation", COLUMN)
    assert asked("recommendations-without-evidence", *columns) == rows
    assert asked("recommendations-without-evidence", *columns, publisher="NICE") == rows
    assert asked("recommendations-without-evidence", *columns, publisher="org:phe") == []


def test_single_study_recommendations() -> None:
    columns = ("recommendation", "evidence", "study", COLUMN)
    assert asked("single-study-recommendations", *columns) == [
        (f"{BY_GUIDE}/mutual-aid", "evidence-status:indirect", TRIAL, "alcohol-E4:95"),
        (f"{BY_GUIDELINES}/mutual-aid", "evidence-status:cited", TRIAL, ""),  # The curators' reading.
    ]


def test_evidence_after_guidance() -> None:
    columns = ("guidance", "study", "study_year", "recommendation", "stance", COLUMN)
    lines, more_lines = "alcohol-E4:95 alcohol-E4:99", "alcohol-E4:110 alcohol-E4:112"
    assert asked("evidence-after-guidance", *columns) == [
        (GUIDE, "doc:manning-2012", "2012", f"{BY_GUIDE}/mutual-aid", "stance:qualifies", lines),
        (GUIDE, "doc:humphreys-2014", "2014", f"{BY_GUIDE}/new-groups", "stance:qualifies", more_lines),
        (GUIDELINES, "doc:manning-2012", "2012", f"{BY_GUIDELINES}/mutual-aid", "stance:qualifies", ""),
    ]


def test_newer_counterparts() -> None:
    counterparts = "alcohol-E4:25 alcohol-E4:27 drug-E4:48 drug-E4:50"
    assert asked("newer-counterparts", "guidance", "cited", "study", "study_year", COLUMN) == [
        (GUIDE, TRIAL, "doc:manning-2012", "2012", counterparts),
        (GUIDELINES, TRIAL, "doc:manning-2012", "2012", counterparts),
    ]


def test_what_is_unsettled_is_shown_with_its_candidates() -> None:
    columns = ("how", "where", "candidate", COLUMN)
    issues = [f"section:alcohol-E4/issue-{number}" for number in range(1, 5)]
    assert asked("discussions-of", *columns, document="timko-2007") == [
        ("discussed", issues[2], "", "alcohol-E4:27 alcohol-E4:95"),
        ("lost", "", "", "drug-E4:50"),
    ]
    rows = asked("discussions-of", *columns, document="nice-2011-commissioning")
    assert [row for row in rows if row[0] == "unsettled"] == [
        ("unsettled", "", issue, "alcohol-E4:41") for issue in issues
    ]
    unsettled = asked("unsettled-references", "reference", "resolution")
    assert len({reference for reference, resolution in unsettled if resolution == "resolution:ambiguous"}) == 2
    assert len({reference for reference, resolution in unsettled if resolution == "resolution:dangling"}) == 12


def test_the_shipped_graph_states_what_its_recommendations_rest_on() -> None:
    assert asked("guidance-citing-nothing-here", "guidance", "guidance_label")[0][0] == "doc:models-of-care-2006"
    assert GUIDE not in [guidance for (guidance,) in asked("guidance-citing-nothing-here", "guidance")]


def test_facts_without_a_source() -> None:
    assert asked("facts-without-source", "document", "property", "value") == [
        ("doc:detoxification-case-managers-2006", "rdf:type", "evg:Study"),
        ("doc:nta-2006-coordination", "evg:forCountry", "country:GB-ENG"),
        ("doc:pilling-2010", "evg:forCountry", "country:GB-ENG"),
    ]


def test_documents_in_both_matrices() -> None:
    assert asked("shared-documents", "document") == [
        (f"doc:{name}",)
        for name in (
            *("ghose-2008", "lash-2011", "manning-2012", "residential-care-2003", "samhsa-1998", "schmidt-2012"),
            *("scotland-2008", "timko-2007", "white-2009"),
        )
    ]


def test_the_one_pair_of_false_friends() -> None:
    assert asked("same-headline-different-document", "document", "year", "other", "other_year") == [
        ("doc:case-management-2006", "2006", "doc:vanderplasschen-2019", "2019")
    ]


def test_the_one_pair_of_counterparts() -> None:
    assert asked("corresponding-studies", "study", "country", "other", "other_country", COLUMN) == [
        ("doc:manning-2012", "GB", TRIAL, "US", "alcohol-E4:25 alcohol-E4:27 drug-E4:48 drug-E4:50")
    ]


def test_neighbours_are_those_that_are_counted() -> None:
    for document, neighbours in asked("most-connected", "document", "neighbours"):
        near = asked("see-also", "neighbour", document=document)
        assert len(set(near)) == int(neighbours), document


def test_a_successor_finds_its_predecessors_guidance() -> None:
    rows = asked("guidance-by-publisher", "guidance", publisher="phe")
    assert rows == asked("guidance-by-publisher", "guidance", publisher="National Treatment Agency")
    assert ("doc:nta-2010",) in rows
    assert (GUIDE,) not in rows


def test_words_find_what_they_stand_in() -> None:
    rows = asked("search", "score", "thing", text="mutual aid groups")
    assert rows[0] == ("4", "entry:alcohol-E4/timko-2007")
    assert [int(score) for score, _ in rows] == sorted((int(score) for score, _ in rows), reverse=True)
    assert asked("search", "thing", text="10.1016/j.drugalcdep.2007.04.007") == [(TRIAL,)]


def test_every_example_of_a_question_has_an_answer() -> None:
    for question in QUESTIONS:
        alone = {parameter.name: parameter.example for parameter in question.parameters.values() if parameter.required}
        for values in (
            alone,
            *({**alone, parameter.name: parameter.example} for parameter in question.parameters.values()),
        ):
            if question.one_of and not values:
                continue
            answer: Any = runner.run(shipped(), question, values)
            assert next(answer.rows if isinstance(answer, Rows) else answer.triples, None), (question.name, values)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_no_question_is_slow(question: Any) -> None:
    """The bound is ten times the work of the slowest, so that it catches a join gone wrong and no busy machine."""
    values = {parameter.name: parameter.example for parameter in question.parameters.values() if parameter.required}
    values |= {name: question.parameters[name].example for name in question.one_of[:1]}
    store, start = shipped(), process_time()
    answer: Any = runner.run(store, question, values)
    assert list(answer.rows if isinstance(answer, Rows) else answer.triples) is not None
    assert process_time() - start < 1


def test_passages_name_both_pages() -> None:
    store = shipped()
    passages = Passages(store)
    known, unknown = f"{ID}passage/304a8504b8e0e9ba/2525-2554", f"{ID}passage/304a8504b8e0e9ba/0-0"
    passages.look_up([known, unknown, "not a passage>"])
    assert [passages.name(iri) for iri in (known, unknown)] == ["drug-E4:48", "passage:304a8504b8e0e9ba/0-0"]
    assert passages.words(known) is None
    assert passages.complaints() == []
