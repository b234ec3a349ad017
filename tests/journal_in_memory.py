"""The journal without a database, for tests of whoever only needs the port."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from contracts.base import Contract
from contracts.catalogue import contract_of
from contracts.recorded import Cause, Recorded, Subject
from contracts.upcasts import UPCASTS, Upcast
from domain.decider import Memory
from services.adapters.keys import KeyVault
from services.adapters.mapper import ContractOf, FactMapper, StoredRow, digest_of
from services.adapters.save import Composition, compose, subjects_of
from services.runtime.ports import Chapter, Conflict, Decide, Entry, Header, Outline, SubjectErased

S = TypeVar("S")

_TRIES = 10


class MemoryJournal:
    """
    Implements the port `Journal` in one process, with the real bytes, keys and digests.

    A save yields to the loop before it looks, so that two saves can race as they do outside.
    """

    def __init__(
        self,
        *,
        contract_of: ContractOf = contract_of,
        upcasts: Mapping[str, Upcast] = UPCASTS,
    ) -> None:
        self._vault = KeyVault(bytes(32))
        self._mapper = FactMapper.of(self._vault, contract_of, upcasts)
        self._rows: list[StoredRow] = []
        self._heads: dict[str, int] = {}
        self._keys: dict[Subject, bytes] = {}
        self._appended = asyncio.Event()

    async def read(self, memory: Memory[S], stream: str, version: int | None = None) -> Chapter[S]:
        """Return a stream's state now, or as it was at `version`."""
        facts = await self.history(stream)
        if version is not None:
            facts = facts[:version]
        state = memory.fold(recorded.fact for recorded in facts)
        if not facts:
            return Chapter(stream, 0, "", state)
        return Chapter(stream, facts[-1].version, facts[-1].digest, state)

    async def history(self, stream: str) -> Sequence[Recorded[Contract]]:
        """Return a stream's facts in order."""
        return self._decoded([row for row in self._rows if row.stream == stream])

    async def fact(self, stream: str, version: int) -> Recorded[Contract] | None:
        """Return one fact, or None where there is none."""
        rows = [row for row in self._rows if (row.stream, row.version) == (stream, version)]
        return self._decoded(rows)[0] if rows else None

    async def save(
        self, entries: Sequence[Entry], cause: Cause, at: datetime, forget: str | None = None
    ) -> Sequence[Recorded[Contract]]:
        """Append to several streams at once, or to none."""
        entries = [entry for entry in entries if entry.facts]
        if not entries:
            if forget is not None:
                raise ValueError("forgetting a person needs a fact that says so")
            return ()
        self._learn(subjects_of(entries))
        saved = compose(self._mapper, entries, cause, at, forget)
        await asyncio.sleep(0)
        return self._store(saved)

    def _store(self, saved: Composition) -> Sequence[Recorded[Contract]]:
        request = saved.request
        if any(self._heads.get(stream, 0) != version for stream, version in request.heads):
            raise Conflict("a stream has moved on")
        if any(subject not in self._keys for subject in request.needs):
            raise SubjectErased("a key was deleted")
        for key in request.keys:
            self._keys[key.subject] = key.wrapped
        facts: list[Recorded[Contract]] = []
        for row, fact in zip(request.rows, saved.facts, strict=True):
            position = len(self._rows) + 1
            self._rows.append(row._replace(position=position))
            self._heads[row.stream] = row.version
            facts.append(fact._replace(position=position))
        if request.forget is not None:
            self._keys = {
                subject: wrapped
                for subject, wrapped in self._keys.items()
                if subject.person_id != request.forget
            }
        self._appended.set()
        return facts

    async def act(
        self, decide: Decide, cause: Cause, at: datetime, forget: str | None = None
    ) -> Sequence[Recorded[Contract]]:
        """Decide and save; on a conflict decide again."""
        for _ in range(1, _TRIES):
            try:
                return await self._act(decide, cause, at, forget)
            except Conflict:
                await asyncio.sleep(0)
        return await self._act(decide, cause, at, forget)

    async def _act(
        self, decide: Decide, cause: Cause, at: datetime, forget: str | None
    ) -> Sequence[Recorded[Contract]]:
        entries = [entry for entry in await decide() if entry.facts]
        return await self.save(entries, cause, at, forget if entries else None)

    async def page(self, after: int, limit: int) -> Sequence[Recorded[Contract]]:
        """Return up to `limit` facts behind position `after`, in order."""
        return self._decoded(await self.raw_page(after, limit))

    async def outline(self, after: int, limit: int, names: frozenset[str]) -> Outline:
        """Return which of the next `limit` facts have these names, without a person's word."""
        rows = await self.raw_page(after, limit)
        through = rows[-1].position if rows else after
        return Outline(self._mapper.outline(rows, names), through, len(rows))

    async def raw_page(self, after: int, limit: int) -> Sequence[StoredRow]:
        """Return up to `limit` rows behind position `after`, undecoded."""
        return self._rows[after : after + limit]

    async def headers(self, after: int, limit: int) -> Sequence[Header]:
        """Return what may be said in public of the facts behind `after`."""
        return [self._mapper.header(row) for row in await self.raw_page(after, limit)]

    async def digests(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """Return position and digest of the facts behind `after`."""
        return [
            (row.position, digest_of(row.stream, row.version, row.topic, row.state))
            for row in await self.raw_page(after, limit)
        ]

    async def head(self) -> int:
        """Return the last position; 0 when empty."""
        return len(self._rows)

    async def wait(self, after: int, timeout: float) -> None:
        """Return when a fact behind `after` exists, or after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while len(self._rows) <= after:
                    self._appended.clear()
                    await self._appended.wait()
        except TimeoutError:
            return

    async def now(self) -> datetime:
        """Return the clock of this machine, as there is no other."""
        return datetime.now(UTC)

    async def aclose(self) -> None:
        """Have nothing to close."""

    def _learn(self, subjects: Iterable[Subject]) -> None:
        asked = list(subjects)
        found = [(each, self._keys[each]) for each in asked if each in self._keys]
        self._vault.learn(asked, found)

    def _decoded(self, rows: Sequence[StoredRow]) -> list[Recorded[Contract]]:
        parsed = self._mapper.parse(rows)
        self._learn(parsed.needed)
        return self._mapper.decode(parsed)
