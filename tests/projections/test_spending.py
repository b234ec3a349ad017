"""A month's money as it is shown: after these facts, these rows."""

from collections.abc import Callable

from contracts import conversation as c
from contracts import spending as s
from projections.charges import CHARGES
from projections.spending import MODEL_DAYS, SPENDING
from projections.view import AnyProjection
from tests.facts import NOON, TALK, later, sid
from tests.projections.stage import Stage

MONTH = "spending-0123456789abcdef-2026-11"
CAP = 1_000_000
StageOf = Callable[[AnyProjection], Stage]


def allotted(lot: str = "a", microdollars: int = 100_000, cap: int = CAP) -> s.BudgetAllotted:
    return s.BudgetAllotted(
        lot_id=lot, microdollars=microdollars, urgent=False, cap_microdollars=cap, at=NOON,
        expires_at=later(300),
    )  # fmt: skip


def settled(
    why: str, microdollars: int, texts: int = 1, *, beside: bool = False
) -> s.BudgetSettled:
    return s.BudgetSettled(
        why=why, lot_id="a" if why == "lot" else None, beside=beside, microdollars=microdollars,
        texts=texts, cap_microdollars=CAP, at=NOON,
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_month_shows_what_is_spent_reserved_and_beside(stage: StageOf) -> None:
    stage(SPENDING).after(
        allotted(),
        settled("lot", 16_600, 2),
        settled("beside", 8_300, beside=True),
        settled("price", -600, 0),
        s.ThresholdCrossed(percent=50, spent_microdollars=1, cap_microdollars=CAP, at=NOON),
        s.BudgetReturned(lot_id="a", microdollars=83_400, why="unused", at=NOON),
        s.BudgetExhausted(
            room="ordinary", spent_microdollars=1, reserved_microdollars=1, cap_microdollars=CAP,
            at=NOON,
        ),
        stream=MONTH,
    ).shows(
        {
            "number_key": "0123456789abcdef", "month": "2026-11", "cap": CAP, "spent": 16_000,
            "reserved": 0, "beside": 8_300, "texts": 3, "crossed": 50, "half_at": NOON, "most_at": None, "exhausted": "ordinary",
            "exceeded": 0,
        }
    )  # fmt: skip


def test_a_raised_cap_begins_the_warnings_anew(stage: StageOf) -> None:
    stage(SPENDING).after(
        s.ThresholdCrossed(percent=80, spent_microdollars=1, cap_microdollars=CAP, at=NOON),
        s.PriceExceeded(
            microdollars=9, spent_microdollars=CAP + 9, reserved_microdollars=1,
            cap_microdollars=CAP, at=NOON,
        ),
        allotted(cap=2 * CAP),
        stream=MONTH,
    ).shows({"cap": 2 * CAP, "crossed": 0, "most_at": None, "exceeded": 0})  # fmt: skip


def attempted(version: int, lot: str | None = "a") -> c.SmsAttempted:
    return c.SmsAttempted(
        attempt_id=f"{TALK}.{version}", sms_id="s1", started_at=NOON, deadline_at=later(15),
        charge=c.Charge(
            account=MONTH[9:], lot_id=lot, microdollars=8_300, segments=1, kind="reply"
        ),
    )  # fmt: skip


def test_an_attempt_is_free_until_the_carrier_has_it_or_nobody_knows(stage: StageOf) -> None:
    stage(CHARGES).after(
        attempted(1),
        attempted(2),
        attempted(3, None),
        c.SmsFailed(
            attempt_id=f"{TALK}.1", sms_id="s1", code=None, reason="", final=False,
            status="not_sent",
        ),
        c.SmsSent(
            attempt_id=f"{TALK}.3", sms_id="s1", provider_sid=sid(1), status="queued", via="answer"
        ),
        c.SmsPriced(
            attempt_id=f"{TALK}.3", sms_id="s1", account="a", microdollars=9_000,
            estimated_microdollars=8_300, via="provider",
        ),
    ).shows(
        {"status": "free", "lot_id": "a", "charged": None},
        {"status": "open", "lot_id": "a", "charged": None},
        {"status": "sent", "lot_id": None, "charged": 9_000, "provider_sid": sid(1)},
    )  # fmt: skip


def test_what_the_models_cost_is_counted_by_day(stage: StageOf) -> None:
    def committed(*costs: int | None) -> c.TurnCommitted:
        usage = tuple(
            c.Usage(model_asked="m", requests=1, input_tokens=10, cost_microdollars=cost)
            for cost in costs
        )
        return c.TurnCommitted(
            turn_id="d" * 32, covers_from=1, covers_through=1, at=NOON,
            trace=c.Trace(mode="model", usage=usage),
        )  # fmt: skip

    stage(MODEL_DAYS).after(committed(100, None), committed(), committed(50)).shows(
        {"day": "2026-11-24", "turns": 2, "requests": 3, "microdollars": 150, "unpriced": 1}
    )
