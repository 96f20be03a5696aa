# What there is to do with this project: nothing clever.

# The suite on http://127.0.0.1:9000; PORT, DATA_DIR and AUTH=1 change it.
run:
	cargo build --workspace --bins
	target/debug/sentinel serve

# Every test; the last line counts them.
test:
	python3 tests/run.py

# The model, from data to card; see training/README.md.
model:
	cargo build --profile bench -p local
	python3 -m venv training/.venv
	training/.venv/bin/pip install --quiet --requirement training/requirements.txt
	mkdir -p training/.work
	target/release/sentinel features ../shared/data/amlgentex/m1.parquet --out training/.work/features.parquet
	training/.venv/bin/python training/train.py training/.work/features.parquet --out shared/model --baseline

# The Lambda functions as they are deployed; needs cargo-lambda.
build:
	cargo lambda build --release --arm64

# To the account and region of the AWS profile; needs the SAM command line.
deploy: build
	sam deploy --config-env $(or $(ENV),dev)

# Start-up of each release binary beside a function that does nothing, and the model's speed.
bench:
	cargo build --release -p empty-lambda -p ingest -p score -p explain-alert -p budget-guard -p case-desk -p alert-push
	python3 benches/startup.py
	cargo bench -p sentinel --features model --bench model

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

.PHONY: run test model build deploy bench lint
