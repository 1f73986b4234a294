"""Secrets in a text: as they are, escaped, as Base64 behind and before other text, and in addresses."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from evgraph import redaction
from evgraph.errors import EndpointError, UsageError
from evgraph.redaction import cut_secrets, keep_secret, redact

SECRETS = ["tr0ub4dor", 'a b&c<d>"e\\/ü€', "p+ss/w=rd", "correct horse battery", "x" * 200]


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_FORMS", set())


@pytest.mark.parametrize("secret", SECRETS)
def test_every_form_of_a_secret_is_cut(secret: str) -> None:
    keep_secret(secret)
    for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret)):
        assert redact(f"({form})") == "(…)"
    assert redact(json.dumps({"a": secret})) == '{"a": "…"}'


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "Authorization: Bearer "])
@pytest.mark.parametrize("after", ["", "!", "!!"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_a_secret_among_other_text_is_cut(secret: str, before: str, after: str, encode: object) -> None:
    assert callable(encode)
    keep_secret(secret)
    code = encode(f"{before}{secret}{after}".encode()).decode()
    left = redact(code)
    assert "…" in left
    assert len(left) <= len(code) - len(secret.encode()) + 5


def test_a_short_secret_is_cut_as_a_word_only() -> None:
    keep_secret("dba")
    assert redact("user dba, feedback, (dba)") == "user …, feedback, (…)"
    assert redact("nothing else") == "nothing else"


def test_nothing_is_cut_where_there_is_no_secret() -> None:
    keep_secret("", " ")
    text = "a b, 5 = 5, me@example.org, http://x/?a=1&page=2#top, ?keyword=x, ?signal=1"
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://x/?apikey=abc", "http://x/?apikey=…"),
        ("http://x/?a=1&API_KEY=abc&b=2 is", "http://x/?a=1&API_KEY=…&b=2 is"),
        ("<http://x/?access_token=abc>", "<http://x/?access_token=…>"),
        ("http://x/?x-amz-signature=abc#b", "http://x/?x-amz-signature=…#b"),
        ("http://x/#access-token=abc", "http://x/#access-token=…"),
        ("http://me:abc@x/?password=abc", "http://…@x/?password=…"),
        ("a=1&amp;sid=abc", "a=1&amp;sid=…"),
    ],
)
def test_secrets_in_an_address_are_cut(text: str, left: str) -> None:
    assert redact(text) == left
    assert cut_secrets(text) == text


def test_an_error_has_no_secret() -> None:
    keep_secret("tr0ub4dor")
    error = EndpointError("it says tr0ub4dor", hint="ask http://x/?key=abc")
    assert str(error) == "it says …\n  ask http://x/?key=…"
    assert error.args == ("it says …",)
    assert str(UsageError("the value tr0ub4dor", value="tr0ub4dor", parameter="a")) == "a='…': the value …"
