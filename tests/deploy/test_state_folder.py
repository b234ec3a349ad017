"""The state folder: one holder at a time, private, its secrets kept and its addresses true."""

import json
import os
import pwd
import signal
import stat
import subprocess
import sys
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from deploy.local.cannot_start import CannotStart
from deploy.local.state_folder import (
    Addresses,
    AlreadyRunning,
    StateFolder,
    StateFolderRefused,
    random_key,
    random_token,
)

ROOT = Path(__file__).parents[2]
ADDRESSES: Addresses = {
    "ingress": "http://127.0.0.1:8000",
    "console": "http://127.0.0.1:8100",
    "simulator": "http://127.0.0.1:8300",
    "phone": "http://127.0.0.1:8300/phone",
    "nats": "nats://127.0.0.1:4222",
    "database": "postgresql:///parley",
    "twilio": {"account_sid": "AC1", "auth_token": "t", "number": "+14155550100"},
}
# It forks, as the services are forked: the orphan must not hold the lock of its dead parent.
HOLDER = """
import os, sys, time
from pathlib import Path
from deploy.local.state_folder import StateFolder
folder = StateFolder(Path(sys.argv[1]))
folder.open()
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(60)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_private_and_kept_out_of_repositories(tmp_path: Path) -> None:
    path = tmp_path / "of" / ".parley"
    with StateFolder(path) as folder:
        assert folder.path == path
        assert mode(path) == 0o700
        assert (path / ".gitignore").read_text() == "*\n"
        assert (path / "lock").read_text() == f"{os.getpid()}\n"
    path.chmod(0o755)
    with StateFolder(path):
        assert mode(path) == 0o700


def test_a_second_start_is_told_who_runs_and_where_to_look(tmp_path: Path) -> None:
    with StateFolder(tmp_path) as folder:
        with pytest.raises(AlreadyRunning, match=r"Wait for it to start, or end it"):
            StateFolder(tmp_path).open()
        folder.write_addresses(ADDRESSES)
        with pytest.raises(AlreadyRunning) as refused:
            StateFolder(tmp_path).open()
        assert folder.read_addresses() == ADDRESSES, "the refused start took them away"
    assert isinstance(refused.value, CannotStart)
    assert refused.value.pid == os.getpid()
    assert str(refused.value) == (
        f"Parley already runs as process {os.getpid()} in {tmp_path}."
        f" Text it at {ADDRESSES['phone']}, get into the console by `make console`,"
        f" or end it with: kill {os.getpid()}"
    )
    StateFolder(tmp_path).open()


def test_a_killed_holder_frees_the_folder_though_its_children_live(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    orphan = int(holder.stdout.readline())
    try:
        with pytest.raises(AlreadyRunning, match=f"as process {holder.pid} "):
            StateFolder(tmp_path).open()
        (tmp_path / "addresses.json").write_text(json.dumps(ADDRESSES))
        holder.kill()
        holder.wait()
        os.kill(orphan, 0)
        assert StateFolder(tmp_path).read_addresses() is None, "nobody listens there any more"
        with StateFolder(tmp_path) as folder:
            assert folder.read_addresses() is None
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    finally:
        os.kill(orphan, signal.SIGKILL)
        holder.stdout.close()


def test_addresses_are_private_and_go_with_the_run(tmp_path: Path) -> None:
    reader = StateFolder(tmp_path)
    assert reader.read_addresses() is None
    with StateFolder(tmp_path) as folder:
        assert reader.read_addresses() is None
        folder.write_addresses(ADDRESSES)
        assert reader.read_addresses() == ADDRESSES
        assert mode(tmp_path / "addresses.json") == 0o600
        changed: Addresses = {**ADDRESSES, "console": "http://127.0.0.1:8101"}
        folder.write_addresses(changed)
        assert reader.read_addresses() == changed
    assert reader.read_addresses() is None
    assert not (tmp_path / "addresses.json").exists()


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    with StateFolder(tmp_path) as folder:
        key = folder.secret("MASTER_KEY", random_key)
        token = folder.secret("TWILIO_AUTH_TOKEN", random_token)
    with StateFolder(tmp_path) as folder:
        assert folder.secret("MASTER_KEY", random_key) == key
        assert folder.secret("TWILIO_AUTH_TOKEN", random_token) == token
        assert folder.secret("PEPPER") not in (key, token)
    assert len(urlsafe_b64decode(key)) == 32
    assert len(token) == 32
    assert int(token, 16) > 0
    assert {mode(path) for path in (tmp_path / "secrets").iterdir()} == {0o600}
    assert mode(tmp_path / "secrets") == 0o700


def test_an_emptied_secret_is_never_made_anew(tmp_path: Path) -> None:
    with StateFolder(tmp_path) as folder:
        folder.secret("MASTER_KEY", random_key)
        (tmp_path / "secrets" / "MASTER_KEY").write_text("\n")
        with pytest.raises(StateFolderRefused, match="MASTER_KEY is empty"):
            folder.secret("MASTER_KEY", random_key)


def test_a_folder_with_other_things_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis").write_text("mine")
    with pytest.raises(StateFolderRefused, match="holds other things"):
        StateFolder(tmp_path).open()
    assert mode(tmp_path) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateFolderRefused, match="cannot be used: File exists"):
        StateFolder(tmp_path / "state").open()


@pytest.mark.skipif(os.geteuid() != 0, reason="changes accounts")
def test_a_folder_of_another_account_is_refused(tmp_path: Path) -> None:
    stranger = pwd.getpwnam("daemon").pw_uid
    os.chown(tmp_path, stranger, -1)
    with pytest.raises(StateFolderRefused, match="belongs to daemon, and you are root"):
        StateFolder(tmp_path).open()
    os.chown(tmp_path, 54_321, -1)
    with pytest.raises(StateFolderRefused, match="belongs to account 54321"):
        StateFolder(tmp_path).open()
    assert not list(tmp_path.iterdir())
