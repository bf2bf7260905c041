# SPDX-License-Identifier: Apache-2.0
"""`fettle compare` with workers that behave and with workers that do not.
usage: compare_test.py FETTLE SOURCE_FOLDER"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import onnx_bytes

FETTLE, SOURCE = (os.path.abspath(a) for a in sys.argv[1:3])
FAKE = os.path.join(SOURCE, "tests", "cli", "fake_workers", "worker.py")
PEERS = ("onnxruntime", "openvino", "litert", "ncnn", "mnn", "torch")


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fettle-compare-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.workers, self.temporary = self.path("workers"), self.path("tmp")
        os.mkdir(self.workers)
        os.mkdir(self.temporary)
        for name in ("worker.py",) + tuple(p + "_worker.py" for p in PEERS):
            shutil.copy(FAKE, os.path.join(self.workers, name))
        self.model = self.path("tiny.onnx")
        with open(self.model, "wb") as f:
            f.write(onnx_bytes.model([("Relu", ["x"], ["y"])], {"x": [1, 3]}, {"y": [1, 3]}))

    def path(self, name):
        return os.path.join(self.folder, name)

    def compare(self, *args, behaviour=None, expect=0, seconds=60, **env):
        run = subprocess.run(
            [FETTLE, "compare", self.model, "--rounds", "3", "--seconds", "0.01", "--threads", "1",
             *args], capture_output=True, text=True, timeout=seconds, cwd=self.folder,
            env={**os.environ, "FETTLE_WORKERS": self.workers, "TMPDIR": self.temporary,
                 "FETTLE_PEERS_PYTHON": sys.executable,
                 "FAKE_WORKERS": json.dumps(behaviour or {}), **env})
        self.assertEqual(run.returncode, expect, run.stdout + run.stderr)
        self.assertEqual(os.listdir(self.temporary), [], "left behind")
        self.assertEqual(self.workers_alive(), [], "left running")
        return run

    def workers_alive(self):
        alive = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    line = f.read()
                with open("/proc/%s/environ" % pid, "rb") as f:
                    environment = f.read()
            except OSError:
                continue
            if self.workers.encode() in line or self.workers.encode() in environment:
                alive.append(line)
        return alive

    def report(self, *args, **options):
        found = json.loads(self.compare(*args, "--json", **options).stdout)
        return found, {r["runtime"]: r for r in found["runtimes"]}

    def test_everybody_well(self):
        found, by_name = self.report("--samples")
        self.assertEqual(found["threads"], 1)
        self.assertEqual(len(found["cores"]), 1)
        self.assertEqual([r["runtime"] for r in found["runtimes"]], ["fettle", *PEERS])
        for name in PEERS:
            r = by_name[name]
            self.assertEqual((r["outcome"], r["version"], r["settings"]),
                             ("measured", "0.0 fake", "by hand"))
            self.assertEqual(r["rounds_us"], [[10000, 20000, 30000]] * 3)
            self.assertEqual((r["p50_us"], r["least_us"], r["load_ms"]), (20000, 10000, 1.5))
            self.assertIsNone(r["p99_us"])  # nine samples are too few
            self.assertIsNone(r["agreement"]["snr_db"])  # the same bits
            self.assertGreaterEqual(r["peak_kib"], r["bare_kib"])
            self.assertGreater(r["bare_kib"], 1000)
            self.assertGreater(r["ratio"]["least"], 1)
        self.assertEqual(by_name["fettle"]["ratio"]["median"], 1)
        text = self.compare().stdout
        self.assertIn("same bits", text)
        self.assertIn("20.000", text)

    def test_missing_runtimes_are_named_with_how_to_install_them(self):
        run = self.compare(behaviour={"litert": "missing"})
        self.assertRegex(run.stdout, r"litert +missing: no such module\n +install it: pip install ")
        _, by_name = self.report(behaviour={p: "missing" for p in PEERS})
        self.assertEqual({r["outcome"] for r in by_name.values()}, {"measured", "missing"})

    def test_hostile_workers(self):
        for behaviour, outcome, words in (
                ("start:die", "failed", "exit code 7; its last words: out of sorts"),
                ("start:garbage", "failed", "protocol"),
                ("start:endless", "failed", ""),
                ("prepare:refuse", "refused", "Relu is not for me"),
                ("load:die", "failed", "exit code 7"),
                ("load:crash", "failed", "signal 6"),
                ("load:hang", "failed", "no answer within 1 s"),
                ("load:extents", "failed", "protocol"),
                ("load:null", "failed", "protocol"),
                ("input:list", "failed", "protocol"),
                ("outputs:nofile", "failed", "/nowhere/y.npy"),
                ("run:hang", "failed", "no answer within 1.01 s"),
                ("run:die", "failed", "exit code 7"),
                ("run:nan", "failed", "protocol"),
                ("run:negative", "failed", "protocol"),
                ("run:few", "failed", "too few"),
                ("outputs:refuse", "refused", "not for me")):
            with self.subTest(behaviour):
                found, by_name = self.report("--answer-seconds", "1", "--load-seconds", "1",
                                             behaviour={"openvino": behaviour})
                self.assertEqual(by_name["openvino"]["outcome"], outcome, by_name["openvino"])
                self.assertIn(words, by_name["openvino"]["why"])
                for other in ("fettle", "onnxruntime", "torch"):  # nobody else suffers
                    self.assertEqual(by_name[other]["outcome"], "measured")

    def test_outputs_of_another_shape_are_no_agreement(self):
        _, by_name = self.report(behaviour={"ncnn": "outputs:shape"})
        self.assertEqual(by_name["ncnn"]["outcome"], "measured")
        self.assertNotIn("agreement", by_name["ncnn"])
        self.assertIn("extents 2 where 1x3 are wanted", by_name["ncnn"]["why"])

    def test_inputs(self):
        x = self.path("x.npy")
        with open(x, "wb") as f:
            f.write(onnx_bytes.npy([-1, 0, 2], [1, 3]))
        self.report("--input", "x=" + x, "--runtimes", "fettle,ncnn")
        self.compare("--input", "z=" + x, expect=2)
        with open(x, "wb") as f:
            f.write(onnx_bytes.npy([-1, 0], [1, 2]))
        self.compare("--input", "x=" + x, expect=2)

    def test_usage(self):
        self.assertIn("onnxruntime", self.compare("--runtimes", "fettle,nope", expect=2).stderr)
        self.compare("--runtimes", "fettle,fettle", expect=2)
        self.compare("--threads", "1000", expect=2)
        self.compare("--python", "/no/such/python", expect=2)
        self.compare(FETTLE_WORKERS="/no/such/folder", expect=2)
        self.compare("--model-of", "nope=x.onnx", expect=2)

    def test_the_first_one_measured_is_what_others_are_held_to(self):
        _, by_name = self.report("--runtimes", "torch,mnn", behaviour={"torch": "load:die"})
        self.assertEqual(by_name["mnn"]["ratio"]["median"], 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
