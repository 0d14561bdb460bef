#!/usr/bin/env bash
# `make bench`: installs what is missing, builds, and measures Elder beside its limits.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

infrastructure/dev/setup.sh run
step "Building the programs as they are shipped (a quarter of an hour the first time)"
cargo build --workspace --profile dist --bins --locked
# Beside the data of `make run`, since that is the disk to measure.
exec "$CARGO_TARGET_DIR/dist/elder-bench" --data "$ELDER_DATA_DIR-bench" \
  --postgres-programs "$(postgres_programs)" "$@"
