"""No process of a demo outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.rehearsal.processes import Processes, ProcessFailed, Stopped, processes

SLEEP = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)
PARENT_OF_TWO = (
    "import subprocess, sys, time\n"
    f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)"
)


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def written(company: Processes, name: str) -> str:
    log = company.logs / f"{name}.log"
    assert eventually(lambda: log.read_text().endswith("\n"))
    return log.read_text()


def test_all_end_with_the_demo_and_their_children_too(tmp_path: Path) -> None:
    with processes(tmp_path, tmp_path / "logs", {}) as company:
        company.start("parent", "-c", PARENT_OF_TWO)
        pids = [company.running["parent"].pid, int(written(company, "parent"))]
        assert all(is_alive(pid) for pid in pids)

    assert eventually(lambda: not any(is_alive(pid) for pid in pids))


def test_who_does_not_listen_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.rehearsal.processes.STOP_SECONDS", 0.2)

    with processes(tmp_path, tmp_path / "logs", {}) as company:
        company.start("stubborn", "-c", STUBBORN)
        written(company, "stubborn")
        pid = company.running["stubborn"].pid

    assert not is_alive(pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_demo_and_everybody_in_it(tmp_path: Path, number: signal.Signals) -> None:
    pids = []

    def demo() -> None:
        with processes(tmp_path, tmp_path / "logs", {}) as company:
            company.start("sleeper", "-c", SLEEP)
            pids.append(company.running["sleeper"].pid)
            os.kill(os.getpid(), number)
            time.sleep(5)

    with pytest.raises(Stopped):
        demo()

    assert not is_alive(pids[0])


def test_a_process_that_ends_too_early_is_named_with_its_last_words(tmp_path: Path) -> None:
    with processes(tmp_path, tmp_path / "logs", {}) as company:
        company.start("web", "-c", "raise SystemExit('no more paper')")

        with pytest.raises(ProcessFailed, match=r"The web process ended(.|\n)*no more paper"):
            company.wait_until(lambda: False, "The web server")


def test_a_step_that_fails_stops_the_demo(tmp_path: Path) -> None:
    with (
        processes(tmp_path, tmp_path / "logs", {}) as company,
        pytest.raises(ProcessFailed, match="The migrate process ended"),
    ):
        company.finish("migrate", "-c", "raise SystemExit(1)")


def test_the_code_of_the_performance_is_handed_on(tmp_path: Path) -> None:
    with processes(tmp_path, tmp_path / "logs", {}) as company:
        assert company.perform("rehearse", "-c", "raise SystemExit(3)") == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_a_demo_that_is_killed_leaves_nobody_behind(tmp_path: Path) -> None:
    conductor = (
        "import sys, time; from pathlib import Path; from campaigns.rehearsal.processes import Processes\n"
        f"company = Processes(Path({str(tmp_path)!r}), Path({str(tmp_path)!r}), {{}})\n"
        f"company.start('sleeper', '-c', {SLEEP!r})\n"
        "print(company.running['sleeper'].pid, flush=True); time.sleep(600)"
    )
    demo = subprocess.Popen([sys.executable, "-c", conductor], stdout=subprocess.PIPE, cwd=Path.cwd())
    with demo:
        assert demo.stdout
        pid = int(demo.stdout.readline())
        demo.kill()

    assert eventually(lambda: not is_alive(pid))
