"""Lists of messages: Twilio's filters and pages."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from deploy.local.twilio_simulator.account import API_VERSION, SimulatorConfig
from deploy.local.twilio_simulator.messages import Message, resource
from deploy.local.twilio_simulator.refusals import Refused
from deploy.local.twilio_simulator.store import MessageStore

Test = Callable[[Message], bool]

_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")
_DEFAULT_SIZE = 50
_LARGEST_SIZE = 1000
_BAD_PARAMETER = 20001


@dataclass(frozen=True, slots=True)
class _Window:
    """Which page: its number, its size, and the serial before which it begins, if any."""

    number: int
    size: int
    before: int | None


def page(
    config: SimulatorConfig, store: MessageStore, query: QueryParams, now: datetime
) -> dict[str, object]:
    """
    Return one page of the account's messages, newest first, in Twilio's JSON shape.

    Filters: `To`, `From`, `DateSent`, `DateSent<`, `DateSent>`.  The last two include the moment
    (or, given a date, the day) itself; a text without a date_sent yet passes no date filter.
    `next_page_uri` carries a token, so a page stays where it was while new messages arrive.
    Raises `Refused` (20001) for values that cannot be read.
    """
    window = _window(query)
    tests = [*_tests(query), _created_by(now - timedelta(seconds=config.list_lag_s))]
    found = _matching(_newest_first(config, store, query, window), tests)
    skipped = 0 if window.before is not None else window.number * window.size
    chosen = list(islice(found, skipped, skipped + window.size + 1))
    shown = chosen[: window.size]
    more = len(chosen) > window.size
    start = window.number * window.size
    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": _uri(config, query, window.size, 0, None),
        "next_page_uri": (
            _uri(config, query, window.size, window.number + 1, shown[-1].serial) if more else None
        ),
        "page": window.number,
        "page_size": window.size,
        "previous_page_uri": (
            _uri(config, query, window.size, window.number - 1, None) if window.number else None
        ),
        "messages": [resource(message, config.account_sid) for message in shown],
        "start": start,
        "uri": _uri(config, query, window.size, window.number, window.before),
    }


def _window(query: QueryParams) -> _Window:
    size = _whole(query, "PageSize", _DEFAULT_SIZE)
    token = query.get("PageToken")
    before: int | None = None
    if token:
        if not token.startswith("PA") or not token[2:].isdecimal():
            raise Refused(_BAD_PARAMETER, "PageToken is not one of ours")
        before = int(token[2:])
    return _Window(_whole(query, "Page", 0), min(max(size, 1), _LARGEST_SIZE), before)


def _whole(query: QueryParams, name: str, default: int) -> int:
    value = query.get(name)
    if not value:
        return default
    if not (value.isascii() and value.isdecimal()):
        raise Refused(_BAD_PARAMETER, f"{name} must be a whole number")
    return int(value)


def _newest_first(
    config: SimulatorConfig, store: MessageStore, query: QueryParams, window: _Window
) -> Iterator[Message]:
    phones = [
        number for name in ("To", "From") if (number := query.get(name)) not in config.numbers
    ]
    phone = next((number for number in phones if number), None)
    messages = store.thread(phone) if phone else store.in_order()
    end = len(messages)
    if window.before is not None:
        end = bisect_left(messages, window.before, key=lambda message: message.serial)
    return (messages[index] for index in range(end - 1, -1, -1))


def _matching(messages: Iterator[Message], tests: Sequence[Test]) -> Iterator[Message]:
    return (message for message in messages if all(test(message) for test in tests))


def _tests(query: QueryParams) -> Iterator[Test]:
    if to := query.get("To"):
        yield lambda message: to == (message.ours if message.inbound else message.phone)
    if sender := query.get("From"):
        yield lambda message: sender == (message.phone if message.inbound else message.ours)
    if on := query.get("DateSent"):
        day = _moment("DateSent", on)[0].date()
        yield lambda message: message.sent is not None and message.sent.date() == day
    if before := query.get("DateSent<"):
        _, last = _moment("DateSent<", before)
        yield lambda message: message.sent is not None and message.sent <= last
    if after := query.get("DateSent>"):
        first, _ = _moment("DateSent>", after)
        yield lambda message: message.sent is not None and message.sent >= first


def _created_by(youngest: datetime) -> Test:
    return lambda message: message.created <= youngest


def _moment(name: str, value: str) -> tuple[datetime, datetime]:
    """Return the first and last moment a date, or a time to the second, stands for."""
    try:
        if len(value) == len("2026-01-31"):
            first = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
            return first, first + timedelta(days=1, microseconds=-1)
        first = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(_BAD_PARAMETER, f"{name} must be a date or a time in ISO 8601") from error
    first = first.astimezone(UTC) if first.tzinfo else first.replace(tzinfo=UTC)
    return first, first + timedelta(seconds=1, microseconds=-1)


def _uri(
    config: SimulatorConfig, query: QueryParams, size: int, number: int, before: int | None
) -> str:
    parameters = {name: query[name] for name in _FILTERS if name in query}
    parameters |= {"PageSize": str(size), "Page": str(number)}
    if before is not None:
        parameters["PageToken"] = f"PA{before:032d}"
    path = f"/{API_VERSION}/Accounts/{config.account_sid}/Messages.json"
    return f"{path}?{urlencode(parameters)}"
