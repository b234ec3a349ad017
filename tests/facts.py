"""Small builders for stories: Ada, noon, what she said, and states folded from facts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.evidence import Evidence
from contracts.labels import Brief, Labels
from contracts.proposal import TurnProposal
from contracts.sms import InboundSms
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.escalation import escalation
from domain.escalation.state import Escalation
from domain.person import person
from domain.person.state import Person
from domain.policy import Policy
from domain.spending.funds import Funds, Held
from domain.turn.hearing import Hear, Heard, Met, Sender, hear

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # noon in New York, a Tuesday
ADA = "a" * 32
TALK = "c" * 32
NUMBER = "+12125550123"
OURS = "+14155550100"
POLICY = Policy(coalesce_s=0.0, coalesce_most_s=0.0, signup_url="https://parley.example/signup")
AMPLE = Funds("account", (Held("lot", 10**9, urgent=False),))
BRIEF = Brief(brief_id="b", priority="p", need="n")


def sid(number: int) -> str:
    return f"SM{number:032x}"


def turn_id(number: int) -> str:
    return f"{number:032x}"


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def sms(
    number: int, text: str, at: datetime = NOON, *, media: int = 0, sender: str = NUMBER
) -> InboundSms:
    return InboundSms(
        sid=sid(number),
        account_sid="AC" + "0" * 32,
        sender=sender,
        to=OURS,
        text=text,
        received_at=at,
        media=media,
    )


def evidence(at: datetime = NOON) -> Evidence:
    return Evidence(source="cli", at=at)


def registered(generation: int = 1) -> p.Registered:
    return p.Registered(
        generation=generation, number=NUMBER, source="cli", country="US",
        zones=("America/New_York",),
    )  # fmt: skip


KNOWN: tuple[Contract, ...] = (registered(), p.ConsentGranted(evidence=evidence(later(-9000))))


def somebody(*facts: Contract) -> Person:
    return person.fold(facts)


def talk(*facts: Contract) -> Conversation:
    return conversation.fold(facts)


class World:
    """Ada and her conversations, kept in memory: what a decision says is what happened."""

    def __init__(self, *of_person: Contract, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.at = NOON
        self.streams: dict[str, list[Contract]] = {}
        self.ids = 0
        self.met: Met | None = None
        self.budget_spent = False
        self.append({f"person-{ADA}": of_person})

    def append(self, facts: dict[str, Sequence[Contract]]) -> None:
        for stream, more in facts.items():
            self.streams.setdefault(stream, []).extend(more)

    @property
    def person(self) -> Person:
        return person.fold(self.streams[f"person-{ADA}"])

    @property
    def talk_id(self) -> str:
        return self.person.last_conversation_id or ""

    @property
    def talk(self) -> Conversation:
        return conversation.fold(self.streams.get(f"conversation-{self.talk_id}", []))

    def escalation(self, escalation_id: str) -> Escalation:
        return escalation.fold(self.streams.get(f"escalation-{escalation_id}", []))

    def fresh(self) -> str:
        self.ids += 1
        return f"{self.ids << 32:032x}"

    def text(
        self,
        words: str,
        at: datetime | None = None,
        said_since: tuple[str, ...] = (),
        **more: object,
    ) -> Heard:
        """Ada texts; the facts are appended."""
        self.ids += 1
        told = sms(self.ids, words, at or self.at, **more)  # type: ignore[arg-type]
        command = Hear(
            told, Sender(ADA, NUMBER, "US", ("America/New_York",)), self.at,
            self.fresh(), self.fresh(), budget_spent=self.budget_spent,
            said_since=said_since,
        )  # fmt: skip
        current = self.person.conversation_id
        before = self.talk if current else Conversation()
        strangers = len(self.streams.get(f"strangers-{self.at.date().isoformat()}", []))
        question = self.person.question
        asked = self.escalation("" if question is None else question.escalation_id)
        heard = hear(self.person, before, self.met or Met(strangers), command, self.policy, asked)
        self.append(dict(heard.facts))
        return heard

    def said(self, *facts: Contract) -> None:
        """Append facts to the conversation."""
        self.append({f"conversation-{self.talk_id}": facts})

    def names(self, stream: str | None = None) -> list[str]:
        """Return the short names of a stream's facts."""
        facts = self.streams.get(stream or f"conversation-{self.talk_id}", [])
        return [type(fact).__name__ for fact in facts]

    def last(self, kind: type[Contract]) -> Contract | None:
        """Return the newest fact of a kind, in any stream."""
        return next(
            (
                fact
                for facts in reversed(list(self.streams.values()))
                for fact in reversed(facts)
                if isinstance(fact, kind)
            ),
            None,
        )


def usage() -> c.Usage:
    return c.Usage(model_asked="offline")


def proposal(reply: str = "What would help most right now?", **more: object) -> TurnProposal:
    return TurnProposal(reply=reply, **more)  # type: ignore[arg-type]


def labels() -> Labels:
    return Labels()
