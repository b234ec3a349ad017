"""The JSON side: a table of routes, of which both the server and the OpenAPI document are made."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.runtime.console import problems, shapes
from services.runtime.console.problems import Fault, Problem, Refused
from services.runtime.console.questions import Answer, Questions, State

PREFIX = "/api/v1"
ID = r"[0-9a-f]{32}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}

Answers = Callable[[Request, Any], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Question:
    """One route: what it is for, what it asks, what it answers."""

    path: str
    summary: str
    asks: type[shapes.Asks]
    answers: type[BaseModel]
    ask: Answers
    problems: tuple[int, ...] = (422, 503)

    @property
    def parameters(self) -> Sequence[str]:
        """The parameters in the path."""
        return _PARAMETER.findall(self.path)


def table(questions: Questions) -> tuple[Question, ...]:
    """Return every question."""
    one = (404, 422, 503)
    return (
        Question(
            "/conversations", "Conversations, newest first", shapes.ConversationsAsked,
            shapes.ConversationsPage, questions.conversations,
        ),
        Question(
            "/conversations/{conversation_id}", "A conversation with its words and turns",
            shapes.Nothing, shapes.Told, questions.conversation, one,
        ),
        Question(
            "/conversations/{conversation_id}/facts", "A conversation's facts, in order",
            shapes.FactsAsked, shapes.FactsPage, questions.facts, one,
        ),
        Question(
            "/conversations/{conversation_id}/at/{version}",
            "A conversation's state at a version or an ISO time", shapes.Nothing, State,
            questions.at, one,
        ),
        Question(
            "/people", "People, newest first", shapes.PeopleAsked, shapes.PeoplePage,
            questions.people,
        ),
        Question(
            "/people/{person_id}", "One person, the number masked", shapes.Nothing,
            shapes.PersonShown, questions.person, one,
        ),
        Question(
            "/outbox", "Outgoing texts, newest first", shapes.OutboxAsked,
            shapes.OutboxPage, questions.outbox,
        ),
        Question(
            "/due", "Unfinished steps, in the order to look at them", shapes.DueAsked,
            shapes.DuePage, questions.due,
        ),
    )  # fmt: skip


def routes(questions: Questions) -> list[Route]:
    """Return the routes of the API and of its description."""
    asked = table(questions)
    described = document(asked)

    async def openapi(_: Request) -> Response:
        return JSONResponse(described, headers=_HEADERS)

    found = [Route(PREFIX + each.path, _endpoint(each), methods=["GET"]) for each in asked]
    return [*found, Route("/openapi.json", openapi, methods=["GET"])]


def _endpoint(question: Question) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        _named(request)
        answer = await question.ask(request, _asked(question.asks, request))
        body = answer.body.model_dump_json().encode()
        tag = f'W/"{answer.mark}-{hashlib.sha256(body).hexdigest()[:12]}"'
        headers = {**_HEADERS, "ETag": tag}
        if _known(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return endpoint


def _named(request: Request) -> None:
    """Refuse ids that are none: they name nothing, whatever was written."""
    for name, value in request.path_params.items():
        if name.endswith("_id") and re.fullmatch(ID, value) is None:
            raise Refused(404, "There is nothing here.")


def _asked(asks: type[shapes.Asks], request: Request) -> shapes.Asks:
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) < len(given):
        fault = Fault(parameter="query", reason="a parameter is given twice")
        raise Refused(422, "A parameter cannot be worked with.", (fault,))
    try:
        return asks.model_validate(dict(given))
    except ValidationError as error:
        faults = tuple(
            Fault(parameter=".".join(map(str, one["loc"])), reason=one["msg"])
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise Refused(422, "A parameter cannot be worked with.", faults) from None


def _known(request: Request, tag: str) -> bool:
    told = request.headers.get("if-none-match", "")
    return tag in (one.strip() for one in told.split(",")) or told.strip() == "*"


# The description


def document(asked: Sequence[Question]) -> dict[str, Any]:
    """Return the OpenAPI document of the table."""
    models: set[type[BaseModel]] = {Problem, *(each.answers for each in asked)}
    names, schema = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda one: one.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    named = {model: reference for (model, _), reference in names.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley console", "version": "1"},
        "paths": {PREFIX + each.path: {"get": _operation(each, named)} for each in asked},
        "components": {"schemas": schema.get("$defs", {})},
    }


def _operation(question: Question, named: dict[Any, Any]) -> dict[str, Any]:
    problem = {problems.MEDIA_TYPE: {"schema": named[Problem]}}
    return {
        "summary": question.summary,
        "operationId": "_".join(re.findall(r"\w+", question.path)),
        "parameters": [*map(_in_path, question.parameters), *_in_query(question.asks)],
        "responses": {
            "200": {
                "description": question.summary,
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": named[question.answers]}},
            },
            "304": {"description": "Nothing changed"},
            **{
                str(status): {"description": "A problem", "content": problem}
                for status in question.problems
            },
        },
    }


def _in_path(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name.endswith("_id"):
        schema["pattern"] = f"^{ID}$"
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(asks: type[shapes.Asks]) -> list[dict[str, Any]]:
    properties: dict[str, dict[str, Any]] = asks.model_json_schema().get("properties", {})
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in properties.items()
    ]
