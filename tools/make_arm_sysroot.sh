#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: tools/make_arm_sysroot.sh arm64|armhf DIR
# Unpacks Debian's libraries of an Arm architecture into DIR, for the cross compiler to link with and
# for QEMU to run with: every -dev package of packages.txt, the :arm64 names of packages-aarch64.txt
# (of either architecture), and all that they depend on. apt works on lists of its own, so that
# nothing of this system changes and root is not needed; installing the same packages through dpkg's
# multiarch would upgrade parts of the system, and libyaml-cpp-dev cannot be installed for two
# architectures at once.
set -euo pipefail

if [ $# != 2 ] || { [ "$1" != arm64 ] && [ "$1" != armhf ]; }; then
  echo "usage: $0 arm64|armhf DIR" >&2
  exit 2
fi
architecture=$1
source_root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$2"
sysroot=$(cd "$2" && pwd)

wanted=$(grep -v '# host only' "$source_root/packages.txt" | sed 's/#.*//' |
  grep -o '^[^ ]*-dev' | sed "s/$/:$architecture/")
wanted="$wanted $(sed 's/#.*//' "$source_root/packages-aarch64.txt" | grep -o '^[^ ]*:arm64' |
  sed "s/:arm64/:$architecture/")"
wanted=$(echo $wanted | tr ' ' '\n' | sort -u)
if [ -e "$sysroot/.packages" ] && [ "$wanted" = "$(cat "$sysroot/.packages")" ]; then
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,archives/partial}
: >"$work/status"
cat >"$work/apt.conf" <<CONFIG
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work";
Dir::Cache::archives "$work/archives";
Binary::apt-get::APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
DPkg::Post-Invoke {};
CONFIG
# APT_CONFIG adds to the system's configuration, whose sources and proxies stay in force.
apt() { APT_CONFIG="$work/apt.conf" apt-get -qq "$@"; }
echo "Unpacking $architecture libraries into $sysroot"
# An archive's update may lack an index of this architecture for a while, or have none. That matters
# only where a package is then not found.
if ! apt update >"$work/update" 2>&1; then
  echo "$0: these package lists of $architecture are missing:" >&2
  sed -n 's/^[EW]: Failed to fetch /  /p' "$work/update" >&2
fi
if ! apt install -y --download-only $wanted >"$work/install" 2>&1; then
  grep -e ' Depends:' -e '^E:' "$work/install" >&2 ||
    tail -n 20 "$work/install" >&2
  echo "$0: packages of $architecture are missing (above)" >&2
  exit 1
fi

find "$sysroot" -mindepth 1 -delete
for package in "$work"/archives/*.deb; do
  dpkg-deb --extract "$package" "$sysroot"
done
# Absolute links would lead out of the sysroot.
find "$sysroot" -type l -lname '/*' | while read -r link; do
  target=$(readlink "$link")
  ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$sysroot$target")" "$link"
done
rm -rf "$sysroot"/usr/share/{doc,man,locale,lintian} "$sysroot"/{etc,var}
echo "$wanted" >"$sysroot/.packages"
