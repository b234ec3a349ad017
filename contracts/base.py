"""The shape of every contract: frozen, strict about unknown fields, known by a stable name."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """
    A word that crosses a process, or outlives one.

    `name` is said once and used three times: as the topic in the event store, as the tail of
    the NATS subject and in the catalogue.  It ends in a version (`conversation.ended.v1`): a
    changed meaning is a new name, a widened shape an entry in `upcasts.py`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]


class Part(BaseModel):
    """A piece of a contract: frozen and strict like its owner, without a name of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
