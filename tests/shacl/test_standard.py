"""That compiled shapes find exactly what the standard defines, in data and shapes made by chance."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.shacl.differential import difference_of_evgraph, expected_of
from tests.shacl.random_extremes import ExtremeChance
from tests.shacl.random_standard import StandardChance

FEWEST_COMPONENTS = 25


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("block", range(4))
def test_random_shapes_of_the_whole_standard_find_what_it_defines(block: int) -> None:
    fired: Counter[str] = Counter()
    for seed in range(block * 40, block * 40 + 40):
        data, shapes = StandardChance(seed).case()
        difference = difference_of_evgraph(seed, data, shapes)
        assert difference == "", f"seed {seed}\n{data}\n{shapes}"
        fired.update(component for *_, component in expected_of(data, shapes)[1])
    assert len(fired) >= FEWEST_COMPONENTS, "the shapes are too easy"


@pytest.mark.slow
def test_random_shapes_with_what_a_validator_may_get_wrong_find_it_or_are_not_checked() -> None:
    undefined = failures = 0
    for seed in range(60):
        data, shapes = ExtremeChance(seed).case()
        assert difference_of_evgraph(seed, data, shapes) == "", f"seed {seed}\n{data}\n{shapes}"
        expected, _ = expected_of(data, shapes)
        undefined += len(expected.undefined)
        failures += expected.is_failure
    assert (undefined, failures) == (12, 1)
