"""Who talks says that it is a program: at the start of a conversation, and every three hours."""

import re
from datetime import datetime, timedelta

from domain.conversation.state import Conversation

# New York General Business Law article 47: at the beginning and at least every three hours.
AGAIN_AFTER = timedelta(hours=3)
NAME = "Parley, automated"
# A pill box may be automated, too: only what says it of who is talking counts.
_SAID = re.compile(
    r"\bparley\b.{0,20}\bautomated\b|\bautomated (?:assistant|line|text)|"
    r"\basistente automatizad[oa]\b",
    re.IGNORECASE,
)


def disclosed(text: str, conversation: Conversation, at: datetime) -> str:
    """Return a reply with the disclosure in front where one is due."""
    if _SAID.search(text):
        return text
    told = [
        line.at
        for line in conversation.lines
        if line.author == "agent" and _SAID.search(line.text)
    ]
    if told and at - max(told) < AGAIN_AFTER:
        return text
    return f"{NAME}: {text}"
