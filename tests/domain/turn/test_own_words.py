"""The texts that the harness itself sends are such as it would let pass."""

import pytest

from domain.turn.classifier import classify
from domain.turn.crisis_replies import crisis_reply
from domain.turn.evaluate_lines import evaluate_line
from domain.turn.fallback import DISCLOSING, ORDINARY
from domain.turn.reading import Danger, DangerKind
from domain.turn.resources import LINES
from domain.turn.settlement import HOLDING

TEXTS: dict[DangerKind, str] = {
    "self": "i want to kill myself",
    "means": "how many pills would it take to kill me",
    "passive": "i wish i wouldn't wake up",
    "other_harm": "i'm going to hurt her",
    "third_party": "my brother says he wants to kill himself",
    "medical": "he isn't breathing",
    "abuse": "the aide hits my mom",
    "exploitation": "my sister is stealing mom's money",
    "aggression": "dad hit me in the face",
    "escape": "i'm walking out and not coming back",
    "unsafe_now": "i fell asleep and left the stove on, i can't keep him safe",
    "alone": "i have nobody",
}


@pytest.mark.parametrize("country", list(LINES))
@pytest.mark.parametrize("kind", list(TEXTS))
def test_crisis_replies(kind: DangerKind, country: str) -> None:
    text = TEXTS[kind]
    tier = "high" if (seen := classify(text).danger) is None else seen.tier
    danger = Danger("crisis", kind, tier, (), ())
    for again in range(4):
        reply = crisis_reply(danger, country, again=again)
        judged = evaluate_line({"id": 1, "inbound": text, "reply": reply, "country": country})
        assert judged["action"] == "pass", (reply, judged["flags"])


@pytest.mark.parametrize("reply", [ORDINARY, DISCLOSING, HOLDING])
def test_fallbacks(reply: str) -> None:
    assert evaluate_line({"id": 1, "inbound": "and the form?", "reply": reply})["flags"] == []
