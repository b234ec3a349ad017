"""A journal that has forgotten what it once announced: it came back from an older backup."""


class BehindTheBus(Exception):
    """More was announced than the journal holds; whoever acts on it could act twice."""

    def __init__(self, announced: int, head: int) -> None:
        super().__init__(
            f"The journal ends at position {head}, but position {announced} was announced: it"
            " was restored from an older backup, and texts could be sent twice."
            " Run `parley recover --restored`, or on one machine `parley up --restored`."
        )
