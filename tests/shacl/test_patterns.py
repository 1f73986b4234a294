r"""That regular expressions of XPath mean in the engine what elementpath, a library for XPath, makes of them.

Left out is what elementpath reads in another way than the standard: ``\w``, complements beside other members of a
class, subtraction that ignores case, and ``^`` after a line break at the end.
"""

from __future__ import annotations

import re
from random import Random

import pyoxigraph as ox
import pytest
from tests.required import require

from evgraph.shacl.xpath_patterns import translate

require("elementpath")
regex = pytest.importorskip("elementpath.regex")

MEMBERS = (
    *"abcX0_# é~&:/", "a-z", "A-Z", "0-9", "X-Z", "#-/", r"\s", r"\d", r"\i", r"\c", r"\p{L}", r"\p{N}", r"\.", r"\-",
    r"\n", r"\\", r"\^", r"\$", r"\]", r"\p{IsBasicLatin}",
)  # fmt: skip
ESCAPES = (r"\s", r"\S", r"\d", r"\D", r"\i", r"\I", r"\c", r"\C", r"\p{Lu}", r"\P{Ll}", r"\p{P}", r"\.", r"\\", r"\+")
CHARACTERS = "abcXYZ019 -_.#/@é٣$^+~&:\n\r"


class Patterns:
    """Makes regular expressions by chance."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - not for secrets

    def members(self, depth: int) -> str:
        negation = "^" if self.random.random() < 0.3 else ""
        if self.random.random() < 0.2:
            return f"[{negation}{self.random.choice(ESCAPES)}]"
        inside = "".join(self.random.choice(MEMBERS) for _ in range(self.random.randint(1, 3)))
        less = f"-{self.members(0)}" if depth and self.random.random() < 0.3 else ""
        return f"[{negation}{inside}{less}]"

    def atom(self, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.35:
            return self.random.choice("abcXYZ019 _#/@é~&:-")
        if choice < 0.5:
            return self.random.choice(ESCAPES)
        if choice < 0.8:
            return self.members(1)
        return f"({self.random.choice(('', '?:'))}{self.whole(depth - 1)})" if depth else "."

    def whole(self, depth: int = 2) -> str:
        times = ("", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,}", "*?", "+?")
        branches = [
            "".join(self.atom(depth) + self.random.choice(times) for _ in range(self.random.randint(1, 3)))
            for _ in range(self.random.choice((1, 1, 2)))
        ]
        start, end = self.random.choice((("", ""), ("^", ""), ("", "$"), ("^(", ")$")))
        return f"{start}{'|'.join(branches)}{end}"

    def text(self) -> str:
        return "".join(self.random.choice(CHARACTERS) for _ in range(self.random.randint(0, 5)))


@pytest.mark.parametrize("flags", ["", "s", "i", "x"])
def test_patterns_mean_what_xpath_makes_of_them(flags: str) -> None:
    store, patterns = ox.Store(), Patterns(len(flags) + ord(flags or "-"))
    for _ in range(40):
        pattern = patterns.whole()
        if "i" in flags and ("-[" in pattern or re.search(r"\[[^]]*\\[pP]\{L[ul]", pattern)):
            continue
        plain = {"s": re.DOTALL, "i": re.IGNORECASE}.get(flags, re.NOFLAG)
        # elementpath leaves the flag x to its callers.
        original = pattern if "x" not in flags else re.sub(r" (?![^\[]*\])", "", pattern)
        if "x" in flags and original != pattern.replace(" ", "") and "[" in pattern:
            continue
        try:
            expected = re.compile(regex.translate_pattern(original, plain, "1.1", True, True, True), plain)
            ours = translate(pattern, flags)
        except (re.error, ValueError, regex.RegexError):
            continue
        arguments = f"{ox.Literal(ours.text)}, {ox.Literal(ours.flags)}"
        for text in (patterns.text() for _ in range(8)):
            matches = bool(store.query(f"ASK {{ FILTER(REGEX({ox.Literal(text)}, {arguments})) }}"))
            assert matches == bool(expected.search(text)), (pattern, flags, text, ours.text)
