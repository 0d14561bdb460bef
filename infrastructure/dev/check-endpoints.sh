#!/usr/bin/env bash
# Asks a running Elder from outside what a user, a client and a stranger would, and says what is wrong.
# Usage: check-endpoints.sh <url> [version]. Exit code 1 if anything is.
set -euo pipefail

readonly URL=${1:?the address, such as https://id.example.com} VERSION=${2:-}
faults=0

check() {
  local what=$1
  shift
  if "$@"; then printf 'ok    %s\n' "$what"; else printf 'FAIL  %s\n' "$what"; faults=$((faults + 1)); fi
}

status() { curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "$@"; }
answers() { local expected=$1; shift; [[ $(status "$@") == "$expected" ]]; }
body() { curl --silent --fail --max-time 10 "$URL$1"; }
header() { curl --silent --max-time 10 --output /dev/null --dump-header - "$URL$1" | grep --ignore-case --quiet "^$2"; }
is_healthy() { body /healthz | jq --exit-status '.status == "healthy"' >/dev/null; }
has_version() { body /healthz | jq --exit-status --arg version "$VERSION" '.version == $version' >/dev/null; }
has_keys() { body /.well-known/jwks.json | jq --exit-status '.keys | length > 0' >/dev/null; }
hides_metrics() { [[ $(status "$URL/metrics") != 200 ]]; }
leads_to_https() { [[ $(status "http://${URL#https://}/livez") =~ ^30[18]$ ]]; }
certificate_lasts() {
  local host=${URL#https://}
  host=${host%%/*}
  openssl s_client -connect "${host%%:*}:$([[ $host == *:* ]] && printf '%s' "${host##*:}" || printf 443)" \
    -servername "${host%%:*}" </dev/null 2>/dev/null | openssl x509 -noout -checkend $((21 * 86400)) >/dev/null
}

check "the process answers" answers 200 "$URL/livez"
check "it takes traffic" answers 200 "$URL/readyz"
check "it is healthy" is_healthy
[[ -z $VERSION ]] || check "it is version $VERSION" has_version
check "it publishes the keys that sign tokens" has_keys
check "a stranger is asked who they are" answers 401 "$URL/api/v2/me"
check "a stranger gets no list of users" answers 401 "$URL/api/v2/users"
check "a stranger does not push people" answers 401 "$URL/scim/v2/Users"
check "wrong credentials are refused" answers 401 --request POST --header 'Content-Type: application/json' \
  --data '{"email": "nobody@example.com", "password": "not a password of anybody"}' "$URL/api/v2/auth/login"
check "metrics are not shown to strangers" hides_metrics
check "browsers are told not to guess types" header /sign-in x-content-type-options
if [[ $URL == https://* ]]; then
  check "the certificate is good for three more weeks" certificate_lasts
  check "browsers are told to stay with https" header /livez strict-transport-security
  check "plain http leads to https" leads_to_https
fi
exit "$((faults > 0))"
