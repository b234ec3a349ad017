"""What goes wrong with a question, as RFC 9457 problem documents without any given value."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.conversation.reviewing import ReviewRefused
from domain.person.revealing import RevealRefused
from domain.safety.decisions import CaseRefused
from projections.queries import BadCursor
from services.runtime.console.rendering import rendered, wants_a_page
from services.runtime.contacts import ContactRefused
from services.runtime.ports import Conflict, SubjectErased, Unavailable
from services.runtime.request_body import LARGEST_TABLE, RequestRefused

log = structlog.get_logger()

_TOO_LARGE = (
    f"More than the {LARGEST_TABLE // 1024} KiB that are taken here; `parley people import` reads"
    " longer tables."
)
MEDIA_TYPE = "application/problem+json"
Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


class Fault(BaseModel):
    """One parameter that cannot be worked with, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    parameter: str
    reason: str


class Problem(BaseModel):
    """What is wrong; `type` is always about:blank: the status says the kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


class Refused(Exception):
    """A question that is answered with a problem."""

    def __init__(self, status: int, detail: str, errors: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = errors


def handlers() -> Mapping[Any, Handler]:
    """Return the exception handlers of the application."""
    return {
        Refused: _refused,
        BadCursor: _bad_cursor,
        CaseRefused: _not_now,
        ReviewRefused: _not_now,
        RevealRefused: _not_now,
        Conflict: _overtaken,
        SubjectErased: _overtaken,
        ContactRefused: _bad_contact,
        RequestRefused: _bad_request,
        Unavailable: _unavailable,
        HTTPException: _http,
        Exception: _unexpected,
    }


def answer(
    status: int,
    detail: str,
    errors: tuple[Fault, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response for a problem."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(
        problem.model_dump(mode="json", exclude_defaults=True) | {"type": problem.type},
        status,
        dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def told(
    request: Request,
    status: int,
    detail: str,
    errors: tuple[Fault, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a page for a person and a document for a program."""
    if not wants_a_page(request):
        return answer(status, detail, errors, headers)
    page = rendered(
        request, "problem.html", status,
        title=HTTPStatus(status).phrase, detail=detail, errors=errors,
    )  # fmt: skip
    page.headers.update(headers or {})
    return page


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # registered for nothing else
    return told(request, error.status, str(error), error.errors)


async def _not_now(request: Request, error: Exception) -> Response:
    return told(request, 409, str(error))


async def _overtaken(request: Request, error: Exception) -> Response:
    del error
    return told(request, 409, "Something else happened here meanwhile; look again.")


async def _bad_contact(request: Request, error: Exception) -> Response:
    return told(request, 422, str(error))


async def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRefused)  # registered for nothing else
    details = {413: _TOO_LARGE}
    return told(request, error.status, details.get(error.status, "The request cannot be read."))


async def _bad_cursor(request: Request, error: Exception) -> Response:
    return told(
        request,
        422,
        "A parameter cannot be worked with.",
        (Fault(parameter="cursor", reason=str(error)),),
    )


async def _unavailable(request: Request, error: Exception) -> Response:
    return told(request, 503, str(error), headers={"Retry-After": "2"})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # registered for nothing else
    details = {404: "There is nothing here.", 405: "That cannot be done here."}
    return told(
        request,
        error.status_code,
        details.get(error.status_code, error.detail),
        headers=error.headers,
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("question failed", exc_info=error)
    return told(request, 500, "Something went wrong here; the log says what.")
