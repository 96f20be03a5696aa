"""Reads feature files for training: their passes, their labels and where they are cut by time."""

from __future__ import annotations

import hashlib
import json
import pathlib
import sys
from typing import NamedTuple

import numpy as np
import pyarrow.parquet

import measures

LEADING = ["pass", "row", "timestamp", "label", "typology"]
SHARES = [0.6, 0.8]
TRAIN, VALIDATE, TEST = 0, 1, 2
PARTS = {"train": TRAIN, "validation": VALIDATE, "test": TEST}
FULL, DAYS = "full", "days"


class Table(NamedTuple):
    """One pass over a feature file, in chronological order.

    Features of the first pass use all history before a row. In the second, if there is one, the
    history is emptied every few days. Both are cut at the same times, so that no payment is used
    for training in one pass and for measuring in the other.
    """

    name: str
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

    def column(self, name: str) -> np.ndarray:
        return self.x[:, self.names.index(name)]


def read(path: pathlib.Path) -> list[Table]:
    """Reads the passes of a feature file, leaving out rows without a label."""
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
        x = np.empty((rows.num_rows, len(names)), dtype=np.float32)
        for index, name in enumerate(names):
            x[:, index] = rows[name].to_numpy()
        y = rows["label"].to_numpy(zero_copy_only=False).astype(bool)
        typology = np.array(rows["typology"].to_pylist(), dtype=object)
        cuts = measures.time_split(times.tolist(), SHARES)
        tables.append(Table(path.stem, sources, [FULL, DAYS][number], names, x, y, typology, cuts))
    return tables


def read_all(paths: list[pathlib.Path]) -> list[Table]:
    """Reads every pass of every file; drops features that are constant over all training rows."""
    tables = []
    for path in paths:
        print(f"reading {path}", file=sys.stderr, flush=True)
        tables.extend(read(path))
    if any(table.names != tables[0].names for table in tables):
        sys.exit("the files have different features: make them with one version of sentinel")
    kept = np.zeros(len(tables[0].names), dtype=bool)
    first = tables[0].x[0]
    for table in tables:
        kept |= (table.x[table.part(TRAIN)] != first).any(axis=0)
    names = [name for name, keep in zip(tables[0].names, kept) if keep]
    return [table._replace(names=names, x=table.x[:, kept]) for table in tables]


def strangers(table: Table) -> np.ndarray:
    """Marks the payments of which neither account has been seen before."""
    return (table.column("sender_age_days") < 0) & (table.column("receiver_age_days") < 0)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
