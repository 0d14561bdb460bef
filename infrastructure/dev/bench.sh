#!/usr/bin/env bash
# `make bench`: installs what is missing, builds, and measures Elder beside its limits; with ARGS=scim, its provisioning
# beside SCIM servers that others wrote; with ARGS=audit, its audit log; with ARGS=sso, sign-ins by identity
# providers; with ARGS=neighbours, what one tenant's load does to another.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

readonly PEERS=$ELDER_CACHE/python-bench

install_peers() {
  local wanted=infrastructure/dev/bench/requirements.txt made_from=$PEERS/made-from.txt
  cmp --silent "$wanted" "$made_from" && return 0
  command -v python3 >/dev/null || fail "Python is not installed." "Type: make test, which installs what tests and peers need."
  step "Installing the SCIM servers beside which Elder is measured"
  python3 -m venv --clear "$PEERS"
  "$PEERS/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" ||
    fail "The Python packages could not be installed." "See $wanted; a package index must be reachable."
  cp "$wanted" "$made_from"
}

infrastructure/dev/setup.sh run
[[ ${1:-} != scim ]] || install_peers
step "Building the programs as they are shipped (some ten minutes the first time)"
cargo build --workspace --release --bins --locked
# Beside the data of `make run`, since that is the disk to measure.
exec "$CARGO_TARGET_DIR/release/elder-bench" --data "$ELDER_DATA_DIR-bench" --peers "$PEERS/bin" \
  --postgres-programs "$(postgres_programs)" "$@"
