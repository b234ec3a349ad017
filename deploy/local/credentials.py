"""What an embedded deployment knows only itself: made at the first start, kept in its state."""

from dataclasses import dataclass, field

from deploy.local.state_folder import StateFolder, random_token


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of one state folder."""

    pepper: str = field(repr=False)
    master_key: str = field(repr=False)
    nats_password: str = field(repr=False)
    account_sid: str
    auth_token: str = field(repr=False)


def credentials_of(state: StateFolder) -> Credentials:
    """Return the folder's secrets, made where they are missing."""
    return Credentials(
        pepper=state.secret("pepper"),
        master_key=state.secret("master_key"),
        nats_password=state.secret("nats_password", random_token),
        account_sid=state.secret("twilio_account_sid", lambda: "AC" + random_token()),
        auth_token=state.secret("twilio_auth_token", random_token),
    )
