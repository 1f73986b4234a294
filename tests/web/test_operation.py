"""What whoever runs the server needs: metrics, and that one client does not take what others need."""

from __future__ import annotations

import os
import pickle
import re
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tests.web.conftest import WORKERS, wait_until
from tests.web.test_limits import COUNT, SHORT, ask

from evgraph.web import requests, resources

if TYPE_CHECKING:
    from tests.web.conftest import Served


def value(served: Served, sample: str) -> int:
    """Return the value of a sample; 0 where it is not there."""
    found = re.search(rf"^{re.escape(sample)} ([0-9]+)$", served.get("/metrics").text, re.MULTILINE)
    return int(found[1]) if found else 0


def test_metrics_count_requests(served: Served) -> None:
    samples = ('evgraph_requests_total{endpoint="resource",status="404"}', "evgraph_cached_answers_total")
    before = [value(served, sample) for sample in samples]
    for path in ("/doc/none-of-this", "/doc/nice-2007.nt", "/doc/nice-2007.nt"):
        served.get(path)
    assert [value(served, sample) - old for sample, old in zip(samples, before, strict=True)] == [1, 1]
    answer = served.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    line = re.compile(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w+.]+"(,\w+="[\w+.]+")*\})? [0-9.]+')
    assert [text for text in answer.text.splitlines() if not line.fullmatch(text)] == []
    assert value(served, 'evgraph_request_seconds_bucket{endpoint="resource",le="+Inf"}') == value(
        served, 'evgraph_request_seconds_count{endpoint="resource"}'
    )


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "via"])
def test_metrics_are_for_this_machine(served: Served, name: str) -> None:
    assert served.get("/metrics", headers={name: "192.0.2.1"}).status_code == 403


def test_one_client_does_not_take_every_worker(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    request = f"GET /sparql?query={quote(COUNT)} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n"
    greedy = [socket.create_connection(("127.0.0.1", port)) for _ in range(3 * WORKERS)]
    for client in greedy:
        client.sendall(request.encode())
    wait_until(lambda: value(served, "evgraph_queries_waiting") == 2 * WORKERS)
    assert value(served, 'evgraph_workers{state="busy"}') == WORKERS
    own: list[int] = []
    again = {"query": f"{SHORT} # again"}  # Not what another test has asked, which is kept.
    also = threading.Thread(
        target=lambda: own.append(
            served.get("/sparql", params=again, headers={"x-forwarded-for": "a, 192.0.2.7"}).status_code
        )
    )
    also.start()
    for number in range(10):
        assert ask(served, f"{SHORT} # greedy {number}").status_code == 200
    assert own == []
    for client in greedy:
        client.close()
    also.join()
    assert own == [200]
    wait_until(lambda: value(served, 'evgraph_workers{state="idle"}') == WORKERS + 1)
    time.sleep(0.1)


def test_a_worker_imports_nothing_of_the_front_for_its_first_answer() -> None:
    code = """
import pickle, sys
from evgraph.site.page import Options
from evgraph.store.opening import Origin
from evgraph.web import answers
answers.prepare(Origin(), Options())
before = set(sys.modules)
function, arguments = pickle.loads(bytes.fromhex(sys.argv[1]))
list(function(*arguments))
print(sorted(set(sys.modules) - before))
"""
    call = pickle.dumps((resources.page, ("", requests._Values({"marker": ("K",)}))))
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-c", code, call.hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": path})
    assert done.stdout == "[]\n"
