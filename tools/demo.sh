#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: tools/demo.sh      ('make demo' installs and builds first)
# The main job from end to end: take the default model and Fashion-MNIST, fit it to a Raspberry Pi 4
# under a deadline and a memory budget, then measure the package on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

fettle=build/release/bin/fettle
data=${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}
out=demo-out
if [ ! -x "$fettle" ]; then
  echo "$fettle is not there: run 'make' first" >&2
  exit 1
fi
if [ ! -e "$data/t10k-images-idx3-ubyte.gz" ]; then
  echo "$data: no Fashion-MNIST there (Debian: dataset-fashion-mnist); FASHION_MNIST=DIR names another place" >&2
  exit 1
fi
step() {
  printf '\n$ %s\n' "$*"
  "$@"
}

step "$fettle" inspect models/fashion_dscnn.onnx
step "$fettle" fit models/fashion_dscnn.onnx --data "$data" --device raspberry-pi-4 \
  --deadline-ms 5 --memory-mb 16 --max-drop 1 -o "$out"
package=$(find "$out" -name '*.fettle' | head -n 1)
if [ -z "$package" ]; then
  echo "$out holds no package" >&2
  exit 1
fi
step "$fettle" eval "$package" --data "$data"
step "$fettle" bench "$package" --seconds 3
