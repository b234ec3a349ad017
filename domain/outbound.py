"""May this text leave now?  Asked anew before each attempt, by the kind of the text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts.person import TextPermitted
from contracts.texts import DeferredReason, SmsKind, WithheldReason
from domain.conversation.outbox import Outgoing, Try
from domain.conversation.state import Conversation
from domain.person import wording
from domain.person.state import Person
from domain.policy import Policy
from domain.schedule import is_quiet, opens_at
from domain.spending.decisions import next_month
from domain.spending.funds import Funds

# A reply within ten minutes is an answer; later it is us who begin, and nights are respected.
ANSWER_WITHIN = timedelta(minutes=10)
# So long a text keeps its successors waiting although nobody knows what became of it.
PREDECESSOR_FOR = timedelta(seconds=20)
# A crisis text may be repeated after so long: twice is better than never.
CRISIS_AGAIN_AFTER = timedelta(seconds=20)
# So often a crisis text is tried without knowing: a carrier that sends and never answers would
# else repeat it for as long as its trouble lasts.
CRISIS_BLINDLY_AT_MOST = 3
# Whether the danger is over is looked at as often as for a follow-up.
AFTER_CRISIS = timedelta(hours=1)
AFTER_REVIEWER = timedelta(minutes=15)
LONGEST_VALIDITY_S = 36_000
# Twilio advises more than five seconds.
SHORTEST_VALIDITY_S = 6
_HOUR = timedelta(hours=1)
# What finds no room under the cap is looked at again, so that a raised cap is noticed.
_ROOM_AGAIN_AFTER = timedelta(hours=1)
# These leave whatever is spent: recorded beside the cap and not under it.
BESIDE: frozenset[SmsKind] = frozenset({"crisis", "opt_out"})
_SHORT_WAIT_S, _LONG_WAIT_S = 0.2, 10.0


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to do: settled, or its time has not come."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again after so many seconds."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The text does not leave now, or never: the fact that says so."""

    fact: c.SmsDeferred | c.SmsWithheld


@dataclass(frozen=True, slots=True)
class Look:
    """An attempt without an outcome: the carrier must be asked what it has."""

    text: Outgoing
    attempt: Try


@dataclass(frozen=True, slots=True)
class Go:
    """The text may leave: both facts go into one save, then the carrier is asked once."""

    text: Outgoing
    number: str
    attempted: c.SmsAttempted
    permitted: TextPermitted
    valid_for_s: int | None


@dataclass(frozen=True, slots=True)
class Reserve:
    """The text may leave as soon as so much is reserved for it."""

    microdollars: int
    urgent: bool


Dispatch = Nothing | Wait | Decided | Look | Reserve | Go


@dataclass(frozen=True, slots=True)
class Case:
    """One text with all its circumstances."""

    text: Outgoing
    person: Person
    conversation: Conversation
    now: datetime
    policy: Policy
    funds: Funds

    @property
    def price(self) -> int:
        """What the text costs by the list."""
        return self.policy.outbound(self.person.country, self.text.segments)

    @property
    def urgent(self) -> bool:
        """Whether it may use what is kept for urgent texts."""
        return self.text.priority == "urgent"


def dispatch(
    conversation_id: str,
    person: Person,
    conversation: Conversation,
    sms_id: str,
    now: datetime,
    policy: Policy,
    funds: Funds,
) -> Dispatch:
    """Return what is to be done about a text now; `funds` is what the sender may spend."""
    text = conversation.outbox.texts.get(sms_id)
    if text is None or text.settled:
        return Nothing()
    case = Case(text, person, conversation, now, policy, funds)
    last = text.last
    if text.status in ("attempted", "unknown") and last is not None:
        if not _crisis_again(case, last):
            return _unfinished(text, last, now)
    elif text.status == "deferred":
        return Nothing()
    for rule in _RULES:
        found = rule(case)
        if found is not None:
            return found
    return _go(conversation_id, case)


def _crisis_again(case: Case, last: Try) -> bool:
    waited = case.now >= max(last.started_at + CRISIS_AGAIN_AFTER, last.deadline_at)
    blindly = sum(one.outcome in ("open", "unknown") for one in case.text.tries)
    return case.text.kind == "crisis" and waited and blindly < CRISIS_BLINDLY_AT_MOST


def _unfinished(text: Outgoing, last: Try, now: datetime) -> Dispatch:
    if text.status == "attempted" and now <= last.deadline_at:
        return Wait((last.deadline_at - now).total_seconds() + 0.05, "attempt under way")
    return Look(text, last)


def _go(conversation_id: str, case: Case) -> Go:
    attempt_id = f"{conversation_id}.{case.conversation.version + 1}"
    text, now, hours = case.text, case.now, case.policy.quiet_hours
    return Go(
        text,
        case.person.number,
        c.SmsAttempted(
            attempt_id=attempt_id,
            sms_id=text.sms_id,
            started_at=now,
            deadline_at=now + timedelta(seconds=case.policy.attempt_deadline_s),
            charge=_charge(case),
        ),
        TextPermitted(
            attempt_id=attempt_id,
            kind=text.kind,
            at=now,
            through_quiet_hours=_agreed(case) and is_quiet(now, _zones(case), hours),
        ),
        _validity(text, now),
    )


def _charge(case: Case) -> c.Charge:
    text, funds = case.text, case.funds
    lot = None if text.kind in BESIDE else funds.lot_for(case.price, urgent=case.urgent)
    return c.Charge(
        account=funds.account,
        lot_id=lot,
        microdollars=case.price,
        segments=text.segments,
        kind=text.kind,
    )


def _validity(text: Outgoing, now: datetime) -> int | None:
    if text.expires_at is None:
        return None
    left = int((text.expires_at - now).total_seconds())
    return min(max(left, SHORTEST_VALIDITY_S), LONGEST_VALIDITY_S)


# The rules, in the order in which they are asked


def _consent(case: Case) -> Dispatch | None:
    text, person = case.text, case.person
    if person.erased or person.generation != case.conversation.generation:
        return _never(text, "erased")
    if text.kind == "opt_out":
        return _confirmation(text, person)
    if person.consent == "revoked":
        return None if _help_to_revoked(case) else _never(text, "revoked")
    if text.kind in ("crisis", "notice") or person.consent == "granted":
        return None
    return _never(text, "no_consent")


def _confirmation(text: Outgoing, person: Person) -> Dispatch | None:
    """Let exactly one confirmation of each revocation through (47 CFR 64.1200(a)(12))."""
    if person.consent != "revoked":
        return _never(text, "withdrawn")
    if person.confirmed_by is None or person.confirmed_by in _certainly_not_sent(text):
        return None
    return _never(text, "already_confirmed")


def _certainly_not_sent(text: Outgoing) -> frozenset[str]:
    return frozenset(one.attempt_id for one in text.tries if one.outcome in ("failed", "absent"))


def _help_to_revoked(case: Case) -> bool:
    """HELP is answered in any state, unless the carrier blocks the number (CTIA handbook)."""
    text, revoked_at = case.text, case.person.revoked_at
    asked_since = (
        text.answers_at is not None and revoked_at is not None and text.answers_at > revoked_at
    )
    by_us = case.policy.opt_out_owner == "service"
    return by_us and wording.is_help(text.text) and asked_since


def _number(case: Case) -> Dispatch | None:
    """Keep texts from a number that takes none, unless it has texted us since, or in a crisis."""
    text, failed_at = case.text, case.person.number_failed_at
    if failed_at is None or text.kind == "crisis":
        return None
    alive = text.answers_at is not None and text.answers_at > failed_at
    return None if alive else _never(text, "number_failed")


def _expiry(case: Case) -> Dispatch | None:
    expires = case.text.expires_at
    return _never(case.text, "expired") if expires is not None and case.now >= expires else None


def _not_before(case: Case) -> Dispatch | None:
    begins = case.text.not_before
    if begins is None or case.now >= begins:
        return None
    return _later(case.text, begins, "not_before")


def _begun_by_us(case: Case) -> Dispatch | None:
    """Hold what we begin while the person is in danger, or somebody answers them in person."""
    if case.text.kind not in ("escalation", "follow_up"):
        return None
    if case.person.phase == "crisis":
        return _later(case.text, case.now + AFTER_CRISIS, "crisis")
    if case.text.kind == "escalation" and case.conversation.taken_by is not None:
        return _later(case.text, case.now + AFTER_REVIEWER, "taken_over")
    return None


def _order(case: Case) -> Dispatch | None:
    if case.text.kind in ("crisis", "opt_out"):
        return None
    for earlier in case.conversation.outbox.before(case.text.sms_id):
        if not earlier.settled and _holds(earlier, case.now):
            return Wait(_patience(earlier, case.now), "an earlier text is on its way")
    return None


def _patience(earlier: Outgoing, now: datetime) -> float:
    """Return how long to wait for an earlier text: the longer, the longer it has taken."""
    age = (now - earlier.requested_at).total_seconds()
    return min(max(age / 2, _SHORT_WAIT_S), _LONG_WAIT_S)


def _holds(earlier: Outgoing, now: datetime) -> bool:
    if earlier.status in ("deferred", "unknown"):
        since = earlier.last.started_at if earlier.last is not None else earlier.requested_at
        return now < since + PREDECESSOR_FOR
    return True


def _rate(case: Case) -> Dispatch | None:
    if case.text.kind in ("crisis", "opt_out"):
        return None
    counted = sorted(
        permit.at
        for permit in case.person.permits
        if permit.at > case.now - _HOUR and permit.kind not in ("crisis", "opt_out")
    )
    most = case.policy.rate_limit_per_hour
    if len(counted) < most:
        return None
    return _later(case.text, counted[-most] + _HOUR, "rate_limit")


def _quiet(case: Case) -> Dispatch | None:
    text = case.text
    if text.kind in ("crisis", "opt_out") or _answers(text, case.now) or _agreed(case):
        return None
    hours, zones = case.policy.quiet_hours, _zones(case)
    if not is_quiet(case.now, zones, hours):
        return None
    return _later(text, opens_at(case.now, zones, hours), "quiet_hours")


def _zones(case: Case) -> tuple[str, ...]:
    """Return where the person may be: where they say, else everywhere the number could be."""
    return (case.person.timezone,) if case.person.timezone else case.person.zones


def _agreed(case: Case) -> bool:
    """Let an urgent question through the quiet hours of somebody who agreed to that."""
    text = case.text
    urgent = text.kind == "escalation" and text.priority == "urgent"
    return urgent and case.person.urgent_agreed


def _answers(text: Outgoing, now: datetime) -> bool:
    if text.kind not in ("reply", "notice"):
        return False
    since = text.answers_at or text.requested_at
    return now <= since + ANSWER_WITHIN


def _budget(case: Case) -> Dispatch | None:
    if case.text.kind in BESIDE:
        return None
    if case.funds.lot_for(case.price, urgent=case.urgent) is not None:
        return None
    if not case.funds.refused:
        return Reserve(case.price, case.urgent)
    until = min(next_month(case.now), case.now + _ROOM_AGAIN_AFTER)
    return _later(case.text, until, "budget" if case.urgent else "near_cap")


_RULES: tuple[Callable[[Case], Dispatch | None], ...] = (
    _consent,
    _number,
    _expiry,
    _not_before,
    _begun_by_us,
    _order,
    _rate,
    _quiet,
    _budget,
)


def _never(text: Outgoing, reason: WithheldReason) -> Decided:
    return Decided(c.SmsWithheld(sms_id=text.sms_id, reason=reason))


def _later(text: Outgoing, until: datetime, reason: DeferredReason) -> Decided:
    return Decided(c.SmsDeferred(sms_id=text.sms_id, until=until, reason=reason))
