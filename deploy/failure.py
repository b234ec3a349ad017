"""How a command fails: with a sentence and an exit code, never a traceback."""

import traceback

GOOD, FAILED, USAGE, NOT_FOUND, REFUSED, DAMAGED = 0, 1, 2, 3, 4, 5


class Failure(Exception):
    """The command cannot do what was asked; `str()` is a sentence for a person."""

    def __init__(self, sentence: str, code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


def failure_of(error: Exception) -> Failure:
    """Return what to tell a person of any error."""
    if isinstance(error, Failure):
        return error
    kind = type(error).__name__
    # By name: importing every package that can fail would make `--help` slow.
    if kind in _REFUSALS:
        return Failure(str(error), DAMAGED if kind == "Damaged" else REFUSED)
    if kind in ("NoSuchProcess", "NoSuchProjection"):
        return Failure(str(error), NOT_FOUND)
    if kind == "Unavailable":
        return Failure(f"{_capital(str(error))}. Try again, or see what `parley check` says.")
    return Failure(f"Something unexpected: {kind} at {_place(error)}.", FAILED)


_REFUSALS = frozenset(
    {
        "AlreadyRunning", "CannotResume", "CannotStart", "Damaged", "ExportRefused",
        "LedgerRefused", "PortTaken", "Refused", "SettingsRefused", "StateFolderRefused",
        "WrongSecret",
    }
)  # fmt: skip


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:].rstrip(".")


def _place(error: Exception) -> str:
    # Without the error's own words, which may quote a text or a number.
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    last = frames[-1]
    return f"{'/'.join(last.filename.rsplit('/', 2)[-2:])}:{last.lineno}"
