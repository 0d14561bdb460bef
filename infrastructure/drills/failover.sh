#!/usr/bin/env bash
# A drill: three PostgreSQL under Patroni with etcd, a Redis with a replica and three sentinels, two nodes behind haproxy.
# While users are written, leaders are lost and moved, and nobody promotes anything by hand.
# Usage: infrastructure/drills/failover.sh   R-04 R-08 R-09
source "$(dirname "${BASH_SOURCE[0]}")/drill.sh"
enter failover.sh "$@"
require haproxy:haproxy redis-server:redis-server patroni:patroni patronictl:patroni etcd:etcd-server curl:curl jq:jq python3:python3
readonly WRITERS=3 SERVERS=(0 1 2)
etcd=$(free_port) front=$(free_port) leader_port=$(free_port)
nodes=("$(free_port)" "$(free_port)")
databases=() rests=() redises=() sentinels=()
for _ in "${SERVERS[@]}"; do
  databases+=("$(free_port)") rests+=("$(free_port)") sentinels+=("$(free_port)")
done
redises=("$(free_port)" "$(free_port)")
declare -A process

start_etcd() {
  start etcd etcd --data-dir "$DRILL/etcd" --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$1" --initial-advertise-peer-urls "http://127.0.0.1:$1" --initial-cluster "default=http://127.0.0.1:$1"
  process[etcd]=$started
}

# The shipped configuration, with the folders and ports of the drill.
configure_patroni() {
  local number=$1
  sed -e "s|^name: .*|name: db$number|" -e "s|10.0.0.21:8008|127.0.0.1:${rests[$number]}|" \
    -e "s|hosts: .*|hosts: [127.0.0.1:$etcd]|" -e "s|10.0.0.21:5432|127.0.0.1:${databases[$number]}|" \
    -e "s|bin_dir: .*|bin_dir: $PG|" -e "s|data_dir: .*|data_dir: $DRILL/db$number|" -e "s|pgpass: .*|pgpass: $DRILL/pgpass$number|" \
    -e 's|username: postgres|username: elder_superuser|' -e "s|unix_socket_directories: .*|unix_socket_directories: $DRILL|" \
    -e 's|- local all all peer|- local all all trust|' -e 's|- hostssl \(.*\) 10.0.0.0/24 scram-sha-256|- host \1 127.0.0.1/32 trust|' \
    infrastructure/postgres/patroni/patroni.yml >"$DRILL/patroni$number.yml"
}

start_patroni() {
  start "patroni$1" patroni "$DRILL/patroni$1.yml"
  process[patroni$1]=$started
}

# PostgreSQL is no child of Patroni, and would be started again by it.
end() {
  local status=$? number
  trap - EXIT
  set +e
  for number in "${SERVERS[@]}"; do
    [[ -z ${process[patroni$number]:-} ]] || kill -KILL "${process[patroni$number]}" 2>/dev/null
    kill -QUIT "$(head -n 1 "$DRILL/db$number/postmaster.pid" 2>/dev/null)" 2>/dev/null
  done
  (exit "$status")
  leave
}
trap end EXIT

leads() { [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:${rests[$1]}/primary") == 200 ]]; }
leader() { local n; for n in "${SERVERS[@]}"; do if leads "$n"; then printf '%s\n' "$n" && return; fi; done; return 1; }
another_leads() { local found; found=$(leader) && [[ $found != "$1" ]]; }
two_standbys() { [[ $(sql "${databases[$1]}" "select count(*) from pg_stat_replication where state = 'streaming'") == 2 ]]; }
# By what Patroni has written down: only such a standby is promoted.
is_open() { leads "$1" && [[ $(sql "${databases[$1]}" 'select pg_is_in_recovery()') == f ]]; }
in_step() { curl --silent "http://127.0.0.1:${rests[$1]}/cluster" | jq --exit-status '[.members[] | select(.role == "sync_standby")] | length > 0' >/dev/null; }

start_redis() {
  local number=$1
  shift
  start "redis$number" redis-server --port "${redises[$number]}" --bind 127.0.0.1 --dir "$DRILL" --save '' --appendonly no "$@"
  process[redis$number]=$started
}

start_sentinel() {
  printf '%s\n' "port ${sentinels[$1]}" 'bind 127.0.0.1' "dir $DRILL" "sentinel monitor elder 127.0.0.1 ${redises[0]} 2" \
    'sentinel down-after-milliseconds elder 3000' 'sentinel failover-timeout elder 10000' >"$DRILL/sentinel$1.conf"
  start "sentinel$1" redis-server "$DRILL/sentinel$1.conf" --sentinel
}

redis_role() { redis-cli -p "${redises[$1]}" role 2>/dev/null | head -n 1; }
is_master() { [[ $(redis_role "$1") == master ]]; }
is_replica() { [[ $(redis_role "$1") == slave ]]; }
knows_the_replica() { redis-cli -p "${sentinels[$1]}" sentinel replicas elder | grep --quiet "${redises[1]}"; }
shared_by() { curl --silent "http://127.0.0.1:${nodes[0]}/healthz" | jq --exit-status '.checks.redis == "ok"' >/dev/null; }
counts() { [[ $(redis-cli -p "${redises[$1]}" dbsize) -gt 1 ]]; }

start_front() {
  sed -e "/bind :443/d; /redirect scheme/d; /Strict-Transport/d; s|bind :80|bind 127.0.0.1:$front|" \
    -e "s|/run/haproxy/admin.sock|$DRILL/haproxy.sock|" \
    -e "s|10.0.0.11:8080|127.0.0.1:${nodes[0]}|; s|10.0.0.12:8080|127.0.0.1:${nodes[1]}|" infrastructure/haproxy/haproxy.cfg >"$DRILL/haproxy.cfg"
  sed -e "s|127.0.0.1:5000|127.0.0.1:$leader_port|" \
    -e "s|10.0.0.21:5432 check port 8008|127.0.0.1:${databases[0]} check port ${rests[0]}|" \
    -e "s|10.0.0.22:5432 check port 8008|127.0.0.1:${databases[1]} check port ${rests[1]}|" \
    -e "s|10.0.0.23:5432 check port 8008|127.0.0.1:${databases[2]} check port ${rests[2]}|" infrastructure/haproxy/postgres.cfg >"$DRILL/postgres.cfg"
  start haproxy haproxy -f "$DRILL/haproxy.cfg" -f "$DRILL/postgres.cfg"
}

start_node() {
  start_elder "node$1" "${nodes[$1]}" ELDER_SECRETS__MASTER_KEY="$MASTER_KEY" REDIS_URL="$REDIS" \
    ELDER_RATE_LIMIT__USER_PER_MINUTE=1000000 ELDER_RATE_LIMIT__ENTERPRISE_PER_MINUTE=1000000 ELDER_HTTP__TRUSTED_PROXIES=127.0.0.1/32
}

# What a machine that loses its power takes with it: Patroni and its PostgreSQL.
lose() {
  local postmaster
  postmaster=$(head -n 1 "$DRILL/db$1/postmaster.pid")
  kill -KILL "${process[patroni$1]}" 2>/dev/null || true
  kill -KILL "$postmaster" 2>/dev/null || true
  wait "${process[patroni$1]}" 2>/dev/null || true
}

step "Three PostgreSQL under Patroni, etcd, two Redis and three sentinels, two nodes, haproxy"
MASTER_KEY=$(head -c 32 /dev/urandom | base64)
REDIS=redis-sentinel://127.0.0.1:${sentinels[0]},127.0.0.1:${sentinels[1]},127.0.0.1:${sentinels[2]}/elder
peer=$(free_port)
start_etcd "$peer"
for number in "${SERVERS[@]}"; do configure_patroni "$number"; done
start_patroni 0
within 60 leads 0 || fail "Patroni does not lead:" "$(tail -n 5 "$DRILL/patroni0.log")"
start_patroni 1
start_patroni 2
within 60 two_standbys 0 || fail "The standbys do not follow:" "$(tail -n 5 "$DRILL/patroni1.log")"
must "a standby follows synchronously" within 30 in_step 0
make_database "${databases[0]}"
start_redis 0
start_redis 1 --replicaof 127.0.0.1 "${redises[0]}"
within 10 is_replica 1
for number in "${SERVERS[@]}"; do start_sentinel "$number"; done
for number in "${SERVERS[@]}"; do within 30 knows_the_replica "$number"; done
start_front
database "$leader_port" "$leader_port"
# haproxy takes all servers for leaders until it has asked each twice.
sleep 4
start_node 0
start_node 1
url=http://127.0.0.1:$front
token=$(sign_in "$url")
must "the nodes found Redis by its sentinels" within 10 shared_by
mkdir "$DRILL/load"
python3 infrastructure/drills/load.py write "$url" "$token" "$DRILL/load" "$WRITERS" &
load=$!
processes+=("$load")

step "Under the load of $WRITERS writers"
event "nothing happens"
calm 6
event "the master of Redis is lost (R-09)"
stop KILL "${process[redis0]}"
began=$(now)
must "the sentinels make the replica the master" within 30 is_master 1
report "it was promoted after" "$(seconds_since "$began") s"
must "the nodes have followed" within 10 counts 1
must "they share it again" within 10 shared_by
calm
event "the former master of Redis comes back"
start_redis 0
must "it is the replica now" within 40 is_replica 0
must "the nodes stay with the new one" shared_by
calm
first=$(leader)
event "PostgreSQL of the leader is killed, Patroni lives (R-04)"
kill -KILL "$(head -n 1 "$DRILL/db$first/postmaster.pid")"
sleep 2
must "it recovers by itself" within 90 is_open "$first"
must "a standby follows it synchronously" within 90 in_step "$first"
calm
first=$(leader)
event "the leader is lost with its Patroni (R-08)"
began=$(now)
lose "$first"
must "another leads" within 60 another_leads "$first"
report "it led after" "$(seconds_since "$began") s"
second=$(leader)
must "a standby follows it synchronously" within 60 in_step "$second"
calm 6
event "the former leader comes back by itself"
start_patroni "$first"
must "it follows, without its own timeline" within 90 two_standbys "$second"
calm
event "the leader is moved on purpose"
patronictl -c "$DRILL/patroni0.yml" switchover elder --force >"$DRILL/switchover.log" 2>&1 ||
  fail "The switch-over failed:" "$(tail -n 5 "$DRILL/switchover.log")"
must "another leads" within 60 another_leads "$second"
third=$(leader)
must "two standbys follow it" within 60 two_standbys "$third"
calm 6
event "etcd is away for 15 s: the leader goes on"
stop KILL "${process[etcd]}"
sleep 15
start_etcd "$peer"
must "the same leads" within 30 leads "$third"
calm 6
touch "$DRILL/load/stop"
wait "$load"

step "For how long nothing was written, and what callers saw"
python3 infrastructure/drills/load.py windows "$DRILL/load"
step "What was lost"
last=$(leader)
within 30 two_standbys "$last"
sql "${databases[$last]}" "select email from portal_users where full_name = 'Under load'" elder | python3 infrastructure/drills/load.py missing "$DRILL/load"
must "each change has one audit event and one event of the outbox" equals "$(sql "${databases[$last]}" "$UNTOLD" elder)" 0
people=$(sql "${databases[$last]}" 'select count(*) from portal_users' elder)
for number in "${SERVERS[@]}"; do
  must "db$number holds the same" equals "$(sql "${databases[$number]}" 'select count(*) from portal_users' elder)" "$people"
done
export ELDER_LOG__LEVEL=warn
must "elder doctor finds nothing" env ELDER_DATA_DIR="$DRILL/node0" ELDER_SECRETS__MASTER_KEY="$MASTER_KEY" REDIS_URL="$REDIS" "$ELDER" doctor
step "The drill took $(seconds_since "$BEGAN") s"
