"""What the console shows of the settings: everything but what must stay secret."""

from typing import Any

from services.runtime.console.settings_shown import remarks, settings_shown
from services.runtime.settings import Settings

SECRETS: dict[str, Any] = {
    "database_url": "postgresql://parley:hunter2hunter2@db/parley?sslmode=require",
    "nats_url": "nats://parley:hunter3hunter3@bus:4222",
    "pepper": "pepper-pepper-pepper-pepper-pepper", "master_key": "A" * 43 + "=",
    "twilio_auth_tokens": ("t" * 32, "u" * 32), "google_api_key": "google-google-google",
    "twilio_shared_keys": ("SK1=" + "s" * 40,), "nats_nkey_seed": "SUAseedseedseed",
}  # fmt: skip


def test_no_secret_is_shown() -> None:
    settings = Settings(**SECRETS)
    shown = {each.name: each for each in settings_shown(settings)}

    told = " ".join(each.value for each in shown.values())
    assert [word for word in settings.confidential() if word in told] == []
    assert shown["PARLEY_PEPPER"].value == "set"
    assert shown["PARLEY_TWILIO_AUTH_TOKENS"].value == "2 set"
    assert shown["PARLEY_OPENAI_API_KEY"].value == "not set"
    assert shown["PARLEY_DATABASE_URL"].value == "postgresql://db/parley"
    assert (shown["PARLEY_PEPPER"].chosen, shown["PARLEY_QUIET_HOURS"].chosen) == (True, False)
    assert shown["PARLEY_QUIET_HOURS"].value == "09:00 to 20:00, on Sundays 12:00 to 20:00"


def test_who_is_what_is_shown() -> None:
    roles: Any = "grace@example.org=reviewer+operator, *=developer"
    shown = {each.name: each.value for each in settings_shown(Settings(console_sso_roles=roles))}

    told = "grace@example.org reviewer operator, * developer"
    assert shown["PARLEY_CONSOLE_SSO_ROLES"] == told


def test_what_is_missing_is_said() -> None:
    assert "PARLEY_DATABASE_URL is not set." in list(remarks(Settings()))
    said = " ".join(remarks(Settings(model="google:gemini", **SECRETS)))
    assert "PARLEY_MODEL_FALLBACK" in said
    assert "PARLEY_DATABASE_URL" not in said
