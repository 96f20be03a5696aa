"""Times the Rust runtime against onnxruntime on models of realistic sizes; compares their answers.

    python training/bench_models.py /tmp/models [training/.work/*.parquet]

Trains the models, which are too large to keep in the repository. Then both runtimes take turns on
one core over the same rows: `cargo bench -p model --bench model`, and single-threaded onnxruntime
called from Python. Times per row are medians over rounds, in microseconds. Each model also gets
10,000 rows, some with missing and infinite values, on which the two runtimes' answers are compared.
The shipped model is included only if feature files are given; its 10,000 rows come from them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import time

import lightgbm
import numpy as np
import onnxmltools
import onnxruntime
import pyarrow.parquet
import skl2onnx
from onnxmltools.convert.common.data_types import FloatTensorType as LightgbmFloats
from skl2onnx.common.data_types import FloatTensorType as SklearnFloats
from sklearn.ensemble import RandomForestClassifier

from covers import add_covers

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ["cargo", "bench", "--quiet", "-p", "model", "--bench", "model"]
COLUMNS = 60
COMPARED = 10_000
SIZES = [1, 10, 100, 1000]
# The least time to measure each figure, as in the Rust bench.
SECONDS = 0.7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path, help="where the models go")
    parser.add_argument("features", nargs="*", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    paths = made(out)
    if arguments.features:
        paths.insert(0, shipped(out, arguments.features))
    subprocess.run([*BENCH, "--no-run"], cwd=ROOT, check=True)

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ours, theirs = {}, {}
    for _ in range(arguments.rounds):
        for path, figures in rust(paths).items():
            ours.setdefault(path, []).append(figures)
        for path in paths:
            theirs.setdefault(path.name, []).append(onnxruntimes(path))
    print("| model | MB | load ms | | 1 row | 10 | 100 | 1,000 rows | reasons | apart |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in paths:
        mine, other = (middle(runs[path.name]) for runs in (ours, theirs))
        megabytes, load, *rows, reasons, apart = mine
        print(
            f"| {path.stem} | {megabytes:.2f} | {load / 1000:.1f} | Rust | "
            f"{' | '.join(f'{us:.1f}' for us in rows)} | {reasons:.0f} | {apart:.1e} |"
        )
        print(f"| | | | onnxruntime | {' | '.join(f'{us:.1f}' for us in other)} | | |")


def middle(runs: list[list[float]]) -> list[float]:
    return [statistics.median(figures) for figures in zip(*runs)]


def made(out: pathlib.Path) -> list[pathlib.Path]:
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(60_000, COLUMNS)).astype(np.float32)
    pairs = np.log(x[:, :30]) * np.log(x[:, 30:])
    y = (pairs[:, :12].sum(axis=1) + rng.normal(size=len(x)) > 5).astype(int)
    rows = rng.lognormal(size=(COMPARED, COLUMNS)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.02] = np.nan
    rows[rng.random(rows.shape) < 0.005] = np.inf
    paths = []
    for trees, leaves in [(100, 31), (300, 63)]:
        boosted = lightgbm.LGBMClassifier(
            n_estimators=trees, num_leaves=leaves, random_state=1, verbose=-1
        ).fit(x, y)
        exported = onnxmltools.convert_lightgbm(
            boosted,
            initial_types=[("input", LightgbmFloats([None, COLUMNS]))],
            zipmap=False,
            target_opset=15,
        )
        finished = add_covers(exported, boosted).SerializeToString(deterministic=True)
        paths.append(save(out / f"lightgbm-{trees}x{leaves}.onnx", finished, rows))
    for trees in (100, 500):
        forest = RandomForestClassifier(trees, max_depth=10, random_state=1, n_jobs=2)
        forest.fit(x[:20_000], y[:20_000])
        exported = skl2onnx.convert_sklearn(
            forest,
            initial_types=[("input", SklearnFloats([None, COLUMNS]))],
            options={id(forest): {"zipmap": False}},
            target_opset=15,
        )
        finished = add_covers(exported, forest).SerializeToString(deterministic=True)
        paths.append(save(out / f"forest-{trees}x10.onnx", finished, rows))
    return paths


def shipped(out: pathlib.Path, features: list[pathlib.Path]) -> pathlib.Path:
    """Saves the shipped model, with rows from the last fifth of each feature file."""
    names = json.loads((ROOT / "shared/model/card.json").read_text())["features"]
    parts = []
    for path in features:
        table = pyarrow.parquet.read_table(path, columns=names)
        last = np.linspace(0.8 * table.num_rows, table.num_rows - 1, COMPARED // len(features) + 1)
        chosen = table.take(last.astype(int))
        parts.append(np.column_stack([chosen[name].to_numpy() for name in names]))
    rows = np.ascontiguousarray(np.concatenate(parts)[:COMPARED], dtype=np.float32)
    return save(out / "shipped.onnx", (ROOT / "shared/model/model.onnx").read_bytes(), rows)


def save(path: pathlib.Path, model: bytes, rows: np.ndarray) -> pathlib.Path:
    """Saves the model and, next to it, rows and onnxruntime's answers for the Rust bench to compare
    with its own."""
    path.write_bytes(model)
    answers = session(path).run(["probabilities"], {"input": rows})[0][:, 1]
    path.with_suffix(".rows").write_bytes(rows.astype("<f4").tobytes())
    path.with_suffix(".answers").write_bytes(answers.astype("<f4").tobytes())
    return path


def session(path: pathlib.Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def rust(paths: list[pathlib.Path]) -> dict[str, list[float]]:
    command = [*BENCH, "--", *map(str, paths)]
    lines = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for line in lines.splitlines():
        name, *figures = line.split(", ")
        if name.endswith(".onnx"):
            found[name] = [float(figure) for figure in figures]
    return found


def onnxruntimes(path: pathlib.Path) -> list[float]:
    """onnxruntime's microseconds per row, for single rows and for batches."""
    running = session(path)
    rows = bench_rows(running.get_inputs()[0].shape[1])
    figures = []
    for size in SIZES:
        times, end, at = [], time.perf_counter() + SECONDS, 0
        while time.perf_counter() < end or len(times) < 5:
            batch = rows[at : at + size]
            at = (at + size) % len(rows)
            started = time.perf_counter()
            running.run(["probabilities"], {"input": batch})
            times.append(time.perf_counter() - started)
        figures.append(statistics.median(times[len(times) // 5 :]) * 1e6 / size)
    return figures


def bench_rows(columns: int) -> np.ndarray:
    """The same thousand rows as in `shared/model/benches/model.rs`."""
    state, values = 20_261_123, []
    for _ in range(1000 * columns):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        uniform = (state >> 8) / 2**24
        values.append(math.exp(2.4 * (uniform - 0.5) / (1.05 - uniform)))
    return np.array(values, dtype=np.float32).reshape(1000, columns)


if __name__ == "__main__":
    main()
