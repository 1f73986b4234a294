"""Rows as data frames, with a type for each column; pandas and polars are asked for only when they are wanted.

https://pandas.pydata.org/docs/ https://docs.pola.rs/
"""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas
    import polars

    from evgraph.python.values import Value

# What all values of a column are → its type in pandas (one that can be missing) and in polars.
_TYPES: dict[type, tuple[str, str]] = {
    bool: ("boolean", "Boolean"),
    int: ("Int64", "Int64"),
    float: ("Float64", "Float64"),
    date: ("datetime64[s]", "Date"),
    str: ("string", "String"),
}
_LARGEST = 2**63 - 1


def to_pandas(columns: Mapping[str, Sequence[Value | None]]) -> pandas.DataFrame:
    """Make a data frame of pandas; an unbound variable is ``<NA>``.

    Raises:
        UsageError: pandas is not installed.

    """
    pd = _library("pandas")
    frame: pandas.DataFrame = pd.DataFrame(
        {name: pd.Series(cells, dtype=_TYPES[kind][0]) for name, (kind, cells) in _typed(columns).items()}
    )
    return frame


def to_polars(columns: Mapping[str, Sequence[Value | None]]) -> polars.DataFrame:
    """Make a data frame of polars; an unbound variable is null.

    Raises:
        UsageError: polars is not installed.

    """
    pl = _library("polars")
    frame: polars.DataFrame = pl.DataFrame(
        [pl.Series(name, cells, dtype=getattr(pl, _TYPES[kind][1])) for name, (kind, cells) in _typed(columns).items()]
    )
    return frame


def _typed(columns: Mapping[str, Sequence[Value | None]]) -> dict[str, tuple[type, list[Any]]]:
    """Find each column's type; values of several kinds are made text, whole numbers beside others numbers."""
    found: dict[str, tuple[type, list[Any]]] = {}
    for name, cells in columns.items():
        kinds = {type(cell) for cell in cells if cell is not None}
        kind = float if kinds == {int, float} else kinds.pop() if len(kinds) == 1 else str
        too_large = kind is int and any(cell is not None and abs(cell) > _LARGEST for cell in cells)  # type: ignore[arg-type]
        if kind not in _TYPES or too_large:
            kind = str
        found[name] = kind, [None if cell is None else _as(kind, cell) for cell in cells]
    return found


def _as(kind: type, cell: Value) -> Value:
    if kind is float:
        return float(cell)  # type: ignore[arg-type] # Only numbers are in a column of numbers.
    return str(cell) if kind is str else cell


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(
            f"{name} is not installed", hint=f"pip install {name}; without it, to_dicts() gives plain Python"
        ) from None
