#!/usr/bin/env bash
# See to it that the system has what can't come as a Python package: the libraries Qt links to and, for a given Python,
# the module that makes virtual environments. And the programs that the tests start.
#
#   scripts/system-libraries.sh [PYTHON]
#   scripts/system-libraries.sh --tests
#
# What is there is tried out, not looked up in a package database, so any origin will do. What is missing is installed
# where we are root on Debian or Ubuntu, else named in one line (exit status 1).
set -euo pipefail
python=${1:-.venv/bin/python}

# Shared library and Debian package: what ldd says of PyQt6's QtWidgets and of its off-screen platform...
core='
libEGL.so.1             libegl1
libGL.so.1              libgl1
libX11.so.6             libx11-6
libdbus-1.so.3          libdbus-1-3
libfontconfig.so.1      libfontconfig1
libfreetype.so.6        libfreetype6
libglib-2.0.so.0        libglib2.0-0
libxkbcommon.so.0       libxkbcommon0
'
# ... and of the platforms that show windows on a screen (X11, Wayland).
screen='
libX11-xcb.so.1         libx11-xcb1
libwayland-client.so.0  libwayland-client0
libwayland-cursor.so.0  libwayland-cursor0
libwayland-egl.so.1     libwayland-egl1
libxcb-cursor.so.0      libxcb-cursor0
libxcb-glx.so.0         libxcb-glx0
libxcb-icccm.so.4       libxcb-icccm4
libxcb-image.so.0       libxcb-image0
libxcb-keysyms.so.1     libxcb-keysyms1
libxcb-randr.so.0       libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0      libxcb-render0
libxcb-shape.so.0       libxcb-shape0
libxcb-shm.so.0         libxcb-shm0
libxcb-sync.so.1        libxcb-sync1
libxcb-util.so.1        libxcb-util1
libxcb-xfixes.so.0      libxcb-xfixes0
libxcb-xkb.so.1         libxcb-xkb1
libxkbcommon-x11.so.0   libxkbcommon-x11-0
'

# Program and Debian package: a real MQTT broker, and what makes its certificates. (Debian starts the broker as a service
# too, for this machine alone; the tests start their own and leave that one be.)
programs='
mosquitto               mosquitto
openssl                 openssl
'

# For the kiosk's tones (QtMultimedia) and its voice (QtTextToSpeech, through speech-dispatcher). A comfort too: without
# them it is silent.
sound='
libpulse.so.0           libpulse0
libspeechd.so.2         libspeechd2
'

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# install PACKAGE...: quietly; what apt-get said is in $log.
install() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@" \
        >"$log" 2>&1 </dev/null
}
# update: where there is no package list yet, or an old one.
update() { apt-get -o DPkg::Lock::Timeout=120 update >>"$log" 2>&1; }
complain() { grep -E '^(E|W):' "$log" >&2 || tail -3 "$log" >&2; }
log_file() {
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
}

# Debian packages of the programs that are missing, one a line. An ordinary user's PATH has no /usr/sbin on Debian.
missing_programs() {
    local program package
    while read -r program package; do
        [ -z "$program" ] || command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || echo "$package"
    done <<<"$programs"
}

if [ "$python" = --tests ]; then
    packages=$(missing_programs | xargs)
    [ -n "$packages" ] || exit 0
    if can_install; then
        # shellcheck disable=SC2086 # lists of words
        echo "Installing what the tests need:" $packages >&2
        log_file
        # shellcheck disable=SC2086
        install $packages || { update || true; install $packages; } || complain
        packages=$(missing_programs | xargs)
        [ -n "$packages" ] || exit 0
    fi
    echo "some tests need programs that are missing here; as root: apt-get install -y --no-install-recommends $packages" >&2
    exit 1
fi

# missing LIBRARIES: Debian packages that are missing, one a line.
missing() {
    if [ "$(uname -s)" = Linux ]; then # elsewhere PyQt6 brings all it needs
        "$python" -c '
import ctypes, sys
for library, package in zip(*[iter(sys.argv[1].split())] * 2):
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)' "$1"
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        "$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")'
}

# Fonts that are missing, one a line, for names in the world's scripts (the window brings its own for Latin, Greek and
# Cyrillic). A comfort: installed where that is asked of nobody, else left out without a word.
missing_fonts() {
    local folders=(/usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" "${HOME:-/}/.local/share/fonts")
    found() { [ -n "$(find "${folders[@]}" -name "$1" -print -quit 2>/dev/null || true)" ]; }
    found 'NotoSansDevanagari*' || echo fonts-noto-core
    found 'NotoSansCJK*' || found 'DroidSansFallback*' || echo fonts-droid-fallback
}

screen_here() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }

# Without a screen its libraries are no reason to stop anybody; where something is to be installed, they go with it.
packages=$(missing "$core" | xargs)
if [ -n "$packages" ] || can_install || screen_here; then packages=$(missing "$core$screen" | xargs); fi
fonts=
if can_install; then fonts=$({ missing_fonts; missing "$sound"; } | sort -u | xargs); fi
[ -n "$packages$fonts" ] || exit 0
if can_install; then
    # shellcheck disable=SC2086 # lists of words
    echo "Installing system packages:" $packages $fonts >&2
    log_file
    # shellcheck disable=SC2086 # lists of words
    install $packages $fonts || {
        update
        install $packages $fonts
    } || [ -z "$packages" ] || install $packages || {
        # One name it doesn't know stops apt-get: at least what nothing works without.
        complain
        packages=$(missing "$core" | xargs)
        [ -z "$packages" ] || install $packages || true
    }
    packages=$(missing "$core$screen" | xargs)
    [ -n "$packages" ] || exit 0
fi
echo "faceapp needs system packages that are missing here; as root: apt-get install -y --no-install-recommends $packages" >&2
[ -z "$(missing "$core")" ] && ! screen_here
