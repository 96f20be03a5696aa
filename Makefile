# The commands of this project, in one place.

# Starts the suite on http://127.0.0.1:9000; PORT, DATA_DIR and AUTH=1 configure it.
run:
	cargo build --workspace --bins
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory dashboard; else \
		echo "Node is absent: everything works but the page for analysts, which is not built."; fi
	target/debug/sentinel serve

# Builds the page for analysts into dashboard/dist, with a client generated from the API's document.
dashboard: dashboard/node_modules/.package-lock.json
	target/debug/sentinel openapi > dashboard/src/api/openapi.json
	npm --prefix dashboard run --silent build

dashboard/node_modules/.package-lock.json: dashboard/package-lock.json
	npm --prefix dashboard ci --no-audit --no-fund

# Runs every test; the last line of output is the count.
test:
	python3 tests/run.py

# Public data sets, which are not ours to ship. `make model` needs the first, `make results` all.
DATA ?= data
M1 ?= $(DATA)/amlgentex/m1.parquet
PATTERNS = $(DATA)/amlworld/HI-Small_Patterns.txt
SAML_D = $(DATA)/saml-d/sample-1k.csv
IN_M1 = payments that AMLGentex (https://github.com/aidotse/AMLGentex) makes, in the columns of SAML-D
IN_PATTERNS = the laundering attempts of https://www.kaggle.com/datasets/ealtman2019/ibm-transactions-for-anti-money-laundering-aml
IN_SAML_D = a thousand rows of https://www.kaggle.com/datasets/berkanoztas/synthetic-transaction-monitoring-dataset-aml
given = @test -e $(1) || { echo "$(1) is absent. It holds $(2); DATA=… names another folder."; exit 1; }

m1:
	$(call given,$(M1),$(IN_M1))

public-sets: m1
	$(call given,$(PATTERNS),$(IN_PATTERNS))
	$(call given,$(SAML_D),$(IN_SAML_D))

# The model, from data to card; see training/README.md. M1 is the only data set not generated here.
SENTINEL = target/release/sentinel
PYTHON = training/.venv/bin/python
WORK = training/.work
TOWNS = 101 102 103 104 105 106 107 108
FEATURES = $(addprefix $(WORK)/,m1.parquet simulated.parquet synthfin.parquet \
	$(TOWNS:%=town-%.parquet))
model: model-features
	$(PYTHON) training/tune.py $(FEATURES)
	$(PYTHON) training/train.py $(FEATURES) --out shared/model
	@echo "The model is embedded: build again. \`make model-report\` measures it."

# The training features, in training/.work: computed from generated data sets and from M1.
model-features: m1 synthfin
	python3 -m venv training/.venv
	$(PYTHON) -m pip install --quiet --require-hashes --requirement training/requirements.txt
	$(SENTINEL) simulate --rows 400000 --seed 1 --out $(WORK)/raw/simulated.csv
	$(SYNTHFIN) --seed 1 --out $(WORK)/raw/synthfin.parquet
	$(SENTINEL) features $(M1) --allow-faulty --forget-days 7 --out $(WORK)/m1.parquet
	$(SENTINEL) features $(WORK)/raw/simulated.csv --forget-days 14 --out $(WORK)/simulated.parquet
	$(SENTINEL) features $(WORK)/raw/synthfin.parquet --out $(WORK)/synthfin.parquet
	for seed in $(TOWNS); do \
		$(SENTINEL) simulate --world town --seed $$seed --people $$((250 + (seed - 100) * 60)) \
			--stories 3 --out $(WORK)/raw/town-$$seed.ndjson && \
		$(SENTINEL) features $(WORK)/raw/town-$$seed.ndjson --out $(WORK)/town-$$seed.parquet || exit 1; \
	done

SYNTHFIN = training/.venv-synthfin/bin/python training/synthfin.py
synthfin:
	cargo build --profile bench -p cli
	python3 -m venv training/.venv-synthfin
	training/.venv-synthfin/bin/python -m pip install --quiet --no-deps --require-hashes \
		--requirement training/synthfin-requirements.txt
	mkdir -p $(WORK)/raw

TOWN = $(SENTINEL) simulate --world town --days 120

# Writes the rule pack's figures on each data set to shared/rules/RESULTS.md. The seeds differ from
# those used for training.
results: public-sets synthfin
	$(SENTINEL) simulate --rows 1000000 --seed 3 --out $(WORK)/raw/simulated-3.csv
	$(SYNTHFIN) --seed 3 --out $(WORK)/raw/synthfin-3.parquet
	$(TOWN) --seed 21 --currency EUR --segments --out $(WORK)/raw/town-eur.ndjson
	$(TOWN) --seed 22 --currency INR --out $(WORK)/raw/town-inr.ndjson
	$(TOWN) --seed 23 --currency CLP --out $(WORK)/raw/town-clp.ndjson
	$(TOWN) --seed 24 --no-stories --out $(WORK)/raw/town-quiet.ndjson
	python3 benches/results.py $(DATA) $(WORK)/raw > shared/rules/RESULTS.md

# Figures over several seeds, transfer between data sets and leakage, drawn as one HTML page.
model-report: m1
	$(PYTHON) training/study.py $(FEATURES) --out training/study.json \
		--raw $(M1) $(WORK)/raw/simulated.csv $(WORK)/raw/synthfin.parquet
	$(PYTHON) training/report.py --out training/model.html

# Builds the Lambda functions for deployment; needs cargo-lambda.
build:
	cargo lambda build --release --arm64

# Deploys with the current AWS profile; needs the SAM CLI.
deploy: build
	sam deploy --config-env $(or $(ENV),dev)

# Uploads the page for analysts to the stack's bucket; the assets first, so that no page names one that
# is not there yet. STACK is the stack's name.
STACK ?= fincrime-sentinel-dev
BUCKET = aws cloudformation describe-stacks --stack-name $(STACK) --output text \
	--query "Stacks[0].Outputs[?OutputKey=='DeskBucketName'].OutputValue"
deploy-desk: dashboard
	aws s3 cp dashboard/dist/assets "s3://$$($(BUCKET))/assets" --recursive \
		--cache-control "public, max-age=31536000, immutable"
	aws s3 cp dashboard/dist/index.html "s3://$$($(BUCKET))/index.html" --cache-control no-cache

# Times the start-up of each release binary against a function that does nothing, then benchmarks
# profiles, rules and the model.
FUNCTIONS = ingest score second-look explain-alert budget-guard case-desk alert-push
bench:
	cargo build --release && cargo build --release --package empty-lambda
	python3 benches/startup.py $(addprefix target/release/,empty-lambda $(FUNCTIONS))
	cargo bench --workspace --bench profiles --bench rules --bench model

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" \
		cargo doc --workspace --no-deps --document-private-items
	npm --prefix dashboard run --silent check

.PHONY: run dashboard test m1 public-sets model model-features synthfin results model-report build deploy deploy-desk bench lint
