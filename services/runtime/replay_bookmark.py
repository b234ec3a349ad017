"""How far a replay came, kept in a file for each share, without a word of anybody's."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class CannotResume(Exception):
    """There is no replay to go on with; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Up to which position a share is decided, how much that was, and where it differed."""

    through: int = 0
    texts: int = 0
    drafts: int = 0
    erased: int = 0
    differed: tuple[int, ...] = ()


class Bookmarks:
    """
    The bookmarks of one replay in a folder.

    `rules` says by what is decided: bookmarks of other rules are none of this replay's.
    """

    def __init__(self, folder: Path, rules: str, shares: int) -> None:
        self._folder = folder
        self._rules = rules
        self._shares = shares

    def begin(self) -> None:
        """Forget earlier replays."""
        for path in self._paths():
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self._folder.rmdir()

    def found(self) -> Sequence[Bookmark]:
        """Return where each share stands.  Raises `CannotResume`."""
        if not any(path.exists() for path in self._paths()):
            raise CannotResume("No replay was interrupted here: leave --resume away.")
        return [self._found(path) for path in self._paths()]

    def keep(self, share: int, bookmark: Bookmark) -> None:
        """Keep where a share stands: all of it, or what was kept before."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._paths()[share]
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"rules": self._rules, **asdict(bookmark)}))
        os.replace(beside, path)  # noqa: PTH105 (says that it is atomic)

    def _paths(self) -> Sequence[Path]:
        return [
            self._folder / f"share-{share}-of-{self._shares}.json" for share in range(self._shares)
        ]

    def _found(self, path: Path) -> Bookmark:
        try:
            told: dict[str, Any] = json.loads(path.read_bytes())
            rules = told.pop("rules")
            told["differed"] = tuple(told["differed"])
            bookmark = Bookmark(**told)
        except FileNotFoundError:
            return Bookmark()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CannotResume(f"{path} cannot be read: leave --resume away.") from None
        if rules != self._rules:
            raise CannotResume(
                "The replay that was interrupted went by other rules, settings or --since:"
                " leave --resume away."
            )
        return bookmark
