"""How a text is weighed: numbers of all labels in one, summed at once, read from their file."""

import pytest

from domain.turn.tier.features import Features, made, near
from domain.turn.tier.tier import KINDS, LABELS, Packing, as_written, parsed, telling, weigh


def _numbers(**of: int) -> list[int]:
    return [of.get(label, 0) for label in LABELS]


def _text(*words: str) -> Features:
    return Features(words, made(words), near(words), made(words), near(words), (), ())


def _weights(*features: str):
    head = ("step\t0.5", "\t".join(("constant", *("0" for _ in LABELS))), "limit\tgate\t500")
    return parsed(f"{line}\n" for line in (*head, *features))


@pytest.mark.parametrize("bits", [16, 32])
def test_what_is_summed_packed_is_what_is_summed_label_by_label(bits: int) -> None:
    packing = Packing(bits)
    one, other = _numbers(self=46, ordinary=-40, harm_words=3), _numbers(self=-9, passive=-46)

    total = sum(map(packing.packed, [as_written(one)] * 300 + [as_written(other)] * 100))

    assert packing.unpacked(total) == [
        300 * left + 100 * right for left, right in zip(one, other, strict=True)
    ]


def test_a_weight_that_is_too_large_to_write_is_as_large_as_can_be() -> None:
    packing = Packing(32)

    assert packing.unpacked(packing.packed(as_written(_numbers(self=900))))[0] == 47


def test_words_neighbours_and_pairs_far_apart_weigh_for_a_kind() -> None:
    weights = _weights(
        "= word",
        f"{as_written(_numbers(medical=20))} turned blue",
        f"{as_written(_numbers(ordinary=20))} paint",
        "= near",
        f"{as_written(_numbers(medical=10))} lips blue",
    )

    danger = weigh(_text("lips", "turned", "blue"), weights)
    harmless = weigh(_text("paint"), weights)

    assert danger.kind == "medical"
    assert danger.score > 0 > harmless.score
    assert weights.limits == {"gate": 500}
    assert telling(("lips", "turned", "blue"), "medical", weights) == [1, 2]


def test_a_text_that_says_nothing_known_weighs_by_the_constants_alone() -> None:
    nothing = weigh(_text("zzz"), _weights())

    assert nothing.kind == KINDS[0]
    assert nothing.score == weigh(_text("qqq", "www"), _weights()).score
