"""What a person does about dead letters: look, send them again, or let them be."""

from collections.abc import AsyncGenerator
from datetime import datetime

from contracts.dead_letter import DeadLetterDropped, DeadLetterReplayed
from contracts.identity import dead_letter_stream
from contracts.recorded import Cause
from domain.counting import counted
from services.adapters.dead_letter_box import letter_id
from services.runtime.ports import Journal, Letter, Letters


class NoSuchLetter(LookupError):
    """No dead letter of that id waits."""


def id_of_letter(letter: Letter) -> str:
    """Return the id by which a person names a letter."""
    return letter_id(letter.stream, letter.consumer, letter.source_sequence)


async def waiting(box: Letters) -> AsyncGenerator[Letter]:
    """Yield the letters that wait, oldest first, page after page."""
    after = 0
    while page := await box.letters(after):
        for letter in page:
            yield letter
        after = page[-1].sequence


async def replay(box: Letters, journal: Journal, letter: str, by: str, at: datetime) -> None:
    """Send a letter back to where it came from.  Raises `NoSuchLetter`."""
    found = await _found(box, letter)
    await box.replay(found)
    await _say(journal, letter, DeadLetterReplayed(by=by, at=at), at)
    await box.remove(found)


async def drop(box: Letters, journal: Journal, letter: str, by: str, at: datetime) -> None:
    """Decide that nothing is to be done about a letter.  Raises `NoSuchLetter`."""
    found = await _found(box, letter)
    await _say(journal, letter, DeadLetterDropped(by=by, at=at), at)
    await box.remove(found)


async def _found(box: Letters, letter: str) -> Letter:
    async for each in waiting(box):
        if id_of_letter(each) == letter:
            return each
    raise NoSuchLetter(letter)


async def _say(
    journal: Journal, letter: str, fact: DeadLetterReplayed | DeadLetterDropped, at: datetime
) -> None:
    stream = dead_letter_stream(letter)
    chapter = await journal.read(counted, stream)
    await journal.save([chapter.then((fact,), None)], Cause("operator", letter), at)
