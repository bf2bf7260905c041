#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: tools/fuzz.sh SECONDS [NAME...]      ('make fuzz' builds first)
# Runs each libFuzzer program of build/fuzz, or those named, for SECONDS, one after the other. Seeds
# are tests/fuzz/corpus/NAME; what a run adds to them is kept in build/fuzz/found/NAME for the next
# one, and an input that crashes, takes more than 10 s or more than 512 MB in
# build/fuzz/found/NAME.crash-*, .timeout-* or .oom-*. Exits 1 if there was any.
# Look at an input with build/fuzz/bin/fuzz_NAME_replay FILE; once it is mended, the file becomes a
# seed.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ! ${1-} =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 SECONDS [NAME...]" >&2
  exit 2
fi
seconds=$1
shift
names=("$@")
if [ $# = 0 ]; then
  for program in build/fuzz/bin/fuzz_*_replay; do
    name=${program##*/fuzz_}
    names+=("${name%_replay}")
  done
fi
# Freed memory that the address sanitizer holds back counts against the 512 MB: hold less.
export ASAN_OPTIONS=quarantine_size_mb=32${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export UBSAN_OPTIONS=print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
failed=()
for name in "${names[@]}"; do
  program=build/fuzz/bin/fuzz_$name
  if [ ! -x "$program" ]; then
    echo "$program is not there: 'make fuzz' builds it; the names are those in tests/fuzz/corpus" >&2
    exit 2
  fi
  found=build/fuzz/found/$name
  mkdir -p "$found"
  echo "fuzz_$name for $seconds s, log in $found.log"
  "$program" -max_total_time="$seconds" -rss_limit_mb=512 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$found." "$found" "tests/fuzz/corpus/$name" >"$found.log" 2>&1 ||
    failed+=("$name")
  grep -E '^(stat::number_of_executed_units|stat::peak_rss_mb|stat::slowest|==[0-9]+== ?ERROR|SUMMARY)|runtime error' \
    "$found.log" | sed 's/^/  /' || true
done
if [ ${#failed[@]} != 0 ]; then
  echo "found by ${failed[*]}: build/fuzz/found/*.{crash,timeout,oom}-*" >&2
  exit 1
fi
