"""Facts as they come in a conversation, with only what a test says about them."""

from datetime import datetime
from typing import Any

from contracts import conversation as c
from contracts.shift import ContextPackage
from tests.facts import ADA, BRIEF, NOON, TALK, labels, later, proposal, sid, turn_id, usage

PACKAGE = "0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11"


def started() -> c.ConversationStarted:
    return c.ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=NOON)


def received(number: int = 1, at: datetime = NOON) -> c.MessageReceived:
    return c.MessageReceived(sid=sid(number), text="are you there?", received_at=at)


def admitted(turn: int = 1, at: datetime = NOON, covers: int = 1) -> c.TurnAdmitted:
    return c.TurnAdmitted(
        turn_id=turn_id(turn), trigger="text", covers_from=1, covers_through=covers, due_at=at,
        labels=labels(), brief=BRIEF,
    )  # fmt: skip


def drafted(turn: int = 1) -> c.ReplyDrafted:
    return c.ReplyDrafted(
        turn_id=turn_id(turn), covers_from=1, covers_through=1, proposal=proposal(),
        usage=usage(),
    )  # fmt: skip


def approved(turn: int = 1) -> c.DraftApproved:
    return c.DraftApproved(turn_id=turn_id(turn), draft_version=4, text="yes", rule_set="r")


def refused(turn: int = 1, action: Any = "repair") -> c.DraftRefused:
    return c.DraftRefused(
        turn_id=turn_id(turn), draft_version=4, action=action, flags=(), rule_set="r"
    )


def failed_model(turn: int = 1) -> c.ModelFailed:
    return c.ModelFailed(
        turn_id=turn_id(turn), covers_from=1, covers_through=1, kind="timeout", usage=usage()
    )


def superseded(turn: int = 1, due_at: datetime | None = None) -> c.TurnSuperseded:
    reason: Any = "newer_text" if due_at else "gate"
    return c.TurnSuperseded(turn_id=turn_id(turn), reason=reason, due_at=due_at)


def answered(
    turn: int = 2, *, closes: bool = False, gate: str = "help", priority: Any = "high"
) -> c.TurnAnswered:
    return c.TurnAnswered(
        turn_id=turn_id(turn), gate=gate, reply="here", kind="notice", priority=priority,
        closes_turn=closes, labels=labels(),
    )  # fmt: skip


def committed(turn: int = 1) -> c.TurnCommitted:
    return c.TurnCommitted(
        turn_id=turn_id(turn), covers_from=1, covers_through=1, at=NOON,
        trace=c.Trace(mode="model"),
    )  # fmt: skip


def requested(
    sms_id: str = "t1", at: datetime = NOON, priority: Any = "normal", **more: Any
) -> c.SmsRequested:
    return c.SmsRequested(
        sms_id=sms_id, turn_id=turn_id(1), kind="reply", priority=priority, text="yes",
        encoding="gsm7", segments=1, estimated_microdollars=8300, at=at, **more,
    )  # fmt: skip


def attempted(sms_id: str = "t1", number: int = 9, at: datetime = NOON) -> c.SmsAttempted:
    return c.SmsAttempted(
        attempt_id=f"{TALK}.{number}", sms_id=sms_id, started_at=at, deadline_at=later(15)
    )


def sent(sms_id: str = "t1", status: Any = "queued") -> c.SmsSent:
    return c.SmsSent(
        attempt_id=f"{TALK}.9", sms_id=sms_id, provider_sid=sid(99), status=status, via="answer"
    )


def delivered(sms_id: str = "t1") -> c.SmsDelivered:
    return c.SmsDelivered(attempt_id=f"{TALK}.9", sms_id=sms_id, provider_sid=sid(99))


def failed(sms_id: str = "t1", *, final: bool = True, code: int | None = 30003) -> c.SmsFailed:
    return c.SmsFailed(
        attempt_id=f"{TALK}.9", sms_id=sms_id, code=code, reason="unreachable", final=final
    )


def unknown(sms_id: str = "t1", look_at: datetime = NOON) -> c.SmsOutcomeUnknown:
    return c.SmsOutcomeUnknown(
        attempt_id=f"{TALK}.9", sms_id=sms_id, reason="timeout", look_at=look_at
    )


def absent(sms_id: str = "t1") -> c.SmsAbsent:
    return c.SmsAbsent(attempt_id=f"{TALK}.9", sms_id=sms_id, looks=3)


def deferred(sms_id: str = "t1", until: datetime = NOON) -> c.SmsDeferred:
    return c.SmsDeferred(sms_id=sms_id, until=until, reason="quiet_hours")


def released(sms_id: str = "t1") -> c.SmsReleased:
    return c.SmsReleased(sms_id=sms_id, priority="normal", why="deferred")


def withheld(sms_id: str = "t1") -> c.SmsWithheld:
    return c.SmsWithheld(sms_id=sms_id, reason="revoked")


def ended() -> c.ConversationEnded:
    return c.ConversationEnded(person_id=ADA, reason="done", at=later(60))


def packaged() -> c.ConversationPackaged:
    package = ContextPackage(
        package_id=PACKAGE, conversation_id=TALK, user_id="u-17", project_id=None,
        initiated_by="person", escalation_id=None, started_at=NOON, ended_at=later(60),
        end_reason="done", summary="They talked.",
    )  # fmt: skip
    return c.ConversationPackaged(package=package, at=later(61))


def offered(times: int) -> c.ConversationOffered:
    return c.ConversationOffered(
        package_id=PACKAGE, times=times, at=later(600 * times - 539),
        again_at=later(600 * times + 61),
    )  # fmt: skip


def processed(shift: str = "s-9") -> c.ConversationProcessed:
    return c.ConversationProcessed(
        global_shift_id=shift, package_id=PACKAGE, accepted_at=later(700), at=later(701)
    )


def contradicted(shift: str = "s-10") -> c.AcceptanceContradicted:
    return c.AcceptanceContradicted(
        global_shift_id=shift, package_id=PACKAGE, accepted_at=later(800), at=later(801)
    )
