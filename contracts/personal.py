"""
Personal text: what a person said, is called, or can be reached at.

A field is marked `Annotated[str, Pii]`.  The mark does nothing in memory and on any ordinary
border; when a fact is written to or read from the event store, a `Sealer` is handed to pydantic
as its context, and the field is stored as `{"$sealed": "..."}` under the person's own key.
Deleting that key erases the text everywhere at once, also from backups of the log.
"""

from typing import Any, Protocol, runtime_checkable

from pydantic import GetCoreSchemaHandler, SerializerFunctionWrapHandler
from pydantic_core import core_schema

SEALED = "$sealed"
ERASED = "[erased]"


@runtime_checkable
class Sealer(Protocol):
    """Encrypts and decrypts the personal text of one fact of one person."""

    def seal(self, text: str) -> str:
        """Return the text under the person's key, as printable characters."""
        ...

    def open(self, sealed: str) -> str:
        """Return the text again; `[erased]` where the key is gone."""
        ...


def open_sealed(value: Any, info: core_schema.ValidationInfo) -> Any:
    """Return a stored value in the clear, where somebody who can open it is reading."""
    if type(value) is dict and SEALED in value and info.context is not None:
        return info.context.open(value[SEALED])
    return value


def _seal(value: Any, inner: SerializerFunctionWrapHandler, info: Any) -> Any:
    if info.context is None or value is None:
        return inner(value)
    return {SEALED: info.context.seal(value)}


class Pii:
    """Marks a field that holds a person's words, name or number."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Wrap the field's own schema: opened before validation, sealed when written as JSON."""
        return core_schema.with_info_before_validator_function(
            open_sealed,
            handler(source),
            serialization=core_schema.wrap_serializer_function_ser_schema(
                _seal, info_arg=True, schema=core_schema.str_schema(), when_used="json"
            ),
        )
