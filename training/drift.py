"""Summarises the training rows in a form small enough for the card: bins of each feature and of the
score, with the share of rows in each. The runtime counts its own rows into the same bins and
measures drift as the population stability index. Pure functions; standard library only.

Bin `i` holds `edges[i-1] < x <= edges[i]`; the first bin has no lower edge, the last no upper edge.
"""

from __future__ import annotations

import bisect
import math
from typing import Sequence

BINS = 10
# Most scores are close to zero; what matters is the top few percent.
SCORE_SHARES = [0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]


def edges(values: Sequence[float], shares: Sequence[float] | None = None) -> list[float]:
    """The distinct quantiles of the values. A feature that is mostly one value gets fewer bins."""
    ordered = sorted(values)
    shares = shares or [i / BINS for i in range(1, BINS)]
    found = {ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in shares}
    # An edge at the maximum would leave the last bin empty.
    return sorted(found - {ordered[-1]})


def shares(values: Sequence[float], at: Sequence[float]) -> list[float]:
    """The share of the values in each bin."""
    counts = [0] * (len(at) + 1)
    for value in values:
        counts[bisect.bisect_left(at, value)] += 1
    return [count / len(values) for count in counts]


def stability(expected: Sequence[float], found: Sequence[float]) -> float:
    """Population stability index: the sum of (found - expected) * ln(found / expected). By
    convention, below 0.1 is stable and above 0.25 is a shift. Empty bins count as 0.0001, which
    keeps the logarithm finite."""
    total = 0.0
    for e, f in zip(expected, found, strict=True):
        e, f = max(e, 1e-4), max(f, 1e-4)
        total += (f - e) * math.log(f / e)
    return total
