"""Witnesses of the stored bytes: the chain of each stream, and the signed sums of all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from contracts.checkpoint import CheckpointSigned
from contracts.identity import CHECKPOINT_STREAM
from domain.checkpoint import Tree, digest_of_checkpoint, leaf, statement
from services.adapters.mapper import StoredRow, digest_of
from services.adapters.signing import signed_by


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the stored history is not what was written."""

    position: int
    stream: str
    version: int
    what: str


class Chains:
    """
    Looks at one row after the other, in order, whether its stream goes on where it stood.

    No key is needed: the chain is over the stored bytes, so erasure does not break it.
    """

    def __init__(self) -> None:
        self._stands: dict[str, tuple[int, str]] = {}

    def after(self, row: StoredRow) -> Iterator[Damage]:
        """Return what is wrong with one more row."""
        position, stream, version, topic, state = row
        before, digest = self._stands.get(stream, (0, ""))
        self._stands[stream] = (version, digest_of(stream, version, topic, state))
        if version != before + 1:
            yield Damage(position, stream, version, f"follows version {before}")
        elif _previous(state) != digest:
            yield Damage(position, stream, version, "does not continue the fact before it")


class Signatures:
    """
    Holds the rows, in order, against signed checkpoints.

    `stored` are those in the journal, `kept` copies from outside it, which whoever rewrites the
    journal cannot reach.  `public` is the deployment's own key: what another key signed, a
    database could have said of itself.
    """

    def __init__(
        self, stored: Sequence[CheckpointSigned], kept: Sequence[CheckpointSigned], public: str
    ) -> None:
        self.unsigned = 0
        self.damage = [*_contradictions(stored, kept), *_chain(_merged(stored, kept), public)]
        self._left = sorted(_merged(stored, kept), key=lambda each: each.through)
        self.count = len(self._left)
        self._tree = Tree()

    def after(self, row: StoredRow) -> Iterator[Damage]:
        """Return which checkpoints are found false by one more row."""
        while self._left and row.position > self._left[0].through:
            yield from self._close(self._left.pop(0))
        if not self._left:
            self.unsigned += 1
            return
        digest = digest_of(row.stream, row.version, row.topic, row.state)
        self._tree.add(leaf(row.position, digest))

    def end(self) -> Iterator[Damage]:
        """Return what is wrong with those whose last fact was the last of all, or is missing."""
        while self._left:
            yield from self._close(self._left.pop(0))

    def _close(self, signed: CheckpointSigned) -> Iterator[Damage]:
        tree, self._tree = self._tree, Tree()
        if tree.count != signed.facts:
            yield _damage(signed, f"counted {signed.facts} facts, and there are {tree.count}")
        elif tree.root() != signed.root:
            yield _damage(signed, "summed up other facts than there are now")


def _merged(
    stored: Sequence[CheckpointSigned], kept: Sequence[CheckpointSigned]
) -> list[CheckpointSigned]:
    """Return one checkpoint a number; a kept copy counts before what the journal says."""
    by_number = {each.number: each for each in stored} | {each.number: each for each in kept}
    return [by_number[number] for number in sorted(by_number)]


def _contradictions(
    stored: Sequence[CheckpointSigned], kept: Sequence[CheckpointSigned]
) -> Iterator[Damage]:
    by_number = {each.number: each for each in stored}
    for each in kept:
        found = by_number.get(each.number)
        if found is None:
            yield _damage(each, "was kept outside and is missing in the journal")
        elif statement(found) != statement(each):
            yield _damage(each, "is another one in the journal than the copy that was kept")


def _chain(checkpoints: Sequence[CheckpointSigned], public: str) -> Iterator[Damage]:
    before: CheckpointSigned | None = None
    for each in checkpoints:
        if each.key != public or not signed_by(public, statement(each), each.signature):
            yield _damage(each, "is not signed by this deployment's key")
        begins = 0 if before is None else before.through
        previous = "" if before is None else digest_of_checkpoint(before)
        if each.after != begins or each.previous != previous:
            yield _damage(each, "does not continue the checkpoint before it")
        before = each


def _damage(signed: CheckpointSigned, what: str) -> Damage:
    return Damage(signed.through, CHECKPOINT_STREAM, signed.number, f"the checkpoint {what}")


def _previous(state: bytes) -> str | None:
    try:
        previous: str = from_json(state)["previous"]
    except (ValueError, KeyError, TypeError):
        return None
    return previous
