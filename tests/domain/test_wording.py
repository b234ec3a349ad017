"""Fixed words: cheap letters, all that the rules ask, and versions that keep their text."""

from hashlib import sha256

import pytest

from domain.person import wording
from domain.segments import count

TEXTS = {
    "consent request": wording.CONSENT_REQUEST,
    "welcome": wording.WELCOME,
    "declined": wording.DECLINED,
    "stopped": wording.STOPPED,
    "started": wording.STARTED,
    "help": wording.HELP,
    "help with a contact": wording.help_("help@parley.example, +1 415 555 0100"),
    "only text": wording.ONLY_TEXT,
    "identify": wording.IDENTIFY,
    "share": wording.share("https://parley.example/signup"),
    "stranger": wording.stranger("https://parley.example/signup"),
}
SHORT = ("declined", "stopped", "started", "only text", "identify")


@pytest.mark.parametrize("name", TEXTS)
def test_a_fixed_text_is_cheap_and_honest(name: str) -> None:
    size = count(TEXTS[name])

    assert size.encoding == "gsm7"
    assert size.segments <= (1 if name in SHORT else 2)
    assert "Parley" in TEXTS[name]
    assert "automated" in TEXTS[name] or name == "declined"


@pytest.mark.parametrize("name", ["consent request", "welcome", "help", "help with a contact"])
def test_what_the_carriers_ask_is_in_it(name: str) -> None:
    for part in ("Parley", "Msg & data rates may apply", "STOP to opt out"):
        assert part in TEXTS[name]


@pytest.mark.parametrize("name", ["consent request", "welcome"])
def test_an_invitation_says_how_often_and_where_help_is(name: str) -> None:
    assert "HELP for help" in TEXTS[name]
    assert "a week" in TEXTS[name] or "frequency varies" in TEXTS[name]


def test_the_confirmation_of_a_stop_asks_for_nothing_else() -> None:
    assert "?" not in wording.STOPPED
    assert "START" in wording.STOPPED


def test_help_is_known_again_with_its_contact() -> None:
    assert wording.is_help(wording.help_(""))
    assert wording.is_help(wording.help_("help@parley.example"))
    assert not wording.is_help(f"{wording.HELP} And some more.")


PINNED = {
    "consent-1": "370ab76a6b5d",
    "consent-2": "3c9f2fbd7b82",
    "form-1": "41c438d2a47a",
}


def test_a_version_keeps_its_text_for_ever() -> None:
    """A changed wording needs a new version, and the old one stays in the table."""
    marks = {
        name: sha256(text.encode()).hexdigest()[:12] for name, text in wording.AGREED_TO.items()
    }

    assert marks == PINNED
    assert wording.AGREED_TO[wording.CONSENT_VERSION] == wording.CONSENT_REQUEST
    assert wording.AGREED_TO[wording.AGREEMENT_VERSION] == wording.AGREEMENT
