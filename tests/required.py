"""What some tests need and not every machine has."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(name: str, why: str) -> NoReturn:
    """Skip the test, or fail where ``EVGRAPH_REQUIRE`` (a comma-separated list) holds ``name``."""
    if name in os.environ.get("EVGRAPH_REQUIRE", "").split(","):
        pytest.fail(f"{why}, and EVGRAPH_REQUIRE asks for it")
    pytest.skip(why)
