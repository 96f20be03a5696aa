"""Splitting, calibration, thresholds and figures. Pure functions over plain sequences; standard
library only.

Scores are ranked in descending order. Rows with equal scores share a rank, so that no figure
depends on how a sort breaks ties.
"""

from __future__ import annotations

import math
import random
from itertools import groupby
from typing import NamedTuple, Sequence


class Group(NamedTuple):
    """The rows with one score."""

    score: float
    positives: int
    negatives: int


def time_split(times: Sequence[float], shares: Sequence[float]) -> list[int]:
    """Where to cut chronologically sorted rows, given the cumulative share of rows before each cut.
    Rows with the same time stay together: those after a cut are strictly later."""
    cuts = []
    for share in shares:
        cut = round(len(times) * share)
        while 0 < cut < len(times) and times[cut] == times[cut - 1]:
            cut += 1
        cuts.append(cut)
    return cuts


def ranked(scores: Sequence[float], labels: Sequence[bool]) -> list[Group]:
    """Groups of rows with equal scores, highest first."""
    rows = sorted(zip(scores, labels), key=lambda row: -row[0])
    groups = []
    for score, members in groupby(rows, key=lambda row: row[0]):
        marks = [bool(label) for _, label in members]
        groups.append(Group(score, sum(marks), len(marks) - sum(marks)))
    return groups


def average_precision(groups: Sequence[Group]) -> float:
    """Area under the precision-recall curve as a step function (scikit-learn's definition)."""
    positives = sum(group.positives for group in groups)
    if positives == 0:
        return math.nan
    hits = alerts = 0
    area = 0.0
    for group in groups:
        hits += group.positives
        alerts += group.positives + group.negatives
        if group.positives:
            area += group.positives * hits / alerts
    return area / positives


def recall_at(groups: Sequence[Group], share: float) -> float:
    """Share of the positives found when the top `share` of all rows alert. A group that fits only
    partly counts proportionally."""
    rows = sum(group.positives + group.negatives for group in groups)
    positives = sum(group.positives for group in groups)
    if positives == 0:
        return math.nan
    room = rows * share
    found = 0.0
    for group in groups:
        size = group.positives + group.negatives
        taken = min(1.0, room / size) if size else 0.0
        found += group.positives * taken
        room -= size
        if room <= 0:
            break
    return found / positives


def bootstrap_interval(groups, figure, seed: int, rounds: int = 1000) -> tuple[float, float]:
    """95 % bootstrap interval of `figure`. Only the positives are resampled: the negatives are so
    many more that they contribute almost nothing to the variance."""
    places = [i for i, group in enumerate(groups) for _ in range(group.positives)]
    if not places:
        return math.nan, math.nan
    compact, index = compacted(groups)
    draw = random.Random(seed)
    figures = []
    for _ in range(rounds):
        counts = [0] * len(compact)
        for place in draw.choices(places, k=len(places)):
            counts[index[place]] += 1
        resample = [group._replace(positives=n) for group, n in zip(compact, counts)]
        figures.append(figure(resample))
    figures.sort()
    return figures[int(0.025 * rounds)], figures[int(0.975 * rounds) - 1]


def compacted(groups: Sequence[Group]) -> tuple[list[Group], dict[int, int]]:
    """The same ranking with runs of negative groups joined, and the new index of each old group.
    Figures stay exact: they change only at positives, and even a share of alerts that ends inside a
    run is unaffected, because a run contains no positive."""
    compact: list[Group] = []
    index = {}
    for place, group in enumerate(groups):
        joinable = group.positives == 0 and compact and compact[-1].positives == 0
        if joinable:
            compact[-1] = compact[-1]._replace(negatives=compact[-1].negatives + group.negatives)
        else:
            compact.append(group)
        index[place] = len(compact) - 1
    return compact, index


def threshold_for(groups: Sequence[Group], share: float) -> float:
    """The lowest score that at most `share` of the rows reach, or 1.0 if the highest group alone
    already exceeds the share."""
    rows = sum(group.positives + group.negatives for group in groups)
    alerts = 0
    threshold = 1.0
    for group in groups:
        alerts += group.positives + group.negatives
        if alerts > rows * share:
            break
        threshold = group.score
    return threshold


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927), which is valid for small counts too."""
    if total == 0:
        return math.nan, math.nan
    z = 1.959964
    p = hits / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    width = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total**2))
    low = 0.0 if hits == 0 else middle - width
    return low, 1.0 if hits == total else middle + width


def log_odds(probability: float) -> float:
    q = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(q / (1 - q))


def platt(probability: float, a: float, b: float) -> float:
    """The calibrated probability, as the runtime computes it (Platt 1999)."""
    return 1 / (1 + math.exp(-(a * log_odds(probability) + b)))


def fit_platt(probabilities: Sequence[float], labels: Sequence[bool]) -> tuple[float, float]:
    """Slope and intercept by Newton's method on the likelihood, with Platt's smoothed targets."""
    positives = sum(map(bool, labels))
    negatives = len(labels) - positives
    high = (positives + 1) / (positives + 2)
    low = 1 / (negatives + 2)
    rows = [(log_odds(p), high if label else low) for p, label in zip(probabilities, labels)]
    a, b = 1.0, 0.0
    for _ in range(50):
        ga = gb = haa = hab = hbb = 0.0
        for z, target in rows:
            p = 1 / (1 + math.exp(-max(-700.0, a * z + b)))
            error, weight = p - target, max(p * (1 - p), 1e-12)
            ga += error * z
            gb += error
            haa += weight * z * z
            hab += weight * z
            hbb += weight
        det = haa * hbb - hab * hab
        if det <= 0:
            break
        da, db = (hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det
        # A full step can overshoot where the likelihood is flat.
        step = min(1.0, 2.0 / max(abs(da), abs(db), 1e-300))
        a, b = a - step * da, b - step * db
        if max(abs(da), abs(db)) < 1e-9:
            break
    return a, b


def fit_isotonic(
    probabilities: Sequence[float], labels: Sequence[bool], most: int = 4096
) -> tuple[list[float], list[float]]:
    """A rising table of calibrated probabilities for linear interpolation, by pooling adjacent
    violators (Ayer et al. 1955). At most `most` points are kept, those of the highest scores."""
    # Each block: lowest probability, highest probability, rows, positives.
    blocks: list[list[float]] = []
    for p, label in sorted(zip(probabilities, labels)):
        if blocks and blocks[-1][1] == p:
            blocks[-1][2] += 1
            blocks[-1][3] += bool(label)
        else:
            blocks.append([p, p, 1, float(bool(label))])
    pooled: list[list[float]] = []
    for block in blocks:
        pooled.append(block)
        while len(pooled) > 1 and pooled[-2][3] * pooled[-1][2] >= pooled[-1][3] * pooled[-2][2]:
            _, high, rows, positives = pooled.pop()
            pooled[-1][1] = high
            pooled[-1][2] += rows
            pooled[-1][3] += positives
    points = {}
    for low, high, rows, positives in pooled[-most // 2 :]:
        points[low] = points[high] = positives / rows
    if len(points) == 1:
        points[1.0 if 1.0 not in points else 0.0] = next(iter(points.values()))
    x = sorted(points)
    return x, [points[at] for at in x]
