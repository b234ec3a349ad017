"""Connecting to PostgreSQL: a connection that could not be made leaves nothing behind."""

import traceback
from collections.abc import Mapping
from typing import Any

import psycopg


async def connected(url: str, settings: Mapping[str, Any]) -> psycopg.AsyncConnection[Any]:
    """
    Return a new connection.  Raises `psycopg.OperationalError`.

    psycopg's error refers to itself: without clearing its frames a half-made connection stays
    open until the next full garbage collection, and a server that hung finds hundreds of them.
    """
    try:
        return await psycopg.AsyncConnection.connect(url, **settings)
    except psycopg.OperationalError as error:
        traceback.clear_frames(error.__traceback__)
        raise


def connected_at_once(url: str, settings: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """Return a new connection for a thread; see `connected`."""
    try:
        return psycopg.connect(url, **settings)
    except psycopg.OperationalError as error:
        traceback.clear_frames(error.__traceback__)
        raise
