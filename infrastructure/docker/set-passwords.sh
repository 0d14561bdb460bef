#!/usr/bin/env bash
# Runs once in the database's container, after roles.sql: passwords from the secret files, and the database.
set -euo pipefail

for role in owner app platform; do
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --quiet \
    --set role="elder_$role" --set password="$(<"/run/secrets/${role}_password")" \
    <<<"ALTER ROLE :\"role\" PASSWORD :'password'"
done
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --quiet <<'SQL'
CREATE DATABASE elder OWNER elder_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE elder FROM PUBLIC;
GRANT CONNECT ON DATABASE elder TO elder_app, elder_platform;
SQL
