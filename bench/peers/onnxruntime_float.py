#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Float latency of Fettle against ONNX Runtime on the same models, interleaved.

    bench/peers/onnxruntime_float.py build/models/*.onnx --threads 1 --rounds 7 -o bench/results/NAME.json

Each round times Fettle (`fettle bench`, a process of its own) and then ONNX Runtime (in this
process), both pinned to the same cores; a model's ratio is Fettle's time over ONNX Runtime's, of
the medians over rounds of each round's median, and of the least run of all. Below 1 Fettle is the
faster one. Needs onnxruntime and numpy from PyPI.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import time

import numpy as np
import onnxruntime as ort


def time_onnxruntime(session, feeds, seconds):
    samples = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < 5:
        start = time.perf_counter()
        session.run(None, feeds)
        samples.append((time.perf_counter() - start) * 1e6)
    return samples


def time_fettle(binary, model, threads, seconds):
    command = [binary, "bench", model, "--threads", str(threads), "--seconds", str(seconds),
               "--warmup", "5", "--json", "--samples"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["samples_us"]


def make_session(model, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    feeds = {}
    for i in session.get_inputs():
        shape = [d if isinstance(d, int) else 1 for d in i.shape]
        feeds[i.name] = random.uniform(-1, 1, shape).astype(np.float32)
    return session, feeds


def compare(binary, model, threads, rounds, seconds):
    session, feeds = make_session(model, threads)
    for _ in range(5):
        session.run(None, feeds)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(time_fettle(binary, model, threads, seconds))
        theirs.append(time_onnxruntime(session, feeds, seconds))
    median = lambda runs: statistics.median(statistics.median(r) for r in runs)
    least = lambda runs: min(min(r) for r in runs)
    return {"model": pathlib.Path(model).stem, "threads": threads, "rounds": rounds,
            "fettle_p50_us": median(ours), "onnxruntime_p50_us": median(theirs),
            "fettle_least_us": least(ours), "onnxruntime_least_us": least(theirs),
            "ratio_p50": median(ours) / median(theirs), "ratio_least": least(ours) / least(theirs)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--fettle", default="build/release/bin/fettle")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("-o", "--output")
    args = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-args.threads:])
    results = []
    for model in args.models:
        r = compare(args.fettle, model, args.threads, args.rounds, args.seconds)
        results.append(r)
        print(f"{r['model']:28} fettle {r['fettle_p50_us'] / 1e3:8.3f} ms  onnxruntime "
              f"{r['onnxruntime_p50_us'] / 1e3:8.3f} ms  ratio {r['ratio_p50']:.3f} "
              f"(least {r['ratio_least']:.3f})", flush=True)
    ratios = [r["ratio_p50"] for r in results]
    print(f"geometric mean {statistics.geometric_mean(ratios):.3f}, worst {max(ratios):.3f}")
    if args.output:
        cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if "model name" in l),
                   platform.machine())
        head = {"command": " ".join(["bench/peers/onnxruntime_float.py", f"--threads {args.threads}",
                                     f"--rounds {args.rounds}", f"--seconds {args.seconds}"]),
                "cpu": cpu, "onnxruntime": ort.__version__, "load_average": os.getloadavg()}
        pathlib.Path(args.output).write_text(json.dumps({**head, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
