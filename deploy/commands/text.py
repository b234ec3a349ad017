"""`parley text`: be the phone, in a terminal."""

import asyncio
import contextlib
import json as jsons
import sys
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from deploy.failure import NOT_FOUND, Failure
from deploy.here import addresses_here
from deploy.showing import Json, note, show_json

if TYPE_CHECKING:
    import aiohttp

NAME = "text"
DEFAULT_PHONE = "+14155550101"


def command(
    body: Annotated[str | None, typer.Argument(help="One text; without it, a chat.")] = None,
    *,
    number: Annotated[str, typer.Option("--from", help="The phone to be.")] = DEFAULT_PHONE,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the answer.")] = 30.0,
    json: Json = False,
) -> None:
    """Be the phone: send a text and see the answers. Needs a running `parley up`."""
    simulator = addresses_here()["simulator"]
    asyncio.run(_text(Phone(simulator, number, as_json=json), body, wait))


class Phone:
    """One phone of the carrier's simulator."""

    def __init__(self, simulator: str, number: str, *, as_json: bool) -> None:
        self._simulator, self._number, self._as_json = simulator, number, as_json

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncGenerator["aiohttp.ClientSession"]:
        """Give a session with the simulator."""
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        async with aiohttp.ClientSession(self._simulator, timeout=timeout) as session:
            yield session

    async def position(self, session: "aiohttp.ClientSession") -> int:
        """Return up to where the phone's thread is known."""
        async with session.get(self._path()) as answer:
            await _refuse_bad(answer)
            return int((await answer.json())["position"])

    async def send(self, session: "aiohttp.ClientSession", body: str) -> None:
        """Send a text."""
        async with session.post(self._path(), json={"body": body}) as answer:
            await _refuse_bad(answer)

    async def answers(
        self, session: "aiohttp.ClientSession", after: int
    ) -> AsyncGenerator[dict[str, Any]]:
        """Give each text that the service sends from now on, once."""
        seen: set[str] = set()
        query = {"number": self._number, "after": str(after)}
        async with session.get("/phones/events", params=query) as stream:
            async for line in stream.content:
                if not line.startswith(b"data:"):
                    continue
                message = jsons.loads(line[5:])
                if message["from"] != "phone" and message["sid"] not in seen:
                    seen.add(message["sid"])
                    yield message

    def show(self, message: dict[str, Any]) -> None:
        """Show one text of the service."""
        if self._as_json:
            show_json(message)
            return
        from rich.console import Console
        from rich.text import Text

        Console(highlight=False).print(Text("< " + message["body"], style="green"))

    def _path(self) -> str:
        return f"/phones/{quote(self._number)}/texts"


async def _text(phone: Phone, body: str | None, wait: float) -> None:
    async with phone.connected() as session:
        after = await phone.position(session)
        if body is None:
            await _chat(phone, session, after)
            return
        await phone.send(session, body)
        try:
            async with asyncio.timeout(wait):
                async for message in phone.answers(session, after):
                    phone.show(message)
                    return
        except TimeoutError:
            raise Failure(f"No answer in {wait:.0f} seconds.", NOT_FOUND) from None


async def _chat(phone: Phone, session: "aiohttp.ClientSession", after: int) -> None:
    note("Type a text and press Enter. Ctrl-D ends.")

    async def listen() -> None:
        async for message in phone.answers(session, after):
            phone.show(message)

    listening = asyncio.create_task(listen())
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip():
                await phone.send(session, line.strip())
        if not sys.stdin.isatty():
            await asyncio.sleep(2.0)
    finally:
        listening.cancel()


async def _refuse_bad(answer: "aiohttp.ClientResponse") -> None:
    if answer.status >= 400:
        reason = (await answer.json(content_type=None)).get("error", answer.reason)
        raise Failure(f"The carrier's simulator refused the text: {reason}.")
