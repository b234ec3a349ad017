"""`python -m deploy.operations.nats_keys FOLDER`: a key for every user of the NATS server."""

import os
import sys
from pathlib import Path

import nkeys  # type: ignore[import-untyped]

from deploy.operations.nats_users import users, variable_of


def make(folder: Path) -> dict[str, str]:
    """
    Write `<user>.seed` for each user and `nkeys.env` for the server; return the public keys.

    What is there is kept: a seed that is deleted is made anew by the next call.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    public = {variable_of(user): _public(folder / f"{user}.seed") for user in users()}
    lines = "".join(f"{name}={key}\n" for name, key in public.items())
    (folder / "nkeys.env").write_text(lines, encoding="ascii")
    return public


def _public(path: Path) -> str:
    if not path.exists():
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(seed)
    pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
    return bytes(pair.public_key).decode("ascii")


if __name__ == "__main__":
    made = make(Path(sys.argv[1] if len(sys.argv) > 1 else "nkeys"))
    sys.stdout.write(f"{len(made)} keys; give nkeys.env to the server, each seed to its user.\n")
