"""The simulated Twilio account: who it is, where it calls, what it charges."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urldefrag

from deploy.local.twilio_simulator.posting import target_of

E164 = re.compile(r"\+[1-9]\d{6,14}")
API_VERSION = "2010-04-01"

_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
_SERVICE_SID = re.compile(r"MG[0-9a-f]{32}")
_SHORTEST_TOKEN = 32


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How long the network takes, in seconds of the simulator's (woundable) clock.

    `sent_s` from acceptance to `sent`, `delivered_s` from there to the last status, `priced_s`
    from there to the price.  Zeros mean: at once, in that order.
    """

    sent_s: float = 0.25
    delivered_s: float = 0.75
    priced_s: float = 3.0


INSTANT = Pace(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """
    Everything the simulator is told at its start.

    `numbers` are the account's own, in E.164; the first is the default sender and the one that
    phones text.  `inbound_url` is the public URL of the service's inbound webhook, signed as it
    stands; Twilio's connection overrides may follow as a fragment (`#rc=3&rp=all`).
    `opt_out_owner`: `provider` answers STOP, START and HELP like Twilio's default filter and
    refuses blocked numbers with 21610; `service` leaves all that to the service.
    `price_microdollars` is charged for each segment, in and out.  `carrier_delay_ms` is how long
    each create takes before it is accepted.  `list_lag_s` hides younger messages from lists, as
    Twilio's own index may.  Raises `ValueError` for settings that cannot work.
    """

    account_sid: str
    auth_token: str
    numbers: tuple[str, ...]
    inbound_url: str
    state_dir: Path
    clock_path: Path
    opt_out_owner: Literal["provider", "service"] = "provider"
    messaging_service_sid: str | None = None
    price_microdollars: int = 8_300
    pace: Pace = Pace()
    carrier_delay_ms: int = 0
    list_lag_s: float = 0.0

    def __post_init__(self) -> None:
        if not _ACCOUNT_SID.fullmatch(self.account_sid):
            raise ValueError("account_sid must be AC and 32 lower-case hexadecimal digits")
        if len(self.auth_token) < _SHORTEST_TOKEN:
            raise ValueError(f"auth_token must have at least {_SHORTEST_TOKEN} characters")
        if not self.numbers or not all(E164.fullmatch(number) for number in self.numbers):
            raise ValueError("numbers must be one or more E.164 numbers, such as +14155550100")
        target_of(urldefrag(self.inbound_url).url)
        service = self.messaging_service_sid
        if service is not None and not _SERVICE_SID.fullmatch(service):
            raise ValueError("messaging_service_sid must be MG and 32 lower-case hex digits")
