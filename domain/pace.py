"""How fast texts may leave: a token bucket that fills by the second; time is handed to it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    `level` tokens at the time `at` (seconds of any clock), `rate` more each second up to `burst`.

    What is larger than the bucket may leave when it is full, and leaves a debt.
    """

    rate: float
    burst: float
    level: float
    at: float

    def wait(self, tokens: float, now: float) -> float:
        """Return the seconds until so many may be taken; 0 if they may be taken now."""
        lacking = min(tokens, self.burst) - self._level(now)
        return max(lacking, 0.0) / self.rate

    def take(self, tokens: float, now: float) -> "Bucket":
        """Return the bucket after so many were taken (negative: given back)."""
        return replace(self, level=min(self._level(now) - tokens, self.burst), at=now)

    def _level(self, now: float) -> float:
        return min(self.level + max(now - self.at, 0.0) * self.rate, self.burst)
