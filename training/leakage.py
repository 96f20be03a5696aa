"""Probes for leakage: can a model that sees nothing of what accounts do still find the laundering?

It sees only account numbers, the time of day, the cents and the order of rows with the same time.
Anything it finds beyond chance was given away by the generator or by the way the data set was put
together, and a real model may have learnt that instead of behaviour.
"""

from __future__ import annotations

import pathlib

import lightgbm
import numpy as np
import pandas as pd
import pyarrow.parquet

import measures

SETTINGS = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.05, "min_child_samples": 50,
    "feature_fraction": 0.7, "deterministic": True, "force_row_wise": True, "num_threads": 1,
    "verbose": -1,
}
COLUMNS = ["Time", "Date", "Sender_account", "Receiver_account", "Amount", "Is_laundering"]


def probe(path: pathlib.Path, seed: int) -> dict:
    """Trains on the first three fifths and measures PR-AUC on the last, for each kind of giveaway
    alone and for all together. The base rate given with it is what guessing reaches."""
    rows = in_order(path)
    kinds = giveaways(rows)
    kinds["all of these"] = np.column_stack(list(kinds.values()))
    y = rows["Is_laundering"].to_numpy().astype(bool)
    cuts = measures.time_split(rows["at"].tolist(), [0.6, 0.8])
    train, test = slice(0, cuts[0]), slice(cuts[1], len(y))
    everyone = np.ones(len(y) - cuts[1], dtype=bool)
    found = {}
    for kind, x in kinds.items():
        data = lightgbm.Dataset(x[train], y[train].astype(np.int32))
        booster = lightgbm.train({**SETTINGS, "seed": seed}, data, 60)
        scores = booster.predict(x[test])
        found[kind] = chance_and_figure(scores, y[test], everyone, seed)
        if kind == "account numbers":
            unknown = ~caught_before(rows, y, cuts)
            name = "account numbers, launderers not in training"
            found[name] = chance_and_figure(scores, y[test], unknown, seed)
    return {"file": path.name, "base_rate": round(float(y[test].mean()), 5), "kinds": found}


def chance_and_figure(scores: np.ndarray, y: np.ndarray, rows: np.ndarray, seed: int) -> dict:
    """PR-AUC on the given rows, and the base rate, which is what guessing reaches there."""
    groups = measures.ranked(scores[rows].tolist(), y[rows].tolist())
    low, high = measures.bootstrap_interval(groups, measures.average_precision, seed, 400)
    return {
        "base_rate": round(float(y[rows].mean()), 5),
        "pr_auc": round(measures.average_precision(groups), 5),
        "interval_95": [round(low, 5), round(high, 5)],
    }


def caught_before(rows: pd.DataFrame, y: np.ndarray, cuts: list[int]) -> np.ndarray:
    """Marks the test rows with an account that laundered in the training part. Their numbers give
    them away, but recognising a known launderer is not a leak."""
    parties = ["Sender_account", "Receiver_account"]
    training, test = rows.iloc[: cuts[0]][y[: cuts[0]]], rows.iloc[cuts[1] :]
    known = set(pd.concat([training[party] for party in parties]))
    return np.logical_or(*(test[party].isin(known).to_numpy() for party in parties))


def in_order(path: pathlib.Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        rows = pyarrow.parquet.read_table(path, columns=COLUMNS).to_pandas()
    else:
        accounts = {"Sender_account": str, "Receiver_account": str}
        rows = pd.read_csv(path, usecols=COLUMNS, dtype=accounts)
    moments = pd.to_datetime(rows["Date"].astype(str) + " " + rows["Time"].astype(str))
    rows["at"] = (moments - pd.Timestamp("1970-01-01")).dt.total_seconds()
    # A stable sort, as in `sentinel features`: rows with the same time stay in file order.
    return rows.sort_values("at", kind="stable").reset_index(drop=True)


def giveaways(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    accounts = [number(rows[f"{party}_account"]) for party in ("Sender", "Receiver")]
    cents = (rows["Amount"].astype(float) * 100).round().to_numpy() % 100
    # Each row's position among the rows with the same time, in file order.
    together = rows.groupby("at").cumcount().to_numpy().astype(float)
    return {
        "account numbers": np.column_stack(accounts),
        "time of day": (rows["at"] % 86_400.0).to_numpy().reshape(-1, 1),
        "cents": cents.reshape(-1, 1),
        "order within a moment": together.reshape(-1, 1),
    }


def number(accounts: pd.Series) -> np.ndarray:
    """Account numbers as they are, since generators number accounts consecutively. Other names
    become negative numbers, by their alphabetical order."""
    numbers = pd.to_numeric(accounts, errors="coerce").to_numpy(dtype=float)
    codes = pd.Series(accounts.astype(str).factorize(sort=True)[0]).to_numpy(dtype=float)
    return np.where(np.isnan(numbers), -1.0 - codes, numbers)
