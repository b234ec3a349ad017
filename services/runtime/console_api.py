"""The console's JSON: answers queries, says how new they are, describes itself."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.runtime.console_problems import PROBLEM
from services.runtime.console_queries import LIMIT, MOST, Query, known_only, table
from services.runtime.console_reading import ConsoleReading
from services.runtime.console_shapes import Problem

ROOT = "/api/v1"
_REF = "#/components/schemas/{model}"

Endpoint = Callable[[Request], Awaitable[Response]]


class ConsoleApi:
    """The routes under `/api/v1`, and their description."""

    def __init__(self, reading: ConsoleReading) -> None:
        self._reading = reading
        self._table = table(reading)
        self._description = described(self._table)

    def routes(self) -> Iterator[Route]:
        """Return the routes."""
        yield Route("/openapi.json", self.description, methods=["GET"])
        for query in self._table:
            yield Route(ROOT + query.path, self._endpoint(query), methods=["GET"])

    async def description(self, _: Request) -> Response:
        """Return the OpenAPI document."""
        return JSONResponse(self._description)

    def _endpoint(self, query: Query) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            known_only(request, query.takes)
            # First, so that the rows are at least as new as it says.
            position = await self._position(query)
            tag = f'W/"{position}"'
            if _matches(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers={"ETag": tag})
            told = await query.answer(request, position)
            body = told.model_dump_json()
            return Response(body, headers={"ETag": tag}, media_type="application/json")

        return endpoint

    async def _position(self, query: Query) -> int:
        if query.stands:
            return await self._reading.position(*query.stands)
        return await self._reading.head()


def _matches(asked: str, tag: str) -> bool:
    """Return whether a tag is among those asked about, strong or weak."""
    return tag.removeprefix("W/") in (one.strip().removeprefix("W/") for one in asked.split(","))


def described(queries: tuple[Query, ...]) -> dict[str, Any]:
    """Return the OpenAPI document of a table of queries."""
    models = [(model, "serialization") for model in (*(q.answers for q in queries), Problem)]
    _, schemas = models_json_schema(models, ref_template=_REF)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley console",
            "version": "1",
            "description": "What conversations came to. Private: it shows what people said.",
        },
        "paths": {
            **{ROOT + query.path: {"get": _operation(query)} for query in queries},
            f"{ROOT}/stream": {"get": _STREAM},
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(query: Query) -> dict[str, Any]:
    headers = {"ETag": {"schema": {"type": "string"}, "description": "The answer's position."}}
    answered = {
        "description": query.summary,
        "headers": headers,
        "content": {"application/json": {"schema": _ref(query.answers.__name__)}},
    }
    one = "{" in query.path
    return {
        "operationId": query.name,
        "summary": query.summary,
        "parameters": [
            *(_in_path(name) for name in ("conversation_id", "person_id", "version")
              if f"{{{name}}}" in query.path),
            *map(_in_query, query.takes),
            _IF_NONE_MATCH,
        ],
        "responses": {
            "200": answered,
            "304": {"description": "Nothing happened since."},
            "400": _problem("A parameter is not possible."),
            **({"404": _problem("There is no such thing.")} if one else {}),
            "503": _problem("PostgreSQL is away."),
        },
    }  # fmt: skip


def _in_path(name: str) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    schema = number if name == "version" else {"type": "string", "pattern": "^[0-9a-f]{32}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 100}
    if name == "limit":
        schema = {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}
    if name == "cursor":
        schema = {"type": "string", "maxLength": 400}
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _problem(told: str) -> dict[str, Any]:
    return {"description": told, "content": {PROBLEM: {"schema": _ref(Problem.__name__)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}


_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"},
}  # fmt: skip
_STREAM: dict[str, Any] = {
    "operationId": "stream",
    "summary": "Server-sent events: the projections' position, whenever it moved",
    "parameters": [
        {
            "name": "after", "in": "query", "required": False,
            "schema": {"type": "integer", "minimum": 0},
            "description": "The position known already; Last-Event-ID wins.",
        },
        {"name": "Last-Event-ID", "in": "header", "required": False,
         "schema": {"type": "string"}},
    ],
    "responses": {
        "200": {
            "description": "Events `moved` with the position as id and as JSON.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        "400": _problem("A parameter is not possible."),
    },
}  # fmt: skip
