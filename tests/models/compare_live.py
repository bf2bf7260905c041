# SPDX-License-Identifier: Apache-2.0
"""Compares `fettle run` with the reference runtimes on real inputs (photographs of coco64, keywords
of kws01), whole outputs, and says how far apart they are:

    compare_live.py [--fettle build/release/bin/fettle] [--count 16] [--portable] [NAME...]

For a TFLite model the first line is against LiteRT with XNNPACK, its default, and the second
against its reference kernels, which show how far LiteRT is from itself. Needs ai-edge-litert,
onnxruntime and Pillow."""
import argparse
import glob
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image

import model_inputs as m

parser = argparse.ArgumentParser()
parser.add_argument("--fettle", default="build/release/bin/fettle")
parser.add_argument("--count", type=int, default=16)
parser.add_argument("--portable", action="store_true")
parser.add_argument("names", nargs="*")
args = parser.parse_args()


def inputs(model, reference):
    if model["kind"] == "bitmap":
        height, width = m.image_size(model, reference.shape)
        for path in sorted(glob.glob(os.path.join(m.DATA, "coco64/images/*.jpg")))[:args.count]:
            image = Image.open(path).convert("RGB").resize((width, height), Image.BILINEAR)
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
    def __init__(self):
        self.worst, self.within, self.same, self.total, self.tops, self.runs = 0, 0, 0, 0, 0, 0

    def add(self, ours, theirs):
        a, b = ours.astype(np.float64).ravel(), theirs.astype(np.float64).ravel()
        difference = np.abs(a - b)
        if theirs.dtype == np.float32:
            self.worst = max(self.worst, difference.max() / max(np.abs(b).max(), 1e-30))
        else:
            self.worst = max(self.worst, difference.max())
        self.within += int((difference <= 1).sum())
        self.same += int((difference == 0).sum())
        self.total += a.size
        self.tops += int(a.argmax() == b.argmax())
        self.runs += 1

    def text(self, real):
        if real:
            return "worst %.1e of the largest, same top %d/%d" % (self.worst, self.tops, self.runs)
        return "same %.3f %%, within one step %.3f %%, worst %d, same top %d/%d" % (
            100 * self.same / self.total, 100 * self.within / self.total, self.worst, self.tops,
            self.runs)


for name in args.names or m.MODELS:
    model = m.MODELS[name]
    if "shape" in model:
        print(name, "is skipped: its shape is fixed in the file")
        continue
    kinds = [True, False] if model["file"].endswith(".tflite") else [True]
    references = [m.Reference(name, xnnpack) for xnnpack in kinds]
    scores = [Score() for _ in references]
    real = False
    try:
        for x in inputs(model, references[0]):
            ours = fettle(model, references[0], x)
            for reference, score in zip(references, scores):
                for y, z in zip(ours, reference.run(x)):
                    real = z.dtype == np.float32
                    score.add(y, z)
    except RuntimeError as error:
        print(name, error)
        continue
    for reference, score in zip(references, scores):
        print("%-28s %-40s %s" % (name, reference.label, score.text(real)), flush=True)
