#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: check_size.sh BUILD_DIR LIBRARY_BYTES PROGRAM_BYTES
#        (STRIP=, READELF=, NM= for another architecture)
# Prints how large the device's library and program are without their symbols, and what of the
# system they load. Fails where one is over its budget, where it needs more than the C and C++
# runtimes, or where something of the workshop came along: graphs, a reader of models, YAML.
# Leaves them, stripped, in BUILD_DIR/device.
set -euo pipefail

build=${1:?usage: $0 BUILD_DIR LIBRARY_BYTES PROGRAM_BYTES}
library_bytes=${2:?how large may libfettle_device.so be?}
program_bytes=${3:?how large may fettle-run be?}
allowed=' libstdc++.so.6 libm.so.6 libgcc_s.so.1 libc.so.6 ld-linux-aarch64.so.1 '
workshop='fettle::(ir|formats|passes|lower|quantize|search|compile)::|YAML::|google::|nlohmann::'
failed=0
mkdir -p "$build/device"
for file in src/libfettle_device.so bin/fettle-run; do
  if [ ! -f "$build/$file" ]; then
    echo "$build/$file: not there; build fettle_device_library and fettle_run first" >&2
    exit 2
  fi
  budget=$library_bytes
  if [ "$file" = bin/fettle-run ]; then budget=$program_bytes; fi
  small=$build/device/$(basename "$file")
  "${STRIP:-strip}" -o "$small" "$build/$file"
  size=$(stat -c %s "$small")
  needed=$("${READELF:-readelf}" -d "$small" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  echo "$(basename "$file"): $size bytes of $budget; loads" $needed
  if [ "$size" -gt "$budget" ]; then
    echo "  that is $((size - budget)) bytes too many"
    failed=1
  fi
  for library in $needed; do
    case $allowed in
      *" $library "*) ;;
      *)
        echo "  $library is no part of a device's system"
        failed=1
        ;;
    esac
  done
  if came=$("${NM:-nm}" --defined-only -C "$build/$file" | grep -E "^[0-9a-f]+ [^aA] .*($workshop)"); then
    echo "  of the workshop there is:"
    head -5 <<<"$came"
    failed=1
  fi
done
exit "$failed"
