"""The fields of a form, and where it leads back to."""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from services.runtime.console.problems import Refused
from services.runtime.request_body import LARGEST, LARGEST_TABLE, read_body, read_form

_MOST_FIELDS = 20
# What a form with a file adds to it: boundaries, names, the token.
_AROUND = 8 * 1024
# The other encoding of a form takes up to three bytes for one.
_ENCODED = 3


async def fields_of(
    request: Request, largest: int = LARGEST, *, table: bool = False
) -> dict[str, str]:
    """
    Return the fields of a form, also of one that carries a `table`, in a file or in a field.

    What is too long is refused (413) before anything is parsed.  Raises `Refused` and
    `RequestRefused`.
    """
    if table and request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _in_parts(request, LARGEST_TABLE + _AROUND)
    body = await read_form(request, _ENCODED * LARGEST_TABLE if table else largest)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Refused(400, "The form cannot be read.") from None
    return dict(pairs)


async def _in_parts(request: Request, largest: int) -> dict[str, str]:
    """Return the fields of a form with a file; nothing of it is written to a disk."""
    body = await read_body(request, largest)

    async def whole() -> AsyncGenerator[bytes]:
        yield body

    parser = MultiPartParser(
        request.headers, whole(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=largest
    )
    # Files are kept in memory up to this size: all of them, as the body is no larger.
    parser.spool_max_size = largest
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError):
        raise Refused(400, "The form cannot be read.") from None
    try:
        return {name: await _text(value) for name, value in form.multi_items()}
    except UnicodeDecodeError:
        raise Refused(400, "The file is not text in UTF-8.") from None
    finally:
        await form.close()


async def _text(value: str | UploadFile) -> str:
    return value if isinstance(value, str) else (await value.read()).decode("utf-8")


def our_page(path: str) -> str:
    """Return the path of a page of ours, whatever a form says."""
    here = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if here and path.isascii() else "/"
