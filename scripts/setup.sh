#!/usr/bin/env bash
# Everything between `git clone` and `faceapp`: system libraries, .venv, pinned dependencies, the models.
#
#   scripts/setup.sh [setup|run|test|train]
#
# Each step leaves a note in .venv/.setup of what it was made from. A step whose note still fits is skipped, so a second
# run is done in a blink; the note is written last, so an interrupted step is done again. Messages go to stderr: stdout
# belongs to the application.
set -euo pipefail
cd "$(dirname "$0")/.."
goal=${1:-setup}
root=$PWD
venv=$root/.venv
notes=$venv/.setup
python=$venv/bin/python
# What the user's own pip settings must not change here. The package index stays as it is configured.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PIP_USER=0

say() { printf '%s\n' "$*" >&2; }
die() {
    say "faceapp setup: $*"
    exit 1
}
# fits NAME KEY: is step NAME already done from what KEY says?
fits() { [ -f "$notes/$1" ] && [ "$(<"$notes/$1")" = "$2" ]; }
note() {
    mkdir -p "$notes"
    printf '%s\n' "$2" >"$notes/$1"
}

# Two of us in one checkout would trip over each other. The lock ends with this process.
if command -v flock >/dev/null; then
    exec 9<"$0"
    flock -n 9 || {
        say "Another setup is at work here: waiting for it"
        flock 9
    }
fi

# The interpreter behind NAME if it is 3.11 or newer, nothing otherwise. A name alone proves nothing: pyenv's shims exist
# for versions that are not active. The base interpreter is printed, should a virtual environment be active.
interpreter() {
    "$1" -c 'import sys; print(sys._base_executable) if sys.version_info >= (3, 11) else sys.exit(1)' 2>/dev/null
}
makes_venvs() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# The newest Python that can make a virtual environment, else the newest there is.
find_python() {
    local name found fallback=
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        found=$(interpreter "$name") || continue
        if makes_venvs "$found"; then
            echo "$found"
            return
        fi
        fallback=${fallback:-$found}
    done
    echo "$fallback"
}

good_venv() {
    fits venv "$root" && [ -x "$python" ] && return
    # Made by hand (uv, an editor), moved, or left half done? One that works is kept.
    [ -x "$python" ] && "$python" -c "
import sys, pip
sys.exit(sys.version_info < (3, 11) or sys.prefix != sys.argv[1])" "$venv" 2>/dev/null
}

make_venv() {
    if ! good_venv; then
        local base=$1 log
        say "Making .venv with $("$base" -c 'import platform; print("Python", platform.python_version())')"
        log=$("$base" -m venv --clear "$venv" 2>&1) || die "$base cannot make .venv: ${log//$'\n'/ }"
    fi
    fits venv "$root" || {
        rm -rf "$notes" # of another folder, if this one was moved
        note venv "$root"
    }
}

# pip_install TITLE ARGUMENT...: with a counter on a terminal, quiet elsewhere; the whole story goes to a log.
pip_install() {
    local title=$1 log=$notes/pip.log total started=$SECONDS
    shift
    total=$(grep -c '^[a-z]' "${*: -1}" 2>/dev/null) || total=0
    say "$title"
    if ! "$python" -m pip install --no-deps --progress-bar off "$@" 2>&1 | tee "$log" | progress "$total"; then
        grep -E '^ *(ERROR|error|[A-Za-z]+Error)' "$log" | head -5 >&2 || true
        die "that failed, and $log says how: check network and disk, then run the same command again"
    fi
    say "  done in $((SECONDS - started)) s"
}
progress() {
    if [ -t 2 ]; then
        awk -v total="$1" '/^Collecting/ { n++; printf "\r  package %d of at most %d", n, total > "/dev/stderr" }
            /^Installing/ { printf "\r  unpacking                      " > "/dev/stderr" }
            END { printf "\r                                   \r" > "/dev/stderr" }'
    else
        cat >/dev/null
    fi
}

install_requirements() {
    local file=$1 title=$2 key again=
    key=$(cksum "$file")
    fits "$file" "$key" && return
    # What was half unpacked when somebody pulled the plug can look installed: unpack it all again.
    [ ! -e "$notes/unpacking" ] || again=--force-reinstall
    note unpacking "$file"
    pip_install "$title" --require-hashes --only-binary=:all: --no-compile $again -r "$file"
    note "$file" "$key"
    rm "$notes/unpacking"
}

# PyTorch. pip alone decides which of its builds fits here: the public index has one for NVIDIA cards, other indexes one
# for the processor alone that is a tenth as large. Whichever it is, its hash must be one we know.
torch_lock=requirements-train.txt
torch_pin() { grep -oE '^torch==[0-9.]+' $torch_lock; }
# Would pip take the small build?
small_torch() {
    "$python" -m pip install --dry-run --ignore-installed --no-deps --only-binary=:all: --quiet --report - "$(torch_pin)" \
        2>/dev/null | grep -qE '"version": "[0-9.]+\+cpu"'
}
install_torch() {
    local lock=$torch_lock cuda=requirements-train-cuda.txt key pin file
    key="$(cksum $lock $cuda)"
    fits torch "$key" && return
    if [ "$goal" = test ] && ! small_torch; then
        say "The tests of learning are left out: PyTorch takes 5 GB here (make setup-train brings it)"
        return
    fi
    pin=$(torch_pin)
    say "Fetching $pin (200 MB; 800 MB, and then 3 GB more, where pip finds only the build for NVIDIA cards on Linux)"
    rm -rf "$notes/torch"
    "$python" -m pip download --quiet --no-deps --only-binary=:all: --dest "$notes/torch" "$pin" >"$notes/pip.log" 2>&1 ||
        die "that failed, and $notes/pip.log says how: check network and disk, then run the same command again"
    file=$(echo "$notes"/torch/torch-*.whl)
    grep -q "$(sha256sum <"$file" | cut -d ' ' -f 1)" $lock ||
        die "pip found a ${file##*/} that isn't one of those in $lock: see which package index it uses"
    pip_install "Installing it" --no-compile "$file"
    rm -rf "$notes/torch"
    sed '/^torch==/,/^[a-z#]/{/^torch==/d;/^ /d}' $lock >"$notes/besides-torch.txt"
    pip_install "Installing what it needs" --require-hashes --only-binary=:all: --no-compile -r "$notes/besides-torch.txt"
    if [ "$(uname -s)" = Linux ] && [[ ${file##*/} != *+cpu* ]]; then
        pip_install "Installing what it needs for NVIDIA cards (3 GB)" --require-hashes --only-binary=:all: --no-compile -r $cuda
    fi
    note torch "$key"
}

install_project() {
    local key
    key="$root $(cksum pyproject.toml faceapp/__init__.py)"
    if ! fits project "$key" || [ ! -x "$venv/bin/faceapp" ]; then
        pip_install "Installing faceapp itself, editable" --no-build-isolation --no-index -e .
        note project "$key"
    fi
}

# Sizes tell a cut-off or missing file at once; `faceapp` itself checks every byte when it starts.
models_key() {
    local dir=${FACEAPP_MODELS_DIR:-models}
    find models/manifest.toml models/statistics -type f -exec cksum {} + | sort
    find "$dir" -maxdepth 1 -name '*.onnx' -exec wc -c {} + | sort
}

install_models() {
    local key
    key=$(models_key)
    fits models "$key" && return
    "$venv/bin/faceapp" models install >/dev/null || exit
    note models "$(models_key)"
}

base=
good_venv || {
    base=$(find_python)
    [ -n "$base" ] || die "Python 3.11 or newer is needed and not found (Debian, Ubuntu: apt-get install python3-venv)"
}
libraries="$(cksum scripts/system-libraries.sh) ${DISPLAY:+X11}${WAYLAND_DISPLAY:+Wayland}"
if [ -n "$base" ] || ! fits libraries "$libraries"; then
    bash scripts/system-libraries.sh "${base:-$python}" || {
        # The command line works without Qt, so `make setup` goes on where nobody is root.
        [ "$goal" = setup ] || exit 1
        libraries=
    }
fi
if [ -n "$base" ] && ! makes_venvs "$base"; then exit 1; fi # said above
make_venv "$base"
[ -z "$libraries" ] || note libraries "$libraries"
install_requirements requirements.txt "Installing what faceapp runs with (about 500 MB, half a minute or more)"
if [ "$goal" = test ]; then
    install_requirements requirements-dev.txt "Installing what its tests need"
    bash scripts/system-libraries.sh --tests || true # those tests fail, and say why; all others can run
fi
case $goal in test | train) install_torch ;; esac
install_project
install_models
