"""Broken files for every way into evgraph: each gives a message, and ends in time; ``bench/fuzz.py`` runs more."""

from __future__ import annotations

import os

import pytest
from bench.fuzz import fuzz

CASES = int(os.environ.get("EVGRAPH_FUZZ", "1000"))


@pytest.mark.slow
def test_broken_files_give_nothing_but_messages() -> None:
    outcome = fuzz(range(CASES), ["--seed", "7"])
    assert outcome.failures == []
    assert outcome.cases.total() == CASES
    assert len(outcome.cases) == 16
    assert all(outcome.refused[name] < count for name, count in outcome.cases.items())
