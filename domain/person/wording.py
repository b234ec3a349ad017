"""
What Parley says in fixed words, with the version of the wording that a consent refers to.

GSM 03.38 characters only: one other letter would double the price of a text.  Each says or
follows a text that says that an automated assistant is talking (New York General Business Law
article 47), and carries what the CTIA handbook asks of its kind.
"""

CONSENT_VERSION = "consent-1"

CONSENT_REQUEST = (
    "Parley: I'm an automated assistant for people who care for someone, by text. "
    "Reply YES to agree to get texts (a few a week, and answers to yours). "
    "Msg & data rates may apply. HELP for help, STOP to opt out."
)
WELCOME = (
    "Parley: thank you, you're in. I'm an automated assistant: text me what's going on and I'll "
    "help with one next step. Msg frequency varies. Msg & data rates may apply. "
    "HELP for help, STOP to opt out."
)
DECLINED = "Parley: all right, no more texts from this automated line. Text START if you want to."
STOPPED = (
    "Parley: you are unsubscribed and will get no more texts from this automated line. "
    "Reply START to come back."
)
STARTED = (
    "Parley: welcome back. This is the automated assistant. Text me what's going on. "
    "HELP for help, STOP to opt out."
)
HELP = (
    "Parley: an automated assistant by text for people who care for someone. Msg frequency "
    "varies. Msg & data rates may apply. In an emergency call your local emergency number. "
    "Reply STOP to opt out."
)
ONLY_TEXT = "Parley (automated): I can only read text. Could you tell me in words?"
IDENTIFY = (
    "Parley (automated): I don't know this number yet. Please reply with the code you were given."
)


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
