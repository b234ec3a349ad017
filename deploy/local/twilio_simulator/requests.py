"""What the routes share: the carrier behind the application, forms and JSON bodies."""

from typing import TypeVar, cast
from urllib.parse import parse_qs

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from deploy.local.twilio_simulator.account import E164
from deploy.local.twilio_simulator.carrier import Carrier

M = TypeVar("M", bound=BaseModel)

_LARGEST = 256 * 1024
_MOST_FIELDS = 200


def carrier_of(request: Request) -> Carrier:
    """Return the carrier that the application runs."""
    return cast("Carrier", request.app.state.carrier)


async def form_of(request: Request) -> dict[str, list[str]]:
    """Return a form's fields with all their values, empty ones too; 400 if it is none."""
    body = await _body(request)
    try:
        return parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise HTTPException(400, "the body is not a form in UTF-8") from error


async def json_of(request: Request, model: type[M]) -> M:
    """
    Return the JSON body as a model; 400 names each thing that is wrong with it.

    Another site's page in the same browser gets a 403: the simulator has no login.
    """
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise HTTPException(403, "requests from other sites are refused")
    try:
        return model.model_validate_json(await _body(request))
    except ValidationError as error:
        raise HTTPException(400, _reasons(error)) from error


def number_of(request: Request) -> str:
    """Return the phone number in the path; 400 unless it is E.164."""
    number = cast("str", request.path_params["number"])
    if not E164.fullmatch(number):
        raise HTTPException(400, "the number must be E.164, such as +14155550101")
    return number


def whole_number(request: Request, name: str, default: int) -> int:
    """Return a query parameter that is a whole number from 0 on; 400 for anything else."""
    value = request.query_params.get(name)
    if not value:
        return default
    if not (value.isascii() and value.isdecimal()):
        raise HTTPException(400, f"{name} must be a whole number")
    return int(value)


async def _body(request: Request) -> bytes:
    body = await request.body()
    if len(body) > _LARGEST:
        raise HTTPException(413, "the body is too large")
    return body


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(step) for step in problem['loc']) or 'body'}: {problem['msg']}"
        for problem in error.errors(include_url=False)
    )
