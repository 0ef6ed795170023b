# The doors to everything; the work is in scripts/. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-train run test coverage lint bench lock clean distclean

# Arguments for faceapp: make run ARGS="live --source clip.mp4"
ARGS =
# Arguments for pytest: make test TESTS="tests/unit -k settings"
TESTS =
python := .venv/bin/python

help:
	@echo 'make run        set up what is missing, then open the live window (ARGS="...": another command)'
	@echo 'make test       set up what is missing, then lint, types and tests (TESTS="...": only these)'
	@echo 'make coverage   the same, and what of the code the tests reach (a third slower)'
	@echo 'make setup      the installing part of both: .venv with faceapp in it, and the models'
	@echo 'make setup-train   setup, and PyTorch for "faceapp train" (1 GB on disk, 5 GB with NVIDIA cards on Linux)'
	@echo 'make lint       ruff and mypy alone'
	@echo 'make bench      how fast it is here: each stage, whole films, delay, memory, start, search ("faceapp bench")'
	@echo 'make lock       requirements*.txt anew from pyproject.toml (needs uv)'
	@echo 'make clean      remove caches, reports and demo-output/ (distclean: .venv and the models too)'

setup:
	@bash scripts/setup.sh setup

setup-train:
	@bash scripts/setup.sh train

run:
	@bash scripts/setup.sh run
	@exec .venv/bin/faceapp $(ARGS)

# What measures how fast something comes, or how soon it is noticed, runs by itself; all others two at a time.
alone := tests/integration/test_preview_rate.py tests/integration/test_window_preview_rate.py \
	tests/integration/test_kiosk_failures.py tests/integration/test_misbehaving_cameras.py
test: lint
ifeq ($(TESTS),)
	QT_QPA_PLATFORM=offscreen $(python) -m pytest -n 2 --dist loadfile $(alone:%=--ignore=%)
	QT_QPA_PLATFORM=offscreen $(python) -m pytest $(alone)
else
	QT_QPA_PLATFORM=offscreen $(python) -m pytest $(TESTS)
endif

coverage: lint
	QT_QPA_PLATFORM=offscreen $(python) -m pytest --cov --cov-report=term $(TESTS)

lint:
	@bash scripts/setup.sh test
	$(python) -m ruff check
	$(python) -m ruff format --check
	bash scripts/types.sh

bench:
	@bash scripts/setup.sh setup
	@.venv/bin/faceapp bench $(ARGS)

lock:
	@bash scripts/lock.sh

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage coverage.xml htmlcov build dist demo-output
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean
	rm -rf .venv models/*.onnx models/*.build.json models/.carriers
