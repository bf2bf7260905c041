# SPDX-License-Identifier: Apache-2.0
"""Compares `fettle run` with the reference runtimes on real inputs, whole outputs, and says how far
apart they are:

    compare_live.py [--fettle build/release/bin/fettle] [--count 16] [--portable] [NAME...]

Inputs are the photographs of coco64, whole and then parts of them (up to 448), or the keywords of
kws01 (up to 1,000). For a TFLite model the first line is against LiteRT with XNNPACK, its default,
and the second against its reference kernels, which show how far LiteRT is from itself.

The bar, against the default: floats within 1e-4 of the largest (in 99 % of the runs where a model
quantizes as it runs: a last bit of a float may there decide a code), codes within one step on 99 % of
the elements, classes (int64) the same on 99 %, and the same largest element in 99 % of the runs.
Exits with 1 where it is not met, with 77 where ai-edge-litert, onnxruntime or Pillow is missing."""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

try:
    import ai_edge_litert  # noqa: F401
    import numpy as np
    import onnxruntime  # noqa: F401
    from PIL import Image
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

import model_inputs as m

parser = argparse.ArgumentParser()
parser.add_argument("--fettle", default="build/release/bin/fettle")
parser.add_argument("--count", type=int, default=16)
parser.add_argument("--portable", action="store_true")
parser.add_argument("names", nargs="*")
args = parser.parse_args()

# Parts of a photograph: left, top, right, bottom.
PARTS = [(0, 0, 1, 1), (.25, .25, .75, .75), (0, 0, .5, .5), (.5, 0, 1, .5), (0, .5, .5, 1),
         (.5, .5, 1, 1), (.1, .1, .9, .9)]


def pictures(width, height):
    paths = sorted(glob.glob(os.path.join(m.DATA, "coco64/images/*.jpg")))
    for part in PARTS:
        for path in paths:
            image = Image.open(path).convert("RGB")
            box = [round(edge * side) for edge, side in zip(part, image.size * 2)]
            yield image.crop(box).resize((width, height), Image.BILINEAR)


def inputs(model, reference):
    if model["kind"] == "bitmap":
        height, width = m.image_size(model, reference.shape)
        for image, _ in zip(pictures(width, height), range(args.count)):
            yield m.prepare(model, image, reference.shape, reference.dtype)
    elif model["kind"] == "raw":
        for f in m.raw_files()[:args.count]:
            yield m.make_input(model, {"raw": f}, reference.shape, reference.dtype)
    else:
        for seed in range(1, args.count + 1):
            yield m.make_input(model, {"random": seed}, reference.shape, reference.dtype)


def fettle(model, reference, x):
    with tempfile.TemporaryDirectory() as folder:
        np.save(folder + "/x.npy", x)
        command = [args.fettle, "run", m.model_path(model),
                   "--input", reference.input_name + "=" + folder + "/x.npy",
                   "--output-dir", folder] + (["--portable"] if args.portable else [])
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        keep = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
        return [np.load(folder + "/" + "".join(c if c in keep else "_" for c in n) + ".npy")
                for n in reference.outputs]


class Score:
    def __init__(self, model):
        self.allowed = model.get("allowed", {})  # steps, by output
        self.share = 0.99 if model.get("dynamic") else 1
        self.near = 0
        self.worst, self.within, self.same, self.total, self.tops, self.runs = 0, 0, 0, 0, 0, 0
        self.real, self.classes = False, False

    def add(self, name, ours, theirs):
        a, b = ours.astype(np.float64).ravel(), theirs.astype(np.float64).ravel()
        difference = np.abs(a - b)
        self.real |= theirs.dtype == np.float32
        self.classes |= theirs.dtype == np.int64
        if theirs.dtype == np.float32:
            largest = max(np.abs(b).max(), 1e-30)
            self.worst = max(self.worst, difference.max() / largest)
            self.near += int(difference.max() <= 1e-4 * largest)
            same_top = a[b.argmax()] >= a.max() - 1e-4 * largest
        else:
            self.worst = max(self.worst, difference.max())
            same_top = a.argmax() == b.argmax() or a[b.argmax()] == a.max()
        self.within += int((difference <= self.allowed.get(name, 1)).sum())
        self.same += int((difference == 0).sum())
        self.total += a.size
        self.tops += int(same_top)
        self.runs += 1

    def holds(self):
        if self.classes:
            return self.same >= 0.99 * self.total
        near = self.near >= self.share * self.runs if self.real else self.within >= 0.99 * self.total
        return near and self.tops >= 0.99 * self.runs

    def text(self):
        if self.real:
            return "worst %.1e of the largest, within 1e-4 %d/%d, same top %d/%d" % (
                self.worst, self.near, self.runs, self.tops, self.runs)
        return "same %.3f %%, within one step %.3f %%, worst %d, same top %d/%d" % (
            100 * self.same / self.total, 100 * self.within / self.total, self.worst, self.tops,
            self.runs)


below = []
for name in args.names or m.MODELS:
    model = m.MODELS[name]
    if "shape" in model:
        print(name, "is skipped: its shape is fixed in the file")
        continue
    kinds = [True, False] if model["file"].endswith(".tflite") else [True]
    references = [m.Reference(name, xnnpack) for xnnpack in kinds]
    scores = [Score(model) for _ in references]
    try:
        for x in inputs(model, references[0]):
            ours = fettle(model, references[0], x)
            for reference, score in zip(references, scores):
                for output, y, z in zip(reference.outputs, ours, reference.run(x)):
                    score.add(output, y, z)
    except RuntimeError as error:
        print(name, error)
        below.append(name)
        continue
    for reference, score in zip(references, scores):
        print("%-28s %-40s %s" % (name, reference.label, score.text()), flush=True)
    if not scores[0].holds():
        below.append(name)
if below:
    print("below the bar:", ", ".join(below))
sys.exit(1 if below else 0)
