# SPDX-License-Identifier: Apache-2.0
"""Files cut short, with bits turned over, longer than they may be, and small ones that claim to be
large, through the program and for every reader (readers.py): exit code 3, a line that says where,
no output left, and memory that does not follow the claim."""

import gzip
import os
import random
import struct
import sys
import unittest
import zlib

import onnx_bytes
from program import ProgramTest
from readers import ALWAYS, READERS

GB = 1 << 30
# What any of these commands may allocate.
MEMORY_MB = None if "FETTLE_MEMORY_UNLIMITED" in os.environ else 512
# Associated files follow a TFLite model, and other tensors an external one.
SOUND_WHEN_LONGER = ("tflite", "external_data")


class HostileFiles(ProgramTest):
    def sound(self, name):
        """The reader's input, read once without complaint."""
        os.mkdir(self.path("out"))
        victim, arguments, refusal = READERS[name](self)
        self.read(victim, arguments, 0)
        with open(victim, "rb") as f:
            return victim, arguments, refusal, f.read()

    def read(self, victim, arguments, codes):
        run = self.fettle(*arguments, expect=codes, memory_mb=MEMORY_MB)
        left = os.listdir(self.path("out"))
        if run.returncode != 0:
            self.assertEqual(left, [])
            # The file, or what it belongs to.
            named = [name for _, folders, files in os.walk(self.path("in"))
                     for name in folders + files if name in run.stderr]
            self.assertTrue(named or self.path("in") in run.stderr, run.stderr)
        for name in left:
            os.remove(self.path("out/" + name))
        return run.returncode

    def truncated(self, name):
        victim, arguments, refusal, data = self.sound(name)
        end = len(data) - (2 if name.endswith(".jpg") else 0)  # the last two only say 'end'
        cuts = {0, 1, 4, 8, 15, 16, 17, 64, end - 1} | {end * i // 24 for i in range(24)}
        codes = 3 if refusal == ALWAYS else (0, 3)
        refused = 0
        for n in sorted(c for c in cuts if c < end):
            with self.subTest(bytes=n, of=len(data)):
                self.write(victim, data[:n])
                refused += self.read(victim, arguments, codes) == 3
        self.assertGreater(refused, 0)

    def damaged(self, name):
        victim, arguments, _, data = self.sound(name)
        numbers = random.Random(1)
        for _ in range(40):
            # Near the ends, where structure is rather than weights.
            near = numbers.choice([0, 0, max(0, len(data) - 4096)])
            at = near + numbers.randrange(min(4096, len(data)))
            damaged = bytearray(data)
            damaged[at] ^= 1 << numbers.randrange(8)
            with self.subTest(at=at):
                self.write(victim, bytes(damaged))
                # 2: a model's shape is gone and has to be given.
                self.read(victim, arguments, (0, 2, 3))

    def oversized(self, name):
        victim, arguments, _, _ = self.sound(name)
        os.truncate(victim, 5 * GB)  # sparse
        self.read(victim, arguments, 0 if name in SOUND_WHEN_LONGER else 3)

    def test_small_files_that_claim_to_be_large(self):
        def chunk(kind, data):
            return (struct.pack(">I", len(data)) + kind + data +
                    struct.pack(">I", zlib.crc32(kind + data)))
        npy = onnx_bytes.npy([1, 2, 3], [1, 3]).replace(b"(1, 3), }        ", b"(1, 999999999), }")
        bmp = bytearray(54)
        bmp[:2] = b"BM"
        struct.pack_into("<III2iHH", bmp, 10, 54, 40, 0, 50_000, 50_000, 1, 24)
        png = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
        for name, claim in (
                ("npy_input", npy), ("npy_dataset", npy), ("npz_dataset", onnx_bytes.npz(x=npy)),
                ("idx", struct.pack(">I3I", 0x00000803, 0xFFFFFFF, 28, 28) + bytes(784)),
                ("idx_gz", gzip.compress(struct.pack(">I3I", 0x803, 2, 28, 28) + bytes(GB), 1)),
                ("rgb.bmp", bytes(bmp)),
                ("rgb.png", b"\x89PNG\r\n\x1a\n" + png + chunk(b"IDAT", b"") + chunk(b"IEND", b""))):
            with self.subTest(name):
                self.folder_of_its_own()
                victim, arguments, _, _ = self.sound(name)
                self.write(victim, claim)
                self.read(victim, arguments, 3)

for reader in READERS:
    for what in ("truncated", "damaged", "oversized"):
        setattr(HostileFiles, "test_%s_%s" % (what, reader.replace(".", "_")),
                lambda self, what=what, reader=reader: getattr(self, what)(reader))

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
