#!/bin/sh
# Installs what is missing, with a line for each step: `install.sh npm` the locked packages (and with them the pinned Node),
# `install.sh debian` what containers and packets need. What is there already is not touched.
set -eu
cd "$(dirname "$0")/.."

DEBIAN_PACKAGES='containerd runc crun containernetworking-plugins nftables iproute2 conntrack busybox-static catatonit libatomic1 libstdc++6'
TEST_PACKAGES='curl procps'
STAMP=node_modules/.installed-lock.json

fail() {
  echo "$1" >&2
  exit 2
}

install_npm() {
  if cmp -s package-lock.json "$STAMP" && [ -x node_modules/.bin/node ]; then return; fi
  command -v npm >/dev/null || fail 'Cannot install packages: npm is missing, Node 20 or newer brings it'
  echo 'installing npm packages'
  # Not `npm ci`: it refuses the lock file when the registry lacks the optional packages of some other platform. This
  # installs the same locked versions, checks the same checksums, and does not write the lock file either.
  npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json "$STAMP"
}

missing_debian() {
  for name in $DEBIAN_PACKAGES $TEST_PACKAGES; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || printf '%s ' "$name"
  done
}

install_debian() {
  command -v dpkg-query >/dev/null || fail "Cannot install Debian packages: this is no Debian or Ubuntu; needed are $DEBIAN_PACKAGES"
  missing=$(missing_debian)
  [ -n "$missing" ] || return 0
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "Cannot install Debian packages without root: missing are $missing"
    as_root=sudo
  fi
  echo "installing Debian packages: $missing"
  $as_root apt-get -qq update
  # shellcheck disable=SC2086 # a list of names
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
}

case "${1:-}" in
  npm) install_npm ;;
  debian) install_debian ;;
  *) fail "Cannot install \"${1:-}\": expected npm or debian" ;;
esac
