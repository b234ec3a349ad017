"""The deployment's signing key: Ed25519, derived from the master key, and known to no database."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"parley checkpoint signatures"


class Ed25519Signer:
    """
    Signs with a key of its own, which the master key alone leads to (HKDF-SHA256).

    Whoever can write to the database, its owner included, cannot sign.
    """

    def __init__(self, master_key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
        self._key = Ed25519PrivateKey.from_private_bytes(derived.derive(master_key))

    @property
    def public(self) -> str:
        """The public key, in hex."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, statement: bytes) -> str:
        """Return the signature, in hex."""
        return self._key.sign(statement).hex()


def signed_by(public: str, statement: bytes, signature: str) -> bool:
    """Return whether a signature is that key's; all in hex, and False for what is none."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), statement)
    except (ValueError, InvalidSignature):
        return False
    return True
