#!/usr/bin/env bash
# Write requirements.txt (what faceapp runs with) and requirements-dev.txt (what its tests need besides) anew from
# pyproject.toml. The newest versions that fit are taken; every file a wheel index offers for them is pinned by hash,
# for every platform, and no index is named. tests/unit/test_house.py checks the result.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v uv >/dev/null || {
    echo "make lock needs uv: python3 -m pip install uv, then run it again" >&2
    exit 1
}
compile=(uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock")
"${compile[@]}" --extra insightface --group build --output-file requirements.txt pyproject.toml
"${compile[@]}" --constraints requirements.txt --group dev --output-file requirements-dev.txt
echo "requirements.txt and requirements-dev.txt are new: run make test, then commit both" >&2
