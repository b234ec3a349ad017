"""One measured figure, its baseline, and what was to be reached."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """
    What was measured.

    `baseline` is a plain way to do the same, in the same run; `reach` what is aimed at, for the
    ratio where there is a baseline, else for the value.
    """

    name: str
    value: float
    unit: str
    reach: float | None = None
    better: Literal["more", "less"] = "more"
    baseline: float | None = None
    baseline_name: str = ""

    @property
    def judged(self) -> float:
        """What is compared with the reach."""
        return self.value / self.baseline if self.baseline else self.value

    @property
    def met(self) -> bool | None:
        """Whether the reach is met; None where none is set."""
        if self.reach is None:
            return None
        return self.judged >= self.reach if self.better == "more" else self.judged <= self.reach


def show(figure: Figure, *, as_json: bool) -> None:
    """Print a figure as a line."""
    if as_json:
        record = {**asdict(figure), "judged": figure.judged, "met": figure.met}
        sys.stdout.write(json.dumps(record) + "\n")
        sys.stdout.flush()
        return
    parts = [f"{figure.name:<44} {figure.value:>10.1f} {figure.unit}"]
    if figure.baseline:
        ratio = f"{figure.judged:.2f} x {figure.baseline_name} ({figure.baseline:.1f})"
        parts.append(ratio)
    if figure.reach is not None:
        sign = "at least" if figure.better == "more" else "at most"
        parts.append(f"{sign} {figure.reach:g}: {'met' if figure.met else 'MISSED'}")
    sys.stdout.write("  ".join(parts) + "\n")
    sys.stdout.flush()
