"""Children that cannot outlive us, processes that count as dead, and free ports."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from deploy.local import children
from deploy.local.ports import can_bind, free_port

ROOT = Path(__file__).parents[2]

PARENT = """
import signal, sys, time
from pathlib import Path
from deploy.local import children
here = Path(sys.argv[1])
child = children.spawn(("sleep", "60.25"), folder=here, log=here / "log",
                       on_our_death=signal.SIGTERM, account=children.unprivileged_account())
print(child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def spawn(tmp_path: Path, *command: str) -> subprocess.Popen[bytes]:
    return children.spawn(
        command, folder=tmp_path, log=tmp_path / "log", on_our_death=signal.SIGKILL
    )


def test_a_child_dies_with_a_killed_parent_even_under_another_account(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert children.is_alive(pid)
    assert not children.wait_dead(pid, 0.05)
    parent.kill()
    parent.communicate()
    assert children.wait_dead(pid, 5)


def test_a_child_has_its_own_session_a_private_log_and_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_MASTER_KEY", "secret")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child = spawn(tmp_path, "sh", "-c", "env; pwd; umask; sleep 60")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    assert os.getsid(child.pid) == child.pid
    deadline = time.monotonic() + 5
    while "0077" not in (log := (tmp_path / "log").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert str(tmp_path) in log
    assert "secret" not in log
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    # The shell may be about to start what sleeps: that one hears only what is said after.
    while child.poll() is None:
        assert time.monotonic() < deadline + 5
        os.killpg(child.pid, signal.SIGINT)
        time.sleep(0.05)
    assert child.returncode in (-signal.SIGINT, 128 + signal.SIGINT)


def test_only_the_main_thread_starts_children(tmp_path: Path) -> None:
    raised: list[BaseException] = []

    def start() -> None:
        try:
            spawn(tmp_path, "true")
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(raised[0])


def test_a_program_that_cannot_be_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        spawn(tmp_path, str(tmp_path / "missing"))


def test_a_zombie_is_dead_and_a_number_without_a_process_too(tmp_path: Path) -> None:
    child = spawn(tmp_path, "true")
    assert children.wait_dead(child.pid, 5)
    assert Path(f"/proc/{child.pid}").exists(), "it should still be listed"
    assert child.wait(5) == 0
    assert not children.is_alive(child.pid)
    assert children.is_alive(os.getpid())
    assert children.is_alive(1)


def test_a_name_with_brackets_and_blanks_does_not_hide_a_state(tmp_path: Path) -> None:
    program = tmp_path / "a ) Z (b"
    program.symlink_to("/bin/sleep")
    child = spawn(tmp_path, str(program), "60")
    assert children.is_alive(child.pid)
    children.end(child, ((signal.SIGKILL, 5),))
    assert not children.is_alive(child.pid)


def test_processes_are_found_by_their_command_line(tmp_path: Path) -> None:
    mark = f"60.{os.getpid()}"
    child = spawn(tmp_path, "sleep", mark)
    assert children.running_with(mark) == (child.pid,)
    assert children.wait_none_left(mark, 0.05) == (child.pid,)
    child.kill()
    assert children.wait_none_left(mark, 5) == ()
    child.wait()


def test_ending_goes_step_by_step(tmp_path: Path) -> None:
    polite = spawn(tmp_path, "sleep", "60")
    polite.send_signal(signal.SIGSTOP)
    children.end(polite, ((signal.SIGTERM, 5), (signal.SIGKILL, 5)))
    assert polite.returncode == -signal.SIGTERM

    stubborn = spawn(tmp_path, sys.executable, "-c", STUBBORN)
    while "up" not in (tmp_path / "log").read_text():
        time.sleep(0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        children.end(stubborn, ((signal.SIGTERM, 0.1),))
    children.end(stubborn, ((signal.SIGTERM, 0.1), (signal.SIGKILL, 5)))
    assert stubborn.returncode == -signal.SIGKILL
    children.end(stubborn, ((signal.SIGKILL, 0),))


def test_the_log_before_is_kept_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert children.last_lines(log) == ""
    children.keep_last_log(log)
    log.write_text("".join(f"line {number}\n" for number in range(9)))
    assert children.last_lines(log) == "line 5 | line 6 | line 7 | line 8"
    children.keep_last_log(log)
    assert not log.exists()
    assert (tmp_path / "log.1").read_text().startswith("line 0")


def test_a_free_port_is_the_preferred_one_or_a_neighbour() -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = int(used.getsockname()[1])
        assert not can_bind(port)
        neighbour = free_port(port, set())
        assert neighbour != port
        assert can_bind(neighbour)
        assert free_port(port, {neighbour}) not in (port, neighbour)
    assert free_port(port, set()) == port
    assert free_port(port, {port}) != port


def test_the_last_port_has_no_neighbour() -> None:
    port = free_port(65_535, {65_535})
    assert 0 < port < 65_535
