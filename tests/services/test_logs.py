"""Nothing that identifies a person, and no secret, reaches a log, whoever writes it."""

import io
import json
import logging
import sys
import traceback
from collections.abc import Iterator

import pytest
import structlog

from services.runtime import logs

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "9" * 32
NUMBERS = ("+14155550123", "14155550123", "(415) 555-0123", "+44 20 7946 0958", "415.555.0123")
BODY = "my mother fell"
SECRETS = (TOKEN, "hunter2hunter2", "eyJhbGciOi")
ID = "conversation-" + "a1" * 16


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    logs.configure("sender", "debug", secrets=[TOKEN], stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_who_what_and_when(out: io.StringIO):
    structlog.get_logger().info("sent", stream=ID, version=3, outcome="accepted")
    (line,) = lines(out)
    assert line.pop("timestamp")
    assert line == {
        "event": "sent", "level": "info", "process": "sender",
        "stream": ID, "version": 3, "outcome": "accepted",
    }  # fmt: skip


def test_unknown_keys_are_dropped_and_named(out: io.StringIO):
    structlog.get_logger().info("heard", body=BODY, to=NUMBERS[0], length=14)
    (line,) = lines(out)
    assert line["dropped"] == ["body", "to"]
    assert line["length"] == 14
    assert BODY not in out.getvalue()


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_marked_wherever_they_stand(out: io.StringIO, number: str):
    log = structlog.get_logger()
    log.info(f"to {number} now", reason=f"bad:{number}", reasons={"x": [number]}, why=number + "x")
    logging.getLogger("psycopg").warning("To=%s&From=%s", number, number)
    assert number not in out.getvalue()
    assert "5550123" not in out.getvalue().replace("-", "").replace(".", "")
    assert "***" in out.getvalue()


def test_the_same_number_has_the_same_mark_and_another_salt_another(out: io.StringIO):
    log = structlog.get_logger()
    log.info("a +14155550123")
    log.info("a +1 415 555 0123")
    assert lines(out)[0]["event"] == lines(out)[1]["event"]
    other = io.StringIO()
    logs.configure("sender", salt=b"other", stream=other)
    structlog.get_logger().info("a +14155550123")
    assert lines(other)[0]["event"] != lines(out)[0]["event"]


def test_secrets_are_removed(out: io.StringIO):
    log = structlog.get_logger()
    log.info(f"token {TOKEN}", url="nats://parley:hunter2hunter2@127.0.0.1:4222")
    log.info("Authorization: Bearer eyJhbGciOi.x-y", reason="password=hunter2hunter2")
    logging.getLogger("x").error("%s %s", ACCOUNT, {"auth_token": "hunter2hunter2"})
    for secret in (*SECRETS, ACCOUNT):
        assert secret not in out.getvalue()


def test_ids_and_times_stay_readable(out: io.StringIO):
    sid = "SM" + "9876543210fedcba" * 2
    structlog.get_logger().info(f"at 2026-11-24T09:00:00Z {sid}", stream=ID, position=123456)
    (line,) = lines(out)
    assert line["event"] == f"at 2026-11-24T09:00:00Z {sid}"
    assert (line["stream"], line["position"]) == (ID, 123456)


def test_a_traceback_shows_places_and_kinds_never_words(out: io.StringIO):
    def fail() -> None:
        try:
            {}[NUMBERS[0]]
        except KeyError as error:
            raise ValueError(BODY) from error

    for log in (structlog.get_logger(), logging.getLogger("asyncio")):
        try:
            fail()
        except ValueError:
            log.exception("failed")
    first, second = lines(out)
    for line in (first, second):
        said = str(line["exception"])
        assert said.startswith("ValueError at ")
        assert "KeyError" in said
        assert "test_logs.py" in said
    assert BODY not in out.getvalue()
    assert "5550123" not in out.getvalue()


def test_a_traceback_written_as_a_message_loses_its_words(out: io.StringIO):
    try:
        raise ValueError(BODY)  # noqa: TRY301
    except ValueError:
        logging.getLogger("uvicorn.error").error("Oh: " + traceback.format_exc())  # noqa: TRY400, G003
    assert BODY not in out.getvalue()
    assert "services/test_logs.py:" in str(lines(out)[0]["event"])


def test_an_uncaught_error_is_logged_without_its_words(out: io.StringIO):
    error = ValueError(BODY)
    sys.excepthook(ValueError, error, None)
    assert lines(out)[0]["event"] == "uncaught error"
    assert BODY not in out.getvalue()


@pytest.mark.parametrize(
    "name", ["twilio.http_client", "aiohttp.access", "uvicorn.access", "nats.aio", "httpx"]
)
def test_talkative_libraries_are_quiet(out: io.StringIO, name: str):
    logging.getLogger(name).info("POST /Messages To=+14155550123")
    assert out.getvalue() == ""


def test_control_characters_cannot_forge_a_line(out: io.StringIO):
    structlog.get_logger().info('x\n{"event": "forged"}', reason="a\r\nb")
    assert len(lines(out)) == 1
