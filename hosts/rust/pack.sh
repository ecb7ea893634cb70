#!/bin/sh
# Packs the crate with the modules of dist/ into dist/moonlet-VERSION.crate. Equal commits give equal bytes.
set -eu
cd "$(dirname "$0")"
root=../..
for module in lua54.wasm lua55.wasm lua54-mini.wasm lua55-mini.wasm; do
    if [ ! -f "$root/dist/$module" ]; then
        echo "dist/$module is missing; run \`make dist\` first" >&2
        exit 1
    fi
    cp "$root/dist/$module" .
done
cp "$root/LICENSE" .
trap 'rm -f LICENSE lua54.wasm lua55.wasm lua54-mini.wasm lua55-mini.wasm' EXIT
rm -f "$root"/target/package/moonlet-*.crate
# The modules are not in git, which is what "dirty" means here; that they compile is what the tests show.
cargo package --package moonlet --locked --allow-dirty --no-verify --target-dir "$root/target"
mkdir -p "$root/dist"
cp "$root"/target/package/moonlet-*.crate "$root/dist/"
