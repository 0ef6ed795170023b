#!/usr/bin/env bash
# Bring the translations in line with the words in the code.
#
#   scripts/translations.sh
#
# Collects every tr() and translate() of the kiosk and its administrator's page into resources/translations/*.ts, for
# people to translate, and compiles those into the *.qm that the program loads. Both kinds are committed.
#
# Needs pylupdate6, which comes with PyQt6, and Qt's lrelease, which doesn't: LRELEASE names it, or it is on the PATH
# (Debian: qt6-l10n-tools), or it is taken from the package PySide6_Essentials, which is installed for the moment into a
# folder of its own (about 100 MB). Never install that one into faceapp's own environment: two Qts don't mix.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
files=(resources/translations/faceapp_de.ts resources/translations/faceapp_fr.ts)
sources=(faceapp/gui/kiosk)
[ -d faceapp/gui/admin ] && sources+=(faceapp/gui/admin)

for file in "${files[@]}"; do
    language=${file##*_}
    [ -e "$file" ] || printf '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n<TS version="2.1" language="%s" sourcelanguage="en_GB">\n</TS>\n' "${language%.ts}" >"$file"
    "$bin/pylupdate6" --no-obsolete --ts "$file" "${sources[@]}"
    # Line numbers change with every commit and tell a translator nothing.
    sed -i '/^ *<location /d' "$file"
done

lrelease=${LRELEASE:-$(command -v lrelease || command -v lrelease-qt6 || ls /usr/lib/qt6/bin/lrelease 2>/dev/null || true)}
if [ -z "$lrelease" ]; then
    room=$(mktemp -d)
    trap 'rm -rf "$room"' EXIT
    "$bin/python" -m venv "$room"
    "$room/bin/pip" install --quiet --no-deps PySide6_Essentials >&2
    lrelease=$(find "$room" -path '*/PySide6/lrelease' | head -1)
    # It links to the Qt beside it.
    export LD_LIBRARY_PATH=${lrelease%/lrelease}/Qt/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi
for file in "${files[@]}"; do
    "$lrelease" -silent "$file" -qm "${file%.ts}.qm"
done
