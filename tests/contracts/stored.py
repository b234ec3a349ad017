"""A sample as a file: one stored fact, the key that opens it, and what it said that day."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from contracts.base import Contract
from contracts.recorded import Cause, Recorded, Subject
from services.adapters.keys import KeyVault
from services.adapters.mapper import Draft, FactMapper, StoredRow, preamble
from tests.contracts.examples import AT, CONVERSATION, SID

SAMPLES = Path(__file__).parent / "samples"
MASTER_KEY = b"m" * 32
SUBJECT = Subject("a" * 32, 1)
STREAM = f"conversation-{CONVERSATION}"
CAUSE = Cause(f"sms.inbound:{SID}", SID, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@dataclass(frozen=True)
class Sample:
    """A fact as a row of the journal, with the wrapped key of its person."""

    topic: str
    wrapped_key: str
    state: Any
    said: Any

    @classmethod
    def of(cls, fact: Contract) -> Self:
        """Store a fact as the journal does."""
        vault = KeyVault(MASTER_KEY)
        key = vault.create(SUBJECT)
        beginning = preamble(AT, SUBJECT, CAUSE, "0" * 16)
        draft = Draft(STREAM, 1, fact, SUBJECT, beginning, "")
        row = FactMapper.of(vault).encode(draft, key.cipher).row
        wrapped = base64.b64encode(key.wrapped).decode()
        return cls(fact.name, wrapped, json.loads(row.state), fact.model_dump(mode="json"))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a sample's file."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Write a sample's file; it must not be there yet."""
        with path.open("x", encoding="utf-8") as file:
            json.dump(vars(self), file, indent=1, ensure_ascii=False)
            file.write("\n")

    def read(self) -> Recorded[Contract]:
        """Read the fact as the journal does, today."""
        vault = KeyVault(MASTER_KEY)
        vault.remember(SUBJECT, vault.unwrap(SUBJECT, base64.b64decode(self.wrapped_key)))
        state = json.dumps(self.state, separators=(",", ":"), ensure_ascii=False).encode()
        row = StoredRow(1, STREAM, 1, self.topic, state)
        mapper = FactMapper.of(vault)
        return mapper.decode(mapper.parse([row]))[0]
