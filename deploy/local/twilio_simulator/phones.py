"""Routes for people: what a phone texts and what it was sent, as JSON and as a live stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.twilio_simulator.carrier import Carrier, Incoming, SidTaken
from deploy.local.twilio_simulator.messages import bubble
from deploy.local.twilio_simulator.requests import carrier_of, json_of, number_of, whole_number
from deploy.local.twilio_simulator.validation import MOST_CHARACTERS

_HEARTBEAT_S = 15.0
# Several changes within a blink go out together.
_BLINK_S = 0.01


class Text(BaseModel):
    """
    What `POST /phones/{number}/texts` takes.

    `to` is the number texted (the account's first).  A `sid` names the text; one that was used
    by this phone before posts its webhook again, with this body, and stores nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    body: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    sid: Annotated[str, Field(pattern=r"^(SM|MM)[0-9a-f]{32}$")] | None = None
    media: Annotated[int, Field(ge=0, le=10)] = 0
    to: str | None = None


async def send(request: Request) -> Response:
    """Take a person's text; 201 once it is stored, whether or not the service can be reached."""
    carrier = carrier_of(request)
    number = number_of(request)
    text = await json_of(request, Text)
    to = text.to or carrier.config.numbers[0]
    if to not in carrier.config.numbers:
        raise HTTPException(400, "to: not a number of this account")
    if number in carrier.config.numbers:
        raise HTTPException(400, "a number of the account itself cannot be a phone")
    incoming = Incoming(number, to, text.body, text.media, text.sid)
    try:
        message, repeated = await carrier.receive(incoming)
    except SidTaken as error:
        raise HTTPException(409, "sid: belongs to a message of another phone") from error
    return JSONResponse({**bubble(message), "repeated": repeated}, 201)


async def thread(request: Request) -> Response:
    """Answer a phone's thread, oldest first, and the position up to which it is known."""
    carrier = carrier_of(request)
    number = number_of(request)
    texts = [bubble(message) for message in carrier.store.thread(number)]
    position = carrier.store.position
    return JSONResponse({"number": number, "position": position, "texts": texts})


async def everyone(request: Request) -> Response:
    """Answer the phones that have texted or were texted, and whether they block the account."""
    carrier = carrier_of(request)
    ours = carrier.config.numbers[0]
    phones = [
        {
            "number": phone,
            "texts": len(carrier.store.thread(phone)),
            "blocked": carrier.blocks(phone, ours),
        }
        for phone in carrier.store.phones()
    ]
    return JSONResponse({"phones": phones})


async def events(request: Request) -> Response:
    """
    Stream changes of the phones named by `?number=` (all, if none) behind `?after=`.

    Server-sent events: `id` is the position, `event` is `text`, the content a text as in its
    thread.  `Last-Event-ID` goes before `after`, so a lost connection loses nothing.
    """
    carrier = carrier_of(request)
    after = whole_number(request, "after", 0)
    last = request.headers.get("last-event-id", "")
    if last.isascii() and last.isdecimal():
        after = int(last)
    numbers = frozenset(request.query_params.getlist("number"))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _changes(carrier, numbers, after)
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


ROUTES = (
    Route("/phones", everyone, methods=["GET"]),
    Route("/phones/events", events, methods=["GET"]),
    Route("/phones/{number}/texts", send, methods=["POST"]),
    Route("/phones/{number}/texts", thread, methods=["GET"]),
)


async def _changes(carrier: Carrier, numbers: frozenset[str], after: int) -> AsyncIterator[str]:
    changed = asyncio.Event()
    stop_listening = carrier.store.listen(changed.set)
    try:
        yield "retry: 500\n\n"
        while not carrier.ending:
            changed.clear()
            # All is read and rendered in one go: a change while sending comes in the next round.
            position = carrier.store.position
            events = _events(carrier, numbers, after)
            after = position
            if events:
                yield events
            try:
                await asyncio.wait_for(changed.wait(), _HEARTBEAT_S)
                await asyncio.sleep(_BLINK_S)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        stop_listening()


def _events(carrier: Carrier, numbers: frozenset[str], after: int) -> str:
    return "".join(
        f"id: {message.changed}\nevent: text\ndata: {json.dumps(bubble(message))}\n\n"
        for message in carrier.store.changed_after(after)
        if not numbers or message.phone in numbers
    )
