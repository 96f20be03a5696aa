r"""Measures what a single training run cannot show; writes `study.json`, which `report.py` draws.

    python training/study.py training/.work/*.parquet --raw m1.parquet simulated.csv \
        --out training/study.json

That is how much the figures vary with the seed, what a model knows about data it was not trained
on, and what the data sets leak. Models are measured on the last fifth of each file, by time.
Intervals come from repeatedly drawing a seed and a bootstrap sample of the positives. They treat
payments as independent, which payments of one pattern are not.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import time

import numpy as np
import onnxruntime

import boosting
import leakage
from tables import FULL, TEST, TRAIN, Table, read_all
from train import TUNING, apply

SEEDS = [11, 12, 13, 14, 15]
ALERT_SHARES = [0.001, 0.005, 0.01]
RECALLS = [round(0.02 * i, 2) for i in range(1, 51)]
ROUNDS = 1000
EXPLAINED = 3000
DRAWN_FEATURES = 12
FOREST_TREES = 100
FOREST_SEEDS = 3


def main() -> None:
    arguments = parse_arguments()
    tables = read_all(arguments.features)
    tuning = json.loads(TUNING.read_text())
    card = json.loads(arguments.model.joinpath("card.json").read_text())
    model = arguments.model.joinpath("model.onnx").read_bytes()
    study = Study(tables, tuning["chosen"], arguments.seeds)
    shipped = study.repeat("all files", tables)
    found = {
        "command": f"python training/study.py {' '.join(sys.argv[1:])}",
        "model": card["onnx_sha256"],
        "seeds": arguments.seeds,
        "balance": [balance(table) for table in study.full],
        "shipped": [figures(study, table, shipped) for table in tables],
        "transfer": transfer(study, shipped),
        "forest": study.forests(tuning["forest"]["chosen"]),
        "calibration": [
            reliability(table, study.calibrated(table, card, model)) for table in study.full
        ],
        "features": distributions(study),
        "contributions": study.contributions(),
        "leakage": [leakage.probe(path, arguments.seeds[0]) for path in arguments.raw],
    }
    found["seconds"] = round(time.monotonic() - study.started)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n")
    print(summary(found))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="+", type=pathlib.Path, help="from `sentinel features`")
    parser.add_argument("--raw", nargs="*", type=pathlib.Path, default=[], help="probed for leaks")
    parser.add_argument("--model", type=pathlib.Path, default=pathlib.Path("shared/model"))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    return parser.parse_args()


class Study:
    def __init__(self, tables: list[Table], parameters: dict, seeds: list[int]):
        self.tables = tables
        self.parameters = parameters
        self.seeds = seeds
        self.full = [table for table in tables if table.history == FULL]
        self.started = time.monotonic()
        self.booster = None

    def say(self, text: str) -> None:
        elapsed = time.monotonic() - self.started
        print(f"{elapsed:5.0f} s  {text}", file=sys.stderr, flush=True)

    def repeat(self, name: str, trained_on: list[Table], seeds=None) -> dict:
        """Scores every table's test rows, once for each seed."""

        def once(seed: int):
            booster = boosting.fit(trained_on, self.parameters, seed)
            scores = {}
            for table in self.tables:
                x = table.x[table.part(TEST)]
                scores[key(table)] = booster.predict(x, raw_score=True, num_threads=1)
            self.say(f"trained on {name}, seed {seed}")
            return booster, scores

        runs = boosting.together(once, seeds or self.seeds)
        self.booster = self.booster or runs[0][0]
        return {key(table): [scores[key(table)] for _, scores in runs] for table in self.tables}

    def forests(self, parameters: dict) -> dict:
        """Trains random forests on the same files as the boosters and measures them."""
        repeats = {table.name: [] for table in self.full}
        for seed in self.seeds[:FOREST_SEEDS]:
            found = boosting.forest(self.tables, parameters, seed, FOREST_TREES)
            for table in self.full:
                scores = found.predict_proba(table.x[table.part(TEST)])[:, 1]
                repeats[table.name].append(scores)
            self.say(f"trained a random forest, seed {seed}")
        measured = [
            {"file": table.name, **curve_figures(repeats[table.name], test_labels(table))}
            for table in self.full
        ]
        return {
            "trees": FOREST_TREES,
            "parameters": parameters,
            "seeds": FOREST_SEEDS,
            "measured": measured,
        }

    def calibrated(self, table: Table, card: dict, model: bytes) -> np.ndarray:
        """The shipped model's probabilities for the test rows."""
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        columns = [table.names.index(name) for name in card["features"]]
        x = np.ascontiguousarray(table.x[table.part(TEST)][:, columns])
        raw = session.run(["probabilities"], {"input": x})[0][:, 1].astype(float)
        return apply(card["calibration"], raw)

    def contributions(self) -> dict:
        """Mean absolute SHAP values over randomly drawn test rows and over suspicious ones."""
        draw = np.random.default_rng(self.seeds[0])
        any_row, suspicious = [], []
        for table in self.full:
            x, y = table.x[table.part(TEST)], test_labels(table)
            any_row.append(x[draw.choice(len(x), min(len(x), EXPLAINED // 3), replace=False)])
            suspicious.append(x[np.flatnonzero(y)[:300]])
        found = {}
        for name, rows in (("all", any_row), ("suspicious", suspicious)):
            values = self.booster.predict(np.concatenate(rows), pred_contrib=True)[:, :-1]
            means = np.abs(values).mean(axis=0)
            order = np.argsort(-means)
            found[name] = {self.full[0].names[i]: round(float(means[i]), 4) for i in order[:30]}
        self.say("explained")
        return found


def key(table: Table) -> str:
    return f"{table.name}, {table.history}"


def test_labels(table: Table) -> np.ndarray:
    return table.y[table.part(TEST)]


def balance(table: Table) -> dict:
    typologies, counts = np.unique(table.typology[table.y].astype(str), return_counts=True)
    parts = [table.y[table.part(part)] for part in range(3)]
    return {
        "file": table.name,
        "rows": [len(part) for part in parts],
        "positives": [int(part.sum()) for part in parts],
        "typologies": dict(zip(typologies.tolist(), counts.tolist())),
    }


def figures(study: Study, table: Table, scores: dict) -> dict:
    """One table's figures over all seeds, with its precision-recall curve and its typologies."""
    labels = test_labels(table)
    repeats = scores[key(table)]
    found = {"file": table.name, "history": table.history, "rows": len(labels)}
    found |= curve_figures(repeats, labels, curve=True)
    found["typologies"] = by_typology(repeats, labels, table.typology[table.part(TEST)])
    study.say(f"measured {key(table)}")
    return found


def by_typology(repeats, labels: np.ndarray, typologies: np.ndarray) -> dict:
    """Recall of each typology at each alert share, averaged over seeds."""
    found = {}
    for name in sorted(set(typologies[labels]), key=str):
        chosen = labels & (typologies == name)
        recalls = []
        for scores in repeats:
            ordered = np.sort(scores)[::-1]
            bars = [ordered[int(len(scores) * share)] for share in ALERT_SHARES]
            recalls.append([(scores[chosen] > bar).mean() for bar in bars])
        means = np.mean(recalls, axis=0)
        found[str(name)] = {
            "positives": int(chosen.sum()),
            "recalls": [round(float(mean), 3) for mean in means],
        }
    return found


def curve_figures(repeats: list[np.ndarray], labels: np.ndarray, curve: bool = False) -> dict:
    """PR-AUC and recalls: mean and standard deviation over seeds, and a 95 % interval."""
    places = [Places.of(scores, labels) for scores in repeats]
    plain = np.array([place.figures() for place in places])
    draw = np.random.default_rng(1)
    drawn, curves = [], []
    for _ in range(ROUNDS):
        place = places[draw.integers(len(places))]
        count = len(place.above)
        times = np.bincount(draw.integers(count, size=count), minlength=count)
        drawn.append(place.figures(times))
        if curve:
            curves.append(place.curve(times))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    names = ["pr_auc", *(f"recall_at_{share:g}" for share in ALERT_SHARES)]
    found = {"positives": int(labels.sum())}
    for index, name in enumerate(names):
        values = plain[:, index]
        found[name] = {
            "mean": round(float(values.mean()), 4),
            "deviation": round(float(values.std(ddof=1)), 4) if len(values) > 1 else None,
            "interval_95": [round(float(low[index]), 4), round(float(high[index]), 4)],
        }
    if curve:
        whole = np.mean([place.curve() for place in places], axis=0)
        band = np.quantile(curves, [0.025, 0.975], axis=0)
        found["curve"] = {
            "recall": RECALLS,
            "precision": [round(float(v), 4) for v in whole],
            "low": [round(float(v), 4) for v in band[0]],
            "high": [round(float(v), 4) for v in band[1]],
        }
    return found


class Places:
    """The positions of the positives in a ranking, which are all that the figures depend on."""

    def __init__(self, above: np.ndarray, rows: int):
        # For each positive, highest first: how many negatives score at least as high.
        self.above = above
        self.rows = rows

    @classmethod
    def of(cls, scores: np.ndarray, labels: np.ndarray) -> "Places":
        negatives = np.sort(scores[~labels])
        positives = np.sort(scores[labels])[::-1]
        above = len(negatives) - np.searchsorted(negatives, positives, side="left")
        return cls(above.astype(float), len(scores))

    def hits(self, times) -> np.ndarray:
        return np.cumsum(np.ones(len(self.above)) if times is None else times, dtype=float)

    def figures(self, times=None) -> list[float]:
        """PR-AUC and the recalls, with each positive counted as often as `times` says."""
        hits = self.hits(times)
        each = np.diff(hits, prepend=0.0)
        total = hits[-1]
        precision = np.divide(hits, hits + self.above, out=np.zeros_like(hits), where=hits > 0)
        found = [float((each * precision).sum() / total)]
        for share in ALERT_SHARES:
            found.append(float(each[hits + self.above <= share * self.rows].sum() / total))
        return found

    def curve(self, times=None) -> np.ndarray:
        """The best precision at each of the recalls or beyond."""
        hits = self.hits(times)
        at = np.searchsorted(hits / hits[-1], np.array(RECALLS) - 1e-9)
        at = np.minimum(at, len(hits) - 1)
        precision = hits[at] / (hits[at] + self.above[at])
        # A precision reached at one recall counts at all lower recalls too: the curve never rises.
        return np.maximum.accumulate(precision[::-1])[::-1]


def transfer(study: Study, shipped: dict) -> list[dict]:
    """Models trained on some of the files, measured on the test rows of every file."""
    files = [table.name for table in study.full]
    rows = [("all files", files, shipped)]
    for name in files:
        own = [table for table in study.tables if table.name == name]
        rows.append((f"{name} alone", [name], study.repeat(f"{name} alone", own)))
    if len(files) > 2:
        for name in files:
            others = [table for table in study.tables if table.name != name]
            known = [other for other in files if other != name]
            title = f"all but {name}"
            rows.append((title, known, study.repeat(title, others, study.seeds[:2])))
    return [
        {
            "trained_on": title,
            "files": known,
            "seeds": len(scores[key(study.full[0])]),
            "tested_on": {
                table.name: curve_figures(scores[key(table)], test_labels(table))
                for table in study.full
            },
        }
        for title, known, scores in rows
    ]


def reliability(table: Table, probabilities: np.ndarray) -> dict:
    """Bins of rows by predicted probability, with the number of positives in each."""
    labels = test_labels(table)
    edges = [0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0000001]
    bins = np.digitize(probabilities, edges) - 1
    found = []
    for index in range(len(edges) - 1):
        chosen = bins == index
        if chosen.any():
            rows, positives = int(chosen.sum()), int(labels[chosen].sum())
            mean = float(f"{probabilities[chosen].mean():.4g}")
            found.append({"predicted": mean, "rows": rows, "positives": positives})
    return {"file": table.name, "bins": found}


def distributions(study: Study) -> list[dict]:
    """Histograms of the features with the largest gain, for each class of the training rows. They
    span the 1st to 99th percentile; rows beyond are counted in the outer bins."""
    gains = study.booster.feature_importance("gain")
    found = []
    for index in np.argsort(-gains)[:DRAWN_FEATURES]:
        name = study.full[0].names[index]
        per_file = []
        for table in study.full:
            part = slice(0, table.part(TRAIN).stop)
            x, y = table.x[part][:, index], table.y[part]
            marks = np.quantile(x, [0.01, 0.99])
            edges = np.linspace(marks[0], max(marks[1], marks[0] + 1e-6), 21)
            honest, suspicious = (
                np.histogram(np.clip(x[chosen], edges[0], edges[-1]), edges)[0]
                / max(chosen.sum(), 1)
                for chosen in (~y, y)
            )
            per_file.append({
                "file": table.name,
                "edges": [float(f"{edge:.4g}") for edge in edges],
                "honest": [round(float(v), 4) for v in honest],
                "suspicious": [round(float(v), 4) for v in suspicious],
            })
        share = round(float(gains[index] / gains.sum()), 4)
        found.append({"name": name, "gain": share, "in": per_file})
    return found


def summary(found: dict) -> str:
    lines = []
    for row in found["transfer"]:
        for file, got in row["tested_on"].items():
            auc, recall = got["pr_auc"], got["recall_at_0.01"]
            spread = f" ± {auc['deviation']:.3f}" if auc["deviation"] is not None else ""
            lines.append(
                f"{row['trained_on']} -> {file}: PR-AUC {auc['mean']:.3f}{spread} "
                f"{auc['interval_95']}, recall at 1 % alerts {recall['mean']:.3f} "
                f"{recall['interval_95']}"
            )
    for row in found["forest"]["measured"]:
        auc, recall = row["pr_auc"], row["recall_at_0.01"]
        lines.append(
            f"random forest, all files -> {row['file']}: PR-AUC {auc['mean']:.3f} "
            f"{auc['interval_95']}, recall at 1 % alerts {recall['mean']:.3f}"
        )
    for row in found["leakage"]:
        kinds = {kind: got["pr_auc"] for kind, got in row["kinds"].items()}
        lines.append(f"leakage {row['file']}: base rate {row['base_rate']:.5f}, {kinds}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
