"""Work in several processes: results whatever the order, and an item that ends or stalls its process is lost alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evgraph.pages import pool
from evgraph.pages.pool import Lost, sensible_jobs, spread

if TYPE_CHECKING:
    from tests.conftest import Run

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


@pytest.fixture(params=["fork", "spawn"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Start processes as Linux does, and as macOS and Windows do."""
    how = str(request.param)
    if how not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {how}")
    monkeypatch.setattr(pool, "START", how)
    return how


@pytest.mark.usefixtures("start")
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


@pytest.mark.usefixtures("start")
def test_an_item_that_ends_its_process_is_lost_alone() -> None:
    found = dict(spread(odd, range(1, 7), 2))
    assert found.pop(2) == Lost("the process that read it ended (exit code 7)")
    assert found.pop(4) == Lost("the process that read it ended (exit code -9)")
    assert found == {0: 1, 1: 4, 3: 16, 5: 36}


def test_an_item_that_takes_too_long_is_lost_alone(start: str) -> None:
    longest = 2 if start == "fork" else 20  # A process that is no copy first loads what it needs.
    found = dict(spread(odd, [6, 7, 8, 10, 11], 2, longest=longest))
    assert found == {0: 36, 1: Lost(f"not read within {longest} seconds"), 2: 64, 3: 100, 4: 121}


@pytest.mark.usefixtures("start")
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_nobody_foresaw_is_lost_alone(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.delenv("EVGRAPH_DEBUG", raising=False)
    found = dict(spread(odd, [8, 9, 10], jobs))
    assert found == {0: 64, 1: Lost("a fault of evgraph itself: ZeroDivisionError: by nine"), 2: 100}
    monkeypatch.setenv("EVGRAPH_DEBUG", "1")
    if jobs == 1:
        with pytest.raises(ZeroDivisionError):
            list(spread(odd, [8, 9, 10], jobs))


def _who(item: int) -> tuple[int, int]:
    return item, os.getpid()


HEARING = """
import signal, sys
from evgraph.pages import pool
def hears(_):
    return signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
if __name__ == "__main__":
    pool.START = sys.argv[1]
    print(sorted(pool.spread(hears, range(3), 3)), hears(0))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows can hold no signals")
def test_a_ctrl_c_reaches_no_process_from_its_start_on(tmp_path: Path, start: str) -> None:
    done = _script(tmp_path, HEARING, start)
    assert done.stdout == "[(0, False), (1, False), (2, False)] True\n", done.stderr


def _script(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(text)
    command = [sys.executable, str(folder / "script.py"), *words]
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.usefixtures("start")
def test_no_process_outlives_a_stop_in_the_middle() -> None:
    found = spread(_who, range(50), 2)
    pids = {result.reason if isinstance(result, Lost) else result[1] for _, result in (next(found), next(found))}
    found.close()  # type: ignore[attr-defined]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


SCRIPT = """
import os, sys, time
from evgraph.pages import pool
def work(item):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(float(sys.argv[1]))
if __name__ == "__main__":
    pool.START = sys.argv[2]
    try:
        list(pool.spread(work, range(1000), 2))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize(
    ("how", "code", "each"), [(signal.SIGINT, 130, "60"), (signal.SIGTERM, -15, "1"), (signal.SIGKILL, -9, "1")]
)
@pytest.mark.usefixtures("interruptible")
def test_no_process_outlives_the_one_that_started_it(
    tmp_path: Path, start: str, how: signal.Signals, code: int, each: str
) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), each, start],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
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


@pytest.mark.usefixtures("start")
def test_pages_are_read_alike_however_processes_start(run: Run, tmp_path: Path) -> None:
    words: list[str | Path] = ["ingest", ROOT / "examples/pages", "--register", ROOT / "examples/register", "-o"]
    alone, spread_out = (run(*words, tmp_path / jobs, "--jobs", jobs) for jobs in ("1", "2"))
    assert spread_out.code == alone.code == 0
    assert spread_out.stdout == alone.stdout.replace(str(tmp_path / "1"), str(tmp_path / "2"))
    files = [one.relative_to(tmp_path / "1") for one in sorted((tmp_path / "1").rglob("*.ttl"))]
    assert len(files) > 3
    for file in files:
        assert (tmp_path / "2" / file).read_bytes() == (tmp_path / "1" / file).read_bytes()
