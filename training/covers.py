"""Finishes an exported tree model: adds node covers, makes thresholds exact, keeps only the trees.

Exported models have four shortcomings that matter to the runtime (the `model` crate):

1. `nodes_hitrates` is 1.0 everywhere. TreeSHAP needs the number of training rows that reached each
   node (its cover). The ONNX specification has this attribute for such counts, and onnxruntime
   ignores it. Stored in the file, covers are protected by the model's hash.
2. LightGBM splits on `x <= t` with a 64-bit t. Features and ONNX thresholds are 32-bit floats, and
   rounding t up can move a row across the split. The largest 32-bit float not above t decides every
   32-bit x as t does.
3. skl2onnx drops the direction in which scikit-learn sends missing values, so a forest trained with
   NaN and its export disagree (by 0.8 in probability in one test).
4. onnxmltools appends Identity, Cast and Mul-by-one nodes to the trees. They make loading slower,
   and with it the cold start of the Lambda function.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

TREE_OP = "TreeEnsembleClassifier"


def add_covers(model: onnx.ModelProto, trained) -> onnx.ModelProto:
    """Returns a finished copy of `model`, as exported from `trained`.

    `trained` is a LightGBM Booster or classifier, or a scikit-learn forest. Its trees are walked in
    parallel with those of the export; a difference in shape or feature is an error.
    """
    node = _tree_node(model)
    attributes = {a.name: a for a in node.attribute}
    trees = _trees(attributes)
    sources = _lightgbm_trees(trained) if _is_lightgbm(trained) else _sklearn_trees(trained)
    if len(trees) != len(sources):
        raise ValueError(f"the export has {len(trees)} trees, the model {len(sources)}")

    count = len(attributes["nodes_nodeids"].ints)
    covers = np.zeros(count, dtype=np.float64)
    values = np.array(attributes["nodes_values"].floats, dtype=np.float32)
    missing = list(attributes["nodes_missing_value_tracks_true"].ints)
    for tree, source in zip(trees, sources):
        _walk(attributes, tree, source, covers, values, missing)
    if not (covers > 0).all():
        raise ValueError("a node without a single training row: covers must be positive")

    renewed = {
        "nodes_hitrates": [float(c) for c in covers],
        "nodes_values": [float(v) for v in values],
        "nodes_missing_value_tracks_true": missing,
    }
    kept = [a for a in node.attribute if a.name not in renewed]
    kept += [helper.make_attribute(name, value) for name, value in renewed.items()]
    return _only_the_trees(model, node, kept)


def _tree_node(model: onnx.ModelProto) -> onnx.NodeProto:
    nodes = [n for n in model.graph.node if n.op_type == TREE_OP]
    if len(nodes) != 1:
        raise ValueError(f"expected one {TREE_OP}, found {len(nodes)}")
    return nodes[0]


def _trees(attributes) -> list[dict[int, int]]:
    """For each tree, in order: node id → position in the attribute lists."""
    trees: dict[int, dict[int, int]] = {}
    ids = zip(attributes["nodes_treeids"].ints, attributes["nodes_nodeids"].ints)
    for position, (tree, node) in enumerate(ids):
        trees.setdefault(tree, {})[node] = position
    return [trees[t] for t in sorted(trees)]


def _walk(attributes, tree, source, covers, values, missing) -> None:
    """Fills in one tree's covers, LightGBM's thresholds and scikit-learn's missing directions."""
    root = min(tree.values())
    root_id = attributes["nodes_nodeids"].ints[root]
    stack = [(root_id, source)]
    while stack:
        node_id, origin = stack.pop()
        position = tree[node_id]
        covers[position] = origin["cover"]
        leaf = attributes["nodes_modes"].strings[position] == b"LEAF"
        if leaf != ("left" not in origin):
            raise ValueError("a leaf meets a split: the export is of another model")
        if leaf:
            continue
        if attributes["nodes_modes"].strings[position] != b"BRANCH_LEQ":
            raise ValueError("only numerical splits (BRANCH_LEQ) can be finished")
        if attributes["nodes_featureids"].ints[position] != origin["feature"]:
            raise ValueError("features differ: the export is of another model")
        if "threshold" in origin:
            values[position] = floor_float32(origin["threshold"])
        if "missing_left" in origin:
            missing[position] = origin["missing_left"]
        stack.append((attributes["nodes_truenodeids"].ints[position], origin["left"]))
        stack.append((attributes["nodes_falsenodeids"].ints[position], origin["right"]))


def floor_float32(value: float) -> np.float32:
    """The largest 32-bit float that is not above `value`, or infinity if `value` is too large.

    LightGBM separates missing values by a threshold close to the largest 64-bit float, and clips
    infinite features to 1e300. Every 32-bit value, infinity included, is below such a threshold,
    so infinity takes its place.
    """
    with np.errstate(over="ignore"):
        rounded = np.float32(value)
    if float(rounded) > value and not np.isinf(rounded):
        return np.nextafter(rounded, np.float32(-np.inf))
    return rounded


def _is_lightgbm(trained) -> bool:
    return hasattr(trained, "dump_model") or hasattr(trained, "booster_")


def _lightgbm_trees(trained) -> list[dict]:
    booster = getattr(trained, "booster_", trained)

    def convert(node: dict) -> dict:
        if "split_feature" not in node:
            # The only leaf of a tree that never split has no count.
            return {"cover": float(node.get("leaf_count", 1)) or 1.0}
        return {
            "cover": float(node["internal_count"]),
            "feature": node["split_feature"],
            "threshold": float(node["threshold"]),
            "left": convert(node["left_child"]),
            "right": convert(node["right_child"]),
        }

    return [convert(t["tree_structure"]) for t in booster.dump_model()["tree_info"]]


def _sklearn_trees(forest) -> list[dict]:
    def convert(tree, i: int) -> dict:
        node = {"cover": float(tree.weighted_n_node_samples[i])}
        if tree.children_left[i] >= 0:
            # No threshold: skl2onnx has already adjusted those for 32-bit inputs.
            node["feature"] = int(tree.feature[i])
            node["missing_left"] = int(tree.missing_go_to_left[i])
            node["left"] = convert(tree, tree.children_left[i])
            node["right"] = convert(tree, tree.children_right[i])
        return node

    return [convert(e.tree_, 0) for e in forest.estimators_]


def _only_the_trees(model: onnx.ModelProto, node, attributes) -> onnx.ModelProto:
    columns = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    trees = onnx.NodeProto(
        op_type=TREE_OP,
        domain="ai.onnx.ml",
        name="trees",
        input=["input"],
        output=["label", "probabilities"],
    )
    trees.attribute.extend(attributes)
    graph = helper.make_graph(
        [trees],
        "trees",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", columns])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 2]),
        ],
    )
    finished = helper.make_model(
        graph,
        producer_name=model.producer_name,
        producer_version=model.producer_version,
        opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)],
    )
    finished.ir_version = 8
    onnx.checker.check_model(finished)
    return finished
