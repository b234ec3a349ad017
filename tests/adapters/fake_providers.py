"""Enough of Gemini and OpenAI on this machine: the first segment of a path says how they fail."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

REPLY = "That sounds like a long night. What was the worst part of it?"
PROPOSED = {"reply": REPLY}
FOREIGN = {
    "reply": REPLY,
    "memory_writes": [{"key": "care:recipient", "value": "mom", "evidence_sid": "SM-other"}],
}
ATTACK = {"to": "+15550100", "body": "pwned"}
LOOK_UP = ("find_resource", {"topic": "respite"})
# What a call of a case holds, whoever is asked.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "too_long": ("propose_turn", {"reply": "x" * 900}),
    "unknown_tool": ("send_sms", ATTACK),
    "extra_field": ("propose_turn", {"reply": REPLY, "to": "+15550100"}),
    "foreign_evidence": ("propose_turn", FOREIGN),
    "endless_tools": LOOK_UP,
    "judge_sends": ("judge_draft", {"verdict": "send", "reason": ""}),
    "judge_revises": ("judge_draft", {"verdict": "revise", "reason": "Name the night."}),
    "judge_blocks": ("judge_draft", {"verdict": "block", "reason": "It could frighten."}),
    "judge_writes": ("judge_draft", {"verdict": "send", "reply": "pwned"}),
}
ERRORS = {"401": 401, "429": 429, "500": 500, "503": 503}
SLOW_S = 0.4


class Providers:
    """Both, with what they were asked since the last `forget`."""

    def __init__(self) -> None:
        self.url = ""
        self.forget()

    def forget(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.hits: Counter[str] = Counter()
        self.most_at_once = 0
        self._now = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{case}/v1beta/models/{model:path}", self._gemini, methods=["POST"]),
                Route("/{case}/v1/chat/completions", self._openai, methods=["POST"]),
            ]
        )

    async def _gemini(self, request: Request) -> Response:
        case, body = await self._heard(request)
        parts = [part for each in body["contents"] for part in each["parts"]]
        used = any("functionResponse" in part for part in parts)
        return await self._broken(case, used=used) or gemini(case, used=used)

    async def _openai(self, request: Request) -> Response:
        case, body = await self._heard(request)
        used = any(each["role"] == "tool" for each in body["messages"])
        return await self._broken(case, used=used) or openai(case, used=used)

    async def _heard(self, request: Request) -> tuple[str, dict[str, Any]]:
        case, body = request.path_params["case"], await request.json()
        self.asked.append(body)
        self.hits[case] += 1
        return case, body

    async def _broken(self, case: str, *, used: bool) -> Response | None:
        if case == "tool_then_500" and used:
            case = "500"
        if case in ERRORS:
            error = {"code": ERRORS[case], "message": "the words of a provider"}
            return JSONResponse({"error": error}, ERRORS[case])
        if case == "hang":
            await asyncio.sleep(60)
        if case == "slow":
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            await asyncio.sleep(SLOW_S)
            self._now -= 1
        if case == "cut_json":
            return Response('{"candidates": [{"con', media_type="application/json")
        return HTMLResponse("<html>a proxy</html>") if case == "html" else None


def gemini(case: str, *, used: bool) -> Response:
    """Answer as Gemini does; `used` says that a tool's answer is among the contents."""
    match case:
        case "blocked":
            return _candidates([], "SAFETY")
        case "prompt_blocked":
            feedback = {"blockReason": "PROHIBITED_CONTENT"}
            return JSONResponse({"promptFeedback": feedback, "usageMetadata": _GEMINI_USAGE})
        case "bad_call":
            return _candidates([], "MALFORMED_FUNCTION_CALL")
        case "cut_off":
            return _candidates([_call("propose_turn", {})], "MAX_TOKENS")
        case "plain":
            return _candidates([{"text": "Just words."}])
        case "beside":
            return _candidates([_call(*LOOK_UP), _call("propose_turn", PROPOSED)])
        case _:
            return _candidates([_call(*_called(case, used=used))])


def openai(case: str, *, used: bool) -> Response:
    """Answer as OpenAI's chat does."""
    match case:
        case "blocked":
            return _choice({"content": None, "refusal": "no"}, "content_filter")
        case "bad_call":
            return _choice(_tool("propose_turn", "{not json"), "tool_calls")
        case "cut_off":
            return _choice(_tool("propose_turn", '{"reply": "I th'), "length")
        case "plain":
            return _choice({"content": "Just words."}, "stop")
        case _:
            name, arguments = _called(case, used=used)
            return _choice(_tool(name, json.dumps(arguments)), "tool_calls")


def _called(case: str, *, used: bool) -> tuple[str, dict[str, Any]]:
    if case.startswith("tool") and not used:
        return LOOK_UP
    return CALLS.get(case, ("propose_turn", PROPOSED))


_GEMINI_USAGE = {
    "promptTokenCount": 900,
    "cachedContentTokenCount": 512,
    "candidatesTokenCount": 60,
    "totalTokenCount": 960,
}


def _candidates(parts: list[dict[str, Any]], reason: str = "STOP") -> Response:
    content = {"role": "model", "parts": parts}
    return JSONResponse(
        {
            "candidates": [{"content": content, "finishReason": reason, "index": 0}],
            "usageMetadata": _GEMINI_USAGE,
            "modelVersion": "gemini-2.5-flash",
            "responseId": "r1",
        }
    )


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": arguments}}


def _tool(name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {
        "content": None,
        "tool_calls": [{"id": "t1", "type": "function", "function": function}],
    }


def _choice(message: dict[str, Any], reason: str) -> Response:
    return JSONResponse(
        {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-5-mini",
            "choices": [
                {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
            ],
            "usage": {"prompt_tokens": 800, "completion_tokens": 50, "total_tokens": 850},
        }
    )


@contextmanager
def running() -> Iterator[Providers]:
    """Serve them on a free port, from a thread of their own."""
    providers = Providers()
    config = uvicorn.Config(
        providers.app(), host="127.0.0.1", port=0, log_level="critical", lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="providers", daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    providers.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield providers
    finally:
        server.should_exit = server.force_exit = True
        thread.join(5)
