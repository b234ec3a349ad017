"""The checks that hold for every scenario, by name; one is lifted only with a reason."""

from typing import Literal

Allowed = Literal[
    "text_after_stop",
    "contact_not_given",
    "line_of_elsewhere",
    "too_long",
    "diagnosis",
    "dose",
    "claims_human",
    "undisclosed",
    "markdown",
    "repeats_itself",
]
