# SPDX-License-Identifier: Apache-2.0
"""llvm-mca as the model of a core: cycles of a piece of code, and what bounds it."""
import json
import shutil
import subprocess
from dataclasses import dataclass

# The core by the name people know, and what llvm-mca calls the model. LLVM has none of the A76 and
# gives it the A57's; the Neoverse N1 is the same core for servers, and has one since LLVM 17. The
# A72 gets the A57's, from which it differs in latencies, not in what it can begin in a cycle.
CORES = {"cortex-a53": "cortex-a53", "cortex-a57": "cortex-a57",
         "cortex-a72": "cortex-a72", "cortex-a76": "neoverse-n1"}


@dataclass
class Cost:
    cycles: float  # per pass over the code
    bound: str     # the busiest units: share of the cycles in which each is busy


def find_mca():
    names = [f"llvm-mca-{v}" for v in range(25, 16, -1)] + ["llvm-mca"]
    found = next((n for n in names if shutil.which(n)), None)
    if found is None:
        raise SystemExit("llvm-mca is not installed: apt-get install llvm-19")
    known = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    version = int(known.split("LLVM version ")[1].split(".")[0])
    if version < 17:
        raise SystemExit(f"{found} is of LLVM {version}, which has no model of the Neoverse N1 "
                         "(Cortex-A76): apt-get install llvm-19")
    return found


def cost_of(mca, core, instructions, passes=100):
    """What passes over the instructions, one after the other, take on `core`."""
    text = ".Lhere:\n" + "\n".join(i if isinstance(i, str) else i.assembly for i in instructions)
    out = subprocess.run(
        [mca, "-mtriple=aarch64", f"-mcpu={CORES[core]}", "-mattr=+dotprod,+i8mm",
         f"-iterations={passes}", "-json", "-"], input=text, capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit(f"{mca} refuses the code: {out.stderr[:400]}")
    answer = json.loads(out.stdout)
    region = answer["CodeRegions"][0]
    summary = region["SummaryView"]
    cycles = summary["TotalCycles"] / summary["Iterations"]
    units = answer["TargetInfo"]["Resources"]
    rows = len(region["Instructions"])
    busy = {}
    for use in region["ResourcePressureView"]["ResourcePressureInfo"]:
        if use["InstructionIndex"] == rows:  # the sums
            # Of units that are alike the number is a character of that code: "I.", then 0 or 1.
            name = "".join(c if c.isprintable() else str(ord(c)) for c in units[use["ResourceIndex"]])
            busy[name] = use["ResourceUsage"] / cycles
    uops = summary["uOpsPerCycle"] if "uOpsPerCycle" in summary else (
        summary["TotaluOps"] / summary["TotalCycles"])
    busy["dispatch"] = uops / summary["DispatchWidth"]
    most = sorted(busy.items(), key=lambda u: -u[1])[:3]
    return Cost(cycles, ", ".join(f"{name.split('Unit')[-1]} {share:.0%}" for name, share in most))


# Independent products as fast as the core begins them, by what is multiplied.
_PRODUCTS = {
    "f32": ("fmla v{0}.4s, v30.4s, v31.4s", 4), "i8": ("smlal v{0}.8h, v30.8b, v31.8b", 8),
    "i16": ("smlal v{0}.4s, v30.4h, v31.4h", 4), "i8 dot": ("sdot v{0}.4s, v30.16b, v31.16b", 16),
    "i8 matrix": ("smmla v{0}.4s, v30.16b, v31.16b", 32),
}


def limit_macs(mca, core, products):
    """Multiply-accumulates a cycle, at most, of an instruction kind."""
    text, macs = _PRODUCTS[products]
    code = [text.format(n) for n in range(30)]
    return 30 * macs / cost_of(mca, core, code).cycles
