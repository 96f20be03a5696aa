"""Fits the boosters, which are averaged into one, and the forest they are compared with."""

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

# The share of the negatives that is trained on. They outnumber the positives so far that more of
# them cost time and teach nothing new.
KEPT_NEGATIVES = 0.25
# The weight of a payment from our own towns; in the other sets it is 1. Town payments are many and
# easy: they should teach what ordinary life looks like without dominating. Of the weights tried,
# from 0 to 3, 0.2 costs the foreign sets nothing compared with training without towns, and judges
# towns of other seeds as well as a weight of 1 does.
TOWN_WEIGHT = 0.2
# How many boosters are averaged. With few positives, a single booster's ranking depends heavily on
# its seed; averaging three gained a tenth of PR-AUC over one.
BOOSTERS = 3
# How many fits run in parallel. Each fit is single-threaded, so this does not affect results.
WORKERS = min(2, os.cpu_count() or 1)
FIXED = {
    "objective": "binary",
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    # With several threads, floating-point sums would depend on the order in which threads finish.
    "num_threads": 1,
    "verbose": -1,
}


def training_rows(tables: list[Table], seed: int):
    """Takes all positives and a share of the negatives from the training part of every table.

    Where positives are more frequent than in the file with the lowest rate, they are weighted down
    by the square root of that ratio, so that no file dominates merely by its number of cases. The
    full ratio would weaken such a file too much; measured, the choice hardly matters.
    """
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
    """Fits `members` boosters and averages them. `parameters` are LightGBM's, plus `trees`, the
    number of trees in each booster."""
    parameters = dict(parameters)
    trees = parameters.pop("trees")
    boosters = []
    for member in range(members):
        # Multiplied, so that neighbouring seeds have no booster in common.
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
    """Returns a callback that prints, every few seconds, how many trees are done and the estimated
    time left."""
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
    """Merges boosters into one whose log odds are the mean of theirs: it has all their trees, with
    the values divided by the number of boosters."""
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
    # The sizes in bytes no longer match. Without them LightGBM finds trees by their headings.
    head = re.sub(r"^tree_sizes=.*\n", "", head, flags=re.MULTILINE)
    body = "".join(f"Tree={number}\n{tree}" for number, tree in enumerate(trees))
    return lightgbm.Booster(model_str=head + body + tail)


def divided(line: re.Match, by: int) -> str:
    key, values = line.group().split("=")
    return f"{key}=" + " ".join(repr(float(value) / by) for value in values.split())


def forest(tables: list[Table], parameters: dict, seed: int, trees: int):
    """Fits a random forest to the same kind of rows, for comparison."""
    x, y, weight = training_rows(tables, seed)
    found = RandomForestClassifier(trees, random_state=seed, n_jobs=WORKERS, **parameters)
    found.fit(x, y, weight)
    # Predict on one thread: with several, floating-point sums depend on which finishes first.
    return found.set_params(n_jobs=1)


def together(work, items) -> list:
    """Runs `work` on every item, `WORKERS` at a time; returns the results in the items' order."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, items))
