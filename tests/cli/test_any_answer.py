"""The commands on a server that answers each query in the right form with random terms: a result, or a plain error."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from tests.stub import Answer, Request, stub

from evgraph.namespaces import EVG, ID, RDF, SH, XSD
from evgraph.sparql.tokens import columns, form, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run

SECRET = "tr0ub4dor-hunter"  # noqa: S105 - made up
IRIS = [
    "urn:a",
    f"{ID}cell/drug-E4",
    f"{ID}cell/x",
    f"{ID}doc/timko-2007",
    f"{ID}graph/drug-E4",
    f"{ID}snapshot/drug-E4/0123456789abcdef",
    f"{ID}graph/loaded",
    f"{EVG}Entry",
    f"{EVG}Document",
    f"{RDF}type",
    f"{SH}NodeShape",
    "http://example.org/\u202e",
]
TEXTS = ["", "1", "-1", "9" * 400, "²", "2007", "drug:E4", "a\x1b[31m\u2028b", f"Bearer {SECRET}", "x" * 5_000, "true"]
VALUES = re.compile(r"VALUES \?(\w+) \{ ([^{}]*) \}")
IRI = re.compile("<([^>]*)>")
DATATYPES = ["integer", "gYear", "boolean", "dateTime", "string", "nonsense"]


def random_term(chance: random.Random) -> dict[str, Any] | None:
    kind = chance.choice(["uri", "uri", "uri", "literal", "typed", "lang", "bnode", "none"])
    if kind == "uri":
        return {"type": "uri", "value": chance.choice(IRIS)}
    if kind == "bnode":
        return {"type": "bnode", "value": chance.choice("abc")}
    if kind == "none":
        return None
    term = {"type": "literal", "value": chance.choice(TEXTS)}
    if kind == "typed":
        term["datatype"] = f"{XSD}{chance.choice(DATATYPES)}"
    if kind == "lang":
        term["xml:lang"] = chance.choice(["en", "de-AT"])
    return term


def answering(seed: int) -> Callable[[Request], Answer]:
    chance = random.Random(seed)  # noqa: S311 - no secret

    def answer(request: Request) -> Answer:
        sent = parse_qs(request.body.decode())
        if "update" in sent or request.method != "POST":
            return Answer(b"", 204, None)
        query = tokens(sent["query"][0])
        kind = form(query)
        if kind == "ASK":
            return Answer(json.dumps({"head": {}, "boolean": chance.random() < 0.5}).encode())
        if kind != "SELECT":
            return Answer(b"<urn:a> <urn:b> <urn:c> .\n", media_type="application/n-triples")
        names = [token.text[1:] for token in columns(query) or ()]
        names = names or sorted({token.text[1:] for token in query if token.kind == "var"})
        asked = {name: IRI.findall(terms) for name, terms in VALUES.findall(sent["query"][0])}
        rows = [
            {
                name: {"type": "uri", "value": chance.choice(asked[name])} if asked.get(name) else random_term(chance)
                for name in names
            }
            for _ in range(chance.choice([0, 1, 1, 2, 5]))
        ]
        if "COUNT" in sent["query"][0] and chance.random() < 0.8:
            number = {"type": "literal", "value": str(chance.choice([0, 1, 2, 7])), "datatype": f"{XSD}integer"}
            rows = [dict.fromkeys(names, number)]
        bindings = [{name: term for name, term in row.items() if term} for row in rows]
        return Answer(json.dumps({"head": {"vars": names}, "results": {"bindings": bindings}}).encode())

    return answer


COMMANDS = [
    ["query", "cell-contents", "-p", "cell=drug:E4"],
    ["query", "guidance-citing-trials", "--format", "json"],
    ["query", "corresponding-studies", "--with-passages"],
    ["query", "cell-contents", "--values", "cell"],
    ["query", "describe", "-p", "iri=doc:timko-2007"],
    ["search", "timko"],
    ["validate"],
    ["validate", "--format", "json"],
    ["validate", "--format", "sarif"],
    ["export", "--format", "trig"],
    ["export", "--cell", "E4"],
    ["export", "--resource", "doc:timko-2007"],
    ["export", "--describe"],
    ["load", "--update", "URL", "--again"],
    ["load", "--graph-store", "URL"],
    ["load", "--update", "URL", "--dry-run"],
]


@pytest.mark.default_cases(3)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_answer_is_a_fault_of_evgraph(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], seed: int
) -> None:
    monkeypatch.setenv("EVGRAPH_TOKEN", SECRET)
    with stub(answering(seed)) as server:
        done = run(
            *(server.url if word == "URL" else word for word in words), "--endpoint", server.url, "--timeout", "20"
        )
    assert "internal error" not in done.stderr
    assert done.code in {0, 1, 2, 3, 4, 5, 6}
    assert not {"\x1b", "\u2028", "\u202e"} & set(done.stderr)
    assert SECRET not in done.stderr
    if words[0] == "validate":
        assert SECRET not in done.stdout
