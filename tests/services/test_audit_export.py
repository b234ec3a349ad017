"""The journal as files: what is in them can be checked without us."""

import base64
import csv
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from contracts.conversation import MessageReceived
from contracts.recorded import Cause, Subject
from services.adapters.clock import SystemClock
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.signing import Ed25519Signer
from services.runtime.audit import silent
from services.runtime.audit_export import ExportRefused, export
from services.runtime.checkpointing import Checkpointing
from services.runtime.ports import Entry
from services.runtime.settings import Settings
from tests.adapters.postgres_fixture import database_url, postgres
from tests.facts import ADA, NOON, NUMBER, registered, sid
from tests.projections.stories import started

__all__ = ["database_url", "postgres"]

KEY = base64.b64encode(b"m" * 32).decode()
WORDS = 'My mother said: "no", then left\nand 🙂 came back'


@pytest.fixture
def settings(database_url: str) -> Settings:
    told: Any = {"database_url": database_url, "pepper": "p" * 32, "master_key": KEY}
    return Settings(**told)


@pytest.fixture
async def journal(settings: Settings) -> AsyncIterator[AsyncJournal]:
    async with await open_journal(settings.database_url, settings.secrets()) as opened:
        entry = Entry(f"person-{ADA}", 0, "", (registered(),), Subject(ADA, 1))
        await opened.save([entry], Cause("test", "test"), NOON)
        yield opened


async def _talk(journal: AsyncJournal, number: int) -> None:
    said = MessageReceived(sid=sid(number), text=WORDS, received_at=NOON)
    stream = f"conversation-{number:032x}"
    entry = Entry(stream, 0, "", (started(), said), Subject(ADA, 1))
    await journal.save([entry], Cause("test", "test"), NOON)


def _lines(folder: Path) -> list[dict[str, Any]]:
    found = [path.read_text() for path in sorted(folder.glob("facts-*.jsonl"))]
    return [json.loads(line) for text in found for line in text.splitlines()]


def _digest(line: dict[str, Any]) -> str:
    stream, name = line["stream"], line["name"]
    head = f"{len(stream)}:{stream}{line['version']}:{len(name)}:{name}"
    return sha256((head + line["stored"]).encode()).hexdigest()


async def test_every_fact_is_a_line_whose_digest_can_be_checked_by_anybody(
    journal: AsyncJournal, settings: Settings, tmp_path: Path
) -> None:
    await _talk(journal, 1)
    await Checkpointing(journal, Ed25519Signer(b"m" * 32), SystemClock()).sign(NOON)

    manifest = await export(settings, tmp_path, silent, part=2)

    lines = _lines(tmp_path)
    assert [line["position"] for line in lines] == [1, 2, 3, 4]
    assert all(_digest(line) == line["digest"] for line in lines)
    assert lines[2]["previous"] == lines[1]["digest"]
    with (tmp_path / "facts-000000000001.csv").open(newline="") as table:
        assert [row["stored"] for row in csv.DictReader(table)] == [
            line["stored"] for line in lines[:2]
        ]
    for part in manifest["parts"]:
        content = (tmp_path / part["name"]).read_bytes()
        assert sha256(content).hexdigest() == part["sha256"]
        assert b"mother" not in content
        assert NUMBER.encode() not in content
    [kept] = (tmp_path / "checkpoints.jsonl").read_text().splitlines()
    assert json.loads(kept)["facts"] == 3


async def test_an_export_goes_on_where_it_was_interrupted(
    journal: AsyncJournal, settings: Settings, tmp_path: Path
) -> None:
    await _talk(journal, 1)

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt(f"{done} of {of}")

    with pytest.raises(KeyboardInterrupt):
        await export(settings, tmp_path, interrupt, part=2)
    first = (tmp_path / "facts-000000000001.jsonl").stat().st_mtime_ns
    await _talk(journal, 2)

    manifest = await export(settings, tmp_path, silent, part=2)

    assert manifest["facts"] == 5
    assert [line["position"] for line in _lines(tmp_path)] == [1, 2, 3, 4, 5]
    assert (tmp_path / "facts-000000000001.jsonl").stat().st_mtime_ns == first


async def test_a_part_that_was_changed_is_told_of(
    journal: AsyncJournal, settings: Settings, tmp_path: Path
) -> None:
    await _talk(journal, 1)
    await export(settings, tmp_path, silent)
    with (tmp_path / "facts-000000000001.csv").open("a") as file:
        file.write("one more\n")

    with pytest.raises(ExportRefused, match="is not what the manifest says"):
        await export(settings, tmp_path, silent)
