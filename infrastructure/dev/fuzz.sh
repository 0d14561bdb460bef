#!/usr/bin/env bash
# `infrastructure/dev/fuzz.sh <target> [seconds]`: throws bytes at one of fuzz/fuzz_targets, ten minutes unless something else is
# said. It goes on from what it has learned before (fuzz/corpus), and begins with fuzz/seeds.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

target=${1:?name a target of fuzz/fuzz_targets} seconds=${2:-600}
[[ -f fuzz/fuzz_targets/$target.rs ]] || fail "There is no target $target." "See fuzz/fuzz_targets."
infrastructure/dev/setup.sh run
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --version 0.13.2 --locked
mkdir -p "fuzz/corpus/$target"
# The stable compiler serves: without the address sanitizer, which code without `unsafe` needs little.
RUSTC_BOOTSTRAP=1 exec cargo fuzz run "$target" --sanitizer none "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
  -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048
