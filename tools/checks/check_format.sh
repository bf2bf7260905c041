#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: check_format.sh [--fix] [FILE...]     every C++ file that git tracks, if none is named
# Debian 12's clang-format 14, and no other: each version formats a little differently.
set -euo pipefail

mode=(--dry-run -Werror)
if [ "${1:-}" = --fix ]; then
  mode=(-i)
  shift
fi
tool=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$tool" ] || ! "$tool" --version | grep -q 'version 14\.'; then
  echo "clang-format 14 is needed (Debian 12: clang-format); found: ${tool:-none}" >&2
  exit 2
fi
if [ $# = 0 ]; then
  cd "$(dirname "$0")/../.."
  mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h' '*.c' |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
  set -- "${files[@]}"
fi
[ $# != 0 ] || exit 0
if ! printf '%s\0' "$@" | xargs -0 -n 16 -P "$(nproc)" "$tool" --style=file "${mode[@]}"; then
  echo "'make format' puts this right." >&2
  exit 1
fi
echo "format: $# files"
