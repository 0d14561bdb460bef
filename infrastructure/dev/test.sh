#!/usr/bin/env bash
# `make test`: checks the code, then runs every test beside a PostgreSQL and a Redis of its own.
# Arguments go to `cargo nextest run`. Several runs may go on at once.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
source infrastructure/dev/test-servers.sh

# Tests say themselves what they use.
unset DATABASE_URL REDIS_URL
running=

# In the background, so that a signal to this script ends the stage at once; SIGKILL does so by the kernel.
stage() {
  step "$1"
  shift
  setpriv --pdeathsig TERM -- "$@" &
  running=$!
  wait "$running"
  running=
}

finish() {
  local status=$?
  trap - EXIT
  if [[ -n $running ]]; then
    kill -TERM "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi
  stop_test_servers
  if ((status == 0)); then
    step "All tests passed"
  else
    printf '\033[1;31merror:\033[0m the last step above failed\n' >&2
  fi
  exit "$status"
}

infrastructure/dev/setup.sh test
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

stage "Formatting" cargo fmt --all --check
stage "Configuration of Prometheus, Alertmanager, haproxy, systemd, workflows; migrations; scripts" infrastructure/dev/check-configuration.sh
stage "Clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
stage "Building (the first time takes about 10 minutes on two cores)" cargo build --workspace --bins --locked
stage "Architecture" "$CARGO_TARGET_DIR/debug/elder-xtask" arch

step "Starting a PostgreSQL and a Redis for the tests"
start_test_servers
[[ ! -x $NODE/node_modules/.bin/node ]] || PATH=$NODE/node_modules/.bin:$PATH
ELDER_TEST_PROMETHEUS=$(command -v prometheus)
ELDER_TEST_PROMTOOL=$(command -v promtool)
export ELDER_TEST_PROMETHEUS ELDER_TEST_PROMTOOL ELDER_TEST_PYTHON=$PYTHON_ENVIRONMENT/bin/python
export ELDER_TEST_MOTO=$MOTO_ENVIRONMENT/bin/python
ELDER_TEST_CHROMIUM=$(chromium_program)
export ELDER_TEST_CHROMIUM ELDER_TEST_AXE=$TYPESCRIPT/node_modules/axe-core/axe.min.js
export ELDER_TEST_TYPESCRIPT=$TYPESCRIPT/node_modules/typescript/bin/tsc
export ELDER_TEST_OIDC_PROVIDER=$OIDC_PROVIDER/node_modules/oidc-provider/lib/index.js

stage "Tests" cargo nextest run --workspace --locked "$@"
if grep --recursive --quiet --extended-regexp '^ *//[/!] *```' --include='*.rs' crates; then
  stage "Examples in the documentation" cargo test --workspace --doc --locked --quiet
fi
