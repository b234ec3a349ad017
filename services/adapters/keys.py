"""The keys that personal text is sealed under: one a person and generation, wrapped at rest."""

import hmac
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.recorded import Subject

KEY_BYTES = 32
NONCE_BYTES = 12
KEEP_S = 60.0
_KEEP_COUNT = 100_000


class WrongSecret(Exception):
    """PEPPER or MASTER_KEY is not the one this journal was begun with."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not the one this journal was begun with: people could not be found again"
            " and their texts not be read; restore the old value"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Secrets:
    """The deployment's two secrets: `master_key` (32 bytes) wraps keys, `pepper` makes ids."""

    master_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.master_key) != KEY_BYTES:
            raise ValueError(f"MASTER_KEY must be {KEY_BYTES} bytes")

    def check_values(self) -> dict[str, bytes]:
        """Return what the journal keeps to recognise each secret, without giving it away."""
        named = {"MASTER_KEY": self.master_key, "PEPPER": self.pepper}
        return {
            name: hmac.digest(secret, f"parley secret check {name}".encode(), "sha256")
            for name, secret in named.items()
        }


class NewKey(NamedTuple):
    """A key that exists once its row is stored; `wrapped` is what the row holds."""

    subject: Subject
    wrapped: bytes
    cipher: AESGCM


def _bound_to(subject: Subject) -> bytes:
    return f"{subject.person_id}|{subject.generation}".encode()


class KeyVault:
    """
    Makes, wraps and unwraps data keys, and remembers what it unwrapped for a minute.

    A wrapped key is nonce + AES-256-GCM(master key), bound to its person and generation: a row
    copied to another person opens nothing.  A key found to be gone is remembered as well; that
    is safe because a fact and its key are stored in one transaction, so a key missing for a fact
    that can be read is missing for ever.
    """

    def __init__(
        self,
        master_key: bytes,
        keep_s: float = KEEP_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._master = AESGCM(master_key)
        self._keep_s = keep_s
        self._monotonic = monotonic
        self._known: dict[Subject, tuple[float, AESGCM | None]] = {}

    def create(self, subject: Subject) -> NewKey:
        """Return a fresh key of a person; it is known to nobody until `remember`."""
        key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        nonce = os.urandom(NONCE_BYTES)
        wrapped = nonce + self._master.encrypt(nonce, key, _bound_to(subject))
        return NewKey(subject, wrapped, AESGCM(key))

    def unwrap(self, subject: Subject, wrapped: bytes) -> AESGCM:
        """Return the key of a stored row.  Raises `InvalidTag` if the row was tampered with."""
        key = self._master.decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound_to(subject)
        )
        return AESGCM(key)

    def remember(self, subject: Subject, cipher: AESGCM | None) -> None:
        """Remember a key, or that it is gone, for at most `keep_s` seconds."""
        self._known.pop(subject, None)
        if len(self._known) >= _KEEP_COUNT:
            del self._known[next(iter(self._known))]
        self._known[subject] = (self._monotonic() + self._keep_s, cipher)

    def learn(self, asked: Iterable[Subject], rows: Iterable[tuple[Subject, bytes]]) -> None:
        """Remember the stored rows for the subjects asked about; those without one are gone."""
        found = dict(rows)
        for subject in asked:
            wrapped = found.get(subject)
            self.remember(subject, None if wrapped is None else self.unwrap(subject, wrapped))

    def unknown(self, subjects: Iterable[Subject]) -> set[Subject]:
        """Return those of the subjects that must be looked up before `cipher` can be asked."""
        now = self._monotonic()
        return {
            subject
            for subject in subjects
            if (known := self._known.get(subject)) is None or known[0] < now
        }

    def knows(self, subject: Subject) -> bool:
        """Return whether a subject was ever looked up, so that `cipher` can be asked."""
        return subject in self._known

    def cipher(self, subject: Subject) -> AESGCM | None:
        """
        Return the key of a subject that was looked up before; None where it is gone.

        Raises `LookupError` for one that was not: taken for gone, it would erase by mistake.
        """
        return self._known[subject][1]

    def forget(self, person_id: str) -> None:
        """Know every generation of a person's keys to be gone."""
        for subject in [known for known in self._known if known.person_id == person_id]:
            self.remember(subject, None)
