from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evgraph.errors import UnreadableError
from evgraph.pages.decoding import decode, read
from evgraph.pages.source import MAX_BYTES, Source, Span, collapse_spaces

if TYPE_CHECKING:
    from pathlib import Path

ODD = "‘a’ “b” – — ‑ \u00a0 \u2009 \t ‚Äô ‚Äú â€™ ¬† Â\u00a0 ´x` …\ufeff"


def test_utf8_without_and_with_a_byte_order_mark_is_the_same_text() -> None:
    plain, marked = decode("café\n".encode(), "p"), decode(b"\xef\xbb\xbf" + "café\n".encode(), "p")
    assert plain.text == marked.text == "café\n"
    assert plain.hash == marked.hash
    assert plain.notice is None


def test_crlf_becomes_lf_and_nothing_else_changes() -> None:
    assert decode(b"one \r\n\r\n two\t\xc2\xa0\r\n", "p").text == "one \n\n two\t\u00a0\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_with_its_mark(encoding: str) -> None:
    mark = {"utf-16": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
    assert decode(mark + "‘K’ 1\n".encode(encoding), "p").text == "‘K’ 1\n"


def test_windows_1252_is_read_with_a_notice_that_names_the_line() -> None:
    source = decode(b"plain\nbite\x92s \x96 end\n", "p")
    assert source.text == "plain\nbite’s – end\n"
    assert source.notice == "line 2 is not UTF-8; the page was read as Windows-1252"


def test_mac_roman_is_recognised_by_its_quotes() -> None:
    source = decode("bite’s ‘x’ – end\n".encode("mac-roman"), "p")
    assert source.text == "bite’s ‘x’ – end\n"
    assert source.notice == "line 1 is not UTF-8; the page was read as Mac Roman"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_page_cut_within_a_character_loses_only_that_character(encoding: str) -> None:
    source = decode("bite’s end ’".encode(encoding)[:-1], "p")
    assert source.text == "bite’s end "
    assert source.notice == "the page is cut off within a character"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "p: the page is empty"),
        (b" \r\n\t\xc2\xa0\n", "p: the page is empty"),
        (b"\xef\xbb\xbf", "p: the page is empty"),
        (b"one\ntwo\0\n", "p:2: not text: it holds a null byte\n  save the web page as text"),
        (b"\xff\xfe\x00\xd8\x00\x00", "p: not text: it starts like UTF-16, but is not UTF-16"),
        ("\ufeffa\n\0".encode("utf-16-le"), "p:2: not text: it holds a null byte\n  save the web page as text"),
    ],
)
def test_bytes_that_are_not_text_are_an_error(raw: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(raw, "p")
    assert str(caught.value) == message


def test_hash_is_sha256_over_the_text() -> None:
    source = Source("p", "bite’s\n")
    assert source.sha256 == hashlib.sha256("bite’s\n".encode()).hexdigest()
    assert source.hash == source.sha256[:16]


def test_lines_are_trimmed_and_blank_ones_left_out() -> None:
    source = Source("p", " \u00a0one \n\n\t\n\ufefftwo\n  ")
    assert [source.slice(line) for line in source.lines] == ["one", "two"]


def test_a_line_number_for_every_offset() -> None:
    source = Source("p", "a\n\nbc\nd\re")
    text = source.text
    assert [source.line_of(text.index(letter)) for letter in "abcde"] == [1, 3, 3, 4, 5]
    assert source.line_of(1) == 1
    assert source.line_of(len(text)) == 5


def test_folded_text_makes_odd_characters_plain_at_their_old_offsets() -> None:
    source = Source("p", ODD)
    assert len(source.folded) == len(ODD)
    assert source.folded.startswith("'a' \"b\" - - -")
    assert "'''" in source.folded
    assert not set("‘’“”–—‑\u00a0\u2009\t‚Ä¬Ââ€") & set(source.folded)


@given(st.text(alphabet=st.sampled_from(ODD + "ab \n"), max_size=60))
def test_folding_never_changes_a_length(text: str) -> None:
    assert len(Source("p", text).folded) == len(text)


@given(st.text(alphabet=st.characters(exclude_characters="\r"), max_size=80))
def test_lines_cover_all_text_and_have_the_right_numbers(text: str) -> None:
    source = Source("p", text)
    for line in source.lines:
        assert source.text.count("\n", 0, line.start) + 1 == source.line_of(line.start)
    seen = " ".join(source.folded[line.start : line.end] for line in source.lines)
    assert seen.split() == source.folded.split()


def test_read_tells_a_missing_file_a_folder_and_a_giant(tmp_path: Path) -> None:
    giant = tmp_path / "giant.txt"
    with giant.open("wb") as out:
        out.truncate(MAX_BYTES + 1)
    for path, message in (
        (tmp_path / "none.txt", "no such page"),
        (tmp_path, "a folder, not a page"),
        (giant, "larger than 4 MB, the most that evgraph reads here"),
        (tmp_path / "a\0b", "cannot be read"),
    ):
        with pytest.raises(UnreadableError) as caught:
            read(path)
        assert caught.value.message.startswith(message)
        assert caught.value.path == str(path)


def test_read_names_the_file_and_slices(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_bytes(b"\xef\xbb\xbfone two")
    source = read(page)
    assert source.path == str(page)
    assert source.slice(Span(4, 7)) == "two"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"PK\x03\x04\x14\0\0\0page.txt", "a zip archive or an office document"),
        (b"%PDF-1.4\n1 0 obj", "a PDF file"),
        (b"{\\rtf1\\ansi Words}", "rich text"),
    ],
)
def test_what_is_no_text_is_named(raw: bytes, kind: str) -> None:
    with pytest.raises(UnreadableError, match=f"^p: not text but {kind}\n  save the web page as text$"):
        decode(raw, "p")


_TEXTS = st.text("ab .\u00a0\t\n’", max_size=40)


def test_runs_of_spaces_become_one_space() -> None:
    collapsed, offsets = collapse_spaces(Source("p", "See  the\u00a0 \t study   below."))
    assert collapsed.text == "See the study below."
    assert [offsets[4], offsets[8]] == [5, 12]


@given(_TEXTS)
def test_characters_keep_their_original_offsets(text: str) -> None:
    page = Source("p", text)
    collapsed, offsets = collapse_spaces(page)
    assert collapsed.folded == re.sub("  +", " ", page.folded)
    assert len(offsets) == len(collapsed.text)
    assert "".join(page.folded[offset] for offset in offsets) == collapsed.folded
    assert all(page.folded[offset + 1 : offset + 2] != " " for offset in offsets if page.folded[offset] == " ")
