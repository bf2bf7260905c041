#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: check_licence.sh [FILE...]     every source file that git tracks, if none is named
# Fails on a source file whose first three lines do not name the licence.
set -euo pipefail

if [ $# = 0 ]; then
  cd "$(dirname "$0")/../.."
  mapfile -t files < <(git ls-files -- '*.cc' '*.h' '*.c' '*.def' '*.inc' '*.fbs' '*.proto' '*.py' \
    '*.sh' '*.cmake' '*CMakeLists.txt' Makefile .ci/run |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
  set -- "${files[@]}"
fi
awk -v line='SPDX-License-Identifier: Apache-2.0' '
  FNR <= 3 && index($0, line) { named[FILENAME] = 1 }
  FNR == 3 { nextfile }
  END {
    for (i = 1; i < ARGC; ++i) if (!(ARGV[i] in named)) {
      print ARGV[i] ": no \"" line "\" in its first three lines"
      failed = 1
    }
    exit failed
  }' "$@"
echo "licence: $# files"
