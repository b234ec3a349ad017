"""A day at a line for family caregivers, lived through the running system in two minutes."""

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import nats

from tests.journeys.system import System, number

ANA, BEN, CRUZ, DEE, ELI, FAY, GUS, HAL, IDA, JO = (number(50_100 + each) for each in range(10))
PEOPLE = (ANA, BEN, CRUZ, DEE, ELI, FAY, GUS, HAL, IDA)
STRANGER = JO


@dataclass(frozen=True)
class Said:
    """A text of somebody's, so many minutes into the day."""

    minute: float
    who: str
    words: str


# Two of them have a worse day than the others; one has had enough of texts.
TEXTS = (
    Said(0, ANA, "My mom was up four times last night. I am so tired"),
    Said(2, ANA, "Weekends are worst, there is no aide"),
    Said(4, ANA, "ok thanks, that helps"),
    Said(31, BEN, "Does Medicaid pay for somebody to come help my dad?"),
    Said(33, BEN, "We are in Ohio"),
    Said(62, CRUZ, "he keeps asking where his wife is. she died in 2019"),
    Said(64, CRUZ, "that is a kind way to put it"),
    Said(90, DEE, "SHARE"),
    Said(121, ELI, "How do I get him to take a shower? He fights me every time"),
    Said(123, ELI, "mornings are calmer I guess"),
    Said(125, ELI, "done"),
    Said(180, FAY, "I cannot do this any more, I wish I would just not wake up"),
    Said(182, FAY, "my sister is here now"),
    Said(240, GUS, "HELP"),
    Said(242, GUS, "How do I find a day program near me?"),
    Said(300, HAL, "please stop texting me"),
    Said(301, STRANGER, "who is this"),
    Said(362, IDA, "nobody calls me back. nobody. I sit here with him all day, I feel so alone"),
    Said(364, IDA, "maybe. I used to sing in a choir"),
    Said(420, BEN, "the form asks for his income from last year, where do I find that"),
    Said(422, BEN, "thanks"),
    Said(481, CRUZ, "he was calm today :)"),
    Said(540, ANA, "the day program called, he can start Monday!"),
    Said(541, ANA, "what should I pack for him? <b>name tags</b>?"),
    Said(600, ELI, "I have his leftover pills and I keep thinking about taking them all"),
)


@dataclass
class Day:
    """Lives the day; what is left open at its end is what the pages are to show."""

    system: System
    lived: float = 0.0
    sids: dict[str, str] = field(default_factory=dict[str, str])

    def live(self) -> None:
        """Let everything happen."""
        self.system.people(*PEOPLE)
        for each in TEXTS:
            self._until(each.minute)
            self._trouble(each)
            self.system.text(each.who, each.words)
            self.settle()
        self._ask(GUS, "Deploy is blocked: roll back or wait?", ["1", "2"])
        self._ask(CRUZ, "May Thursday's visit move to 4 pm?", ["yes", "no"])
        self._poison()
        self.system.text(ANA, "and his blue blanket?")
        self.settle()
        self._hand_over(4)
        self.settle()

    def _until(self, minute: float) -> None:
        while self.lived < minute:
            step = min(minute - self.lived, 31.0)
            self.system.wind(60 * step)
            self.lived += step
            self.settle()

    def settle(self) -> None:
        """Wait until what was begun is done, as far as it will be."""
        with suppress(AssertionError):  # something may be held on purpose
            self.system.quiet(20)

    def _trouble(self, said: Said) -> None:
        if said.who == GUS and said.words == "HELP":
            self.system.faults(script=[{"outcome": "reject", "code": 30003}])
        if said.words.startswith("that is a kind"):
            self.system.faults(script=[{"outcome": "reject", "code": 21612}])

    def _ask(self, who: str, words: str, options: list[str]) -> None:
        asked = {
            "escalation_id": str(uuid.uuid5(uuid.NAMESPACE_URL, words)), "kind": "question",
            "to": {"user_id": f"u-{who[-7:]}"}, "priority": "normal", "text": words,
            "project_id": "garden", "expects_reply": True, "reply_options": options,
        }  # fmt: skip
        self._publish("agent.escalations.requested", json.dumps(asked).encode())

    def _poison(self) -> None:
        self._publish("sms.inbound", b'{"schema_version": 9}')
        self._publish("sms.status", b"{")

    def _hand_over(self, at_most: int) -> None:
        """Let a shift of the agent accept the first packages."""

        async def accept() -> None:
            client = await nats.connect(self.system.addresses["nats"])
            stream, accepted = client.jetstream(), 0
            last = (await stream.stream_info("AGENT_OUT")).state.last_seq
            for sequence in range(1, last + 1):
                message = await stream.get_msg("AGENT_OUT", seq=sequence)
                package: dict[str, Any] = json.loads(message.data or b"{}")
                if "package_id" not in package or accepted == at_most:
                    continue
                told = {
                    "package_id": package["package_id"], "global_shift_id": "shift-41",
                    "conversation_id": package["conversation_id"],
                    "accepted_at": package["ended_at"],
                }  # fmt: skip
                await stream.publish("agent.shifts.accepted", json.dumps(told).encode())
                accepted += 1
            await client.close()

        asyncio.run(accept())

    def _publish(self, subject: str, body: bytes) -> None:
        async def publish() -> None:
            client = await nats.connect(self.system.addresses["nats"])
            await client.jetstream().publish(subject, body)
            await client.close()

        asyncio.run(publish())
