"""The body of a request from anybody at all: counted as it comes, within a deadline."""

import asyncio

from starlette.requests import ClientDisconnect, Request

LARGEST = 64 * 1024
# Of the console's users.  A longer table is read by `parley people import`, which shows how far
# it has come.
LARGEST_TABLE = 256 * 1024
PATIENCE_S = 5.0
FORM = "application/x-www-form-urlencoded"


class RequestRefused(Exception):
    """The request is answered with this status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


async def read_body(request: Request, largest: int = LARGEST) -> bytes:
    """
    Return the body.  Raises `RequestRefused`: 413 as soon as it is too large, 408 too slow.

    No header is believed about the length; half a body (400) is what a caller leaves behind who
    hangs up, and nobody hears that answer.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    raise RequestRefused(413)
    except TimeoutError:
        raise RequestRefused(408) from None
    except ClientDisconnect:
        raise RequestRefused(400) from None
    return bytes(body)


async def read_form(request: Request, largest: int = LARGEST) -> bytes:
    """Return the body of a form, unread.  The size is refused (413) before the type is (415)."""
    body = await read_body(request, largest)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise RequestRefused(415)
    return body
