#!/usr/bin/env bash
# A drill: what runs out. The connections of PostgreSQL, the file descriptors of a node, the disk of PostgreSQL, the disk of
# a node. Each time Elder must refuse what it cannot do, lose nothing, and go on by itself once there is room again.
# Usage: infrastructure/drills/limits.sh   R-13 R-16
source "$(dirname "${BASH_SOURCE[0]}")/drill.sh"
# A file system of its own that is small, which a user may mount in a namespace of its own where the system allows it.
if [[ -n ${DRILL:-} && -z ${ALONE:-} ]]; then
  if unshare --user --map-current-user --keep-caps --mount true 2>/dev/null; then
    exec unshare --user --map-current-user --keep-caps --mount env ALONE=yes bash "$0" "$@"
  fi
  printf 'no namespaces for users here: the drill of the full disk is left out\n'
fi
enter limits.sh "$@"
require curl:curl jq:jq python3:python3 prlimit:util-linux
port=$(free_port) http=$(free_port)
url=http://127.0.0.1:$http

write_for() {
  local seconds=$1 writers=$2
  mkdir -p "$DRILL/load"
  rm -f "$DRILL/load/stop"
  timeout 60 python3 infrastructure/drills/load.py write "$url" "$token" "$DRILL/load" "$writers" &
  sleep "$seconds"
  touch "$DRILL/load/stop"
  wait "$!"
}
codes() { jq --raw-output '[.[][2]] | group_by(.) | map("\(length) x \(.[0])") | join(", ")' "$DRILL/load/failures.json"; }
only_503() { [[ $(jq '[.[][2] | select(. != "503")] | length' "$DRILL/load/failures.json") == 0 ]]; }
acknowledged() { jq length "$DRILL/load/acknowledged.json"; }
all_there() { sql "$port" "select email from portal_users where full_name = 'Under load'" elder | python3 infrastructure/drills/load.py contained "$DRILL/load"; }
signs_in() { log_in "$url" >/dev/null; }
none_failed() { [[ $(jq length "$DRILL/load/failures.json") == 0 ]]; }
is_low() { equals "$(curl --silent "$url/healthz" | jq --raw-output .checks.disk)" "$1"; }
# Whether the log has become longer.
is_told() { (($(stat --format=%s "$DRILL/tight/node.log") > $1)); }
creates() { make_user "$url" "$token" "$1" >/dev/null 2>&1; }
# Processor time of a process in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

mkdir --mode 700 "$DRILL/small"
mkdir --mode 700 "$DRILL/tight"
if [[ -n ${ALONE:-} ]]; then
  mount -t tmpfs -o size=160m,mode=700 tmpfs "$DRILL/small"
  mount -t tmpfs -o size=4m,mode=700 tmpfs "$DRILL/tight"
fi
make_cluster "$DRILL/small/data"
start_postgres "$DRILL/small/data" "$port" -c max_connections=20 -c max_wal_size=64MB -c min_wal_size=32MB
postgres=$started
make_database "$port"
database "$port" "$port"
limits=(ELDER_RATE_LIMIT__USER_PER_MINUTE=1000000 ELDER_RATE_LIMIT__ENTERPRISE_PER_MINUTE=1000000)

step "PostgreSQL has 20 connections, the pools of the node would take more (R-16)"
start_elder node "$http" "${limits[@]}" ELDER_DATABASE__MAX_CONNECTIONS=30
elder=$started
token=$(sign_in "$url")
write_for 6 30
report "acknowledged" "$(acknowledged)"
report "failed" "$(codes | grep . || printf none)"
must "what failed was told to come again (503)" only_503
must "all that was acknowledged is there" all_there
must "afterwards it goes on" creates after-connections

step "A node has 128 file descriptors, and 200 connections that say nothing (R-16)"
stop TERM "$elder"
start_elder node "$http" "${limits[@]}" ELDER_DATABASE__MAX_CONNECTIONS=8 prlimit --nofile=128
elder=$started
python3 -c 'import socket, sys, time
held = []
for _ in range(200):
    try: held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1))
    except OSError: pass
time.sleep(6)' "$http" &
idle=$!
sleep 2
before=$(ticks "$elder")
sleep 3
spent=$(($(ticks "$elder") - before))
report "processor time in 3 s at the limit" "0.$(printf '%02d' "$spent") s"
must "it does not spin" test "$spent" -lt 100
must "it lives" kill -0 "$elder"
wait "$idle"
lines=$(grep --count --ignore-case 'too many open files' "$DRILL/node.log" || true)
report "lines of its log that say so, in 6 s" "$lines"
must "the log is not filled with it" test "$lines" -lt 60
must "afterwards it goes on" within 10 creates after-descriptors

if [[ -n ${ALONE:-} ]]; then
  step "The disk of PostgreSQL is full (R-13)"
  write_for 3 2
  dd if=/dev/zero of="$DRILL/small/ballast" bs=64k status=none 2>/dev/null || true
  report "space left" "$(df --output=avail --block-size=1K "$DRILL/small" | tail -n 1) KiB"
  # What fits into what PostgreSQL holds already is still written; then it can no more.
  write_for 10 8
  report "failed while it was full" "$(codes | grep . || printf none)"
  must "the node lives" curl --fail --silent --output /dev/null "$url/livez"
  report "PostgreSQL" "$(kill -0 "$postgres" 2>/dev/null && printf 'went on' || printf 'stopped')"
  rm "$DRILL/small/ballast"
  if ! kill -0 "$postgres" 2>/dev/null; then
    start_postgres "$DRILL/small/data" "$port" -c max_connections=20 -c max_wal_size=64MB -c min_wal_size=32MB
  fi
  must "with room again it goes on, and nobody had to do anything to Elder" within 30 creates after-disk
  must "all that was acknowledged is there" all_there
  must "no page and no index is damaged" pg_amcheck --host "$DRILL" --port "$port" --username elder_superuser --install-missing elder

  step "The disk of a node is full, where its folder and its log are (R-13)"
  stop TERM "$elder"
  start_elder tight/node "$http" "${limits[@]}" ELDER_DATABASE__MAX_CONNECTIONS=8 ELDER_LOG__LEVEL=debug ELDER_SECRETS__MASTER_KEY_FILE="$DRILL/node/master.key"
  elder=$started
  must "its disk is well before" is_low ok
  dd if=/dev/zero of="$DRILL/tight/ballast" bs=4k status=none 2>/dev/null || true
  report "space left" "$(df --output=avail --block-size=1K "$DRILL/tight" | tail -n 1) KiB"
  length=$(stat --format=%s "$DRILL/tight/node.log")
  write_for 8 4
  must "it lives, and writes users as before" none_failed
  must "people sign in" signs_in
  must "whoever may not is refused as before" equals "$(curl --silent --output /dev/null --write-out '%{http_code}' "$url/api/v2/users")" 401
  must "/healthz says that its disk is low" is_low low
  rm "$DRILL/tight/ballast"
  must "with room again its disk is well" within 30 is_low ok
  creates after-log
  must "and its log goes on" within 10 is_told "$length"
  must "all that was acknowledged is there" all_there
fi
must "elder doctor finds nothing" env ELDER_DATA_DIR="$DRILL/node" ELDER_LOG__LEVEL=warn "$ELDER" doctor
step "The drill took $(seconds_since "$BEGAN") s"
