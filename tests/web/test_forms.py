"""The fields of forms and of addresses."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evgraph.web.forms import pairs_of
from evgraph.web.problems import HttpError

PARTS = st.sampled_from(
    [
        b"%",
        b"=",
        b"&",
        b"+",
        b"%3D",
        b"%26",
        b"%0A",
        b"%C3%A9",
        b"%z",
        b"%4",
        b"\n",
        b"\r",
        b"_",
        b"a",
        b" ",
        "é".encode(),
    ]
)


@given(st.lists(PARTS, max_size=12).map(b"".join))
@example(b"a=%%41&b=%\r\nc&%3d=%3D%zz=")
def test_fields_are_those_that_the_standard_library_reads(query: bytes) -> None:
    assert pairs_of(query) == parse_qsl(query.decode(), keep_blank_values=True, errors="strict")


@pytest.mark.parametrize("query", [b"a=%C3", b"a=\xff", b"&a" * 1001])
def test_fields_that_are_refused(query: bytes) -> None:
    with pytest.raises(HttpError, match=r"^the parameters are not in UTF-8, or more than 1,000$"):
        pairs_of(query)
