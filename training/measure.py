"""Measures a trained model on other data, without training: by default on every labelled row.

    sentinel features data.csv --out features.parquet
    python training/measure.py features.parquet --model shared/model
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
import onnxruntime

from tables import FULL, TEST, read
from train import apply, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", type=pathlib.Path, help="from `sentinel features`")
    parser.add_argument("--model", type=pathlib.Path, default=pathlib.Path("shared/model"))
    parser.add_argument("--last-fifth", action="store_true", help="only the last 20 %% of the rows")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    card = json.loads(arguments.model.joinpath("card.json").read_text())
    session = onnxruntime.InferenceSession(
        arguments.model.joinpath("model.onnx").read_bytes(), providers=["CPUExecutionProvider"]
    )
    table = next(table for table in read(arguments.features) if table.history == FULL)
    columns = [table.names.index(name) for name in card["features"]]
    table = table._replace(x=np.ascontiguousarray(table.x[:, columns]), names=card["features"])
    if not arguments.last_fifth:
        table = table._replace(cuts=[0, 0])
    raw = session.run(["probabilities"], {"input": table.x})[0][:, 1].astype(float)
    scores = apply(card["calibration"], raw)
    figures = measure(table, TEST, scores, card["thresholds"], arguments.seed)
    print(json.dumps({"model": card["onnx_sha256"], **figures}, indent=1))


if __name__ == "__main__":
    main()
