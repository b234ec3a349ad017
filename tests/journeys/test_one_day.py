"""One day from evening to morning by the clock that is wound: who is texted when, and who is not."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.journeys import test_escalations, test_shifts
from tests.journeys.system import System, number, parley, running

HERE = ZoneInfo("America/New_York")
QUESTION = "How can I get a break this week?"
ADA, BEN, CLEO, DORA, EVE, FINN = (number(40_000 + count) for count in range(6))


class Day:
    """A system whose clock is wound from one time of day to the next."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.escalations = test_escalations.Agent(system)
        self.shifts = test_shifts.Agent(system)

    def now(self) -> datetime:
        """Return the time that everybody there has, in New York."""
        told = self.system.http.get(f"{self.system.addresses['simulator']}/clock").json()
        return datetime.fromisoformat(told["now"]).astimezone(HERE)

    def until(self, hour: int, minute: int = 0) -> None:
        """Finish what is under way, and wind to the next such time of day."""
        self.system.quiet()
        now = self.now()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        then += timedelta(days=1) if then <= now else timedelta()
        self.system.wind((then - now).total_seconds())

    def texted(self, phone: str, words: str) -> str:
        """Text, and return the answer."""
        before = len(self.system.received(phone))
        self.system.text(phone, words)
        return self.system.answered(phone, before + 1)[-1]

    def came(self, phone: str, count: int, *words: str) -> None:
        """Wait for a text that nobody asked for at that moment; it holds these words."""
        got = self.system.answered(phone, count)[-1]
        assert all(word in got for word in words), got

    def ended(self, phone: str, reason: str) -> str:
        """Wait until the newest conversation of a phone ended for a reason; return its id."""
        [person] = self.system.console("people", user_id=f"u-{phone[-7:]}")["items"]

        def found() -> str:
            rows = self.system.query(
                "SELECT conversation_id FROM inbox WHERE person_id = %s AND end_reason = %s"
                " ORDER BY started_at DESC LIMIT 1",
                person["person_id"], reason,
            )  # fmt: skip
            return rows[0][0] if rows else ""

        return self.system.wait(found, 30, f"an end by {reason}")

    def follow_up(self, name: str) -> list[Any]:
        """Wait for a fact of a follow-up; return its fields."""

        def found() -> list[Any]:
            return [
                row[0]["fact"]
                for row in self.system.query(
                    "SELECT convert_from(state, 'UTF8')::json FROM stored_events"
                    " WHERE topic = %s ORDER BY notification_id",
                    f"followup.{name}.v1",
                )
            ]

        return self.system.wait(found, 30, f"a follow-up that is {name}")


@pytest.fixture
def day() -> Iterator[Day]:
    """A system with quiet hours, the same on every day of the week."""
    with running(QUIET_HOURS="21:00-08:00") as made:
        made.people(ADA, CLEO, DORA, EVE, FINN)
        parley(
            made.state, "people", "add", BEN, "--user-id", f"u-{BEN[-7:]}", "--timezone",
            HERE.key, "--consent", "granted", "--evidence", "on paper", "--urgent-anytime",
        )  # fmt: skip
        yield Day(made)


def test_one_day(day: Day) -> None:
    day.until(19)
    assert "1 hour" in day.texted(EVE, "remind me to call the pharmacy in 1 hour")
    assert "4 hours" in day.texted(DORA, "remind me to rest in 4 hours")
    assert "14 hours" in day.texted(FINN, "remind me to order pads in 14 hours")
    day.until(20, 1)
    day.came(EVE, 2, "pharmacy")
    day.system.text(FINN, "STOP")

    held = _at_night(day)
    asked = _in_the_morning(day, held)
    _handed_over(day, held, asked)

    assert [one["reason"] for one in day.follow_up("cancelled")] == ["revoked"]
    day.system.quiet()
    people = (ADA, BEN, CLEO, DORA, EVE, FINN)
    assert [len(day.system.received(phone)) for phone in people] == [3, 2, 1, 2, 2, 1]
    _kept_quiet(day.system)


def _at_night(day: Day) -> str:
    """Whoever texts is answered; what we would begin waits, save what was agreed to."""
    system, agent = day.system, day.escalations
    day.until(23)
    assert day.texted(CLEO, QUESTION)
    assert day.now().hour == 23
    [deferred] = [one for one in day.follow_up("deferred") if one["reason"] == "quiet_hours"]
    assert datetime.fromisoformat(deferred["until"]).astimezone(HERE).hour == 8
    held = agent.ask(ADA, priority="high")
    assert agent.status(held, "held")[0]["reason"] == "quiet_hours"
    passing = agent.ask(BEN)
    agent.status(passing, "started", "sent", "delivered")
    day.came(BEN, 1, "roll back or wait?")
    assert day.texted(BEN, "2")
    agent.status(passing, "started", "sent", "delivered", "answered")

    day.until(23, 35)
    silent = day.ended(CLEO, "timeout")
    [(body, _)] = system.wait(lambda: day.shifts.offers(silent), 30, "the package")
    assert json.loads(body)["end_reason"] == "timeout"
    assert [len(system.received(phone)) for phone in (ADA, DORA, EVE, FINN)] == [0, 1, 2, 1]
    return held


def _in_the_morning(day: Day, held: str) -> str:
    """What was held comes, and its answer finds it three quarters of an hour later."""
    agent = day.escalations
    day.until(8)
    agent.status(held, "held", "started", "sent", "delivered")
    day.came(ADA, 1, "roll back or wait?")
    day.came(DORA, 2, "rest")
    day.until(8, 46)
    asked = day.ended(ADA, "timeout")
    assert day.texted(ADA, "1")
    [*_, answered] = agent.status(held, "held", "started", "sent", "delivered", "answered")
    assert answered["answer"]["text"] == "1"
    return asked


def _handed_over(day: Day, held: str, asked: str) -> None:
    """Thanks and five quiet minutes end it; the package is offered until it is taken."""
    day.texted(ADA, "thanks")
    day.until(8, 52)
    talk = day.ended(ADA, "natural")
    day.system.wait(lambda: day.shifts.offers(talk), 30, "the package")
    day.until(9, 3)
    [first, second] = day.system.wait(lambda: _two(day.shifts.offers(talk)), 30, "a second offer")
    assert first[0] == second[0]
    package = json.loads(first[0])
    assert (package["end_reason"], package["user_id"]) == ("natural", f"u-{ADA[-7:]}")
    for _ in range(2):
        day.shifts.accept(package, "s-1")
    _processed(day, talk, "s-1")
    begun = json.loads(day.shifts.offers(asked)[0][0])
    assert (begun["initiated_by"], begun["escalation_ids"]) == ("agent", [held])


def _two(offers: list[tuple[bytes, dict[str, str]]]) -> list[tuple[bytes, dict[str, str]]]:
    return offers if len(offers) == 2 else []


def _processed(day: Day, talk: str, shift: str) -> None:
    def row() -> bool:
        found = {
            one["conversation_id"]: one for one in day.system.console("shifts", limit=100)["items"]
        }
        return (found[talk]["state"], found[talk]["shift_id"]) == ("accepted", shift)

    day.system.wait(row, 30, "the acceptance")
    facts = day.system.console(f"conversations/{talk}/facts", limit=200)["items"]
    assert [one["fact"] for one in facts].count("conversation.processed.v1") == 1


def _kept_quiet(system: System) -> None:
    """Of what we began at night, only what was agreed to left, and it says so."""
    rows = system.query(
        "SELECT convert_from(state, 'UTF8')::json FROM stored_events"
        " WHERE topic = 'person.text_permitted.v1'"
    )
    begun = [
        row[0]["fact"] for row in rows if row[0]["fact"]["kind"] in ("escalation", "follow_up")
    ]
    night = [
        fact for fact in begun
        if not 8 <= datetime.fromisoformat(fact["at"]).astimezone(HERE).hour < 21
    ]  # fmt: skip
    assert len(begun) == 4
    assert [fact.get("through_quiet_hours") for fact in night] == [True]
