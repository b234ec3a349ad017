"""An ended conversation: what is told of it, how often it is offered, who has it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import conversation as c
from contracts import person as p
from contracts.proposal import MemoryWrite, ProfileChange
from contracts.shift import ContextPackage, ShiftAccepted, TranscriptLine
from domain.conversation import conversation
from domain.conversation.ending import idle, wanted
from domain.shift.decisions import (
    AcceptanceRefused,
    Packed,
    accepted,
    offered,
    on_offer,
    packed,
    to_wait,
)
from domain.shift.package import MOST_BYTES, Pack, built, within
from domain.spending.prices import Price
from domain.turn.settlement import settle
from tests.facts import ADA, KNOWN, NOON, POLICY, World, later, proposal, registered, usage

SID = "SM" + "e" * 32
QUESTION = "How do I get a break this week?"


# What is told


def test_a_conversation_is_told_whole() -> None:
    world = World(*KNOWN, p.UserLinked(user_id="u-17"))
    _turn(
        world,
        QUESTION,
        "The county has a respite program.",
        0,
        memory=(
            MemoryWrite(key="care:condition", value="dementia", evidence_sid="SM1"),
            MemoryWrite(key="care:conditions", value="diabetes", evidence_sid="SM1"),
            MemoryWrite(key="eligibility:household_assets", value="2417", evidence_sid="SM1"),
        ),
        profile=(ProfileChange(field="preferred_name", value="Ada", evidence_sid="SM1"),),
    )
    _turn(world, "that's all", "Okay, I'll leave it here.", 60)

    package = _package(world)

    assert (package.user_id, package.initiated_by, package.end_reason) == (
        "u-17",
        "person",
        "done",
    )
    assert [(line.seq, line.author) for line in package.transcript] == [
        (1, "person"), (2, "agent"), (3, "person"), (4, "agent"),
    ]  # fmt: skip
    assert package.transcript[0].text == QUESTION
    assert package.transcript[1].message_sid == SID
    assert package.intents == ("respite",)
    assert {change.key: change.value for change in package.memory} == {
        "care:conditions": "dementia; diabetes",
        "profile:preferred_name": "Ada",
    }
    assert package.open_questions == ()
    assert package.safety == ()
    assert (package.cost.sms_cents, package.cost.model_usd) == (4, "0.0028")  # two each way
    assert package.untrusted
    assert not package.truncated
    assert package.summary is not None
    assert QUESTION in package.summary
    assert "the person closed it" in package.summary


def test_what_is_public_has_the_names_that_are_written_down() -> None:
    world = World(*KNOWN)
    _turn(world, "bye", "Okay.", 0)

    told = _package(world).model_dump(mode="json")

    assert sorted(told) == sorted(
        [
            "package_id", "conversation_id", "user_id", "project_id", "initiated_by",
            "escalation_id", "escalation_ids", "started_at", "ended_at", "end_reason", "summary", "intents",
            "open_questions", "transcript", "memory", "safety", "cost", "untrusted", "truncated",
        ]
    )  # fmt: skip
    assert sorted(told["transcript"][0]) == ["at", "from", "message_sid", "seq", "text"]


def test_texts_cost_what_the_carrier_says_and_both_ways() -> None:
    world = World(*KNOWN, policy=replace(POLICY, prices={"US": Price(20_000, 7_000)}))
    _turn(world, QUESTION, "The county has a respite program.", 0)
    [first] = world.talk.outbox.texts.values()
    assert first.last is not None
    assert _package_as_if_ended(world).cost.sms_cents == 3  # 2.0 and 0.7

    world.said(
        c.SmsPriced(
            attempt_id=first.last.attempt_id, sms_id=first.sms_id, account="a",
            microdollars=51_000, estimated_microdollars=20_000, via="provider",
        )
    )  # fmt: skip
    assert _package_as_if_ended(world).cost.sms_cents == 6  # 5.1 and 0.7


def test_what_the_carrier_never_took_costs_nothing() -> None:
    world = World(*KNOWN)
    _turn(world, QUESTION, "The county has a respite program.", 0, sent=False)
    [text] = world.talk.outbox.texts.values()
    attempt = f"{world.talk_id}.{world.talk.version + 1}"
    world.said(
        c.SmsAttempted(
            attempt_id=attempt, sms_id=text.sms_id, started_at=NOON, deadline_at=later(15)
        ),
        c.SmsAbsent(attempt_id=attempt, sms_id=text.sms_id, looks=2),
    )

    assert _package_as_if_ended(world).cost.sms_cents == 1  # the person's own


def test_escalations_that_joined_are_named() -> None:
    world = World(*KNOWN)
    _turn(world, QUESTION, "The county has a respite program.", 0)
    ids = (str(UUID(int=1)), str(UUID(int=2)))
    for text in (
        _text(f"escalation-{ids[0]}"), _text(f"escalation-{ids[1]}", escalations=(ids[1],))
    ):  # fmt: skip
        world.said(text)

    package = _package_as_if_ended(world)

    assert (package.escalation_id, package.escalation_ids) == (ids[0], ids)
    assert package.initiated_by == "person"


def _text(sms_id: str, **more: Any) -> c.SmsRequested:
    return c.SmsRequested(
        sms_id=sms_id, turn_id=None, kind="escalation", priority="normal", text="Roll back?",
        encoding="gsm7", segments=1, estimated_microdollars=8_300, at=later(9), **more,
    )  # fmt: skip


def _package_as_if_ended(world: World) -> ContextPackage:
    over = c.ConversationEnded(person_id=ADA, reason="done", at=later(99))
    facts = [*world.streams[f"conversation-{world.talk_id}"], over]
    command = Pack(world.talk_id, world.fresh(), later(99))
    return built(conversation.fold(facts), facts, world.person, command, world.policy)


def test_a_question_without_an_answer_of_substance_stays_open() -> None:
    world = World(*KNOWN)
    world.text(QUESTION)
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.ModelFailed(
            turn_id=turn.turn_id, covers_from=1, covers_through=1, kind="timeout", usage=usage()
        )
    )
    _settle(world, 1)
    _sent(world)
    _idle(world)

    assert _package(world).open_questions == (QUESTION,)


def test_a_question_that_the_person_left_open_is_told() -> None:
    world = World(*KNOWN)
    _turn(world, QUESTION, "Whom have you asked so far?", 0)
    _idle(world)

    package = _package(world)

    assert package.end_reason == "timeout"
    assert len(package.open_questions) == 1
    assert package.open_questions[0].endswith("Whom have you asked so far?")


def test_a_case_is_told() -> None:
    world = World(*KNOWN)
    world.text("I want to kill myself")
    _settle(world, 1)
    _sent(world)
    _idle(world)

    package = _package(world)

    assert [concern.tier for concern in package.safety] == ["critical"]
    assert "crisis" in package.intents


def test_what_never_left_was_not_said() -> None:
    world = World(*KNOWN)
    _turn(world, QUESTION, "The county has a respite program.", 0, sent=False)
    world.text("stop texting me", later(5))
    _settle(world, 6)

    lines = _package(world).transcript

    assert [line.author for line in lines] == ["person", "person", "agent"]


def test_of_whoever_was_erased_only_the_outline_is_told() -> None:
    world = World(*KNOWN)
    _turn(world, "bye", "Okay.", 0)
    talk_id = world.talk_id
    world.append({f"person-{ADA}": (p.Erased(person_id=ADA, at=later(9)),)})

    told = _packed(world, talk_id)

    assert told.subject is None
    [packaged] = told.facts
    assert isinstance(packaged, c.ConversationPackaged)
    assert packaged.package.summary is None
    assert packaged.package.user_id is None
    assert packaged.package.transcript == ()


def test_whoever_is_known_anew_is_not_told_of_the_old_conversation() -> None:
    world = World(*KNOWN)
    _turn(world, "bye", "Okay.", 0)
    talk_id = world.talk_id
    world.append({f"person-{ADA}": (p.Erased(person_id=ADA, at=later(9)), registered(2))})

    assert _package(world, talk_id).transcript == ()


# Its size


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(max_size=900), max_size=90),
    st.integers(2_000, MOST_BYTES),
)
def test_a_package_is_cut_from_its_oldest_lines(texts: list[str], most: int) -> None:
    whole = _of(texts)

    cut = within(whole, most)

    size = len(cut.model_dump_json().encode())
    assert size <= most
    kept = len(cut.transcript)
    assert cut.transcript == whole.transcript[len(texts) - kept :]
    assert cut.truncated == (kept < len(texts))
    if cut.truncated:
        restored = whole.model_copy(
            update={"transcript": whole.transcript[len(texts) - kept - 1 :], "truncated": True}
        )
        assert len(restored.model_dump_json().encode()) > most - 2


# Once


def test_a_conversation_is_packaged_once() -> None:
    world = _ended()
    world.said(*_packed(world).facts)

    assert _packed(world) == Packed()


def test_what_goes_on_is_not_packaged() -> None:
    world = World(*KNOWN)
    world.text(QUESTION)

    assert _packed(world) == Packed()


def test_a_package_waits_a_moment_for_the_last_text() -> None:
    world = World(*KNOWN)
    _turn(world, "bye", "Okay.", 0, sent=False)

    assert to_wait(world.talk, later(2)) > 0
    assert to_wait(world.talk, later(11)) == 0
    _sent(world)
    assert to_wait(world.talk, later(2)) == 0


# Offers


def test_the_same_package_is_offered_every_ten_minutes_until_it_is_accepted() -> None:
    world = _packaged()
    ids: list[str] = []
    for seconds in (20, 20, 619, 620, 1_219, 1_300):
        world.said(*offered(world.talk, later(seconds), world.policy))
        offer = on_offer(world.talk)
        assert offer is not None
        assert offer.version == world.talk.handover.version
        ids.append(offer.message_id)
    assert len(dict.fromkeys(ids)) == 3
    assert world.talk.handover.offers == 3

    world.said(*accepted(world.talk, _acceptance(world), later(1_400)))

    assert offered(world.talk, later(9_000), world.policy) == ()
    assert on_offer(world.talk) is None


# Acceptances


def test_the_first_acceptance_makes_it_processed_however_late() -> None:
    world = _packaged()

    [fact] = accepted(world.talk, _acceptance(world), later(90_000))
    world.said(fact)

    assert isinstance(fact, c.ConversationProcessed)
    assert fact.global_shift_id == "s-9"
    assert world.talk.status == "processed"


def test_a_repeated_acceptance_is_nothing() -> None:
    world = _packaged()
    world.said(*accepted(world.talk, _acceptance(world), later(30)))

    assert accepted(world.talk, _acceptance(world), later(31)) == ()


def test_another_shift_that_accepts_is_written_down_once_and_changes_nothing() -> None:
    world = _packaged()
    world.said(*accepted(world.talk, _acceptance(world), later(30)))

    other = _acceptance(world, global_shift_id="s-10")
    facts = accepted(world.talk, other, later(31))
    world.said(*facts)

    assert [type(fact) for fact in facts] == [c.AcceptanceContradicted]
    assert accepted(world.talk, other, later(32)) == ()
    assert world.talk.handover.shift_id == "s-9"
    assert world.talk.status == "processed"


def test_contradictions_are_written_down_a_bounded_number_of_times() -> None:
    world = _packaged()
    for number in range(100):
        told = _acceptance(world, global_shift_id=f"s-{number}")
        world.said(*accepted(world.talk, told, later(30)))

    assert len(world.talk.handover.contradicted_by) == 20


@pytest.mark.parametrize("moment", ["nothing", "active", "ended", "packaged"])
def test_an_acceptance_of_what_was_not_offered_is_refused(moment: str) -> None:
    worlds = {"nothing": World(*KNOWN), "ended": _ended(), "packaged": _packaged()}
    worlds["active"] = World(*KNOWN)
    worlds["active"].text(QUESTION)
    told = _acceptance(worlds["packaged"], package_id="0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11")

    with pytest.raises(AcceptanceRefused):
        accepted(worlds[moment].talk, told, later(30))


def test_an_acceptance_may_say_more_than_we_know() -> None:
    told = ShiftAccepted.model_validate_json(
        '{"package_id": "0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11", "conversation_id": "'
        + "c" * 32
        + '", "global_shift_id": "s-9", "accepted_at": "2026-11-24T09:00:00Z", "mood": "good"}'
    )

    assert told.global_shift_id == "s-9"


# Whatever happens

STEPS = st.sampled_from(
    ["text", "bye", "stop", "settle", "idle", "operator", "pack", "offer", "accept", "other"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_each_ended_conversation_is_packaged_once_and_goes_one_way(steps: list[str]) -> None:
    world = World(*KNOWN)
    told: dict[str, list[str]] = {}
    for number, step in enumerate(steps):
        world.at = later(60 * number)
        _step(world, step, 60.0 * number)
        if world.talk_id and told.setdefault(world.talk_id, [])[-1:] != [world.talk.status]:
            told[world.talk_id].append(world.talk.status)

    for statuses in told.values():
        assert statuses == ["active", "ended", "processed"][: len(statuses)]
    for stream, facts in world.streams.items():
        if stream.startswith("conversation-"):
            packages = [fact for fact in facts if isinstance(fact, c.ConversationPackaged)]
            processed = [fact for fact in facts if isinstance(fact, c.ConversationProcessed)]
            assert len(packages) <= 1
            assert len(processed) <= len(packages)


def _step(world: World, step: str, second: float) -> None:
    if step in ("text", "bye", "stop"):
        world.text({"text": QUESTION, "bye": "bye", "stop": "stop texting me"}[step])
        return
    if not world.talk_id:
        return
    match step:
        case "settle":
            if world.talk.open_turn is not None:
                _draft(world, "Okay.")
            _settle(world, second)
        case "idle":
            _end(world, *idle(world.talk, later(second + 9_000), 30))
        case "operator":
            _end(world, *wanted(world.talk, "operator", later(second)))
        case "pack":
            world.said(*_packed(world).facts)
        case "offer":
            world.said(*offered(world.talk, later(second), world.policy))
        case _:
            if world.talk.handover.offers:
                told = _acceptance(world, global_shift_id=step)
                world.said(*accepted(world.talk, told, later(second)))


# Builders


def _turn(
    world: World, words: str, reply: str, seconds: float, *, sent: bool = True, **more: Any
) -> None:
    world.at = later(seconds)
    world.text(words)
    _draft(world, reply, **more)
    _settle(world, seconds + 1)
    if sent:
        _sent(world)


def _draft(world: World, reply: str, **more: Any) -> None:
    turn = world.talk.open_turn
    assert turn is not None
    spent = usage().model_copy(update={"cost_microdollars": 1_400})
    draft = c.ReplyDrafted(
        turn_id=turn.turn_id, covers_from=turn.covers_from, covers_through=turn.covers_through,
        proposal=proposal(), usage=spent,
    )  # fmt: skip
    world.said(draft)
    verdict = {
        "turn_id": turn.turn_id, "draft_version": world.talk.version, "text": reply,
        "rule_set": "r",
    }  # fmt: skip
    world.said(c.DraftApproved.model_validate({**verdict, **more}))


def _settle(world: World, seconds: float) -> None:
    settled = settle(world.talk_id, world.person, world.talk, later(seconds), world.policy)
    world.append(dict(settled.facts))


def _sent(world: World) -> None:
    for text in world.talk.outbox.texts.values():
        if not text.tries:
            attempt = f"{world.talk_id}.{world.talk.version + 1}"
            world.said(
                c.SmsAttempted(
                    attempt_id=attempt, sms_id=text.sms_id, started_at=NOON, deadline_at=later(15)
                ),
                c.SmsSent(
                    attempt_id=attempt, sms_id=text.sms_id, provider_sid=SID, status="queued",
                    via="answer",
                ),
            )  # fmt: skip


def _idle(world: World) -> None:
    _end(world, *idle(world.talk, later(9_000), 30))


def _end(world: World, *facts: c.ConversationEnded | c.ConversationEndWanted) -> None:
    world.said(*facts)
    for fact in facts:
        if isinstance(fact, c.ConversationEnded):
            closed = p.ConversationClosed(conversation_id=world.talk_id, reason=fact.reason)
            world.append({f"person-{ADA}": (closed,)})


def _packed(world: World, talk_id: str = "") -> Packed:
    talk_id = talk_id or world.talk_id
    facts = world.streams.get(f"conversation-{talk_id}", [])
    state = conversation.fold(facts)
    return packed(state, facts, world.person, Pack(talk_id, world.fresh(), later(9)), world.policy)


def _package(world: World, talk_id: str = "") -> ContextPackage:
    packaged = _packed(world, talk_id).facts[-1]
    assert isinstance(packaged, c.ConversationPackaged)
    return packaged.package


def _ended() -> World:
    world = World(*KNOWN)
    _turn(world, "that's all", "Okay.", 0)
    return world


def _packaged() -> World:
    world = _ended()
    world.said(*_packed(world).facts)
    return world


def _acceptance(world: World, **more: Any) -> ShiftAccepted:
    told = {
        "package_id": world.talk.handover.package_id,
        "conversation_id": world.talk_id,
        "global_shift_id": "s-9",
        "accepted_at": later(30),
    }
    return ShiftAccepted.model_validate({**told, **more})


def _of(texts: list[str]) -> ContextPackage:
    lines = tuple(
        TranscriptLine(seq=number, author="person", text=text, at=NOON)
        for number, text in enumerate(texts, 1)
    )
    return ContextPackage(
        package_id="0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11", conversation_id="c" * 32,
        user_id="u-17", project_id=None, initiated_by="person", escalation_id=None,
        started_at=NOON, ended_at=NOON, end_reason="done", summary="They talked.",
        transcript=lines,
    )  # fmt: skip
