"""Broken files for every way into evgraph: each gives a message, and ends in time; ``bench/fuzz.py`` runs more."""

from __future__ import annotations

import pytest
from bench.fuzz import fuzz


@pytest.mark.slow
def test_two_thousand_broken_files_give_nothing_but_messages() -> None:
    outcome = fuzz(range(2_000), ["--seed", "7"])
    assert outcome.failures == []
    assert outcome.cases.total() == 2_000
    assert len(outcome.cases) == 16
    assert all(outcome.refused[name] < count for name, count in outcome.cases.items())
