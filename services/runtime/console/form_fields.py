"""The fields of a form, and where it leads back to."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from services.runtime.console.problems import Refused
from services.runtime.request_body import LARGEST, read_form

_MOST_FIELDS = 20


async def fields_of(request: Request, largest: int = LARGEST) -> dict[str, str]:
    """Return the fields of a form.  Raises `Refused` and `RequestRefused`."""
    body = await read_form(request, largest)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Refused(400, "The form cannot be read.") from None
    return dict(pairs)


def our_page(path: str) -> str:
    """Return the path of a page of ours, whatever a form says."""
    here = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if here and path.isascii() else "/"
