# Sourced by the drills: servers of their own in one folder under /tmp, which goes when the drill ends.
# shellcheck shell=bash
#
# A drill needs nothing but the packages that it names. ELDER names the program under drill; without it, it is the one
# that was built last. KEEP=1 keeps the folder. PostgreSQL does not run as root, so root hands over to another user.
source "$(dirname "${BASH_SOURCE[0]}")/../dev/environment.sh"

readonly OWNER=owner@elder.example OWNER_PASSWORD='correct horse battery staple'
# The id of the user in the row u as the API and events write it. Addresses are sealed within events.
readonly USER_ID="'usr_' || (select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', substr(
    '00' || ('x' || translate(u.id::text, '-', ''))::bit(128)::text, 5 * n + 1, 5)::bit(5)::int + 1, 1), '' order by n)
  from generate_series(0, 25) n)"
# Users without exactly one audit event, or one event of the outbox.
# shellcheck disable=SC2034 # for the drills
readonly UNTOLD="
  with people as (select $USER_ID as id from portal_users u where full_name = 'Under load'),
       audited as (select resource_id as id, count(*) as events from audit_logs where action = 'portal_user.created' group by 1),
       told as (select subject as id, count(*) as events from outbox where type = 'elder.portal_user.created' group by 1)
  select count(*) from people left join audited using (id) left join told using (id)
  where audited.events is distinct from 1 or told.events is distinct from 1"
DRILL=${DRILL:-}
# shellcheck disable=SC2034 # for the drills
BEGAN=${EPOCHREALTIME/,/.}
processes=()

# Copies what the drill needs to where any user can read it, and goes on as one who may run PostgreSQL.
enter() {
  local script=$1 status=0 user
  shift
  if [[ -z $DRILL ]]; then
    ELDER=${ELDER:-$(newest_elder)} || fail "There is no elder to drill." "Type: cargo build --bin elder, or set ELDER."
    DRILL=$(mktemp --directory /tmp/elder-drill-XXXXXX)
    export DRILL
    chmod 755 "$DRILL"
    cp "$ELDER" "$DRILL/elder"
    [[ -z ${NEXT:-} ]] || cp "$NEXT" "$DRILL/next"
    cp --recursive infrastructure "$DRILL/infrastructure"
    install -D --mode 644 config/development.license "$DRILL/config/development.license"
    if ((EUID == 0)); then
      user=$(id postgres >/dev/null 2>&1 && printf postgres || printf nobody)
      chown --recursive "$user:" "$DRILL"
      cd "$DRILL"
      setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- \
        env HOME="$DRILL" bash "$DRILL/infrastructure/drills/$script" "$@" || status=$?
    else
      HOME=$DRILL bash "$DRILL/infrastructure/drills/$script" "$@" || status=$?
    fi
    if [[ -n ${KEEP:-} ]]; then printf 'kept: %s\n' "$DRILL"; else rm -rf "${DRILL:?}"; fi
    exit "$status"
  fi
  readonly ELDER=$DRILL/elder
  PG=$(postgres_programs) || fail "PostgreSQL 15 or newer is missing."
  export PATH=$PG:/usr/sbin:$PATH PGCONNECT_TIMEOUT=2
  export LC_ALL=C
  trap leave EXIT
}

newest_elder() {
  local found
  # shellcheck disable=SC2012 # the names are known
  found=$(ls -t "$CARGO_TARGET_DIR"/{release,debug}/elder 2>/dev/null | head -n 1)
  [[ -n $found ]] && printf '%s\n' "$found"
}

# Ends what the drill has started, and nothing else.
leave() {
  local status=$? process
  trap - EXIT
  # QUIT ends PostgreSQL at once and with its children; other programs in the background of a script ignore it.
  for process in "${processes[@]}"; do
    kill -CONT "$process" 2>/dev/null || true
    kill -QUIT "$process" 2>/dev/null || true
  done
  sleep 0.5
  for process in "${processes[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  ((status == 0)) || printf '\033[1;31mthe drill failed\033[0m\n' >&2
  exit "$status"
}

require() {
  local pair
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || fail "${pair%%:*} is missing." "On Debian: apt-get install ${pair#*:}"
  done
}

seconds_since() { awk -v from="$1" -v to="${EPOCHREALTIME/,/.}" 'BEGIN { printf "%.1f", to - from }'; }
now() { printf '%s' "${EPOCHREALTIME/,/.}"; }
report() { printf '  %-66s %s\n' "$1" "$2"; }

# Demands that a command succeeds, and says what was demanded.
must() {
  local what=$1
  shift
  if "$@"; then report "$what" "yes"; else report "$what" "NO"; exit 1; fi
}

equals() { [[ $1 == "$2" ]] || { printf '    expected %s, got %s\n' "$2" "$1" >&2; return 1; }; }

# Says what happens now under the load, and lets that go on for so many seconds afterwards.
event() { printf '%s %s\n' "$(now)" "$1" >>"$DRILL/load/events"; }
calm() { sleep "${1:-4}"; }

# Waits until a command succeeds, for so many seconds.
within() {
  local patience=$1 began
  began=$(now)
  shift
  until "$@" >/dev/null 2>&1; do
    (($(printf '%.0f' "$(seconds_since "$began")") < patience)) || return 1
    sleep 0.05
  done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Starts a program in the background; its number is in $started.
start() {
  local log=$1
  shift
  setpriv --pdeathsig KILL -- "$@" >>"$DRILL/$log.log" 2>&1 </dev/null &
  started=$!
  processes+=("$started")
}

stop() {
  kill "-$1" "$2"
  wait "$2" 2>/dev/null || true
}

make_cluster() {
  initdb --username elder_superuser --encoding UTF8 --locale C.UTF-8 --data-checksums --auth trust \
    --no-instructions --pgdata "$1" >"$DRILL/initdb.log" 2>&1 || fail "initdb failed:" "$(tail -n 3 "$DRILL/initdb.log")"
}

# A server on a folder's files; its socket is in the folder $DRILL.
start_postgres() {
  local files=$1 port=$2
  shift 2
  start "postgres-$port" postgres -D "$files" -c listen_addresses=127.0.0.1 -c "port=$port" \
    -c "unix_socket_directories=$DRILL" -c timezone=UTC -c shared_buffers=128MB -c max_connections=120 "$@"
  within 60 sql "$port" 'select 1' || fail "PostgreSQL does not start:" "$(tail -n 5 "$DRILL/postgres-$port.log")"
}

sql() { psql --no-psqlrc --quiet --tuples-only --no-align --host "$DRILL" --port "$1" --username elder_superuser --dbname "${3:-postgres}" --set ON_ERROR_STOP=1 --command "$2"; }

make_database() {
  psql --no-psqlrc --quiet --host "$DRILL" --port "$1" --username elder_superuser --dbname postgres \
    --set ON_ERROR_STOP=1 --file infrastructure/postgres/roles.sql
  createdb --host "$DRILL" --port "$1" --username elder_superuser --owner elder_owner --encoding UTF8 \
    --template template0 elder
}

# What Elder is told of a database: where its application and platform meet it, and where its owner does.
database() {
  local pooled=$1 direct=$2
  export DATABASE_URL=postgres://elder_app@127.0.0.1:$pooled/elder
  export ELDER_DATABASE__PLATFORM_URL=postgres://elder_platform@127.0.0.1:$pooled/elder
  export ELDER_DATABASE__OWNER_URL=postgres://elder_owner@127.0.0.1:$direct/elder
}

# PROGRAM is another program than the one under drill.
start_elder() {
  local name=$1 port=$2
  shift 2
  ELDER_DATA_DIR=$DRILL/$name ELDER_HTTP__BIND=127.0.0.1:$port ELDER_HTTP__PUBLIC_URL=http://127.0.0.1:9 \
    ELDER_LICENSE__FILE=$PWD/config/development.license \
    ELDER_BOOTSTRAP_EMAIL=$OWNER ELDER_BOOTSTRAP_PASSWORD=$OWNER_PASSWORD ELDER_LOG__FORMAT=json \
    start "$name" env "$@" "${PROGRAM:-$ELDER}" serve
  within 60 curl --fail --silent --output /dev/null "http://127.0.0.1:$port/readyz" ||
    fail "Elder does not get ready:" "$(tail -n 5 "$DRILL/$name.log")"
}

# An access token of the owner, who is made just after the first start.
sign_in() {
  within 10 log_in "$1" && log_in "$1" | jq --raw-output .access_token
}

log_in() {
  curl --fail --silent "$1/api/v2/auth/login" --header 'Content-Type: application/json' \
    --data "$(jq --null-input --arg email "$OWNER" --arg password "$OWNER_PASSWORD" '$ARGS.named')"
}

api() {
  local method=$1 url=$2 token=$3
  shift 3
  curl --fail-with-body --silent --show-error --request "$method" "$url" --header "Authorization: Bearer $token" \
    --header 'Content-Type: application/json' "$@"
}

# Makes a user, and prints the id that was acknowledged.
make_user() {
  api POST "$1/api/v2/users" "$2" --data "{\"email\": \"$3@example.com\", \"full_name\": \"Made by the drill\"}" | jq --raw-output .id
}
