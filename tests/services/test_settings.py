"""What an operator may set, what is refused, and what the refusal says."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from domain.policy import Policy, QuietHours
from domain.spending.prices import Price
from services.runtime.settings import SettingsRefused, read_settings

KEY = "q" * 43
SAFE = {
    "PARLEY_DATABASE_URL": "postgresql://parley:geheim77@db/parley",
    "PARLEY_NATS_URL": "nats://parley:hushhush@bus:4222",
    "PARLEY_PUBLIC_URL": "https://sms.example.org/",
    "PARLEY_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "PARLEY_TWILIO_AUTH_TOKENS": "a" * 32 + ", " + "b" * 32,
    "PARLEY_TWILIO_PHONE_NUMBER": "+14155550100",
    "PARLEY_PEPPER": "p" * 43,
    "PARLEY_MASTER_KEY": KEY,
}


def refused(**given: str) -> str:
    environment = SAFE | {f"PARLEY_{name}": value for name, value in given.items()}
    with pytest.raises(SettingsRefused) as refusal:
        read_settings(environment)
    return str(refusal.value)


def test_a_complete_environment_is_read():
    settings = read_settings(SAFE | {"HOME": "/root", "PARLEY_IDLE_MINUTES": "5"})
    assert settings.public_url == "https://sms.example.org"
    assert settings.auth_tokens() == ("a" * 32, "b" * 32)
    assert settings.idle_minutes == 5
    assert settings.missing("sender") == ()
    assert len(settings.secrets().master_key) == 32


def test_defaults_are_those_of_the_manual():
    settings = read_settings({})
    assert (settings.idle_minutes, settings.coalesce_seconds) == (30, 4)
    assert (settings.coalesce_max_seconds, settings.attempt_deadline_seconds) == (15, 15)
    assert (settings.ack_wait_seconds, settings.reconcile_seconds) == (30, 120)
    assert (settings.opt_out_owner, settings.strangers) == ("provider", "signup")


def test_the_policy_is_what_was_set():
    policy = read_settings(SAFE | {"PARLEY_COALESCE_SECONDS": "0"}).policy()
    assert policy.coalesce_s == 0
    assert policy.signup_url == "https://sms.example.org/signup"


def test_how_conversations_end_is_set():
    given = {
        "PARLEY_ENDS": "words, judgement", "PARLEY_FAREWELL_MINUTES": "2",
        "PARLEY_OFFER_AGAIN_MINUTES": "1.5", "PARLEY_IDLE_MINUTES": "45",
    }  # fmt: skip
    policy = read_settings(SAFE | given).policy()
    assert policy.ends == {"words", "judgement"}
    assert (policy.farewell_minutes, policy.idle_minutes) == (2, 45)
    assert policy.offer_again == timedelta(seconds=90)
    assert read_settings(SAFE | {"PARLEY_ENDS": "silence"}).policy().ends == frozenset()
    assert read_settings(SAFE).policy() == replace(
        Policy(), signup_url="https://sms.example.org/signup", budget_microdollars=100_000_000
    )
    assert "words, thanks, judgement" in refused(ENDS="sometimes")


def test_secrets_come_from_files_too(tmp_path: Path):
    file = tmp_path / "tokens"
    file.write_text("c" * 40 + "\n")
    given = {name: value for name, value in SAFE.items() if "TOKENS" not in name}
    settings = read_settings(given | {"PARLEY_TWILIO_AUTH_TOKENS_FILE": str(file)})
    assert settings.auth_tokens() == ("c" * 40,)


def test_a_file_beside_its_value_or_one_that_is_missing_is_refused(tmp_path: Path):
    assert "both set" in refused(PEPPER_FILE=str(tmp_path / "pepper"))
    with pytest.raises(SettingsRefused, match="cannot be read: No such file"):
        read_settings({"PARLEY_PEPPER_FILE": str(tmp_path / "none")})


def test_ordinary_settings_do_not_come_from_files():
    assert "PARLEY_MODEL_FILE is not a setting" in refused(MODEL_FILE="x")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("TWILIO_AUTH_TOKEN", "PARLEY_TWILIO_AUTH_TOKENS"),
        ("IDLE_MINUTE", "PARLEY_IDLE_MINUTES"),
        ("DATABASE", "PARLEY_DATABASE_URL"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(wrong: str, right: str):
    assert refused(**{wrong: "x"}) == (
        f"PARLEY_{wrong} is not a setting of Parley. Did you mean {right}?"
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"PUBLIC_URL": "http://sms.example.org"}, "in the clear"),
        ({"TWILIO_API_URL": "http://carrier.example.org"}, "in the clear"),
        ({"TWILIO_AUTH_TOKENS": "a" * 32 + ",short"}, "could be forged"),
        ({"TWILIO_API_URL": "https://x.example", "TWILIO_EDGE": "dublin"}, "cannot go together"),
        ({"TWILIO_API_URL": "https://x.example", "TWILIO_REGION": "ie1"}, "cannot go together"),
        ({"PEPPER": "short"}, "guessed"),
        ({"MASTER_KEY": "short"}, "32 random bytes"),
        ({"COALESCE_SECONDS": "20"}, "must not be less"),
        ({"FAILPOINTS": "/x"}, "for tests"),
        ({"CLOCK_FILE": "/x"}, "for tests"),
        ({"TWILIO_PHONE_NUMBER": "4155550100"}, "like +14155550100"),
        ({"TWILIO_ACCOUNT_SID": "SK" + "1" * 32}, "AC and 32 digits"),
        ({"DATABASE_URL": "mysql://x/y"}, "begins with postgresql://"),
        ({"MONTHLY_BUDGET_CENTS": "-1"}, "greater than or equal to 0"),
        ({"PRICES": "GB 52000"}, "must look like GB=52000"),
        ({"OPT_OUT_OWNER": "nobody"}, "provider"),
        ({"QUIET_HOURS": "09:00-20:00"}, "midnight"),
        ({"QUIET_HOURS": "night"}, "must look like"),
        ({"QUIET_HOURS": "25:00-09:00"}, "hour"),
        ({"CONSOLE_URL": "http://console.example.org"}, "cookies and texts"),
        ({"CONSOLE_SSO_HEADER": "X-User", "CONSOLE_SSO_ROLES": "a=auditor"}, "who they are"),
        ({"CONSOLE_SSO_HEADER": "X-User", "CONSOLE_SSO_PROXIES": "10.0.0.1"}, "nobody could see"),
        ({"CONSOLE_SSO_HEADER": "X User"}, "a header's name"),
        ({"CONSOLE_SSO_PROXIES": "proxy"}, "addresses or networks"),
        ({"CONSOLE_SSO_ROLES": "grace=king"}, "must look like grace@example.org"),
        ({"CONSOLE_SSO_ROLES": "auditor"}, "must look like grace@example.org"),
    ],
)
def test_danger_is_refused_in_a_sentence(given: dict[str, str], why: str):
    said = refused(**given)
    assert why in said
    assert all(
        line.endswith((".", "?")) and line.startswith("PARLEY_") for line in said.split("\n")
    )


def test_loopback_may_be_plain_and_have_test_tools():
    here = {"PARLEY_PUBLIC_URL": "http://127.0.0.1:8080", "PARLEY_FAILPOINTS": "/x"}
    assert read_settings(SAFE | here).failpoints == Path("/x")


def test_quiet_hours():
    given = {"PARLEY_QUIET_HOURS": "21:00-08:30, sunday 18:00-12:00"}
    hours = QuietHours(time(8, 30), time(21), time(12), time(18))
    assert read_settings(given).quiet_hours == hours
    assert read_settings({"PARLEY_QUIET_HOURS": "21:00-08:30"}).quiet_hours.sunday_opens == time(
        8, 30
    )


@pytest.mark.parametrize("secret", ["geheim77", "hushhush", "p" * 43, KEY, "a" * 32])
def test_no_secret_is_shown_and_every_one_is_confidential(secret: str):
    settings = read_settings(SAFE)
    assert secret not in repr(settings)
    assert secret in settings.confidential()


def test_a_refusal_holds_no_secret():
    said = refused(MASTER_KEY="a-secret-of-mine", TWILIO_AUTH_TOKENS="another-one", PEPPER="third")
    assert not any(word in said for word in ("a-secret-of-mine", "another-one", "third"))


def test_what_a_process_lacks_is_said_for_that_process():
    given = {name: SAFE[name] for name in SAFE if "TWILIO" not in name}
    settings = read_settings(given)
    assert settings.missing("relay") == ()
    said = " ".join(settings.missing("ingress"))
    assert "forged" in said
    assert "nothing to send texts from" in said
    with pytest.raises(SettingsRefused, match="PARLEY_PEPPER is not set"):
        read_settings({}).secrets()


def test_help_must_name_somebody_unless_the_carrier_is_a_simulator() -> None:
    [said] = read_settings(SAFE).missing("policy_gate")
    assert "PARLEY_SUPPORT_CONTACT is not set" in said
    named = {"PARLEY_SUPPORT_CONTACT": "help@example.org"}
    simulator = {"PARLEY_TWILIO_API_URL": "http://127.0.0.1:8300"}
    elsewhere = {"PARLEY_TWILIO_API_URL": "https://twilio.example.org"}
    assert read_settings(SAFE | named).missing("policy_gate") == ()
    assert read_settings(SAFE | simulator).missing("policy_gate") == ()
    assert read_settings(SAFE | elsewhere).missing("policy_gate") == (said,)


def test_money_is_given_in_cents_and_prices_by_country() -> None:
    policy = read_settings(
        {"PARLEY_MONTHLY_BUDGET_CENTS": "250", "PARLEY_PRICES": "GB=52000/7500, MX=41000"}
    ).policy()

    assert policy.budget_microdollars == 2_500_000
    assert policy.prices == {"GB": Price(52_000, 7_500), "MX": Price(41_000, 41_000)}
