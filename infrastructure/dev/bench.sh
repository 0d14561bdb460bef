#!/usr/bin/env bash
# `make bench`: installs what is missing, builds, and measures Elder beside its limits.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

infrastructure/dev/setup.sh run
step "Building the optimised programs"
cargo build --workspace --profile release --bins --locked
# Beside the data of `make run`, since that is the disk to measure.
exec "$CARGO_TARGET_DIR/release/elder-bench" --data "$ELDER_DATA_DIR-bench" \
  --postgres-programs "$(postgres_programs)" "$@"
