"""Chooses parameters by a small, seeded random search; writes them and all trials to `tuning.json`.

    python training/tune.py training/.work/*.parquet

`train.py` reads LightGBM's parameters, `study.py` also those of the random forest it compares with.
Each trial is trained on the training parts and judged by the mean PR-AUC over the validation parts
of all files and histories; the test parts are not used. A trial fits a single booster, and the best
few are repeated with as many boosters as would ship. To save time, forests have half as many trees
here as in the study.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import random
import sys
import time

import numpy as np

import boosting
import measures
from tables import VALIDATE, Table, read_all
from train import TUNING

TRIALS = 12
FINALISTS = 3
SPACE = {
    "learning_rate": [0.05, 0.07, 0.1],
    # At most 160: three boosters of 160 trees are the most that load within ten milliseconds.
    "trees": [100, 160],
    "num_leaves": [31, 47, 63],
    "min_child_samples": [20, 50, 100, 200],
    "feature_fraction": [0.3, 0.5, 0.7],
    "bagging_fraction": [0.5, 0.7, 0.9],
    "lambda_l2": [1.0, 5.0, 20.0],
}
FOREST_TRIALS = 5
FOREST_TREES = 50
FOREST_SPACE = {
    "max_depth": [10, 14, 18],
    "min_samples_leaf": [2, 5, 20],
    "max_features": [0.1, 0.2, 0.3],
    "max_samples": [0.1, 0.2, 0.3],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--forest-trials", type=int, default=FOREST_TRIALS)
    arguments = parser.parse_args()
    tables = read_all(arguments.features)
    seed, started = arguments.seed, time.monotonic()

    def boosted(parameters: dict, members: int = 1) -> dict:
        booster = boosting.fit(tables, parameters, seed, members=members)
        scores = lambda x: booster.predict(x, raw_score=True, num_threads=1)
        return tried(tables, scores, parameters, started)

    def planted(parameters: dict) -> dict:
        forest = boosting.forest(tables, parameters, seed, FOREST_TREES)
        return tried(tables, lambda x: forest.predict_proba(x)[:, 1], parameters, started)

    drawn = draw(SPACE, arguments.trials, seed)
    trials = best_first(boosting.together(boosted, drawn))
    finalists = [trial["parameters"] for trial in trials[:FINALISTS]]
    as_shipped = lambda parameters: boosted(parameters, boosting.BOOSTERS)
    finals = best_first(boosting.together(as_shipped, finalists))
    # Not in parallel: each forest already grows its trees in parallel.
    forests = best_first(map(planted, draw(FOREST_SPACE, arguments.forest_trials, seed)))
    found = {
        "chosen": finals[0]["parameters"],
        "by": "mean PR-AUC of the validation parts over files and histories",
        "seed": seed,
        "seconds": round(time.monotonic() - started),
        "finals": finals,
        "trials": trials,
        "forest": {
            "chosen": forests[0]["parameters"],
            "trees": FOREST_TREES,
            "trials": forests,
        },
    }
    TUNING.write_text(json.dumps(found, indent=1) + "\n")


def draw(space: dict, trials: int, seed: int) -> list[dict]:
    source = random.Random(seed)
    return [
        {name: source.choice(choices) for name, choices in space.items()} for _ in range(trials)
    ]


def best_first(trials) -> list[dict]:
    return sorted(trials, key=lambda trial: -trial["score"])


def tried(tables: list[Table], predict, parameters: dict, started: float) -> dict:
    figures = {}
    for table in tables:
        part = table.part(VALIDATE)
        groups = measures.ranked(predict(table.x[part]).tolist(), table.y[part].tolist())
        figures[f"{table.name}, {table.history}"] = round(measures.average_precision(groups), 4)
    score = round(float(np.mean(list(figures.values()))), 4)
    elapsed = time.monotonic() - started
    print(f"{score:.4f} {figures} {parameters}, {elapsed:.0f} s", file=sys.stderr, flush=True)
    return {"score": score, "pr_auc": figures, "parameters": parameters}


if __name__ == "__main__":
    main()
