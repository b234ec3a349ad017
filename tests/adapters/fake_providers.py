"""Enough of Gemini and OpenAI on this machine: the first segment of a path says how they fail."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

REPLY = "That sounds like a long night. What was the worst part of it?"
FOREIGN = {
    "reply": REPLY,
    "memory_writes": [{"key": "care:recipient", "value": "mom", "evidence_sid": "SM-other"}],
}
_USAGE = {
    "promptTokenCount": 900,
    "cachedContentTokenCount": 512,
    "candidatesTokenCount": 60,
    "totalTokenCount": 960,
}


class Providers:
    """Both, with what they were asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.hits: Counter[str] = Counter()
        self.url = ""
        self.most_at_once = 0
        self._now = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{case}/v1beta/models/{model:path}", self._gemini, methods=["POST"]),
                Route("/{case}/v1/chat/completions", self._openai, methods=["POST"]),
            ]
        )

    async def _broken(self, case: str) -> Response | None:
        self.hits[case] += 1
        match case:
            case "429":
                return JSONResponse({"error": {"code": 429, "message": "slow down"}}, 429)
            case "500" | "503":
                return JSONResponse({"error": {"code": int(case), "message": "oh"}}, int(case))
            case "hang":
                await asyncio.sleep(20)
                return Response()
            case "slow":
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                await asyncio.sleep(0.4)
                self._now -= 1
                return None
            case "401":
                return JSONResponse({"error": {"code": 401, "message": "no such key"}}, 401)
            case "cut_json":
                return Response('{"candidates": [{"con', media_type="application/json")
            case "html":
                return HTMLResponse("<html>a proxy</html>")
            case _:
                return None

    async def _gemini(self, request: Request) -> Response:
        case, body = request.path_params["case"], await request.json()
        self.asked.append(body)
        if (broken := await self._broken(case)) is not None:
            return broken
        if case == "blocked":
            return _candidates([], "SAFETY")
        if case == "prompt_blocked":
            feedback = {"blockReason": "PROHIBITED_CONTENT"}
            return JSONResponse({"promptFeedback": feedback, "usageMetadata": _USAGE})
        if case == "bad_call":
            return _candidates([], "MALFORMED_FUNCTION_CALL")
        if case == "cut_off":
            return _candidates([_call("propose_turn", {})], "MAX_TOKENS")
        if case == "plain":
            return _candidates([{"text": "Just words."}])
        if case == "too_long":
            return _candidates([_call("propose_turn", {"reply": "x" * 900})])
        if case == "unknown_tool":
            return _candidates([_call("send_sms", {"to": "+15550100", "body": "pwned"})])
        if case == "extra_field":
            return _candidates([_call("propose_turn", {"reply": REPLY, "to": "+15550100"})])
        if case == "foreign_evidence":
            return _candidates([_call("propose_turn", FOREIGN)])
        if case == "endless_tools":
            return _candidates([_call("find_resource", {"topic": "respite"})])
        if case == "beside":
            both = (
                _call("find_resource", {"topic": "x"}),
                _call("propose_turn", {"reply": REPLY}),
            )
            return _candidates(list(both))
        used = any(
            "functionResponse" in part for each in body["contents"] for part in each["parts"]
        )
        if used and case == "tool_then_500":
            return JSONResponse({"error": {"code": 500, "message": "oh"}}, 500)
        if case.startswith("tool") and not used:
            return _candidates([_call("find_resource", {"topic": "respite"})])
        return _candidates([_call("propose_turn", {"reply": REPLY})])

    async def _openai(self, request: Request) -> Response:
        case, body = request.path_params["case"], await request.json()
        self.asked.append(body)
        if (broken := await self._broken(case)) is not None:
            return broken
        if case == "blocked":
            return _choice({"content": None, "refusal": "no"}, "content_filter")
        if case == "bad_call":
            return _choice(_tool("propose_turn", "{not json"), "tool_calls")
        if case == "cut_off":
            return _choice(_tool("propose_turn", '{"reply": "I th'), "length")
        if case == "unknown_tool":
            return _choice(_tool("send_sms", {"to": "+15550100", "body": "x"}), "tool_calls")
        if case == "extra_field":
            return _choice(_tool("propose_turn", {"reply": REPLY, "to": "x"}), "tool_calls")
        if case == "foreign_evidence":
            return _choice(_tool("propose_turn", FOREIGN), "tool_calls")
        if case == "endless_tools":
            return _choice(_tool("find_resource", {"topic": "respite"}), "tool_calls")
        if case == "plain":
            return _choice({"content": "Just words."}, "stop")
        if case == "too_long":
            return _choice(_tool("propose_turn", {"reply": "x" * 900}), "tool_calls")
        used = any(each["role"] == "tool" for each in body["messages"])
        if case == "tool" and not used:
            return _choice(_tool("find_resource", {"topic": "respite"}), "tool_calls")
        return _choice(_tool("propose_turn", {"reply": REPLY}), "tool_calls")


def _candidates(parts: list[dict[str, Any]], reason: str = "STOP") -> Response:
    content = {"role": "model", "parts": parts}
    return JSONResponse(
        {
            "candidates": [{"content": content, "finishReason": reason, "index": 0}],
            "usageMetadata": _USAGE,
            "modelVersion": "gemini-2.5-flash",
            "responseId": "r1",
        }
    )


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": arguments}}


def _tool(name: str, arguments: dict[str, Any] | str) -> dict[str, Any]:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name, "arguments": written}
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


@asynccontextmanager
async def running() -> AsyncIterator[Providers]:
    """Serve them on a free port."""
    providers = Providers()
    config = uvicorn.Config(
        providers.app(), host="127.0.0.1", port=0, log_level="critical", lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    providers.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield providers
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving
