# SPDX-License-Identifier: Apache-2.0
"""Functions of cross-compiled objects as lists of instructions, and the loops within them."""
import re
import subprocess
from dataclasses import dataclass, field

OBJDUMP = "aarch64-linux-gnu-objdump"
# What one instruction multiplies, by mnemonic and the arrangement of its result.
_MACS = {
    ("fmla", "4s"): 4, ("fmla", "2s"): 2, ("fmadd", ""): 1,
    ("smull", "8h"): 8, ("smlal", "8h"): 8, ("smull2", "8h"): 8, ("smlal2", "8h"): 8,
    ("smull", "4s"): 4, ("smlal", "4s"): 4, ("smull2", "4s"): 4, ("smlal2", "4s"): 4,
    ("sdot", "4s"): 16, ("sdot", "2s"): 8, ("smmla", "4s"): 32,
}
_BRANCH = re.compile(r"^(b|bl|b\.\w+|cbn?z|tbn?z|adrp)$")  # what names an address


@dataclass
class Instruction:
    address: int
    text: str  # as the assembler takes it, branch targets as plain addresses
    target: int | None = None  # of a branch

    @property
    def mnemonic(self):
        return self.text.split(None, 1)[0]

    @property
    def macs(self):
        first = re.search(r"v\d+\.(\d+[bhsd])", self.text)
        return _MACS.get((self.mnemonic, first.group(1) if first else ""), 0)

    @property
    def assembly(self):
        """The same instruction for llvm-mca, to which a branch is one that is not taken."""
        if self.target is None:
            return self.text
        return self.text.rsplit(None, 1)[0] + " .Lhere"


@dataclass
class Function:
    name: str
    instructions: list = field(default_factory=list)

    def product_loop(self):
        """The innermost loop with the most products: its instructions, from the target of a
        backward branch to the branch. Empty where no loop multiplies."""
        at = {i.address: n for n, i in enumerate(self.instructions)}
        loops = []
        for n, branch in enumerate(self.instructions):
            begin = at.get(branch.target)
            if begin is not None and begin <= n:
                body = self.instructions[begin:n + 1]
                if sum(i.macs for i in body) > 0:
                    loops.append((begin, n, body))
        def is_innermost(loop):
            return not any(o is not loop and o[0] >= loop[0] and o[1] <= loop[1] and
                           (o[0], o[1]) != (loop[0], loop[1]) for o in loops)
        inner = [body for body in (l[2] for l in loops if is_innermost(l))]
        return max(inner, key=lambda body: sum(i.macs for i in body), default=[])


def read_functions(path):
    """Every function of an object file or program."""
    listing = subprocess.run([OBJDUMP, "-d", "-C", "--no-show-raw-insn", path], check=True,
                             capture_output=True, text=True).stdout
    functions = []
    for line in listing.splitlines():
        head = re.match(r"^([0-9a-f]+) <(.*)>:$", line)
        if head:
            functions.append(Function(head.group(2)))
            continue
        body = re.match(r"^\s*([0-9a-f]+):\s+(\S.*)$", line)
        if not body or not functions:
            continue
        text = body.group(2).split("//")[0].strip().replace("\t", " ")
        target = None
        if _BRANCH.match(text.split(None, 1)[0]):
            place = re.search(r"([0-9a-f]+) <[^>]*>$|([0-9a-f]+) <.*>$", text)
            if place:
                target = int(place.group(1) or place.group(2), 16)
                text = text[:text.index(" <")]
        else:
            text = re.sub(r"\s*<.*>$", "", text)
        functions[-1].instructions.append(Instruction(int(body.group(1), 16), text, target))
    return functions
