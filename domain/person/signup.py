"""Somebody asks on the page to be texted: whether one text may leave, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.evidence import Evidence
from contracts.identity import conversation_stream, person_stream, signups_stream
from contracts.recorded import Subject
from contracts.signup import SignupTexted
from domain import segments
from domain.conversation.state import Conversation
from domain.person import wording
from domain.person.state import Person
from domain.policy import Policy

# A stranger can make us text any number: little for each, little for all.
A_DAY_IN_ALL = 100
AN_HOUR_BY_ADDRESS = 5
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_EXPIRES = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Ask:
    """The command: a number asks to be texted, from an address that is known only by its hash."""

    person_id: str
    number: str
    country: str | None
    zones: tuple[str, ...]
    address_hash: str
    at: datetime
    fresh_conversation_id: str
    fresh_sms_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts that follow, by stream; none where nothing is sent."""

    subject: Subject
    facts: Mapping[str, tuple[Contract, ...]] = field(default_factory=dict)


def ask(
    person: Person,
    conversation: Conversation,
    lately: Sequence[SignupTexted],
    command: Ask,
    countries: Sequence[str],
    policy: Policy,
) -> Asked:
    """
    Return what follows; the page shows the same whatever it is, so that nobody learns.

    `lately` is what the page sent today and yesterday: an hour may span midnight.
    """
    new = person.generation == 0 or person.erased
    generation = person.generation + 1 if new else person.generation
    subject = Subject(command.person_id, generation)
    if not _may(person, lately, command, countries):
        return Asked(subject)
    joins = conversation.status == "active" and not new and person.conversation_id is not None
    conversation_id = person.conversation_id if joins else None
    conversation_id = conversation_id or command.fresh_conversation_id
    of_person: list[Contract] = []
    if new:
        of_person.append(_registered(command, generation))
    of_person.append(p.ConsentRequested(evidence=_evidence(command)))
    of_conversation: list[Contract] = []
    if not joins:
        of_person.append(p.ConversationOpened(conversation_id=conversation_id))
        of_conversation.append(
            c.ConversationStarted(
                person_id=command.person_id,
                generation=generation,
                initiated_by="agent",
                at=command.at,
            )
        )
    of_conversation.append(_request(command, policy))
    texted = SignupTexted(
        person_id=command.person_id, address_hash=command.address_hash, at=command.at
    )
    return Asked(
        subject,
        {
            person_stream(command.person_id): tuple(of_person),
            conversation_stream(conversation_id): tuple(of_conversation),
            signups_stream(command.at.date().isoformat()): (texted,),
        },
    )


def _may(
    person: Person, lately: Sequence[SignupTexted], command: Ask, countries: Sequence[str]
) -> bool:
    if person.consent in ("granted", "revoked") or person.phase == "paused":
        return False
    if person.number_failed is not None or command.country not in countries:
        return False
    today = sum(each.at.date() == command.at.date() for each in lately)
    to_number = _since(lately, command.at - _DAY, person_id=command.person_id)
    from_address = _since(lately, command.at - _HOUR, address_hash=command.address_hash)
    return today < A_DAY_IN_ALL and not to_number and from_address < AN_HOUR_BY_ADDRESS


def _since(
    lately: Sequence[SignupTexted],
    since: datetime,
    *,
    person_id: str | None = None,
    address_hash: str | None = None,
) -> int:
    return sum(
        each.at > since
        and person_id in (None, each.person_id)
        and address_hash in (None, each.address_hash)
        for each in lately
    )


def _registered(command: Ask, generation: int) -> p.Registered:
    return p.Registered(
        generation=generation,
        number=command.number,
        source="form",
        zones=command.zones,
        country=command.country,
    )


def _evidence(command: Ask) -> Evidence:
    return Evidence(
        source="form",
        at=command.at,
        wording=wording.AGREEMENT_VERSION,
        address_hash=command.address_hash,
    )


def _request(command: Ask, policy: Policy) -> c.SmsRequested:
    size = segments.count(wording.CONSENT_REQUEST)
    return c.SmsRequested(
        sms_id=command.fresh_sms_id,
        turn_id=None,
        kind="notice",
        priority="high",
        text=wording.CONSENT_REQUEST,
        encoding=size.encoding,
        segments=size.segments,
        estimated_microdollars=policy.outbound(command.country, size.segments),
        at=command.at,
        expires_at=command.at + _EXPIRES,
    )
