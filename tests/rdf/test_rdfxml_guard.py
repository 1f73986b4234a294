"""RDF/XML that would take all memory is refused before it is parsed, however it comes in."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.stub import Answer, stub

from evgraph.rdf.rdfxml import declaration_line, in_utf8

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

ROOT = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://s/">'
    '<rdf:Description rdf:about="http://a/b"><s:label>%s</s:label></rdf:Description></rdf:RDF>'
)
ENTITIES = '<!DOCTYPE rdf:RDF [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'
BOMB = f'<?xml version="1.0"?>\n{ENTITIES}{ROOT % "&b;"}'
REFUSED = {
    "plain": (BOMB.encode(), 2),
    "byte-order mark": (BOMB.encode("utf-8-sig"), 2),
    "utf-16": (BOMB.replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16"), 2),
    "utf-16, big end first, no mark": (BOMB.encode("utf-16-be"), 2),
    "comments and white space": (f"\n<!-- a\n<!DOCTYPE b -->\n\t {ENTITIES}{ROOT % '&b;'}".encode(), 4),
    "instructions": (f"<?a <!-- ?>\n<?b --> ?>\n{ENTITIES}{ROOT % '&b;'}".encode(), 3),
    "lower case": (BOMB.replace("DOCTYPE", "docType").encode(), 2),
    "below the root": (ROOT.replace("><rdf:D", f">\n{ENTITIES}<rdf:D").encode() % b"&b;", 2),
    "behind an attribute": (ROOT.replace(" xmlns:s", f' s:a="<!--">{ENTITIES}<s:b xmlns:s').encode() % b"&b;", 1),
    "without entities": (f"<!DOCTYPE rdf:RDF>{ROOT % 'x'}".encode(), 1),
}
READ = {
    "plain": ROOT % "x",
    "a comment": f"<?xml version='1.0'?><!-- {ENTITIES} -->{ROOT % 'x'}",
    "a short comment": f"<!--> {ENTITIES} -->{ROOT % 'x'}",
    "a text": ROOT % "<![CDATA[<!DOCTYPE html>]]>",
}


@pytest.mark.parametrize("name", [*REFUSED])
def test_the_declaration_is_found_with_its_line(name: str) -> None:
    content, line = REFUSED[name]
    assert declaration_line(in_utf8(content)) == line


@pytest.mark.parametrize("name", [*READ])
def test_a_file_without_declarations_is_read(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.rdf").write_text(READ[name], encoding="utf-8")
    ran = run("export", "--data", tmp_path / "a.rdf", "--format", "ntriples")
    assert (ran.code, ran.stdout.count("\n")) == (0, 1)


@pytest.mark.default_cases(24)
@pytest.mark.parametrize("name", [*REFUSED])
@pytest.mark.parametrize(
    "words",
    [
        ("validate", "{file}"),
        ("validate", "{folder}"),
        ("validate", "examples/faulty.ttl", "--shapes", "{file}"),
        ("query", "cell-contents", "--data", "{file}"),
        ("export", "--data", "{folder}"),
        ("diff", "examples/faulty.ttl", "{file}"),
        ("load", "{file}", "--store", "{folder}/store"),
        ("load", "{file}", "--endpoint", "{server}", "--update", "{server}"),
    ],
    ids=" ".join,
)
def test_every_command_refuses_the_declaration(run: Run, tmp_path: Path, words: tuple[str, ...], name: str) -> None:
    content, line = REFUSED[name]
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "bomb.rdf").write_bytes(content)
    with stub(Answer()) as server:
        ran = run(*(word.format(file=folder / "bomb.rdf", folder=folder, server=server.url) for word in words))
    assert ran.code == 3
    assert f"bomb.rdf:{line}: RDF/XML with a document type declaration" in ran.stderr
    assert "convert the file to Turtle" in ran.stderr or "2 files cannot be read" in ran.stderr


def test_standard_input_and_old_revisions_are_refused_too(run: Run, tmp_path: Path) -> None:
    ran = run("validate", "-", stdin=BOMB)
    assert ran.code == 3
    (tmp_path / "a.rdf").write_bytes(BOMB.encode())
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "Add")):
        subprocess.run([*git, *words], check=True)
    (tmp_path / "a.rdf").write_text(READ["plain"], encoding="utf-8")
    ran = run("query", "changes-since", "-p", f"version=git:HEAD:{tmp_path}", "--data", tmp_path)
    assert (ran.code, "a.rdf:2: RDF/XML with a document type" in ran.stderr) == (3, True)


def test_an_answer_in_rdfxml_is_refused(run: Run) -> None:
    with stub(Answer(BOMB.encode(), media_type="application/rdf+xml")) as server:
        ran = run("query", "-", "--endpoint", server.url, stdin="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert ran.code == 4
    assert "which is no answer to a query" in ran.stderr
