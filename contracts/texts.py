"""The vocabulary of an outgoing text: its kind, its priority, and why it did not leave."""

from typing import Literal

SmsKind = Literal["reply", "crisis", "opt_out", "escalation", "follow_up", "notice"]
Priority = Literal["urgent", "high", "normal", "low"]
Encoding = Literal["gsm7", "ucs2"]
WithheldReason = Literal[
    "revoked", "no_consent", "expired", "erased", "number_failed", "already_confirmed", "withdrawn"
]
# `near_cap`: the last tenth of the month's budget is kept for urgent texts; `budget`: it is spent.
DeferredReason = Literal[
    "quiet_hours",
    "rate_limit",
    "not_before",
    "carrier_busy",
    "sender_refused",
    "crisis",
    "taken_over",
    "near_cap",
    "budget",
]
EndReason = Literal["done", "natural", "timeout", "opted_out", "agent", "operator", "erased"]
