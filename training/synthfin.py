"""Generates payments with the third-party generator `synthfin-aml`, in the columns of SAML-D.

    training/.venv-synthfin/bin/python training/synthfin.py --seed 1 --out synthfin.parquet

We had no part in that generator, so its graph, its amounts and its three patterns (chains,
layering, round trips) are a test bed that the model was not designed around. The package depends on
torch, which the generator itself does not need. It is therefore installed without dependencies in
its own environment, and its one module is loaded from its file.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import pathlib
import sys

import pandas as pd

DAYS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the Parquet file to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, default=79_000, help="12.7 payments each")
    parser.add_argument("--fraud-ratio", type=float, default=0.02, help="the generator's own knob")
    arguments = parser.parse_args()

    generator = generator_module().FraudGraphGenerator(seed=arguments.seed)
    generator.generate_transactions(arguments.agents, DAYS, fraud_ratio=arguments.fraud_ratio)
    payments = saml_d(generator.transactions)
    partial = arguments.out.with_suffix(".partial")
    payments.to_parquet(partial, compression="zstd", index=False)
    partial.rename(arguments.out)
    positives = int(payments["Is_laundering"].sum())
    print(f"{len(payments):,} payments, {positives:,} of them suspicious, in {arguments.out}")


def generator_module():
    """Loads the generator's module without importing the package, which would import torch."""
    files = importlib.metadata.files("synthfin-aml") or []
    path = next(file.locate() for file in files if file.name == "generator.py")
    spec = importlib.util.spec_from_file_location("synthfin_generator", path)
    module = importlib.util.module_from_spec(spec)
    # numba looks up cached compiled functions by module, so the module has to be registered.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def saml_d(made: pd.DataFrame) -> pd.DataFrame:
    """Converts to the columns of SAML-D. The generator has only one location, one currency and one
    payment type, and does not record which pattern a payment belongs to."""
    suspicious = made["is_fraud"].astype(bool)
    return pd.DataFrame({
        "Time": made["timestamp"].dt.strftime("%H:%M:%S.%f"),
        "Date": made["timestamp"].dt.strftime("%Y-%m-%d"),
        "Sender_account": made["source_id"].astype(str),
        "Receiver_account": made["target_id"].astype(str),
        "Amount": made["amount"].round(2),
        "Payment_currency": "US dollar",
        "Received_currency": "US dollar",
        "Sender_bank_location": "USA",
        "Receiver_bank_location": "USA",
        "Payment_type": "transfer",
        "Is_laundering": suspicious.astype("int8"),
        "Laundering_type": suspicious.map({True: "Laundering", False: "Normal"}),
    })


if __name__ == "__main__":
    main()
