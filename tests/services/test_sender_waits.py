"""A text that waits for another holds no worker: the other may be behind it in the queue."""

from types import SimpleNamespace
from typing import Any

import pytest

from contracts.announcement import Announcement
from contracts.conversation import ConversationStarted
from contracts.recorded import Cause, Subject
from services.runtime.ports import Entry
from services.runtime.process import Later
from services.sender import Sender
from tests.domain.test_outbound import wanted
from tests.facts import ADA, KNOWN, NOON, TALK
from tests.services.money import outside_of

STREAM = f"conversation-{TALK}"


async def test_a_text_that_waits_for_another_is_given_back() -> None:
    outside = outside_of(SimpleNamespace())
    started = ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=NOON)
    whose = Subject(ADA, 1)
    facts = (started, wanted(sms_id="s1"), wanted(sms_id="s2"))
    await outside.journal.save(
        [Entry(f"person-{ADA}", 0, "", KNOWN, whose), Entry(STREAM, 0, "", facts, whose)],
        Cause("test", "test"),
        NOON,
    )
    second: Any = Announcement(
        fact=facts[2].name, stream=STREAM, version=3, position=5, at=NOON, cause="test",
        correlation="test",
    )  # fmt: skip

    with pytest.raises(Later) as later:
        await Sender(outside).send(second)

    assert later.value.release
