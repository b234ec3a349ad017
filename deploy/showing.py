"""What a command shows: a table or a line for a person, whole records for a program."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from pydantic import BaseModel

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Record = Mapping[str, object]


def show_json(record: object) -> None:
    """Print one JSON document on one line."""
    sys.stdout.write(_JSON.encode(record) + "\n")
    sys.stdout.flush()


def show(text: str) -> None:
    """Print a line for a person."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line beside the answer: on stderr, so that it never mixes with data."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def show_table(columns: Sequence[str], records: Iterable[Record]) -> None:
    """Print a table; a column is the record's value of that name."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for record in records:
        table.add_row(*(_cell(record.get(column)) for column in columns))
    Console().print(table)


def show_all(columns: Sequence[str], records: Sequence[Record], *, as_json: bool) -> None:
    """Print records: whole ones, a line each, for programs; the named columns for a person."""
    if as_json:
        for record in records:
            show_json(record)
    else:
        show_table(columns, records)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


_JSON = json.JSONEncoder(default=_plain, ensure_ascii=False)
