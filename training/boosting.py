"""Fitting: boosters that are averaged into one, and the forest they are compared with."""

from __future__ import annotations

import concurrent.futures
import functools
import os
import re
import sys
import time

import lightgbm
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from tables import TRAIN, Table

# Of the negatives; at a thousand to one, more of them add time and no knowledge.
KEPT_NEGATIVES = 0.25
# What a payment of our own towns weighs beside one of the other sets: they are many and easy, and are
# there to teach what ordinary life is, not to rule. Measured with weights from 0 to 3: at 0.2 the
# foreign sets keep what they reach without towns, and towns of other seeds are judged as well as at 1.
TOWN_WEIGHT = 0.2
# Boosters that are averaged. With few positives a single booster's ranking depends much on its
# seed; the mean of three gained a tenth of PR-AUC over one of them.
BOOSTERS = 3
# Fits that run at a time; each has a thread of its own, which changes no result.
WORKERS = min(2, os.cpu_count() or 1)
FIXED = {
    "objective": "binary",
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    # One thread: the sums of several depend on who comes first.
    "num_threads": 1,
    "verbose": -1,
}


def training_rows(tables: list[Table], seed: int):
    """All positives and a share of the negatives of the first part of every table. Where positives
    are frequent they weigh less (by the root of how much more frequent they are than in the file
    with the fewest): a file is not to rule by its mere number of cases. By the full ratio it would
    be learnt too little; measured, the root serves all files best."""
    draw = np.random.default_rng(seed)
    xs, ys, weights = [], [], []
    rates = [max(float(table.y[table.part(TRAIN)].mean()), 1e-9) for table in tables]
    for table, rate in zip(tables, rates):
        x, y = table.x[table.part(TRAIN)], table.y[table.part(TRAIN)]
        kept = y | (draw.random(len(y)) < KEPT_NEGATIVES)
        xs.append(x[kept])
        ys.append(y[kept])
        of_file = TOWN_WEIGHT if table.name.startswith("town") else 1.0
        weights.append(of_file * np.where(y[kept], (min(rates) / rate) ** 0.5, 1.0))
    return np.concatenate(xs), np.concatenate(ys), np.concatenate(weights)


def fit(
    tables: list[Table], parameters: dict, seed: int, say: str = "", members: int = BOOSTERS
) -> lightgbm.Booster:
    """`parameters` are LightGBM's and `trees`, the number of trees of each booster."""
    parameters = dict(parameters)
    trees = parameters.pop("trees")
    boosters = []
    for member in range(members):
        # Seeds are apart, so that neighbouring seeds share no booster.
        own = seed * BOOSTERS + member
        x, y, weight = training_rows(tables, own)
        labels = y.astype(np.int32)
        data = lightgbm.Dataset(x, labels, weight=weight, feature_name=tables[0].names)
        title = f"{say}booster {member + 1} of {members}" if say else ""
        callbacks = [progress(title, trees)] if title else []
        settings = {**FIXED, **parameters, "seed": own}
        boosters.append(lightgbm.train(settings, data, trees, callbacks=callbacks))
    return average(boosters)


def progress(title: str, trees: int):
    """Says every few seconds how many trees there are, and how long the rest will take."""
    started = said = time.monotonic()

    def callback(env) -> None:
        nonlocal said
        done, now = env.iteration + 1, time.monotonic()
        if done == trees or now - said > 5:
            said = now
            left = (now - started) / done * (trees - done)
            text = f"{title}: {done} of {trees} trees, {left:.0f} s left"
            print(text, file=sys.stderr, flush=True)

    return callback


def average(boosters: list[lightgbm.Booster]) -> lightgbm.Booster:
    """One booster whose log-odds are the mean of the others': all their trees, leaves divided."""
    head, tail = None, None
    trees = []
    for booster in boosters:
        text = booster.model_to_string()
        start, end = text.index("Tree=0"), text.index("end of trees")
        head = head or text[:start]
        tail = tail or text[end:]
        for tree in re.split(r"^Tree=\d+\n", text[start:end], flags=re.MULTILINE)[1:]:
            divide = functools.partial(divided, by=len(boosters))
            trees.append(re.sub(r"^(?:leaf|internal)_value=.*$", divide, tree, flags=re.MULTILINE))
    # Without the trees' sizes in bytes LightGBM finds them by their headings.
    head = re.sub(r"^tree_sizes=.*\n", "", head, flags=re.MULTILINE)
    body = "".join(f"Tree={number}\n{tree}" for number, tree in enumerate(trees))
    return lightgbm.Booster(model_str=head + body + tail)


def divided(line: re.Match, by: int) -> str:
    key, values = line.group().split("=")
    return f"{key}=" + " ".join(repr(float(value) / by) for value in values.split())


def forest(tables: list[Table], parameters: dict, seed: int, trees: int):
    """A random forest of the same rows, to compare with."""
    x, y, weight = training_rows(tables, seed)
    found = RandomForestClassifier(trees, random_state=seed, n_jobs=WORKERS, **parameters)
    found.fit(x, y, weight)
    # Sums of several threads depend on who comes first.
    return found.set_params(n_jobs=1)


def together(work, items) -> list:
    """`work` on every item, some at a time; the results in the items' order."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, items))
