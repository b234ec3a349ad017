"""One person from the sign-up page to STOP: known, remembered, met in a crisis, looked after."""

from collections.abc import Iterator

import pytest

from tests.journeys.crowd import SENT, gathered, texting, waiting
from tests.journeys.system import System, running
from tests.journeys.test_signing_up import sign_up

CROWD = 120
DAY_S = 86_400.0
OUTCOME = "Called her; her sister stays with her tonight."


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """A system of its own: its clock is wound by days, and others' work would run out by it."""
    with running() as made:
        yield made


@pytest.mark.timeout(400)
def test_from_the_sign_up_page_to_stop(system: System, stranger: str) -> None:
    ana = _Acquaintance(system, stranger)
    ana.agrees()
    ana.is_known()
    ana.asks()
    ana.is_remembered_the_next_day()
    case = ana.is_met_in_a_crisis()
    ana.is_looked_after(case)
    ana.leaves()


def test_who_never_answers_is_asked_anew(system: System, stranger: str) -> None:
    late = _Acquaintance(system, stranger)
    system.wind(DAY_S + 60)
    late.becomes("consent", "expired")

    assert "Reply YES" in late.says("YES")
    assert "you're in" in late.says("YES")


class _Acquaintance:
    """Somebody who was asked on the page whether she agrees."""

    def __init__(self, system: System, phone: str) -> None:
        self.system = system
        self.phone = phone
        sign_up(system, phone)
        assert "Reply YES" in system.answered(phone)[0]
        newest = "SELECT person_id FROM people ORDER BY registered_at DESC NULLS LAST LIMIT 1"
        self.person_id = str(system.wait(lambda: system.query(newest), 20, "the person")[0][0])

    def agrees(self) -> None:
        assert "you're in" in self.says("YES")

    def is_known(self) -> None:
        """The questions come one at a time; two are answered, the rest is skipped."""
        assert self.says("How can I get a break this week?").endswith("You can say skip.")
        assert self.says("Ana") == "Thank you, Ana. Who do you care for?"
        answer = self.says("my mom")
        while "that's all I wanted to ask" not in answer:
            assert answer.count("?") == 1
            answer = self.says("skip")
        self.becomes("loop_stage", "active")

    def asks(self) -> None:
        answer = self.says("Where can I find respite care for a weekend?")
        assert "1-800-677-1116" in answer
        assert answer.count("?") <= 1

    def is_remembered_the_next_day(self) -> None:
        yesterday = self.told("conversation_id")
        self.system.quiet()
        self.system.wind(DAY_S)
        self.becomes("conversation_id", None)
        self.says("I need a break tonight")
        today = self.told("conversation_id")
        assert today != yesterday
        found = self.system.console(f"conversations/{today}/facts", limit=200)["items"]
        [brief] = [
            one["content"]["brief"] for one in found if one["fact"].endswith("turn_admitted.v1")
        ]
        assert set(brief["memory_to_use"]) >= {"profile:first_name", "care:recipient"}

    def is_met_in_a_crisis(self) -> str:
        """The answer does not wait for all who texted before."""
        people = gathered(self.system, CROWD)
        sent = int(self.system.query(SENT)[0][0])
        with texting(self.system, people):
            answer = self.says("i want to kill myself", 120)
            left = waiting(self.system, people, sent)
        assert left > 0
        assert all(words in answer for words in ("988", "911", "?"))
        self.system.quiet(120)
        assert self.told("phase") == "crisis"
        [case] = self.cases()
        assert (case["kind"], case["tier"], case["state"]) == ("self", "critical", "open")
        return str(case["case_id"])

    def is_looked_after(self, case: str) -> None:
        """A reviewer has it, the check comes after a quarter of an hour, and it is closed."""
        count = len(self.system.received(self.phone))
        self.system.act(f"safety/{case}/acknowledge")
        self.system.wind(16 * 60)
        assert "?" in self.system.answered(self.phone, count + 1)[-1]
        self.says("I am safe, my sister is here")
        # That she is safe takes nothing back: it may be a case of its own.
        self.system.wait(self.system.projected, 30, "the projections")
        for one in self.cases():
            self.system.act(f"safety/{one['case_id']}/resolve", outcome=OUTCOME)
        self.becomes("phase", "active")

    def leaves(self) -> None:
        self.system.text(self.phone, "STOP")
        self.becomes("consent", "revoked")
        self.system.quiet()
        count = len(self.system.received(self.phone))
        self.system.text(self.phone, "How can I get a break this week?")
        self.system.wind(DAY_S)
        self.system.quiet()
        assert len(self.system.received(self.phone)) == count

    def says(self, words: str, patience: float = 30.0) -> str:
        """Text, and return the answer."""
        before = len(self.system.received(self.phone))
        self.system.text(self.phone, words)
        return self.system.answered(self.phone, before + 1, patience)[before]

    def cases(self) -> list[dict[str, str]]:
        """Return her safety cases."""
        found = self.system.console("safety", limit=100)["items"]
        return [one for one in found if one["person_id"] == self.person_id]

    def told(self, field: str) -> object:
        """Return what the console says of her."""
        self.system.wait(self.system.projected, 30, "the projections")
        return self.system.query(
            "SELECT to_jsonb(people) FROM people WHERE person_id = %s", self.person_id
        )[0][0][field]

    def becomes(self, field: str, value: object) -> None:
        """Wait until the console says so."""
        self.system.wait(lambda: self.told(field) == value, 30, f"{field} {value}")
