"""The facts of checkpoints: what the whole journal was, signed, so that a change would show."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.base import Contract


class CheckpointSigned(Contract):
    """
    The facts behind position `after` up to `through` were these.

    `root` is the Merkle root (RFC 6962) over them, `facts` how many they are; `previous` is the
    digest of the checkpoint before, empty for the first.  `key` is the deployment's public
    Ed25519 key and `signature` its signature of all the rest, all in hex.
    """

    name: ClassVar[str] = "checkpoint.signed.v1"
    number: int
    after: int
    through: int
    facts: int
    root: str
    previous: str
    at: AwareDatetime
    key: str
    signature: str
