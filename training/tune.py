"""Chooses LightGBM's parameters by a small, fixed random search and writes them, with every trial,
to `tuning.json`, which `train.py` reads.

    python training/tune.py training/.work/*.parquet

Trials train on the first parts and are judged on the validation parts, by the mean PR-AUC over all
files and histories; the test parts are not looked at. One booster a trial; the best few are tried
again as they would ship.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import random
import sys
import time

import boosting
import measures
from tables import VALIDATE, Table, read_all
from train import TUNING

TRIALS = 8
FINALISTS = 2
SPACE = {
    "learning_rate": [0.05, 0.07, 0.1],
    # Three boosters of a hundred trees are the most that load in a few milliseconds.
    "trees": [80, 100],
    "num_leaves": [31, 47, 63],
    "min_child_samples": [20, 50, 100, 200],
    "feature_fraction": [0.3, 0.5, 0.7],
    "bagging_fraction": [0.5, 0.7, 0.9],
    "lambda_l2": [1.0, 5.0, 20.0],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trials", type=int, default=TRIALS)
    arguments = parser.parse_args()
    tables = read_all(arguments.features)
    draw = random.Random(arguments.seed)
    started = time.monotonic()
    trials = []
    for number in range(arguments.trials):
        parameters = {name: draw.choice(choices) for name, choices in SPACE.items()}
        trials.append(tried(tables, parameters, arguments.seed, boosters=1))
        say(f"trial {number + 1} of {arguments.trials}", trials[-1], started)
    trials.sort(key=lambda trial: -trial["score"])
    finals = []
    for trial in trials[:FINALISTS]:
        finals.append(tried(tables, trial["parameters"], arguments.seed, boosting.BOOSTERS))
        say("final", finals[-1], started)
    best = max(finals, key=lambda trial: trial["score"])
    found = {
        "chosen": best["parameters"],
        "by": "mean PR-AUC of the validation parts over files and histories",
        "seed": arguments.seed,
        "seconds": round(time.monotonic() - started),
        "finals": finals,
        "trials": trials,
    }
    TUNING.write_text(json.dumps(found, indent=1) + "\n")


def tried(tables: list[Table], parameters: dict, seed: int, boosters: int) -> dict:
    booster = boosting.fit(tables, parameters, seed, members=boosters)
    figures = {}
    for table in tables:
        part = table.part(VALIDATE)
        scores = booster.predict(table.x[part], raw_score=True)
        groups = measures.ranked(scores.tolist(), table.y[part].tolist())
        figures[f"{table.name}, {table.history}"] = round(measures.average_precision(groups), 4)
    score = sum(figures.values()) / len(figures)
    return {"score": round(score, 4), "pr_auc": figures, "parameters": parameters}


def say(what: str, trial: dict, started: float) -> None:
    elapsed = time.monotonic() - started
    text = f"{what}: {trial['score']:.4f} {trial['pr_auc']} {trial['parameters']}, {elapsed:.0f} s"
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
