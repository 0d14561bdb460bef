#!/usr/bin/env bash
# `infrastructure/dev/fuzz.sh <target> [seconds]`: throws bytes at one of fuzz/fuzz_targets, ten minutes unless something else is
# said. It begins with fuzz/seeds and fuzz/kept, and goes on from what it has learned on this machine (fuzz/corpus).
# `infrastructure/dev/fuzz.sh keep <target>`: writes the fewest texts that reach all that is reached to fuzz/kept.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

action=fuzz
if [[ ${1:-} == keep ]]; then
  action=keep
  shift
fi
target=${1:?name a target of fuzz/fuzz_targets} seconds=${2:-600}
[[ -f fuzz/fuzz_targets/$target.rs ]] || fail "There is no target $target." "See fuzz/fuzz_targets."
infrastructure/dev/setup.sh run
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --version 0.13.2 --locked
learned=fuzz/corpus/$target kept=fuzz/kept/$target seeds=fuzz/seeds/$target
mkdir -p "$learned" "$kept"

# The stable compiler serves: without the address sanitizer, which code without `unsafe` needs little.
run() {
  local folders=()
  while [[ $1 != -- ]]; do
    folders+=("$1")
    shift
  done
  RUSTC_BOOTSTRAP=1 cargo fuzz run "$target" --sanitizer none "${folders[@]}" "$@" -timeout=10 -rss_limit_mb=2048
}

case $action in
  fuzz) run "$learned" "$kept" "$seeds" -- -max_total_time="$seconds" ;;
  keep)
    fewest=$(mktemp -d)
    trap 'rm -rf "$fewest"' EXIT
    run "$fewest" "$learned" "$kept" "$seeds" -- -set_cover_merge=1 -max_len=4096
    rm -rf "$kept"
    cp -r "$fewest" "$kept"
    ;;
esac
