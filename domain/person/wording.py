"""
What Parley says in fixed words, with the version of the wording that a consent refers to.

GSM 03.38 characters only: one other letter would double the price of a text, which is also why
the Spanish half sentences do without most accents.  Each says or follows a text that says that an
automated assistant is talking (New York General Business Law article 47), and carries what the
CTIA handbook asks of its kind.
"""

from collections.abc import Mapping
from types import MappingProxyType

CONSENT_VERSION = "consent-2"
AGREEMENT_VERSION = "form-1"

CONSENT_REQUEST = (
    "Parley: I'm an automated assistant for people who care for someone, by text. "
    "Reply YES to agree to get texts (a few a week, and answers to yours). "
    "Msg & data rates may apply. HELP for help, STOP to opt out. "
    "En español: SI para aceptar, STOP para no recibir mensajes."
)
AGREEMENT = (
    "I agree that Parley sends automated texts to this number: a few a week, and answers to mine. "
    "Agreeing is not a condition of anything. Message and data rates may apply. "
    "I can reply STOP at any time to end it and HELP for help."
)
WELCOME = (
    "Parley: thank you, you're in. I'm an automated assistant: text me what's going on and I'll "
    "help with one next step. Msg frequency varies. Msg & data rates may apply. "
    "HELP for help, STOP to opt out."
)
DECLINED = (
    "Parley: all right, no more texts from this automated line. Text START if you want to. "
    "De acuerdo, sin mensajes. START para volver."
)
STOPPED = (
    "Parley: you are unsubscribed and will get no more texts from this automated line. "
    "Reply START to come back. Cancelado. START para volver."
)
STARTED = (
    "Parley: welcome back. This is the automated assistant. Text me what's going on. "
    "HELP for help, STOP to opt out."
)
HELP = (
    "Parley: an automated assistant by text for people who care for someone. Msg frequency "
    "varies. Msg & data rates may apply. In an emergency call your local emergency number. "
    "Reply STOP to opt out. STOP para no recibir mensajes."
)
ONLY_TEXT = (
    "Parley (automated): I can only read text. Could you tell me in words? Solo puedo leer texto."
)
IDENTIFY = (
    "Parley (automated): I don't know this number yet. Please reply with the code you were given."
)

_CONTACT = "Contact: "

# A version is named in the evidence of consents for as long as they count: its text stays.
AGREED_TO: Mapping[str, str] = MappingProxyType(
    {
        "consent-1": (
            "Parley: I'm an automated assistant for people who care for someone, by text. "
            "Reply YES to agree to get texts (a few a week, and answers to yours). "
            "Msg & data rates may apply. HELP for help, STOP to opt out."
        ),
        CONSENT_VERSION: CONSENT_REQUEST,
        AGREEMENT_VERSION: AGREEMENT,
    }
)


def help_(support: str) -> str:
    """Return the answer to HELP: with where a person can be reached, as far as one was named."""
    return f"{HELP} {_CONTACT}{support}" if support else HELP


def is_help(text: str) -> bool:
    """Say whether a text is the answer to HELP, whoever can be reached."""
    return text == HELP or text.startswith(f"{HELP} {_CONTACT}")


def share(signup_url: str) -> str:
    """Return the invitation that a person can forward."""
    where = f" Sign up: {signup_url}" if signup_url else ""
    return (
        "Feel free to forward this: Parley is an automated assistant by text for people who care "
        f"for someone.{where}"
    )


def stranger(signup_url: str) -> str:
    """Return what a number that nobody registered is told."""
    where = f" To use it, sign up here: {signup_url}" if signup_url else ""
    return (
        "Parley: this is an automated assistant, and this number isn't signed up."
        f"{where} Reply STOP to hear nothing more."
    )
