"""Trains the model that ships: feature files in; `model.onnx`, its card and a few examples out.

    sentinel features data.parquet --forget-days 7 --out features.parquet
    python training/train.py features.parquet --out shared/model

Each file is cut by time: the first 60 % of its rows train, the next 20 % calibrate and set the
thresholds, the last 20 % measure and are seen by nothing else. Trees are few and small because
loading them is a Lambda function's cold start. The same files, seed and versions give the same
ONNX file, byte for byte.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import hashlib
import json
import os
import pathlib
import re
import sys
from typing import NamedTuple

import lightgbm
import numpy as np
import onnxmltools
import onnxruntime
import pyarrow.parquet
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier

import measures
from covers import add_covers

LEADING = ["pass", "row", "timestamp", "label", "typology"]
SHARES = [0.6, 0.8]
ALERT_SHARE = 0.005
UNCERTAIN_SHARE = 0.02
UNCERTAIN_SHARE_OF_STRANGERS = 0.05
# Of the negatives; at a thousand to one, more of them add time and no knowledge.
KEPT_NEGATIVES = 0.25
# Boosters that are averaged into one, each of so many trees. With few positives a single booster's
# ranking depends much on its seed; the mean of three gained a tenth of PR-AUC over one of them.
BOOSTERS = 3
TREES = 60
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_child_samples": 50,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    # One thread: the sums of several depend on who comes first.
    "num_threads": 1,
    "verbose": -1,
}
LIMITS = [
    "Trained on generated payments, not on a bank's: expect other score levels on real data and "
    "set the thresholds anew on your own.",
    "Cash, borders and currencies are known only from payments simulated after SAML-D's published "
    "statistics; figures on these measure the simulation. The real SAML-D was neither trained nor "
    "measured on.",
    "A pattern is seen only through the two accounts of a payment and their pair: the first "
    "payments of a cycle or a chain look like any other.",
    "Without history there is little to judge by: see the figures for days of history.",
    "Laundering patterns come as groups of payments, and the intervals treat payments as "
    "independent: the true ones are wider.",
]


class Table(NamedTuple):
    """One pass of a feature file: rows in the order of their time.

    The first pass knows all history before a row; the second, if there is one, only days of it.
    Both are cut at the same times, so that no payment trains in one and measures in the other.
    """

    sources: list[dict]
    history: str
    names: list[str]
    x: np.ndarray
    y: np.ndarray
    typology: np.ndarray
    cuts: list[int]

    def part(self, index: int) -> slice:
        bounds = [0, *self.cuts, len(self.y)]
        return slice(bounds[index], bounds[index + 1])


TRAIN, VALIDATE, TEST = 0, 1, 2
HISTORY = ["full", "days"]


def main() -> None:
    arguments = parse_arguments()
    tables = [table for path in arguments.features for table in read(path)]
    names = tables[0].names
    if any(table.names != names for table in tables):
        sys.exit("the files have different features: make them with one version of sentinel")

    booster = fit(tables, arguments.seed)
    raw = [booster.predict(table.x) for table in tables]
    calibration, thresholds = calibrate(tables, raw)
    model = export(booster, names)
    parity, examples = check_parity(model, tables[0], raw[0], calibration)

    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.out.joinpath("model.onnx").write_bytes(model)
    arguments.out.joinpath("examples.json").write_text(json.dumps(examples) + "\n")
    card = {
        "name": f"lightgbm-{today()}",
        "created": now(),
        "command": f"python training/train.py {' '.join(sys.argv[1:])}",
        "data": {"files": [s for table in tables if table.history == "full" for s in table.sources]},
        "split": describe_split(tables),
        "features": names,
        "features_sha256": sha256("\n".join(names).encode()),
        "onnx_sha256": sha256(model),
        "thresholds": thresholds,
        "calibration": calibration,
        "training": {
            "parameters": PARAMETERS,
            "boosters": BOOSTERS,
            "trees_each": TREES,
            "kept_negatives": KEPT_NEGATIVES,
            "seed": arguments.seed,
            "parity_with_onnxruntime": parity,
        },
        "metrics": {
            "test": [
                measure(table, TEST, scores, calibration, thresholds, arguments.seed)
                for table, scores in zip(tables, raw)
            ],
            "validation": [
                measure(table, VALIDATE, scores, calibration, thresholds, arguments.seed)
                for table, scores in zip(tables, raw)
            ],
            "importance": importance(booster, names),
        },
        "covers": "nodes_hitrates",
        "limits": LIMITS,
    }
    if arguments.baseline:
        card["metrics"]["baselines"] = baselines(tables, arguments.seed)
    text = json.dumps(card, indent=2) + "\n"
    arguments.out.joinpath("card.json").write_text(text)
    print(summary(card, len(model)))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+", type=pathlib.Path, help="from `sentinel features`")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the model goes")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--baseline", action="store_true", help="also measure a random forest (a minute more)"
    )
    return parser.parse_args()


def read(path: pathlib.Path) -> list[Table]:
    """Reads the passes of a feature file; rows without a label are left out."""
    file = pyarrow.parquet.ParquetFile(path)
    metadata = {k.decode(): v.decode() for k, v in (file.schema_arrow.metadata or {}).items()}
    table = file.read()
    table = table.filter(table["label"].is_valid())
    names = [name for name in table.column_names if name not in LEADING]
    if metadata.get("sentinel.features_sha256") != sha256("\n".join(names).encode()):
        sys.exit(f"{path} was not made by `sentinel features`")
    sources = json.loads(metadata["sentinel.files"])
    passes = table["pass"].to_numpy()
    tables = []
    for number in sorted(set(passes.tolist())):
        rows = table.filter(passes == number)
        times = rows["timestamp"].to_numpy()
        if (np.diff(times) < 0).any():
            sys.exit(f"{path} is not in the order of its time")
        x = np.column_stack([rows[name].to_numpy() for name in names]).astype(np.float32)
        y = rows["label"].to_numpy(zero_copy_only=False).astype(bool)
        typology = np.array(rows["typology"].to_pylist(), dtype=object)
        cuts = measures.time_split(times.tolist(), SHARES)
        tables.append(Table(sources, HISTORY[number], names, x, y, typology, cuts))
    return tables


def training_rows(tables: list[Table], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """All positives and a share of the negatives of the first part of every file and pass."""
    draw = np.random.default_rng(seed)
    xs, ys = [], []
    for table in tables:
        x, y = table.x[table.part(TRAIN)], table.y[table.part(TRAIN)]
        kept = y | (draw.random(len(y)) < KEPT_NEGATIVES)
        xs.append(x[kept])
        ys.append(y[kept])
    return np.concatenate(xs), np.concatenate(ys)


def fit(tables: list[Table], seed: int) -> lightgbm.Booster:
    boosters = []
    for member in range(seed, seed + BOOSTERS):
        x, y = training_rows(tables, member)
        data = lightgbm.Dataset(x, y.astype(np.int32), feature_name=tables[0].names)
        boosters.append(lightgbm.train({**PARAMETERS, "seed": member}, data, TREES))
    return average(boosters)


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


def calibrate(tables: list[Table], raw: list[np.ndarray]) -> tuple[dict, dict]:
    """Platt's calibration over the validation rows of all files, and the lowest thresholds that
    keep to the budget twice: in every file with full history, and among strangers, of whom a
    system that has just begun sees nothing else."""
    scores = [score[table.part(VALIDATE)] for table, score in zip(tables, raw)]
    labels = [table.y[table.part(VALIDATE)] for table in tables]
    a, b = measures.fit_platt(np.concatenate(scores).tolist(), np.concatenate(labels).tolist())
    rankings = [
        measures.ranked(s.tolist(), y.tolist())
        for table, s, y in zip(tables, scores, labels)
        if table.history == "full"
    ]
    unknown = [strangers(table)[table.part(VALIDATE)] for table in tables]
    among_strangers = measures.ranked(
        np.concatenate([s[u] for s, u in zip(scores, unknown)]).tolist(),
        np.concatenate([y[u] for y, u in zip(labels, unknown)]).tolist(),
    )

    def threshold(share: float, share_of_strangers: float) -> float:
        places = [measures.threshold_for(ranking, share) for ranking in rankings]
        if among_strangers:
            places.append(measures.threshold_for(among_strangers, share_of_strangers))
        return measures.platt(max(places), a, b)

    thresholds = {
        "uncertain_low": threshold(UNCERTAIN_SHARE, UNCERTAIN_SHARE_OF_STRANGERS),
        "alert": threshold(ALERT_SHARE, ALERT_SHARE),
    }
    return {"method": "platt", "a": a, "b": b}, thresholds


def strangers(table: Table) -> np.ndarray:
    """Rows between two accounts that were never seen before."""
    age = [table.x[:, table.names.index(f"{party}_age_days")] for party in ("sender", "receiver")]
    return (age[0] < 0) & (age[1] < 0)


def export(booster: lightgbm.Booster, names: list[str]) -> bytes:
    kind = FloatTensorType([None, len(names)])
    exported = onnxmltools.convert_lightgbm(
        booster, initial_types=[("input", kind)], zipmap=False, target_opset=15
    )
    return add_covers(exported, booster).SerializeToString(deterministic=True)


def check_parity(model: bytes, table: Table, raw: np.ndarray, calibration: dict):
    """The largest difference between LightGBM and the exported file over the test rows, and a few
    rows with onnxruntime's answers, for the runtime to be tested against."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    part = table.part(TEST)
    x = table.x[part]
    answers = session.run(["probabilities"], {"input": x})[0][:, 1].astype(float)
    difference = float(np.abs(answers - raw[part]).max())
    if difference > 1e-5:
        sys.exit(f"the exported model answers otherwise than LightGBM, by {difference}")
    # From the least to the most suspicious.
    order = np.argsort(answers, kind="stable")
    chosen = order[[0, len(order) // 2, *(len(order) - 1 - np.array([1000, 300, 100, 30, 0]))]]
    a, b = calibration["a"], calibration["b"]
    examples = [
        {
            "values": [float(value) for value in x[i]],
            "raw": answers[i],
            "probability": measures.platt(answers[i], a, b),
        }
        for i in chosen
    ]
    return difference, examples


def measure(table, index, raw, calibration, thresholds, seed) -> dict:
    """Figures of one part of one file."""
    part = table.part(index)
    labels, typologies = table.y[part], table.typology[part]
    a, b = calibration["a"], calibration["b"]
    scores = np.array([measures.platt(score, a, b) for score in raw[part].tolist()])
    groups = measures.ranked(scores.tolist(), labels.tolist())
    alerted, uncertain = scores >= thresholds["alert"], scores >= thresholds["uncertain_low"]
    figures = {
        "file": ", ".join(source["name"] for source in table.sources),
        "history": table.history,
        "rows": len(labels),
        "positives": int(labels.sum()),
        "pr_auc": figure(groups, measures.average_precision, seed),
    }
    for share in (0.001, 0.005, 0.01):
        name = f"recall_at_{share:.1%}".replace("%", "_percent_alerts")
        figures[name] = figure(groups, lambda g, s=share: measures.recall_at(g, s), seed)
    figures["at_thresholds"] = {
        "alert_share": float(alerted.mean()),
        "alert_precision": float(labels[alerted].mean()) if alerted.any() else None,
        "alert_recall": float(alerted[labels].mean()),
        "alert_or_uncertain_share": float(uncertain.mean()),
        "alert_or_uncertain_recall": float(uncertain[labels].mean()),
    }
    unknown = strangers(table)[part]
    figures["strangers"] = {
        "rows": int(unknown.sum()),
        "positives": int(labels[unknown].sum()),
        "alert_share": float(alerted[unknown].mean()) if unknown.any() else None,
        "alert_or_uncertain_share": float(uncertain[unknown].mean()) if unknown.any() else None,
    }
    figures["calibration"] = {
        "expected_positives": round(float(scores.sum()), 1),
        "brier": float(np.mean((scores - labels) ** 2)),
    }
    figures["typologies"] = {
        str(name): by_typology(typologies[labels] == name, alerted[labels], uncertain[labels])
        for name in sorted(set(typologies[labels]), key=str)
    }
    return figures


def figure(groups, of, seed: int) -> dict:
    low, high = measures.bootstrap_interval(groups, of, seed)
    return {"value": round(of(groups), 4), "interval_95": [round(low, 4), round(high, 4)]}


def by_typology(chosen, alerted, uncertain) -> dict:
    hits, total = int(alerted[chosen].sum()), int(chosen.sum())
    low, high = measures.wilson_interval(hits, total)
    return {
        "positives": total,
        "alert_recall": round(hits / total, 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "alert_or_uncertain_recall": round(float(uncertain[chosen].mean()), 4),
    }


def baselines(tables: list[Table], seed: int) -> list[dict]:
    """A random forest of the same features, to compare with."""
    x, y = training_rows(tables, seed)
    forest = RandomForestClassifier(100, max_depth=10, random_state=seed, n_jobs=1).fit(x, y)
    results = []
    for table in tables:
        part = table.part(TEST)
        scores = forest.predict_proba(table.x[part])[:, 1]
        groups = measures.ranked(scores.tolist(), table.y[part].tolist())
        found = figure(groups, measures.average_precision, seed)
        name = ", ".join(source["name"] for source in table.sources)
        entry = {"model": "random forest 100 x depth 10", "file": name, "history": table.history}
        results.append({**entry, "pr_auc": found})
    return results


def importance(booster: lightgbm.Booster, names: list[str]) -> dict[str, float]:
    """Each used feature's share of the gain, largest first."""
    gains = booster.feature_importance("gain")
    order = sorted(range(len(names)), key=lambda i: -gains[i])
    return {names[i]: round(float(gains[i] / gains.sum()), 5) for i in order if gains[i] > 0}


def describe_split(tables: list[Table]) -> dict:
    parts = {"train": TRAIN, "validation": VALIDATE, "test": TEST}
    return {
        "by": "time, per file; rows of one time stay together",
        "history": "each row counts twice: with all history, and with at most some days of it",
        "shares": [0.6, 0.2, 0.2],
        **{
            name: {
                "rows": int(sum(len(table.y[table.part(index)]) for table in tables)),
                "positives": int(sum(table.y[table.part(index)].sum() for table in tables)),
            }
            for name, index in parts.items()
        },
    }


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def now() -> str:
    """The time of training; SOURCE_DATE_EPOCH makes the card repeat too."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    utc = datetime.timezone.utc
    at = datetime.datetime.fromtimestamp(int(epoch), utc) if epoch else datetime.datetime.now(utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def today() -> str:
    return now()[:10]


def summary(card: dict, size: int) -> str:
    lines = [f"model {card['onnx_sha256'][:16]}, {size:,} bytes, {BOOSTERS} x {TREES} trees"]
    for test in card["metrics"]["test"]:
        auc, at = test["pr_auc"], test["at_thresholds"]
        lines.append(
            f"{test['file']}, {test['history']} history: PR-AUC {auc['value']:.3f} {auc['interval_95']}, "
            f"alerts {at['alert_share']:.2%} of {test['rows']:,} rows, "
            f"recall {at['alert_recall']:.1%}, with the uncertain band "
            f"{at['alert_or_uncertain_recall']:.1%} at {at['alert_or_uncertain_share']:.2%}"
        )
    for baseline in card["metrics"].get("baselines", []):
        of = f"{baseline['model']}, {baseline['file']}, {baseline['history']} history"
        lines.append(f"{of}: PR-AUC {baseline['pr_auc']['value']:.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
