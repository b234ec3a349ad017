"""The whole past decided again, by several processes, and gone on with after an interruption."""

from pathlib import Path
from typing import Any

import pytest

from services.runtime.policy_replay import FOLDER, replayed
from services.runtime.replay_bookmark import CannotResume
from services.runtime.settings import Settings
from tests import long_past
from tests.adapters.postgres_fixture import PostgresServer, postgres

__all__ = ["postgres"]

PEOPLE = 4


@pytest.fixture(scope="module")
def past(postgres: PostgresServer) -> str:
    """The address of a journal with a few lives in it."""
    url = postgres.new_database()
    long_past.append(url, PEOPLE)
    return url


def _settings(url: str, folder: Path, **more: Any) -> Settings:
    told: dict[str, Any] = {**long_past.SETTINGS, "database_url": url, "state_dir": folder, **more}
    return Settings(**told)


def _silent(done: int, of: int) -> None:
    del done, of


async def test_by_the_same_rules_nothing_differs(past: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    decided = await replayed(
        _settings(past, tmp_path), None, lambda done, of: told.append((done, of))
    )

    assert (decided.texts, decided.erased, list(decided.found)) == (
        PEOPLE * long_past.TURNS_A_LIFE,
        0,
        [],
    )
    assert decided.drafts >= PEOPLE * 6
    assert told[-1][0] == told[-1][1] > 500
    assert not (tmp_path / FOLDER).exists()


async def test_one_that_was_interrupted_is_gone_on_with_and_keeps_no_words(
    past: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.policy_replay._CORES", 1)
    other = _settings(past, tmp_path, signup_url="https://other.example/signup")
    whole = await replayed(other, None, _silent)
    assert [each.text for each in whole.found] == ["SHARE"] * PEOPLE
    monkeypatch.setattr("services.runtime.policy_replay._KEPT_EVERY_S", 0.0)
    monkeypatch.setattr("services.runtime.policy_replay._EVERY", 100)

    def interrupt(done: int, of: int) -> None:
        if done > of * 2 // 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await replayed(other, None, interrupt)
    kept = "".join(path.read_text() for path in (tmp_path / FOLDER).iterdir())
    assert "through" in kept
    assert "other.example" not in kept

    with pytest.raises(CannotResume, match="other rules"):
        await replayed(_settings(past, tmp_path), None, _silent, resume=True)
    resumed = await replayed(other, None, _silent, resume=True)

    assert resumed == whole
    with pytest.raises(CannotResume, match="No replay was interrupted"):
        await replayed(other, None, _silent, resume=True)
