"""What some tests need and not every machine has."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import NoReturn

import pytest


def missing(name: str, why: str) -> NoReturn:
    """Skip the test, or fail where ``EVGRAPH_REQUIRE`` (a comma-separated list) holds ``name``."""
    if name in os.environ.get("EVGRAPH_REQUIRE", "").split(","):
        pytest.fail(f"{why}, and EVGRAPH_REQUIRE asks for it")
    pytest.skip(why)


def require(*libraries: str) -> None:
    """Skip the tests of a module, or fail, where a library of the extra ``dev`` is not installed."""
    for library in libraries:
        if find_spec(library) is None:
            if library in os.environ.get("EVGRAPH_REQUIRE", "").split(","):
                pytest.fail(f"{library} is not installed, and EVGRAPH_REQUIRE asks for it", pytrace=False)
            pytest.skip(f"{library} is not installed", allow_module_level=True)
