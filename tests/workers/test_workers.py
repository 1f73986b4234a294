"""Worker processes stay warm, end at their limits, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.workers.tasks import backtrack, die, fail, fill, numbers, print_everywhere, raise_odd, working_directory

from evgraph import workers
from evgraph.errors import Hint, IllegalQueryError, LimitReachedError, UnreadableError, UsageError
from evgraph.limits import LEAST_MEMORY, Limits
from evgraph.workers import iterate

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import TypeAlias

    Run: TypeAlias = Callable[..., Generator[Any, None, None]]

ROOT = Path(__file__).parent.parent.parent
SOON = Limits(60)


@pytest.fixture(params=["fork", "spawn"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give `iterate` with workers of its own, copied from this process where that is safe, or started."""
    if request.param == "spawn":
        monkeypatch.setattr(workers, "_can_fork", lambda _: False)
    key = object()

    def run(
        function: Callable[..., Iterable[Any]], *arguments: object, limits: Limits = SOON
    ) -> Generator[Any, None, None]:
        return iterate(function, *arguments, limits=limits, task="the task", key=key)

    return run


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> None:
    end = time.monotonic() + 20
    while is_running(pid):
        assert time.monotonic() < end, "the worker goes on, and nobody waits for it"
        time.sleep(0.02)


def test_one_worker_serves_task_after_task(run: Run) -> None:
    pid, *rest = run(numbers, 3, limits=Limits(float("inf")))
    assert (rest, pid != os.getpid()) == ([0, 1, 2], True)
    partly = run(numbers, 1_000_000)
    assert [next(partly), next(partly), next(partly)] == [pid, 0, 1]
    other, *_ = run(numbers, 1)
    assert other != pid  # The first one is at work.
    partly.close()
    assert next(run(numbers, 1)) in {pid, other}
    assert next(run(numbers, 1, limits=Limits(60, 4_000))) not in {pid, other}


def test_errors_keep_their_fields_and_the_worker(run: Run) -> None:
    (pid,) = run(numbers, 0)
    error = IllegalQueryError(
        "no", path="q.rq", line=3, column=4, hint=Hint.NAME_CELL, parameter="cell", expected=("a",)
    )
    parts = run(fail, error)
    assert next(parts) == 1
    with pytest.raises(IllegalQueryError) as raised:
        next(parts)
    assert vars(raised.value) == vars(error)
    with pytest.raises(ZeroDivisionError, match="unforeseen") as unforeseen:
        list(run(fail, ZeroDivisionError("unforeseen")))
    assert "Traceback" in unforeseen.value.__notes__[0]
    assert list(run(numbers, 0)) == [pid]


@pytest.mark.default_cases(1)
def test_a_deadline_ends_what_nothing_else_would(run: Run) -> None:
    start = time.monotonic()
    with pytest.raises(LimitReachedError, match=r"the task took longer than 0\.5 s and was ended") as raised:
        list(run(backtrack, limits=Limits(0.5)))
    assert raised.value.hint is Hint.ALLOW_MORE_TIME
    assert time.monotonic() - start < 20
    assert len(list(run(numbers, 5))) == 6


@pytest.mark.slow
def test_a_deadline_holds_between_items_and_not_after_them(run: Run) -> None:
    (pid,) = run(numbers, 0)
    items = run(numbers, 10, limits=Limits(1))
    assert next(items) == pid
    time.sleep(1.5)
    with pytest.raises(LimitReachedError):
        next(items)
    assert not is_running(pid)
    (pid,) = run(numbers, 0)
    items = run(numbers, 10, limits=Limits(1))
    assert next(items) == pid
    items.close()
    time.sleep(1.5)
    assert next(run(numbers, 1)) == pid


def test_a_memory_limit_ends_a_worker_and_others_go_on(run: Run) -> None:
    other = run(numbers, 2)
    pid = next(other)
    with pytest.raises(LimitReachedError, match="the task needed more memory than 1000 MB and was ended") as raised:
        list(run(fill, limits=Limits(None, 1_000)))
    assert raised.value.hint is Hint.ALLOW_MORE_MEMORY
    assert (list(other), is_running(pid)) == ([0, 1], True)
    with pytest.raises(UsageError, match="are too little for any query"):
        list(run(fill, limits=Limits(None, LEAST_MEMORY - 1)))


def test_a_worker_that_ends_by_itself_is_reported_and_replaced(run: Run) -> None:
    with pytest.raises(UnreadableError, match=r"the process of the task ended unexpectedly \(exit code 9\)"):
        list(run(die, 9))
    (pid,) = run(numbers, 0)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)
    assert list(run(numbers, 0)) != [pid]


def test_workers_print_nothing(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert list(run(print_everywhere)) == [None]
    assert capfd.readouterr() == ("", "")


def test_a_worker_serves_one_working_directory(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(run(working_directory))
    monkeypatch.chdir(tmp_path)
    assert list(run(working_directory)) == [str(tmp_path)] != before


def test_threads_get_workers_of_their_own(run: Run) -> None:
    results: list[list[int]] = []
    threads = [threading.Thread(target=lambda: results.append(list(run(numbers, 200)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result[1:] for result in results] == [list(range(200))] * 6


def test_few_workers_stay(run: Run) -> None:
    pids = [next(iterate(numbers, 0, limits=SOON, task="the task", key=object())) for _ in range(workers._MAX_IDLE + 3)]
    assert sum(map(is_running, pids)) == workers._MAX_IDLE
    assert next(run(numbers, 0)) not in pids


def test_a_copy_of_the_parent_leaves_its_workers_alone(run: Run) -> None:
    items = run(numbers, 3)
    pid = next(items)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def ask() -> None:
        own = next(run(numbers, 0))
        with suppress(UnreadableError):
            next(items)
        theirs.send(own)

    copy = context.Process(target=ask)
    copy.start()
    assert ours.recv() not in {pid, os.getpid()}
    copy.join()
    assert list(items) == [0, 1, 2]


SCRIPT = """
import os, sys, threading, time
from evgraph.limits import Limits
from evgraph.workers import iterate
from tests.workers.tasks import backtrack, numbers
if sys.argv[1] == "spawn":
    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
idle, = iterate(numbers, 0, limits=Limits(60), task="idle", key="idle")
at_work = iterate(numbers, 1, limits=Limits(60), task="at work", key="at work")
print(idle, next(at_work), flush=True)
if sys.argv[2] == "works":
    at_work.close()
    list(iterate(backtrack, limits=Limits(60), task="at work", key="at work"))
"""


@pytest.mark.default_cases(1)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems end a worker at its deadline")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, -2), (signal.SIGTERM, -15), (signal.SIGKILL, -9), (None, 0)], ids=str
)
def test_no_worker_outlives_its_parent(start: str, how: signal.Signals | None, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, start, "works" if how else "ends"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        process_group=0,
    ) as parent:
        assert parent.stdout
        assert parent.stderr
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        if how is not None:
            time.sleep(0.5)
            assert all(map(is_running, pids))
            os.killpg(parent.pid, how) if how == signal.SIGINT else parent.send_signal(how)
        begin = time.monotonic()
        assert parent.wait(20) == code
        for pid in pids:
            wait_for_end(pid)
        assert time.monotonic() - begin < 10
        error = parent.stderr.read()
        assert error == "" if how is not signal.SIGINT else error.endswith("KeyboardInterrupt\n")


def test_an_error_that_cannot_be_pickled_is_named(run: Run) -> None:
    with pytest.raises(RuntimeError, match="OddError: odd"):
        list(run(raise_odd))
