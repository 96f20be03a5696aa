"""Tests of the whole path from a feature file to a model, on a small data set. Needs the packages
in training/requirements.txt."""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import tempfile
import unittest
from unittest import mock

try:
    import numpy as np
    import pyarrow
    import pyarrow.parquet

    import boosting
    import drift
    import leakage
    import tables
    import train
    from study import Places, curve_figures
except ImportError as missing:
    raise unittest.SkipTest(f"needs training/requirements.txt: {missing}") from missing

NAMES = ["sender_age_days", "receiver_age_days", "new_share", "amount", "always_one"]


def feature_file(path: pathlib.Path, rows: int = 6000) -> None:
    """Writes a feature file in which laundering payments have a higher `new_share`."""
    draw = np.random.default_rng(5)
    label = draw.random(rows) < 0.03
    columns = {
        "pass": np.zeros(rows, dtype=np.int32),
        "row": np.arange(rows),
        "timestamp": np.arange(rows, dtype=float),
        "label": label,
        "typology": np.where(label, "Fan_Out", "Normal"),
        "sender_age_days": draw.integers(-1, 9, rows).astype(np.float32),
        "receiver_age_days": draw.integers(-1, 9, rows).astype(np.float32),
        "new_share": (label * 0.5 + draw.random(rows)).astype(np.float32),
        "amount": draw.random(rows).astype(np.float32),
        "always_one": np.ones(rows, dtype=np.float32),
    }
    metadata = {
        "sentinel.features_sha256": hashlib.sha256("\n".join(NAMES).encode()).hexdigest(),
        "sentinel.files": json.dumps(
            [{"name": "small.csv", "sha256": "0" * 64, "rows": rows, "positives": int(label.sum())}]
        ),
    }
    table = pyarrow.table(columns).replace_schema_metadata(metadata)
    pyarrow.parquet.write_table(table, path)


def trained(folder: pathlib.Path) -> dict:
    """Trains into a folder, without output and with a fixed time; returns the card."""
    file, out = str(folder / "small.parquet"), str(folder / "out")
    command = ["train.py", file, "--out", out, "--seed", "3"]
    fixed = mock.patch.dict(os.environ, {"SOURCE_DATE_EPOCH": "1700000000"})
    quiet = (contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()))
    with mock.patch("sys.argv", command), fixed, quiet[0], quiet[1]:
        train.main()
    return json.loads((folder / "out/card.json").read_text())


class TheWholeWay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        feature_file(folder / "small.parquet")
        cls.card = trained(folder)
        cls.first = {p.name: p.read_bytes() for p in (folder / "out").iterdir()}
        trained(folder)
        cls.second = {p.name: p.read_bytes() for p in (folder / "out").iterdir()}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_same_seed_makes_the_same_files(self):
        self.assertEqual(set(self.first), {"model.onnx", "card.json", "examples.json"})
        self.assertEqual(self.first, self.second)

    def test_the_card_names_the_model_it_belongs_to(self):
        model = hashlib.sha256(self.first["model.onnx"]).hexdigest()
        self.assertEqual(self.card["onnx_sha256"], model)
        names = hashlib.sha256("\n".join(self.card["features"]).encode()).hexdigest()
        self.assertEqual(self.card["features_sha256"], names)

    def test_a_feature_that_never_changes_is_left_out(self):
        self.assertEqual(self.card["features"], NAMES[:-1])

    def test_what_was_not_measured_says_so(self):
        unmeasured = self.card["metrics"]["unmeasured"][0]
        self.assertIsNone(unmeasured["pr_auc"])
        self.assertIn("measure.py", unmeasured["commands"][-1])

    def test_drift_is_told_for_every_feature_and_the_score(self):
        reference = self.card["drift"]
        self.assertEqual(list(reference["features"]), self.card["features"])
        for one in [reference["score"], *reference["features"].values()]:
            self.assertEqual(len(one["shares"]), len(one["edges"]) + 1)
            self.assertAlmostEqual(sum(one["shares"]), 1, places=3)
            self.assertEqual(drift.stability(one["shares"], one["shares"]), 0)

    def test_thresholds_rise(self):
        thresholds = self.card["thresholds"]
        self.assertTrue(0 <= thresholds["uncertain_low"] <= thresholds["alert"] <= 1)


class Budget(unittest.TestCase):
    def test_the_budget_is_spent_and_not_exceeded(self):
        scores, weights = np.array([0.2, 0.9, 0.5, 0.7]), np.full(4, 0.25)
        self.assertEqual(train.lowest_within(scores, weights, 0.5), 0.7)
        self.assertEqual(train.lowest_within(scores, weights, 0.2), 1.0)

    def test_equal_scores_alert_together_or_not_at_all(self):
        scores, weights = np.array([0.9, 0.5, 0.5, 0.1]), np.full(4, 0.25)
        self.assertEqual(train.lowest_within(scores, weights, 0.5), 0.9)
        self.assertEqual(train.lowest_within(scores, weights, 0.75), 0.5)


class Rows(unittest.TestCase):
    def table(self, rate: float) -> tables.Table:
        y = np.arange(10_000) % round(1 / rate) == 0
        x = np.zeros((10_000, 1), dtype=np.float32)
        return tables.Table("t", [], tables.FULL, ["f"], x, y, y.astype(object), [6_000, 8_000])

    def test_frequent_positives_weigh_less(self):
        rare, frequent = self.table(0.001), self.table(0.01)
        _, y, weight = boosting.training_rows([rare, frequent], 1)
        self.assertEqual(set(weight[~y]), {1.0})
        self.assertAlmostEqual(weight[y].min(), 0.1**0.5)
        self.assertEqual(weight[y].max(), 1.0)

    def test_only_the_first_part_trains(self):
        table = self.table(0.01)
        table.x[6_000:] = 1.0
        x, _, _ = boosting.training_rows([table], 1)
        self.assertEqual(x.max(), 0.0)


class Figures(unittest.TestCase):
    def test_a_perfect_ranking_finds_everything(self):
        labels = np.arange(1000) < 5
        auc, *recalls = Places.of(-np.arange(1000.0), labels).figures()
        self.assertEqual(auc, 1.0)
        self.assertEqual(recalls, [0.2, 1.0, 1.0])

    def test_intervals_hold_the_mean(self):
        draw = np.random.default_rng(2)
        labels = draw.random(5000) < 0.02
        repeats = [labels + draw.normal(size=5000) for _ in range(3)]
        found = curve_figures(repeats, labels, curve=True)
        low, high = found["pr_auc"]["interval_95"]
        self.assertTrue(low < found["pr_auc"]["mean"] < high)
        precision = found["curve"]["precision"]
        self.assertEqual(precision, sorted(precision, reverse=True))


class Leaks(unittest.TestCase):
    def test_a_giveaway_is_found_and_its_absence_too(self):
        draw = np.random.default_rng(4)
        rows = 6000
        label = draw.random(rows) < 0.05
        amount = draw.integers(100, 10_000, rows) + np.where(label, 0.99, 0.0)
        table = pyarrow.table({
            "Time": ["12:00:00"] * rows,
            "Date": [f"2023-01-{1 + i * 28 // rows:02}" for i in range(rows)],
            "Sender_account": draw.integers(0, 1000, rows).astype(str),
            "Receiver_account": draw.integers(0, 1000, rows).astype(str),
            "Amount": amount,
            "Is_laundering": label.astype(int),
        })
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "leaky.parquet"
            pyarrow.parquet.write_table(table, path)
            found = leakage.probe(path, seed=1)
        self.assertGreater(found["kinds"]["cents"]["pr_auc"], 0.9)
        self.assertLess(found["kinds"]["account numbers"]["pr_auc"], 0.15)


if __name__ == "__main__":
    unittest.main()
