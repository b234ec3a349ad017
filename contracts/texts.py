"""The vocabulary of an outgoing text: its kind, its priority, and why it did not leave."""

from typing import Literal

SmsKind = Literal["reply", "crisis", "opt_out", "escalation", "follow_up", "notice"]
Priority = Literal["urgent", "high", "normal", "low"]
Encoding = Literal["gsm7", "ucs2"]
WithheldReason = Literal[
    "revoked", "no_consent", "expired", "erased", "number_failed", "already_confirmed", "withdrawn"
]
DeferredReason = Literal[
    "quiet_hours",
    "rate_limit",
    "not_before",
    "carrier_busy",
    "sender_refused",
    "crisis",
    "taken_over",
]
EndReason = Literal["done", "natural", "timeout", "opted_out", "agent", "operator", "erased"]
