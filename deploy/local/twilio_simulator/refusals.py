"""Twilio's refusals: the code, the HTTP status it comes with, and the JSON it is told in."""

from dataclasses import dataclass

from starlette.responses import JSONResponse

_STATUSES = {20003: 401, 20004: 405, 20009: 409, 20404: 404, 20429: 429, 20500: 500, 20503: 503}

_MESSAGES = {
    20001: "A parameter is not valid",
    20003: "Authenticate",
    20004: "Method not allowed",
    20009: "A message cannot be deleted before it is complete",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "The service is not available",
    21211: "The 'To' number is not a valid phone number",
    21212: "The 'From' number is not a valid phone number or sender",
    21266: "'To' and 'From' number cannot be the same",
    21408: "Permission to send to the region of the 'To' number has not been enabled",
    21602: "Message body is required",
    21603: "A 'From' number or a messaging service is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' number is not an SMS-capable number of this account",
    21609: "The status callback URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "Message cannot be sent with this combination of 'To' and 'From'",
    21614: "The 'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21701: "The messaging service does not exist",
    30409: "The message is in a state in which it cannot be canceled",
}


@dataclass
class Refused(Exception):
    """
    A request that Twilio would refuse, with its error code.

    `reason` and `status` replace the words and the HTTP status that belong to the code.
    """

    code: int
    reason: str | None = None
    status: int | None = None


def refusal(refused: Refused) -> JSONResponse:
    """Return the answer: Twilio's error JSON with the status that belongs to the code."""
    status = refused.status or _STATUSES.get(refused.code, 400)
    message = refused.reason or _MESSAGES.get(refused.code, "The request was refused")
    content = {
        "code": refused.code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
        "status": status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else None
    return JSONResponse(content, status, headers)
