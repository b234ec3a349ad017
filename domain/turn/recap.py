"""
What a conversation that ends leaves for the next one: by rules, from the person's own lines.

Only what a model answered is told again.  A line that speaks of a danger, of money, of papers or
of service is left out: of those the harness keeps its own record, which no model is shown.
"""

import re
from datetime import datetime

from contracts.person import ConversationClosed
from contracts.texts import EndReason
from domain.conversation.state import Conversation, Line
from domain.turn.checks.danger import danger_kinds
from domain.turn.checks.reply import Reply
from domain.turn.write_filter import unfit

LONGEST = 400
_CLIPPED = 120
_BETWEEN = " / "
_SILENT: frozenset[EndReason] = frozenset({"opted_out", "erased"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_RESTRICTED = re.compile(
    r"\d{3,}|[$£€]|\b(?:incomes?|salar\w+|wages?|paychecks?|paid|pays?|earn\w*|savings?|assets?|"
    r"debts?|owe\w*|bank\w*|afford\w*|pensions?|ssi|ssdi|medicaid|citizen\w*|immigra\w*|visas?|"
    r"green card|undocumented|papers|deport\w*|veterans?|military|army|navy|marines?|air force|"
    r"disab\w+|insur\w+|hours a (?:week|month|year)|ingresos?|sueldo|salario|gano|gana|ahorros|"
    r"ciudadan\w+|inmigra\w+|papeles|veteran[oa])\b"
)


def closed(
    conversation: Conversation, conversation_id: str, reason: EndReason, at: datetime
) -> ConversationClosed:
    """Return the end as the person's stream tells it, with what the next conversation is given."""
    return ConversationClosed(
        conversation_id=conversation_id,
        reason=reason,
        at=at,
        recap=None if reason in _SILENT else recap(conversation) or None,
    )


def recap(conversation: Conversation) -> str:
    """Return a sentence of each line that may be told again; the newest, where not all fit."""
    entries = [entry for line in conversation.lines if (entry := _entry(line))]
    while len(_BETWEEN.join(entries)) > LONGEST:
        entries.pop(0)
    return _BETWEEN.join(entries)


def _entry(line: Line) -> str:
    if line.author != "person" or not line.ordinary:
        return ""
    said = " ".join(line.text.replace(_BETWEEN, " ").split())
    if unfit(said) is not None or withheld(said):
        return ""
    first = _SENTENCE.split(said, maxsplit=1)[0]
    if len(first) > _CLIPPED:
        first = f"{first[:_CLIPPED].rpartition(' ')[0] or first[:_CLIPPED]}.."
    return first


def withheld(said: str) -> bool:
    """Return whether a line speaks of what only the harness keeps a record of."""
    text = Reply(said)
    return bool(_RESTRICTED.search(text.folded) or danger_kinds(text, None))
