#!/usr/bin/env bash
# Write requirements.txt (what faceapp runs with), requirements-dev.txt (what its tests need besides),
# requirements-train.txt and requirements-train-cuda.txt (what `faceapp train` needs besides) anew from pyproject.toml. The newest versions that fit are taken; every file a wheel index offers for them is pinned by hash,
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
"${compile[@]}" --constraints requirements.txt --extra train --group dev --output-file requirements-dev.txt pyproject.toml
more=$(mktemp -d)
trap 'rm -rf "$more"' EXIT
"${compile[@]}" --constraints requirements.txt --extra train --output-file "$more/train.txt" pyproject.toml
# The build of PyTorch that this machine's pip prefers, where it isn't one of the index's own.
torch=$(grep -oE '^torch==[0-9.]+' "$more/train.txt")
python3 -m pip download --quiet --no-deps --dest "$more" "$torch"
python3 scripts/lock_parts.py requirements.txt requirements-dev.txt "$more/train.txt" \
    requirements-train.txt requirements-train-cuda.txt "$more"/torch-*.whl
echo "requirements*.txt are new: run make test, then commit them" >&2
