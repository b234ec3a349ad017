"""A scenario is played: each step in its time, and in between whatever falls due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts.identity import person_stream
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.scenario.answers import Answer
from domain.scenario.beginning import past_of, policy_of, sender_of
from domain.scenario.form import Scenario, Step
from domain.scenario.processes import Processes
from domain.scenario.stage import WHO, Happened, Stage
from domain.scenario.steps import act
from domain.turn.reading import Danger

LOOKED_AT_AFTER = timedelta(seconds=30)
"""So long after a step what came of it is looked at."""
_UNWRITTEN = Answer(fails="unwritten")
# A scenario in which more than this falls due between two steps goes round in circles.
_MOST = 2_000


class GoesRound(Exception):
    """Things fall due again and again; `str()` names the scenario."""


@dataclass(slots=True)
class Seen:
    """
    What came of one step, and what was so after it.

    `left` are the texts that the carrier was given, in order; `prompts` what the model was given;
    `unwritten` how often it was asked where no answer was written for it, `unasked` how many
    answers nobody asked for; `told` the last status that the agent heard, by escalation;
    `refused` why an act was not possible.
    """

    step: Step
    at: datetime
    person: Person
    talk: Conversation
    danger: Danger | None = None
    happened: Sequence[Happened] = ()
    left: list[c.SmsRequested] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    unwritten: int = 0
    unasked: int = 0
    told: dict[str, str] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """
    A scenario and what came of each of its steps.

    `log` is all that happened, `left` every text that the carrier was given, between steps too.
    """

    scenario: Scenario
    seen: Sequence[Seen]
    log: Sequence[Happened]
    left: Sequence[c.SmsRequested]
    spoken: Sequence[str]


def played(scenario: Scenario) -> Played:
    """Return what comes of a scenario; raises `GoesRound` for one that never comes to rest."""
    return _Play(scenario).whole()


class _Play:
    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._sender = sender_of(scenario, WHO)
        self._stage = Stage(policy_of(scenario.rules), scenario.starts)
        past = past_of(scenario.person, self._sender, scenario.starts)
        self._stage.append({person_stream(WHO): past})
        self._answers: list[Answer] = []
        self._left: list[c.SmsRequested] = []
        self._seen: Seen | None = None
        self._processes = Processes(
            self._stage,
            self._model,
            self._leaves,
            self._told,
            budget_spent=scenario.rules.budget_spent,
        )

    def whole(self) -> Played:
        found: list[Seen] = []
        steps = list(_timed(self._scenario))
        for (at, step), following in zip(steps, [*steps[1:], None], strict=True):
            self._until(at)
            found.append(self._step(step, None if following is None else following[0]))
        spoken = [seen.step.says for seen in found if seen.step.says]
        return Played(self._scenario, found, self._stage.log, self._left, spoken)

    def _step(self, step: Step, following: datetime | None) -> Seen:
        stage, begun = self._stage, len(self._stage.log)
        seen = Seen(step, stage.at, stage.person, stage.newest)
        self._seen, self._answers = seen, list(step.model)
        done = act(stage, step, self._sender, self._scenario.rules)
        seen.danger, seen.refused = done.danger, done.refused
        end = stage.at + (step.passes or timedelta()) + LOOKED_AT_AFTER
        self._until(end if following is None else min(end, following))
        seen.happened = stage.log[begun:]
        seen.person, seen.talk = stage.person, stage.newest
        seen.unasked = len(self._answers)
        self._seen, self._answers = None, []
        return seen

    def _until(self, end: datetime) -> None:
        """Let everything that falls due before a time happen; then it is that time."""
        stage = self._stage
        for _ in range(_MOST):
            due = min(self._processes.due(), key=lambda one: one[0], default=None)
            if due is None or max(due[0], stage.at) >= end:
                stage.at = max(stage.at, end)
                return
            stage.at = max(stage.at, due[0])
            due[1]()
        raise GoesRound(f"{self._scenario.id} never comes to rest: the same falls due again")

    def _model(self, prompt: str) -> Answer:
        """Return the next answer written; between steps the model is away."""
        if self._seen is None:
            return _UNWRITTEN
        self._seen.prompts.append(prompt)
        if self._answers:
            return self._answers.pop(0)
        self._seen.unwritten += 1
        return _UNWRITTEN

    def _leaves(self, text: c.SmsRequested) -> None:
        self._left.append(text)
        if self._seen is not None:
            self._seen.left.append(text)

    def _told(self, escalation_id: str, status: str) -> None:
        if self._seen is not None:
            self._seen.told[escalation_id] = status


def _timed(scenario: Scenario) -> Iterator[tuple[datetime, Step]]:
    """Return each step with its time; the first of the first session is at the beginning."""
    at = scenario.starts
    first = True
    for session in scenario.sessions:
        at += session.after
        for number, step in enumerate(session.steps):
            at += timedelta() if first or (number == 0 and session.after) else step.after
            first = False
            yield at, step
            at += step.passes or timedelta()
