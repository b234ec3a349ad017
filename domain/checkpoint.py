"""What a checkpoint says of the journal, and how a tree of digests comes to one root."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from contracts.base import Contract
from contracts.checkpoint import CheckpointSigned
from domain.decider import Memory


class Tree:
    """
    A Merkle tree as RFC 6962, section 2.1, builds it, a leaf at a time.

    Only the roots of whole subtrees are kept: as many as the count has binary ones.
    """

    def __init__(self) -> None:
        self.count = 0
        self._roots: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Put a leaf behind the others."""
        height, node = 0, sha256(b"\x00" + leaf).digest()
        while self._roots and self._roots[-1][0] == height:
            node = sha256(b"\x01" + self._roots.pop()[1] + node).digest()
            height += 1
        self._roots.append((height, node))
        self.count += 1

    def root(self) -> str:
        """Return the root, in hex."""
        if not self._roots:
            return sha256().hexdigest()
        *others, (_, node) = self._roots
        for _, left in reversed(others):
            node = sha256(b"\x01" + left + node).digest()
        return node.hex()


def leaf(position: int, digest: str) -> bytes:
    """Return the leaf of a stored fact: its place in the journal, and its digest."""
    return f"{position}:{digest}".encode()


def root_of(facts: Iterable[tuple[int, str]]) -> tuple[str, int]:
    """Return the root over facts (position, digest), and how many they were."""
    tree = Tree()
    for position, digest in facts:
        tree.add(leaf(position, digest))
    return tree.root(), tree.count


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The newest checkpoint; `digest` is what the next one continues."""

    number: int = 0
    through: int = 0
    at: datetime | None = None
    digest: str = ""


def statement(fact: CheckpointSigned) -> bytes:
    """Return what is signed: every field but the signature, in one spelling."""
    told = fact.model_dump(mode="json", exclude={"signature"})
    told["at"] = fact.at.astimezone(UTC).isoformat()
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def digest_of_checkpoint(fact: CheckpointSigned) -> str:
    """Return what the next checkpoint names as the one before it."""
    return sha256(statement(fact) + b"|" + fact.signature.encode()).hexdigest()


def evolve(state: Checkpoints, fact: Contract) -> Checkpoints:
    """Return the newest checkpoint after one more fact."""
    if not isinstance(fact, CheckpointSigned):
        return state
    return Checkpoints(fact.number, fact.through, fact.at, digest_of_checkpoint(fact))


checkpoints: Memory[Checkpoints] = Memory(Checkpoints(), evolve)


def is_due(state: Checkpoints, begun: datetime, now: datetime) -> bool:
    """Return whether a day (UTC) has ended since the newest checkpoint, or since the beginning."""
    last = state.at or begun
    return now.astimezone(UTC).date() > last.astimezone(UTC).date()
