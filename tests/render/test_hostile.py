"""Reports of data that means harm: each format holds it, and none lets it out."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from lxml import html as lxml_html
from tests.render.readers import github_commands, junit_cases, sarif_run

from evgraph.characters import visible
from evgraph.formats import FINDING_FORMATS
from evgraph.text import shown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ran, Run

PREFIXES = """@prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
LONG = "x" * 100_000
VALUES = (
    "=HYPERLINK(\"http://evil.example\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    "a,\"b\"\r\nc", "]]>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "::error file=a::b%0A", "[press](javascript:alert(1))", "{0} {{1}}", "\x01\x1b[31mred\x07",
    "\u202egnp.exe\u202c", "\u2028new line", "e\u0301 😀", "''", "{{ 7*7 }}", "\ufeffmark", LONG,
)  # fmt: skip
IRIS = ("javascript:alert(1)", "data:text/html,%3Cscript%3E", "http://example.org/a%20b%22%3E%3Cb%3E", "urn:x:y")
LABEL = "<b onclick=alert(1)>\u202elabel</b> ]]> :: %0A \x07 =1"
MESSAGE = '=Say "what"\n::error::<script>alert(2)</script> ]]> \u202e [x](javascript:y) {0}\x0b'


def escaped(text: str) -> str:
    """Write a Turtle literal, with an escape for whatever is not a plain letter."""
    return (
        '"'
        + "".join(
            character if character.isalnum() and character.isascii() else f"\\U{ord(character):08X}"
            for character in text
        )
        + '"'
    )


DATA = PREFIXES + "".join(
    f"<{iri}> rdfs:label {escaped(LABEL)} ; ex:p {', '.join(map(escaped, VALUES))} .\n" for iri in IRIS
)
SHAPES = (
    PREFIXES + f"ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property ex:S-p .\n"
    f"ex:S-p sh:path ex:p ; sh:datatype ex:never ; sh:message {escaped(MESSAGE)} ."
)
COUNT = len(VALUES) * len(IRIS)


@pytest.fixture
def hostile(run: Run, tmp_path: Path) -> Hostile:
    (tmp_path / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    return Hostile(run, tmp_path)


class Hostile:
    """Gives the report in a format, of data on standard input or in a file with a name that means harm."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run = run
        self._folder = folder

    def __call__(self, *options: str) -> str:
        ran: Ran = self._run("validate", "-", "--shapes", "shapes.ttl", *options, stdin=DATA, cwd=self._folder)
        assert (ran.code, ran.stderr) == (1, "")
        return ran.stdout


def test_csv_holds_it_exactly(hostile: Hostile) -> None:
    text = hostile("--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == COUNT
    assert {row["value"] for row in rows} == set(VALUES)
    assert {row["focus"] for row in rows} == set(IRIS)
    assert {row["label"] for row in rows} == {LABEL}
    assert {row["file"] for row in rows} == {"-"}
    assert text.count("\r\n") >= COUNT
    assert text.endswith("\r\n")


def test_a_spreadsheet_takes_no_cell_for_a_formula(hostile: Hostile) -> None:
    text = hostile("--format", "spreadsheet")
    assert text.startswith("\ufeffseverity,rule,file,line,column,focus,label,path,value,triple,message,page,")
    cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]
    assert len(cells) == (COUNT + 1) * 16
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert '\'=HYPERLINK("http://evil.example")' in cells
    assert max(map(len, cells)) == 32_767


def test_json_and_turtle_hold_it_exactly(hostile: Hostile) -> None:
    findings = json.loads(hostile("--format", "json"))["findings"]
    assert {finding["value"]["value"] for finding in findings} == set(VALUES)
    assert {finding["message"] for finding in findings} == {" ".join(MESSAGE.split())}
    import pyoxigraph as ox

    quads = ox.parse(hostile("--format", "turtle").encode(), format=ox.RdfFormat.TURTLE)
    values = {quad.object.value for quad in quads if quad.predicate.value.endswith("#value")}
    assert values == set(VALUES)


class Balanced(HTMLParser):
    """Sees that each element that is opened is closed, in order, and keeps what a browser would act on."""

    VOID = ("meta", "input", "br")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.elements: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_lets_nothing_out(hostile: Hostile) -> None:
    text = hostile("--format", "html")
    reader = Balanced()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    assert [reader.elements.count(tag) for tag in ("script", "style", "img", "b", "iframe", "link")] == [
        1,
        1,
        0,
        0,
        0,
        0,
    ]
    assert not [
        attribute
        for attribute in reader.attributes
        if attribute[1].startswith("on") or attribute[1] in {"src", "style"}
    ]
    links = {value for tag, name, value in reader.attributes if name == "href" and not value.startswith("#")}
    assert links == {"http://example.org/a%20b%22%3E%3Cb%3E"}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028\u2066-\u2069\ufeff]", text)
    assert "⟨U+202E⟩gnp.exe" in text
    assert "\u202e" not in text
    assert "{{ 7*7 }}" in text, "a template in the data stays what it is"
    assert len(text) < 400_000, "a text of any length is cut"


def test_html_names_the_only_script_and_style_that_may_run(hostile: Hostile) -> None:
    root = lxml_html.document_fromstring(hostile("--format", "html"))
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name in ("script", "style"):
        (element,) = root.xpath(f"//{name}")
        digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"


def test_html_is_made_for_ears_and_keys_too(hostile: Hostile) -> None:
    root = lxml_html.document_fromstring(hostile("--format", "html"))
    assert root.get("lang") == "en"
    assert [len(root.xpath(f"//{tag}")) for tag in ("h1", "main", "header", "footer", "title")] == [1, 1, 1, 1, 1]
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = [target for value in root.xpath("//@aria-labelledby | //@for") for target in str(value).split()]
    targets += [value[1:] for value in root.xpath("//a/@href") if value.startswith("#")]
    assert set(targets) <= set(ids)
    for field in root.xpath("//select | //input[@type='search']"):
        assert root.xpath(f"//label[@for='{field.get('id')}']")
    for table in root.xpath("//table"):
        assert table.xpath("./thead//th[@scope='col']")
        assert len(table.xpath("./tbody/tr/th[@scope='row']")) == len(table.xpath("./tbody/tr"))
    levels = [int(heading.tag[1]) for heading in root.xpath("//h1 | //h2 | //h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    (form,) = root.xpath("//form")
    assert "hidden" in form.attrib, "without its script the page shows no field that does nothing"


def test_sarif_holds_no_link(hostile: Hostile) -> None:
    run = sarif_run(hostile("--format", "sarif"))
    assert len(run["results"]) == COUNT
    assert "](" not in json.dumps([result["message"] for result in run["results"]])
    (place,) = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert place == "-"
    help_text = run["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert not re.search(r"(?<!\\)[<\[]", help_text)


def test_junit_is_xml(hostile: Hostile) -> None:
    text = hostile("--format", "junit")
    root = etree.fromstring(text.encode())
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "failure", "system-out",
    }  # fmt: skip
    assert len(junit_cases(text)) == COUNT
    assert "⟨U+202E⟩label&lt;/b&gt; ]]&gt; :: %0A ⟨U+0007⟩ =1" in text
    assert '"\\u0001\\u001B[31mred\\u0007"' in text.replace("&#34;", '"')


def test_github_gets_commands_of_ours_only(hostile: Hostile) -> None:
    text = hostile("--format", "github")
    commands = github_commands(text)
    assert [command.command for command in commands] == ["error"] * 10 + ["notice"]
    assert {command.properties["title"] for command in commands} == {"S-p", "evgraph"}
    assert not any("file" in command.properties for command in commands)  # Standard input is none.
    assert commands[0].text.startswith('=Say "what" ::error::<script>alert(2)</script> ]]> ⟨U+202E⟩')
    assert commands[-1].text.startswith(f"and {COUNT - 10} violations more")


@pytest.mark.parametrize("options", [("--max-findings", "0"), ("--quiet",)])
def test_a_terminal_is_not_driven(hostile: Hostile, options: tuple[str, ...]) -> None:
    text = hostile(*options)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    assert max(map(len, text.splitlines())) < 1500
    if options == ("--quiet",):
        assert len(text.splitlines()) == COUNT
        assert all(re.match(r"-:\d+:\d+: violation S-p: .*: =Say ", line) for line in text.splitlines())


@pytest.mark.parametrize("form", sorted(FINDING_FORMATS))
def test_a_file_may_be_called_anything(run: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    folder = tmp_path / "a b,c:d%0A <i>"
    folder.mkdir()
    (folder / "=d'\"]]>.ttl").write_text(PREFIXES + "ex:a ex:p 1 .", encoding="utf-8")
    ran = run("validate", folder.name, "--shapes", "shapes.ttl", "--format", form, cwd=tmp_path)
    assert (ran.code, ran.stderr) == (1, "")
    path = f"{folder.name}/=d'\"]]>.ttl"
    if form == "sarif":
        (result,) = sarif_run(ran.stdout)["results"]
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert location == {"uri": "a%20b%2Cc%3Ad%250A%20%3Ci%3E/%3Dd%27%22%5D%5D%3E.ttl", "uriBaseId": "%SRCROOT%"}
    elif form == "github":
        assert github_commands(ran.stdout)[0].properties["file"] == path
    elif form == "junit":
        assert etree.fromstring(ran.output).xpath("//testcase/@file") == [path]
    elif form in {"csv", "spreadsheet"}:
        assert next(csv.DictReader(io.StringIO(ran.stdout.removeprefix("\ufeff"), newline="")))["file"] == path
    elif form == "html":
        assert f"{path}:4:11" in lxml_html.document_fromstring(ran.stdout).text_content()


def test_hidden_characters_are_shown_and_scripts_keep_their_joiners() -> None:
    assert visible("a\r\nb\tc\nd") == "a b c d"
    assert visible("\u202eabc\u2069\ufeff\x00") == "⟨U+202E⟩abc⟨U+2069⟩⟨U+FEFF⟩⟨U+0000⟩"
    assert visible("می\u200cخواهم é 👩\u200d🔬\xa0x") == "می\u200cخواهم é 👩\u200d🔬\xa0x"
    assert shown("y" * 500, 3) == "yyy … (500 characters)"
