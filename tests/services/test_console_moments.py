"""A state on a page: by its parts, short where much is gone, in words that need no explaining."""

from typing import get_args

from contracts.texts import EndReason
from domain.conversation import conversation
from domain.turn.reading import DangerKind
from services.runtime.console.history import moments
from services.runtime.console.rendering import SERVICES
from services.runtime.console.terms import DANGERS, ENDS, STEPS, ending, step
from tests.facts import TALK
from tests.journal_in_memory import MemoryJournal
from tests.services.console_seed import seed


async def test_a_turn_that_is_over_is_one_change() -> None:
    journal = MemoryJournal()
    await seed(journal)
    facts = await journal.history(f"conversation-{TALK}")

    drafted, committed = moments(conversation, facts, 4), moments(conversation, facts, 5)

    assert "open_turn.drafts.1.proposal.reply" in {value.path for value in drafted.changed}
    [gone] = [value for value in committed.changed if value.path.startswith("open_turn")]
    assert (gone.path, gone.now) == ("open_turn", None)
    assert (gone.before or "").endswith(" values")
    plain = {value.path: value.now for value in drafted.parts[""]}
    assert (plain["status"], plain["version"]) == ("active", "4")
    assert {value.path for value in drafted.parts["lines"]} >= {"1.author", "1.text"}
    assert sum(map(len, drafted.parts.values())) == len(drafted.state)


def test_every_ending_and_every_danger_has_words() -> None:
    assert set(ENDS) == set(get_args(EndReason))
    opened = {"unreadable", "model_raised", "draft_failed_crisis"}  # by no gate
    assert set(DANGERS) == set(get_args(DangerKind)) | opened
    assert (ending("timeout"), ending("new_reason")) == ("fell silent", "new reason")


def test_every_kind_of_unfinished_step_that_can_be_asked_for_has_words() -> None:
    template = (SERVICES / "templates" / "console" / "due.html").read_text()
    assert all(f'"{kind}"' in template for kind in STEPS)
    assert step("shift") == "no shift has accepted it yet"
