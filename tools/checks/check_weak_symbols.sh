#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: check_weak_symbols.sh BUILD_DIR      (NM=... for objects of another architecture)
# Fails where an object compiled for an instruction set (kernel_avx512.cc and the like) defines a
# weak or unique symbol. The linker keeps one copy of such a symbol for the whole program; if it
# takes the AVX-512 one, every caller of that inline function crashes on older machines.
# Meaningful for optimized builds only: without optimization nothing is inlined.
set -euo pipefail

build=${1:?usage: $0 BUILD_DIR}
if [ ! -d "$build" ]; then
  echo "$build: no such folder; build first" >&2
  exit 2
fi
objects=0
failed=0
while IFS= read -r -d '' object; do
  objects=$((objects + 1))
  symbols=$("${NM:-nm}" --defined-only -C "$object")
  if weak=$(grep -E '^[0-9a-f]* *[WwVvu] ' <<<"$symbols"); then
    failed=1
    echo "$object defines symbols that the linker may share with other files:"
    sed -E 's/^[0-9a-f]* */  /' <<<"$weak"
  fi
done < <(find "$build" -regextype posix-extended -type f \
           -regex '.*_(sse|avx|amx|neon|sve|sme)[a-z0-9]*\.(cc|c)\.o' -print0 | sort -z)
if [ "$failed" != 0 ]; then
  echo "Put such functions into an anonymous namespace, or compile them without the instruction set."
  exit 1
fi
echo "weak symbols: none in $objects instruction-set objects"
