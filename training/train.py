"""Trains the model that ships: from feature files to `model.onnx`, its card and a few examples.

    sentinel features data.parquet --forget-days 7 --out features.parquet
    python training/train.py features.parquet --out shared/model

Each file is cut by time: the first 60 % of its rows are for training, the next 20 % for calibration
and thresholds, the last 20 % only for measuring. Trees are few and small because loading them is
part of a Lambda function's cold start. The same files, seed and versions give the same ONNX file,
byte for byte.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import sys

import lightgbm
import numpy as np
import onnxmltools
import onnxruntime
from onnxmltools.convert.common.data_types import FloatTensorType

import boosting
import drift
import measures
from covers import add_covers
from tables import FULL, PARTS, TEST, TRAIN, VALIDATE, Table, read_all, sha256, strangers

ALERT_SHARE = 0.005
UNCERTAIN_SHARE = 0.02
UNCERTAIN_SHARE_OF_STRANGERS = 0.05
# The parameters that `tune.py` chose.
TUNING = pathlib.Path(__file__).with_name("tuning.json")
LIMITS = [
    "Trained on generated payments, not on a bank's: expect other score levels on real data and "
    "set the thresholds anew on your own.",
    "Cash, borders and currencies are known only from payments simulated after SAML-D's published "
    "statistics; figures on these measure the simulation. The real SAML-D was neither trained nor "
    "measured on.",
    "A pattern is seen only through the two accounts of a payment and their pair: the first "
    "payments of a cycle or a chain look like any other.",
    "Without history there is little to judge by: see the figures for days of history.",
    "Patterns of a kind it was not trained on are hardly found at all: between data sets of "
    "different makers nothing transferred (training/study.json).",
    "One calibration and one pair of thresholds serve data sets whose laundering differs tenfold in "
    "frequency: on a single one of them probabilities are too high or too low.",
    "Laundering patterns come as groups of payments, and the intervals treat payments as "
    "independent: the true ones are wider.",
]
# SAML-D itself may not be used to train a model that ships.
UNMEASURED = [
    {
        "file": "SAML-D.csv",
        "rows": 9_504_852,
        "positives": 9_873,
        "pr_auc": None,
        "why": "the full file was not at hand; nothing was measured on it",
        "commands": [
            "sentinel features data/raw/SAML-D.csv --out training/.work/saml-d.parquet",
            "python training/measure.py training/.work/saml-d.parquet --model shared/model",
        ],
    }
]


def main() -> None:
    arguments = parse_arguments()
    tables = read_all(arguments.features)
    names = tables[0].names
    parameters = json.loads(TUNING.read_text())["chosen"]

    booster = boosting.fit(tables, parameters, arguments.seed, say="training: ")
    raw = [booster.predict(table.x) for table in tables]
    calibration, compared = calibrate(tables, raw)
    thresholds = budget_thresholds(tables, raw, calibration)
    model = export(booster, names)
    parity, examples = check_parity(model, tables[0], raw[0], calibration)
    calibrated = [apply(calibration, scores) for scores in raw]

    def measured(part: int) -> list[dict]:
        return [
            measure(table, part, scores, thresholds, arguments.seed)
            for table, scores in zip(tables, calibrated)
        ]

    card = {
        "name": f"lightgbm-{today()}",
        "created": now(),
        "command": f"python training/train.py {' '.join(sys.argv[1:])}",
        "data": {"files": [s for table in tables if table.history == FULL for s in table.sources]},
        "split": describe_split(tables),
        "features": names,
        "features_sha256": sha256("\n".join(names).encode()),
        "onnx_sha256": sha256(model),
        "thresholds": thresholds,
        "calibration": calibration,
        "training": {
            "parameters": {**boosting.FIXED, **parameters},
            "boosters": boosting.BOOSTERS,
            "trees": booster.num_trees(),
            "kept_negatives": boosting.KEPT_NEGATIVES,
            "seed": arguments.seed,
            "calibrations_compared": compared,
            "parity_with_onnxruntime": parity,
        },
        "metrics": {
            "test": measured(TEST),
            "validation": measured(VALIDATE),
            "unmeasured": UNMEASURED,
            "importance": importance(booster, names),
        },
        "drift": drift_reference(tables, calibrated),
        "covers": "nodes_hitrates",
        "limits": LIMITS,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.out.joinpath("model.onnx").write_bytes(model)
    arguments.out.joinpath("examples.json").write_text(json.dumps(examples) + "\n")
    arguments.out.joinpath("card.json").write_text(compact(card) + "\n")
    print(summary(card, len(model)))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+", type=pathlib.Path, help="from `sentinel features`")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the model goes")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def calibrate(tables: list[Table], raw: list[np.ndarray]) -> tuple[dict, dict]:
    """Calibrates with Platt's two parameters or with an isotonic table, compared by two-fold
    cross-validation on the validation rows. Platt's keep the ranking free of ties, so the table is
    chosen only if its log loss is more than one percent lower."""
    part = [table.part(VALIDATE) for table in tables]
    scores = np.concatenate([score[p] for score, p in zip(raw, part)])
    labels = np.concatenate([table.y[p] for table, p in zip(tables, part)])
    even = np.arange(len(labels)) % 2 == 0
    losses = {"platt": 0.0, "isotonic": 0.0}
    for fitted in (even, ~even):
        for method in losses:
            found = fit_calibration(method, scores[fitted], labels[fitted])
            losses[method] += log_loss(apply(found, scores[~fitted]), labels[~fitted]) / 2
    method = "isotonic" if losses["isotonic"] < 0.99 * losses["platt"] else "platt"
    compared = {f"log_loss_{name}": float(f"{loss:.6g}") for name, loss in losses.items()}
    return fit_calibration(method, scores, labels), compared


def fit_calibration(method: str, scores: np.ndarray, labels: np.ndarray) -> dict:
    if method == "platt":
        a, b = measures.fit_platt(scores.tolist(), labels.tolist())
        return {"method": "platt", "a": a, "b": b}
    x, y = measures.fit_isotonic(scores.tolist(), labels.tolist())
    return {"method": "isotonic", "x": x, "y": y}


def apply(calibration: dict, scores: np.ndarray) -> np.ndarray:
    """Calibrated probabilities, as the runtime computes them."""
    if calibration["method"] == "isotonic":
        return np.interp(scores, calibration["x"], calibration["y"])
    q = np.clip(scores, 1e-9, 1 - 1e-9)
    return 1 / (1 + np.exp(-(calibration["a"] * np.log(q / (1 - q)) + calibration["b"])))


def log_loss(p: np.ndarray, labels: np.ndarray) -> float:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(labels, np.log(p), np.log1p(-p))))


def budget_thresholds(tables: list[Table], raw: list[np.ndarray], calibration: dict) -> dict:
    """The lowest thresholds that meet the alert budget twice: on average over the files with full
    history, each with the same weight, and among payments between strangers, because a new
    installation sees nothing else. A common threshold cannot alert the same share of every file:
    where laundering is frequent, scores are higher and alerts more frequent."""
    part = [table.part(VALIDATE) for table in tables]
    # Only honest payments use up the budget: alerts on laundering are right, however many.
    full = [
        score[p][~table.y[p]]
        for table, score, p in zip(tables, raw, part)
        if table.history == FULL
    ]
    honest = np.concatenate(full)
    weights = np.concatenate([np.full(len(one), 1 / len(one) / len(full)) for one in full])
    unknown = [strangers(table)[p] for table, p in zip(tables, part)]
    among_strangers = honest_ranking(
        np.concatenate([score[p][u] for score, p, u in zip(raw, part, unknown)]),
        np.concatenate([table.y[p][u] for table, p, u in zip(tables, part, unknown)]),
    )

    def threshold(share: float, share_of_strangers: float) -> float:
        place = lowest_within(honest, weights, share)
        if among_strangers:
            place = max(place, measures.threshold_for(among_strangers, share_of_strangers))
        return float(apply(calibration, np.array([place]))[0])

    return {
        "uncertain_low": threshold(UNCERTAIN_SHARE, UNCERTAIN_SHARE_OF_STRANGERS),
        "alert": threshold(ALERT_SHARE, ALERT_SHARE),
    }


def lowest_within(scores: np.ndarray, weights: np.ndarray, budget: float) -> float:
    """The lowest score for which the weights of all rows that reach it stay within the budget, or
    1.0 if there is none."""
    order = np.argsort(-scores, kind="stable")
    ordered, spent = scores[order], np.cumsum(weights[order])
    # Equal scores alert together or not at all.
    last = np.append(ordered[1:] != ordered[:-1], True)
    within = ordered[last & (spent <= budget)]
    return float(within[-1]) if len(within) else 1.0


def honest_ranking(scores: np.ndarray, labels: np.ndarray) -> list[measures.Group]:
    """Ranks only the honest payments, because alerts on laundering use up no budget."""
    return measures.ranked(scores[~labels].tolist(), labels[~labels].tolist())


def export(booster: lightgbm.Booster, names: list[str]) -> bytes:
    kind = FloatTensorType([None, len(names)])
    exported = onnxmltools.convert_lightgbm(
        booster, initial_types=[("input", kind)], zipmap=False, target_opset=15
    )
    return add_covers(exported, booster).SerializeToString(deterministic=True)


def check_parity(model: bytes, table: Table, raw: np.ndarray, calibration: dict):
    """Returns the largest difference between LightGBM and the exported file over the test rows, and
    a few rows with onnxruntime's answers, against which the runtime is tested."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    part = table.part(TEST)
    x = table.x[part]
    answers = session.run(["probabilities"], {"input": x})[0][:, 1].astype(float)
    difference = float(np.abs(answers - raw[part]).max())
    if difference > 1e-5:
        sys.exit(f"the exported model answers otherwise than LightGBM, by {difference}")
    # Six rows from the least to the most suspicious, most of them near the top.
    order = np.argsort(answers, kind="stable")
    top = len(order) - 1 - np.array([1000, 300, 100, 30, 0])
    chosen = order[[0, len(order) // 2, *np.maximum(top, 0)]]
    probabilities = apply(calibration, answers)
    examples = [
        {
            "values": [float(value) for value in x[i]],
            "raw": answers[i],
            "probability": float(probabilities[i]),
        }
        for i in chosen
    ]
    return difference, examples


def measure(table: Table, index: int, scores: np.ndarray, thresholds: dict, seed: int) -> dict:
    """Figures of one part of one table, from calibrated scores."""
    part = table.part(index)
    labels, typologies, scores = table.y[part], table.typology[part], scores[part]
    groups = measures.ranked(scores.tolist(), labels.tolist())
    alerted, uncertain = scores >= thresholds["alert"], scores >= thresholds["uncertain_low"]
    unknown = strangers(table)[part]
    return {
        "file": ", ".join(source["name"] for source in table.sources),
        "history": table.history,
        "rows": len(labels),
        "positives": int(labels.sum()),
        "pr_auc": figure(groups, measures.average_precision, seed),
        **{
            f"recall_at_{share:.1%}".replace("%", "_percent_alerts"): figure(
                groups, lambda g, s=share: measures.recall_at(g, s), seed
            )
            for share in (0.001, 0.005, 0.01)
        },
        "at_thresholds": {
            "alert_share": share_of(alerted),
            "alert_precision": share_of(labels[alerted]),
            "alert_recall": share_of(alerted[labels]),
            "alert_or_uncertain_share": share_of(uncertain),
            "alert_or_uncertain_recall": share_of(uncertain[labels]),
        },
        "strangers": {
            "rows": int(unknown.sum()),
            "positives": int(labels[unknown].sum()),
            "alert_share": share_of(alerted[unknown]),
            "alert_or_uncertain_share": share_of(uncertain[unknown]),
        },
        "calibration": {
            "expected_positives": round(float(scores.sum()), 1),
            "brier": float(f"{np.mean((scores - labels) ** 2):.5g}"),
        },
        "typologies": {
            str(name): by_typology(typologies[labels] == name, alerted[labels], uncertain[labels])
            for name in sorted(set(typologies[labels]), key=str)
        },
    }


def share_of(flags: np.ndarray) -> float | None:
    return round(float(flags.mean()), 6) if len(flags) else None


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
        "alert_or_uncertain_recall": share_of(uncertain[chosen]),
    }


def drift_reference(tables: list[Table], calibrated: list[np.ndarray]) -> dict:
    """Bins of the training rows with full history, with the same number of rows from every file."""
    full = [(table, score) for table, score in zip(tables, calibrated) if table.history == FULL]
    each = min(len(table.y[table.part(TRAIN)]) for table, _ in full)
    rows, scores = [], []
    for table, score in full:
        # Spread evenly over the training period.
        end = table.part(TRAIN).stop
        chosen = np.linspace(0, end - 1, min(each, 40_000)).astype(int)
        rows.append(table.x[chosen])
        scores.append(score[chosen])
    x = np.concatenate(rows)

    def reference(values: np.ndarray, at=None) -> dict:
        listed = values.tolist()
        found = [float(f"{edge:.6g}") for edge in drift.edges(listed, at)]
        found = sorted(set(found))
        shares = [round(share, 5) for share in drift.shares(listed, found)]
        return {"edges": found, "shares": shares}

    return {
        "bins": "bin i holds edges[i-1] < x <= edges[i]; shares are of the training rows",
        "rows": len(x),
        "score": reference(np.concatenate(scores), drift.SCORE_SHARES),
        "features": {
            name: reference(x[:, index]) for index, name in enumerate(tables[0].names)
        },
    }


def importance(booster: lightgbm.Booster, names: list[str]) -> dict[str, float]:
    """Each used feature's share of the gain, largest first."""
    gains = booster.feature_importance("gain")
    order = sorted(range(len(names)), key=lambda i: -gains[i])
    return {names[i]: round(float(gains[i] / gains.sum()), 5) for i in order if gains[i] > 0}


def describe_split(tables: list[Table]) -> dict:
    return {
        "by": "time, per file; rows of one time stay together",
        "history": "with all history, and once more with at most some days of it",
        "shares": [0.6, 0.2, 0.2],
        **{
            name: {
                "rows": int(sum(len(table.y[table.part(index)]) for table in tables)),
                "positives": int(sum(table.y[table.part(index)].sum() for table in tables)),
            }
            for name, index in PARTS.items()
        },
    }


def compact(card: dict) -> str:
    """Indented JSON with each list of numbers on one line, because people read cards too."""
    text = json.dumps(card, indent=2)
    lines, inside = [], None
    for line in text.split("\n"):
        bare = line.strip().rstrip(",")
        is_number = bare.translate(str.maketrans("", "", "e-+.")).isdigit()
        if inside is None and line.endswith("["):
            inside = [line]
        elif inside is not None and is_number:
            inside.append(line.strip())
        elif inside is not None and len(inside) > 1 and bare == "]":
            lines.append(inside[0] + " ".join(inside[1:]) + line.strip())
            inside = None
        else:
            lines.extend(inside or [])
            inside = [line] if line.endswith("[") else None
            if inside is None:
                lines.append(line)
    return "\n".join(lines + (inside or []))


def now() -> str:
    """The time of training. SOURCE_DATE_EPOCH fixes it, which makes the card reproducible too."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    utc = datetime.timezone.utc
    at = datetime.datetime.fromtimestamp(int(epoch), utc) if epoch else datetime.datetime.now(utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def today() -> str:
    return now()[:10]


def summary(card: dict, size: int) -> str:
    trees = card["training"]["trees"]
    lines = [f"model {card['onnx_sha256'][:16]}, {size:,} bytes, {trees} trees"]
    for test in card["metrics"]["test"]:
        auc, at = test["pr_auc"], test["at_thresholds"]
        lines.append(
            f"{test['file']}, {test['history']} history: "
            f"PR-AUC {auc['value']:.3f} {auc['interval_95']}, "
            f"alerts {at['alert_share']:.2%} of {test['rows']:,} rows, "
            f"recall {at['alert_recall']:.1%}, with the uncertain band "
            f"{at['alert_or_uncertain_recall']:.1%} at {at['alert_or_uncertain_share']:.2%}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
