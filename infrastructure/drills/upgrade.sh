#!/usr/bin/env bash
# A drill: two nodes behind haproxy become the next version and then the former one again, while users are written and
# read. No request may fail, and nothing may be lost on either way.
# Usage: infrastructure/drills/upgrade.sh   R-18
# NEXT names the program of the next version. Without it the program under drill stands in for that, and the schema is
# widened here as a next version would.
source "$(dirname "${BASH_SOURCE[0]}")/drill.sh"
enter upgrade.sh "$@"
require haproxy:haproxy curl:curl jq:jq python3:python3
readonly WRITERS=3 READERS=2
next=$ELDER
[[ ! -x $DRILL/next ]] || next=$DRILL/next
port=$(free_port) front=$(free_port)
nodes=("$(free_port)" "$(free_port)")
declare -A process

# What a next version may do beside nodes of this one: columns with and without a default, a table, an index. Each in a
# transaction of its own, as each file of a migration is: one that held two tables in use would meet requests that hold
# them the other way round.
widen() {
  local number=9000 change
  for change in 'alter table portal_users add column drill_nickname text, add column drill_seen boolean not null default false' \
    'alter table tenants add column drill_region text' \
    'alter table audit_logs add column drill_reason text' \
    "create table drill_notes (tenant_id int not null, id uuid not null, body text not null, primary key (tenant_id, id));
     select enable_tenant_rls('drill_notes'); create index drill_notes_by_body on drill_notes (tenant_id, body)"; do
    PGOPTIONS='-c lock_timeout=3s' psql --no-psqlrc --quiet --host "$DRILL" --port "$port" --username elder_owner --dbname elder \
      --set ON_ERROR_STOP=1 --single-transaction --output /dev/null --command "$change" \
      --command "insert into refinery_schema_history values ($number, 'drill', '2027-01-01T00:00:00Z', '0')" || return
    number=$((number + 1))
  done
}

migrate() { if [[ $next == "$ELDER" ]]; then widen; else "$next" migrate; fi; }
files() { sql "$port" 'select count(*) from refinery_schema_history' elder; }
leaves() { local before; before=$(files) && "$ELDER" migrate && equals "$(files)" "$before"; }
is_wider() { (($(files) > former)); }
# Somebody who reads a table for longer than a migration waits for it, as a report does.
hold() { sql "$port" 'begin; lock table portal_users in access share mode; select pg_sleep(6); commit' elder >/dev/null; }
is_held() { [[ $(sql "$port" "select count(*) from pg_stat_activity where query like '%pg_sleep(6)%' and wait_event = 'PgSleep'") == 1 ]]; }
gives_up() { ! migrate >"$DRILL/given-up.log" 2>&1 && equals "$(files)" "$former"; }
misses() { local code=0; "$next" migrate --check >/dev/null || code=$?; equals "$code" "$1"; }
is_version() { equals "$(curl --silent "http://127.0.0.1:$1/healthz" | jq --raw-output .version)" "$("$2" --version | cut --delimiter=' ' --fields=2)"; }
log_in_silently() { log_in "$url" >/dev/null; }

start_front() {
  sed -e "/bind :443/d; /redirect scheme/d; /Strict-Transport/d; s|bind :80|bind 127.0.0.1:$front|" \
    -e "s|/run/haproxy/admin.sock|$DRILL/haproxy.sock|" \
    -e "s|10.0.0.11:8080|127.0.0.1:${nodes[0]}|; s|10.0.0.12:8080|127.0.0.1:${nodes[1]}|" \
    infrastructure/haproxy/haproxy.cfg >"$DRILL/haproxy.cfg"
  start haproxy haproxy -f "$DRILL/haproxy.cfg"
}

# A node that does not know the owner of the database, as on Kubernetes: it takes the schema as it finds it.
start_node() {
  PROGRAM=$2 start_elder "node$1" "${nodes[$1]}" --unset=ELDER_DATABASE__OWNER_URL ELDER_DATABASE__MIGRATE_ON_START=false \
    ELDER_RATE_LIMIT__USER_PER_MINUTE=1000000 ELDER_RATE_LIMIT__ENTERPRISE_PER_MINUTE=1000000 \
    ELDER_HTTP__TRUSTED_PROXIES=127.0.0.1/32
  process[node$1]=$started
}

replace() {
  stop TERM "${process[node$1]}"
  start_node "$1" "$2"
  is_version "${nodes[$1]}" "$2" || fail "Another version serves than was started."
}

step "Two nodes behind haproxy$([[ $next == "$ELDER" ]] && printf ': one program, and a schema that a next version has widened')"
ELDER_SECRETS__MASTER_KEY=$(head -c 32 /dev/urandom | base64)
export ELDER_SECRETS__MASTER_KEY ELDER_DATA_DIR=$DRILL/node0 ELDER_LOG__LEVEL=info
make_cluster "$DRILL/data"
start_postgres "$DRILL/data" "$port"
make_database "$port"
database "$port" "$port"
"$ELDER" migrate
start_node 0 "$ELDER"
start_node 1 "$ELDER"
start_front
url=http://127.0.0.1:$front
token=$(sign_in "$url")
mkdir "$DRILL/load"
python3 infrastructure/drills/load.py write "$url" "$token" "$DRILL/load" "$WRITERS" "$READERS" &
load=$!
processes+=("$load")

step "Under the load of $WRITERS writers and $READERS readers"
event "nothing happens"
calm 5
former=$(files)
[[ $next == "$ELDER" ]] || must "elder migrate --check of the next version misses files" misses 2
event "somebody reads a table for 6 s: the migration gives up"
hold &
processes+=("$!")
within 5 is_held
must "it gives up, and has changed nothing" gives_up
wait "$!"
calm
event "the schema becomes that of the next version"
migrate
must "the schema is that of the next version" is_wider
[[ $next == "$ELDER" ]] || must "elder migrate --check of the next version misses nothing" misses 0
calm
event "the former version looks at it: migrate, migrate --check"
must "elder migrate of the former version leaves it as it is" leaves
must "elder migrate --check of the former version misses nothing" "$ELDER" migrate --check
calm 2
event "a node of the former version is started anew on it"
replace 0 "$ELDER"
calm
event "the first node becomes the next version"
replace 0 "$next"
calm 6
event "the second node becomes the next version"
replace 1 "$next"
calm 6
event "back: the first node becomes the former version"
replace 0 "$ELDER"
calm 6
event "back: the second node becomes the former version"
replace 1 "$ELDER"
calm
touch "$DRILL/load/stop"
wait "$load"

step "For how long nothing was written, and what callers saw"
python3 infrastructure/drills/load.py windows "$DRILL/load"
must "no request failed" equals "$(python3 infrastructure/drills/load.py failed "$DRILL/load")" 0
step "What was lost"
sql "$port" "select email from portal_users where full_name = 'Under load'" elder | python3 infrastructure/drills/load.py missing "$DRILL/load"
must "each change has one audit event and one event of the outbox" equals "$(sql "$port" "$UNTOLD" elder)" 0
must "the owner signs in at the former version" log_in_silently
export ELDER_LOG__LEVEL=warn
must "elder doctor of the former version finds nothing" "$ELDER" doctor
step "The drill took $(seconds_since "$BEGAN") s"
