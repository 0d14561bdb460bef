#!/usr/bin/env bash
# A drill: two nodes behind haproxy, PgBouncer, a primary with a synchronous standby, a Redis. While users are written
# through the front, each part is stopped, killed or frozen. It reports what was lost and for how long nothing was written.
# Usage: infrastructure/drills/high-availability.sh   R-01 R-02 R-03 R-04 R-05 R-06 R-08 R-09 R-10
# PGBOUNCER names another PgBouncer than the system's. Before 1.21 it cannot pool Elder: the nodes then know both
# servers themselves (target_session_attrs=read-write).
source "$(dirname "${BASH_SOURCE[0]}")/drill.sh"
enter high-availability.sh "$@"
require haproxy:haproxy redis-server:redis-server redis-cli:redis-tools curl:curl jq:jq python3:python3
readonly WRITERS=4
primary=$(free_port) standby=$(free_port) redis=$(free_port) bouncer=$(free_port) front=$(free_port)
nodes=("$(free_port)" "$(free_port)")
declare -A process

pools() {
  local version
  version=$("${PGBOUNCER:-pgbouncer}" --version 2>/dev/null | grep --only-matching --extended-regexp '[0-9]+\.[0-9]+' | head -n 1)
  [[ -n $version && $(printf '1.21\n%s\n' "$version" | sort --version-sort | head -n 1) == 1.21 ]]
}

# Begins with what the last copy in the folder says, if there is one.
start_redis() {
  start redis redis-server --port "$redis" --bind 127.0.0.1 --dir "$DRILL" --save '' --appendonly no
  process[redis]=$started
}

# The shipped configuration, on the ports of the drill.
configure_bouncer() {
  printf '"%s" ""\n' elder_app elder_platform elder_superuser >"$DRILL/users"
  sed -e "s|^elder = .*|elder = host=127.0.0.1 port=$1 dbname=elder|" -e "s|^listen_port.*|listen_port = $bouncer|" \
    -e "s|^auth_type.*|auth_type = trust\nunix_socket_dir = $DRILL|" -e "s|^auth_file.*|auth_file = $DRILL/users|" \
    -e 's|^admin_users.*|admin_users = elder_superuser|' infrastructure/postgres/pgbouncer/pgbouncer.ini >"$DRILL/pgbouncer.ini"
}

start_bouncer() {
  start pgbouncer "${PGBOUNCER:-pgbouncer}" "$DRILL/pgbouncer.ini"
  process[pgbouncer]=$started
}

bouncer() { psql --no-psqlrc --quiet --host 127.0.0.1 --port "$bouncer" --username elder_superuser --dbname pgbouncer --command "$1"; }

start_front() {
  sed -e "/bind :443/d; /redirect scheme/d; /Strict-Transport/d; s|bind :80|bind 127.0.0.1:$front|" \
    -e "s|/run/haproxy/admin.sock|$DRILL/haproxy.sock|" \
    -e "s|10.0.0.11:8080|127.0.0.1:${nodes[0]}|; s|10.0.0.12:8080|127.0.0.1:${nodes[1]}|" \
    infrastructure/haproxy/haproxy.cfg >"$DRILL/haproxy.cfg"
  start haproxy haproxy -f "$DRILL/haproxy.cfg"
  process[haproxy]=$started
}

# Speaks to haproxy as an operator does.
front() {
  python3 -c 'import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode() + b"\n"); print(s.recv(4096).decode().strip(), end="")' "$DRILL/haproxy.sock" "$1"
}

start_node() {
  start_elder "node$1" "${nodes[$1]}" ELDER_SECRETS__MASTER_KEY="$MASTER_KEY" REDIS_URL="redis://127.0.0.1:$redis" \
    ELDER_RATE_LIMIT__USER_PER_MINUTE=1000000 ELDER_RATE_LIMIT__ENTERPRISE_PER_MINUTE=1000000 \
    ELDER_HTTP__TRUSTED_PROXIES=127.0.0.1/32
  process[node$1]=$started
}

# Where the nodes meet the database: by PgBouncer, or both servers themselves.
point() {
  if pools; then
    database "$bouncer" "$1"
  else
    database "$1" "$1"
    local both="127.0.0.1:$primary,127.0.0.1:$standby/elder?target_session_attrs=read-write"
    export DATABASE_URL=postgres://elder_app@$both ELDER_DATABASE__PLATFORM_URL=postgres://elder_platform@$both
  fi
}

tree() { printf '%s\n' "$1"; pgrep --parent "$1" || true; }
signal() { local number; for number in $(tree "$2"); do kill "-$1" "$number" 2>/dev/null || true; done; }
has_counts() { (($(redis-cli -p "$redis" dbsize) > 0)); }
is_refused() { equals "$(curl --silent --output /dev/null --write-out '%{http_code}' "$url/api/v2/users" --header "Authorization: Bearer $1")" 401; }
streams() { [[ $(sql "$1" "select sync_state from pg_stat_replication limit 1") == sync ]]; }
# Whether the logs were sealed later than two seconds after a moment.
has_sealed() { [[ $(sql "$primary" "select exists (select from audit_checkpoints where created_at > to_timestamp($1) + interval '2 seconds')" elder) == t ]]; }
is_open() { [[ $(sql "$1" 'select pg_is_in_recovery()') == f ]]; }

step "Two nodes, haproxy, a primary and its synchronous standby, Redis$(pools && printf ', PgBouncer' || printf '; no PgBouncer of 1.21 or newer: the nodes know both servers')"
MASTER_KEY=$(head -c 32 /dev/urandom | base64)
make_cluster "$DRILL/primary"
printf 'wal_level = replica\nwal_log_hints = on\nhot_standby = on\nwal_keep_size = 512MB\n' >>"$DRILL/primary/postgresql.conf"
start_postgres "$DRILL/primary" "$primary"
process[primary]=$started
make_database "$primary"
for role in elder_app elder_platform; do
  sql "$primary" "alter role $role set plan_cache_mode = force_generic_plan; alter role $role set statement_timeout = '30s';
    alter role $role set idle_in_transaction_session_timeout = '60s'"
done
pg_basebackup --host "$DRILL" --port "$primary" --username elder_superuser --pgdata "$DRILL/standby" --write-recovery-conf \
  --checkpoint fast --create-slot --slot standby
start_postgres "$DRILL/standby" "$standby"
process[standby]=$started
sql "$primary" "alter system set synchronous_standby_names = '*'"
sql "$primary" "select pg_reload_conf()" >/dev/null
must "the standby follows synchronously" within 20 streams "$primary"
start_redis
if pools; then configure_bouncer "$primary" && start_bouncer; fi
point "$primary"
start_node 0
start_node 1
start_front
url=http://127.0.0.1:$front
token=$(sign_in "$url")
mkdir "$DRILL/load"
python3 infrastructure/drills/load.py write "$url" "$token" "$DRILL/load" "$WRITERS" &
load=$!
processes+=("$load")

step "Under the load of $WRITERS writers"
event "nothing happens"
calm 6
event "a node is taken out, stopped, started, put back (R-02)"
front "set server nodes/node1 state drain"
sleep 1
stop TERM "${process[node0]}"
start_node 0
front "set server nodes/node1 state ready"
calm
event "a node is told to stop without a word to haproxy"
stop TERM "${process[node0]}"
calm 2
start_node 0
calm
event "a node is killed (R-01), and started again"
stop KILL "${process[node1]}"
calm 2
start_node 1
calm
event "a node is frozen for 30 s (R-03)"
kill -STOP "${process[node0]}"
frozen=$(now)
must "the other seals the audit logs meanwhile" within 30 has_sealed "$frozen"
sleep "$(awk -v spent="$(seconds_since "$frozen")" 'BEGIN { print (spent < 30 ? 30 - spent : 0) }')"
kill -CONT "${process[node0]}"
calm
event "Redis is killed (R-09)"
stop KILL "${process[redis]}"
calm
event "Redis is back, and empty"
start_redis
calm
event "Redis is back with an old copy (R-10)"
gone=$(sign_in "$url")
redis-cli -p "$redis" save >/dev/null
api POST "$url/api/v2/auth/logout" "$gone" --output /dev/null
stop KILL "${process[redis]}"
start_redis
must "Redis has the old copy" within 10 has_counts
must "who had signed out stays signed out" within 2 is_refused "$gone"
calm
if pools; then
  event "PgBouncer is killed, and started again"
  stop KILL "${process[pgbouncer]}"
  start_bouncer
  calm
fi
event "all sessions of PostgreSQL are ended, 5 times (R-05)"
for _ in 1 2 3 4 5; do
  sql "$primary" "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('elder_app', 'elder_platform')" >/dev/null
  sleep 1
done
calm
event "PostgreSQL is frozen for 8 s (R-06)"
signal STOP "${process[primary]}"
sleep 8
signal CONT "${process[primary]}"
calm
event "the standby is killed, and started again after 3 s"
stop KILL "${process[standby]}"
sleep 3
start_postgres "$DRILL/standby" "$standby"
process[standby]=$started
must "the standby follows synchronously again" within 20 streams "$primary"
calm
event "PostgreSQL is killed, and recovers (R-04)"
kill -KILL "${process[primary]}"
wait "${process[primary]}" 2>/dev/null || true
sleep 1
start_postgres "$DRILL/primary" "$primary"
process[primary]=$started
must "the standby follows synchronously again" within 20 streams "$primary"
calm
event "the primary is lost, the standby is promoted (R-08)"
began=$(now)
kill -KILL "${process[primary]}"
wait "${process[primary]}" 2>/dev/null || true
# What a supervisor such as Patroni does by itself; here it takes no time to notice the loss.
sql "$standby" "alter system set synchronous_standby_names = ''" && sql "$standby" "select pg_promote()" >/dev/null
within 20 is_open "$standby"
if pools; then configure_bouncer "$standby" && bouncer RELOAD; fi
report "the standby was promoted after" "$(seconds_since "$began") s"
calm 8
event "the former primary comes back as a standby"
sql "$standby" "select pg_create_physical_replication_slot('standby')" >/dev/null 2>&1 || true
# Until its checkpoint the new primary does not say of itself that it has left the old timeline.
sql "$standby" checkpoint
postgres --single -D "$DRILL/primary" -c "port=$primary" template1 </dev/null >>"$DRILL/rewind.log" 2>&1 || true
pg_rewind --target-pgdata "$DRILL/primary" --source-server "host=$DRILL port=$standby user=elder_superuser dbname=postgres" \
  --write-recovery-conf >>"$DRILL/rewind.log" 2>&1 || fail "pg_rewind failed:" "$(tail -n 3 "$DRILL/rewind.log")"
printf "primary_slot_name = 'standby'\n" >>"$DRILL/primary/postgresql.auto.conf"
start_postgres "$DRILL/primary" "$primary"
process[primary]=$started
sql "$standby" "alter system set synchronous_standby_names = '*'" && sql "$standby" "select pg_reload_conf()" >/dev/null
must "it follows synchronously" within 20 streams "$standby"
calm
touch "$DRILL/load/stop"
wait "$load"

step "For how long nothing was written, and what callers saw"
python3 infrastructure/drills/load.py windows "$DRILL/load"
step "What was lost"
sql "$standby" "select email from portal_users where full_name = 'Under load'" elder | python3 infrastructure/drills/load.py missing "$DRILL/load"
must "each change has one audit event and one event of the outbox" equals "$(sql "$standby" "$UNTOLD" elder)" 0
must "the new primary and its standby hold the same" equals "$(sql "$primary" 'select count(*) from portal_users' elder)" \
  "$(sql "$standby" 'select count(*) from portal_users' elder)"
point "$standby"
export ELDER_LOG__LEVEL=warn
must "elder doctor finds nothing" env ELDER_DATA_DIR="$DRILL/node0" ELDER_SECRETS__MASTER_KEY="$MASTER_KEY" REDIS_URL="redis://127.0.0.1:$redis" "$ELDER" doctor
step "The drill took $(seconds_since "$BEGAN") s"
