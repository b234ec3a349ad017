"""What is shown of a replay: words masked, unless somebody says who reads them and why."""

from contracts.person import PersonalTextRevealed
from contracts.recorded import Cause, Subject
from domain.replaying import Difference
from services.runtime.policy_replay import reveal, shown
from services.runtime.ports import Entry
from tests.facts import ADA, NOON, later, registered
from tests.journal_in_memory import MemoryJournal

WORDS = "My mother fell again"
FOUND = Difference(
    "gate", "conversation-c", 3, NOON, ADA, WORDS,
    {"gate": None, "reply": WORDS}, {"gate": "crisis", "reply": None},
)  # fmt: skip


def test_words_are_masked() -> None:
    told = shown(FOUND, revealed=False)
    assert WORDS not in str(told)
    assert told["text"] == "(20 characters)"
    assert told["now"] == {"gate": "crisis", "reply": None}


async def test_whoever_reads_them_is_written_down() -> None:
    journal = MemoryJournal()
    entry = Entry(f"person-{ADA}", 0, "", (registered(),), Subject(ADA, 1))
    await journal.save([entry], Cause("test", "test"), NOON)

    await reveal(journal, [FOUND, FOUND], "eve", "a complaint", later(60))

    revealed = [each.fact for each in await journal.history(f"person-{ADA}")][1:]
    assert revealed == [PersonalTextRevealed(by="eve", why="a complaint", at=later(60))]
    assert shown(FOUND, revealed=True)["text"] == WORDS
