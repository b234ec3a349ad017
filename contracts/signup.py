"""The facts of the sign-up page: whom it texted, on a stream of the day."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.base import Contract
from contracts.identity import PersonId


class SignupTexted(Contract):
    """
    The page let one text leave.

    `address_hash` is a keyed hash of the address it was asked from: enough to count, not to tell.
    """

    name: ClassVar[str] = "signups.texted.v1"
    person_id: PersonId
    address_hash: str
    at: AwareDatetime
