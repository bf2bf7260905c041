#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bench/arm/flags_worth.py [BUILD]   (build/aarch64)

What the flags of a device's preset are worth to the hot kernels: each is compiled as in the generic
build and once more with the flags that the preset adds, and the inner loops are compared on the
model of the device's core. Prints Markdown."""
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import core_model
import machine_code
from kernel_loops import KERNELS

# The preset's core and whether its kernels are those with dot products.
DEVICES = {"raspberry-pi-3-64": ("cortex-a53", False), "raspberry-pi-4": ("cortex-a72", False),
           "jetson-nano": ("cortex-a57", False), "rk3588": ("cortex-a76", True)}


def preset_flags(root, device):
    presets = json.loads((root / "CMakePresets.json").read_text())["configurePresets"]
    found = next(p for p in presets if p["name"] == device)
    return shlex.split(found["cacheVariables"]["CMAKE_CXX_FLAGS"])


def compile_kernel(commands, source, flags, to):
    entry = next(c for c in commands if c["file"].endswith(f"/{source}.cc"))
    words = [w for w in shlex.split(entry["command"]) if "ccache" not in w]
    # In CMake's order, but for -mtune=generic, with which the build takes a preset's tuning away
    # from kernels again (cmake/isa_flags.cmake): without it here, to see what tuning would be worth.
    words = [w for w in words if w != "-mtune=generic"]
    words[1:1] = flags
    words[words.index("-o") + 1] = str(to)
    subprocess.run(words, cwd=entry["directory"], check=True)


def loop_of(path, begins):
    found = [f for f in machine_code.read_functions(path) if begins in f.name]
    return max((f.product_loop() for f in found), default=[],
               key=lambda body: sum(i.macs for i in body))


def main():
    root = Path(__file__).resolve().parents[2]
    build = Path(sys.argv[1] if len(sys.argv) > 1 else root / "build/aarch64")
    commands = json.loads((build / "compile_commands.json").read_text())
    mca = core_model.find_mca()
    print("| device | flags | kernel | instructions, generic | with flags | cycles, generic | "
          "with flags | worth |\n|---|---|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as own:
        for device, (core, dot) in DEVICES.items():
            flags = preset_flags(root, device)
            for name, (source, begins, products, _) in KERNELS.items():
                if products == "i8 dot" and not dot:
                    continue
                loops = []
                for added in ([], flags):
                    to = Path(own) / f"{source.replace('/', '-')}{'-'.join(added)}.o"
                    if not to.exists():
                        compile_kernel(commands, source, added, to)
                    loops.append(loop_of(to, begins))
                if not all(loops):
                    continue
                cost = [core_model.cost_of(mca, core, l).cycles / sum(i.macs for i in l)
                        for l in loops]
                macs = [sum(i.macs for i in l) for l in loops]
                scaled = len(loops[1]) * macs[0] / macs[1]
                # What lies between a loop's begin and end need not be the loop alone.
                alike = 0.7 < scaled / len(loops[0]) < 1.4
                worth = f"{cost[0] / cost[1] - 1:+.0%}" if alike else "cut differently"
                print(f"| {device} | {' '.join(flags)} | {name} | {len(loops[0])} | {scaled:.0f} | "
                      f"{cost[0] * macs[0]:.1f} | {cost[1] * macs[0]:.1f} | {worth} |", flush=True)


if __name__ == "__main__":
    main()
