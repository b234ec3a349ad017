"""The count of segments against a second implementation, and the cheap form of a text."""

import importlib
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.segments import Segments, count, normalise, price

smsutil: Any = importlib.import_module("smsutil")
# The oracle takes the escape code itself for a letter; it is none.
ESCAPE = "\x1b"
GSM = "".join(letter for letter in smsutil.codecs.GSM_CHARSET if letter != ESCAPE)
gsm_texts = st.text(alphabet=GSM, min_size=1, max_size=500)
long_extended = st.lists(st.sampled_from(["a", "€", "[", "é"]), min_size=150, max_size=320)
unicode_texts = st.text(
    alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("👍😀aé€")),
    min_size=1,
    max_size=220,
).filter(lambda text: ESCAPE not in text)


def oracle(text: str) -> Segments:
    split = smsutil.split(text)
    gsm = split.encoding == "gsm0338"
    units = split.total_bytes if gsm else split.total_bytes // 2
    return Segments("gsm7" if gsm else "ucs2", units, len(split.parts))


@given(st.one_of(gsm_texts, unicode_texts, long_extended.map("".join)))
def test_counts_as_the_oracle_does(text: str) -> None:
    assert count(text) == oracle(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("gsm7", 0, 0)),
        ("a" * 160, Segments("gsm7", 160, 1)),
        ("a" * 161, Segments("gsm7", 161, 2)),
        ("a" * 306, Segments("gsm7", 306, 2)),
        ("a" * 307, Segments("gsm7", 307, 3)),
        ("€" * 80, Segments("gsm7", 160, 1)),
        ("€" * 81, Segments("gsm7", 162, 2)),
        # 152 letters leave one septet in the part: the euro sign moves on whole.
        ("a" * 152 + "€" + "a" * 151 + "b", Segments("gsm7", 306, 3)),
        ("é" * 160, Segments("gsm7", 160, 1)),
        ("í", Segments("ucs2", 1, 1)),
        ("’" + "a" * 69, Segments("ucs2", 70, 1)),
        ("’" + "a" * 70, Segments("ucs2", 71, 2)),
        ("’" + "a" * 133, Segments("ucs2", 134, 2)),
        ("’" + "a" * 134, Segments("ucs2", 135, 3)),
        ("👍" * 35, Segments("ucs2", 70, 1)),
        ("👍" * 36, Segments("ucs2", 72, 2)),
        # 67 is odd: the 34th pair does not fit in the first part.
        ("👍" * 67, Segments("ucs2", 134, 3)),
    ],
)
def test_limits(text: str, expected: Segments) -> None:
    assert count(text) == expected


def test_price_counts_segments() -> None:
    assert price("a" * 161, 8300) == 16600
    assert price("", 8300) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("a\N{NO-BREAK SPACE}b\tc\u2009d", "a b c d"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("nul\x00 bell\x07 lone\ud83d end", "nul bell lone end"),
        ("cafe\u0301 zero\u200bwidth", "café zerowidth"),
        ("`tick´ \u1ffd", "'tick' '"),
        ("¿Está bien? 👍", "¿Está bien? 👍"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_one_curly_quote_does_not_double_the_price() -> None:
    text = "Don’t worry. " + "a" * 92
    assert count(text).segments == 2
    assert count(normalise(text)) == Segments("gsm7", 105, 1)


@given(st.text(max_size=200))
def test_normalise_is_idempotent_and_sendable(text: str) -> None:
    sent = normalise(text)
    assert normalise(sent) == sent
    assert sent.encode().decode() == sent
    assert not any(unicodedata.category(letter) == "Cc" for letter in sent if letter != "\n")


@given(gsm_texts)
def test_normalise_never_turns_gsm_to_ucs2(text: str) -> None:
    assert count(normalise(text)).encoding == "gsm7"
