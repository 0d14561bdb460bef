#!/usr/bin/env bash
# Writes the list of parts of the program `elder` (CycloneDX, JSON): every crate that is linked, with version, licence and
# hash. Usage: infrastructure/dev/sbom.sh <file>
set -euo pipefail

readonly CYCLONEDX=0.5.9
file=$(realpath --canonicalize-missing "${1:?the file to write}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cargo cyclonedx --version >/dev/null 2>&1 || cargo install cargo-cyclonedx --locked --version "$CYCLONEDX"
# One file a package of the workspace; the one of the binary has all that it links.
trap 'find crates fuzz -name elder-sbom.json -delete' EXIT
cargo cyclonedx --manifest-path crates/server/Cargo.toml --format json --spec-version 1.5 --no-build-deps \
  --target x86_64-unknown-linux-gnu --override-filename elder-sbom
mkdir -p "$(dirname "$file")"
# Where it was made is nobody's business.
sed "s|file://$PWD/|file:///|g" crates/server/elder-sbom.json | jq '.' >"$file"
jq --raw-output '"\(.components | length) parts; without a licence: \([.components[] | select(.licenses == null) | .name] | join(", "))"' "$file"
