# SPDX-License-Identifier: Apache-2.0
"""The contract of the command line: exit codes, what goes to which stream, no half-written
output."""

import json
import os
import re
import sys
import unittest

import onnx_bytes
from program import FASHION, SOURCE, ProgramTest

FASHION_DATA = "/usr/share/datasets/fashion-mnist"


class Contract(ProgramTest):
    def package(self):
        out = self.path("fashion.fettle")
        self.fettle("convert", FASHION, out)
        return out

    def tiny(self, name="tiny.onnx", outputs=("y",)):
        nodes = [("Relu", ["x"], [o]) for o in outputs]
        return self.write(name, onnx_bytes.model(nodes, {"x": [1, 3]}, {o: [1, 3] for o in outputs}))

    def test_usage(self):
        self.assertIn("inspect", self.fettle(expect=2).stderr)
        self.assertIn("inspect", self.fettle("--help").stdout)
        self.assertIn("fettle", self.fettle("--version").stdout)
        self.assertIn("did you mean 'inspect'", self.fettle("inspct", expect=2).stderr)
        self.assertNotIn("did you mean", self.fettle("xyzzyplugh", expect=2).stderr)
        self.fettle("inspect", expect=2)
        self.fettle("inspect", FASHION, "--no-such-option", expect=2)
        self.fettle("inspect", FASHION, "extra", expect=2)
        self.fettle("inspect", FASHION, "--threads", "-1", expect=2)
        self.fettle("inspect", FASHION, "--threads", "many", expect=2)
        for shape in ("image", "image=", "=1,2", "image=1,x", "image=1,,2", "image=-1",
                      "image=99999999999999999999", "nothing=1,1,28,28", "image=1,1,28,28,1"):
            self.fettle("inspect", FASHION, "--shape", shape, expect=2)
        self.fettle("inspect", FASHION, "--disable-pass", "no_such_pass", expect=2)
        for command in ("inspect", "convert", "run", "eval", "quantize", "bench", "compare", "device",
                        "fit"):
            self.assertIn(command, self.fettle(command, "--help").stdout)
            self.fettle(command, "--no-such-option", expect=2)

    def test_json_is_one_object(self):
        report = json.loads(self.fettle("inspect", FASHION, "--json").stdout)
        self.assertEqual(report["inputs"][0]["name"], "image")
        self.assertGreater(report["macs"], 1_000_000)
        out = self.path("out.fettle")
        self.assertEqual(json.loads(self.fettle("convert", FASHION, out, "--json").stdout),
                         {"written": out})
        x = self.write("x.npy", onnx_bytes.npy([-1, 0, 2], [1, 3]))
        run = self.fettle("run", self.tiny(), "--input", "x=" + x, "--output-dir",
                          self.path("o"), "--json")
        self.assertEqual(json.loads(run.stdout)["outputs"][0]["shape"], [1, 3])
        bench = self.fettle("bench", self.tiny(), "--iterations", "5", "--json")
        self.assertIn("p50_us", json.loads(bench.stdout))

    def bench(self, *args, expect=0):
        run = self.fettle("bench", FASHION, *args, "--json", expect=expect)
        return json.loads(run.stdout)

    def test_bench_refuses_percentiles_it_has_too_few_samples_for(self):
        few, enough = self.bench("--iterations", "458"), self.bench("--iterations", "459")
        self.assertIsNone(few["p99_us"])
        self.assertEqual(few["samples_needed"]["p99"], 459)
        self.assertGreater(enough["p99_us"], 0)
        self.assertIsNone(enough["p99.9_us"])
        self.assertEqual(enough["samples_needed"]["p99.9"], 4603)
        self.assertGreater(self.bench("--iterations", "4603")["p99.9_us"], 0)

    def test_bench_is_a_gate(self):
        held = self.bench("--deadline-ms", "10000", "--iterations", "459")["deadline"]
        self.assertEqual((held["verdict"], held["misses"]), ("met", 0))
        missed = self.bench("--deadline-ms", "0.0001", "--iterations", "459", expect=4)["deadline"]
        self.assertEqual((missed["verdict"], missed["misses"]), ("missed", 459))
        few = self.fettle("bench", FASHION, "--deadline-ms", "10000", "--iterations", "458",
                          expect=4)
        self.assertIn("459 samples are needed", few.stderr)
        # By itself it takes as many samples as the percentile needs, one miss allowed for.
        asked = self.bench("--deadline-ms", "10000", "--deadline-percentile", "99.9")
        self.assertGreaterEqual(asked["samples"], 6636)

    def test_bench_says_why_runs_were_late(self):
        report = self.bench("--deadline-ms", "0.0001", "--iterations", "500", expect=4)
        late = report["late"]
        self.assertEqual((late["runs"], late["other_runs"]), (500, 0))
        self.assertEqual(late["over_us"], 0.1)
        names = {c["cause"] for c in late["causes"]}
        self.assertLessEqual({"preempted", "page_fault", "migrated", "stolen", "slow_clock",
                              "throttled", "cold_start"}, names)
        for cause in late["causes"]:
            if cause["counted"]:
                self.assertLessEqual(cause["late"], 500)

    def test_bench_paced(self):
        paced = self.bench("--fps", "200", "--iterations", "60")
        self.assertEqual(paced["paced"]["fps"], 200)
        self.assertGreaterEqual(paced["min_us"], 0)
        # More than it can do: what is dropped has missed the deadline.
        flood = self.bench("--fps", "100000", "--iterations", "500", "--deadline-ms", "1000",
                           expect=4)
        self.assertGreater(flood["paced"]["dropped"], 0)
        self.assertEqual(flood["deadline"]["misses"], flood["paced"]["dropped"])

    def test_bench_with_the_machines_floor(self):
        report = self.bench("--floor", "--iterations", "500")
        self.assertGreater(report["floor"]["p99_us"], 0)
        self.assertNotIn("floor", self.bench("--iterations", "5"))

    def test_bench_beside_a_load_on_chosen_cores_and_to_a_log(self):
        core = str(min(os.sched_getaffinity(0)))
        log = self.path("run.hlog")
        report = self.bench("--load", "3", "--cores", core, "--hdr", log, "--layers", "--seconds",
                            "0.3", "--samples")
        self.assertEqual(report["load"]["memory_bound"], 2)
        self.assertEqual(report["load"]["compute_bound"], 1)
        self.assertGreater(report["load"]["cpu_s"], 0)
        self.assertEqual((report["threads"], report["cores"]), (1, [int(core)]))
        self.assertEqual(len(report["samples_us"]), report["samples"])
        self.assertGreater(report["limits"]["f32_gmacs"], 0)
        for layer in report["layers"]:
            self.assertGreater(layer["limit_us"], 0)
            self.assertGreater(layer["bytes"], 0)
        with open(log) as f:
            lines = f.read().splitlines()
        self.assertEqual(lines[0], "#[Histogram log format version 1.3]")
        self.assertRegex(lines[3], r"^0\.000,1\.000,\d+\.\d+,HISTF")

    def test_bench_usage(self):
        for args in (("--cores", "9999"), ("--cores", "nonsense"), ("--cores", "0,"),
                     ("--fifo", "0"), ("--fifo", "100"), ("--fps", "0"), ("--load", "-1"),
                     ("--load-cores", "9999", "--load", "1"), ("--deadline-ms", "0"),
                     ("--deadline-percentile", "100", "--deadline-ms", "1"),
                     ("--iterations", "0"), ("--seconds", "0")):
            with self.subTest(args=args):
                self.fettle("bench", FASHION, *args, expect=2)
        self.fettle("bench", FASHION, "--iterations", "5", "--hdr", self.path("no/such/x"),
                    expect=1)

    def test_refused_real_time_says_what_to_raise(self):
        for args, limit in ((("--lock-memory",), "RLIMIT_MEMLOCK"), (("--fifo", "5"),
                                                                     "RLIMIT_RTPRIO")):
            with self.subTest(args=args):
                run = self.fettle("bench", FASHION, "--iterations", "5", *args, expect=(0, 1))
                if run.returncode == 1:
                    self.assertIn(limit, run.stderr)

    def test_no_such_file(self):
        for args in (("inspect", "absent.onnx"), ("convert", "absent.tflite", "o.fettle"),
                     ("run", "absent.fettle", "--output-dir", "o"), ("bench", "absent.onnx"),
                     ("inspect", self.folder), ("inspect", "/dev/null"),
                     ("quantize", "absent.onnx", "--data", "absent", "-o", "o.fettle"),
                     ("quantize", FASHION, "--data", "absent", "-o", "o.fettle")):
            with self.subTest(args=args):
                run = self.fettle(*args, expect=3)
                self.assertTrue("absent" in run.stderr or args[1] in run.stderr, run.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_outputs_that_cannot_be_written(self):
        self.fettle("convert", FASHION, self.path("no/such/folder/o.fettle"), expect=1)
        self.fettle("convert", FASHION, self.path("o.pdf"), expect=(2, 3))
        os.mkdir(self.path("taken.fettle"))
        self.fettle("convert", FASHION, self.path("taken.fettle"), expect=1)
        self.assertEqual(os.listdir(self.folder), ["taken.fettle"])

    def test_a_failure_keeps_the_old_output(self):
        out = self.write("o.fettle", b"old")
        broken = self.write("broken.onnx", b"\x08\x08:\x02\x0a")
        self.fettle("convert", broken, out, expect=3)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), b"old")

    def test_run(self):
        x = self.write("x.npy", onnx_bytes.npy([-1, 0, 2], [1, 3]))
        model, out = self.tiny(), self.path("o")
        self.fettle("run", model, "--input", "x=" + x, "--output-dir", out)
        with open(os.path.join(out, "y.npy"), "rb") as f:
            self.assertEqual(f.read()[-12:], onnx_bytes.npy([0, 0, 2], [1, 3])[-12:])
        run = self.fettle("run", model, "--output-dir", self.path("o2"), expect=2)
        for part in ("'x'", "f32", "1x3", "--input x="):
            self.assertIn(part, run.stderr)
        for name, data, code in (
                ("shape", onnx_bytes.npy([1, 2], [1, 2]), 2),
                ("type", onnx_bytes.npy([1, 2, 3], [1, 3], "<i8"), (2, 3)),
                ("short", onnx_bytes.npy([1, 2, 3], [1, 3])[:-4], 3),
                ("text", b"not an array", 3), ("empty", b"", 3)):
            with self.subTest(name):
                bad = self.write(name + ".npy", data)
                self.fettle("run", model, "--input", "x=" + bad, "--output-dir", self.path("o2"),
                            expect=code)
        self.fettle("run", model, "--input", "x=" + x, "--input", "nothing=" + x, "--output-dir",
                    self.path("o2"), expect=2)
        self.assertFalse(os.path.exists(self.path("o2")))

    def test_output_names_are_made_safe(self):
        names = ("a/b", "../up", "sp ace", "x:y\n", "k.w-z_9")
        x = self.write("x.npy", onnx_bytes.npy([-1, 0, 2], [1, 3]))
        self.fettle("run", self.tiny(outputs=names), "--input", "x=" + x, "--output-dir",
                    self.path("o"))
        self.assertEqual(sorted(os.listdir(self.path("o"))),
                         sorted(["a_b.npy", ".._up.npy", "sp_ace.npy", "x_y_.npy", "k.w-z_9.npy"]))
        # Two outputs of one name on disk: neither may be lost.
        self.fettle("run", self.tiny(outputs=("a/b", "a_b")), "--input", "x=" + x,
                    "--output-dir", self.path("both"))
        self.assertEqual(len(os.listdir(self.path("both"))), 2)

        # Names that no file can have, alike for 250 characters.
        long = ("n" * 250 + "/1", "n" * 250 + "/2")
        self.fettle("run", self.tiny(outputs=long), "--input", "x=" + x, "--output-dir",
                    self.path("long"))
        self.assertEqual(sorted(os.listdir(self.path("long"))),
                         ["n" * 200 + ".npy", "n" * 200 + "_2.npy"])

    def test_quantize_needs_a_model_that_can_change(self):
        run = self.fettle("quantize", self.package(), "--data", self.folder, "-o",
                          self.path("q.fettle"), expect=3)
        self.assertFalse(os.path.exists(self.path("q.fettle")), run.stderr)
        self.fettle("quantize", FASHION, "--data", self.folder, "-o", self.path("q.onnx"), expect=2)

    # Floats become codes, take one step and become floats again: that cannot be faster.
    def test_what_integers_make_slower_stays_float(self):
        extents = [1, 3, 128, 128]
        model = self.write("relu.onnx", onnx_bytes.model([("Relu", ["x"], ["y"])], {"x": extents},
                                                         {"y": extents}))
        data = self.write("x.npy", onnx_bytes.npy([-1, 0, 2] * 128 * 128, extents))
        out = self.path("out.fettle")

        def quantize(*args):
            run = self.fettle("quantize", model, "--data", data, "-o", out, *args)
            layers = json.loads(self.fettle("inspect", out, "--json").stdout)["layers"]
            return run.stdout, [layer["op"] for layer in layers]

        for scheme in ("int8", "int16"):
            said, ops = quantize("--scheme", scheme)
            self.assertIn("in float: %s is slower on this machine" % scheme, said)
            self.assertEqual(ops, ["Relu"])
            said, ops = quantize("--scheme", scheme, "--keep-slower", "--json")
            report = json.loads(said)
            self.assertEqual(report["scheme"], scheme)
            self.assertGreater(report["integer_us"], report["float_us"])
            self.assertIn("QuantizeLinear", ops)

    # A device that multiplies bytes more slowly than floats.
    @unittest.skipUnless(os.path.exists(FASHION_DATA), FASHION_DATA + " is absent")
    def test_fit_takes_floats_where_integers_are_predicted_slower(self):
        with open(os.path.join(SOURCE, "devices", "jetson-nano.yaml")) as f:
            profile = f.read()
        slow = re.sub(r"(type: i(?:8|16), isa: neon, rate: )\[[0-9.]+", r"\1[0.5", profile)
        self.assertNotEqual(slow, profile)
        run = self.fettle("fit", FASHION, "--data", FASHION_DATA, "--device",
                          self.write("slow.yaml", slow), "--samples", "50",
                          "--calibration-samples", "20", "-o", self.path("fitted"), "--json",
                          seconds=300)
        report = json.loads(run.stdout)
        self.assertEqual(report["chosen"], "float")
        for candidate in report["candidates"][1:]:
            self.assertTrue(any("predicted slower than float" in w for w in candidate["warnings"]),
                            candidate["warnings"])

    @unittest.skipUnless(os.path.exists(FASHION_DATA), FASHION_DATA + " is absent")
    def test_a_budget_that_cannot_be_met(self):
        device = json.loads(self.fettle("device", "list", "--json").stdout)
        entries = device["devices"] if isinstance(device, dict) else device
        run = self.fettle("fit", FASHION, "--data", FASHION_DATA, "--device", entries[0]["id"],
                          "--deadline-ms", "0.000001", "--memory-mb", "64", "--max-drop", "1",
                          "-o", self.path("fitted"), expect=4, seconds=300)
        self.assertIn("fettle", run.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
