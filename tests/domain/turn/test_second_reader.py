"""The evaluator's own reading of a text: what follows a sign may make it another thing."""

import pytest

from domain.turn.checks.danger import danger_kinds
from domain.turn.checks.reply import Reply


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("he hit his head", {"medical"}),
        ("he hit his head on the cabinet last week, is that ok", set()),
        ("she had a seizure", {"medical"}),
        ("she had a seizure in 1987", set()),
        ("mom took all her meds", {"medical"}),
        ("mom took all her meds this morning like she should", set()),
        ("she thinks people are stealing from her", set()),
        ("i think my brother is stealing from my mother", {"exploitation"}),
        ("my son beat me", {"aggression"}),
        ("my son beat me at chess", set()),
        ("i pushed her down the stairs", {"other_harm"}),
        ("i pushed him around the park", set()),
        ("i don't want to live in this world anymore", {"passive"}),
        ("i don't want to live in this town anymore", set()),
        ("i don't want to wake up tomorrow", {"passive"}),
        ("i don't want to wake up early", set()),
        ("i want to die tonight", {"self"}),
        ("i want to die my hair purple", set()),
        ("watching suicide squad with my son", set()),
        ("i lost my dad to suicide when i was 12", set()),
        ("i lost my dad and i keep thinking of suicide", {"self"}),
    ],
)
def test_what_follows_counts(text: str, kinds: set[str]) -> None:
    assert danger_kinds(Reply(text), None) == kinds
