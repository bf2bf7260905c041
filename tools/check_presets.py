#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tools/check_presets.py [PRESET...]      ('make presets' makes what it needs)

Builds the library and fettle-run by each device's preset and runs the default model under QEMU as the
device's core: quantized to 8 and to 16 bits, where every output has to be this machine's to the last
bit, and in floats, where it has to be within 1e-5 of the largest."""
import array
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# QEMU plays no 32-bit Cortex-A53: the A7 and the A15 have the instructions that the preset asks for.
CORES = {"raspberry-pi-3": ("arm", "cortex-a7", "cortex-a15"),
         "raspberry-pi-3-64": ("aarch64", "cortex-a53"),
         "raspberry-pi-4": ("aarch64", "cortex-a72"),
         "jetson-nano": ("aarch64", "cortex-a57"),
         "rk3588": ("aarch64", "cortex-a76")}
SYSROOTS = {"arm": "armhf-sysroot", "aarch64": "aarch64-sysroot"}
TOLERANCE = 1e-5

SOURCE = Path(__file__).resolve().parent.parent
BUILD = SOURCE / "build"
MODEL = SOURCE / "models/fashion_dscnn.onnx"
DATA = os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist")


def run(*words, **environment):
    ran = subprocess.run([*map(str, words)], capture_output=True, text=True,
                         env=dict(os.environ, **environment), cwd=SOURCE)
    if ran.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")


def outputs(folder, package, *program, **environment):
    """The bytes of every .npy that fettle-run writes, by name; its inputs are of a fixed seed."""
    run(*program, package, "--iterations", 1, "--warmup", 0, "--threads", 1, "--output", folder,
        **environment)
    made = {file.name: file.read_bytes() for file in Path(folder).glob("*.npy")}
    if not made:
        raise SystemExit(f"{package.name}: {program[-1]} wrote no output")
    return made


def floats(npy):
    assert npy[:8] == b"\x93NUMPY\x01\x00" and b"'<f4'" in npy[:128]
    return array.array("f", npy[10 + int.from_bytes(npy[8:10], "little"):])


def difference(got, expected):
    """The largest, as a part of the largest magnitude that is expected."""
    worst = 0.0
    for name, npy in expected.items():
        a, b = floats(got[name]), floats(npy)
        worst = max(worst, max(abs(x - y) for x, y in zip(a, b, strict=True)) / max(map(abs, b)))
    return worst


def main():
    presets = sys.argv[1:] or CORES
    if not set(presets) <= set(CORES):
        raise SystemExit(f"{__doc__}\nPresets: {' '.join(CORES)}")
    native = BUILD / "release/bin"
    failed = False
    with tempfile.TemporaryDirectory() as own:
        packages = {kind: Path(own) / f"{kind}.fettle" for kind in ("float", "int8", "int16")}
        for kind, package in packages.items():
            if kind == "float":
                run(native / "fettle", "convert", MODEL, package)
            else:
                run(native / "fettle", "quantize", MODEL, "--data", DATA, "--scheme", kind,
                    "--keep-slower", "-o", package)
        expected = {kind: outputs(f"{own}/native-{kind}", package, native / "fettle-run")
                    for kind, package in packages.items()}
        for preset in presets:
            run("cmake", "--preset", preset, "--log-level=WARNING")
            run("cmake", "--build", BUILD / preset, "-j", os.environ.get("JOBS", os.cpu_count()),
                "--target", "fettle_run", "fettle_device_library")
            machine, *cores = CORES[preset]
            for core in cores:
                said = []
                for kind, package in packages.items():
                    got = outputs(f"{own}/{preset}-{core}-{kind}", package, f"qemu-{machine}", "-L",
                                  BUILD / SYSROOTS[machine], BUILD / preset / "bin/fettle-run",
                                  QEMU_CPU=core)
                    if got == expected[kind]:
                        said.append(f"{kind} identical")
                        continue
                    apart = difference(got, expected[kind])
                    failed |= kind != "float" or not apart <= TOLERANCE
                    said.append(f"{kind} within {apart:.1e}")
                print(f"{preset} as {core}: {', '.join(said)}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
