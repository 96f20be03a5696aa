"""Makes the fixtures of the `model` crate's tests: small models, and the answers of onnxruntime and
LightGBM to rows with edge cases (missing and infinite values, values equal to a threshold).

    python training/fixtures.py shared/model/src/fixtures

Deterministic with the versions it was written for: lightgbm 4.7.0, scikit-learn 1.9.1, skl2onnx
1.20.0, onnxmltools 1.16.0, onnx 1.23.2, onnxruntime 1.32.0.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import sys

import lightgbm
import numpy as np
import onnx
import onnxmltools
import onnxruntime
import skl2onnx
from onnx import TensorProto, helper
from onnxmltools.convert.common.data_types import FloatTensorType as LightgbmFloats
from skl2onnx.common.data_types import FloatTensorType as SklearnFloats
from sklearn.ensemble import RandomForestClassifier

from covers import add_covers

COLUMNS = 6
FEATURES = [f"feature_{i}" for i in range(COLUMNS)]
# Stands for infinity, which JSON cannot express: too large for 32 bits, it is read as infinity.
INFINITE = 1e39


def main(out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    x, y = rows_and_labels()
    boosted = lightgbm.LGBMClassifier(
        n_estimators=30, num_leaves=15, random_state=1, n_jobs=1, deterministic=True, verbose=-1
    ).fit(x, y)
    exported = onnxmltools.convert_lightgbm(
        boosted,
        initial_types=[("input", LightgbmFloats([None, COLUMNS]))],
        zipmap=False,
        target_opset=15,
    )
    exported.graph.name = "lightgbm"  # random by default
    forest = RandomForestClassifier(20, max_depth=5, random_state=1, n_jobs=1).fit(x, y)
    sklearn = skl2onnx.convert_sklearn(
        forest,
        initial_types=[("input", SklearnFloats([None, COLUMNS]))],
        options={id(forest): {"zipmap": False}},
        target_opset=15,
    )
    boosted_finished = add_covers(exported, boosted)
    write(out, "lightgbm", boosted_finished, "nodes_hitrates", boosted)
    write(out, "lightgbm-as-exported", exported, "none", boosted)
    write(out, "forest", add_covers(sklearn, forest), "nodes_hitrates", forest)
    write(out, "modes", every_mode(), "none", None)


def rows_and_labels():
    rng = np.random.default_rng(20261123)
    x = rng.normal(size=(6000, COLUMNS)).astype(np.float32)
    x[:, 4] = rng.integers(0, 2, size=len(x))
    x[rng.random(x.shape) < 0.08] = np.nan
    known = np.nan_to_num(x)
    signal = known[:, 0] + known[:, 1] * known[:, 2] + known[:, 4] * np.isnan(x[:, 3])
    return x, (signal + rng.normal(size=len(x)) * 0.5 > 1.6).astype(int)


def trial_rows(model: onnx.ModelProto) -> np.ndarray:
    """Ordinary rows, rows on thresholds, rows with missing and infinite values."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(48, COLUMNS)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    node = next(n for n in model.graph.node if n.op_type == "TreeEnsembleClassifier")
    attributes = {a.name: a for a in node.attribute}
    splits = [
        (feature, value)
        for feature, value, mode in zip(
            attributes["nodes_featureids"].ints,
            attributes["nodes_values"].floats,
            attributes["nodes_modes"].strings,
        )
        if mode != b"LEAF"
    ]
    for row in rows[:24]:
        for _ in range(COLUMNS):
            feature, value = splits[rng.integers(len(splits))]
            row[feature] = value
    rows[0] = np.nan
    rows[1] = np.inf
    rows[2] = -np.inf
    rows[3] = 0.0
    return rows


def every_mode() -> onnx.ModelProto:
    """A model with a base value and two trees for each comparison operator: one with
    `nodes_missing_value_tracks_true` set, one without."""
    attributes = {name: [] for name in (
        "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values",
        "nodes_truenodeids", "nodes_falsenodeids", "nodes_missing_value_tracks_true",
        "class_treeids", "class_nodeids", "class_ids", "class_weights",
    )}
    modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
    trees = [(mode, missing) for mode in modes for missing in (0, 1)]
    for tree, (mode, missing) in enumerate(trees):
        # Ids with gaps and out of order, as exporters write them for pruned trees.
        for node, kind, yes, no in [(7, mode, 9, 2), (2, "LEAF", 0, 0), (9, "LEAF", 0, 0)]:
            leaf = kind == "LEAF"
            attributes["nodes_treeids"].append(tree)
            attributes["nodes_nodeids"].append(node)
            attributes["nodes_featureids"].append(0 if leaf else tree % COLUMNS)
            attributes["nodes_modes"].append(kind)
            attributes["nodes_values"].append(0.0 if leaf else 0.25)
            attributes["nodes_truenodeids"].append(yes)
            attributes["nodes_falsenodeids"].append(no)
            attributes["nodes_missing_value_tracks_true"].append(0 if leaf else missing)
            if leaf:
                attributes["class_treeids"].append(tree)
                attributes["class_nodeids"].append(node)
                attributes["class_ids"].append(0)
                attributes["class_weights"].append((1 if node == 9 else -1) * (0.5 + tree / 16))
    node = helper.make_node(
        "TreeEnsembleClassifier", ["input"], ["label", "probabilities"], domain="ai.onnx.ml",
        classlabels_int64s=[0, 1], post_transform="LOGISTIC", base_values=[-0.75], **attributes,
    )
    graph = helper.make_graph(
        [node],
        "modes",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", COLUMNS])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 2]),
        ],
    )
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)]
    model = helper.make_model(graph, opset_imports=opsets)
    model.ir_version = 8
    return model


def write(out: pathlib.Path, name: str, model: onnx.ModelProto, covers: str, trained) -> None:
    data = model.SerializeToString(deterministic=True)
    (out / f"{name}.onnx").write_bytes(data)
    rows = trial_rows(model)
    session = onnxruntime.InferenceSession(data)
    labels, probabilities = session.run(None, {"input": rows})
    expected = {
        "rows": [[readable(v) for v in row] for row in rows],
        "labels": [int(v) for v in labels],
        "probabilities": [float(v) for v in probabilities[:, 1].astype(np.float64)],
    }
    if isinstance(trained, lightgbm.LGBMClassifier) and covers == "nodes_hitrates":
        contributions = trained.booster_.predict(rows, pred_contrib=True)
        expected["contributions"] = [[float(v) for v in row] for row in contributions]
    (out / f"{name}.json").write_text(json.dumps(expected) + "\n")
    card = {
        "name": name,
        "created": "2026-11-23T00:00:00Z",
        "command": "python training/fixtures.py shared/model/src/fixtures",
        "data": {"files": []},
        "split": None,
        "features": FEATURES,
        "features_sha256": hashlib.sha256("\n".join(FEATURES).encode()).hexdigest(),
        "onnx_sha256": hashlib.sha256(data).hexdigest(),
        "thresholds": {"uncertain_low": 0.2, "alert": 0.8},
        "calibration": {"method": "none"},
        "metrics": None,
        "covers": covers,
        "limits": ["A test fixture."],
    }
    (out / f"{name}.card.json").write_text(json.dumps(card, indent=2) + "\n")


def readable(value: np.float32):
    if np.isnan(value):
        return None
    if np.isinf(value):
        return float(np.sign(value)) * INFINITE
    return float(value)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
