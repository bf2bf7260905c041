#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stripes are worth: the same models with whole layers and in stripes, interleaved.

    bench/stripes.py MODEL ... [--threads 1] [--rounds 7] [--cache-kib K] [-o bench/results/NAME.json]

For each model: the arena, the windows that stripes hold instead, the bytes of activations that
layers write and read as whole tensors, and the latency (median over rounds of each round's median,
and the least of all). Every round runs one after the other, in processes of their own. --cache-kib
is the cache that stripes are planned for (default: this machine's).
"""
import argparse
import json
import pathlib
import statistics
import subprocess


def fettle(binary, *args):
    done = subprocess.run([binary, *map(str, args), "--json"], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def memory(binary, model, options):
    """Arena, windows and bytes of whole activations, in KiB."""
    report = fettle(binary, "inspect", model, "--layers", *options)
    moved = sum(layer["in_bytes"] + layer["out_bytes"] for layer in report["layers"])
    stripes = report.get("stripes", [])
    return {"arena_kib": report["arena_bytes"] / 1024,
            "windows_kib": max((s["window_bytes"] for s in stripes), default=0) / 1024,
            "moved_kib": (moved - sum(2 * s["whole_bytes"] for s in stripes)) / 1024}


def compare(binary, model, threads, rounds, seconds, stripes):
    forms = {"whole": ["--stripe-cache", 0], "stripes": stripes}
    times = {name: [] for name in forms}
    for _ in range(rounds):
        for name, options in forms.items():
            run = fettle(binary, "bench", model, "--threads", threads, "--seconds", seconds,
                         "--samples", *options)
            times[name].append(run["samples_us"])
    result = {"model": pathlib.Path(model).name, "threads": threads, "rounds": rounds}
    for name, options in forms.items():
        result[name] = memory(binary, model, options)
        result[name]["p50_us"] = statistics.median(statistics.median(r) for r in times[name])
        result[name]["least_us"] = min(min(r) for r in times[name])
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+")
    parser.add_argument("--fettle", default="build/release/bin/fettle")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--cache-kib", type=int)
    parser.add_argument("-o", "--output")
    args = parser.parse_args()
    stripes = [] if args.cache_kib is None else ["--stripe-cache", args.cache_kib]
    results = []
    for model in args.models:
        r = compare(args.fettle, model, args.threads, args.rounds, args.seconds, stripes)
        results.append(r)
        w, s = r["whole"], r["stripes"]
        print(f"{r['model']:36} arena {w['arena_kib']:8.0f} -> {s['arena_kib']:6.0f} + "
              f"{s['windows_kib']:4.0f} KiB   moved {w['moved_kib']:7.0f} -> {s['moved_kib']:6.0f} "
              f"KiB   p50 {w['p50_us'] / 1e3:7.3f} -> {s['p50_us'] / 1e3:7.3f} ms "
              f"(ratio {s['p50_us'] / w['p50_us']:.3f}, least {s['least_us'] / w['least_us']:.3f})",
              flush=True)
    if args.output:
        pathlib.Path(args.output).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
