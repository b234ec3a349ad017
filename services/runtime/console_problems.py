"""What is answered when something is wrong: problem documents (RFC 9457)."""

from http import HTTPStatus

from starlette.responses import Response

from services.runtime.console_shapes import Problem

PROBLEM = "application/problem+json"
RETRY_S = "2"


class Wrong(Exception):
    """A request is answered with this status; `detail` repeats nothing that was sent."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def bad(detail: str) -> Wrong:
    """Return what is wrong with a request."""
    return Wrong(400, detail)


def missing(what: str) -> Wrong:
    """Return that there is no such thing."""
    return Wrong(404, f"There is no such {what}.")


def problem(status: int, detail: str | None = None) -> Response:
    """Return a problem document."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    headers = {"Retry-After": RETRY_S} if status == 503 else None
    body = told.model_dump_json(exclude_none=True)
    return Response(body, status, headers, media_type=PROBLEM)
