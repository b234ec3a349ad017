"""What a reviewer can do here: each act reads the streams, asks the domain, appends its facts."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request

from contracts.conversation import ConversationEnded
from contracts.identity import conversation_stream, id_of, person_stream, safety_stream
from contracts.recorded import Cause, Subject
from domain.conversation import conversation, reviewing
from domain.conversation.reviewing import Facts, Write
from domain.conversation.state import Conversation
from domain.person import person
from domain.person.revealing import Reveal, reveal
from domain.person.state import Person
from domain.safety import safety_case
from domain.safety.decisions import acknowledge, resolve
from domain.safety.state import SafetyCase
from domain.turn.recap import closed
from projections import queries
from services.runtime import dead_letters
from services.runtime.console import shapes
from services.runtime.console.problems import Refused
from services.runtime.console.sight import Sight
from services.runtime.console.views import Views
from services.runtime.contacts import Contact, Contacts
from services.runtime.entries import entries
from services.runtime.erasing import Erasing, NobodyToErase
from services.runtime.outside import Outside, has_carrier, open_ledger
from services.runtime.ports import Chapter, Decide, Entry, LedgerRefused

# Of an id, how much somebody types to say whom they mean.
CONFIRMED_BY = 8

Settle = Callable[..., Awaitable[None]]


class Acts:
    """
    Does what was asked, once, however often it is asked.

    Raises `Refused` where there is nothing of that id, the domain's own refusals where it cannot
    be done now, `Unavailable`.
    """

    def __init__(self, outside: Outside, views: Views, sight: Sight) -> None:
        self._outside = outside
        self._sight = sight
        self._journal = outside.journal
        self._views = views

    # Safety cases

    async def acknowledge(self, case_id: str, by: str) -> shapes.Done:
        """Say that a reviewer looks after a case."""
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            case = await self._case(case_id)
            return [case.then(acknowledge(case.state, by, at), None)]

        return await self._done(case_id, "acknowledge", decide)

    async def resolve(self, case_id: str, outcome: str, by: str) -> shapes.Done:
        """Close a case with its outcome; crisis is over in the same save if this was why."""
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            case = await self._case(case_id)
            who = case.state.person_id
            if who is None:
                closed = resolve(case.state, Person(), (), Conversation(), by, outcome, at)
                return [case.then(closed.case, None)]
            whom = await self._journal.read(person, person_stream(who))
            others = await self._other_cases(who, case_id)
            talk = await self._newest_talk(whom.state)
            found = resolve(case.state, whom.state, others, talk, by, outcome, at)
            by_stream = {case.stream: found.case, whom.stream: found.person}
            return entries((case, whom), by_stream, whom.state.subject(who))

        return await self._done(case_id, "resolve", decide)

    async def _case(self, case_id: str) -> Chapter[SafetyCase]:
        case = await self._journal.read(safety_case, safety_stream(case_id))
        if not case.version:
            raise Refused(404, "There is no such case.")
        return case

    async def _other_cases(self, person_id: str, case_id: str) -> list[SafetyCase]:
        """Return the person's other cases that waited of late, as they stand now."""
        async with self._views.asked() as connection:
            rows = await queries.waiting_cases(connection, person_id)
        return [
            (await self._journal.read(safety_case, safety_stream(row.case_id))).state
            for row in rows
            if row.case_id != case_id
        ]

    async def _newest_talk(self, who: Person) -> Conversation:
        newest = who.last_conversation_id
        if newest is None:
            return Conversation()
        return (await self._journal.read(conversation, conversation_stream(newest))).state

    # Conversations

    async def take_over(self, conversation_id: str, by: str) -> shapes.Done:
        """Answer in person from here on."""
        at = self._outside.clock.now()
        return await self._said(
            conversation_id, "take-over", lambda talk: reviewing.take_over(talk, by, at)
        )

    async def hand_back(self, conversation_id: str, by: str) -> shapes.Done:
        """Let the agent answer again."""
        at = self._outside.clock.now()
        return await self._said(
            conversation_id, "hand-back", lambda talk: reviewing.hand_back(talk, by, at)
        )

    async def write(
        self, conversation_id: str, text: str, sms_id: str | None, by: str
    ) -> shapes.Done:
        """Send a text in one's own words; the same `sms_id` is the same text."""
        clock, policy = self._outside.clock, self._outside.policy
        command = Write(sms_id or clock.fresh(), text, by, clock.now())
        return await self._said(
            conversation_id, "text", lambda talk: reviewing.write(talk, command, policy)
        )

    async def end(self, conversation_id: str, by: str) -> shapes.Done:
        """End a conversation, now or as soon as the answer under way has left."""
        del by
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            talk = await self._talk(conversation_id)
            facts = reviewing.end(talk.state, at)
            if not any(isinstance(fact, ConversationEnded) for fact in facts):
                return [talk.then(facts, talk.state.subject)]
            whom = await self._journal.read(person, person_stream(talk.state.person_id))
            over = closed(talk.state, conversation_id, "operator", at)
            by_stream = {talk.stream: facts, whom.stream: (over,)}
            return entries((talk, whom), by_stream, talk.state.subject)

        return await self._done(conversation_id, "end", decide)

    # Outgoing texts

    async def retry(self, sms_id: str, by: str) -> shapes.Done:
        """Look at a waiting text now, or send one that failed again."""
        at, policy = self._outside.clock.now(), self._outside.policy
        return await self._said(
            await self._talk_of(sms_id),
            "retry",
            lambda talk: reviewing.retry(talk, sms_id, by, at, policy),
        )

    async def withdraw(self, sms_id: str, by: str) -> shapes.Done:
        """Take back a text that has not left."""
        del by
        return await self._said(
            await self._talk_of(sms_id), "withdraw", lambda talk: reviewing.withdraw(talk, sms_id)
        )

    async def _talk_of(self, sms_id: str) -> str:
        async with self._views.asked() as connection:
            row = await queries.one(connection, queries.OUTGOING, sms_id)
        if row is None:
            raise Refused(404, "There is no such text.")
        return row.conversation_id

    async def _said(
        self, conversation_id: str, what: str, facts: Callable[[Conversation], Facts]
    ) -> shapes.Done:
        async def decide() -> Sequence[Entry]:
            talk = await self._talk(conversation_id)
            return [talk.then(facts(talk.state), talk.state.subject)]

        return await self._done(conversation_id, what, decide)

    async def _talk(self, conversation_id: str) -> Chapter[Conversation]:
        talk = await self._journal.read(conversation, conversation_stream(conversation_id))
        if not talk.version:
            raise Refused(404, "There is no such conversation.")
        return talk

    # Dead letters

    async def replay(self, letter_id: str, by: str) -> shapes.Done:
        """Send a dead letter back to where it came from."""
        return await self._settled(letter_id, by, dead_letters.replay)

    async def drop(self, letter_id: str, by: str) -> shapes.Done:
        """Decide that nothing is to be done about a dead letter."""
        return await self._settled(letter_id, by, dead_letters.drop)

    async def _settled(self, letter_id: str, by: str, settle: Settle) -> shapes.Done:
        at = self._outside.clock.now()
        try:
            await settle(self._outside.letters, self._journal, letter_id, by, at)
        except LookupError:
            raise Refused(404, "No dead letter of that id waits.") from None
        return shapes.Done(id=letter_id, facts=1)

    # People

    async def register(self, asked: shapes.PersonWanted) -> shapes.Done:
        """Register a person, or what is new about one.  Raises `ContactRefused`."""
        contact = Contact(**asked.model_dump())
        added = await self._contacts().add(contact, self._outside.clock.now(), "console")
        return shapes.Done(id=added.person_id or "", facts=added.facts)

    async def reveal_person(
        self, request: Request, person_id: str, why: str, by: str
    ) -> shapes.Revealed:
        """Write down who reads all of a person's words and why, then show them."""
        whom = await self._journal.read(person, person_stream(person_id))
        command = Reveal(by, why, self._outside.clock.now())
        return await self._revealed(request, whom.stream, whom.state.subject(person_id), command)

    async def reveal_conversation(
        self, request: Request, conversation_id: str, why: str, by: str
    ) -> shapes.Revealed:
        """Write down who reads a conversation's words and why, then show them."""
        talk = await self._talk(conversation_id)
        command = Reveal(by, why, self._outside.clock.now(), conversation_id)
        return await self._revealed(request, talk.stream, talk.state.subject, command)

    async def _revealed(
        self, request: Request, shown: str, whose: Subject, command: Reveal
    ) -> shapes.Revealed:
        async def decide() -> Sequence[Entry]:
            whom = await self._journal.read(person, person_stream(whose.person_id))
            if not whom.version:
                raise Refused(404, "There is no such person.")
            return [whom.then(reveal(whom.state, command), None)]

        done = await self._done(id_of(shown), "reveal", decide)
        until = await self._sight.reveal(request, shown, whose)
        return shapes.Revealed(id=done.id, facts=done.facts, until=until)

    async def erase(self, person_id: str, confirm: str, by: str) -> shapes.Forgot:
        """Forget a person everywhere; takes up to a minute while the carrier has their texts."""
        if confirm != person_id[:CONFIRMED_BY]:
            raise Refused(409, "That is not how this person's id begins; nobody was erased.")
        outside = self._outside
        settings = outside.settings
        sms = outside.sms if has_carrier(settings) else None
        pepper = settings.secrets().pepper
        erasing = Erasing(self._journal, outside.bus, sms, open_ledger(settings), pepper)
        try:
            now = outside.clock.now()
            done = await erasing.erase(person_id, now, by="console", name=by)
        except NobodyToErase as error:
            raise Refused(404, str(error)) from None
        except LedgerRefused as error:
            raise Refused(503, str(error)) from None
        return shapes.Forgot(
            id=person_id, facts=done.facts, messages=dict(done.messages), copies=done.copies,
            left=done.left,
        )  # fmt: skip

    async def import_people(self, table: str) -> shapes.Imported:
        """Register everybody in a CSV table.  Raises `ContactRefused` for one without columns."""
        at = self._outside.clock.now()
        lines = [
            shapes.LineImported.model_validate(one)
            async for one in self._contacts().import_table(table, at)
        ]
        refused = sum(line.refused is not None for line in lines)
        return shapes.Imported(added=len(lines) - refused, refused=refused, lines=tuple(lines))

    def _contacts(self) -> Contacts:
        outside = self._outside
        return Contacts(self._journal, outside.numbers, outside.settings.secrets().pepper)

    async def _done(self, subject: str, what: str, decide: Decide) -> shapes.Done:
        at = self._outside.clock.now()
        facts = await self._journal.act(decide, Cause(f"console:{what}", subject), at)
        return shapes.Done(id=subject, facts=len(facts))
