#!/usr/bin/env bash
# Makes the random secrets that docker-compose.yml mounts as files. Existing ones stay as they are.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077
mkdir -p secrets

# The folder is closed to others; the files are open, since the containers read them as other users.
keep() {
  [[ -e secrets/$1 ]] || { printf '%s' "$2" >"secrets/$1" && chmod 644 "secrets/$1"; }
}

random() { head -c 32 /dev/urandom | base64 | tr -d '/+=\n'; }

keep postgres_password "$(random)"
keep redis_password "$(random)"
keep redis_url "redis://:$(<secrets/redis_password)@redis:6379/0"
for role in owner app platform; do
  keep "${role}_password" "$(random)"
  keep "${role}_url" "postgres://elder_$role:$(<"secrets/${role}_password")@postgres:5432/elder"
done
keep grafana_password "$(random)"
# These two are given by others: put them in. Until then Alertmanager can tell nobody.
keep alertmanager_smtp_password ''
keep alertmanager_pager_key ''
