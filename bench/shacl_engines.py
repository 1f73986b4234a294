"""The SHACL engines beside evgraph that are installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_MODULES = {"pySHACL": "pyshacl", "pyshacl-turbo": "pyshacl_turbo"}
VALIDATORS = {name: import_module(module).validate for name, module in _MODULES.items() if find_spec(module)}
"""The name of an engine → its function ``validate``."""
