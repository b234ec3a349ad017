"""The JSON side: a table of routes, of which both the server and the OpenAPI document are made."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.access import Right
from services.runtime.access.visitor import Visitor
from services.runtime.console import problems, shapes
from services.runtime.console.acts import Acts
from services.runtime.console.door import TOKEN_HEADER, require
from services.runtime.console.problems import Fault, Problem, Refused
from services.runtime.console.questions import Answer, PersonState, Questions, State
from services.runtime.request_body import LARGEST_TABLE, read_body

PREFIX = "/api/v1"
ID = r"[0-9a-f]{32}"
# What a path may name, where that is no id of ours alone.
_NAMES = {
    "account_id": r"[0-9a-z]{1,64}-[0-9]{4}-[0-9]{2}",
    "sms_id": r"[0-9A-Za-z._~-]{1,80}",
    "letter_id": r"[0-9A-Za-z._-]{1,200}",
}
JSON, CSV = "application/json", "text/csv"
_PARAMETER = re.compile(r"\{(\w+)\}")
_HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}

Answers = Callable[[Request, Any], Awaitable[Answer]]
Does = Callable[[Request, Any, Visitor], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True)
class Question:
    """One route that is asked: what it is for, who may, what it asks, what it answers."""

    path: str
    right: Right
    summary: str
    asks: type[shapes.Asks]
    answers: type[BaseModel]
    ask: Answers
    problems: tuple[int, ...] = (422, 503)


@dataclass(frozen=True, slots=True)
class Action:
    """One route by which something is done; `asks` is None for a table of people."""

    path: str
    right: Right
    summary: str
    asks: type[shapes.Asks] | None
    answers: type[BaseModel]
    do: Does
    problems: tuple[int, ...] = (400, 404, 409, 413, 415, 422, 503)


def table(questions: Questions) -> tuple[Question, ...]:
    """Return every question."""
    one = (404, 422, 503)
    return (
        Question(
            "/conversations", Right.CONVERSATIONS_READ,
            "Conversations, newest first", shapes.ConversationsAsked,
            shapes.ConversationsPage, questions.conversations,
        ),
        Question(
            "/conversations/{conversation_id}", Right.CONVERSATIONS_READ,
            "A conversation with its words and turns",
            shapes.Nothing, shapes.Told, questions.conversation, one,
        ),
        Question(
            "/conversations/{conversation_id}/facts", Right.CONVERSATIONS_READ,
            "A conversation's facts, in order",
            shapes.FactsAsked, shapes.FactsPage, questions.facts, one,
        ),
        Question(
            "/conversations/{conversation_id}/at/{version}", Right.CONVERSATIONS_READ,
            "A conversation's state at a version or an ISO time", shapes.Nothing, State,
            questions.at, one,
        ),
        Question(
            "/people", Right.PEOPLE_READ,
            "People, newest first", shapes.PeopleAsked, shapes.PeoplePage,
            questions.people,
        ),
        Question(
            "/people/{person_id}", Right.PEOPLE_READ,
            "One person, the number masked", shapes.Nothing,
            shapes.PersonShown, questions.person, one,
        ),
        Question(
            "/people/{person_id}/facts", Right.PEOPLE_READ,
            "A person's facts, in order, the number masked unless it was revealed",
            shapes.FactsAsked, shapes.FactsPage, questions.person_facts, one,
        ),
        Question(
            "/people/{person_id}/at/{version}", Right.PEOPLE_READ,
            "A person's state at a version or an ISO time", shapes.Nothing, PersonState,
            questions.person_at, one,
        ),
        Question(
            "/outbox", Right.CONVERSATIONS_READ,
            "Outgoing texts, newest first", shapes.OutboxAsked,
            shapes.OutboxPage, questions.outbox,
        ),
        Question(
            "/due", Right.OPERATIONS_READ,
            "Unfinished steps, in the order to look at them", shapes.DueAsked,
            shapes.DuePage, questions.due,
        ),
        Question(
            "/safety", Right.SAFETY_READ,
            "Safety cases, the gravest that wait first", shapes.CasesAsked,
            shapes.CasesPage, questions.cases,
        ),
        Question(
            "/safety/{case_id}", Right.SAFETY_READ, "A safety case with the words that opened it",
            shapes.Nothing, shapes.CaseShown, questions.case, one,
        ),
        Question(
            "/dead-letters", Right.OPERATIONS_READ,
            "Messages that could not be processed, newest first",
            shapes.LettersAsked, shapes.LettersPage, questions.letters,
        ),
        Question(
            "/escalations", Right.CONVERSATIONS_READ,
            "What the agent needed people for, newest first",
            shapes.EscalationsAsked, shapes.EscalationsPage, questions.escalations,
        ),
        Question(
            "/shifts", Right.CONVERSATIONS_READ,
            "Ended conversations on their way to a shift, newest first",
            shapes.ShiftsAsked, shapes.ShiftsPage, questions.shifts,
        ),
        Question(
            "/spending", Right.SPENDING_READ,
            "The months' money, the last changed first", shapes.SpendingAsked,
            shapes.SpendingPage, questions.spending,
        ),
        Question(
            "/spending/{account_id}", Right.SPENDING_READ,
            "A month's money by day, by kind and for models",
            shapes.Nothing, shapes.MonthShown, questions.month, one,
        ),
        Question(
            "/harness-health", Right.OPERATIONS_READ,
            "What the harness did, by day or by hour, newest first",
            shapes.HarnessAsked, shapes.HarnessPage, questions.harness,
        ),
    )  # fmt: skip


def actions(acts: Acts) -> tuple[Action, ...]:
    """Return everything that can be done."""
    done, nothing = shapes.Done, shapes.Nothing
    talk, text, letter = "conversation_id", "sms_id", "letter_id"
    return (
        Action(
            "/people", Right.PEOPLE_REGISTER,
            "Register a person, or what is new about one", shapes.PersonWanted, done,
            lambda _, wanted, __: acts.register(wanted),
        ),
        Action(
            "/people/import", Right.PEOPLE_REGISTER,
            "Register everybody in a CSV table of 256 KiB at most", None, shapes.Imported,
            lambda _, table, __: acts.import_people(table),
        ),
        Action(
            "/people/{person_id}/reveal", Right.WORDS_REVEAL,
            "See a person's number, name and words for 15 minutes, and say why",
            shapes.RevealWanted, shapes.Revealed,
            lambda request, wanted, by: acts.reveal_person(
                request, request.path_params["person_id"], wanted.why, by.name
            ),
        ),
        Action(
            "/conversations/{conversation_id}/reveal", Right.WORDS_REVEAL,
            "See a conversation's words for 15 minutes, and say why",
            shapes.RevealWanted, shapes.Revealed,
            lambda request, wanted, by: acts.reveal_conversation(
                request, request.path_params[talk], wanted.why, by.name
            ),
        ),
        Action(
            "/people/{person_id}/erase", Right.PEOPLE_ERASE,
            "Forget a person: their keys, what is queued and what the carrier keeps",
            shapes.EraseWanted, shapes.Forgot,
            lambda request, wanted, by: acts.erase(
                request.path_params["person_id"], wanted.confirm, by.name
            ),
        ),
        Action(
            "/safety/{case_id}/acknowledge", Right.SAFETY_ACT,
            "Look after a safety case", nothing, done,
            lambda request, _, by: acts.acknowledge(request.path_params["case_id"], by.name),
        ),
        Action(
            "/safety/{case_id}/resolve", Right.SAFETY_ACT, "Close a safety case with its outcome",
            shapes.OutcomeWanted, done,
            lambda request, wanted, by: acts.resolve(
                request.path_params["case_id"], wanted.outcome, by.name
            ),
        ),
        Action(
            "/conversations/{conversation_id}/end", Right.CONVERSATIONS_END,
            "End a conversation", nothing, done,
            lambda request, _, by: acts.end(request.path_params[talk], by.name),
        ),
        Action(
            "/conversations/{conversation_id}/take-over", Right.CONVERSATIONS_ANSWER,
            "Answer in person from here on",
            nothing, done,
            lambda request, _, by: acts.take_over(request.path_params[talk], by.name),
        ),
        Action(
            "/conversations/{conversation_id}/texts", Right.CONVERSATIONS_ANSWER,
            "Send a text in one's own words",
            shapes.TextWanted, done,
            lambda request, wanted, by: acts.write(
                request.path_params[talk], wanted.text, wanted.sms_id, by.name
            ),
        ),
        Action(
            "/conversations/{conversation_id}/hand-back", Right.CONVERSATIONS_ANSWER,
            "Let the agent answer again",
            nothing, done,
            lambda request, _, by: acts.hand_back(request.path_params[talk], by.name),
        ),
        Action(
            "/outbox/{sms_id}/retry", Right.OUTBOX_ACT,
            "Look at a waiting text now, send a failed one again",
            nothing, done,
            lambda request, _, by: acts.retry(request.path_params[text], by.name),
        ),
        Action(
            "/outbox/{sms_id}/withdraw", Right.OUTBOX_ACT,
            "Take back a text that has not left", nothing, done,
            lambda request, _, by: acts.withdraw(request.path_params[text], by.name),
        ),
        Action(
            "/dead-letters/{letter_id}/replay", Right.LETTERS_ACT,
            "Send a message back to where it came from",
            nothing, done,
            lambda request, _, by: acts.replay(request.path_params[letter], by.name),
        ),
        Action(
            "/dead-letters/{letter_id}/drop", Right.LETTERS_ACT,
            "Decide that nothing is to be done about it",
            nothing, done,
            lambda request, _, by: acts.drop(request.path_params[letter], by.name),
        ),
    )  # fmt: skip


def routes(questions: Questions, acts: Acts) -> list[Route]:
    """Return the routes of the API and of its description."""
    asked, done = table(questions), actions(acts)
    described = document(asked, done)

    async def openapi(_: Request) -> Response:
        return JSONResponse(described, headers=_HEADERS)

    reads = {each.path: _asking(each) for each in asked}
    writes = {each.path: _doing(each) for each in done}
    found = [
        Route(PREFIX + path, _endpoint(reads.get(path), writes.get(path)), methods=methods)
        for path in sorted(reads | writes, key=lambda path: ("{" in path, path))
        if (
            methods := [*(["GET"] if path in reads else []), *(["POST"] if path in writes else [])]
        )
    ]
    return [*found, Route("/openapi.json", openapi, methods=["GET"])]


Endpoint = Callable[[Request], Awaitable[Response]]


def _endpoint(read: Endpoint | None, write: Endpoint | None) -> Endpoint:
    """Return what answers a path: by its method, as the route lets others through to nobody."""

    async def endpoint(request: Request) -> Response:
        chosen = write if request.method == "POST" else read
        if chosen is None:  # HEAD of a path at which there is nothing to read
            raise Refused(405, "That cannot be done here.")
        return await chosen(request)

    return endpoint


def _asking(question: Question) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        require(request, question.right)
        named(request)
        answer = await question.ask(request, _asked(question.asks, request))
        body = answer.body.model_dump_json().encode()
        tag = f'W/"{answer.mark}-{hashlib.sha256(body).hexdigest()[:12]}"'
        headers = {**_HEADERS, "ETag": tag}
        if _known(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=JSON)

    return endpoint


def _doing(action: Action) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        by = require(request, action.right)
        named(request)
        wanted = await _wanted(action, request)
        done = await action.do(request, wanted, by)
        return Response(
            done.model_dump_json(), headers={**_HEADERS, "Cache-Control": "no-store"},
            media_type=JSON,
        )  # fmt: skip

    return endpoint


async def _wanted(action: Action, request: Request) -> Any:
    """
    Return what is asked for.

    Only types that no form of another site can send are taken.
    """
    if request.query_params:
        fault = Fault(parameter="query", reason="there are no parameters here")
        raise Refused(422, "A parameter cannot be worked with.", (fault,))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, LARGEST_TABLE)
    if kind != (CSV if action.asks is None else JSON):
        raise Refused(415, f"Send {CSV if action.asks is None else JSON}.")
    try:
        text = body.decode("utf-8")
        if action.asks is None:
            return text
        given = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        raise Refused(400, "The body cannot be read.") from None
    return checked(action.asks, given)


def named(request: Request) -> None:
    """Refuse ids that are none: they name nothing, whatever was written."""
    for name, value in request.path_params.items():
        if name.endswith("_id") and re.fullmatch(_NAMES.get(name, ID), value) is None:
            raise Refused(404, "There is nothing here.")


def _asked(asks: type[shapes.Asks], request: Request) -> shapes.Asks:
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) < len(given):
        fault = Fault(parameter="query", reason="a parameter is given twice")
        raise Refused(422, "A parameter cannot be worked with.", (fault,))
    return checked(asks, dict(given))


def checked(asks: type[shapes.Asks], given: Any) -> shapes.Asks:
    """Return what was given as what is asked for.  Raises `Refused`, naming no value."""
    try:
        return asks.model_validate(given)
    except ValidationError as error:
        faults = tuple(
            Fault(parameter=".".join(map(str, one["loc"])) or "body", reason=one["msg"])
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise Refused(422, "A parameter cannot be worked with.", faults) from None


def _known(request: Request, tag: str) -> bool:
    told = request.headers.get("if-none-match", "")
    return tag in (one.strip() for one in told.split(",")) or told.strip() == "*"


# The description


def document(asked: Sequence[Question], done: Sequence[Action]) -> dict[str, Any]:
    """Return the OpenAPI document of the tables."""
    answers: set[type[BaseModel]] = {Problem}
    answers |= {each.answers for each in asked} | {each.answers for each in done}
    wanted = {each.asks for each in done if each.asks is not None}
    referred, schemas = _described(frozenset(answers), frozenset(wanted))
    paths: dict[str, dict[str, Any]] = {}
    for question in asked:
        paths.setdefault(PREFIX + question.path, {})["get"] = _read(question, referred)
    for action in done:
        paths.setdefault(PREFIX + action.path, {})["post"] = _write(action, referred)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley console", "version": "1"},
        "security": _SECURITY,
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }


@cache
def _described(
    answers: frozenset[type[BaseModel]], wanted: frozenset[type[BaseModel]]
) -> tuple[Mapping[Any, Any], Mapping[str, Any]]:
    """Return how each of these shapes is referred to, and what each is by its name."""
    names, schema = models_json_schema(
        [
            *((model, "serialization") for model in sorted(answers, key=_name)),
            *((model, "validation") for model in sorted(wanted, key=_name)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    return {model: one for (model, _), one in names.items()}, schema.get("$defs", {})


# Either a key, or a session's cookie; what changes something carries the session's token as well.
_SCHEMES: dict[str, Any] = {
    "key": {
        "type": "http", "scheme": "bearer",
        "description": "An access key, made by `parley keys create`.",
    },
    "session": {
        "type": "apiKey", "in": "cookie", "name": "__Host-parley_session",
        "description": "A browser's session; over http on one machine it is named after the port.",
    },
    "form": {
        "type": "apiKey", "in": "header", "name": TOKEN_HEADER,
        "description": "The token that the pages of a session carry, for what changes something.",
    },
}  # fmt: skip
_SECURITY: list[dict[str, list[str]]] = [{"key": []}, {"session": []}]


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _read(question: Question, referred: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "summary": question.summary,
        "description": f"Needs the right `{question.right}`.",
        "operationId": "_".join(re.findall(r"\w+", question.path)),
        "parameters": [*_in_path(question.path), *_in_query(question.asks)],
        "responses": {
            "200": {
                "description": question.summary,
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {JSON: {"schema": referred[question.answers]}},
            },
            "304": {"description": "Nothing changed"},
            **_refusals(question.problems, referred),
        },
    }


def _write(action: Action, referred: Mapping[Any, Any]) -> dict[str, Any]:
    asks = action.asks
    body = {CSV: {"schema": {"type": "string"}}} if asks is None else {
        JSON: {"schema": referred[asks]}
    }  # fmt: skip
    return {
        "summary": action.summary,
        "description": f"Needs the right `{action.right}`.",
        "operationId": "_".join(("post", *re.findall(r"[\w]+", action.path))),
        "security": [{"key": []}, {"session": [], "form": []}],
        "parameters": list(_in_path(action.path)),
        "requestBody": {"required": asks is not shapes.Nothing, "content": body},
        "responses": {
            "200": {
                "description": action.summary,
                "content": {JSON: {"schema": referred[action.answers]}},
            },
            **_refusals(action.problems, referred),
        },
    }


def _refusals(statuses: Sequence[int], referred: Mapping[Any, Any]) -> dict[str, Any]:
    problem = {problems.MEDIA_TYPE: {"schema": referred[Problem]}}
    return {
        str(status): {"description": "A problem", "content": problem}
        for status in (401, 403, *statuses)
    }


def _in_path(path: str) -> Sequence[dict[str, Any]]:
    return [_named_in_path(name) for name in _PARAMETER.findall(path)]


def _named_in_path(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name.endswith("_id"):
        schema["pattern"] = f"^{_NAMES.get(name, ID)}$"
    return {"name": name, "in": "path", "required": True, "schema": schema}


@cache
def _in_query(asks: type[shapes.Asks]) -> Sequence[Mapping[str, Any]]:
    properties: dict[str, dict[str, Any]] = asks.model_json_schema().get("properties", {})
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in properties.items()
    ]
