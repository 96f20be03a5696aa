# What there is to do with this project: nothing clever.

# The suite on http://127.0.0.1:9000; PORT, DATA_DIR and AUTH=1 change it.
run:
	cargo build --workspace --bins
	target/debug/sentinel serve

# Every test; the last line counts them.
test:
	python3 tests/run.py

# The model, from data to card; see training/README.md. M1 is the one set it does not make itself.
M1 ?= ../shared/data/amlgentex/m1.parquet
SENTINEL = target/release/sentinel
model:
	cargo build --profile bench -p local
	python3 -m venv training/.venv
	training/.venv/bin/pip install --quiet --requirement training/requirements.txt
	mkdir -p training/.work
	$(SENTINEL) simulate --rows 400000 --seed 1 --out training/.work/simulated.csv
	$(SENTINEL) features training/.work/simulated.csv --forget-days 14 --out training/.work/simulated.parquet
	$(SENTINEL) features $(M1) --forget-days 7 --out training/.work/m1.parquet
	training/.venv/bin/python training/train.py training/.work/m1.parquet training/.work/simulated.parquet --out shared/model

# The Lambda functions as they are deployed; needs cargo-lambda. One by one: built together, each
# would carry what the others need of the core, twice the size.
FUNCTIONS = ingest score explain-alert budget-guard case-desk alert-push
build:
	for function in $(FUNCTIONS); do cargo lambda build --release --arm64 --package $$function || exit 1; done

# To the account and region of the AWS profile; needs the SAM command line.
deploy: build
	sam deploy --config-env $(or $(ENV),dev)

# Start-up of each release binary beside a function that does nothing; profiles, rules, the model.
bench:
	for function in empty-lambda $(FUNCTIONS); do cargo build --release --package $$function || exit 1; done
	python3 benches/startup.py $(addprefix target/release/,empty-lambda $(FUNCTIONS))
	cargo bench -p sentinel --bench profiles
	cargo bench -p sentinel --features model --bench model

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

.PHONY: run test model build deploy bench lint
