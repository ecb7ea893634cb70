#!/bin/sh
# Tests the server against its own description in OpenAPI, by schemathesis: contract.sh [EXAMPLES] [PROGRAM]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../target}
examples=${1:-200}
program=${2:-$target/release/moonlet-serve}
tools=$target/tools/schemathesis
if ! [ -x "$tools/bin/schemathesis" ]; then
    echo "installing schemathesis into $tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet schemathesis==4.32.5
fi

folder=$(mktemp -d)
server=
# The server goes with this, however this ends.
trap 'kill $server 2> /dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM HUP
"$program" --listen 127.0.0.1:0 --database "$folder/sessions.db" --client-rate 0 --client-sessions 0 \
    --timeout 1s 2> "$folder/log" &
server=$!
tries=0
until address=$(grep -o 'http://[0-9.:]*' "$folder/log" | head -1) && [ -n "$address" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then cat "$folder/log" >&2; exit 1; fi
    sleep 0.1
done
cd "$folder"
"$tools/bin/schemathesis" run "$address/api/openapi.json" --max-examples "$examples" --seed 1 --continue-on-failure \
    --generation-database none
