"""A long past, made fast: a few lives are decided by the domain and told again for many people."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psycopg

from contracts import conversation as c
from contracts import escalation as e
from contracts import person as p
from contracts.base import Contract
from contracts.dead_letter import DeadLetterDropped, DeadLettered
from contracts.recorded import Cause, Recorded, Subject
from contracts.safety import SafetyCaseOpened, SafetyCaseResolved
from domain.turn.judging import judged
from services.adapters.keys import NONCE_BYTES, KeyVault, NewKey, Secrets
from services.adapters.mapper import digest_of, new_save_id, preamble
from services.adapters.recorder import prepare_database
from tests.domain.test_replaying import Recording
from tests.facts import ADA, NUMBER, POLICY
from tests.projections.stories import offered, packaged, processed

_CORPUS = Path(__file__).parent / "corpus"
_PHRASES = ("phrases/mixed_en.jsonl", "phrases/danger_en.jsonl", "phrases/spanish.jsonl")
# A danger in a hundred texts and a keyword in as many is more than there ever is.
_KEYWORDS = ("HELP", "thanks", "STOP")
MASTER_KEY = b"m" * 32
# By these the lives were decided: a replay by the same settings finds that nothing differs.
SETTINGS: dict[str, Any] = {
    "pepper": "p" * 32, "master_key": base64.b64encode(MASTER_KEY).decode(),
    "opt_out_owner": "service", "signup_url": POLICY.signup_url, "rate_limit_per_hour": 400,
    "coalesce_seconds": 0, "coalesce_max_seconds": 0,
}  # fmt: skip
MONTH = "2026-11"
ACCOUNT = f"0123456789abcdef-{MONTH}"
USER = "e" * 32
TEXTS_A_TALK = 6
TALKS = 2
TURNS_A_LIFE = TEXTS_A_TALK * TALKS + 1
LIVES = 50
_TOGETHER = 40
_CHANGES = re.compile(r"([0-9a-f]{32}|@@\d+@@|20\d\d-\d\d-\d\dT[0-9:.]+Z)")
_COPY = (
    b"COPY stored_events (originator_id, originator_version, topic, state, notification_id)"
    b" FROM STDIN"
)
_COPY_KEYS = b"COPY subject_keys (subject, generation, wrapped) FROM STDIN"


class Life(Recording):
    """A person's story, with drafts that are judged as the evaluator judges them."""

    def __init__(self) -> None:
        super().__init__()
        self.steps["delivered"] = self.delivered

    def approve(self) -> None:
        """Judge what was drafted."""
        turn, world = self.world.talk.open_turn, self.world
        for draft in turn.drafts if turn is not None else ():
            if draft.verdict is None:
                world.said(*judged(world.person, world.talk, draft.version, world.policy))

    def delivered(self) -> None:
        """Let the carrier say that whatever it has was delivered."""
        for text in self.world.talk.outbox.texts.values():
            if text.status == "sent":
                told = c.SmsDelivered(
                    attempt_id=text.tries[-1].attempt_id, sms_id=text.sms_id,
                    provider_sid="SM" + "d" * 32,
                )  # fmt: skip
                self.world.said(told)

    def handed_over(self) -> None:
        """Let a shift accept the conversation that ended."""
        talk = f"conversation-{self.world.talk_id}"
        facts = [packaged(), offered(1), *([processed()] if self.second % 2 else [])]
        self.world.append({talk: facts})
        self.record(f"handed:{self.second}")

    def looked_after(self) -> None:
        """Let the agent have needed them, a reviewer have closed a case, a message been put by."""
        at = self.world.at
        need = e.EscalationRequested(
            person_id=ADA, generation=1, priority="normal", kind="question", text="Is she home?",
            expects_reply=True, expires_at=at + timedelta(minutes=10), at=at,
        )  # fmt: skip
        case = SafetyCaseOpened(
            person_id=ADA, conversation_id=self.world.talk_id, kind="unreadable", tier="medium",
            quotes=("…",), at=at,
        )  # fmt: skip
        letter = DeadLettered(
            stream="INBOUND", consumer="policy_gate", subject="sms.inbound", sequence=3,
            attempts=1, reason="not understood", at=at,
        )  # fmt: skip
        dropped = [DeadLetterDropped(by="grace", at=at)] if self.second % 3 else []
        self.world.append(
            {
                f"person-{ADA}": [p.UserLinked(user_id=USER)],
                f"escalation-{'1' * 32}": [need, e.EscalationExpired(at=at)],
                f"safety-{'2' * 32}": [case, SafetyCaseResolved(by="grace", outcome="-", at=at)],
                f"deadletter-INBOUND.policy_gate.{'3' * 32}": [letter, *dropped],
            }
        )
        self.record(f"looked:{self.second}")


def texts(seed: int) -> Iterator[str]:
    """
    Yield what people text, in an order of its own for each seed: mostly of no danger.

    The first text asks for the invitation, and no other does.
    """
    yield "SHARE"
    told = [
        json.loads(line) for name in _PHRASES for line in (_CORPUS / name).read_text().splitlines()
    ]
    calm = [each["text"] for each in told if each["safety"] == "none"]
    grave = [each["text"] for each in told if each["safety"] != "none"]
    chance = Random(seed)
    while True:
        throw = chance.random()
        if throw < 0.01:
            yield chance.choice(grave)
        elif throw < 0.02:
            yield chance.choice(_KEYWORDS)
        else:
            yield chance.choice(calm)


def life(seed: int) -> Sequence[Recorded[Contract]]:
    """Return the facts of one life: a few conversations, each text of them answered or ruled on."""
    story, said = Life(), texts(seed)
    for _ in range(TALKS):
        for _ in range(TEXTS_A_TALK):
            story.step("text", next(said))
            while story.world.talk.open_turn is not None or story.world.talk.answers:
                for step in ("draft", "approve", "settle"):
                    story.step(step, "")
            story.step("send", "")
            story.step("delivered", "")
        story.step("idle", "")
        if story.world.talk.status == "ended":
            story.handed_over()
    story.looked_after()
    story.step("text", next(said))  # which nobody has answered yet
    return story.log


class _Told(NamedTuple):
    """A fact of a life in pieces: every second one is what differs from person to person."""

    stream: Sequence[str]
    version: int
    topic: str
    pieces: Sequence[str]
    words: Sequence[str]
    at: datetime
    save: int


class _Collecting:
    """Puts a mark in the place of every personal text."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def seal(self, text: str) -> str:
        self.words.append(text)
        return f"@@{len(self.words) - 1}@@"

    def open(self, sealed: str) -> str:
        return sealed


def _told(facts: Sequence[Recorded[Contract]]) -> Sequence[_Told]:
    found: list[_Told] = []
    saves = groupby(facts, key=lambda each: (each.cause, each.at))
    for save, (_, group) in enumerate(saves):
        for each in group:
            marks = _Collecting()
            body = each.fact.__pydantic_serializer__.to_json(each.fact, context=marks).decode()
            body = body.replace('"account":"account"', f'"account":"{ACCOUNT}"')
            found.append(
                _Told(
                    _CHANGES.split(each.stream), each.version, each.fact.name,
                    _CHANGES.split(body), marks.words, each.at, save,
                )
            )  # fmt: skip
    return found


@dataclass
class _Teller:
    """Tells a life as another person's: their ids, their key, other days."""

    who: int
    earlier: timedelta
    key: NewKey

    def __post_init__(self) -> None:
        self._others = {ADA: person_of(self.who)}
        self._digests: dict[str, str] = {}

    def tell(self, facts: Sequence[_Told]) -> Iterator[tuple[datetime, int, str, int, str, bytes]]:
        """Yield when, in which save, and what is stored."""
        beginnings: dict[int, bytes] = {}
        for each in facts:
            stream, at = self._joined(each.stream, ()), each.at - self.earlier
            if each.save not in beginnings:
                cause = Cause(f"life:{self.who}:{each.save}", f"life:{self.who}")
                subject = self.key.subject
                beginnings[each.save] = preamble(at, subject, cause, new_save_id())
            sealed = [self._sealed(word, stream, each.version) for word in each.words]
            body = self._joined(each.pieces, sealed)
            previous = self._digests.get(stream, "")
            state = b'%s%s","fact":%s}' % (
                beginnings[each.save], previous.encode(), body.encode()
            )  # fmt: skip
            self._digests[stream] = digest_of(stream, each.version, each.topic, state)
            yield at, each.save, stream, each.version, each.topic, state

    def _joined(self, pieces: Sequence[str], sealed: Sequence[str]) -> str:
        made = list(pieces)
        for place in range(1, len(made), 2):
            made[place] = self._other(made[place], sealed)
        return "".join(made)

    def _other(self, piece: str, sealed: Sequence[str]) -> str:
        if piece.startswith("@@"):
            return sealed[int(piece[2:-2])]
        if piece not in self._others:
            if len(piece) == 32 and "T" not in piece:
                told = _other(piece, self.who)
            else:
                moment = datetime.fromisoformat(piece) - self.earlier
                told = moment.isoformat().replace("+00:00", "Z")
            self._others[piece] = told
        return self._others[piece]

    def _sealed(self, word: str, stream: str, version: int) -> str:
        word = number_of(self.who) if word == NUMBER else word
        nonce = os.urandom(NONCE_BYTES)
        bound = f"{stream}|{version}".encode()
        return base64.b64encode(
            nonce + self.key.cipher.encrypt(nonce, word.encode(), bound)
        ).decode()


def user_of(who: int) -> str:
    """Return the name that the agent knows somebody by."""
    return _other(USER, who)


def _other(piece: str, who: int) -> str:
    return hashlib.sha256(f"{piece}{who}".encode()).hexdigest()[:32]


def person_of(who: int) -> str:
    """Return somebody's id."""
    return hashlib.sha256(f"person {who}".encode()).hexdigest()[:32]


def number_of(who: int) -> str:
    """Return somebody's number."""
    return f"+1212{who:07d}"


def append(database_url: str, people: int) -> int:
    """
    Append the lives of many people to a new journal; return how many facts that were.

    Forty people live at the same time; their saves are stored in the order of their times, whole.
    """
    prepare_database(database_url, Secrets(MASTER_KEY, SETTINGS["pepper"].encode()))
    vault = KeyVault(MASTER_KEY)
    lives = [_told(life(seed)) for seed in range(min(LIVES, people))]
    position = 0
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        for first in range(0, people, _TOGETHER):
            tellers = [
                _Teller(
                    who, timedelta(days=20 - 20 * who // people, minutes=7 * (who % _TOGETHER)),
                    vault.create(Subject(person_of(who), 1)),
                )
                for who in range(first, min(first + _TOGETHER, people))
            ]  # fmt: skip
            rows = [
                (at, each.who, save, *stored)
                for each in tellers
                for at, save, *stored in each.tell(lives[each.who % len(lives)])
            ]
            rows.sort(key=lambda row: row[:3])
            with cursor.copy(_COPY_KEYS) as copy:
                for each in tellers:
                    copy.write_row((each.key.subject.person_id, 1, each.key.wrapped))
            with cursor.copy(_COPY) as copy:
                for position, row in enumerate(rows, position + 1):  # noqa: B020 (it goes on)
                    copy.write_row((*row[3:], position))
        cursor.execute(
            b"SELECT setval(pg_get_serial_sequence('stored_events', 'notification_id'), %s)",
            (position,),
        )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(b"VACUUM ANALYZE stored_events")
    return position
