"""The process hands ended conversations over: the journal first, then the bus, once an offer."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.agent import SHIFTS_REQUESTED
from contracts.announcement import Announcement
from contracts.base import Contract
from contracts.recorded import Cause, Subject
from contracts.shift import ContextPackage, ShiftAccepted
from domain.conversation import conversation
from services.runtime.ports import Entry, Unavailable
from services.runtime.process import Later, Never
from services.runtime.shifts import Shifts
from tests.facts import ADA, NOON, POLICY, TALK, later, registered
from tests.journal_in_memory import MemoryJournal
from tests.projections.stories import ended, received, requested, sent, started

TALKING = f"conversation-{TALK}"
SUBJECT = Subject(ADA, 1)


class _Bus:
    def __init__(self) -> None:
        self.told: list[tuple[str, bytes, str, Mapping[str, str]]] = []
        self.away = False

    async def tell(
        self, subject: str, body: bytes, message_id: str, headers: Mapping[str, str]
    ) -> None:
        if self.away:
            raise Unavailable("NATS is away")
        if message_id not in [known for _, _, known, _ in self.told]:
            self.told.append((subject, body, message_id, headers))


class _Stage:
    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.bus = _Bus()
        self.now = later(100)
        self.ids = 0
        clock = SimpleNamespace(now=lambda: self.now, fresh=self._fresh)
        outside = SimpleNamespace(journal=self.journal, bus=self.bus, clock=clock, policy=POLICY)
        self.shifts = Shifts(outside)  # type: ignore[arg-type]

    def _fresh(self) -> str:
        self.ids += 1
        return f"{self.ids:032x}"

    async def given(self, stream: str, *facts: Contract) -> None:
        head = await self.journal.read(conversation, stream)
        await self.journal.save(
            [Entry(stream, head.version, head.digest, facts, SUBJECT)], Cause("t", "t"), NOON
        )

    async def over(self, *more: Contract) -> None:
        await self.given(f"person-{ADA}", registered(), p.UserLinked(user_id="u-17"))
        await self.given(TALKING, started(), received(), *more, ended())

    async def heard(self, name: type[Contract]) -> None:
        """Announce the newest fact of a name."""
        history = await self.journal.history(TALKING)
        recorded = [one for one in history if isinstance(one.fact, name)][-1]
        await self.shifts.hear(
            Announcement(
                fact=name.name, stream=TALKING, version=recorded.version, position=1, at=NOON,
                cause="c", correlation="c",
            )
        )  # fmt: skip

    async def handed_over(self) -> ContextPackage:
        await self.over()
        await self.heard(c.ConversationEnded)
        await self.heard(c.ConversationPackaged)
        return ContextPackage.model_validate_json(self.bus.told[-1][1])

    async def names(self) -> list[str]:
        return [type(one.fact).__name__ for one in await self.journal.history(TALKING)]

    async def state(self) -> Any:
        return (await self.journal.read(conversation, TALKING)).state


def _acceptance(package: ContextPackage, **more: object) -> ShiftAccepted:
    told: dict[str, object] = {
        "package_id": package.package_id, "conversation_id": TALK, "global_shift_id": "s-9",
        "accepted_at": later(200),
    }  # fmt: skip
    return ShiftAccepted.model_validate({**told, **more})


async def test_an_end_is_packaged_and_offered_with_the_attributes_of_an_event() -> None:
    stage = _Stage()

    package = await stage.handed_over()

    assert (await stage.names())[-4:] == [
        "ConversationEnded", "ConversationSummarised", "ConversationPackaged",
        "ConversationOffered",
    ]  # fmt: skip
    assert package.user_id == "u-17"
    assert package.transcript[0].text == "are you there?"
    [(subject, _, message_id, headers)] = stage.bus.told
    assert subject == SHIFTS_REQUESTED
    assert headers["ce-id"] == message_id
    assert headers["ce-subject"] == TALK


async def test_whatever_is_heard_again_changes_nothing() -> None:
    stage = _Stage()
    await stage.handed_over()
    before = await stage.names()

    for _ in range(3):
        await stage.heard(c.ConversationEnded)
        await stage.heard(c.ConversationPackaged)

    assert await stage.names() == before
    assert len(stage.bus.told) == 1


async def test_a_later_offer_is_the_same_to_the_byte() -> None:
    stage = _Stage()
    await stage.handed_over()
    for times in range(1, 3):
        stage.now = later(100 + 600 * times)
        await stage.heard(c.ConversationPackaged)

    bodies = {body for _, body, _, _ in stage.bus.told}
    assert (len(stage.bus.told), len(bodies)) == (3, 1)


async def test_an_offer_that_the_bus_did_not_take_is_made_when_it_is_back() -> None:
    stage = _Stage()
    await stage.over()
    await stage.heard(c.ConversationEnded)
    stage.bus.away = True
    with pytest.raises(Unavailable):
        await stage.heard(c.ConversationPackaged)
    stage.bus.away = False

    await stage.heard(c.ConversationPackaged)

    assert len(stage.bus.told) == 1
    assert (await stage.state()).handover.offers == 1


async def test_a_package_waits_for_a_text_on_its_way() -> None:
    stage = _Stage()
    await stage.over(requested())
    stage.now = later(61)
    with pytest.raises(Later):
        await stage.heard(c.ConversationEnded)
    await stage.given(TALKING, sent())

    await stage.heard(c.ConversationEnded)

    assert "ConversationPackaged" in await stage.names()


async def test_an_acceptance_ends_the_offers() -> None:
    stage = _Stage()
    package = await stage.handed_over()

    for _ in range(2):
        await stage.shifts.accepted(_acceptance(package))
    stage.now = later(9_000)
    await stage.heard(c.ConversationPackaged)

    assert (await stage.names()).count("ConversationProcessed") == 1
    assert (await stage.state()).status == "processed"
    assert len(stage.bus.told) == 1


async def test_two_shifts_that_accept_at_once_leave_one_with_it() -> None:
    stage = _Stage()
    package = await stage.handed_over()

    await stage.shifts.accepted(_acceptance(package))
    await stage.shifts.accepted(_acceptance(package, global_shift_id="s-10"))

    assert (await stage.names())[-2:] == ["ConversationProcessed", "AcceptanceContradicted"]


@pytest.mark.parametrize(
    "wrong",
    [{"conversation_id": "d" * 32}, {"package_id": "0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11"}],
)
async def test_an_acceptance_of_something_else_is_a_dead_letter(wrong: dict[str, object]) -> None:
    stage = _Stage()
    package = await stage.handed_over()

    with pytest.raises(Never) as never:
        await stage.shifts.accepted(_acceptance(package, **wrong))

    assert "acceptance refused" in str(never.value)
    assert (await stage.state()).status == "ended"


async def test_of_an_erased_person_the_outline_goes_out() -> None:
    stage = _Stage()
    await stage.over()
    whom = await stage.journal.read(conversation, f"person-{ADA}")
    erased = p.Erased(person_id=ADA, at=NOON)
    await stage.journal.save(
        [Entry(whom.stream, whom.version, whom.digest, (erased,), None)],
        Cause("t", "t"), NOON, forget=ADA,
    )  # fmt: skip

    await stage.heard(c.ConversationEnded)
    await stage.heard(c.ConversationPackaged)

    package = ContextPackage.model_validate_json(stage.bus.told[-1][1])
    assert (package.summary, package.user_id, package.transcript) == (None, None, ())
