"""What waits, at every step of a turn and of a text."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from contracts import conversation as c
from contracts import follow_up as f
from contracts import person as p
from contracts.base import Contract
from projections.due import DUE, all_due, due_before
from projections.view import AnyProjection
from tests.facts import ADA, NOON, TALK, evidence, later, turn_id
from tests.projections.stage import TALKING, Stage
from tests.projections.stories import (
    absent,
    admitted,
    answered,
    approved,
    attempted,
    committed,
    deferred,
    delivered,
    drafted,
    ended,
    failed,
    failed_model,
    offered,
    packaged,
    processed,
    received,
    refused,
    released,
    requested,
    sent,
    started,
    superseded,
    unknown,
    withheld,
)

Set = Callable[[AnyProjection], Stage]
BEGUN = (started(), received(), admitted(at=later(4)))
OPEN = f"open/{TALK}"
IDLE = {"id": f"idle/{TALK}", "kind": "idle", "key": TALK}


def _turn_of(fact: Any) -> Any:
    return fact.turn_id


@pytest.mark.parametrize(
    ("facts", "kind", "fact"),
    [
        ((), "turn", c.TurnAdmitted),
        ((drafted(),), "draft", c.ReplyDrafted),
        ((drafted(), refused()), "turn", c.DraftRefused),
        ((drafted(), refused(action="fallback")), "verdict", c.DraftRefused),
        ((drafted(), approved()), "verdict", c.DraftApproved),
        ((failed_model(),), "verdict", c.ModelFailed),
        ((drafted(), approved(), superseded(due_at=later(9))), "turn", c.TurnSuperseded),
        ((drafted(), admitted(at=later(8))), "turn", c.TurnAdmitted),
        ((drafted(turn=7),), "turn", c.TurnAdmitted),
    ],
)
def test_an_open_turn_waits_in_one_stage(
    stage: Set, facts: tuple[Contract, ...], kind: str, fact: type[Contract]
) -> None:
    told = stage(DUE).after(*BEGUN, *facts)
    open_turn = next(row for row in told.rows() if row.id == OPEN)
    assert (open_turn.kind, open_turn.key, open_turn.fact) == (kind, turn_id(1), fact.name)
    version = next(
        n for n in range(len(told.facts), 0, -1)
        if isinstance(told.facts[n - 1][1], fact) and _turn_of(told.facts[n - 1][1]) == turn_id(1)
    )  # fmt: skip
    assert (open_turn.stream, open_turn.version) == (TALKING, version)
    assert next(row for row in told.rows() if row.kind == "idle").busy


@pytest.mark.parametrize(
    "closing",
    [
        (committed(),),
        (superseded(),),
        (answered(closes=True, gate="stop"), committed(2)),
    ],
)
def test_a_closed_turn_waits_for_nothing(stage: Set, closing: tuple[Contract, ...]) -> None:
    stage(DUE).after(*BEGUN, *closing).shows({**IDLE, "busy": False})


def test_a_turn_is_due_when_it_says(stage: Set) -> None:
    stage(DUE).after(*BEGUN).shows(
        {**IDLE, "busy": True}, {"id": OPEN, "due_at": later(4), "urgent": False}
    )


def test_a_superseded_turn_is_due_again(stage: Set) -> None:
    stage(DUE).after(*BEGUN, superseded(due_at=later(77))).shows(
        {**IDLE, "busy": True}, {"id": OPEN, "kind": "turn", "due_at": later(77)}
    )


def test_an_answer_waits_for_its_commit_beside_the_open_turn(stage: Set) -> None:
    told = stage(DUE).after(*BEGUN, answered(priority="urgent"))
    told.shows(
        {"id": f"answer/{turn_id(2)}", "kind": "answer", "key": turn_id(2), "urgent": True},
        {**IDLE, "busy": True},
        {"id": OPEN, "kind": "turn"},
    )
    told.after(committed(2)).shows(IDLE, {"id": OPEN})


def test_an_end_leaves_only_answers_and_its_package(stage: Set) -> None:
    told = stage(DUE).after(*BEGUN, answered(closes=True, gate="stop"), ended())
    told.shows({"kind": "answer", "key": turn_id(2)}, {"kind": "package", "key": TALK})


@pytest.mark.parametrize(
    ("facts", "due_at"),
    [
        ((requested(at=later(1)),), later(1)),
        ((requested(not_before=later(50)),), later(50)),
        ((requested(), deferred(until=later(90))), later(90)),
        ((requested(), attempted()), later(16)),
        ((requested(), attempted(), unknown(look_at=later(40))), later(40)),
        ((requested(), deferred(), released()), later(4)),
        ((requested(), attempted(), unknown(), absent()), later(5)),
        ((requested(), attempted(), failed(final=False)), later(4)),
    ],
)
def test_a_text_is_due_until_it_is_settled(
    stage: Set, facts: tuple[Contract, ...], due_at: Any
) -> None:
    last = facts[-1].name
    stage(DUE).after(started(), *facts).shows(
        IDLE,
        {"id": "text/t1", "kind": "text", "key": "t1", "fact": last, "due_at": due_at},
    )


@pytest.mark.parametrize("last", [sent(), delivered(), failed(), withheld()])
def test_a_settled_text_is_not_due(stage: Set, last: Contract) -> None:
    stage(DUE).after(started(), requested(), attempted(), last).shows(IDLE)


def test_urgency_stays_with_the_text(stage: Set) -> None:
    stage(DUE).after(requested(priority="urgent"), attempted(), unknown()).shows(
        {"kind": "text", "urgent": True}
    )


def test_idle_counts_from_the_last_text_either_way(stage: Set) -> None:
    told = stage(DUE).after(started(), received(at=later(100)), received(2, at=later(40)))
    told.shows({**IDLE, "due_at": later(100)})
    told.after(requested(at=later(200)), sent()).shows({**IDLE, "due_at": later(200)})
    told.after(ended()).shows({"kind": "package", "key": TALK})


def test_a_follow_up_is_due_until_it_fired(stage: Set) -> None:
    scheduled = f.FollowUpScheduled(
        person_id=ADA, conversation_id=TALK, kind="check_in", purpose="ask", due_at=later(3600)
    )
    stream = f"followup-{'f' * 32}"
    told = stage(DUE).after(scheduled, stream=stream)
    told.shows({"kind": "followup", "key": "f" * 32, "due_at": later(3600), "version": 1})
    told.after(f.FollowUpDeferred(reason="crisis", until=later(7200)), stream=stream)
    told.shows({"kind": "followup", "due_at": later(7200), "version": 2})
    told.after(f.FollowUpCancelled(reason="revoked"), stream=stream).shows()


def test_a_consent_request_is_open_for_a_day(stage: Set) -> None:
    told = stage(DUE).after(p.ConsentRequested(evidence=evidence()), stream=f"person-{ADA}")
    told.shows({"kind": "consent", "key": ADA, "due_at": NOON + timedelta(hours=24)})
    told.after(p.ConsentGranted(evidence=evidence(later(5))), stream=f"person-{ADA}").shows()


async def test_the_list_is_in_the_order_to_look(stage: Set, views_url: str) -> None:
    stage(DUE).after(
        started(), requested("t1", at=later(5)), requested("t2", at=later(1)),
        requested("t3", at=later(9), priority="urgent"), requested("t4", at=later(60)),
    )  # fmt: skip
    async with await psycopg.AsyncConnection.connect(views_url) as connection:
        now = [row.key for row in await due_before(connection, later(10), 10)]
        assert now == ["t3", "t2", "t1"]
        assert len(await due_before(connection, later(10), 1)) == 2
        assert len(await all_due(connection)) == 5
        quiet = timedelta(minutes=5)
        after = [row.kind for row in await due_before(connection, later(361), 10, quiet)]
        assert after.count("idle") == 1


async def test_a_busy_conversation_is_not_idle(stage: Set, views_url: str) -> None:
    stage(DUE).after(*BEGUN)
    async with await psycopg.AsyncConnection.connect(views_url) as connection:
        found = await due_before(connection, later(86_400), 10)
        assert [row.kind for row in found] == ["turn"]


async def test_a_reviewer_is_waited_for_a_day(stage: Set, views_url: str) -> None:
    told = stage(DUE).after(
        started(),
        received(1),
        c.ConversationTakenOver(by="rita", at=later(60)),
    )
    async with await psycopg.AsyncConnection.connect(views_url) as connection:
        day = 86_400 + 60
        assert await due_before(connection, later(day - 1), 10) == []
        assert [row.kind for row in await due_before(connection, later(day), 10)] == ["taken"]
        told.after(c.ConversationHandedBack(by="rita", at=later(7_200)))
        assert await due_before(connection, later(7_200 + 1_799), 10) == []
        assert [row.kind for row in await due_before(connection, later(9_000), 10)] == ["idle"]


async def test_a_consent_request_that_nobody_answered_is_due_once(
    stage: Set, views_url: str
) -> None:
    told = stage(DUE).after(p.ConsentRequested(evidence=evidence()), stream=f"person-{ADA}")
    async with await psycopg.AsyncConnection.connect(views_url) as connection:
        assert await due_before(connection, later(86_399), 10) == []
        assert [row.kind for row in await due_before(connection, later(86_400), 10)] == ["consent"]
    told.after(p.ConsentExpired(evidence=evidence(later(86_400))), stream=f"person-{ADA}").shows()


async def test_what_stays_due_hides_nothing_behind_it(stage: Set, views_url: str) -> None:
    stage(DUE).after(
        started(), requested("t1", at=later(1)), requested("t2", at=later(2)),
        requested("t3", at=later(3)), requested("t4", at=later(4), priority="urgent"),
    )  # fmt: skip
    async with await psycopg.AsyncConnection.connect(views_url) as connection:
        first = await due_before(connection, later(10), 2)
        assert [row.key for row in first] == ["t4", "t1", "t2"]
        second = await due_before(connection, later(10), 2, after=first[-1])
        assert [row.key for row in second] == ["t4", "t3"]


# Soft words, and the way to a shift.

FAREWELL = {"id": f"farewell/{TALK}", "kind": "farewell", "due_at": later(300)}


def _farewell() -> c.TurnCommitted:
    return committed().model_copy(update={"closes_at": later(300)})


def test_after_soft_words_the_end_is_due_in_some_minutes(stage: Set) -> None:
    stage(DUE).after(*BEGUN, _farewell()).shows(FAREWELL, {**IDLE, "busy": False})


def test_whoever_writes_on_has_not_left(stage: Set) -> None:
    told = stage(DUE).after(*BEGUN, _farewell(), received(2, at=later(60)), admitted(2))

    assert "farewell" not in {row.kind for row in told.rows()}


def test_an_end_waits_to_be_packaged_offered_and_accepted(stage: Set) -> None:
    row = {"id": f"shift/{TALK}", "key": TALK}
    told = stage(DUE).after(*BEGUN, _farewell(), ended())
    told.shows({**row, "kind": "package", "version": 5, "fact": c.ConversationEnded.name})
    told.after(packaged())
    told.shows({**row, "kind": "package", "version": 6, "fact": c.ConversationPackaged.name})
    told.after(offered(1))
    told.shows({**row, "kind": "shift", "version": 6, "due_at": later(661)})
    told.after(offered(2))
    told.shows({**row, "kind": "shift", "version": 6, "due_at": later(1261)})
    told.after(processed())
    told.shows()
