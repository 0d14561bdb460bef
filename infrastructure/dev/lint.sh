#!/usr/bin/env bash
# `make lint`: everything that can be said about the code without running it.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

step "Formatting"
cargo fmt --all --check || fail "Some files are not formatted." "Type: make fmt"
step "Clippy"
cargo clippy --workspace --all-targets --locked -- -D warnings
step "Architecture"
cargo build --workspace --bins --locked
"$CARGO_TARGET_DIR/debug/elder-xtask" arch
step "Configuration of Prometheus, Alertmanager, haproxy, systemd, workflows; migrations; scripts"
infrastructure/dev/setup.sh test
infrastructure/dev/check-configuration.sh
