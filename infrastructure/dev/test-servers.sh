# Sourced by test.sh: a PostgreSQL and a Redis that live as long as the script, on unix sockets only.
# shellcheck shell=bash

# Short, since a socket's path may have 107 bytes, and open to the user PostgreSQL runs as when root tests.
readonly TEST_PREFIX=/tmp/elder-test-
test_servers=

# Becomes a program that runs as an unprivileged user, which may not see the folder this was started in.
# The kernel sends it the signal when its parent, this script, dies.
unprivileged() {
  local signal=$1 user
  shift
  cd /
  if ((EUID == 0)); then
    user=$(test_user)
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups --pdeathsig "$signal" -- "$@"
  fi
  exec setpriv --pdeathsig "$signal" -- "$@"
}

test_user() {
  if id postgres >/dev/null 2>&1; then printf 'postgres\n'; else printf 'nobody\n'; fi
}

# A run that was killed leaves its folder behind, which nobody holds locked any more.
remove_leftovers() {
  local folder
  for folder in "$TEST_PREFIX"*/; do
    if [[ -O $folder ]]; then
      flock --nonblock "$folder" rm -rf "$folder" || continue
    fi
  done
}

start_test_servers() {
  # Another run shall not take a folder for a leftover before it is locked.
  exec 7>"$ELDER_CACHE/test.lock"
  flock 7
  remove_leftovers
  test_servers=$(mktemp --directory "${TEST_PREFIX}XXXXXX")
  exec 8<"$test_servers"
  flock 8
  exec 7>&-
  chmod 755 "$test_servers"
  mkdir --mode 700 "$test_servers/postgres" "$test_servers/redis"
  ((EUID != 0)) || chown "$(test_user):" "$test_servers/postgres" "$test_servers/redis"
  start_test_redis
  start_test_postgres
  # What a test that was killed leaves behind goes with the rest.
  mkdir "$test_servers/tmp"
  chmod 755 "$test_servers/tmp"
  export TMPDIR=$test_servers/tmp
}

start_test_redis() {
  local socket=$test_servers/redis/redis.sock
  unprivileged TERM redis-server --port 0 --unixsocket "$socket" --unixsocketperm 700 \
    --dir "$test_servers/redis" --save '' --appendonly no >"$test_servers/redis.log" 2>&1 8<&- &
  redis=$!
  export ELDER_TEST_REDIS=redis+unix://$socket
}

# Nothing here must outlive the tests, so nothing waits for the disk.
start_test_postgres() {
  local programs home=$test_servers/postgres log=$test_servers/postgres.log setting
  local options=()
  programs=$(postgres_programs)
  (unprivileged INT "$programs/initdb" --username elder_superuser --encoding UTF8 --locale C.UTF-8 \
    --auth-local trust --auth-host reject --no-sync --no-instructions --pgdata "$home/data" >"$log" 2>&1 8<&-) ||
    fail "The test database could not be made:" "$(tail -n 5 "$log")"
  for setting in listen_addresses= unix_socket_permissions=0700 "unix_socket_directories=$home" \
    max_connections=300 fsync=off full_page_writes=off synchronous_commit=off \
    shared_buffers=128MB autovacuum=off jit=off timezone=UTC; do
    options+=(-c "$setting")
  done
  unprivileged INT "$programs/postgres" -D "$home/data" "${options[@]}" </dev/null >>"$log" 2>&1 8<&- &
  postgres=$!
  until grep -q '^ready' "$home/data/postmaster.pid" 2>/dev/null; do
    kill -0 "$postgres" 2>/dev/null || fail "The test database does not start:" "$(tail -n 5 "$log")"
    sleep 0.02
  done
  "$programs/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$home" --username elder_superuser \
    --dbname postgres --file infrastructure/postgres/roles.sql --command 'ALTER ROLE elder_owner CREATEDB'
  export ELDER_TEST_PG_DIR=$home
}

stop_test_servers() {
  [[ -n $test_servers ]] || return 0
  kill -QUIT "${postgres:-}" 2>/dev/null || true
  kill -KILL "${redis:-}" 2>/dev/null || true
  wait 2>/dev/null || true
  # Servers that tests have started end with them, but may still be writing for a moment.
  local _
  for _ in {1..20}; do
    rm -rf "$test_servers" 2>/dev/null && return 0
    sleep 0.1
  done
}
