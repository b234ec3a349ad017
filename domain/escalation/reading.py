"""What the agent asked for, read from what it sent, or why that cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.agent import EscalationWanted
from contracts.escalation import RefusalReason
from contracts.identity import EscalationId

_ID: TypeAdapter[str] = TypeAdapter(EscalationId)
_BY_FIELD: Mapping[str, RefusalReason] = {
    "to": "bad_recipient",
    "priority": "bad_priority",
    "kind": "bad_kind",
    "text": "bad_text",
    "not_before": "bad_time",
    "expires_at": "bad_time",
    "reply_options": "bad_reply_options",
}


@dataclass(frozen=True, slots=True)
class Malformed:
    """A request of which the id can be read, and why the rest is refused."""

    escalation_id: str
    reason: RefusalReason


def read(fields: Mapping[str, Any]) -> EscalationWanted | Malformed:
    """
    Return the request in a message's fields, or why it is none.

    Raises `ValueError` (pydantic's is one) where not even the id can be read: whoever sent that
    could not be told.
    """
    escalation_id = _ID.validate_python(fields.get("escalation_id"))
    try:
        return EscalationWanted.model_validate(fields)
    except ValidationError as error:
        return Malformed(escalation_id, _reason(fields, error))


def _reason(fields: Mapping[str, Any], error: ValidationError) -> RefusalReason:
    if fields.get("text") in (None, ""):
        return "empty"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["loc"][:1] == ("text",) and first["type"] == "string_too_long":
        return "too_long"
    return _BY_FIELD.get(str(first["loc"][0]) if first["loc"] else "", "malformed")
