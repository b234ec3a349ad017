"""Whether the past is whole, and whether what is shown is what the past says."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from contracts.base import Contract
from contracts.checkpoint import CheckpointSigned
from contracts.identity import CHECKPOINT_STREAM
from contracts.recorded import Recorded
from projections.catalogue import PROJECTIONS
from projections.positions import (
    INDEXED,
    NEXT,
    Standing,
    begin,
    discard,
    lock,
    prepare,
    swap,
    take_in,
)
from projections.view import AnyProjection, by_name
from services.adapters.journal_application import Journal
from services.adapters.mapper import UnreadableFact
from services.adapters.witness import Chains, Signatures
from services.runtime.outside import signer_of
from services.runtime.settings import Settings

CHECK = "check"
PAGE = 1_000
_AT_MOST = 100
_EVERY = 10_000
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley audit",
    "options": f"-c search_path=public {INDEXED}",
}


Progress = Callable[[int, int], None]
"""Is told now and then how many facts were looked at, and how many there are about."""


def silent(done: int, of: int) -> None:
    """Tell nobody."""
    del done, of


class NoSuchProjection(LookupError):
    """There is no projection of that name; `str()` is a sentence."""


async def verify(
    settings: Settings,
    kept: Sequence[CheckpointSigned] = (),
    progress: Progress = silent,
) -> dict[str, Any]:
    """
    Return what is wrong with the past: an empty `damage` if nothing is.

    Each stream's versions and its chain of digests, every checkpoint (those in the journal, and
    copies `kept` outside), whether every fact can still be read, and every projection against
    one rebuilt beside it from the journal alone.  `unsigned` counts the facts behind the last
    checkpoint: only their chains speak for them.
    """
    return await asyncio.to_thread(_verify, settings, kept, progress)


async def rebuild(settings: Settings, projection: str | None) -> dict[str, Any]:
    """
    Fold projections anew beside the live ones, then swap them in.

    Raises `NoSuchProjection`.
    """
    return await asyncio.to_thread(_rebuild, settings, projection)


def _verify(
    settings: Settings, kept: Sequence[CheckpointSigned], progress: Progress
) -> dict[str, Any]:
    journal = Journal(settings.database_url, settings.secrets())
    try:
        chains = Chains()
        signatures = Signatures(_stored_checkpoints(journal), kept, signer_of(settings).public)
        damage: list[dict[str, Any]] = [asdict(each) for each in signatures.damage]
        facts, head = 0, journal.head()
        for facts, row in enumerate(journal.rows(), 1):  # the count is told below
            found = [*chains.after(row), *signatures.after(row)]
            if found and len(damage) < _AT_MOST:
                damage += map(asdict, found)
            if facts % _EVERY == 0:
                progress(facts, head)
        damage += map(asdict, signatures.end())
        unreadable = _unreadable(journal)
        with psycopg.connect(settings.database_url, **_CONNECT) as connection:
            prepare(connection, PROJECTIONS)
            views = {
                each.name: _differing(connection, journal, each)
                for each in ([] if unreadable else PROJECTIONS)
            }
    finally:
        journal.close()
    damage += [
        {"what": f"projection {name}: {rows} rows differ"} for name, rows in views.items() if rows
    ]
    damage += unreadable
    return {
        "facts": facts,
        "checkpoints": signatures.count,
        "unsigned": signatures.unsigned,
        "projections": sorted(views),
        "damage": damage,
    }


def _stored_checkpoints(journal: Journal) -> Sequence[CheckpointSigned]:
    """Return the checkpoints of the journal, as far as they can be read."""
    try:
        found = journal.history(CHECKPOINT_STREAM)
    except UnreadableFact:
        return ()  # which is told of as a fact that cannot be read
    return [each.fact for each in found if isinstance(each.fact, CheckpointSigned)]


def _unreadable(journal: Journal) -> list[dict[str, Any]]:
    try:
        for _ in journal.facts():
            pass
    except UnreadableFact as error:
        return [{"position": error.position, "what": f"{error.name}: {error.reason}"}]
    return []


def _differing(
    connection: psycopg.Connection[Any], journal: Journal, projection: AnyProjection
) -> int:
    """Return in how many rows a live projection differs from one that is built anew."""
    beside = projection.beside(CHECK)
    standing = begin(connection, beside)
    try:
        standing = _caught_up(connection, journal, standing, _live(connection, projection))
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            # From here on the live table stands still.
            upto = lock(cursor, projection)
            for page in _pages(journal, standing.position, upto):
                standing = take_in(cursor, [standing], page)[0]
            return _compared(cursor, projection.table, beside.table)
    finally:
        discard(connection, beside)


def _live(connection: psycopg.Connection[Any], projection: AnyProjection) -> int:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return lock(cursor, projection)


def _caught_up(
    connection: psycopg.Connection[Any], journal: Journal, standing: Standing, upto: int
) -> Standing:
    for page in _pages(journal, standing.position, upto):
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            standing = take_in(cursor, [standing], page)[0]
    return standing


def _pages(journal: Journal, after: int, upto: int) -> Iterator[Sequence[Recorded[Contract]]]:
    page: list[Recorded[Contract]] = []
    for recorded in journal.facts(after):
        if recorded.position > upto:
            break
        page.append(recorded)
        if len(page) >= PAGE:
            yield page
            page = []
    if page:
        yield page


def _compared(cursor: psycopg.Cursor[Any], live: str, built: str) -> int:
    one, other = sql.Identifier(live), sql.Identifier(built)
    cursor.execute(
        sql.SQL(
            "SELECT count(*) FROM ((TABLE {0} EXCEPT TABLE {1}) UNION ALL"
            " (TABLE {1} EXCEPT TABLE {0})) AS differing"
        ).format(one, other)
    )
    row = cursor.fetchone()
    return 0 if row is None else int(row[0])


def _rebuild(settings: Settings, name: str | None) -> dict[str, Any]:
    known = by_name(PROJECTIONS)
    if name is not None and name not in known:
        raise NoSuchProjection(f"There is no projection {name}. There are: {', '.join(known)}.")
    wanted = [known[name]] if name is not None else list(PROJECTIONS)
    journal = Journal(settings.database_url, settings.secrets())
    try:
        with psycopg.connect(settings.database_url, **_CONNECT) as connection:
            prepare(connection, PROJECTIONS)
            done = {each.name: _rebuilt(connection, journal, each) for each in wanted}
    finally:
        journal.close()
    return {"rebuilt": done}


def _rebuilt(
    connection: psycopg.Connection[Any], journal: Journal, projection: AnyProjection
) -> int:
    standing = begin(connection, projection.beside(NEXT))
    standing = _caught_up(connection, journal, standing, _live(connection, projection))
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        upto = lock(cursor, projection)
        for page in _pages(journal, standing.position, upto):
            standing = take_in(cursor, [standing], page)[0]
        return swap(cursor, standing).position
