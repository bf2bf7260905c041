#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bench/arm/network_tiles.py [BUILD]   (build/aarch64, with -DFETTLE_BENCH=ON)

How near the NEON kernels come to the multipliers' limit of a Cortex-A72 and an A76 over all
convolutions of MobileNetV2 and ResNet-18: every kind of tile that the layers are cut into runs
once under QEMU, which records its instructions from entry to return, and llvm-mca says what these
take. So edges, prologues and epilogues (requantization among them) count; finding rows, memory
behind the first-level cache and branches predicted wrongly do not. Prints Markdown."""
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import core_model
import machine_code

RUNS = [("cortex-a72", "neon", "f32", "f32"), ("cortex-a72", "neon", "i8", "i8"),
        ("cortex-a76", "neondot", "f32", "f32"), ("cortex-a76", "neondot", "i8", "i8 dot")]
SIMULATED = 40000  # instructions, about, of each kind of tile


class Probe:
    def __init__(self, build):
        self.program = build / "bin/fettle_tile_probe"
        if not self.program.exists():
            raise SystemExit(f"{self.program} is not there: cmake -B {build} -DFETTLE_BENCH=ON, "
                             f"then ninja -C {build} fettle_tile_probe")
        cache = (build / "CMakeCache.txt").read_text()
        self.sysroot = re.search(r"CMAKE_TOOLCHAIN_FILE.*", cache) and str(
            build.parent / "aarch64-sysroot")
        functions = [f for f in machine_code.read_functions(self.program)
                     if re.search(r"gemm_tile<|gemm_i8_tile<|depthwise_columns<|columns_over_blocks<|"
                                     r"store_integer_sums",
                                  f.name)]
        self.at = {i.address: i for f in functions for i in f.instructions}
        self.ranges = ",".join(
            f"0x{f.instructions[0].address:x}..0x{f.instructions[-1].address:x}" for f in functions)

    def qemu(self, isa, words, flags=()):
        env = dict(os.environ, QEMU_CPU="max", FETTLE_ISA=isa)
        return subprocess.run(["qemu-aarch64", "-L", self.sysroot, *flags, self.program, *words],
                              check=True, capture_output=True, text=True, env=env).stdout

    def layers(self, isa, network, types):
        for line in self.qemu(isa, ["list", network, types]).splitlines():
            layer, macs, count, *kind = line.split()
            yield layer, int(macs), int(count), tuple(kind)

    def instructions(self, isa, types, kind):
        """What one tile executes, in order."""
        with tempfile.NamedTemporaryFile() as log:
            self.qemu(isa, ["run", types, *map(str, kind)],
                      ["-singlestep", "-d", "exec,nochain", "-dfilter", self.ranges, "-D", log.name])
            text = Path(log.name).read_text()
        places = re.findall(r"^Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/", text, re.M)
        return [self.at[int(p, 16)] for p in places if int(p, 16) in self.at]


def tile_cycles(mca, probe, core, isa, types, kind):
    """Deep tiles are measured at two smaller depths, of which the difference is what depth costs."""
    kernel, width, rows, taps, depth, form = kind[0], *map(int, kind[1:])

    def at(d):
        code = probe.instructions(isa, types, (kernel, width, rows, taps, d, form))
        return core_model.cost_of(mca, core, code, max(3, SIMULATED // len(code))).cycles
    if kernel != "gemm" or depth < 192:
        return at(depth)
    low = 64 + depth % 64
    return at(low) + (at(low + 64) - at(low)) * (depth - low) / 64


def main():
    root = Path(__file__).resolve().parents[2]
    build = Path(sys.argv[1] if len(sys.argv) > 1 else root / "build/aarch64").resolve()
    mca, probe, known = core_model.find_mca(), Probe(build), {}
    details = []
    print("| network | core | kernels | cycles | MACs/cycle | limit | of it | pointwise and 3x3 | "
          "depthwise |")
    print("|---|---|---|--:|--:|--:|--:|--:|--:|")
    for core, isa, types, products in RUNS:
        limit = core_model.limit_macs(mca, core, products)
        for network in ("mobilenet_v2", "resnet18"):
            cycles, macs = defaultdict(float), {}
            for layer, layer_macs, count, kind in probe.layers(isa, network, types):
                key = (core, isa, types, kind)
                if key not in known:
                    known[key] = tile_cycles(mca, probe, core, isa, types, kind)
                cycles[layer] += count * known[key]
                macs[layer] = layer_macs

            def share(names):
                spent = sum(cycles[n] for n in names)
                return f"{sum(macs[n] for n in names) / spent / limit:.0%}" if spent else ""
            deep = [n for n in macs if not n.endswith("dw")]
            wide = [n for n in macs if n.endswith("dw")]
            total = sum(cycles.values())
            rate = sum(macs.values()) / total
            print(f"| {network} | {core} | {types} {isa} | {total / 1e6:.2f} M | {rate:.2f} | "
                  f"{limit:.1f} | {rate / limit:.0%} | {share(deep)} | {share(wide)} |", flush=True)
            details += [f"| {network} | {core} | {types} | {n} | {cycles[n]:.0f} | "
                        f"{macs[n] / cycles[n] / limit:.0%} |" for n in macs]
    print("\n| network | core | codes | layer | cycles | of the limit |\n|---|---|---|---|--:|--:|")
    print("\n".join(details))


if __name__ == "__main__":
    main()
