"""How often a validation opens its files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from evgraph import shipped_files

PROGRAM = """
import json, os, sys

opened = []

def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].endswith((".ttl", ".rq")):
        opened.append(os.path.abspath(arguments[0]))

sys.addaudithook(hook)
from evgraph.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(json.dumps(opened))
"""
DATA = """@prefix ex: <http://example.org/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
ex:a a evg:Document .
"""


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("own_shapes", [False, True])
def test_each_file_is_opened_once(tmp_path: Path, form: str, own_shapes: bool) -> None:
    data = [tmp_path / "faulty.ttl", tmp_path / "other.ttl"]
    for file in data:
        file.write_text(DATA, encoding="utf-8")
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix evg: <https://w3id.org/evgraph/ns#> .\n"
        "evg:S a sh:NodeShape ; sh:targetClass evg:Document ; sh:property [ sh:path evg:x ; sh:minCount 1 ] .",
        encoding="utf-8",
    )
    words = ["validate", *map(str, data), "--format", form, "-o", str(tmp_path / "report")]
    words += ["--shapes", str(shapes)] if own_shapes else []
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    opened = Counter(map(Path, json.loads(ran.stdout.splitlines()[-1])))
    ours = (shipped_files.ontology() / "shapes").glob("*.ttl")
    assert opened.keys() >= {*data, *([shapes] if own_shapes else ours)}
    assert {file: count for file, count in opened.items() if count > 1} == {}
