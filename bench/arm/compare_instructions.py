#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bench/arm/compare_instructions.py BUILD ONNXRUNTIME MODEL...

Instructions that one inference executes on arm64, Fettle's beside ONNX Runtime's, on one thread: what
a process with five runs executes more than one with a single run, divided by four, counted by QEMU.
BUILD is the arm64 build with -DFETTLE_BENCH=ON; ONNXRUNTIME its libonnxruntime.so.1, which the npm
package onnxruntime-node carries (npm pack onnxruntime-node; bin/napi-*/linux/arm64); MODEL an .onnx
of one float input. Prints Markdown."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

# What /proc/cpuinfo says on such a core: ONNX Runtime reads it and would find the host's.
CORES = {"cortex-a72": ("0xd08", "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"),
         "cortex-a76": ("0xd0b", "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp "
                                 "cpuid asimdrdm lrcpc dcpop asimddp")}
FEW, MANY = 1, 5


def make_root(sysroot, own, core):
    """A root for QEMU: the libraries of the sysroot, and a processor."""
    root = Path(own) / core
    (root / "proc").mkdir(parents=True)
    (root / "sys/devices/system/cpu").mkdir(parents=True)
    for name in ("lib", "usr"):
        (root / name).symlink_to(sysroot / name)
    part, features = CORES[core]
    count = os.cpu_count()
    (root / "proc/cpuinfo").write_text("".join(
        f"processor\t: {i}\nBogoMIPS\t: 108.00\nFeatures\t: {features}\nCPU implementer\t: 0x41\n"
        f"CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: {part}\nCPU revision\t: 1\n\n"
        for i in range(count)))
    for name in ("possible", "present"):
        (root / "sys/devices/system/cpu" / name).write_text(f"0-{count - 1}\n")
    return root


def main():
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    build, library = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    here = Path(__file__).resolve().parent
    print("| model | core | Fettle | ONNX Runtime | Fettle executes |\n|---|---|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as own:
        plugin = Path(own) / "count.so"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", here / "count_instructions.c", "-o",
                        plugin], check=True)
        for core in CORES:
            root = make_root(build.parent / "aarch64-sysroot", own, core)

            def count(words):
                ran = subprocess.run(
                    ["qemu-aarch64", "-plugin", plugin, "-L", root, *map(str, words)],
                    capture_output=True, text=True, env=dict(os.environ, QEMU_CPU=core))
                found = re.search(r"executed instructions: (\d+)", ran.stderr)
                if ran.returncode != 0 or not found:
                    raise SystemExit(f"{words}: {ran.stderr[-600:]}")
                return int(found.group(1))

            def of_one_run(command):
                return (count(command(MANY)) - count(command(FEW))) / (MANY - FEW)
            for model in sys.argv[3:]:
                graph = onnx.load(model).graph
                initial = {i.name for i in graph.initializer}
                entry = next(i for i in graph.input if i.name not in initial)
                shape = [d.dim_value for d in entry.type.tensor_type.shape.dim]
                ours = of_one_run(lambda runs: [
                    build / "bin/fettle", "bench", model, "--threads", 1, "--iterations", runs,
                    "--warmup", 0])
                theirs = of_one_run(lambda runs: [
                    build / "bin/fettle_onnxruntime_run", library, model, entry.name,
                    graph.output[0].name, runs, *shape])
                print(f"| {Path(model).parent.name}/{Path(model).name} | {core} | "
                      f"{ours / 1e6:.1f} M | {theirs / 1e6:.1f} M | {ours / theirs:.2f}x |",
                      flush=True)


if __name__ == "__main__":
    main()
