#!/usr/bin/env bash
# A drill: backs an Elder up while people use it, loses its disk, restores it on another, and looks what is lost.
# Then it goes back to a moment before an accident, spoils a backup and a segment of WAL, and looks who notices.
# Usage: infrastructure/drills/backup.sh [users]   R-20, R-21
source "$(dirname "${BASH_SOURCE[0]}")/drill.sh"
enter backup.sh "$@"
require pgbackrest:pgbackrest curl:curl jq:jq python3:python3
readonly USERS=${1:-2000}

rest() { pgbackrest --config="$DRILL/pgbackrest.conf" --stanza=elder "$@"; }

# The shipped configuration, in the folder of the drill and with a key of its own.
configure_backup() {
  mkdir -p "$DRILL"/{repository,spool,lock,log}
  sed -e "s|=/var/lib/pgbackrest|=$DRILL/repository|" -e "s|=/var/spool/pgbackrest|=$DRILL/spool|" \
    -e "s|=/var/lib/postgresql/17/main|=$1\npg1-port=$2\npg1-socket-path=$DRILL\npg1-user=elder_superuser|" \
    -e "s|^log-level-console=info|log-level-console=warn\nlog-path=$DRILL/log\nlock-path=$DRILL/lock\nrepo1-cipher-pass=a key of the drill alone|" \
    infrastructure/postgres/pgbackrest/pgbackrest.conf >"$DRILL/pgbackrest.conf"
  sed "s|pgbackrest --stanza|pgbackrest --config=$DRILL/pgbackrest.conf --stanza|" \
    infrastructure/postgres/pgbackrest/postgresql.conf >"$DRILL/backup.conf"
}

restore() {
  local files=$1
  shift
  mkdir --mode 700 "$files"
  rest --pg1-path="$files" "$@" restore
}

users() { sql "$1" "select count(*) from portal_users where full_name = 'Made by the drill'" elder; }
is_there() { [[ $(sql "$1" "select count(*) from portal_users where id = '$2'" elder) == 1 ]]; }
is_open() { [[ $(sql "$1" 'select pg_is_in_recovery()') == f ]]; }
is_gone() { ! is_there "$1" "$2"; }
uuid() { sql "$1" "select id from portal_users where email = '$2@example.com'" elder; }
doctor() { ELDER_DATA_DIR=$DRILL/$1 "$ELDER" doctor >"$DRILL/doctor.txt" 2>&1; }
# PostgreSQL ends recovery with an error when the archive ends before the moment that was asked for.
cannot_reach() {
  ! timeout 60 postgres -D "$1" -c listen_addresses= -c "unix_socket_directories=$DRILL" -c archive_mode=off -c max_connections=120 >"$DRILL/fourth.log" 2>&1 &&
    grep --quiet 'recovery ended before configured recovery target was reached' "$DRILL/fourth.log"
}
# The exit code of `verify` is 0 whatever it finds: what it says counts.
refuses() { ! "$@" >/dev/null 2>&1; }
verifies() { rest --output=text --verbose verify | grep --quiet "status: ok"; }
found_spoilt() { rest --output=text --verbose verify | grep --quiet 'checksum invalid: [1-9]'; }
has_archived() { [[ $(sql "$1" "select coalesce(last_archived_wal >= '$2', false) from pg_stat_archiver") == t ]]; }

step "A platform with $USERS users, and backups as shipped"
first=$(free_port) http=$(free_port)
make_cluster "$DRILL/first"
configure_backup "$DRILL/first" "$first"
cat "$DRILL/backup.conf" >>"$DRILL/first/postgresql.conf"
start_postgres "$DRILL/first" "$first"
postgres=$started
make_database "$first"
rest stanza-create
must "pgbackrest check: WAL reaches the repository" rest check
database "$first" "$first"
start_elder node "$http"
elder=$started url=http://127.0.0.1:$http
token=$(sign_in "$url")
make_user "$url" "$token" template >/dev/null
sql "$first" "insert into portal_users (tenant_id, id, email, email_folded, full_name)
  select tenant_id, gen_random_uuid(), 'many-' || n || '@example.com', 'many-' || n || '@example.com', full_name
  from portal_users, generate_series(1, $USERS) n where email = 'template@example.com'" elder
began=$(now)
rest --type=full backup
report "a full backup took" "$(seconds_since "$began") s"
report "size of the database" "$(sql "$first" "select pg_size_pretty(pg_database_size('elder'))")"
report "size in the repository" "$(rest info --output=json | jq --raw-output '.[0].backup[-1].info.repository.delta / 1048576 | floor | tostring + " MB"')"
make_user "$url" "$token" between-backups >/dev/null
began=$(now)
rest --type=diff backup
report "a differential backup took" "$(seconds_since "$began") s"

step "The repository is away"
mv "$DRILL/repository" "$DRILL/repository-away"
began=$(now)
must "pgbackrest check fails" refuses rest check
report "it was told after" "$(seconds_since "$began") s"
mv "$DRILL/repository-away" "$DRILL/repository"
must "and is content when it is back" rest check

step "Everything is lost: the disk goes while people write"
: >"$DRILL/acknowledged"
(
  for ((number = 0; ; number++)); do
    make_user "$url" "$token" "late-$number" >/dev/null 2>&1 || break
    printf '%s %s\n' "$(now)" "late-$number" >>"$DRILL/acknowledged"
    sleep 0.2
  done
) &
writer=$!
# Longer than archive_timeout, so that some of it is in the repository.
sleep 45
stop KILL "$postgres"
lost_at=$(now)
kill -KILL "$elder"
wait "$writer" "$postgres" "$elder" 2>/dev/null || true
# The segment that was not archived goes with the disk.
mv "$DRILL/first" "$DRILL/lost-disk"
began=$(now)
second=$(free_port)
restore "$DRILL/second" --type=default
restored_in=$(seconds_since "$began")
start_postgres "$DRILL/second" "$second" -c archive_mode=off
postgres=$started
within 120 is_open "$second" || fail "The restored database does not open."
database "$second" "$second"
mkdir --mode 700 "$DRILL/elsewhere"
cp "$DRILL/node/master.key" "$DRILL/elsewhere/master.key"
start_elder elsewhere "$http"
elder=$started
rto=$(seconds_since "$began")
report "restored the files after" "$restored_in s"
report "RTO: from the loss to a node that is ready elsewhere" "$rto s"
must "elder doctor finds nothing" doctor elsewhere
token=$(sign_in "$url")
must "the owner signs in, with the master key that was kept apart" test -n "$token"
must "$USERS users and the one between the backups are there" \
  test "$(sql "$second" "select count(*) from portal_users where email like 'many-%' or email like 'between-%'" elder)" -eq "$((USERS + 1))"
while read -r at name; do
  is_there "$second" "$(uuid "$second" "$name" | grep . || printf '00000000-0000-0000-0000-000000000000')" || { lost=$at; break; }
done <"$DRILL/acknowledged"
report "acknowledged while it was about to be lost" "$(wc -l <"$DRILL/acknowledged") changes"
report "of these restored" "$(sql "$second" "select count(*) from portal_users where email like 'late-%'" elder)"
report "RPO without a standby: the changes of the last" "$(awk -v a="${lost:-$lost_at}" -v b="$lost_at" 'BEGIN { printf "%.1f", b - a }') s"
must "nothing is there twice, and each with its audit event" equals \
  "$(sql "$second" "select count(*) from portal_users u where email like 'late-%' and 1 <> (select count(*) from audit_logs a where a.action = 'portal_user.created' and a.resource_id = $USER_ID)" elder)" 0

step "An accident: back to a moment between two changes"
stop TERM "$elder"
stop INT "$postgres"
sed -i "s|$DRILL/first|$DRILL/second|; s|pg1-port=$first|pg1-port=$second|" "$DRILL/pgbackrest.conf"
start_postgres "$DRILL/second" "$second"
postgres=$started
start_elder elsewhere "$http"
elder=$started token=$(sign_in "$url")
rest --type=full backup
before=$(make_user "$url" "$token" before-the-accident)
erased=$(make_user "$url" "$token" erased)
erased_uuid=$(uuid "$second" erased)
sleep 1
moment=$(sql "$second" 'select clock_timestamp()')
sleep 1
make_user "$url" "$token" after-the-accident >/dev/null
api DELETE "$url/api/v2/users/$erased" "$token" >/dev/null
must "the erased user is gone" is_gone "$second" "$erased_uuid"
before_uuid=$(uuid "$second" before-the-accident) after_uuid=$(uuid "$second" after-the-accident)
beyond=$(sql "$second" 'select clock_timestamp()')
segment=$(sql "$second" 'select pg_walfile_name(pg_switch_wal())')
must "the accident is in the archive" within 60 has_archived "$second" "$segment"
# What was erased since then must not come back: the list comes from the database that is given up.
sql "$second" "select resource_id from audit_logs where action in ('portal_user.deleted', 'scim.user.deleted') and timestamp > '$moment'" elder >"$DRILL/erased-since"
stop TERM "$elder"
stop KILL "$postgres"
began=$(now)
third=$(free_port)
restore "$DRILL/third" --type=time "--target=$moment" --target-action=promote
start_postgres "$DRILL/third" "$third" -c archive_mode=off
must "recovery has reached the moment and is over" within 60 is_open "$third"
must "what came before it is there" is_there "$third" "$before_uuid"
must "what came after it is not" is_gone "$third" "$after_uuid"
database "$third" "$third"
start_elder elsewhere "$http"
report "RTO: back at the moment and ready after" "$(seconds_since "$began") s"
must "elder doctor finds nothing" doctor elsewhere
fresh=$(sign_in "$url")
must "who was erased since is back, as is to be expected" is_there "$third" "$erased_uuid"
while read -r id; do api DELETE "$url/api/v2/users/$id" "$fresh" >/dev/null; done <"$DRILL/erased-since"
must "and is erased again by the list" is_gone "$third" "$erased_uuid"
must "the account of before answers under its id" test "$(api GET "$url/api/v2/users/$before" "$fresh" | jq --raw-output .id)" = "$before"
api POST "$url/api/v2/global/sessions/revoke" "$fresh" --data '{}' >/dev/null
sleep 1
must "everybody signs in anew, so no session comes back that had ended" \
  test "$(curl --silent --output /dev/null --write-out '%{http_code}' "$url/api/v2/me" --header "Authorization: Bearer $fresh")" = 401

step "A segment of WAL is missing, then a backup is spoilt"
must "pgbackrest verify finds a good repository good" verifies
rm "$(find "$DRILL/repository/archive" -name "$segment*" -type f | head -n 1)"
# What was fetched ahead for the restore before is not in the repository.
rm -rf "$DRILL/spool/archive/elder/in"
restore "$DRILL/fourth" --type=time "--target=$beyond" --target-action=promote
must "a restore that needs the missing segment does not open the database" cannot_reach "$DRILL/fourth"
spoilt=$(find "$DRILL/repository/backup" -path '*bundle*' -type f | sort | tail -n 1)
printf 'elder' | dd of="$spoilt" bs=1 seek=1000 conv=notrunc status=none
must "five changed bytes are found by pgbackrest verify" found_spoilt
step "The drill took $(seconds_since "$BEGAN") s"
