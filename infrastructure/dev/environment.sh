# Sourced by every script here: where things are, and how to speak to the person who waits.
# shellcheck shell=bash
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

ELDER_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/elder
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ELDER_CACHE/target}
export PYTHON_ENVIRONMENT=$ELDER_CACHE/python TYPESCRIPT=$ELDER_CACHE/typescript OIDC_PROVIDER=$ELDER_CACHE/oidc-provider
export NODE=$ELDER_CACHE/node MOTO_ENVIRONMENT=$ELDER_CACHE/moto
export PLAYWRIGHT_BROWSERS_PATH=$ELDER_CACHE/browsers

# Started by root, PostgreSQL runs as another user, who may not enter root's home.
if [[ -z ${ELDER_DATA_DIR:-} ]]; then
  if ((EUID == 0)); then
    ELDER_DATA_DIR=/var/lib/elder
  else
    ELDER_DATA_DIR=${XDG_DATA_HOME:-$HOME/.local/share}/elder
  fi
fi
export ELDER_DATA_DIR

step() { printf '\033[1m==>\033[0m %s\n' "$*"; }

fail() {
  printf '\033[1;31merror:\033[0m %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '       %s\n' "$@" >&2
  exit 1
}

# Ubuntu's package of Chromium is a snap, which does not start in a container or from a script.
chromium_is_a_snap() { grep -q '^ID=ubuntu$' /etc/os-release 2>/dev/null; }

# Prints the Chromium that tests use: the system's, or the one that Playwright has fetched; fails when there is none.
chromium_program() {
  local found
  chromium_is_a_snap || { command -v chromium && return; }
  for found in "$PLAYWRIGHT_BROWSERS_PATH"/chromium-*/chrome-linux*/chrome; do
    [[ ! -x $found ]] || { printf '%s\n' "$found" && return; }
  done
  return 1
}

# Prints the folder of the newest PostgreSQL programs that are 15 or newer; fails when there are none.
postgres_programs() {
  local folder version newest=0 found=
  for folder in /usr/lib/postgresql/*/bin; do
    version=${folder#/usr/lib/postgresql/}
    version=${version%/bin}
    if [[ $version =~ ^[0-9]+$ && -x $folder/postgres && -x $folder/initdb ]] && ((version >= 15 && version > newest)); then
      newest=$version found=$folder
    fi
  done
  if [[ -z $found ]] && folder=$(dirname "$(command -v postgres)" 2>/dev/null) && [[ -x $folder/initdb ]]; then
    version=$("$folder/postgres" --version | grep -oE '[0-9]+' | head -n 1)
    ((version < 15)) || found=$folder
  fi
  [[ -n $found ]] && printf '%s\n' "$found"
}
