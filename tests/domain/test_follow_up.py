"""A follow-up that outlived its person's erasure."""

from contracts import follow_up as f
from contracts.personal import ERASED
from domain.conversation.state import Conversation
from domain.follow_up import follow_up
from domain.follow_up.decisions import Fire, fire
from tests.facts import ADA, KNOWN, NOON, POLICY, TALK, later, somebody, turn_id


def test_a_promise_made_before_an_erasure_is_not_kept_to_who_is_known_anew() -> None:
    promise = follow_up.fold(
        [
            f.FollowUpScheduled(
                person_id=ADA, conversation_id=TALK, kind="check_in", purpose=ERASED, due_at=NOON
            )
        ]
    )
    command = Fire(turn_id(1), later(1), turn_id(2), turn_id(3))

    fired = fire(promise, somebody(*KNOWN), Conversation(), command, POLICY)

    facts = [fact for more in fired.facts.values() for fact in more]
    assert facts == [f.FollowUpCancelled(reason="erased")]
