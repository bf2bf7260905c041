# SPDX-License-Identifier: Apache-2.0
"""fettle-run: the contract of the command line, and the same outputs as `fettle run`."""

import filecmp
import os
import re
import subprocess
import sys
import unittest

import onnx_bytes
from program import FASHION, FETTLE, SLOWER, SOURCE, ProgramTest

SEEDS = os.path.join(SOURCE, "tests", "fuzz", "corpus", "package")
CONV = os.path.join(SEEDS, "Conv.fettle")
WORKSHOP = os.environ["FETTLE_WORKSHOP"]  # the `fettle` that was built beside it


class FettleRun(ProgramTest):
    def workshop(self, *args):
        subprocess.run([*FETTLE[:-1], WORKSHOP, *args], check=True, cwd=self.folder,
                       stdout=subprocess.DEVNULL, timeout=120 * SLOWER)

    def tiny(self, name="x", output="y"):
        model = self.write("tiny.onnx", onnx_bytes.model(
            [("Relu", [name], [output])], {name: [1, 3]}, {output: [1, 3]}))
        self.workshop("convert", model, "tiny.fettle")
        return self.path("tiny.fettle")

    def test_usage(self):
        self.assertIn("PACKAGE", self.fettle("--help").stdout)
        self.assertRegex(self.fettle("--version").stdout, r"^fettle-run \d")
        self.fettle(expect=2)
        for wrong in (["--no-such-option"], ["--threads"], ["--threads", "many"],
                      ["--threads", "-1"], ["--fifo", "100"], ["--iterations", "0"],
                      ["--iterations=1e9"], ["--seconds", "nan"], ["--zeros=1"], ["--cores", "x"],
                      ["--input", "x"], ["--input", "=x.npy"], ["--input", "none=x.npy"],
                      ["second.fettle"]):
            self.fettle(CONV, *wrong, expect=2)
        self.fettle("--threads", "1", expect=2)

    def test_bad_input(self):
        self.assertIn("no such file", self.fettle("none.fettle", expect=3).stderr)
        self.assertIn("package", self.fettle(FASHION, expect=3).stderr)
        with open(CONV, "rb") as f:
            whole = f.read()
        self.fettle(self.write("half.fettle", whole[:len(whole) // 2]), expect=3)
        package = self.tiny()
        for data in (b"", onnx_bytes.npy([1, 2, 3], [1, 3])[:40]):
            self.fettle(package, "--input", "x=" + self.write("bad.npy", data), expect=3)
        other = self.write("other.npy", onnx_bytes.npy([1, 2], [1, 2]))
        self.assertIn("x", self.fettle(package, "--input", "x=" + other, expect=2).stderr)
        good = self.write("x.npy", onnx_bytes.npy([1, 2, 3], [1, 3]))
        self.assertIn("'x'", self.fettle(package, "--input", "z=" + good, expect=2).stderr)

    def test_packs(self):
        self.workshop("convert", FASHION, "plain.fettle")
        plain, packed = self.path("plain.fettle"), self.path("packed.fettle")
        self.assertIn("8 steps", self.fettle(plain, "--pack", packed).stdout)
        whole = os.path.getsize(packed)
        self.assertGreater(whole, 1.5 * os.path.getsize(plain))
        self.assertRegex(self.fettle(packed, "--iterations", "3").stdout, r" [1-9]\d+\.\d KiB mapped")
        for package, folder in ((plain, "a"), (packed, "b")):
            self.fettle(package, "--iterations", "3", "--output", self.path(folder))
        for name in os.listdir(self.path("a")):
            self.assertTrue(filecmp.cmp(os.path.join(self.path("a"), name),
                                        os.path.join(self.path("b"), name), shallow=False))
        self.fettle(packed, "--pack", packed)  # in its own place, the same again
        self.assertEqual(os.path.getsize(packed), whole)
        self.fettle(plain, "--pack", self.path("none/x.fettle"), expect=1)

    def test_every_seed_runs(self):
        ran = 0
        for name in sorted(os.listdir(SEEDS)):
            run = self.fettle(os.path.join(SEEDS, name), "--iterations", "3", expect=(0, 1, 3))
            ran += run.returncode == 0
        self.assertGreater(ran, 5)

    def test_says_no_more_than_it_has_samples_for(self):
        few = self.fettle(CONV, "--iterations", "458").stdout
        self.assertRegex(few, r"(?m)^samples +458 ")
        self.assertRegex(few, r"(?m)^p90 +[0-9.]+ ms$")
        self.assertRegex(few, r"(?m)^p99 +- too few samples: needs 459$")
        self.assertRegex(self.fettle(CONV, "--iterations=459").stdout, r"(?m)^p99 +[0-9.]+ ms$")

    def test_outputs(self):
        package = self.tiny(output="a/y")
        x = self.write("x.npy", onnx_bytes.npy([-1, 0, 2], [1, 3]))
        run = self.fettle(package, "--input", "x=" + x, "--output", "out", "--iterations", "2",
                          "--threads", "1")
        self.assertIn("out/a_y.npy", run.stdout)
        with open(self.path("out/a_y.npy"), "rb") as f:
            self.assertEqual(f.read()[-12:], onnx_bytes.npy([0, 0, 2], [1, 3])[-12:])
        self.fettle(package, "--output", "no/such/folder", "--iterations", "1", expect=1)

    def test_as_the_workshop(self):
        self.workshop("convert", FASHION, "fashion.fettle")
        pixels = [(i * 37 % 256) / 255 for i in range(784)]
        x = self.write("x.npy", onnx_bytes.npy(pixels, [1, 1, 28, 28]))
        self.workshop("run", "fashion.fettle", "--input", "image=" + x, "--output-dir", "there")
        self.fettle("fashion.fettle", "--input", "image=" + x, "--output", "here", "--iterations",
                    "2")
        for name in os.listdir(self.path("there")):
            with open(self.path("there/" + name), "rb") as a, \
                    open(self.path("here/" + name), "rb") as b:
                self.assertEqual(a.read(), b.read(), name)

    def test_a_refused_request_says_what_to_raise(self):
        run = self.fettle(CONV, "--fifo", "10", "--iterations", "1", expect=(0, 1))
        if run.returncode != 0:
            self.assertIn("rtprio", run.stderr)
        if "FETTLE_SANITIZED" in os.environ:
            self.skipTest("sanitizers make mlockall do nothing")
        locked = self.fettle(CONV, "--lock-memory", "--iterations", "1", expect=(0, 1))
        if locked.returncode == 0:
            self.assertTrue(re.search(r"MiB locked", locked.stdout))
        else:
            self.assertIn("memlock", locked.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
