#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: tools/install_packages.sh [--check] LIST...
# Installs what LIST names and this system lacks; --check only says what that is. Asks for root
# (through sudo) only where something has to be installed. Names ending in :arm64 are left to
# make_arm_sysroot.sh.
set -euo pipefail

check_only=
if [ "${1:-}" = --check ]; then
  check_only=1
  shift
fi
if [ $# = 0 ]; then
  echo "usage: $0 [--check] LIST..." >&2
  exit 2
fi
if ! command -v dpkg-query >/dev/null; then
  echo "$0: this is not a Debian system; install the counterparts of these yourself: $*" >&2
  exit 1
fi

native=$(dpkg --print-architecture)
wanted=$(sed -e 's/#.*//' -- "$@" | tr -s ' \t' '\n' | grep -v -e '^$' -e ':arm64$' | sort -u)
# One call for all; it exits 1 where a name is unknown to dpkg, which is not a fault here.
present=$(dpkg-query -W -f '${db:Status-Status} ${Architecture} ${Package}\n' $wanted 2>/dev/null |
  awk -v native="$native" '$1 == "installed" && ($2 == native || $2 == "all") { print $3 }' |
  sort -u) || true
missing=$(comm -23 <(echo "$wanted") <(echo "$present") | tr '\n' ' ')
[ -n "${missing// /}" ] || exit 0

if [ -n "$check_only" ]; then
  echo "These Debian packages are missing: $missing" >&2
  echo "'make packages' installs them." >&2
  exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
  as_root=sudo
  if ! command -v sudo >/dev/null; then
    echo "$0: neither root nor sudo; ask for these packages to be installed: $missing" >&2
    exit 1
  fi
fi

echo "Installing: $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@"; }
if ! apt update >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "$0: 'apt-get update' failed (above): are Debian's package servers reachable?" >&2
  exit 1
fi
if ! apt install -y --no-install-recommends $missing >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "$0: could not install (above): $missing" >&2
  exit 1
fi
