"""Is the past whole, and is what is shown what the past says?"""

import base64
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from contracts.recorded import Cause
from projections.catalogue import PROJECTIONS
from services.adapters.journal import AsyncJournal, open_journal
from services.runtime.audit import NoSuchProjection, rebuild, verify
from services.runtime.ports import Entry
from services.runtime.projecting import Following
from services.runtime.settings import Settings
from tests.adapters.postgres_fixture import database_url, postgres
from tests.facts import NOON, TALK
from tests.projections.stories import committed, started, superseded

__all__ = ["database_url", "postgres"]

KEY = base64.b64encode(b"m" * 32).decode()
NAMES = sorted(each.name for each in PROJECTIONS)


@pytest.fixture
def settings(database_url: str) -> Settings:
    told: Any = {"database_url": database_url, "pepper": "p" * 32, "master_key": KEY}
    return Settings(**told)


@pytest.fixture
async def journal(settings: Settings) -> AsyncIterator[AsyncJournal]:
    async with await open_journal(settings.database_url, settings.secrets()) as opened:
        yield opened


async def _say(journal: AsyncJournal, talk: str = TALK) -> None:
    facts = (started(), superseded(), committed())
    await journal.save(
        [Entry(f"conversation-{talk}", 0, "", facts, None)], Cause("test", "test"), NOON
    )


async def _project(journal: AsyncJournal, settings: Settings) -> None:
    following = Following(journal, settings.database_url, PROJECTIONS)
    while await following.step():
        pass
    await following.aclose()


def _run(settings: Settings, statement: str) -> list[Any]:
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


async def test_a_whole_past_has_no_damage(journal: AsyncJournal, settings: Settings) -> None:
    await _say(journal)
    await _project(journal, settings)
    assert await verify(settings) == {
        "facts": 3,
        "checkpoints": 0,
        "unsigned": 3,
        "projections": NAMES,
        "damage": [],
    }
    left = _run(settings, "SELECT tablename FROM pg_tables WHERE tablename LIKE '%check'")
    assert left == [], "what was built to compare is gone again"


async def test_a_projection_that_lags_is_not_damaged(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _say(journal)
    await _project(journal, settings)
    await _say(journal, "d" * 32)
    assert (await verify(settings))["damage"] == []


@pytest.mark.parametrize(
    "harm", ["UPDATE inbox SET heard = 7", "DELETE FROM inbox", "UPDATE inbox SET open_turn = 'x'"]
)
async def test_a_row_that_the_past_does_not_say_is_found_and_mended(
    journal: AsyncJournal, settings: Settings, harm: str
) -> None:
    await _say(journal)
    await _project(journal, settings)
    _run(settings, harm)
    damage = (await verify(settings))["damage"]
    assert [one["what"] for one in damage if "inbox" in one["what"]]
    assert len(damage) == 1
    assert await rebuild(settings, "inbox") == {"rebuilt": {"inbox": 3}}
    assert (await verify(settings))["damage"] == []


async def test_a_projector_goes_on_with_a_table_that_was_rebuilt_under_it(
    journal: AsyncJournal, settings: Settings
) -> None:
    await _say(journal)
    following = Following(journal, settings.database_url, PROJECTIONS)
    await following.step()
    await rebuild(settings, None)
    await _say(journal, "d" * 32)
    await following.step()
    await following.aclose()
    assert _run(settings, "SELECT count(*) FROM inbox") == [(2,)]
    assert (await verify(settings))["damage"] == []


async def test_a_changed_fact_is_found(journal: AsyncJournal, settings: Settings) -> None:
    await _say(journal)
    _run(settings, "ALTER TABLE stored_events DISABLE TRIGGER append_only")
    _run(
        settings,
        "UPDATE stored_events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
        ' \'"reason":"gate"\', \'"reason":"erased"\'), \'UTF8\') WHERE originator_version = 2',
    )
    damage = (await verify(settings))["damage"]
    assert [(one["version"], one["what"]) for one in damage] == [
        (3, "does not continue the fact before it")
    ]


async def test_an_unknown_projection_is_refused(settings: Settings) -> None:
    with pytest.raises(NoSuchProjection, match="There is no projection moods"):
        await rebuild(settings, "moods")
