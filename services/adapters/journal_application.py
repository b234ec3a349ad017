"""The journal as audits use it: synchronously, by the event sourcing library's own means."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

from eventsourcing.application import Application
from eventsourcing.persistence import (
    InterfaceError,
    Mapper,
    Notification,
    OperationalError,
)
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import retry
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from contracts.base import Contract
from contracts.catalogue import contract_of
from contracts.recorded import Recorded, Subject
from contracts.upcasts import UPCASTS, Upcast
from domain.decider import Memory
from services.adapters.group_read import LAST
from services.adapters.keys import KeyVault, Secrets
from services.adapters.mapper import ContractOf, FactMapper, StoredRow
from services.adapters.recorder import CONNECT, check_secrets
from services.adapters.witness import Chains, Damage
from services.runtime.ports import Chapter

S = TypeVar("S")

_PAGE = 500
# Of what is left unread a page holds nothing, so that it may be longer.
_SIFTED_PAGE = 2_000
_KEYS = (
    b"SELECT r.n, k.wrapped FROM unnest(%b::text[], %b::int4[])"
    b" WITH ORDINALITY AS r (subject, generation, n)"
    b" JOIN public.subject_keys AS k ON k.subject = r.subject AND k.generation = r.generation"
)
_SIFTED = (
    b"SELECT notification_id, originator_id, originator_version, topic, state"
    b" FROM public.stored_events WHERE notification_id > %s AND topic <> ALL (%s)"
    b" ORDER BY notification_id LIMIT %s"
)
_STREAM = (
    b"SELECT notification_id, originator_id, originator_version, topic, state"
    b" FROM public.stored_events WHERE originator_id = %s AND originator_version <= %s"
    b" ORDER BY originator_version"
)


def _topic(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


class Journal(Application[str]):
    """
    The journal over one synchronous connection pool.

    Raises `WrongSecret` if PEPPER or MASTER_KEY are not those it was begun with, `ValueError` if
    the environment turns the library's database functions on: they lose facts.
    """

    name = "stored"
    log_section_size = _PAGE
    env: ClassVar[dict[str, str]] = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "ORIGINATOR_ID_TYPE": "text",
        "MAPPER_TOPIC": _topic(FactMapper),
        "APPLICATION_RECORDER_TOPIC": "services.adapters.recorder:OneCallRecorder",
        "POSTGRES_LOCK_TIMEOUT": "3",
        "POSTGRES_POOL_SIZE": "1",
    }

    def __init__(
        self,
        database_url: str,
        secrets: Secrets,
        *,
        contract_of: ContractOf = contract_of,
        upcasts: Mapping[str, Upcast] = UPCASTS,
    ) -> None:
        self._connection = {**conninfo_to_dict(database_url), **CONNECT}
        del self._connection["autocommit"]
        self._vault = KeyVault(secrets.master_key)
        self._contract_of, self._upcasts = contract_of, upcasts
        told = {
            f"POSTGRES_{name.upper()}": str(self._connection.get(name, ""))
            for name in ("dbname", "host", "port", "user", "password")
        }
        super().__init__({**type(self).env, **told})
        with self.datastore.get_connection() as connection:
            check_secrets(connection, secrets)

    @property
    def datastore(self) -> Any:
        """The library's connection pool, with every option of the address."""
        return cast("PostgresFactory", self.factory).datastore

    def construct_recorder(self) -> Any:
        """Give the pool the whole address before its first connection; the library drops most."""
        self.datastore.pool.kwargs.update(self._connection)
        return super().construct_recorder()

    def construct_mapper(self) -> Mapper[str]:
        """Return the library's mapper of our class, with keys and contracts."""
        mapper = cast("FactMapper", super().construct_mapper())
        mapper.equip(self._vault, self._contract_of, self._upcasts, self._learn)
        return mapper

    def read(self, memory: Memory[S], stream: str, version: int | None = None) -> Chapter[S]:
        """Return a stream's state now, or as it was at `version`."""
        facts = self.history(stream, version)
        state = memory.fold(recorded.fact for recorded in facts)
        if not facts:
            return Chapter(stream, 0, "", state)
        return Chapter(stream, facts[-1].version, facts[-1].digest, state)

    def history(self, stream: str, version: int | None = None) -> Sequence[Recorded[Contract]]:
        """Return a stream's facts in order, up to `version`."""
        upto = LAST if version is None else version
        with self.datastore.get_connection() as connection:
            rows = connection.execute(_STREAM, [stream, upto]).fetchall()
        return self._facts().recall([StoredRow(*row.values()) for row in rows])

    def rows(self, after: int = 0) -> Iterator[StoredRow]:
        """Return every stored row behind a position, in order, undecoded."""
        while page := self.recorder.select_notifications(after, _PAGE, inclusive_of_start=False):
            yield from (_row(notification) for notification in page)
            after = page[-1].id

    def head(self) -> int:
        """Return the position of the last fact, 0 of an empty journal."""
        return self.recorder.max_notification_id() or 0

    def facts(self, after: int = 0) -> Iterator[Recorded[Contract]]:
        """Return every fact behind a position, in order.  Raises `UnreadableFact`."""
        while page := self.recorder.select_notifications(after, _PAGE, inclusive_of_start=False):
            yield from self._facts().recall(list(map(_row, page)))
            after = page[-1].id

    def sifted(
        self, besides: Collection[str], among: Callable[[StoredRow], bool]
    ) -> Iterator[Recorded[Contract]]:
        """
        Return the facts whose rows are `among` those wanted, in order, `besides` some names.

        Raises `UnreadableFact`.
        """
        after = 0
        while page := self._sifted(after, list(besides)):
            yield from self._facts().recall(list(filter(among, page)))
            after = page[-1].position

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def _sifted(self, after: int, besides: list[str]) -> Sequence[StoredRow]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            cursor.execute(_SIFTED, [after, besides, _SIFTED_PAGE], prepare=True)
            return [StoredRow(*row) for row in cursor.fetchall()]

    def damage(self) -> Iterator[Damage]:
        """
        Return every place where a stream's versions or its chain of digests is broken.

        No key is needed: the chain is over the stored bytes, so erasure does not break it.
        """
        chains = Chains()
        for row in self.rows():
            yield from chains.after(row)

    def _facts(self) -> FactMapper:
        return cast("FactMapper", self.mapper)

    def _learn(self, subjects: Sequence[Subject]) -> None:
        with self.datastore.get_connection() as connection:
            rows = connection.execute(
                _KEYS,
                [[each.person_id for each in subjects], [each.generation for each in subjects]],
            ).fetchall()
        self._vault.learn(
            subjects, [(subjects[row["n"] - 1], bytes(row["wrapped"])) for row in rows]
        )


def _row(seen: Notification) -> StoredRow:
    return StoredRow(
        seen.id, str(seen.originator_id), seen.originator_version, seen.topic, seen.state
    )
