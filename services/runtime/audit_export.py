"""The whole journal as files: JSON lines and CSV, in parts, with a manifest of their hashes."""

import asyncio
import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from contracts.identity import CHECKPOINT_STREAM
from services.adapters.journal_application import Journal
from services.adapters.mapper import StoredRow, digest_of
from services.runtime.settings import Settings

MANIFEST = "manifest.json"
CHECKPOINTS = "checkpoints.jsonl"
PART = 50_000
COLUMNS = (
    "position", "stream", "version", "name", "at", "subject", "generation", "cause",
    "correlation", "previous", "digest", "stored",
)  # fmt: skip
_SHOWN = ("at", "subject", "generation", "cause", "correlation", "previous")

Progress = Callable[[int, int], None]


class ExportRefused(Exception):
    """The folder cannot be exported to; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its hash, and which facts it holds (positions, both included)."""

    name: str
    sha256: str
    first: int
    last: int
    facts: int


async def export(
    settings: Settings, folder: Path, progress: Progress, part: int = PART
) -> dict[str, Any]:
    """
    Write what the folder does not have yet; return its manifest.

    A fact is a line: its place, what led to it, its digest, and under `stored` the very bytes
    that the digest is over, personal text sealed.  Parts that the manifest names are looked at
    and left alone, so an export that was interrupted goes on, and one of yesterday grows.
    Raises `ExportRefused`.
    """
    return await asyncio.to_thread(_export, settings, folder, progress, part)


def _export(settings: Settings, folder: Path, progress: Progress, part: int) -> dict[str, Any]:
    journal = Journal(settings.database_url, settings.secrets())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parts = _known(folder)
        after = max((each.last for each in parts), default=0)
        done = sum(each.facts for each in parts if each.name.endswith(".jsonl"))
        rows, head = journal.rows(after), journal.head()
        while page := list(islice(rows, part)):
            parts += _written(folder, page)
            done += len(page)
            _keep(folder, parts)
            progress(done, head)
        _write(folder / CHECKPOINTS, _checkpoints(journal))
        return _keep(folder, parts)
    except OSError as error:
        raise ExportRefused(
            f"The folder {folder} cannot be written: {type(error).__name__}."
        ) from None
    finally:
        journal.close()


def _known(folder: Path) -> list[Part]:
    """Return the parts of the manifest, each looked at.  Raises `ExportRefused`."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        parts = [Part(**each) for each in told["parts"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError):
        raise ExportRefused(f"The manifest in {folder} cannot be read.") from None
    for each in parts:
        path = folder / each.name
        if not path.is_file() or _hash(path) != each.sha256:
            raise ExportRefused(f"The part {each.name} is not what the manifest says.")
    return parts


def _written(folder: Path, page: Sequence[StoredRow]) -> list[Part]:
    lines = [_line(row) for row in page]
    first, last = page[0].position, page[-1].position
    found: list[Part] = []
    for ending, content in (("jsonl", _as_json(lines)), ("csv", _as_csv(lines))):
        name = f"facts-{first:012d}.{ending}"
        _write(folder / name, content)
        found.append(Part(name, _hash(folder / name), first, last, len(lines)))
    return found


def _line(row: StoredRow) -> dict[str, Any]:
    told = from_json(row.state)
    return {
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "name": row.topic,
        **{name: told.get(name) for name in _SHOWN},
        "digest": digest_of(row.stream, row.version, row.topic, row.state),
        "stored": row.state.decode(),
    }


def _as_json(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _as_csv(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    table: csv.DictWriter[str] = csv.DictWriter(buffer, COLUMNS)
    table.writeheader()
    for line in lines:
        table.writerow(line)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _checkpoints(journal: Journal) -> Iterator[str]:
    for each in journal.history(CHECKPOINT_STREAM):
        yield each.fact.model_dump_json() + "\n"


def _keep(folder: Path, parts: Sequence[Part]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "facts": sum(each.facts for each in parts if each.name.endswith(".jsonl")),
        "through": max((each.last for each in parts), default=0),
        "columns": COLUMNS,
        "digest": "SHA-256 over <length>:<stream><version>:<length>:<name><stored>",
        "parts": [asdict(each) for each in parts],
    }
    _write(folder / MANIFEST, [json.dumps(told, indent=1) + "\n"])
    return told


def _write(path: Path, content: Iterable[str]) -> None:
    """Write a file whole, or not at all."""
    beside = path.with_name(path.name + ".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _hash(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()
