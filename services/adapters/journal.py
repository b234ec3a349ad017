"""The journal as the services use it: read, decide, save; and the whole log in order."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import psycopg

from contracts.base import Contract
from contracts.catalogue import contract_of
from contracts.recorded import Cause, Recorded
from contracts.upcasts import UPCASTS, Upcast
from domain.decider import Memory
from services.adapters.bell import Bell
from services.adapters.chapters import Chapters
from services.adapters.group_commit import GroupCommit
from services.adapters.group_read import LAST, GroupRead, Reader
from services.adapters.keys import KeyVault, Secrets
from services.adapters.mapper import ContractOf, FactMapper, StoredRow, digest_of
from services.adapters.recorder import Settings, prepare_database
from services.adapters.save import Composition, compose, subjects_of
from services.runtime import meters, tracing
from services.runtime.ports import (
    Chapter,
    Conflict,
    Decide,
    Entry,
    Header,
    Outline,
    SubjectErased,
    Unavailable,
)

S = TypeVar("S")

TRIES = 10
PATIENCE_S = 5.0
_LISTENING = Settings(lock_ms=0, statement_ms=0)


class AsyncJournal:
    """
    The journal over PostgreSQL; implements the port `Journal`.

    Any number of processes may write.  Everything is answered within `patience` seconds or
    raises `Unavailable`; lost connections come back by themselves.
    """

    def __init__(
        self, database_url: str, mapper: FactMapper, patience: float = PATIENCE_S
    ) -> None:
        settings = Settings()
        self._mapper = mapper
        self._commits = GroupCommit(database_url, settings, patience)
        self._streams = GroupRead(database_url, settings, patience)
        self._log = Reader(database_url, settings, patience)
        self._bell = Bell(database_url, _LISTENING)
        self._chapters = Chapters()
        self._drained: tuple[int, int] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    # Streams

    async def read(self, memory: Memory[S], stream: str, version: int | None = None) -> Chapter[S]:
        """Return a stream's state now, or as it was at `version`."""
        kept = self._chapters.find(memory, stream) if version is None else None
        chapter = kept or Chapter(stream, 0, "", memory.initial)
        upto = LAST if version is None else version
        rows = await self._streams.tail(stream, chapter.version, upto)
        if rows:
            facts = await self._decoded(rows, self._streams)
            state = memory.fold((recorded.fact for recorded in facts), chapter.state)
            chapter = Chapter(stream, facts[-1].version, facts[-1].digest, state)
        if version is None and (rows or kept is None):
            self._chapters.put(memory, chapter)
        return chapter

    async def history(self, stream: str) -> Sequence[Recorded[Contract]]:
        """Return a stream's facts in order."""
        return await self._decoded(await self._streams.tail(stream, 0), self._streams)

    async def fact(self, stream: str, version: int) -> Recorded[Contract] | None:
        """Return one fact, or None where there is none."""
        rows = await self._streams.tail(stream, version - 1, version)
        return (await self._decoded(rows, self._streams))[0] if rows else None

    # Appending

    async def save(
        self,
        entries: Sequence[Entry],
        cause: Cause,
        at: datetime,
        forget: str | None = None,
    ) -> Sequence[Recorded[Contract]]:
        """
        Append to several streams in one transaction, or to none.

        `forget` is a person whose keys are deleted in the same transaction: their text is gone
        from then on.  Entries without facts are left out.  Raises `Conflict`, `SubjectErased`,
        `Unavailable`.
        """
        entries = [entry for entry in entries if entry.facts]
        if not entries:
            if forget is not None:
                raise ValueError("forgetting a person needs a fact that says so")
            return ()
        vault = self._mapper.vault
        await self._streams.learn_keys(vault, subjects_of(entries))
        # Whoever acts on a fact continues the step that saved it.
        cause = Cause(cause.cause, cause.correlation, tracing.here() or cause.traceparent)
        try:
            saved = compose(self._mapper, entries, cause, at, forget)
            positions = await self._commits.append(saved.request)
        except (Conflict, SubjectErased, Unavailable) as error:
            self._withdraw(entries, error)
            raise
        for recorded in saved.facts:
            meters.count(recorded.fact)
        return self._stored(saved, positions, forget)

    async def act(
        self, decide: Decide, cause: Cause, at: datetime, forget: str | None = None
    ) -> Sequence[Recorded[Contract]]:
        """
        Decide and save; on a conflict decide again, up to ten times, then raise it.

        `decide` must read anew each time it is called; a decision for nothing forgets nobody.
        """
        for attempt in range(1, TRIES):
            try:
                return await self._act(decide, cause, at, forget)
            except Conflict:
                await asyncio.sleep(random.uniform(0, min(0.002 * 2**attempt, 0.1)))
        return await self._act(decide, cause, at, forget)

    async def _act(
        self, decide: Decide, cause: Cause, at: datetime, forget: str | None
    ) -> Sequence[Recorded[Contract]]:
        entries = [entry for entry in await decide() if entry.facts]
        return await self.save(entries, cause, at, forget if entries else None)

    def _withdraw(self, entries: Sequence[Entry], error: Exception) -> None:
        for entry in entries:
            self._chapters.drop(entry.stream)
            if isinstance(error, SubjectErased) and entry.subject is not None:
                self._mapper.vault.forget(entry.subject.person_id)
        if isinstance(error, SubjectErased):
            self._chapters.clear()

    def _stored(
        self, saved: Composition, positions: Sequence[int], forget: str | None
    ) -> Sequence[Recorded[Contract]]:
        for key in saved.request.keys:
            self._mapper.vault.remember(key.subject, key.cipher)
        facts = [
            recorded._replace(position=position)
            for recorded, position in zip(saved.facts, positions, strict=True)
        ]
        if forget is None:
            self._chapters.continue_with(facts)
        else:
            self._mapper.vault.forget(forget)
            self._chapters.clear()
        return facts

    # The whole log

    async def page(self, after: int, limit: int) -> Sequence[Recorded[Contract]]:
        """
        Return up to `limit` facts of the whole journal behind position `after`, in order.

        Raises `UnreadableFact` if one of them is unknown to this version.
        """
        return await self._decoded(await self.raw_page(after, limit), self._log)

    async def outline(self, after: int, limit: int, names: frozenset[str]) -> Outline:
        """
        Return which of the next `limit` facts have these names, without a person's word.

        Half the work of `page`: no keys, no digests, nothing of what nobody asked for.
        """
        rows = await self.raw_page(after, limit)
        through = rows[-1].position if rows else after
        return Outline(self._mapper.outline(rows, names), through, len(rows))

    async def raw_page(self, after: int, limit: int) -> Sequence[StoredRow]:
        """Return up to `limit` rows behind position `after`, undecoded, whatever they hold."""
        rung = self._bell.rung
        rows = await self._log.page(after, limit)
        if len(rows) < limit:
            self._drained = (rows[-1].position if rows else after, rung)
        return rows

    async def headers(self, after: int, limit: int) -> Sequence[Header]:
        """Return what may be said in public of the facts behind `after`, known or not."""
        return [self._mapper.header(row) for row in await self.raw_page(after, limit)]

    async def digests(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """Return position and digest of the facts behind `after`, in order, known or not."""
        return [
            (row.position, digest_of(row.stream, row.version, row.topic, row.state))
            for row in await self.raw_page(after, limit)
        ]

    async def head(self) -> int:
        """Return the last position of the journal; 0 when it is empty."""
        return await self._log.head()

    async def wait(self, after: int, timeout: float) -> None:
        """Return when a fact behind `after` may exist, or after `timeout` seconds."""
        drained, rung = self._drained or (-1, -1)
        await self._bell.wait_beyond(rung if drained == after else -1, timeout)

    async def now(self) -> datetime:
        """Return the database's clock."""
        return await self._log.now()

    async def aclose(self) -> None:
        """Finish what is being appended and close the connections."""
        await self._commits.aclose()
        await self._streams.aclose()
        await self._log.aclose()
        await self._bell.aclose()

    async def _decoded(
        self, rows: Sequence[StoredRow], reader: Reader
    ) -> list[Recorded[Contract]]:
        parsed = self._mapper.parse(rows)
        if parsed.needed:
            await reader.learn_keys(self._mapper.vault, parsed.needed)
        return self._mapper.decode(parsed)


async def open_journal(
    database_url: str,
    secrets: Secrets,
    *,
    contract_of: ContractOf = contract_of,
    upcasts: Mapping[str, Upcast] = UPCASTS,
    patience: float = PATIENCE_S,
) -> AsyncJournal:
    """
    Return the journal of a database, its tables created and its secrets checked.

    Raises `WrongSecret` if PEPPER or MASTER_KEY are not those it was begun with, and
    `Unavailable` if PostgreSQL does not answer.
    """
    try:
        async with asyncio.timeout(patience):
            await asyncio.to_thread(prepare_database, database_url, secrets)
    except (psycopg.OperationalError, TimeoutError) as error:
        raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from error
    return unchecked_journal(
        database_url, secrets, contract_of=contract_of, upcasts=upcasts, patience=patience
    )


def unchecked_journal(
    database_url: str,
    secrets: Secrets,
    *,
    contract_of: ContractOf = contract_of,
    upcasts: Mapping[str, Upcast] = UPCASTS,
    patience: float = PATIENCE_S,
) -> AsyncJournal:
    """Return the journal of a database that may be away: nothing is asked of it yet."""
    mapper = FactMapper.of(KeyVault(secrets.master_key), contract_of, upcasts)
    return AsyncJournal(database_url, mapper, patience)
