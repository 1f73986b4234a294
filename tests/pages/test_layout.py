from __future__ import annotations

import pytest
from tests.pages.made import (
    CLOSE,
    EXAMPLES,
    FOLDED,
    LEGEND,
    LINKS,
    accounts_for_every_line,
    lines_without_part,
    page_text,
    read,
    title,
)

from evgraph.errors import Hint, UnreadableError, UsageError
from evgraph.pages.decoding import read as read_source
from evgraph.pages.layout import MAX_ENTRIES, MAX_LINES
from evgraph.pages.page import Imprint, Support
from evgraph.pages.topics import split_topics

ENTRY = "K Weekly supervision (2014). Randomised trial in eleven clinics."


def part_of(line: str) -> str | None:
    """Return the part of the page that a line is, between title and list."""
    page = read("\n".join([title(), line, LEGEND, ENTRY]))
    assert accounts_for_every_line(page)
    return page.parts[page.source.lines[1]]


def supporters(*lines: str) -> list[tuple[str, str]]:
    page = read("\n\n".join([*lines, title(), LEGEND, ENTRY]))
    assert lines_without_part(page) == []
    return [(support.role, support.name) for support in page.supports]


# The cell.


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("Drug Treatment Matrix cell E4: Treatment systems; Psychosocial therapies", "drug-E4"),
        ("Alcohol Matrix cell A1: Interventions; Screening and brief intervention", "alcohol-A1"),
        ("Effectiveness Bank Drug Matrix cell B3: Practitioners; Medical treatment", "drug-B3"),
        ("Drug Treatment Matrix cell D5: Organisational functioning: Safeguarding the community", "drug-D5"),
        ("Drug Treatment Matrix cell E1: Local and national systems; Reducing harm", "drug-E1"),
        ("alcohol treatment matrix cell c2; Management/supervision; Generic and cross-cutting issues", "alcohol-C2"),
        ("Drug Treatment Matrix cell E4 Matrix cell logo", "drug-E4"),
        ("Effectiveness bank home page. Opens new window Drug Treatment Matrix cell E4 Matrix cell logo", "drug-E4"),
        ("Send email for updates Matrix cell Alcohol Matrix cell B2: Practitioners; Medical treatment", "alcohol-B2"),
        ("cell A1: Interventions; Reducing harm", "drug-A1"),
        ("Matrix cell A1\n\nInterventions; Screening and brief intervention", "alcohol-A1"),
        ("Cell B1\n\nPractitioners\n\nReducing harm", "drug-B1"),
    ],
)  # fmt: skip
def test_the_cell_is_named(line: str, cell: str) -> None:
    page = read("\n\n".join(["Alcohol Treatment Matrix", "Drug Treatment Matrix", line, LEGEND, LINKS, ENTRY]))
    assert page.cell == cell
    assert lines_without_part(page) == []


def test_the_title_may_follow_the_legend() -> None:
    page = read("\n\n".join(["Title and link for copying", LEGEND, LINKS, title("Alcohol"), ENTRY, FOLDED]))
    assert page.title == title("Alcohol")
    assert [entry.position for entry in page.entries] == [1]
    assert lines_without_part(page) == []


def test_without_a_title_line_the_page_is_called_by_its_cell() -> None:
    assert read(f"Drug Matrix cell E4 Matrix cell logo\n\n{ENTRY}").title == "Drug Treatment Matrix cell E4"


NAMELESS = "\n\n".join(["Alcohol Treatment Matrix", "Drug Treatment Matrix", LEGEND, LINKS, ENTRY])


@pytest.mark.parametrize("text", [NAMELESS, f"cell E4: Treatment systems; Psychosocial therapies\n\n{NAMELESS}"])
def test_a_page_that_does_not_say_which_cell_it_is(text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(text)
    assert caught.value.message == "the page does not say which cell it is"
    assert (caught.value.path, caught.value.hint) == ("page.txt", Hint.NAME_CELL)
    assert read(text, "alcohol:e4").cell == "alcohol-E4"


@pytest.mark.parametrize("cell", ["E4", "drug:F1", "drug", "", "drug:E44"])
def test_invalid_cells(cell: str) -> None:
    with pytest.raises(UsageError, match="is not a cell"):
        read(title(), cell)


@pytest.mark.parametrize(
    ("text", "says"),
    [(title("Drug", "C2"), "drug:C2"), ("Matrix cell C2: Interventions; Medical treatment", "cell C2")],
)
def test_a_page_that_names_another_cell(text: str, says: str) -> None:
    text += f"\n\n{ENTRY}"
    with pytest.raises(UsageError, match=f"the page says that it is {says}, not drug:E4"):
        read(text, "drug:E4")
    assert read(text, "drug:C2").cell == "drug-C2"


# The header.


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (LEGEND, "legend"),
        ("S Seminal studies K Key studies R Reviews G Guidance more Search for more studies", "legend"),
        ("S Seminal studies", "legend"),
        ("K Key studies", "legend"),
        ("more Search for more studies", "legend"),
        (LINKS, "links"),
        ("Links to other documents. Hover over for notes.", "links"),
        ("Comment/query", "header"),
        ("Comment/query to editor Drug Matrix Alcohol Matrix", "header"),
        ("Send email for updates", "header"),
        ("Copy title and link", "header"),
        ("Title and link for copying Comment/query to editor Drug Matrix Alcohol Matrix", "header"),
        ("Effectiveness Bank Alcohol Treatment Matrix", "header"),
        ("Includes harm reduction", "header"),
        ("Articles, slides, and video", "header"),
        ("Effectiveness bank home page. Opens new window Matrix cell", "header"),
        ("Effectiveness bank home page. Opens new windowMatrix cell", "header"),
        (
            "Copy title and link | Comment/query | Drug Treatment Matrix | Alcohol Treatment Matrix | Get updates |",
            "header",
        ),
        ("One of 25 cells in the Drug Treatment Matrix Matrix cell logo", "header"),
        ("See the rest of row 1 of the matrix", "header"),
        ("Management/supervision; Generic and cross-cutting issues", "title"),
        ("Reducing harm", "title"),
        ("Asks whether supervision changes what clients gain. “Who pays?” Who should?", "intro"),
        ("It asks who should pay. See the rest of row 1 of the matrix.", "intro"),
        ("The site is down", None),
        ("Effectiveness", None),
        ("Alcohol Treatment Matrixes", None),
    ],
)
def test_each_line_of_the_header_is_known_by_its_words(line: str, part: str | None) -> None:
    assert part_of(line) == part


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Funded by", "Example Trust web site", "Example Trust"], [("funded", "Example Trust")]),
        (["Funded by", "Example Trust web site. Opens new window"], [("funded", "Example Trust")]),
        (["Funded by Example Trust web site"], [("funded", "Example Trust")]),
        (["2020/21 update funded by", "Trust for X web site"], [("funded", "Trust for X")]),
        (["2019 update funded by Trust web site"], [("funded", "Trust")]),
        (["Previously also funded by", "Old Trust web site"], [("previously-funded", "Old Trust")]),
        (["Previously funded by: Old Trust web site"], [("previously-funded", "Old Trust")]),
        (["Supported by One Trust web site The Second web site. Opens new window"],
         [("supported", "One Trust"), ("supported", "The Second")]),
        (["Developed with", "Harbour Forum web site. Opens new window"], [("developed-with", "Harbour Forum")]),
        (["Funded by One web site Developed with Two web site"], [("funded", "One"), ("developed-with", "Two")]),
        (["Supported by One web site Title and link for copying Comment/query"], [("supported", "One")]),
        (["Send email for updates Supported by One web site"], [("supported", "One")]),
        (["Funded by", "Developed with", "Two web site"], [("developed-with", "Two")]),
        (["Supported by One web site. Opens a new window  Two web site. Opens in a new window"],
         [("supported", "One"), ("supported", "Two")]),
        (["Funded by", "web site. Opens new window"], []),
        (["Funded by", "One\u00a0web site", "One", "Alcohol Treatment Matrix", "Includes brief interventions"],
         [("funded", "One")]),
        (["Funded by", "One web site", "Developed with", "One web site"],
         [("funded", "One"), ("developed-with", "One")]),
    ],
)  # fmt: skip
def test_who_funded_supported_and_developed(lines: list[str], expected: list[tuple[str, str]]) -> None:
    assert supporters(*lines) == expected


def test_another_part_of_the_page_ends_the_names_of_a_role() -> None:
    page = read("\n\n".join(["Funded by", "One web site", "Comment/query", "Second Trust", title(), ENTRY]))
    assert page.supports == [Support("One", "funded")]
    assert lines_without_part(page) == ["Second Trust"]


def test_the_introduction_is_a_section() -> None:
    page = read(
        "\n\n".join([title(), "It asks “who pays?” and why they do.", "Here is a second paragraph of it.", ENTRY])
    )
    (intro,) = page.sections
    assert (intro.name, intro.role) == ("intro", "intro")
    assert [page.source.slice(paragraph) for paragraph in intro.paragraphs] == [
        "It asks “who pays?” and why they do.",
        "Here is a second paragraph of it.",
    ]
    assert intro.heading.start == intro.heading.end


# The entries.


def entry_of(line: str) -> tuple[tuple[str, ...], str, Imprint, str]:
    page = read(page_text(line))
    (entry,) = page.entries
    assert lines_without_part(page) == []
    return entry.markers, page.source.slice(entry.headline), entry.imprint, page.source.slice(entry.body)


@pytest.mark.parametrize(
    ("line", "markers", "headline", "stated", "body"),
    [
        ("S First test (1979). Thirty staff.", "S", "First test", Imprint("1979"), "Thirty staff."),
        ("S G Both at once (1979). Thirty.", "SG", "Both at once", Imprint("1979"), "Thirty."),
        ("K R Both at once (1979). Thirty.", "KR", "Both at once", Imprint("1979"), "Thirty."),
        ("A lost tag (1979). Thirty.", "", "A lost tag", Imprint("1979"), "Thirty."),
        ("K No stop by the date (1979) Thirty staff.", "K", "No stop by the date", Imprint("1979"), "Thirty staff."),
        ("K No stop at the end (1979). Thirty staff", "K", "No stop at the end", Imprint("1979"), "Thirty staff"),
        ("K No body (1979).", "K", "No body", Imprint("1979"), ""),
        ("K No body, no stop (1979)", "K", "No body, no stop", Imprint("1979"), ""),
        ("R Ways to (after)care: 5% in 2020? (2011).", "R", "Ways to (after)care: 5% in 2020?", Imprint("2011"), ""),
        ("R Words fusedtogether (2003 and 2004).Body.", "R", "Words fusedtogether", Imprint("2003 and 2004"), "Body."),
        ("G Advice ([UK] Harbour Forum [HF], 2007; free source at time of writing). In Wales (1999) it held.", "G",
         "Advice", Imprint("2007", "Harbour Forum [HF]", "UK", "free source at time of writing"),
         "In Wales (1999) it held."),
        ("K\u00a0 Spaces of all sorts\u00a0 (2012).\u00a0 Body.", "K", "Spaces of all sorts", Imprint("2012"), "Body."),
        ("K&G: Marks of all sorts (2012): body (1999), on.", "KG", "Marks of all sorts", Imprint("2012"),
         "body (1999), on."),
        ("K A comma (2012), and a body. In Wales (1999). More.", "K", "A comma", Imprint("2012"),
         "and a body. In Wales (1999). More."),
        ("K After (2001): a study (2012). Body.", "K", "After (2001): a study", Imprint("2012"), "Body."),
        ("KSpaces lost (2012). Body.", "K", "Spaces lost", Imprint("2012"), "Body."),
        ("GPs ask (2012). Body.", "", "GPs ask", Imprint("2012"), "Body."),
        ("S SMART aims (2012). Body.", "S", "SMART aims", Imprint("2012"), "Body."),
        ("K A headline on\ntwo lines (2012). Body.", "K", "A headline on\ntwo lines", Imprint("2012"), "Body."),
        ("S\nStudy on two lines (2012). Body.", "S", "Study on two lines", Imprint("2012"), "Body."),
        ("K 0% against 100% (1981). Body.", "K", "0% against 100%", Imprint("1981"), "Body."),
    ],
)  # fmt: skip
def test_entry_lines(line: str, markers: str, headline: str, stated: Imprint, body: str) -> None:
    assert entry_of(line) == (tuple(markers), headline, stated, body)


def test_positions_run_over_the_whole_list_in_the_order_of_the_page() -> None:
    page = read(page_text("S One (1979). B.", "G Two (2001). B.", "Three (2002). B."))
    assert [(entry.position, "".join(entry.markers)) for entry in page.entries] == [(1, "S"), (2, "G"), (3, "")]


def test_entries_parted_by_a_single_newline() -> None:
    page = read("\n".join([title(), LEGEND, "S One (1979). B.", "K Two (2001). B.", "more Search for all analyses."]))
    assert len(page.entries) == 2
    assert lines_without_part(page) == []


def test_the_first_tag_may_be_lost_below_the_legend() -> None:
    page = read("\n\n".join([title(), LEGEND, LINKS, "A lost tag (1979). Body.", ENTRY]))
    assert [entry.markers for entry in page.entries] == [(), ("K",)]
    page = read("\n\n".join([LEGEND, LINKS, title(), "A lost tag (1979). Body.", "Another lost tag (1980). Body."]))
    assert [entry.markers for entry in page.entries] == [(), ()]


def test_a_lost_tag_between_two_of_one_kind_is_inferred() -> None:
    lines = ["K One (1979). N.", "Two (1980). N.", "K R Three (1981). N.", "Four (1982). N.", "Five (1983). N."]
    page = read(
        "\n\n".join([title(), LEGEND, LINKS, *lines, "R Six (1984). N.", "Seven (1985). N.", "G Eight (1986). N."])
    )
    assert [entry.inferred_marker for entry in page.entries] == [None, "K", None, None, None, None, None, None]
    assert [entry.kinds_marked for entry in page.entries[:3]] == [("K",), ("K",), ("K", "R")]


def test_a_headline_may_date_several_documents() -> None:
    line = (
        "K Done in wards (2013), on buses (2014) or at home (2015), a talk does as well. Three trials. See also (2010)."
    )
    entry = read("\n\n".join([title(), LEGEND, LINKS, line])).entries[0]
    assert (entry.imprint.date, [other.date for other in entry.other_imprints]) == ("2013", ["2014", "2015"])
    source = read("\n\n".join([title(), LEGEND, LINKS, line])).source
    assert (
        source.slice(entry.headline) == "Done in wards (2013), on buses (2014) or at home (2015), a talk does as well"
    )
    assert source.slice(entry.body) == "Three trials. See also (2010)."


@pytest.mark.parametrize("words", ["Free source at the time of writing", "Alternative free source at time of writing"])
@pytest.mark.parametrize("mark", [". ", " ", " – "])
def test_a_note_may_stand_behind_the_parenthesis(words: str, mark: str) -> None:
    page = read("\n\n".join([title(), LEGEND, LINKS, f"K One (2010){mark}{words}. It held."]))
    (entry,) = page.entries
    assert (entry.imprint.note, page.source.slice(entry.body)) == (words, "It held.")


@pytest.mark.parametrize(
    "line",
    [
        "K A headline without a date. And a body.",
        "K A headline cut off (20",
        "K (2012). Body without a headline.",
        "Prose that has lost its way. It ends with a year (2012). And goes on.",
        "Loose words",
    ],
)
def test_a_line_of_the_list_that_is_no_entry_is_listed(line: str) -> None:
    page = read(page_text(ENTRY, line, "R Last (2016). Body."))
    assert lines_without_part(page) == [line]
    assert len(page.entries) == 2


@pytest.mark.parametrize("cell", [None, "drug:C2"])
@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([title(), LEGEND, LINKS, "more Search for all relevant analyses.", FOLDED],
         "no line of it is an entry that starts with S, K, R or G"),
        (["STUDY 2011 PDF file", "Wages and rounds", title(), "REVIEW 2009 HTM file", "What the wards say (2009)."],
         "it looks like the results of a search, a mailing or a list of documents"),
        (["Hot topic: pay and rations", "Why it matters. Pay is low (2012)."], "it looks like a hot topic"),
        (["Wages and ward rounds", "DOI: 10.1000/1", "Summary The wards were paid (2011)."],
         "it looks like an analysis of one document"),
        (["Drug Treatment Matrix row 2", "Cells A2 B2 C2 D2 E2", "All."], "it looks like a row of a matrix"),
        (["The whole matrix", "A1 B1 C1 D1 E1", "A2 B2 C2 D2 E2"], "it looks like the index of a matrix"),
        ([title(), ENTRY, "Alcohol Treatment Matrix cell D3: Organisational functioning; Medical treatment", ENTRY],
         "it looks like a page about several cells"),
    ],
)  # fmt: skip
def test_a_page_that_is_not_that_of_a_cell(lines: list[str], kind: str, cell: str | None) -> None:
    with pytest.raises(UnreadableError) as caught:
        read("\n\n".join(lines), cell)
    assert caught.value.message == f"this is not the page of a cell: {kind}"


# The trailer.


def test_a_body_may_have_a_line_of_its_own() -> None:
    page = read(
        page_text("K One (2011).", "Related study below.", "Loose words.", "K Two (2012). Body.", "Loose words.")
    )
    assert [page.source.slice(entry.body) for entry in page.entries] == ["Related study below.", "Body."]
    assert lines_without_part(page) == ["Loose words.", "Loose words."]


def test_the_first_tag_may_have_a_line_of_its_own() -> None:
    page = read("\n".join([title(), LEGEND, LINKS, "S", "One (2011). Body.", "K, R", "Two (2012). Body.", "more"]))
    assert [entry.markers for entry in page.entries] == [("S",), ("K", "R")]
    assert lines_without_part(page) == []


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ("pay and rent", ["pay", "rent"]),
        ("pay and rations and rent", None),
        ("supervision, pay and rations and rent", ["supervision", "pay and rations", "rent"]),
        ("supervision, and pay and rations", ["supervision", "pay and rations"]),
        ("supervision", ["supervision"]),
        ("A, B and C", ["A", "B", "C"]),
        ("A, B, and C", ["A", "B", "C"]),
        ("pay and rations, rent and rotas", ["pay and rations", "rent", "rotas"]),
        ("A and on B services", ["A", "B services"]),
        ("A and B, and on C, on D", ["A and B", "C", "D"]),
        ("A and on B, C and D", ["A", "B", "C", "D"]),
    ],
)
def test_hot_topics(words: str, topics: list[str] | None) -> None:
    assert split_topics(words, several=True) == topics


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ("pay and rations", ["pay and rations"]),
        ("pay and rations and rent", ["pay and rations", "rent"]),
        ("rent and pay and rations", ["rent", "pay and rations"]),
        ("rent, pay and rations and rotas", ["rent", "pay and rations", "rotas"]),
        ("pay and rations, rent and rotas", ["pay and rations", "rent", "rotas"]),
        ("rent and rotas", ["rent", "rotas"]),
    ],
)
def test_known_topics_are_found_whole(words: str, topics: list[str]) -> None:
    known = {"pay and rations", "rotas"}
    assert split_topics(words, several=True, is_known=known.__contains__) == topics


def test_one_hot_topic_has_an_and_of_its_own() -> None:
    assert split_topics("pay and rations", several=False) == ["pay and rations"]
    lines = ["See also hot topic on pay and rations.", "See also hot topics on pay and rations and rent."]
    page = read("\n".join([title(), LEGEND, ENTRY, *lines, FOLDED]))
    assert page.topics == ["pay and rations"]
    assert lines_without_part(page) == [lines[1]]


@pytest.mark.parametrize(
    ("lines", "searches", "topics"),
    [
        (
            ["more Search for all relevant Example Bank analyses or search more specifically at the subject search"
             " page. See also hot topics on supervision and on pay."],
            ["Search for all relevant Example Bank analyses", "search more specifically at the subject search page"],
            ["supervision", "pay"],
        ),
        (
            ["more This search retrieves all relevant analyses.",
             "For subtopics go to the subject search page and hot topic on supervision."],
            ["This search retrieves all relevant analyses", "go to the subject search page"],
            ["supervision"],
        ),
        (["See also hot topics on supervision, pay and rotas."], [], ["supervision", "pay", "rotas"]),
    ],
)  # fmt: skip
def test_trailers(lines: list[str], searches: list[str], topics: list[str]) -> None:
    page = read("\n".join([title(), LEGEND, ENTRY, *lines, FOLDED]))
    assert [page.source.slice(span) for span in page.searches] == searches
    assert page.topics == topics
    assert len(page.trailer) == len(lines)
    assert lines_without_part(page) == []


# The commentary's edges.


def test_a_folded_commentary_names_who_funded_it() -> None:
    page = read(f"{title()}\n\n{ENTRY}\n\n{FOLDED}. First ‘bites’ funded by Example Trust web site. Opens new window")
    assert page.supports == [Support("Example Trust", "funded")]
    assert not page.has_commentary
    assert lines_without_part(page) == []


def test_an_open_commentary_and_what_follows_it() -> None:
    bite = "What is this cell about? Everything.\n\nIt goes on."
    page = read(page_text(ENTRY, bite=bite) + "\n\nComment/query\n\nLast revised in May.")
    assert [section.name for section in page.sections] == ["about"]
    assert len(page.sections[0].paragraphs) == 2
    assert lines_without_part(page) == ["Last revised in May."]
    assert accounts_for_every_line(page)


def test_a_commentary_whose_edges_are_lost() -> None:
    page = read(f"{title()}\n\n{ENTRY}\n\nWhat is this cell about? Everything.\n\nIt goes on.")
    assert page.has_commentary
    assert lines_without_part(page) == []


def test_loose_lines_where_the_commentary_should_be() -> None:
    page = read(page_text(ENTRY) + "\n\nA line that nobody knows.\n\n" + LINKS)
    assert lines_without_part(page) == ["A line that nobody knows."]
    assert not page.has_commentary


# Whole pages.


@pytest.mark.parametrize("name", ["alcohol-c2", "drug-c2"])
@pytest.mark.parametrize("broken", ["as it is", "blank lines collapsed", "no-break spaces", "mojibake", "windows"])
def test_the_example_pages_are_read_whole(name: str, broken: str) -> None:
    text = read_source(EXAMPLES / "pages" / f"{name}.txt").text
    if broken == "blank lines collapsed":
        text = "\n".join(line for line in text.split("\n") if line.strip())
    elif broken == "no-break spaces":
        text = text.replace(". ", ".\u00a0 ")
    elif broken == "mojibake":
        text = text.replace("’", "‚Äô").replace("–", "‚Äì")
    elif broken == "windows":
        text = text.replace("’", "'").replace("\n", "\n ")
    page = read(text)
    assert lines_without_part(page) == []
    assert accounts_for_every_line(page)
    assert page.cell == name.replace("c2", "C2")
    markers = "".join("".join(entry.markers) for entry in page.entries)
    years = [entry.imprint.years[0] for entry in page.entries]
    issues = [section.name for section in page.sections if section.role == "issue"]
    if name == "alcohol-c2":
        assert (markers, years) == ("KKRG", [2014, 2018, 2006, 2001])
        assert [(support.role, support.name) for support in page.supports] == [
            ("supported", "Example Trust"),
            ("supported", "Harbour Forum"),
        ]
        assert page.topics == ["supervision", "commissioning services"]
        assert issues == ["issue-1", "issue-2", "issue-3"]
    else:
        assert (markers, years) == ("SKKRGGG", [1979, 2014, 2009, 2016, 2012, 2013, 2001])
        assert [(support.role, support.name) for support in page.supports] == [
            ("funded", "Example Trust"),
            ("developed-with", "Harbour Forum"),
        ]
        assert page.topics == ["supervision", "pay and conditions", "commissioning"]
        assert [section.name for section in page.sections] == ["intro"]


# More than any page has.


def test_too_many_entries_and_too_many_lines_are_errors() -> None:
    many = [f"K Headline {n} (2012). Body." for n in range(MAX_ENTRIES + 1)]
    with pytest.raises(UnreadableError, match=f"page.txt:{MAX_ENTRIES + 2}: more than {MAX_ENTRIES} entries"):
        read("\n".join([title(), *many]))
    with pytest.raises(UnreadableError, match=f"more than {MAX_LINES} lines"):
        read("\n".join([title(), *["x"] * MAX_LINES]))


def test_closing_lines_alone() -> None:
    page = read(f"{title()}\n\n{ENTRY}\n\n{CLOSE}\n\n{CLOSE}")
    assert lines_without_part(page) == []
