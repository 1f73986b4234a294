"""Rows for people: tables, lists, Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from tests.render.test_rows import BODY, FOUR, YEAR, rows, written

from evgraph.formats import ROW_FORMATS
from evgraph.render.tables import records, table, table_or_records
from evgraph.store.protocol import Rows
from evgraph.text import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.protocol import Term


def test_markdown_escapes_pipes() -> None:
    assert written("md", rows(BODY[:2])) == (
        "| x | text | n |\n"
        "| --- | --- | ---: |\n"
        "| doc:timko-2007 | plain | 4 |\n"
        '| _:b0 | a "quoted", text over lines and a \\| pipe & \\<tag> |  |\n'
    )


def test_markdown_shows_what_is_there() -> None:
    texts = ["R&D, &amp; &#60; as it stands", "_not_ slanted, a_b", "*not* [a link](http://example.org/)", "`<b>`"]
    assert written("md", rows([(Literal(text),) for text in texts], ["x"])).splitlines()[2:] == [
        r"| R&D, \&amp; \&#60; as it stands |",
        r"| \_not_ slanted, a_b |",
        r"| \*not\* \[a link](http://example.org/) |",
        r"| \`\<b>\` |",
    ]


def test_table() -> None:
    assert written("table", rows([*BODY[:1], (None, Literal("a longer text"), YEAR)])) == (
        "x               text              n\n"
        "--------------  -------------  ----\n"
        "doc:timko-2007  plain             4\n"
        "                a longer text  2007\n"
    )
    assert written("table", rows([])) == "x  text  n\n-  ----  -\n"


def test_a_table_fits_the_terminal() -> None:
    long = Literal("some well chosen words that nobody can read on one line of a small terminal")
    body = [(NamedNode("https://w3id.org/evgraph/id/doc/timko-2007"), long, FOUR)]
    lines = "".join(table(rows(body), 50)).splitlines()
    assert max(map(len, lines)) <= 50
    assert lines[2].startswith("doc:timko-2007  some well chosen words")
    assert lines[2].endswith("  4")
    assert " ".join(line[16:47].strip() for line in lines[2:]) == long.value
    narrow = "".join(table(rows(body), 30)).splitlines()
    assert max(map(len, narrow)) <= 30
    assert len("".join(table(rows(body))).splitlines()) == 3


def test_a_column_stands_straight_whatever_the_script() -> None:
    texts = ["日本語の研究", "plain", "cafe\u0301", "\U0001f642"]
    lines = written("table", rows([(Literal(text), FOUR) for text in texts], ["text", "n"])).splitlines()
    assert lines[1] == "------------  -"
    assert lines[2:] == [
        "日本語の研究  4",
        "plain         4",
        "cafe\u0301          4",
        "\U0001f642            4",
    ]
    for width in (20, 31, 50):
        narrow = "".join(
            table(rows([(Literal("研究の" * 30), FOUR), (Literal("it is " * 9), FOUR)], ["a", "n"]), width)
        )
        assert max(map(columns, narrow.splitlines())) <= width
        assert narrow.count("研") == 30


def test_a_wide_text_comes_late() -> None:
    late = [*((Literal("a"), FOUR) for _ in range(1000)), (Literal("研究"), FOUR)]
    assert "".join(table(rows(late, ["a", "n"]), 80)).splitlines()[-2:] == ["研  4", "究"]


@pytest.mark.parametrize("name", ["table", "md"])
def test_tables_hold_a_thousand_rows_at_a_time(name: str) -> None:
    taken = 0

    def endless() -> Iterator[tuple[Term | None, ...]]:
        nonlocal taken
        while True:
            taken += 1
            yield (FOUR, Literal("short" if taken < 2000 else "much longer than whatever came before"))

    pieces = ROW_FORMATS[name].write(Rows(["n", "text"], endless()))
    lines = [next(pieces) for _ in range(2502)]
    assert taken <= 3000
    assert len(lines[-1]) > len(lines[2])


def test_a_table_drives_no_terminal() -> None:
    assert "a⟨U+001B⟩[31m⟨U+009B⟩ b⟨U+202E⟩" in written("table", rows([(Literal("a\x1b[31m\x9b\nb\u202e"),)], ["x"]))
    assert "\x1b" not in written("md", rows([(Literal("\x1b]0;x\x07"),)], ["x"]))


TEXT = st.text(st.sampled_from("aé-_:/ \u0301研\U0001f642"), max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4), st.integers(1, 60))
def test_no_word_is_broken(texts: list[tuple[str, str]], width: int) -> None:
    body = [tuple(Literal(text) for text in row) for row in texts]
    names = ["first_name", "n"]
    words = sorted(word for text in [*names, *(text for row in texts for text in row)] for word in whole(text))
    wrapped = "".join(table(rows(body, names), width))
    lines = wrapped.splitlines()
    assert sorted(word for line in [lines[0], *lines[2:]] for word in whole(line)) == words
    fits, _ = table_or_records(rows(body, names), width)
    assert fits == (max(map(columns, lines)) <= width or columns(lines[1]) <= width)
    listed = "".join(records(rows(body, names), width))
    values = re.sub(r"^(first_name: |n: {10}|\(no values\)$)", "", listed, flags=re.MULTILINE)
    assert sorted(word for word in whole(values)) == sorted(
        word for row in texts for text in row for word in whole(text)
    )


def whole(text: str) -> list[str]:
    """Return what may not be broken: words, in which each wide character is a word of its own."""
    return re.findall(r"[研\U0001f642]\u0301*|[^\s研\U0001f642]+", text)


def test_headers_curies_and_numbers_are_whole() -> None:
    body = [(NamedNode("https://w3id.org/evgraph/id/doc/nice-2011-guidelines"), Literal("some long words here"), YEAR)]
    assert "".join(table(rows(body, ["guidance", "guidance_label", "trial_year"]), 52)) == (
        "guidance                  guidance_label  trial_year\n"
        "------------------------  --------------  ----------\n"
        "doc:nice-2011-guidelines  some long             2007\n"
        "                          words here\n"
    )
    # Narrower than its words, it is as wide as they need.
    assert "".join(table(rows(body, ["guidance", "guidance_label", "trial_year"]), 20)).splitlines()[1] == (
        "------------------------  --------------  ----------"
    )


@pytest.mark.parametrize(("width", "fits"), [(52, True), (51, False)])
def test_a_list_replaces_a_table_that_does_not_fit(width: int, fits: bool) -> None:
    body = [(NamedNode("https://w3id.org/evgraph/id/doc/nice-2011-guidelines"), Literal("some long words here"), YEAR)]
    names = ["guidance", "guidance_label", "trial_year"]
    is_table, pieces = table_or_records(rows(body, names), width)
    written = table if fits else records
    assert (is_table, "".join(pieces)) == (fits, "".join(written(rows(body, names), width)))


def test_a_list() -> None:
    assert "".join(records(rows(columns=["x", "text", "count"]))) == (
        "x:     doc:timko-2007\n"
        "text:  plain\n"
        "count: 4\n"
        "\n"
        "x:     _:b0\n"
        'text:  a "quoted", text over lines and a | pipe & <tag>\n'
        "\n"
        "count: 2007\n"
        "\n"
        "x:      edge \n"
        "text:  café \U0001f600 \\\n"
        "count: 1.50\n"
    )
    assert "".join(records(rows([]))) == ""
    assert "".join(records(rows([(None,), (FOUR,)], ["n"]))) == "(no values)\n\nn: 4\n"


def test_a_list_has_a_hanging_indent() -> None:
    long = Literal("the words of a value that is longer than a line")
    assert "".join(records(rows([(long, FOUR)], ["headline", "n"]), 34)) == (
        "headline: the words of a value\n          that is longer than a\n          line\nn:        4\n"
    )
    address = f"https://example.org/{'x' * 80}"
    assert "".join(records(rows([(Literal(f"see {address} there"),)], ["text"]), 34)) == (
        f"text: see\n      {address}\n      there\n"
    )
    assert max(map(len, "".join(records(rows([(long,)], ["h" * 40]), 30)).splitlines())) <= 42 + 20


def test_a_list_drives_no_terminal() -> None:
    assert "".join(records(rows([(Literal("a\x1b[31m\nb\u202e"),)], ["x"]))) == "x: a⟨U+001B⟩[31m b⟨U+202E⟩\n"


def test_a_list_is_written_as_rows_come() -> None:
    taken = 0

    def endless() -> Iterator[tuple[Term | None, ...]]:
        nonlocal taken
        while True:
            taken += 1
            yield (FOUR,)

    pieces = records(Rows(["x"], endless()))
    text = ""
    for count, needed in ((1, 1), (2, 3), (4, 7), (1000, 1023)):
        while text.count("x: 4") < count:
            text += next(pieces)
        assert taken <= needed
