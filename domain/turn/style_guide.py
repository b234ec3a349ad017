"""How a text should sound: the rules of `style_guide.toml`, each with an id and one sentence."""

import tomllib
from importlib.resources import files
from typing import Any, NamedTuple


class StyleRule(NamedTuple):
    """One rule of the voice; the id is what drafts, flags and discussions name it by."""

    rule: str
    says: str


_TOLD: dict[str, Any] = tomllib.loads(
    (files("domain.turn") / "style_guide.toml").read_text("utf-8")
)
VERSION: str = _TOLD["version"]
RULES: tuple[StyleRule, ...] = tuple(StyleRule(*each) for each in _TOLD["rules"].items())


def spoken() -> str:
    """Return the rules, one a line."""
    return "\n".join(f"- {rule.says}" for rule in RULES)
