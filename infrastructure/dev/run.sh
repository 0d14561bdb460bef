#!/usr/bin/env bash
# `make run`: installs what is missing, builds, and becomes Elder with demo data.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

infrastructure/dev/setup.sh run

if [[ -x $CARGO_TARGET_DIR/release/elder ]]; then
  step "Building what has changed"
else
  step "Building Elder; the first time takes about 10 minutes on two cores"
fi
cargo build --workspace --profile release --bins --locked ||
  fail "The build failed; the compiler's message is above."

export ELDER_HTTP__BIND=${ELDER_HTTP__BIND:-127.0.0.1:8080}
# It holds for a server on this machine alone.
export ELDER_LICENSE__FILE=${ELDER_LICENSE__FILE:-config/development.license}
mkdir -p "$ELDER_DATA_DIR"
step "Starting Elder on $ELDER_HTTP__BIND with its data in $ELDER_DATA_DIR"
# In place of this shell, so that Ctrl-C and SIGTERM reach Elder itself.
exec "$CARGO_TARGET_DIR/release/elder" serve --demo "$@"
