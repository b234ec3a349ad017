"""What an operator may set about webhooks and the proxy in front of them."""

import pytest

from services.runtime.settings import SettingsRefused, read_settings


def test_shared_keys_are_named() -> None:
    settings = read_settings({"PARLEY_TWILIO_SHARED_KEYS": f"k1={'s' * 32}, k2={'=' * 40}"})

    assert settings.shared_keys() == {"k1": "s" * 32, "k2": "=" * 40}
    assert "s" * 32 in settings.confidential()
    assert "s" * 32 not in repr(settings)


@pytest.mark.parametrize("given", ["s" * 40, "k1=short", "=" + "s" * 40, "k 1=" + "s" * 40])
def test_a_key_without_a_name_or_too_short_is_refused(given: str) -> None:
    with pytest.raises(SettingsRefused, match="must be id=secret") as refusal:
        read_settings({"PARLEY_TWILIO_SHARED_KEYS": given})

    assert given not in str(refusal.value)


def test_proxies_are_addresses_or_networks() -> None:
    assert read_settings({}).trusted_proxies == ("127.0.0.1", "::1")
    given = read_settings({"PARLEY_TRUSTED_PROXIES": "10.0.0.0/24, 192.0.2.1"})
    assert given.trusted_proxies == ("10.0.0.0/24", "192.0.2.1")
    assert read_settings({"PARLEY_TRUSTED_PROXIES": ""}).trusted_proxies == ()
    with pytest.raises(SettingsRefused, match="addresses or networks"):
        read_settings({"PARLEY_TRUSTED_PROXIES": "my-proxy"})


def test_a_contact_for_help_is_part_of_the_policy() -> None:
    settings = read_settings({"PARLEY_SUPPORT_CONTACT": "help@parley.example"})

    assert settings.policy().support == "help@parley.example"
    with pytest.raises(SettingsRefused):
        read_settings({"PARLEY_SUPPORT_CONTACT": "x" * 61})
