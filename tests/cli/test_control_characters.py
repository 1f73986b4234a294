"""What drives a terminal never reaches it from a file, a name or a word of the command, whatever the message."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph import errors
from evgraph.characters import escaped, printable
from evgraph.errors import EvgraphError
from evgraph.rdf.positions import Place

if TYPE_CHECKING:
    from tests.conftest import Run

CODES = "\x1b[31mred\x1b]0;pwned\x07\u202eabc\u2066\x9b2J\u2028"
NAME = "a\x1b[31m\x07\u202e"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, EvgraphError)]
TURTLE = "@prefix evg: <https://w3id.org/evgraph/ns#> .\n<urn:a> evg:nope 1 ."


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_of_errors(kind: type[EvgraphError]) -> None:
    error = kind(f"no {CODES}", hint=f"try {CODES}\nor not")
    error.path, error.parameter, error.value = f"/{NAME}", NAME, CODES
    assert not RAW.search(str(error))
    assert "⟨U+001B⟩[31m" in str(error)
    assert str(error).count("\n") == 2


def test_only_one_function_writes_what_the_commands_say() -> None:
    """Others write a question's own text, JSON, and words that have a colour."""
    calls = [
        path.name
        for path in sorted(Path("src/evgraph/cli").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"click.echo", "click.secho", "print"}
    ]
    assert calls == ["common.py", "deciding.py", "diff.py", "query.py", "reporting.py"]


@pytest.mark.parametrize(
    "words",
    [
        (f"{NAME}",),
        ("query", f"{NAME}"),
        ("query", f"{NAME}.rq"),
        ("query", "cell-contents", "-p", f"cell={CODES}"),
        ("query", "cell-contents", "-p", f"{NAME}=1"),
        ("query", "own.rq"),
        ("query", "--check", "own.rq"),
        ("export", "--data", f"{NAME}.ttl"),
        ("export", "--data", "bad.ttl"),
        ("export", "--cell", CODES),
        ("export", "--resource", CODES),
        ("export", "--format", NAME),
        ("export", f"--{NAME}"),
        ("validate", f"{NAME}.txt"),
        ("validate", f"{NAME}", "--quiet"),
        ("validate", f"{NAME}"),
        ("validate", f"{NAME}", "--rules", NAME),
        ("validate", f"{NAME}", "--waivers", f"{NAME}.toml"),
        ("validate", f"{NAME}", "--waivers", "bad.toml"),
        ("ingest", f"{NAME}.html", "-o", "out"),
        ("ingest", f"{NAME}.page.txt", "-o", "out", "--cell", "drug:E4"),
        ("ingest", "page.txt", "-o", "out", "--cell", CODES),
        ("ingest", "page.txt", "-o", "out", "--source", CODES),
        ("load", f"{NAME}", "--store", f"{NAME}"),
        ("search", CODES),
        ("diff", f"{NAME}", "nothing"),
        ("settle", f"{NAME}"),
        ("reconcile", f"{NAME}"),
        ("query", "shared-documents", "--endpoint", f"http://{NAME}/"),
        ("query", "shared-documents", "--store", f"{NAME}"),
    ],
)
def test_every_command(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / f"{NAME}.ttl").write_text(TURTLE, encoding="utf-8")
    (tmp_path / f"{NAME}.txt").write_text("x", encoding="utf-8")
    (tmp_path / f"{NAME}.toml").write_text(f"'{NAME}'", encoding="utf-8")
    (tmp_path / "bad.toml").write_text(f"[[waiver]]\nrule = {NAME}", encoding="utf-8")
    (tmp_path / "bad.ttl").write_text(f"<urn:a> <urn:{NAME}> 1 .\n", encoding="utf-8")
    (tmp_path / "own.rq").write_text(f"#+ {NAME}: x\nSELECT * {{ ?s {CODES} ?o }}", encoding="utf-8")
    for name in ("page.txt", f"{NAME}.page.txt"):
        (tmp_path / name).write_text(f"Drug Treatment Matrix cell E4\n{CODES}\n\nS {CODES} (2004)\n", encoding="utf-8")
    ran = run(*words, cwd=tmp_path)
    assert not RAW.search(ran.stdout + ran.stderr), (ran.stdout, ran.stderr)


def test_waivers_can_be_read_back(run: Run, tmp_path: Path) -> None:
    value = "2\x1b\x07\x9b\u202e\U000e0001\x7f'\\\""
    literal = "".join(f"\\U{ord(letter):08X}" for letter in value)
    (tmp_path / "a.ttl").write_text(
        "@prefix evg: <https://w3id.org/evgraph/ns#> . @prefix dcterms: <http://purl.org/dc/terms/> .\n"
        f'<https://w3id.org/evgraph/id/doc/holm-2021> a evg:Document ; dcterms:issued "{literal}" .',
        encoding="utf-8",
    )
    ran = run("validate", tmp_path, "--format", "waivers")
    assert not RAW.search(ran.stdout)
    values = {waiver.get("value") for waiver in tomllib.loads(ran.stdout)["waiver"]}
    (text,) = {each for each in values if each and "2" in each}
    (tmp_path / "waivers.toml").write_text(
        ran.stdout.replace('reason = ""', 'reason = "r"').replace('who = ""', 'who = "w"'), encoding="utf-8"
    )
    report = json.loads(run("validate", tmp_path, "--format", "json").stdout)
    assert [finding["rule"] for finding in report["findings"]] == [], text


def test_texts() -> None:
    assert printable(f"a\n{NAME}\n") == "a\na⟨U+001B⟩[31m⟨U+0007⟩⟨U+202E⟩\n"
    assert escaped("a\x1b\u202e\U000e0001") == "a\\u001B\\u202E\\U000E0001"
    assert str(Place(f"{NAME}.ttl", 1, 2)) == "a⟨U+001B⟩[31m⟨U+0007⟩⟨U+202E⟩.ttl:1:2"
