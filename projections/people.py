"""Every person, as far as can be said without naming them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts import person as p
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class Person(NamedTuple):
    """
    One person; `known` that somebody registered, asked or linked them.

    `erased` says that the keys of this and every earlier `generation` are gone.
    """

    person_id: str
    user_id: str | None
    consent: str
    phase: str
    loop_stage: str
    known: bool
    country: str | None
    generation: int
    conversation_id: str | None
    registered_at: datetime | None
    granted_at: datetime | None
    revoked_at: datetime | None
    erased: bool
    version: int


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _fold(rows: Rows[Person], recorded: Recorded[Any]) -> None:
    key = id_of(recorded.stream)
    before = rows.get(key) or _nobody(key)
    rows.put(_after(before, recorded)._replace(version=recorded.version))


def _nobody(key: str) -> Person:
    return Person(
        key, None, "pending", "onboarding", "consent", False, None, 0, None, None, None, None,
        False, 0,
    )  # fmt: skip


def _anew(row: Person) -> Person:
    """Return what a new generation keeps of the one before: the revocation, nothing else."""
    consent = "revoked" if row.consent == "revoked" else "pending"
    return _nobody(row.person_id)._replace(
        consent=consent, revoked_at=row.revoked_at, generation=row.generation
    )


def _after(row: Person, recorded: Recorded[Any]) -> Person:  # noqa: C901  # one arm a fact
    fact = recorded.fact
    match fact:
        case p.Registered():
            return _registered(row, fact, recorded.at)
        case p.UserLinked():
            return row._replace(user_id=fact.user_id, known=True)
        case p.ConsentRequested():
            consent = "pending" if row.consent == "expired" else row.consent
            return row._replace(consent=consent, known=True)
        case p.ConsentGranted():
            return _granted(row, fact)
        case p.ConsentRevoked():
            return row._replace(consent="revoked", revoked_at=fact.evidence.at)
        case p.ConsentExpired() if row.consent != "revoked":
            return row._replace(consent="expired")
        case p.PhaseChanged():
            return row._replace(phase=fact.phase)
        case p.LoopStageAdvanced():
            return row._replace(loop_stage=fact.loop_stage)
        case p.ConversationOpened():
            return row._replace(conversation_id=fact.conversation_id)
        case p.ConversationClosed() if fact.conversation_id == row.conversation_id:
            return row._replace(conversation_id=None)
        case p.Erased():
            return _anew(row)._replace(erased=True)
        case _:
            return row


def _registered(row: Person, fact: p.Registered, at: datetime) -> Person:
    if row.generation and fact.generation > row.generation:
        row = _anew(row)
    return row._replace(
        generation=fact.generation,
        known=row.known or fact.source not in ("sms", "listing"),
        country=fact.country or row.country,
        registered_at=row.registered_at or at,
        erased=False,
    )


def _granted(row: Person, fact: p.ConsentGranted) -> Person:
    """Grant, unless the person took consent back after that: in doubt the revocation wins."""
    at = fact.evidence.at
    if row.revoked_at is not None and at <= row.revoked_at:
        return row
    phase = "active" if row.phase == "paused" else row.phase
    return row._replace(consent="granted", granted_at=at, known=True, phase=phase)


PEOPLE = Projection(
    name="people",
    version=1,
    row=Person,
    ddl="""
CREATE TABLE {table} (
    person_id text PRIMARY KEY,
    user_id text,
    consent text NOT NULL,
    phase text NOT NULL,
    loop_stage text NOT NULL,
    known boolean NOT NULL,
    country text,
    generation integer NOT NULL,
    conversation_id text,
    registered_at timestamptz,
    granted_at timestamptz,
    revoked_at timestamptz,
    erased boolean NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX {table}_user ON {table} (user_id);
CREATE INDEX {table}_newest ON {table} (registered_at DESC NULLS LAST, person_id DESC);
CREATE INDEX {table}_consent
    ON {table} (consent, registered_at DESC NULLS LAST, person_id DESC);
""",
    hears=frozenset(
        {
            p.Registered, p.UserLinked, p.ConsentRequested, p.ConsentGranted, p.ConsentRevoked,
            p.ConsentExpired, p.PhaseChanged, p.LoopStageAdvanced, p.ConversationOpened,
            p.ConversationClosed, p.Erased,
        }
    ),
    keys=_keys,
    fold=_fold,
)  # fmt: skip
