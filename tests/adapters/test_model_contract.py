"""What every model of the port does, whoever is behind it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from contracts.proposal import TurnProposal
from domain.turn.context import Context, Said
from services.adapters.model import TurnModel, open_model
from services.adapters.model_rest import Rest
from services.runtime.ports import Model
from tests.adapters import fake_providers
from tests.adapters.fake_providers import Providers

TEXT = "I was up all night"


@pytest.fixture(scope="module")
def providers() -> Iterator[Providers]:
    with fake_providers.running() as made:
        yield made


def turn(turn_id: str = "t", *, texts: tuple[str, ...] = (TEXT,)) -> Context:
    pending = tuple(Said("person", text, f"SM{n}") for n, text in enumerate(texts))
    return Context(turn_id, "Need: rest", {}, {}, (), pending)


class ModelContract:
    asked: str

    @pytest.fixture
    async def model(self, providers: Providers) -> AsyncIterator[TurnModel]:
        urls = {"google": f"{providers.url}/answer", "openai": f"{providers.url}/answer/v1"}
        keys = {"google": "k", "openai": "k"}
        made = open_model(self.asked, None, keys, base_urls=urls)
        yield made
        await made.aclose()

    async def test_it_answers_with_one_proposal(self, model: Model) -> None:
        answer = await model.propose(turn())

        assert isinstance(answer.proposal, TurnProposal)
        assert answer.proposal.reply
        assert answer.model_asked == self.asked
        assert answer.model_answered
        assert answer.requests == 1
        assert answer.output_tokens > 0
        assert answer.cost_usd is not None
        assert 0 <= answer.latency_ms < 5_000

    async def test_nothing_to_answer_is_a_turn_too(self, model: Model) -> None:
        assert (await model.propose(turn(texts=()))).proposal.reply

    async def test_turns_at_once_are_kept_apart(self, model: Model) -> None:
        texts = [("bye",), ("my name is Ana",), ("hi", "there"), ("bye",)]

        together = await asyncio.gather(*(model.propose(turn(texts=each)) for each in texts))
        alone = [await model.propose(turn(texts=each)) for each in texts]

        assert [each.proposal for each in together] == [each.proposal for each in alone]

    async def test_it_closes_twice(self, model: Model) -> None:
        await model.propose(turn())
        await model.aclose()
        await model.aclose()


class TestOffline(ModelContract):
    asked = "offline"


class TestGoogle(ModelContract):
    asked = "google:gemini-3.8-flash"


class TestOpenAI(ModelContract):
    asked = "openai:gpt-5-mini"


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rest_begins_with_the_third_failure_and_grows() -> None:
    watch = Watch()
    rest = Rest(watch)
    rests: list[bool] = []
    for _ in range(3):
        rest.failed()
        rests.append(rest.resting)
    rest.failed()  # begun before the rest
    watch.now = 10.0
    rests.append(rest.resting)
    rest.failed()
    watch.now = 29.9
    rests.append(rest.resting)
    watch.now = 30.0
    rests.append(rest.resting)

    assert rests == [False, False, True, False, True, False]


def test_one_answer_ends_the_counting() -> None:
    rest = Rest(Watch())
    rest.failed()
    rest.failed()
    rest.answered()
    rest.failed()
    rest.failed()

    assert not rest.resting
