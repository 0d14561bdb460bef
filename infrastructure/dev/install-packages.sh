#!/usr/bin/env bash
# As root: installs Debian packages without starting the services they bring, now or at the next boot.
set -euo pipefail

readonly POLICY=/usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive

# Debian asks this program before it starts a service; one that is there already is the machine's own.
if [[ ! -e $POLICY ]]; then
  trap 'rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
fi

apt-get update --quiet=2
apt-get install --yes --quiet=2 --no-install-recommends "$@"

if [[ -d /run/systemd/system ]]; then
  for package in "$@"; do
    case $package in
      postgresql | redis-server | prometheus | prometheus-alertmanager | haproxy) systemctl disable --quiet "$package.service" ;;
    esac
  done
fi
