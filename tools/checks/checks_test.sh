#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: checks_test.sh layers|weak|format|licence
# Shows that a check accepts what is right and refuses, for its reason, what is wrong.
set -euo pipefail

checks=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# accepts COMMAND...; refuses REASON COMMAND...: REASON must stand in what the command prints.
accepts() {
  if ! said=$("$@" 2>&1); then
    printf 'refused what is right: %s\n%s\n' "$*" "$said"
    failed=1
  fi
}
refuses() {
  local reason=$1
  shift
  if said=$("$@" 2>&1); then
    printf 'accepted what is wrong (%s): %s\n' "$reason" "$*"
    failed=1
  elif ! grep -qF -- "$reason" <<<"$said"; then
    printf 'refused without saying "%s":\n%s\n' "$reason" "$said"
    failed=1
  fi
}

# A tree with one file in it: path, then its only line.
tree_with() {
  rm -rf "$work/src"
  mkdir -p "$work/src/base" "$(dirname "$work/src/$1")"
  : >"$work/src/base/status.h"
  echo "$2" >"$work/src/$1"
}

layers() {
  check() { "${PYTHON:-python3}" "$checks/check_layers.py" "$@"; }
  tree_with ir/graph.cc '#include "base/status.h"'
  accepts check "$work"
  tree_with runtime/kernels/gemm.cc '#include <immintrin.h>'
  accepts check "$work"
  tree_with base/status_test.cc '#include <gtest/gtest.h>'
  accepts check "$work"
  tree_with runtime/kernels/kernel_testing.h '#include <gtest/gtest.h>'
  accepts check "$work"
  tree_with cli/fit.cc '#include "search/fit.h"'
  accepts check "$work"
  tree_with ir/graph.cc '#include "passes/fold.h"'
  refuses 'ir may include base, not passes' check "$work"
  tree_with base/status.cc '  #  include "ir/graph.h"'
  refuses 'base may include no other layer' check "$work"
  tree_with ir/graph.cc '#include "../base/status.h"'
  refuses 'leaves its folder' check "$work"
  tree_with ir/graph.cc '#include "status.h"'
  refuses 'names no layer' check "$work"
  tree_with ir/graph.cc '#include <base/status.h>'
  refuses 'include it with quotes' check "$work"
  tree_with ir/graph.cc '#include "onnx/onnx.pb.h"'
  refuses "'onnx' is no layer" check "$work"
  tree_with utils/strings.cc '#include "base/status.h"'
  refuses "'utils' is no layer" check "$work"
  tree_with runtime/session.cc '#include <yaml-cpp/yaml.h>'
  refuses 'device side' check "$work"
  tree_with runtime/session.cc '#include <gtest/gtest.h>'
  refuses 'device side' check "$work"
  tree_with CMakeLists.txt 'fettle_layer(ir DEPS base passes LINK z)'
  refuses 'ir may not link passes' check "$work"
  refuses 'no such folder' check "$work/nowhere"
}

weak() {
  local check=$checks/check_weak_symbols.sh compiler=${CXX:-c++}
  echo 'namespace { inline int twice(int x) { return 2 * x; } }
        int gemm(int x) { return twice(x); }' >"$work/right.cc"
  echo '[[gnu::noinline]] inline int twice(int x) { return 2 * x; }
        int gemm(int x) { return twice(x); }' >"$work/weak.cc"
  echo 'inline int calls = 0; int gemm() { return ++calls; }' >"$work/unique.cc"
  "$compiler" -std=c++20 -O2 -c "$work/right.cc" -o "$work/gemm_f32_avx512vnni.cc.o"
  "$compiler" -std=c++20 -O2 -c "$work/weak.cc" -o "$work/gemm_f32.cc.o"
  accepts "$check" "$work"
  for wrong in weak unique; do
    "$compiler" -std=c++20 -O2 -c "$work/$wrong.cc" -o "$work/gemm_f32_neondot.cc.o"
    refuses 'gemm_f32_neondot.cc.o defines symbols' "$check" "$work"
  done
  refuses 'no such folder' "$check" "$work/nowhere"
}

format() {
  local check=$checks/check_format.sh
  cp "$checks/../../.clang-format" "$work/"
  echo 'int main() { return 0; }' >"$work/right.cc"
  echo 'int main( ) {return 0;}' >"$work/wrong.cc"
  accepts "$check" "$work/right.cc"
  refuses 'make format' "$check" "$work/right.cc" "$work/wrong.cc"
  accepts "$check" --fix "$work/wrong.cc"
  accepts "$check" "$work/wrong.cc"
}

licence() {
  local check=$checks/check_licence.sh line='SPDX-License-Identifier: Apache-2.0'
  printf '#!/bin/sh\n# %s\n' "$line" >"$work/right.sh"
  printf '// A header.\n' >"$work/none.h"
  printf '\n\n\n\n// %s\n' "$line" >"$work/late.h"
  printf '// SPDX-License-Identifier: GPL-3.0-only\n' >"$work/other.h"
  accepts "$check" "$work/right.sh"
  for wrong in none late other; do
    refuses "$wrong.h: no" "$check" "$work/right.sh" "$work/$wrong.h"
  done
}

"${1:?usage: $0 layers|weak|format|licence}"
exit $failed
