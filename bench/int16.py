#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What 16-bit activations cost: MODEL.onnx in 16 bits, in 8 bits and in float, in turn, one thread.

    bench/int16.py --data PICTURES --preprocess FILE.yaml MODEL.onnx ...  > bench/results/int16.md
"""
import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FETTLE = ROOT / "build/release/bin/fettle"


def quantized(given, model, scheme, folder):
    out = pathlib.Path(folder) / f"{pathlib.Path(model).stem}_{scheme}.fettle"
    subprocess.run([FETTLE, "quantize", model, "--scheme", scheme, "--data", given.data,
                    "--preprocess", given.preprocess, "--keep-slower", "-o", out], check=True,
                   stdout=subprocess.DEVNULL)
    return out


def p50_us(model, seconds):
    done = subprocess.run([FETTLE, "bench", model, "--threads", "1", "--json", "--seconds",
                           seconds], check=True, stdout=subprocess.PIPE)
    p50 = json.loads(done.stdout)["p50_us"]
    if p50 is None:
        sys.exit(f"{model}: too few runs in {seconds} s for a median; give more --seconds")
    return p50


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+")
    parser.add_argument("--data", required=True)
    parser.add_argument("--preprocess", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", default="0.6")
    given = parser.parse_args()
    print("# 16-bit activations beside 8-bit ones and float\n\n"
          "Median times in milliseconds and medians of the ratios of each round.\n\n"
          "| model | int8 | int16 | float | int16 / int8 | float / int16 |\n|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for model in given.models:
            forms = [quantized(given, model, s, folder) for s in ("int8", "int16")] + [model]
            rounds = [[p50_us(f, given.seconds) for f in forms] for _ in range(given.rounds)]
            cells = [f"{statistics.median(r[i] for r in rounds) / 1e3:.3f}" for i in range(3)]
            cells += [f"{statistics.median(r[1] / r[0] for r in rounds):.2f}",
                      f"{statistics.median(r[2] / r[1] for r in rounds):.2f}"]
            print("| " + " | ".join([pathlib.Path(model).stem, *cells]) + " |", flush=True)
    print(f"\n`{shlex.join(['bench/int16.py', *sys.argv[1:]])}`")


main()
