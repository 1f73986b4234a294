"""The prose of the project avoids phrases that a reader who is not a native speaker stumbles over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GLOBS = ("*.md", "[dqb]*/*.md", "ontology/**/*.ttl", "src/**/*.py")
"""Files to read."""
EXCEPT = {"docs/checks.md"}
"""Pages with texts from ``src``, until that is covered. For the same reason, output in code blocks is left out."""
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
BETTER = {
    r"(is|are|be) told|tells? of": "is reported, covers",
    r"judge[sd]?|judging|judgement": "validate",
    r"mend(s|ed|ing)?": "fix",
    r"a (file|line|cell|question|thing) a": "one file per cell",
    r"stand(s|ing)? (for|in|on|at|there|beside|behind|with)|what stands": "means, is in, contains, goes with",
    r"leans? on": "rests on",
    r"way out": "hint",
    r"what is asked|who asks|whoever": "the question, the user",
}
"""Pattern → better words. A pattern matches whole words in any case, also across lines."""
PATTERN = re.compile("|".join(rf"\b({phrase})\b".replace(" ", r"\s+") for phrase in BETTER), re.IGNORECASE)


@pytest.mark.parametrize("glob", GLOBS)
def test_prose_uses_plain_words(glob: str) -> None:
    paths = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.glob(glob))}
    assert paths
    prose = {name: CODE_BLOCK.sub("", paths[name].read_text(encoding="utf-8")) for name in paths.keys() - EXCEPT}
    assert [f"{name}: {match[0]}" for name, text in prose.items() for match in PATTERN.finditer(text)] == []


def test_a_phrase_is_recognised_across_lines() -> None:
    assert PATTERN.search("Each fault\nis\ntold with its line.")
