"""The embedded PostgreSQL: every way it may be started, found, killed and stopped."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from deploy.local import children
from deploy.local.cannot_start import CannotStart
from deploy.local.children import Account, unprivileged_account
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.postgres_programs import installed_package, newest_version, programs

ROOT = Path(__file__).parents[2]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes accounts")

OWNER = """
import sys, time
from pathlib import Path
from deploy.local.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""
ORDINARY = """
import os, sys
from pathlib import Path
import psycopg
from deploy.local.postgres import EmbeddedPostgres
account, folder = int(sys.argv[1]), Path(sys.argv[2])
os.setgroups([]); os.setgid(account); os.setuid(account)
for _ in range(2):
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.url) as session:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        print(owner, session.execute("SELECT current_database()").fetchone()[0], flush=True)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in it, not served: made once, as it takes a second."""
    folder = tmp_path_factory.mktemp("state") / "postgres"
    with EmbeddedPostgres(folder):
        pass
    return folder


@pytest.fixture
def server(made: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(made) as running:
        yield running


def owner_of(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OWNER, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def write(server: EmbeddedPostgres, text: str) -> None:
    with psycopg.connect(server.url) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        session.execute("INSERT INTO kept VALUES (%s)", (text,))


def texts(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(server.url) as session:
        return {str(row[0]) for row in session.execute("SELECT text FROM kept")}


def setting(server: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(server.url) as session:
        row = session.execute("SELECT current_setting(%s)", (name,)).fetchone()
        assert row is not None
        return str(row[0])


def test_a_first_start_makes_a_durable_database_of_its_own(server: EmbeddedPostgres) -> None:
    expected = {
        "server_encoding": "UTF8",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "max_connections": "100",
        "jit": "off",
        "lc_messages": "C",
    }
    assert {name: setting(server, name) for name in expected} == expected
    with psycopg.connect(server.url) as session:
        row = session.execute("SELECT current_database(), datcollate FROM pg_database").fetchone()
    assert row == ("parley", "C")


@only_root
def test_root_lends_nobody_who_owns_the_data_alone(server: EmbeddedPostgres, made: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    assert Path(f"/proc/{server.pid}").stat().st_uid == nobody
    assert made.stat().st_uid == nobody
    assert made.parent.stat().st_uid == 0
    assert made.parent.stat().st_mode & 0o077 == 0


@only_root
def test_only_the_account_that_runs_us_is_let_in(server: EmbeddedPostgres, made: Path) -> None:
    """The server's own account reaches the socket through /proc and is still refused."""
    package = installed_package()
    psql = package / f"pginstall{newest_version(package)}" / "bin" / "psql"
    nobody = unprivileged_account()
    assert nobody is not None
    if not reachable(psql, nobody):
        pytest.skip("the programs lie in a private folder")

    def outcome(host: str, uid: int, gid: int) -> str:
        command = [str(psql), "-h", host, "-U", "parley", "-c", "SELECT 1", "parley"]
        ran = subprocess.run(
            command,
            user=uid,
            group=gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.stderr

    assert outcome(str(made), 0, 0) == ""
    assert "Permission denied" in outcome(str(made), nobody.uid, nobody.gid)
    assert "Peer authentication failed" in outcome(
        f"/proc/{server.pid}/cwd", nobody.uid, nobody.gid
    )


def reachable(program: Path, account: Account) -> bool:
    try:
        tried = subprocess.run(
            [str(program), "--version"],
            user=account.uid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return tried.returncode == 0


@only_root
def test_an_ordinary_user_starts_it_too() -> None:
    account = unprivileged_account()
    assert account is not None
    package = installed_package()
    if not reachable(package / f"pginstall{newest_version(package)}/bin/postgres", account):
        pytest.skip("the programs lie in a private folder")
    home = Path(tempfile.mkdtemp(prefix="parley-test-"))
    try:
        os.chown(home, account.uid, account.gid)
        command = [sys.executable, "-c", ORDINARY, str(account.uid), str(home / "postgres")]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(home)
    assert ran.stdout.split() == [str(account.uid), "parley"] * 2, ran.stderr


def test_what_is_there_is_served_again_within_a_second_or_so(made: Path) -> None:
    with EmbeddedPostgres(made) as first:
        write(first, "kept over a stop")
    began = time.monotonic()
    with EmbeddedPostgres(made) as second:
        assert time.monotonic() - began < 3
        assert "kept over a stop" in texts(second)


def test_starting_twice_changes_nothing(server: EmbeddedPostgres) -> None:
    pid = server.pid
    server.start()
    assert server.pid == pid


def test_our_death_ends_it_and_the_next_start_works_at_once(made: Path) -> None:
    owner = owner_of(made)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    assert children.is_alive(pid)
    kill(owner)
    with EmbeddedPostgres(made) as server:
        write(server, "after the kill")
        assert not children.is_alive(pid)


def test_a_killed_server_starts_at_once_and_has_lost_nothing(server: EmbeddedPostgres) -> None:
    url, pid = server.url, server.pid
    assert pid is not None
    write(server, "kept over a kill")
    os.kill(pid, signal.SIGKILL)
    assert children.wait_dead(pid, 5)
    server.start()
    assert server.url == url
    assert server.pid not in (None, pid)
    assert "kept over a kill" in texts(server)


def test_the_old_number_may_be_a_zombie_or_another_program(made: Path) -> None:
    account = unprivileged_account()
    uid = None if account is None else account.uid
    zombie = subprocess.Popen(["true"])
    stranger = subprocess.Popen(["sleep", "60"], user=uid)
    try:
        while children.is_alive(zombie.pid):
            time.sleep(0.01)
        for pid in (zombie.pid, stranger.pid):
            for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
                (made / name).write_text(f"{pid}\n/proc/self/cwd\n1\n5432\n.\n\n")
            with EmbeddedPostgres(made) as server:
                write(server, "not fooled")
        assert stranger.poll() is None
    finally:
        zombie.wait()
        stranger.kill()
        stranger.wait()


def test_a_second_server_over_the_same_data_is_refused(
    server: EmbeddedPostgres, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.postgres._ORPHAN_PATIENCE_S", 0.1)
    with pytest.raises(CannotStart, match=rf"still works on .*kill -KILL .*\b{server.pid}\b"):
        EmbeddedPostgres(made).start()
    # Started by somebody else, it bears another name, but it answers.
    monkeypatch.setattr("deploy.local.children.running_with", lambda _: ())
    with pytest.raises(CannotStart, match="already serves"):
        EmbeddedPostgres(made).start()
    write(server, "unharmed")


def test_a_path_too_long_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("long" * 30) / ("longer" * 30) / "blank and 100% ü" / "postgres"
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setattr("deploy.local.socket_path._SHORT", Path(short))
        with EmbeddedPostgres(folder) as server:
            write(server, "far away")
            assert texts(server) == {"far away"}
        (private,) = Path(short).iterdir()
        assert private.stat().st_mode & 0o777 == 0o700
        private.chmod(0o777)
        with pytest.raises(CannotStart, match="not a private folder of yours"):
            EmbeddedPostgres(folder).start()


def test_data_half_made_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    owner = owner_of(folder)
    while not list(tmp_path.glob("postgres.new-*/global/pg_control")):
        assert owner.poll() is None
        time.sleep(0.005)
    kill(owner)
    assert not folder.exists()
    with EmbeddedPostgres(folder) as server:
        write(server, "whole")
    assert {path.name for path in tmp_path.iterdir()} >= {"postgres", "postgres.log"}
    assert not list(tmp_path.glob("postgres.new-*"))


@only_root
def test_data_of_another_account_is_refused_and_that_of_root_taken(made: Path) -> None:
    stranger = pwd.getpwnam("daemon")
    os.chown(made, stranger.pw_uid, stranger.pw_gid)
    with pytest.raises(CannotStart, match="belongs to daemon, and you are root"):
        EmbeddedPostgres(made).start()
    for path in (made, *made.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    with EmbeddedPostgres(made) as server:
        write(server, "restored by root")


def test_other_files_and_other_versions_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "diary").write_text("mine")
    with pytest.raises(CannotStart, match="holds files but no database"):
        EmbeddedPostgres(folder).start()
    (folder / "PG_VERSION").write_text("12\n")
    with pytest.raises(CannotStart, match="of PostgreSQL 12"):
        EmbeddedPostgres(folder).start()
    assert (folder / "diary").read_text() == "mine"


def test_damage_is_named_from_the_log(made: Path) -> None:
    control = made / "global" / "pg_control"
    whole = control.read_bytes()
    try:
        control.write_bytes(b"")
        with pytest.raises(CannotStart, match=r"did not start: .*pg_control.*all of it in"):
            EmbeddedPostgres(made).start()
    finally:
        control.write_bytes(whole)
    with EmbeddedPostgres(made) as server:
        write(server, "mended")


def test_a_stop_ends_sessions_and_a_frozen_server(made: Path) -> None:
    server = EmbeddedPostgres(made)
    server.start()
    pid = server.pid
    assert pid is not None
    with psycopg.connect(server.url, autocommit=True) as session:
        os.kill(pid, signal.SIGSTOP)
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    assert not children.is_alive(pid)
    assert server.pid is None
    assert "database system is shut down" in server_log(made)
    server.stop()


def server_log(made: Path) -> str:
    return made.with_name("postgres.log").read_text()


def test_the_log_holds_no_personal_text(server: EmbeddedPostgres, made: Path) -> None:
    number = "+14155550123"
    with psycopg.connect(server.url) as session:
        session.execute("CREATE TEMPORARY TABLE people (phone text PRIMARY KEY)")
        session.execute("INSERT INTO people VALUES (%s)", (number,))
        with pytest.raises(errors.UniqueViolation, match="14155550123"):
            session.execute(f"INSERT INTO people VALUES ('{number}')".encode())
    assert "duplicate key" in server_log(made)
    assert number not in server_log(made)


@only_root
def test_programs_in_a_private_home_are_copied_to_where_nobody_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, version = installed_package(), newest_version(installed_package())
    private = tmp_path / package.name
    shutil.copytree(package / f"pginstall{version}", private / f"pginstall{version}")
    shutil.copytree(package.with_name(package.name + ".libs"), tmp_path / f"{package.name}.libs")
    account = unprivileged_account()
    assert account is not None
    shared = Path(tempfile.mkdtemp(prefix="parley-test-"))
    shared.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    monkeypatch.setattr("deploy.local.postgres.installed_package", lambda: private)
    try:
        assert not reachable(private / f"pginstall{version}/bin/postgres", account)
        with EmbeddedPostgres(tmp_path / "state" / "postgres") as server:
            write(server, "run from a copy")
        place = programs(private, version, account)
        assert place.is_relative_to(shared)
        (copy,) = shared.iterdir()
        copy.chmod(0o777)
        with pytest.raises(CannotStart, match="other accounts can change it"):
            programs(private, version, account)
    finally:
        shutil.rmtree(shared)
