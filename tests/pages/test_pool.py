"""Work in several processes: results whatever the order, and an item that ends or stalls its process is lost alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evgraph.pages.pool import Lost, sensible_jobs, spread

ROOT = Path(__file__).parent.parent.parent


def odd(item: int) -> int:
    """Square a number; some numbers are trouble."""
    if item == 3:
        os._exit(7)
    if item == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if item == 7:
        time.sleep(60)
    if item == 9:
        raise ZeroDivisionError("by nine")
    return item * item


@pytest.mark.parametrize("jobs", [1, 2, 3, 20])
def test_each_item_comes_once_with_its_place(jobs: int) -> None:
    items = [10, 20, 30, 40, 50, 60]
    assert sorted(spread(odd, items, jobs)) == [(at, one * one) for at, one in enumerate(items)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_to_do(jobs: int) -> None:
    assert list(spread(odd, [], jobs)) == []


def test_the_work_is_done_elsewhere_and_side_by_side() -> None:
    two = multiprocessing.get_context("fork").Barrier(2, timeout=60)

    def process(_: int) -> int:
        two.wait()  # For somebody else: one process alone would wait in vain.
        return os.getpid()

    found = {pid for _, pid in spread(process, range(4), 2)}
    assert os.getpid() not in found
    assert len(found) == 2
    assert {pid for _, pid in spread(lambda _: os.getpid(), range(2), 1)} == {os.getpid()}


def test_an_item_that_ends_its_process_is_lost_alone() -> None:
    found = dict(spread(odd, range(1, 7), 2))
    assert found.pop(2) == Lost("the process that read it ended (exit code 7)")
    assert found.pop(4) == Lost("the process that read it ended (exit code -9)")
    assert found == {0: 1, 1: 4, 3: 16, 5: 36}


def test_an_item_that_takes_too_long_is_lost_alone() -> None:
    found = dict(spread(odd, [6, 7, 8, 10, 11], 2, longest=2))
    assert found == {0: 36, 1: Lost("not read within 2 seconds"), 2: 64, 3: 100, 4: 121}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_nobody_foresaw_is_lost_alone(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.delenv("EVGRAPH_DEBUG", raising=False)
    found = dict(spread(odd, [8, 9, 10], jobs))
    assert found == {0: 64, 1: Lost("a fault of evgraph itself: ZeroDivisionError: by nine"), 2: 100}
    monkeypatch.setenv("EVGRAPH_DEBUG", "1")
    if jobs == 1:
        with pytest.raises(ZeroDivisionError):
            list(spread(odd, [8, 9, 10], jobs))


def test_no_process_outlives_a_stop_in_the_middle() -> None:
    found = spread(lambda item: (item, os.getpid()), range(50), 2)
    pids = {result.reason if isinstance(result, Lost) else result[1] for _, result in (next(found), next(found))}
    found.close()  # type: ignore[attr-defined]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


SCRIPT = """
import os, sys, time
from evgraph.pages.pool import spread
def work(item):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(float(sys.argv[1]))
try:
    list(spread(work, range(1000), 2))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the work is sent by name, and a script has none")
@pytest.mark.parametrize(
    ("how", "code", "each"), [(signal.SIGINT, 130, "60"), (signal.SIGTERM, -15, "1"), (signal.SIGKILL, -9, "1")]
)
@pytest.mark.usefixtures("interruptible")
def test_no_process_outlives_the_one_that_started_it(how: signal.Signals, code: int, each: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, each], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, process_group=0,
    ) as began:  # fmt: skip
        assert began.stdout is not None
        assert began.stderr is not None
        pids = [int(began.stdout.readline()) for _ in range(2)]
        if how == signal.SIGINT:
            os.killpg(began.pid, how)  # As a terminal does: everybody hears it.
        else:
            began.send_signal(how)
        assert began.wait(20) == code
        assert began.stderr.read() == ""  # It comes to its end when the last process has ended.
        assert len(set(pids)) == 2


def test_small_folders_stay_in_one_process() -> None:
    assert [sensible_jobs(size) for size in (0, 1, 2, 24)] == [1, 1, 1, 1]
    assert 1 <= sensible_jobs(10_000) <= (os.cpu_count() or 1)
