"""Counts for the operator of the server, in Prometheus's text format.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.web.pool import Pool

MEDIA_TYPE = "text/plain; version=0.0.4"
"""The type of the text."""
_BOUNDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)  # Seconds.


class Metrics:
    """What has been answered since the server started.

    Attributes:
        cached: how many answers came from the cache.

    """

    def __init__(self) -> None:
        self.cached = 0
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def count(self, endpoint: str, status: int, seconds: float) -> None:
        """Count a request: the name of its endpoint, its status, the time until its answer begins."""
        self._requests[endpoint, status] += 1
        self._buckets[endpoint][bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[endpoint] += seconds

    def text(self, pool: Pool) -> bytes:
        """Write them, with the state of the workers."""
        requests = ((f'endpoint="{name}",status="{status}"', n) for (name, status), n in sorted(self._requests.items()))
        load = pool.load()
        workers = [('state="busy"', load.busy), ('state="idle"', load.idle)]
        families = (
            _family("evgraph_requests_total", "counter", "Requests that were answered.", requests),
            self._times(),
            _family("evgraph_cached_answers_total", "counter", "Answers from the cache.", [("", self.cached)]),
            _family("evgraph_workers", "gauge", "Worker processes.", workers),
            _family("evgraph_queries_waiting", "gauge", "Queries that wait for a worker.", [("", load.waiting)]),
            _family("evgraph_workers_ended_total", "counter", "Workers that were replaced.", [("", load.ended)]),
            _family("evgraph_data_loads_total", "counter", "How often the data was loaded.", [("", pool.generation)]),
        )
        return "".join(f"{line}\n" for family in families for line in family).encode()

    def _times(self) -> Iterator[str]:
        name = "evgraph_request_seconds"
        yield f"# HELP {name} The time until an answer begins."
        yield f"# TYPE {name} histogram"
        for endpoint, buckets in sorted(self._buckets.items()):
            for place, bound in enumerate([*map(str, _BOUNDS), "+Inf"]):
                yield f'{name}_bucket{{endpoint="{endpoint}",le="{bound}"}} {sum(buckets[: place + 1])}'
            yield f'{name}_sum{{endpoint="{endpoint}"}} {self._seconds[endpoint]:.6f}'
            yield f'{name}_count{{endpoint="{endpoint}"}} {sum(buckets)}'


def _family(name: str, kind: str, text: str, samples: Iterable[tuple[str, int]]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
