#!/usr/bin/env bash
# `make bench`: installs what is missing, builds, and runs the benchmarks.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

infrastructure/dev/setup.sh run
step "Building the optimised programs"
cargo build --workspace --profile release --bins --locked
exec "$CARGO_TARGET_DIR/release/elder-bench" "$@"
