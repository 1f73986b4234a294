"""Web pages: text as a browser shows it, and what the links add to the words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal

from evgraph.errors import UnreadableError
from evgraph.namespaces import BIBO, DCTERMS, EVG, ID, SKOS
from evgraph.pages.cell import Cell, Resolution, identify
from evgraph.pages.decoding import decode
from evgraph.pages.html import bank_key, cell_of, read_html
from evgraph.pages.layout import read_page
from evgraph.pages.resolve import resolve
from evgraph.pages.triples import triples
from evgraph.register import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evgraph.pages.source import Source
    from evgraph.register import Register

TITLE = "<h1>Drug Treatment Matrix cell C2: Management/supervision; Generic and cross-cutting issues</h1>"
BITE = """
<div style="display: none">
<p>Close Matrix Bite guide</p>
<p>What is this cell about? Nothing much at all.</p>
<p>Issues to consider and discuss</p>
<p><a name="pay"></a>Who pays? Nobody knows who pays.</p>
<p id="gain">Who gains? All of them do.</p>
</div>
"""


def source(body: str, head: str = "") -> Source:
    return decode(f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>{body}</body></html>".encode(), "page.html")


def read(entries: str, register: Register | None = None, after: str = BITE) -> Cell:
    page = read_page(source(f"{TITLE}\n{entries}\n<p>Matrix Bite Open Matrix Bite guide</p>\n{after}"))
    known = register or load()
    cell = identify(page, known)
    resolve(cell, known)
    return cell


KNOWN = """
@base <https://w3id.org/evgraph/id/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
<doc/holm-2014> a evg:Study ; evg:identification <identification/holm-2014/bank-key> .
<identification/holm-2014/bank-key> evg:identifierScheme <scheme/identifier-scheme/bank-key> ;
    evg:identifierValue "Holm_A_9" .
"""


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>one\n  two</p><p>three</p>", "one two\n\nthree\n"),
        ("<div>one</div><div>two<br>three</div>", "one\ntwo\nthree\n"),
        ("a <b>bold</b>, plain", "a bold, plain\n"),
        ("a<b> bold </b>plain", "a bold plain\n"),
        ('<img alt="Example Trust web site"> x', "Example Trust web site x\n"),
        ("<p>x</p><script>y()</script><style>z</style><iframe>q</iframe>", "x\n"),
        ("<p>x &amp; y &#8217; z&nbsp;&lt;b&gt;</p>", "x & y ’ z\u00a0<b>\n"),
        ("<p>unclosed <b>and <i>crossed</b> over</i>", "unclosed and crossed over\n"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one\ntwo\n"),
        ("<!-- not shown --><p>x</p>", "x\n"),
    ],
)
def test_blocks_become_lines(body: str, text: str) -> None:
    assert source(body, "<title>not shown</title>").text.replace("not shown", "") == text


def test_lines_are_those_of_the_file() -> None:
    page = source("\n<p>one</p>\n\n<p title='a\nb'>two\nthree <i>four\nfive</i></p>")
    lines = {page.slice(word): page.line_of(word.start) for word in page.lines}
    assert lines == {"one": 4, "two three four five": 7}
    assert page.line_of(page.text.index("three")) == 8
    assert page.line_of(page.text.index("five")) == 9


def test_links_notes_anchors_and_hidden_blocks() -> None:
    page = source('<p><a href="x?f=A_1.txt" title="a\n note">one</a> <a name="here"></a>two</p><div hidden>three</div>')
    (link,) = page.links
    assert (page.slice(link.span), link.href, link.note) == ("one", "x?f=A_1.txt", "a note")
    (anchor,) = page.anchors
    assert (anchor.name, page.text[anchor.offset :]) == ("here", "two\n\nthree\n")
    (hidden,) = page.hidden
    assert page.slice(hidden) == "three"


@pytest.mark.parametrize(
    ("href", "key", "cell"),
    [
        ("https://bank.example/PHP/dl.php?f=Holm_A_9.txt&s=eb", "Holm_A_9", None),
        ("dl.php?s=eb&file=Holm_A_9.txt", "Holm_A_9", None),
        ("/dl.php?f=findings/Holm_A_9.pdf", "Holm_A_9", None),
        ("dl.php?f=Matrix/Drugs/E4.htm", None, "drug-E4"),
        ("../Matrix/Alcohol/a1.htm", None, "alcohol-A1"),
        ("https://elsewhere.example/paper", None, None),
        ("javascript:alert(1)", None, None),
        ("http://[broken", None, None),
        ("dl.php?f=../../etc/passwd", None, None),
    ],
)
def test_what_addresses_say(href: str, key: str | None, cell: str | None) -> None:
    assert bank_key(href) == key
    assert cell_of(href) == (f"{ID}cell/{cell}" if cell else None)


def test_a_text_page_and_its_web_page_read_alike() -> None:
    entries = (
        "K One thing (2014). Corresponding US study below.\n\nK Another (2009). Corresponding British study above."
    )
    web = read("".join(f"<p>{line}</p>" for line in entries.split("\n\n")), after="")
    text = read_page(decode(f"{TITLE[4:-5]}\n\n{entries}\n".encode(), "page.txt"))
    assert [web.page.source.slice(entry.entry.headline) for entry in web.entries] == [
        text.source.slice(entry.headline) for entry in text.entries
    ]
    assert [reference.target for reference in web.references] == [web.entries[1].iri, web.entries[0].iri]


def test_click_here_leads_to_its_anchor() -> None:
    cell = read(
        '<p>K One (2014). For discussions <a href="#gain">click here</a> and <a href="#pay">here</a> and scroll down to'
        " highlighted headings.</p>"
    )
    assert [(reference.resolution, reference.target) for reference in cell.references] == [
        (Resolution.RESOLVED, f"{ID}section/drug-C2/issue-2"),
        (Resolution.RESOLVED, f"{ID}section/drug-C2/issue-1"),
    ]


def test_link_numbers_lead_to_their_sections() -> None:
    cell = read(
        '<p>K One (2014). Discussion in bite’s Issues sections (<a href="#pay">1</a> <a href="#gain">2</a>).</p>'
    )
    assert [reference.target for reference in cell.references] == [
        f"{ID}section/drug-C2/issue-1",
        f"{ID}section/drug-C2/issue-2",
    ]


def test_an_anchor_that_is_not_there_settles_nothing() -> None:
    cell = read('<p>K One (2014). For discussion <a href="#lost">click here</a> and scroll down to it.</p>')
    assert [reference.resolution for reference in cell.references] == [Resolution.DANGLING]


def test_the_banks_key_identifies_a_listed_document(tmp_path: Path) -> None:
    (tmp_path / "known.ttl").write_text(KNOWN, encoding="utf-8")
    cell = read('<p>K <a href="dl.php?f=holm_a_9.txt">One</a> (2014).</p>', load([tmp_path / "known.ttl"]))
    assert cell.entries[0].documents == [f"{ID}doc/holm-2014"]


def test_the_banks_key_of_a_new_document_is_kept() -> None:
    cell = read(
        '<p>K <a href="dl.php?f=Holm_A_9.txt">One</a> (2014).'
        ' See also <a href="x?f=Bell_1.txt">a review</a> (2003).</p>'
    )
    graph = list(triples(cell, load()))
    values = {
        triple.object.value
        for triple in graph
        if triple.predicate.value == f"{EVG}identifierValue" and isinstance(triple.object, Literal)
    }
    assert values == {"Holm_A_9", "Bell_1"}
    assert not [triple for triple in graph if triple.predicate.value in (f"{BIBO}doi", f"{DCTERMS}isReplacedBy")]


def test_a_link_settles_what_the_words_leave_open() -> None:
    entries = (
        "".join(f'<p>R <a href="dl.php?f=Holm_{n}.txt">Review {n}</a> (200{n}).</p>' for n in range(3))
        + '<p>G Guide (2010). Related <a href="dl.php?f=Holm_1.txt">review</a> above.</p>'
    )
    (reference,) = read(entries).references
    assert (reference.resolution, reference.target) == (Resolution.RESOLVED, read(entries).entries[1].iri)
    (without,) = read(entries.replace("Holm_1.txt", "")).references
    assert without.resolution is Resolution.AMBIGUOUS


def test_words_and_link_that_differ_are_both_candidates() -> None:
    cell = read('<p>K One (2014). Discussion in cell <a href="dl.php?f=Matrix/Drugs/A1.htm">D3</a>’s bite.</p>')
    (reference,) = cell.references
    assert reference.resolution is Resolution.AMBIGUOUS
    assert set(reference.candidates) == {f"{ID}cell/drug-A1", f"{ID}cell/drug-D3"}


def test_of_the_matrix_of_another_cell_the_link_decides() -> None:
    words = 'cell <a href="dl.php?f=Matrix/Alcohol/D3.htm">D3</a>'
    cell = read(f"<p>K One (2014). See {words} and cell C1 of the Alcohol Treatment Matrix.</p>")
    assert [reference.target for reference in cell.references] == [f"{ID}cell/alcohol-D3", f"{ID}cell/alcohol-C1"]
    cell = read(f"<p>K One (2014). Discussion in {words}’s bite.</p>")
    assert [reference.target for reference in cell.references] == [f"{ID}cell/alcohol-D3"]


def test_a_script_link_leads_to_the_element_that_it_names() -> None:
    cell = read(
        """<p>K One (2014). Related review <a href="javascript:Highlight('two')">below</a>, and"""
        """ two sums (<a href="javascript:Highlight('two')">1</a> <a href="javascript:Go('x', 1)">2</a>).</p>"""
        "<p>R Three (2015). N.</p><p id='two'>R Two (2016). N.</p>"
    )
    targets = [reference.target and reference.target == cell.entries[2].iri for reference in cell.references]
    assert targets == [True, True, None]


def test_what_unfolds_in_the_commentary_is_a_supplement() -> None:
    more = "<div hidden><p>First of two.</p><p>Discussed in cell A1’s bite.</p></div><p>Who gains? All do.</p>"
    cell = read("<p>K One (2014).</p>", after=BITE.replace('<p id="gain">Who gains? All of them do.</p>', more))
    names = [(section.name, len(section.paragraphs)) for section in cell.page.sections]
    assert names == [("about", 1), ("issues", 0), ("issue-1", 1), ("supplement-1", 2), ("issue-2", 1)]
    assert [reference.source for reference in cell.references] == [f"{ID}section/drug-C2/supplement-1"]


def test_what_unfolds_under_an_entry_belongs_to_it() -> None:
    cell = read(
        '<p>K One (2014). Short.</p><div style="display:none">See also a review (2003).</div><p>K Two (2015).</p>'
    )
    assert [entry.entry.position for entry in cell.entries] == [1, 2]
    assert [reference.source for reference in cell.references] == [cell.entries[0].iri]
    assert cell.page.not_understood() == []


def test_hover_notes_are_words_and_kept_only_where_asked_for() -> None:
    cell = read('<p>K <a href="x?f=A_1.txt" title="Ten clinics">One</a> (2014).</p>')
    for with_text in (False, True):
        notes = [
            triple.object
            for triple in triples(cell, load(), with_text=with_text)
            if triple.predicate.value == f"{SKOS}note"
        ]
        assert notes == ([Literal("Ten clinics", language="en")] if with_text else [])


def test_a_search_keeps_its_address() -> None:
    words = "Search for all relevant Effectiveness Bank analyses"
    cell = read(f'<p>K One (2014).</p><p>more <a href="https://bank.example/s?q=1">{words}</a>.</p>')
    (reference,) = cell.references
    assert (reference.resolution, reference.target) == (Resolution.RESOLVED, "https://bank.example/s?q=1")


def test_an_address_that_is_no_iri_leads_nowhere() -> None:
    words = "Search for all relevant Effectiveness Bank analyses"
    for href in ("https://[bank.example/", "https://bank.example/%zz", "https://bank.example/a b", "mailto:a@b"):
        (reference,) = read(f'<p>K One (2014).</p><p>more <a href="{href}">{words}</a>.</p>').references
        assert (reference.resolution, reference.target) == (Resolution.DANGLING, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: source("<div>" * 100_000 + "x"), "nested too deeply"),
        (lambda: source("<script>x</script>"), "no text"),
        (lambda: decode(b"<html>", "page.html"), "no text"),
    ],
)
def test_broken_pages_get_a_clear_error(make: Callable[[], Source], message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        make()


def test_what_unfolds_within_a_line_leaves_the_line_whole() -> None:
    cell = read(
        '<p>K One (2014). Short <span style="display:none">and (2003) sweet</span> it was. Related review below.</p>'
        "<p>R Two (2015).</p>"
    )
    assert [str(reference.phrase.kind) for reference in cell.references] == ["inline", "related"]


def test_what_follows_an_unfolded_block_belongs_to_its_entry() -> None:
    entry = "<p>K One (2014). Short.<div hidden>More.</div>Related review below.</p>"
    cell = read(f"{entry}<p>Stray.</p><p>R Two (2015). It.</p>")
    assert [reference.target for reference in cell.references] == [cell.entries[1].iri]
    assert [cell.page.source.slice(span) for span in cell.page.not_understood()] == ["Stray."]


def test_a_tag_may_have_a_cell_of_a_table_to_itself() -> None:
    cell = read("<table><tr><td>S<td>One (2014). Short.<tr><td>K R<td>Two (2015). Long.</table>")
    assert [entry.entry.markers for entry in cell.entries] == [("S",), ("K", "R")]
    assert not cell.page.not_understood()


def test_a_link_may_hold_more_words_than_the_phrase() -> None:
    cell = read(
        '<p id="a">K One (2014).</p><p>K Two (2015).</p><p>R Three (2016).</p>',
        after=BITE.replace(
            "Who gains? All of them do.", 'Who gains? A <a href="#a">tiny study listed above</a> asked.'
        ),
    )
    assert [reference.target for reference in cell.references] == [cell.entries[0].iri]


def test_every_number_of_a_see_also_is_one_document() -> None:
    cell = read(
        '<p>K One (2014). See also reviews (<a href="dl.php?f=A_1.txt">1</a> <a href="dl.php?f=B_2.txt">2</a>).</p>'
    )
    assert [mention.bank_key for mention in cell.mentioned.values()] == ["A_1", "B_2"]


def test_bold_words_are_headings_where_the_fixed_headings_are_bold() -> None:
    bite = (
        "<div><p>Close Matrix Bite guide and commentary</p><p><b>What is this cell about?</b> All.</p>"
        "<p><b>Issues to consider and discuss</b></p><h4>Rest or play</h4><p>Who can tell? Nobody.</p>"
        "<p><strong>Silent nights</strong> <i>Few</i> sleep.</p><p>Close Matrix Bite guide and commentary</p></div>"
    )
    page = read("<p>K One (2014).</p>", after=bite).page
    headings = [page.source.slice(section.heading) for section in page.sections if section.role == "issue"]
    assert headings == ["Rest or play", "Silent nights"]


@pytest.mark.parametrize(
    "attributes",
    [
        " ".join(f'a{number}="x"' for number in range(50_000)),
        " ".join(f"a{number}" for number in range(50_000)),
        "/".join(f"a{number}='>'" for number in range(50_000)),
        "\n".join(f"a{number} = >"[:-2] + "y" for number in range(50_000)),
    ],
)
def test_an_element_with_very_many_attributes_is_refused_at_once(attributes: str) -> None:
    started = time.process_time()
    with pytest.raises(UnreadableError) as caught:
        read_html(f"<html><body>\n<p {attributes}>words</p>", "page.html")
    assert (caught.value.line, caught.value.message[:44]) == (2, "an element with more than 128 attributes, wh")
    assert time.process_time() - started < 2


def test_comments_before_a_page_take_no_time() -> None:
    started = time.process_time()
    assert decode(b"<!-- -->" * 400 + b" words", "page.txt").text.endswith(" words")
    assert decode(b"<!-- a -->" * 40 + b"<html><body>words", "page.txt").text == "words\n"
    assert time.process_time() - started < 2


def test_entities_of_a_page_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12))
    markup = f'<!DOCTYPE html [<!ENTITY a0 "lol">{entities}]>\n<html><body>words &a11; &eacute;</body></html>'
    text = read_html(markup, "page.html").text
    assert len(text) < len(markup)
    assert "words" in text
    assert "é" in text
