"""One instance of any contract, every field filled, the same each time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

C = TypeVar("C", bound=BaseModel)

AT = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
SID = "SM" + "0" * 32
CONVERSATION = "c" * 32

# Fields whose type does not say all that their value must be.
BY_NAME: Mapping[str, Any] = {
    "account_sid": "AC" + "0" * 32,
    "attempt_id": f"{CONVERSATION}.7",
    "conversation_id": CONVERSATION,
    "country": "US",
    "bundled": ("0b9f-2",),
    "escalation_id": "0b9f-1",
    "escalations": ("0b9f-1", "0b9f-2"),
    "evidence_sid": SID,
    "key": "profile:pet",
    "lead": "0b9f-2",
    "message_sid": SID,
    "messaging_service_sid": "MG" + "0" * 32,
    "number": "+14155550100",
    "package_id": "0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11",
    "person_id": "a" * 32,
    "provider_sid": SID,
    "raw_dlr_done_date": "2603040506",
    "sender": "+14155550100",
    "sid": SID,
    "sms_id": f"{'d' * 32}.1",
    "timezone": "America/New_York",
    "to": "+14155550199",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "turn_id": "d" * 32,
    "zones": ("America/New_York",),
}


def example(contract: type[C]) -> C:
    """Return a filled instance of a contract or part."""
    fields = {
        name: BY_NAME[name] if name in BY_NAME else _value(name, field.annotation)
        for name, field in contract.model_fields.items()
    }
    return contract(**fields)


def _value(name: str, annotation: Any) -> Any:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(name, inner[0])
    if origin in {Union, UnionType}:
        return _value(name, next(each for each in inner if each is not NoneType))
    if origin is Literal:
        return inner[-1]
    if origin is tuple:
        return (_value(name, inner[0]),)
    if origin in {dict, Mapping}:
        return {name: _value(name, inner[1])}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example(annotation)
    plain: dict[Any, Any] = {str: f"the {name}", int: 1, bool: True, float: 1.5}
    return {**plain, datetime: AT, AwareDatetime: AT}[annotation]
