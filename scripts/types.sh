#!/usr/bin/env bash
# mypy over faceapp/. Without PyTorch, which is an extra, what learns with it can't be checked and is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
if "$python" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)'; then
    exec "$python" -m mypy
fi
config=$(mktemp --suffix .toml)
trap 'rm -f "$config"' EXIT
cat pyproject.toml - >"$config" <<'END'
[[tool.mypy.overrides]]
module = ["faceapp.training.*", "faceapp.app.training.*", "torch.*"]
follow_imports = "skip"
ignore_missing_imports = true
END
"$python" -m mypy --config-file "$config" --exclude '^faceapp/(app/)?training/' faceapp
