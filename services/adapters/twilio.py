"""
Sending through Twilio: one POST an attempt, every outcome classified, nothing ever repeated.

`Messages.create` has no idempotency key, so a repeated POST is a second text.  The package's own
asynchronous HTTP client ignores its timeout and, asked for retries, repeats a POST after any
5xx; ours has a hard deadline and no retries, and knows whether a request had begun to leave.
"""

import base64
import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from services.adapters.deadline_http import DeadlineHttp, NoAnswer
from services.adapters.twilio_answers import TOO_MANY_REQUESTS, listed, refused, throttled
from services.runtime.ports import (
    CALLBACK_TRACE,
    Attempt,
    Listed,
    Outcome,
    SendAnswer,
    Unavailable,
)

API_URL = "https://api.twilio.com"
LONGEST_VALIDITY_S = 36_000
# A text scheduled earlier may stand in the list before younger ones.
LIST_MARGIN = timedelta(minutes=5)

NOT_FOUND, CONFLICT = 404, 409
UNFINISHED = 20009  # https://www.twilio.com/docs/api/errors/20009: not before it is complete
_EVER = datetime(2008, 1, 1, tzinfo=UTC)  # nothing at Twilio is older than Twilio

_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Whom texts come from: a number, a messaging service, or both.

    With a service Twilio chooses the number.  Raises `ValueError` where neither is given.
    """

    number: str | None = None
    service_sid: str | None = None

    def __post_init__(self) -> None:
        if not self.number and not self.service_sid:
            raise ValueError("a sender needs a phone number or a messaging service SID")


class Throttled(Exception):
    """HTTP 429, with its `Retry-After`."""

    def __init__(self, retry_after: str | None) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class OnceHttpClient(AsyncHttpClient):  # type: ignore[misc]
    """The package's HTTP client, replaced; `api_url` stands in for Twilio's own host."""

    def __init__(self, http: DeadlineHttp, api_url: str | None) -> None:
        super().__init__(logging.getLogger("twilio.async_http_client"), True)
        self._http = http
        self._host = api_url.rstrip("/") if api_url else None
        self._credentials: dict[tuple[str, str], str] = {}

    async def request(  # as the package calls it
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002
    ) -> Response:
        """Make one request.  Raises `Throttled` and `NoAnswer`; `timeout` has no effect."""
        del timeout, allow_redirects
        url = self._elsewhere(uri)
        if params:
            url += "?" + urlencode(params, doseq=True)
        body = urlencode(data, doseq=True).encode() if data else None
        complete = dict(headers or {})
        if auth is not None:
            complete["Authorization"] = self._basic(auth)
        answer = await self._http.request(method, url, complete, body)
        if answer.status == TOO_MANY_REQUESTS:
            raise Throttled(answer.headers.get("Retry-After"))
        return Response(answer.status, answer.text, answer.headers)

    def _elsewhere(self, uri: str) -> str:
        if self._host is None or not uri.startswith(API_URL):
            return uri
        return self._host + uri[len(API_URL) :]

    def _basic(self, auth: tuple[str, str]) -> str:
        if auth not in self._credentials:
            pair = base64.b64encode(":".join(auth).encode()).decode()
            self._credentials[auth] = f"Basic {pair}"
        return self._credentials[auth]


class TwilioSms:
    """
    The carrier, as `Sms` asks for it.

    `public_url` is where Twilio reaches the ingress: status callbacks go to
    `<public_url>/twilio/status/<attempt id>`, so that a report finds its attempt although the
    answer to the POST was lost.  Raises `ValueError` for an edge or region with `api_url`: the
    package would put them into the middle of a host name that is not Twilio's.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: Sender,
        public_url: str,
        *,
        api_url: str | None = None,
        deadline_s: float = 15.0,
        concurrency: int = 64,
        edge: str | None = None,
        region: str | None = None,
    ) -> None:
        _check(api_url, edge, region)
        for name in ("twilio.async_http_client", "twilio.http_client"):
            logging.getLogger(name).setLevel(logging.WARNING)  # at INFO it logs phone numbers
        self._http = DeadlineHttp(deadline_s, concurrency)
        client = Client(
            account_sid,
            auth_token,
            http_client=OnceHttpClient(self._http, api_url),
            edge=edge,
            region=region,
            environment={"TWILIO_ACCOUNT_SID": account_sid},  # not the process's own
        )
        self._messages: Any = client.messages
        self._sender = sender
        self._from = (
            {"messaging_service_sid": sender.service_sid}
            if sender.service_sid
            else {"from_": sender.number}
        )
        self._callback = f"{public_url.rstrip('/')}/twilio/status/"

    async def send(self, attempt: Attempt) -> SendAnswer:
        """Hand over one text once, within the deadline; never retries, never raises."""
        try:
            created = await self._messages.create_async(**self._fields(attempt))
        except NoAnswer as failure:
            outcome = Outcome.UNKNOWN if failure.begun else Outcome.NOT_SENT
            return SendAnswer(outcome, reason=failure.reason)
        except Throttled as refusal:
            return throttled(refusal.retry_after)
        except (TwilioRestException, TwilioServiceException) as refusal:
            return refused(int(refusal.status), refusal.code)
        except UnicodeEncodeError:
            return SendAnswer(Outcome.REJECTED, reason="text cannot be encoded")
        except Exception as error:
            return SendAnswer(Outcome.UNKNOWN, reason=f"unreadable answer: {type(error).__name__}")
        if not isinstance(created.sid, str) or not _SID.fullmatch(created.sid):
            return SendAnswer(Outcome.UNKNOWN, reason="answer without a SID")
        return SendAnswer(Outcome.ACCEPTED, created.sid)

    async def listed(self, to: str, since: datetime) -> Sequence[Listed]:
        """
        Return the texts the API was asked to send to a number since then, newest first.

        Never filtered by the date sent: a queued text has none and would hide.  Raises
        `Unavailable`.
        """
        filters: dict[str, Any] = {"to": to, "page_size": 100}
        if not self._sender.service_sid:
            filters["from_"] = self._sender.number
        found = [message async for message in self._since(since, filters)]
        return [message for message, _ in found if message.direction == "outbound-api"]

    async def received(self, since: datetime) -> Sequence[Listed]:
        """
        Return the texts people sent to our number or service since then, newest first.

        Raises `Unavailable`.
        """
        filters: dict[str, Any] = {"page_size": 1000}
        if not self._sender.service_sid:
            filters["to"] = self._sender.number
        found = [message async for message in self._since(since, filters)]
        return [message for message, service in found if self._for_us(message, service)]

    async def exchanged(self, number: str) -> Sequence[Listed]:
        """
        Return every text between us and a number that Twilio still has, either way.

        Raises `Unavailable`.
        """
        ours = self._sender.number
        texts: list[Listed] = []
        ways: tuple[tuple[str, str], ...] = (("to", "from_"), ("from_", "to"))
        for theirs, our_end in ways:
            filters: dict[str, Any] = {theirs: number, "page_size": 1000}
            if not self._sender.service_sid:
                filters[our_end] = ours
            found = [each async for each in self._since(_EVER, filters)]
            texts += [message for message, service in found if self._between_us(message, service)]
        return texts

    async def delete(self, sid: str) -> bool:
        """Delete Twilio's copy of a text; False while it is on its way.  Raises `Unavailable`."""
        try:
            await self._messages(sid).delete_async()
        except TwilioRestException as error:
            if error.status == NOT_FOUND:
                return True
            if error.status == CONFLICT or error.code == UNFINISHED:
                return False
            raise Unavailable(f"Twilio answered {error.status}") from None
        except Exception as error:
            raise Unavailable(f"Twilio: {type(error).__name__}") from None
        return True

    async def fetch(self, sid: str) -> Listed | None:
        """Return one message by SID, or None if Twilio does not know it.  Raises `Unavailable`."""
        try:
            return listed(await self._messages(sid).fetch_async())
        except TwilioRestException as error:
            if error.status == NOT_FOUND:
                return None
            raise Unavailable(f"Twilio answered {error.status}") from None
        except Exception as error:
            raise Unavailable(f"Twilio: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _fields(self, attempt: Attempt) -> dict[str, Any]:
        fields = {
            "to": attempt.to,
            "body": attempt.text,
            "status_callback": self._callback + attempt.attempt_id + _trace_of(attempt),
            **self._from,
        }
        if attempt.valid_for_s is None:
            return fields
        return fields | {"validity_period": min(max(attempt.valid_for_s, 1), LONGEST_VALIDITY_S)}

    def _for_us(self, message: Listed, service_sid: str | None) -> bool:
        ours = self._sender
        to_us = message.to == ours.number or (
            service_sid is not None and service_sid == ours.service_sid
        )
        return message.direction == "inbound" and to_us

    def _between_us(self, message: Listed, service_sid: str | None) -> bool:
        """Say whether we are one end of a text: an account may serve others as well."""
        ours = self._sender
        by_number = ours.number is not None and ours.number in (message.to, message.sender)
        return by_number or (service_sid is not None and service_sid == ours.service_sid)

    async def _since(
        self, since: datetime, filters: Mapping[str, Any]
    ) -> AsyncIterator[tuple[Listed, str | None]]:
        """Read the list, newest first, down to what is older; with each message its service."""
        oldest = since.replace(microsecond=0)  # Twilio's dates are whole seconds
        try:
            page = await self._messages.page_async(**filters)
            while page is not None:
                messages = [(listed(entry), entry.messaging_service_sid) for entry in page]
                for message, service in messages:
                    if message.created_at >= oldest:
                        yield message, service
                if messages and messages[-1][0].created_at < oldest - LIST_MARGIN:
                    return
                page = await page.next_page_async()
        except Exception as error:
            raise Unavailable(f"Twilio's list: {type(error).__name__}") from None


def _check(api_url: str | None, edge: str | None, region: str | None) -> None:
    if api_url is None:
        return
    if edge or region:
        raise ValueError("an edge or a region cannot be combined with another API URL")
    if urlsplit(api_url).scheme not in ("http", "https"):
        raise ValueError("the API URL must begin with http:// or https://")


def _trace_of(attempt: Attempt) -> str:
    return f"?{CALLBACK_TRACE}={attempt.trace}" if attempt.trace is not None else ""
