#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bench/arm/kernel_loops.py [BUILD]   (build/aarch64)

The inner loop of every hot NEON kernel, as it was compiled, on the models of three cores: cycles
an iteration, multiply-accumulates a cycle, and how many percent that is of what the core's
multipliers could do. Memory is taken to be the first-level cache. Prints Markdown."""
import sys
from pathlib import Path

import core_model
import machine_code

# name: (object, how the function's name begins, products, cores). Float depthwise is missing: its
# rows branch at every column, for padding, so that its code is no list of what is executed.
ALL, NEWER = ["cortex-a53", "cortex-a72", "cortex-a76"], ["cortex-a76"]
KERNELS = {
    "gemm_f32 8x8": ("gemm_f32/gemm_f32_neon", "gemm_tile<8, 2, 0>", "f32", ALL),
    "gemm_f32 8x4": ("gemm_f32/gemm_f32_neon", "gemm_tile<8, 1, 0>", "f32", ALL),
    "gemm_i8 neon 4x16": ("gemm_i8/gemm_i8_neon", "gemm_i8_tile<4, 4>", "i8", ALL),
    "gemm_i8 neon 8x8": ("gemm_i8/gemm_i8_neon", "gemm_i8_tile<8, 2>", "i8", ALL),
    "gemm_i8 neondot 4x16": ("gemm_i8/gemm_i8_neondot", "gemm_i8_tile<4, 4>", "i8 dot", NEWER),
    "gemm_i8 neondot 8x8": ("gemm_i8/gemm_i8_neondot", "gemm_i8_tile<8, 2>", "i8 dot", NEWER),
    "depthwise_i8 general": ("depthwise_i8/depthwise_i8_neon", "depthwise_general<1>", "i8", ALL),
    "depthwise_i8 3x3 stride 1": ("depthwise_i8/depthwise_i8_neon",
                                  "columns_over_blocks<3, 1, 4, true, 1>", "i8", ALL),
    "depthwise_i8 3x3 stride 2": ("depthwise_i8/depthwise_i8_neon",
                                  "columns_over_blocks<3, 2, 4, true, 1>", "i8", ALL),
    "depthwise_i8 neondot 3x3 stride 1": ("depthwise_i8/depthwise_i8_neondot",
                                          "columns_over_blocks<3, 1, 4, true, 1>", "i8 dot", NEWER),
    "depthwise_i8 neondot 3x3 stride 2": ("depthwise_i8/depthwise_i8_neondot",
                                          "columns_over_blocks<3, 2, 4, true, 1>", "i8 dot", NEWER),
    "gemm_i16x8 4x16": ("gemm_i16/gemm_i16_neon", "gemm_i16_tile<4, 4, 1>", "i16", ALL),
    "gemm_i16x8 8x8": ("gemm_i16/gemm_i16_neon", "gemm_i16_tile<8, 2, 1>", "i16", ALL),
    "depthwise_i16": ("depthwise_i16/depthwise_i16_neon", "depthwise_general<1>", "i16", ALL),
}


def main():
    root = Path(__file__).resolve().parents[2]
    build = Path(sys.argv[1] if len(sys.argv) > 1 else root / "build/aarch64")
    mca = core_model.find_mca()
    print("| kernel | core | instructions | cycles | MACs | MACs/cycle | limit | of it | busiest |")
    print("|---|---|--:|--:|--:|--:|--:|--:|---|")
    for name, (source, begins, products, cores) in KERNELS.items():
        path = build / f"src/CMakeFiles/fettle_runtime.dir/runtime/kernels/{source}.cc.o"
        if not path.exists():
            raise SystemExit(f"{path} is not there: build fettle_runtime for arm64 (make aarch64)")
        found = [f for f in machine_code.read_functions(path) if begins in f.name]
        loop = max((f.product_loop() for f in found), default=[],
                   key=lambda body: sum(i.macs for i in body))
        if not loop:
            print(f"| {name} | | | | | | | | no such loop |")
            continue
        macs = sum(i.macs for i in loop)
        for core in cores:
            cost = core_model.cost_of(mca, core, loop)
            limit = core_model.limit_macs(mca, core, products)
            rate = macs / cost.cycles
            print(f"| {name} | {core} | {len(loop)} | {cost.cycles:.1f} | {macs} | {rate:.2f} | "
                  f"{limit:.1f} | {rate / limit:.0%} | {cost.bound} |")


if __name__ == "__main__":
    main()
