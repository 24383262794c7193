"""What a share is worth: readers are surer of themselves than they are right, so their shares are brought down to that."""

import math
from dataclasses import dataclass

_EDGE = 0.001  # nothing is ever surer than this leaves room for


@dataclass(frozen=True, slots=True)
class Trust:
    """How log odds as computed turn into log odds as they come true; order is kept when `slope` is above 0."""

    slope: float
    shift: float

    def honest(self, share: float) -> float:
        """Return the confidence, 0–1, that a share of 0–1 deserves."""
        return _sigmoid(self.slope * log_odds(share) + self.shift)

    def share(self, confidence: float) -> float:
        """Return the share that deserves a confidence: the way back of `honest`."""
        return _sigmoid((log_odds(confidence) - self.shift) / self.slope)


def _sigmoid(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def log_odds(share: float) -> float:
    """Return the natural logarithm of the odds, kept off both ends."""
    kept = min(1.0 - _EDGE, max(_EDGE, share))
    return math.log(kept / (1.0 - kept))
