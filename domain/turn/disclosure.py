"""Who talks says that it is a program: at the start of a conversation, and every three hours."""

from datetime import datetime, timedelta

from domain.conversation.state import Conversation

# New York General Business Law article 47: at the beginning and at least every three hours.
AGAIN_AFTER = timedelta(hours=3)
NAME = "Parley, automated"
_MARK = "automated"


def disclosed(text: str, conversation: Conversation, at: datetime) -> str:
    """Return a reply with the disclosure in front where one is due."""
    if _MARK in text.lower():
        return text
    told = [
        line.at
        for line in conversation.lines
        if line.author == "agent" and _MARK in line.text.lower()
    ]
    if told and at - max(told) < AGAIN_AFTER:
        return text
    return f"{NAME}: {text}"
