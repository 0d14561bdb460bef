#!/usr/bin/env bash
# Checks every configuration file of the repository with the tool that knows its form. `make test` and `make lint` call it;
# it takes about ten seconds. What needs Helm or the provider of AWS is checked by .github/workflows/ci.yml.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

readonly PYTHON=${ELDER_TEST_PYTHON:-$PYTHON_ENVIRONMENT/bin/python}
# The worst exposure that systemd may find in the unit: it is 1.4.
readonly MOST_EXPOSURE=15
scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT

# Runs a check; what it says is shown only if it fails.
check() {
  local what=$1
  shift
  "$@" >"$scratch/said" 2>&1 || fail "$what" "$(cat "$scratch/said")"
}

rules() { promtool check rules infrastructure/prometheus/rules/*.yml && promtool check config infrastructure/prometheus/prometheus.yml; }
route() { [[ $(amtool config routes test --config.file=infrastructure/alertmanager/alertmanager.yml "severity=$1") == "$2" ]]; }

# The certificate of the configuration is yours; the check brings one of its own.
proxy() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=check -days 1 \
    -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" && cat "$scratch/certificate.pem" "$scratch/key.pem" >"$scratch/elder.pem" &&
    sed "s|/etc/haproxy/elder.pem|$scratch/elder.pem|" infrastructure/haproxy/haproxy.cfg >"$scratch/haproxy.cfg" &&
    PATH=$PATH:/usr/sbin haproxy -c -f "$scratch/haproxy.cfg" -f infrastructure/haproxy/postgres.cfg
}

# Programs that are not installed here are replaced, since the form of the units is what is checked.
units() {
  local unit
  for unit in infrastructure/systemd/*.service infrastructure/postgres/pgbackrest/*.service infrastructure/postgres/pgbackrest/*.timer; do
    sed 's|^\(ExecStart[A-Za-z]*\)=/usr/bin/[a-z]*|\1=/bin/true|' "$unit" >"$scratch/$(basename "$unit")"
  done
  systemd-analyze verify "$scratch"/elder.service "$scratch"/elder-backup@full.service "$scratch"/*.timer
}

exposure() {
  local found
  found=$(systemd-analyze security --offline=yes "$scratch/elder.service" | sed -n 's/.*Overall exposure level for elder.service: \([0-9.]*\).*/\1/p')
  printf 'exposure %s, at most %s tenths\n' "$found" "$MOST_EXPOSURE"
  [[ -n $found ]] && ((${found/./} <= MOST_EXPOSURE))
}

forms() {
  "$PYTHON" -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml &&
    "$PYTHON" -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
}

squawk() { "$(dirname "$PYTHON")/squawk" --config infrastructure/dev/squawk.toml "$@"; }

tables() { { grep --only-matching --ignore-case --extended-regexp "$1 table (if (not )?exists )?(only )?[a-z_]+" "$2" || true; } | awk '{ print tolower($NF) }' | sort --unique; }

# A file is one transaction: one that locks two tables in use meets requests that hold them the other way round.
one_table_in_use() {
  local file
  for file in "$@"; do
    (($(comm -23 <(tables alter "$file") <(tables create "$file") | wc -l) <= 1)) || { printf '%s alters several tables in use\n' "$file"; return 1; }
  done
}

# The first migration fills an empty database, where nobody waits for a lock. It is known that the checks can fail.
migrations() {
  local later
  printf 'alter table portal_users alter column email type int;\n' >"$scratch/V0__rewrite.sql"
  printf 'alter table portal_users add column a text;\nALTER TABLE only tenants add column b text;\n' >"$scratch/V0__two.sql"
  ! squawk "$scratch/V0__rewrite.sql" && ! one_table_in_use "$scratch/V0__two.sql" || return 1
  later=$(find migrations -name 'V*.sql' ! -name 'V1__*' | sort)
  # shellcheck disable=SC2086 # the names have no spaces
  [[ -z $later ]] || { squawk $later && one_table_in_use $later; }
}

scripts() { shellcheck infrastructure/*/*.sh infrastructure/debian/post* .ci/run; }
python_scripts() { "$PYTHON" -c "import ast, sys; [ast.parse(open(name).read()) for name in sys.argv[1:]]" infrastructure/{dev,drills}/*.py; }
# Fuzz targets are a workspace of their own, which nothing else here builds.
fuzz_lock() { cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml; }
terraform_form() { ! command -v terraform >/dev/null || terraform fmt -check -recursive infrastructure/terraform; }

check "Prometheus does not read its files:" rules
check "A rule does not do what its test says:" promtool test rules infrastructure/prometheus/tests/*.yml
check "Alertmanager does not read its file:" amtool check-config infrastructure/alertmanager/alertmanager.yml
check "A page reaches nobody:" route page pager
check "A ticket reaches nobody:" route ticket tickets
check "haproxy does not read its file:" proxy
check "systemd does not read a unit:" units
check "The unit of Elder is more exposed than it was:" exposure
check "A workflow or docker-compose.yml is of the wrong form:" forms
check "A migration would hold up those who use its tables:" migrations
check "A shell script has a fault:" scripts
check "A Python script has a fault:" python_scripts
check "fuzz/Cargo.lock is not what the targets need (cargo metadata --manifest-path fuzz/Cargo.toml writes it):" fuzz_lock
check "Terraform's files are not formatted:" terraform_form
