"""The account's messages: in memory to be read, in SQLite to outlive the process."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

from deploy.local.twilio_simulator.messages import Message

# What an answer waits for is committed at once, with whatever else came in this window.  The
# rest waits longer, so that a message's way from queued to delivered is often one write; what
# is lost with a killed process is done again at the next start.
_URGENT_WITHIN_S = 0.001
_REST_WITHIN_S = 0.2

# Positions not yet committed die with a killed process, but a page may have seen them: after a
# start counting goes on well above, so that no position is ever used twice.
_GAP = 100_000

_COLUMNS = tuple(field.name for field in fields(Message))
_TIMES = ("created", "updated", "sent")
_TIME_COLUMNS = tuple(_COLUMNS.index(name) for name in _TIMES)
_values = attrgetter(*_COLUMNS)
_SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS messages (
    serial INTEGER PRIMARY KEY, {", ".join(name for name in _COLUMNS if name != "serial")}
);
CREATE TABLE IF NOT EXISTS calls (position INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS opt_outs (
    sender TEXT, phone TEXT, PRIMARY KEY (sender, phone)
) WITHOUT ROWID;
"""
_KEEP = (
    f"INSERT OR REPLACE INTO messages ({', '.join(_COLUMNS)}) "  # noqa: S608  # names of ours
    f"VALUES ({', '.join('?' * len(_COLUMNS))})"
)

_Write = tuple[str, tuple[object, ...]]


class MessageStore:
    """
    Messages by SID, by phone and by position of change; call log; opt-outs.

    Reading is from memory and never waits.  Writes are grouped; `durable` returns when the new
    messages and the blocks written before it are committed.  A commit survives the death of the
    process.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._by_sid: dict[str, Message] = {}
        self._by_phone: dict[str, list[Message]] = {}
        self._in_order: list[Message] = []
        self._recent: dict[str, Message] = {}
        self._opt_outs: set[tuple[str, str]] = set()
        self._position = 0
        self._serial = 0
        self._call = 0
        self._urgent: dict[str, Message] = {}
        self._changed: dict[str, Message] = {}
        self._writes: list[_Write] = []
        self._lines: list[tuple[int, str]] = []
        self._soon: asyncio.TimerHandle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._committed: asyncio.Future[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._load()

    @property
    def position(self) -> int:
        """The position of the last change; 0 when nothing was ever written."""
        return self._position

    def next_serial(self) -> int:
        """Return the next number in the order of creation."""
        self._serial += 1
        return self._serial

    def keep(self, message: Message) -> None:
        """Store a message, new or changed, at the next position."""
        if message.sid not in self._by_sid:
            self._file(message)
            self._urgent[message.sid] = message
        self._position += 1
        message.changed = self._position
        self._recent.pop(message.sid, None)
        self._recent[message.sid] = message
        self._changed[message.sid] = message
        self._save_later()
        self.wake()

    def forget(self, message: Message) -> None:
        """Delete a message."""
        self._by_sid.pop(message.sid, None)
        self._recent.pop(message.sid, None)
        self._urgent.pop(message.sid, None)
        self._changed.pop(message.sid, None)
        self._in_order.remove(message)
        self._by_phone[message.phone].remove(message)
        self._write("DELETE FROM messages WHERE serial = ?", message.serial)

    def get(self, sid: str) -> Message | None:
        """Return a message by SID, or None."""
        return self._by_sid.get(sid)

    def thread(self, phone: str) -> Sequence[Message]:
        """Return the messages to and from a phone, oldest first."""
        return self._by_phone.get(phone, ())

    def phones(self) -> Sequence[str]:
        """Return the phones that have a thread, in the order of their first message."""
        return tuple(phone for phone, thread in self._by_phone.items() if thread)

    def in_order(self) -> Sequence[Message]:
        """Return all messages, oldest first."""
        return self._in_order

    def changed_after(self, position: int) -> list[Message]:
        """
        Return the messages whose last change is behind a position, in the order of change.

        A position this store has never reached belongs to an older state folder: all are new.
        """
        if position > self._position:
            position = 0
        return list(_behind(reversed(self._recent.values()), position))[::-1]

    def opted_out(self, sender: str, phone: str) -> bool:
        """Return whether a phone has blocked a sender (a number or a messaging service)."""
        return (sender, phone) in self._opt_outs

    def opt_out(self, sender: str, phone: str) -> None:
        """Block a sender for a phone."""
        self._opt_outs.add((sender, phone))
        self._write("INSERT OR IGNORE INTO opt_outs VALUES (?, ?)", sender, phone)

    def opt_in(self, sender: str, phone: str) -> None:
        """Lift the block of a sender for a phone."""
        self._opt_outs.discard((sender, phone))
        self._write("DELETE FROM opt_outs WHERE sender = ? AND phone = ?", sender, phone)

    def log(self, write_line: Callable[[int], str]) -> None:
        """Append one line to the call log; it is written for the position it will have."""
        self._call += 1
        self._lines.append((self._call, write_line(self._call)))
        self._save_later()

    def calls(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return up to `limit` lines of the call log behind a position, each with its own."""
        self._save_rest()
        return self._database.execute(
            "SELECT position, line FROM calls WHERE position > ? ORDER BY position LIMIT ?",
            (after, limit),
        ).fetchall()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; return what ends that."""
        self._listeners.append(listener)

        def end() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def wake(self) -> None:
        """Call the listeners."""
        for listener in self._listeners:
            listener()

    async def durable(self) -> None:
        """Return when all new messages and blocks are committed; raises `sqlite3.Error`."""
        if not self._urgent and not self._writes:
            return
        loop = asyncio.get_running_loop()
        if self._committed is None:
            self._committed = loop.create_future()
        if self._soon is None:
            self._soon = loop.call_later(_URGENT_WITHIN_S, self._save_urgent)
        await asyncio.shield(self._committed)

    def close(self) -> None:
        """Commit and close."""
        self._save_rest()
        self._database.close()

    def _write(self, statement: str, *values: object) -> None:
        self._writes.append((statement, values))
        self._save_later()

    def _save_later(self) -> None:
        if self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(_REST_WITHIN_S, self._save_rest)

    def _save_urgent(self) -> None:
        """Commit what `durable` waits for, and tell whoever waits."""
        _cancel(self._soon)
        self._soon = None
        waiting, self._committed = self._committed, None
        try:
            self._save(self._urgent, ())
        except sqlite3.Error as error:
            # A full disk, say: the answers fail, and the writes stay for the next commit.
            if waiting is None:
                raise
            waiting.set_exception(error)
            return
        for sid in self._urgent:
            self._changed.pop(sid, None)
        self._urgent.clear()
        if waiting is not None:
            waiting.set_result(None)

    def _save_rest(self) -> None:
        _cancel(self._later)
        self._later = None
        self._save_urgent()
        self._save(self._changed, self._lines)
        self._changed.clear()
        self._lines.clear()

    def _save(self, messages: dict[str, Message], lines: Sequence[tuple[int, str]]) -> None:
        if not messages and not lines and not self._writes:
            return
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(_KEEP, map(_row, messages.values()))
            for statement, values in self._writes:
                self._database.execute(statement, values)
            self._database.executemany("INSERT INTO calls VALUES (?, ?)", lines)
        self._writes.clear()

    def _file(self, message: Message) -> None:
        self._by_sid[message.sid] = message
        self._by_phone.setdefault(message.phone, []).append(message)
        self._in_order.append(message)

    def _load(self) -> None:
        select = f"SELECT {', '.join(_COLUMNS)} FROM messages ORDER BY serial"  # noqa: S608
        for row in self._database.execute(select):
            self._file(_message(row))
        in_change_order = sorted(self._in_order, key=lambda message: message.changed)
        self._recent = {message.sid: message for message in in_change_order}
        if self._in_order:
            self._serial = self._in_order[-1].serial
            self._position = in_change_order[-1].changed + _GAP
        self._opt_outs = set(self._database.execute("SELECT sender, phone FROM opt_outs"))
        (last,) = self._database.execute("SELECT max(position) FROM calls").fetchone()
        self._call = last or 0


def _behind(newest_first: Iterator[Message], position: int) -> Iterator[Message]:
    for message in newest_first:
        if message.changed <= position:
            return
        yield message


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def _row(message: Message) -> list[object]:
    values = list(_values(message))
    for index in _TIME_COLUMNS:
        moment = values[index]
        values[index] = moment.timestamp() if isinstance(moment, datetime) else None
    return values


def _message(row: Sequence[object]) -> Message:
    values: dict[str, object] = dict(zip(_COLUMNS, row, strict=True))
    for name in _TIMES:
        moment = values[name]
        values[name] = datetime.fromtimestamp(moment, UTC) if isinstance(moment, float) else None
    return Message(**values)  # type: ignore[arg-type] # the columns are the fields
