"""Makes models of the sizes that `cargo bench -p sentinel --features model --bench model` is to be
run on; they are too large to keep.

    python training/bench_models.py /tmp/models
    cargo bench -p sentinel --features model --bench model -- /tmp/models/*.onnx
"""

from __future__ import annotations

import pathlib
import sys

import lightgbm
import numpy as np
import onnxmltools
import skl2onnx
from onnxmltools.convert.common.data_types import FloatTensorType as LightgbmFloats
from skl2onnx.common.data_types import FloatTensorType as SklearnFloats
from sklearn.ensemble import RandomForestClassifier

from covers import add_covers

COLUMNS = 60


def main(out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(60_000, COLUMNS)).astype(np.float32)
    pairs = np.log(x[:, :30]) * np.log(x[:, 30:])
    y = (pairs[:, :12].sum(axis=1) + rng.normal(size=len(x)) > 5).astype(int)
    for trees, leaves in [(100, 31), (300, 31), (300, 63)]:
        boosted = lightgbm.LGBMClassifier(
            n_estimators=trees, num_leaves=leaves, random_state=1, verbose=-1
        ).fit(x, y)
        exported = onnxmltools.convert_lightgbm(
            boosted,
            initial_types=[("input", LightgbmFloats([None, COLUMNS]))],
            zipmap=False,
            target_opset=15,
        )
        save(out / f"lightgbm-{trees}x{leaves}.onnx", add_covers(exported, boosted))
    forest = RandomForestClassifier(100, max_depth=10, random_state=1).fit(x[:20_000], y[:20_000])
    exported = skl2onnx.convert_sklearn(
        forest,
        initial_types=[("input", SklearnFloats([None, COLUMNS]))],
        options={id(forest): {"zipmap": False}},
        target_opset=15,
    )
    save(out / "forest-100x10.onnx", add_covers(exported, forest))


def save(path: pathlib.Path, model) -> None:
    path.write_bytes(model.SerializeToString(deterministic=True))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
