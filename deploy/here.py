"""Which deployment a command speaks to: the one of the environment, or the one that is up."""

import os
from pathlib import Path

from deploy.failure import Failure
from deploy.local.credentials import credentials_of
from deploy.local.defaults import COALESCE_SECONDS
from deploy.local.state_folder import Addresses, StateFolder
from services.runtime.settings import PREFIX, Settings, given_settings, read_settings


def settings_here() -> Settings:
    """
    Return the settings of the environment, completed by those of a running `parley up`.

    Raises `SettingsRefused`, and `Failure` if nothing says which database is meant.
    """
    if PREFIX + "DATABASE_URL" in os.environ or PREFIX + "DATABASE_URL_FILE" in os.environ:
        return read_settings()
    read_settings()  # what is wrong with the environment is said before what is missing in it
    addresses = addresses_here()
    folder = StateFolder(state_path())
    own = credentials_of(folder)
    found = {
        "DATABASE_URL": addresses["database"],
        "NATS_URL": addresses["nats"],
        "PUBLIC_URL": addresses["ingress"],
        "TWILIO_ACCOUNT_SID": addresses["twilio"]["account_sid"],
        "TWILIO_AUTH_TOKENS": addresses["twilio"]["auth_token"],
        "TWILIO_PHONE_NUMBER": addresses["twilio"]["number"],
        "TWILIO_API_URL": addresses["simulator"],
        "PEPPER": own.pepper,
        "MASTER_KEY": own.master_key,
        "COALESCE_SECONDS": COALESCE_SECONDS,
        "CLOCK_FILE": str(folder.path / "clock"),
    }
    here = {PREFIX + name: value for name, value in found.items()}
    return read_settings({**here, **given_settings()})


def addresses_here() -> Addresses:
    """Return what listens where in the running `parley up`; raises `Failure` if none runs."""
    path = state_path()
    addresses = StateFolder(path).read_addresses()
    if addresses is None:
        raise Failure(
            f"Nothing runs in {path}. Start `parley up` in another terminal, or set"
            " PARLEY_DATABASE_URL and the rest for a deployment elsewhere."
        )
    return addresses


def state_path() -> Path:
    """Return the state folder that the environment names."""
    return Path(os.environ.get(f"{PREFIX}STATE_DIR", ".parley"))
