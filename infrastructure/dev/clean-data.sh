#!/usr/bin/env bash
# `make clean-data`: deletes what `make run` has stored, unless an Elder still uses it.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

readonly LOCK=$ELDER_DATA_DIR/postgres/elder.lock
[[ -e $ELDER_DATA_DIR ]] || { step "Nothing to delete in $ELDER_DATA_DIR"; exit 0; }
[[ -e $LOCK ]] || fail "$ELDER_DATA_DIR holds no data of Elder: nothing was deleted."
flock --nonblock "$LOCK" true || fail "Elder (process $(<"$LOCK")) uses $ELDER_DATA_DIR." "Stop it first."
rm -rf "${ELDER_DATA_DIR:?}"
step "Deleted $ELDER_DATA_DIR"
