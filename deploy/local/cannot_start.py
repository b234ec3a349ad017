"""The one family of refusals that a person who starts Parley may read."""


class CannotStart(Exception):
    """
    Something outside the code keeps an embedded server from starting.

    `str()` is one or two whole sentences for a person: what is the matter and what to do.
    """
