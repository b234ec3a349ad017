"""Logs: one line a happening on stdout, known keys only, no number, token or person's word."""

import hashlib
import hmac
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "process", "pid", "exception", "dropped",
        "fact", "facts", "stream", "version", "position", "cause", "correlation", "traceparent",
        "subject", "consumer", "durable", "sequence", "deliveries", "outcome", "reason", "why",
        "after_s", "duration_ms", "age_s", "lag", "count", "attempt_id", "conversation_id",
        "person_id", "escalation_id", "package_id", "turn_id", "case_id", "sid", "code", "status",
        "kind", "gate", "priority", "mode", "flag", "flags", "rule", "rules", "model",
        "model_asked", "model_answered", "tokens", "cost_microdollars", "segments", "encoding",
        "length", "method", "route", "host", "port", "url", "setting", "projection", "epoch",
        "signal", "exit_code", "backoff_s", "error", "name", "drift", "reasons", "amount_cents",
    }
)  # fmt: skip
"""What a line may say; other keys are dropped, and the names of the dropped are logged."""

QUIET = (
    "twilio", "aiohttp", "uvicorn", "uvicorn.error", "uvicorn.access", "nats", "faststream",
    "httpx", "httpcore",
)  # fmt: skip

# Our own ids are left alone; 7 digits and more are not, however written: +1 (415) 555-0100.
_ID_OR_NUMBER = re.compile(
    r"(?P<id>(?<![0-9A-Za-z])(?:[A-Z]{2}|0x)?(?=[0-9]*[a-f])[0-9a-f]{24,64}(?![0-9A-Za-z])"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    r"|(?P<number>(?<!\d)\+?\(?\d(?:[\s().\u2010-\u2015-]{0,2}\d){6,17}(?!\d))"
)
_ACCOUNT = re.compile(r"\b(AC|SK)[0-9a-fA-F]{32}\b")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+")
_USERINFO = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/@\s]+@")
_NAMED = re.compile(
    r"(?i)((?:token|password|passwd|secret|pepper|master_key|api_key|authorization)"
    r"[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]+"
)
# Names of contracts, processes, outcomes, and our own ids behind the kind of thing they name: most
# of what is logged, and nothing that the patterns above could find anything in.
_PLAIN = re.compile(
    r"[A-Za-z_.-]{0,60}(?:\.v\d(?:\.urgent)?)?"
    r"|(?:conversation|person|followup|safety|linkcode)-(?=[0-9]*[a-f])[0-9a-f]{32}(?:/\d{1,6})?"
    r"|(?:sms\.(?:inbound|status):)?[SM]M(?=[0-9]*[a-f])[0-9a-f]{32}"
)
_TIMES = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d)?")
_LONGEST = 8_000
_TRACE = "Traceback (most recent call last)"
_FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]*/[^"/]*)", line (\d+), in (\S+)')


@dataclass(slots=True)
class _Hidden:
    salt: bytes = b"parley"
    secrets: tuple[str, ...] = ()


_hidden = _Hidden()


def configure(
    process: str,
    level: str = "info",
    *,
    salt: bytes = b"parley",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """
    Log to stdout: JSON, or for a person if it is a terminal; other libraries' loggers as well.

    `salt` makes the marks that stand for phone numbers: the same number, the same mark.
    `secrets` never appear, wherever they come from.
    """
    out = stream or sys.stdout
    _hidden.salt, _hidden.secrets = salt, tuple(filter(None, secrets))
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _written_exception,
    ]
    final: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _process_named(process),
        allow_and_redact,
        structlog.dev.ConsoleRenderer() if out.isatty() else structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared], processors=final
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_number(level))
    for name in QUIET:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.ERROR if name == "nats" else logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
    sys.excepthook = _log_uncaught


def allow_and_redact(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Keep the known keys, with what looks like a number or a secret taken out of the values."""
    kept: EventDict = {key: _clean(key, value) for key, value in line.items() if key in KEYS}
    dropped = sorted(str(key) for key in line if key not in KEYS and not str(key).startswith("_"))
    if dropped:
        kept["dropped"] = [redacted(name) for name in dropped]
    return kept


def redacted(text: str) -> str:
    """Return the text with phone numbers marked and account ids, tokens and passwords removed."""
    if _PLAIN.fullmatch(text):
        return text
    if _TRACE in text:
        text = _frames_only(text)
    for secret in _hidden.secrets:
        text = text.replace(secret, "***")
    text = _USERINFO.sub(r"\1***@", text)
    text = _BEARER.sub(r"\1 ***", text)
    text = _NAMED.sub(r"\1***", text)
    text = _ACCOUNT.sub(r"\1***", text)
    return _ID_OR_NUMBER.sub(_marked, text)


def _frames_only(text: str) -> str:
    """Return where a written traceback leads, without the errors' own words."""
    said = text.partition(_TRACE)[0]
    places = [f"{place[1]}:{place[2]} {place[3]}" for place in _FRAME.finditer(text)]
    return f"{said}traceback {' > '.join(places[-12:])}"


def _marked(found: re.Match[str]) -> str:
    text = found[0]
    if found["id"] is not None or _TIMES.fullmatch(text.strip()):
        return text
    digits = re.sub(r"\D", "", text)
    mark = hmac.new(_hidden.salt, digits.encode(), hashlib.sha256).hexdigest()[:8]
    return f"***{digits[-2:]}#{mark}"


def _clean(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        big = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**9
        return redacted(str(value)) if big else value
    if key in {"timestamp", "level"}:
        return value
    if isinstance(value, dict):
        return {redacted(str(name)): _clean("", item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    return redacted(str(value))[:_LONGEST]


def _process_named(process: str) -> Processor:
    def add(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        line.setdefault("process", process)
        return line

    return add


def _written_exception(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """
    Turn `exc_info` into where it happened: kinds of errors and lines of code.

    An error's own words may quote a text or a number (a validation error does): they stay out.
    """
    given = line.pop("exc_info", None)
    record = line.get("_record")
    if record is not None:
        given = given or record.exc_info
        record.exc_info, record.exc_text, record.stack_info = None, None, None
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["exception"] = " <- ".join(_told(error))
    return line


def _told(error: BaseException) -> Iterable[str]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield f"{type(current).__name__} at {_places(current.__traceback__)}"
        if isinstance(current, BaseExceptionGroup):
            for inner in current.exceptions:
                yield f"[{', '.join(_told(inner))}]"
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return " > ".join(
        f"{'/'.join(frame.filename.rsplit('/', 2)[-2:])}:{frame.lineno} {frame.name}"
        for frame in frames[-12:]
    )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    del kind, trace
    if isinstance(error, KeyboardInterrupt):
        return
    structlog.get_logger().error("uncaught error", exc_info=error)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
