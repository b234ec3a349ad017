"""Every setting, in one typed class: the only reader of the environment."""

import base64
import binascii
import difflib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from domain.access import is_grant
from domain.policy import End, OptOutOwner, Policy, QuietHours, Strangers
from domain.spending.prices import Price
from domain.turn.keywords import STOP_WORDS
from services.adapters.keys import KEY_BYTES, Secrets

PREFIX = "PARLEY_"
SHORTEST_TOKEN = 32

_FILE = "_FILE"
_BEHIND_FILE = frozenset(
    {"database_url", "nats_url", "nats_nkey_seed", "twilio_auth_tokens", "pepper", "master_key"}
    | {"twilio_shared_keys", "google_api_key", "openai_api_key", "anthropic_api_key"}
)
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_SHARED_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}=\S{32,}")
_PLACE = re.compile(r"[a-z0-9-]{1,40}")
_HOURS = re.compile(r"(?:(sunday)\s+)?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_COUNTRY_PRICE = re.compile(r"([A-Z]{2})\s*=\s*(\d{1,8})(?:\s*/\s*(\d{1,8}))?")
_CARRIER = ("ingress", "sender", "scheduler")
_HELPING = ("policy_gate",)
_NO_TOKENS = (
    "PARLEY_TWILIO_AUTH_TOKENS is not set: nobody could tell Twilio's webhooks from forged ones."
)
_NO_SENDER = (
    "Set PARLEY_TWILIO_PHONE_NUMBER or PARLEY_TWILIO_MESSAGING_SERVICE_SID:"
    " there is nothing to send texts from."
)

_NO_SUPPORT = (
    "PARLEY_SUPPORT_CONTACT is not set: who texts HELP must be told how to reach you,"
    " by telephone, mail or a web page (at most 60 characters)."
)


class SettingsRefused(Exception):
    """The settings cannot be worked with: one whole sentence a line, without any secret."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


def _pieces(given: object) -> object:
    if isinstance(given, str):
        return tuple(piece.strip() for piece in given.split(",") if piece.strip())
    return given


def _ends(given: object) -> object:
    """Read `words, thanks, judgement`, some of them, or `silence` for none: it always ends."""
    if not isinstance(given, str):
        return given
    pieces = {piece.strip() for piece in given.split(",") if piece.strip()}
    if not pieces or pieces - {*get_args(End), "silence"}:
        raise ValueError(f"must be some of {', '.join(get_args(End))}, or silence")
    return frozenset(pieces - {"silence"})


def _quiet_hours(given: object) -> object:
    """Read `20:00-09:00, sunday 20:00-12:00`: when the agent begins nothing, over midnight."""
    if not isinstance(given, str):
        return given
    if given.strip().lower() == "off":
        return QuietHours(time.min, time.max, time.min, time.max)
    days: dict[str, tuple[time, time]] = {}
    for piece in given.lower().split(","):
        found = _HOURS.fullmatch(piece.strip())
        if found is None:
            raise ValueError("must look like 20:00-09:00 or 20:00-09:00, sunday 20:00-12:00")
        begins, ends = (time(int(found[n]), int(found[n + 1])) for n in (2, 4))
        if begins <= ends:
            raise ValueError("are the hours in which the agent is silent: they span midnight")
        days[found[1] or ""] = (ends, begins)
    if "" not in days:
        raise ValueError("must name the hours of an ordinary day first, such as 20:00-09:00")
    return QuietHours(*days[""], *days.get("sunday", days[""]))


def _prices(given: object) -> object:
    """Read `GB=52000/7500, MX=41000`: micro-dollars a segment out and, if it differs, in."""
    if not isinstance(given, str):
        return given
    prices: dict[str, Price] = {}
    for piece in filter(None, (each.strip() for each in given.split(","))):
        found = _COUNTRY_PRICE.fullmatch(piece)
        if found is None:
            raise ValueError("must look like GB=52000/7500 or GB=52000, in micro-dollars")
        outbound = int(found[2])
        prices[found[1]] = Price(outbound, int(found[3] or outbound))
    return prices


def _roles(given: object) -> object:
    """Read `grace@example.org=reviewer+operator, *=developer`: who is what, * for all others."""
    if not isinstance(given, str):
        return given
    found: dict[str, tuple[str, ...]] = {}
    for piece in filter(None, (each.strip() for each in given.split(","))):
        name, equals, roles = piece.rpartition("=")
        grants = tuple(one.strip() for one in roles.split("+"))
        if not equals or not name.strip() or not all(map(is_grant, grants)):
            raise ValueError("must look like grace@example.org=reviewer+operator, *=developer")
        found[name.strip()] = grants
    return found


def _matching(pattern: re.Pattern[str], shape: str) -> AfterValidator:
    def check(given: str) -> str:
        if given and not pattern.fullmatch(given):
            raise ValueError(f"must be {shape}")
        return given

    return AfterValidator(check)


def _address(*schemes: str) -> AfterValidator:
    def check(given: str) -> str:
        parts = urlsplit(given)
        if given and (
            parts.scheme not in schemes
            or not (parts.netloc or parts.query or parts.scheme == "file")
        ):
            raise ValueError(f"must be an address that begins with {schemes[0]}://")
        return given.rstrip("/")

    return AfterValidator(check)


def _named_keys(given: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not all(_SHARED_KEY.fullmatch(one.get_secret_value()) for one in given):
        raise ValueError(f"must be id=secret, the secret of at least {SHORTEST_TOKEN} characters")
    return given


def _networks(given: tuple[str, ...]) -> tuple[str, ...]:
    for one in given:
        try:
            ip_network(one)
        except ValueError:
            raise ValueError("must be addresses or networks, such as 10.0.0.0/24") from None
    return given


Tokens = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_pieces)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Place = Annotated[str, _matching(_PLACE, "a name such as dublin or ie1")]


class Settings(BaseSettings):
    """
    What an operator decided.

    A secret `NAME` may also be the content of the file that `NAME_FILE` names.  What a process
    cannot do without is asked by `missing`; what is dangerous is refused for all.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    # Where things are
    database_url: Annotated[str, Field(repr=False), _address("postgresql", "postgres")] = ""
    nats_url: Annotated[str, Field(repr=False), _address("nats", "tls")] = ""
    nats_nkey_seed: SecretStr | None = None
    nats_replicas: Annotated[int, Field(ge=1, le=5)] = 1
    public_url: Annotated[str, _address("https", "http")] = ""
    state_dir: Path = Path(".parley")
    erasure_ledger: Path | None = None

    # The carrier
    twilio_account_sid: Annotated[str, _matching(_ACCOUNT, "AC and 32 digits")] = ""
    twilio_auth_tokens: Tokens = ()
    twilio_shared_keys: Annotated[Tokens, AfterValidator(_named_keys)] = ()
    twilio_phone_number: Annotated[str, _matching(_E164, "like +14155550100")] = ""
    twilio_messaging_service_sid: Annotated[str, _matching(_SERVICE, "MG and 32 digits")] = ""
    twilio_api_url: Annotated[str, _address("https", "http")] = ""
    twilio_edge: Place = ""
    twilio_region: Place = ""
    price_microdollars: Annotated[int, Field(gt=0, le=10_000_000)] = 8_300
    prices: Annotated[dict[str, Price], NoDecode, BeforeValidator(_prices)] = Field(
        default_factory=dict[str, Price]
    )
    price_after_seconds: Annotated[float, Field(gt=0, le=86_400)] = 3_600.0
    segments_per_second: Annotated[float, Field(gt=0, le=100_000)] = 400.0
    attempt_deadline_seconds: Annotated[float, Field(gt=0, le=60)] = 15.0
    reconcile_seconds: Seconds = 120.0

    # The model
    model: str = "offline"
    model_fallback: str = ""
    judge: str = ""
    judge_seconds: Annotated[float, Field(gt=0, le=30)] = 4.0
    google_api_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None
    anthropic_api_key: SecretStr | None = None

    # What is allowed
    monthly_budget_cents: Annotated[int, Field(ge=0, le=100_000_000)] = 10_000
    rate_limit_per_hour: Annotated[int, Field(ge=1, le=400)] = 60
    escalations_per_person_hour: Annotated[int, Field(ge=1, le=400)] = 20
    escalations_per_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    escalations_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 60
    farewell_minutes: Annotated[float, Field(gt=0, le=1_440)] = 5.0
    offer_again_minutes: Annotated[float, Field(gt=0, le=1_440)] = 10.0
    ends: Annotated[frozenset[End], NoDecode, BeforeValidator(_ends)] = Policy().ends
    idle_minutes: Annotated[float, Field(gt=0, le=10_080)] = 30.0
    coalesce_seconds: Annotated[float, Field(ge=0, le=60)] = 4.0
    coalesce_max_seconds: Annotated[float, Field(ge=0, le=300)] = 15.0
    quiet_hours: Annotated[QuietHours, NoDecode, BeforeValidator(_quiet_hours)] = QuietHours()
    opt_out_owner: OptOutOwner = "provider"
    strangers: Strangers = "signup"
    signup_url: Annotated[str, _address("https", "http")] = ""
    support_contact: Annotated[str, Field(max_length=60)] = ""
    privacy_url: Annotated[str, _address("https", "http")] = ""
    terms_url: Annotated[str, _address("https", "http")] = ""
    signup_countries: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_pieces)] = ("US", "CA")

    # Secrets of our own
    pepper: SecretStr | None = None
    master_key: SecretStr | None = None

    # Running
    ack_wait_seconds: Annotated[float, Field(ge=1, le=3_600)] = 30.0
    drain_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    ingress_host: str = "127.0.0.1"
    ingress_port: Port = 8080
    trusted_proxies: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_pieces), AfterValidator(_networks)
    ] = ("127.0.0.1", "::1")
    console_host: str = "127.0.0.1"
    console_port: Port = 8081
    console_url: Annotated[str, _address("https", "http")] = ""
    console_idle_minutes: Annotated[float, Field(gt=0, le=1_440)] = 60.0
    console_session_hours: Annotated[float, Field(gt=0, le=168)] = 12.0
    console_sso_header: Annotated[str, _matching(_HEADER, "a header's name")] = ""
    console_sso_proxies: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_pieces), AfterValidator(_networks)
    ] = ()
    console_sso_roles: Annotated[dict[str, tuple[str, ...]], NoDecode, BeforeValidator(_roles)] = (
        Field(default_factory=dict[str, tuple[str, ...]])
    )
    health_host: str = "127.0.0.1"
    health_port: Port = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: Annotated[str, _address("https", "http", "file")] = ""
    trace_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    simulator_port: Port = 8300
    simulator_pace: Literal["natural", "instant"] = "natural"
    simulator_delay_ms: Annotated[int, Field(ge=0, le=60_000)] = 0
    clock_file: Path | None = None
    failpoints: Path | None = None

    @model_validator(mode="after")
    def _refuse_danger(self) -> Self:
        dangers = list(_dangers(self))
        if dangers:
            raise ValueError("\n".join(dangers))
        return self

    def policy(self) -> Policy:
        """Return what decisions depend on."""
        return Policy(
            opt_out_owner=self.opt_out_owner,
            strangers=self.strangers,
            signup_url=self.signup_url or (f"{self.public_url}/signup" if self.public_url else ""),
            support=self.support_contact,
            coalesce_s=self.coalesce_seconds,
            coalesce_most_s=self.coalesce_max_seconds,
            idle_minutes=self.idle_minutes,
            farewell_minutes=self.farewell_minutes,
            offer_again=timedelta(minutes=self.offer_again_minutes),
            ends=self.ends,
            rate_limit_per_hour=self.rate_limit_per_hour,
            escalations_per_person_hour=self.escalations_per_person_hour,
            escalations_per_hour=self.escalations_per_hour,
            escalations_per_minute=self.escalations_per_minute,
            quiet_hours=self.quiet_hours,
            price_microdollars=self.price_microdollars,
            prices=self.prices,
            budget_microdollars=self.monthly_budget_cents * 10_000,
            reconcile_s=self.reconcile_seconds,
            attempt_deadline_s=self.attempt_deadline_seconds,
        )

    def secrets(self) -> Secrets:
        """Return what ids and keys are made with.  Raises `SettingsRefused` without them."""
        if self.pepper is None or self.master_key is None:
            raise SettingsRefused(self._unset("pepper", "master_key"))
        pepper = self.pepper.get_secret_value().encode()
        return Secrets(_key_bytes(self.master_key), pepper)

    def salt(self) -> bytes:
        """Return what the marks of phone numbers in logs are made with."""
        pepper = self.pepper.get_secret_value() if self.pepper is not None else ""
        return sha256(f"logs of {pepper}".encode()).digest()

    def confidential(self) -> tuple[str, ...]:
        """Return every secret's own words, so that logs can leave them out."""
        models = (self.google_api_key, self.openai_api_key, self.anthropic_api_key)
        keys = (self.pepper, self.master_key, self.nats_nkey_seed, *models)
        words = [key.get_secret_value() for key in keys if key is not None]
        passwords = (urlsplit(url).password for url in (self.database_url, self.nats_url))
        shared = self.shared_keys().values()
        return (*self.auth_tokens(), *shared, *words, *filter(None, passwords))

    def auth_tokens(self) -> tuple[str, ...]:
        """Return the carrier's tokens: the first sends, all are good for signatures."""
        return tuple(token.get_secret_value() for token in self.twilio_auth_tokens)

    def shared_keys(self) -> dict[str, str]:
        """Return the carrier's keys for webhooks alone, by id."""
        pairs = (one.get_secret_value().partition("=") for one in self.twilio_shared_keys)
        return {key: secret for key, _, secret in pairs}

    def missing(self, process: str) -> tuple[str, ...]:
        """Return a sentence for each setting that the process cannot do without."""
        found = self._unset("database_url", "nats_url", "pepper", "master_key")
        # Nobody texts HELP to a simulator who would need an answer.
        if process in _HELPING and not self.support_contact and not self.simulated:
            found += (_NO_SUPPORT,)
        if process not in _CARRIER:
            return found
        found += self._unset("public_url", "twilio_account_sid")
        if not self.twilio_auth_tokens:
            found += (_NO_TOKENS,)
        if not self.twilio_phone_number and not self.twilio_messaging_service_sid:
            found += (_NO_SENDER,)
        return found

    @property
    def simulated(self) -> bool:
        """Whether the carrier is a simulator on this machine."""
        return bool(self.twilio_api_url) and is_loopback(self.twilio_api_url)

    def _unset(self, *names: str) -> tuple[str, ...]:
        return tuple(
            f"{PREFIX}{name.upper()} is not set." for name in names if not getattr(self, name)
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what `read_settings` hands over: it alone reads the environment."""
        del cls, settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of an environment, by default our own; raises `SettingsRefused`."""
    given = os.environ if environment is None else environment
    values, refused = _named_values(given)
    if refused:
        raise SettingsRefused(refused)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsRefused(_sentences(error)) from None


def given_settings() -> dict[str, str]:
    """Return our environment's own settings, by their full names: for a child's environment."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}


def is_loopback(url: str) -> bool:
    """Say whether an address is of this machine alone."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _named_values(given: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    refused: list[str] = []
    for variable in sorted(name for name in given if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower()
        secret = name.removesuffix(_FILE.lower())
        if name in Settings.model_fields:
            values[name] = given[variable]
        elif secret != name and secret in _BEHIND_FILE:
            if variable.removesuffix(_FILE) in given:
                refused.append(f"{variable} and {variable.removesuffix(_FILE)} are both set.")
                continue
            try:
                values[secret] = Path(given[variable]).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not text"
                refused.append(f"{variable} names a file that cannot be read: {why}.")
        else:
            refused.append(f"{variable} is not a setting of Parley.{_nearest(variable)}")
    return values, refused


def _nearest(variable: str) -> str:
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    names += [PREFIX + name.upper() + _FILE for name in sorted(_BEHIND_FILE)]
    found = difflib.get_close_matches(variable, names, n=1, cutoff=0.0)
    return f" Did you mean {found[0]}?" if found else ""


def _sentences(error: ValidationError) -> list[str]:
    found: list[str] = []
    for one in error.errors(include_url=False, include_input=False):
        message = one["msg"].removeprefix("Value error, ")
        if not one["loc"]:
            found += message.split("\n")
            continue
        name = f"{PREFIX}{str(one['loc'][0]).upper()}"
        found.append(f"{name} {message[:1].lower()}{message[1:].rstrip('.')}.")
    return found


def _dangers(settings: Settings) -> Iterable[str]:
    public = settings.public_url
    if public.startswith("http:") and not is_loopback(public):
        yield (
            "PARLEY_PUBLIC_URL is http: texts and phone numbers would travel in the clear."
            " Use https."
        )
    if settings.twilio_api_url.startswith("http:") and not is_loopback(settings.twilio_api_url):
        yield "PARLEY_TWILIO_API_URL is http: the auth token would travel in the clear. Use https."
    for token in settings.twilio_auth_tokens:
        if len(token.get_secret_value()) < SHORTEST_TOKEN:
            yield (
                f"PARLEY_TWILIO_AUTH_TOKENS holds one shorter than {SHORTEST_TOKEN} characters:"
                " webhooks signed with it could be forged."
            )
            break
    if settings.twilio_api_url and (settings.twilio_edge or settings.twilio_region):
        yield (
            "PARLEY_TWILIO_EDGE and PARLEY_TWILIO_REGION choose a host of Twilio's own: they"
            " cannot go together with PARLEY_TWILIO_API_URL."
        )
    if settings.coalesce_max_seconds < settings.coalesce_seconds:
        yield "PARLEY_COALESCE_MAX_SECONDS must not be less than PARLEY_COALESCE_SECONDS."
    yield from _weak_secrets(settings)
    yield from _open_doors(settings)
    yield from _test_tools(settings)
    if not STOP_WORDS:
        yield "There are no opt-out words: nobody could stop the texts."


def _weak_secrets(settings: Settings) -> Iterable[str]:
    if settings.pepper is not None and len(settings.pepper.get_secret_value()) < SHORTEST_TOKEN:
        yield (
            f"PARLEY_PEPPER is shorter than {SHORTEST_TOKEN} characters: phone numbers could be"
            " guessed from their ids."
        )
    if settings.master_key is None:
        return
    try:
        _key_bytes(settings.master_key)
    except ValueError:
        yield f"PARLEY_MASTER_KEY must be {KEY_BYTES} random bytes in base64."


def _open_doors(settings: Settings) -> Iterable[str]:
    url = settings.console_url
    if url.startswith("http:") and not is_loopback(url):
        yield "PARLEY_CONSOLE_URL is http: cookies and texts would travel in the clear. Use https."
    if settings.console_sso_header and not settings.console_sso_proxies:
        yield (
            "PARLEY_CONSOLE_SSO_HEADER is set without PARLEY_CONSOLE_SSO_PROXIES: anybody could"
            " say who they are. Name the addresses of the proxies that set it."
        )
    if settings.console_sso_header and not settings.console_sso_roles:
        yield (
            "PARLEY_CONSOLE_SSO_HEADER is set without PARLEY_CONSOLE_SSO_ROLES: nobody could see"
            " anything. Say who is what, such as grace=reviewer, *=developer."
        )


def _test_tools(settings: Settings) -> Iterable[str]:
    if is_loopback(settings.public_url) or not settings.public_url:
        return
    for name in ("clock_file", "failpoints"):
        if getattr(settings, name) is not None:
            yield (
                f"PARLEY_{name.upper()} is for tests on one machine: it does not go together"
                " with a public PARLEY_PUBLIC_URL."
            )


def _key_bytes(key: SecretStr) -> bytes:
    text = key.get_secret_value()
    try:
        found = base64.b64decode(text.replace("-", "+").replace("_", "/") + "==", validate=False)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(found) != KEY_BYTES:
        raise ValueError("not a key")
    return found
