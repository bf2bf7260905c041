# SPDX-License-Identifier: Apache-2.0
"""Compares a detector that has its suppression in the graph (boxes, scores and labels of as many
detections as a picture has) with ONNX Runtime on the photographs of coco64:

    FETTLE_NMS_MODEL=.../ssdlite320_mobilenet_v3_nms.onnx compare_suppression.py [--fettle PROGRAM]

The bar: as many detections as ONNX Runtime gives, sorted scores within 1e-4 of the largest, and 99 %
of the detections found among ONNX Runtime's: the same label, corners within a hundredth of a pixel,
scores within 1e-4 of the largest. Not all, and in no order: scores differ in their last bits, which
decides between two that are closer than that, and so which one suppresses the other.
Exits with 1 where it is not met, with 77 where the model, onnxruntime or Pillow is missing."""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

MODEL = os.environ.get("FETTLE_NMS_MODEL", "")
if not os.path.isfile(MODEL):
    print("skipped: FETTLE_NMS_MODEL names no file; tools/export_torchvision writes one")
    sys.exit(77)
try:
    import numpy as np
    import onnxruntime
    from PIL import Image
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

SHARED = os.environ.get("FETTLE_SHARED",
                        os.path.join(os.path.dirname(__file__), "../../../shared"))
PIXELS = 0.01
RELATIVE = 1e-4

parser = argparse.ArgumentParser()
parser.add_argument("--fettle", default="build/release/bin/fettle")
parser.add_argument("--count", type=int, default=8)
args = parser.parse_args()


def pictures(side):
    paths = sorted(glob.glob(os.path.join(SHARED, "data/coco64/images/*.jpg")))[:args.count]
    for path in paths:
        image = Image.open(path).convert("RGB").resize((side, side), Image.BILINEAR)
        values = np.asarray(image).astype(np.float32) / 255
        yield os.path.basename(path), np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def fettle(x):
    with tempfile.TemporaryDirectory() as folder:
        np.save(folder + "/x.npy", x)
        done = subprocess.run([args.fettle, "run", MODEL, "--input", "image=" + folder + "/x.npy",
                               "--output-dir", folder], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("fettle: " + done.stderr.strip())
        return [np.load("%s/%s.npy" % (folder, name)) for name in ("boxes", "scores", "labels")]


def found(ours, theirs):
    """How many of our detections are among theirs, each of which is found once."""
    boxes, scores, labels = theirs
    free = np.ones(len(scores), bool)
    near = RELATIVE * scores.max(initial=0)
    count = 0
    for box, score, label in zip(*ours):
        same = free & (labels == label) & (np.abs(scores - score) <= near)
        same &= (np.abs(boxes - box) <= PIXELS).all(axis=1)
        if same.any():
            free[same.argmax()] = False
            count += 1
    return count


options = onnxruntime.SessionOptions()
options.log_severity_level = 3
reference = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
total, matched, in_order, worst, below = 0, 0, 0, 0, []
for name, x in pictures(reference.get_inputs()[0].shape[2]):
    theirs = reference.run(["boxes", "scores", "labels"], {"image": x})
    ours = fettle(x)
    if [a.shape for a in ours] != [b.shape for b in theirs]:
        print(name, "has", len(ours[1]), "detections, with ONNX Runtime", len(theirs[1]))
        below.append(name)
        continue
    total += len(theirs[1])
    matched += found(ours, theirs)
    in_order += int((ours[2] == theirs[2]).sum())
    if len(theirs[1]):
        off = np.abs(np.sort(ours[1]) - np.sort(theirs[1])).max() / theirs[1].max()
        worst = max(worst, off)
print("onnxruntime %s: %d detections, %d found (%d at the same place in the order), scores within "
      "%.1e of the largest" % (onnxruntime.__version__, total, matched, in_order, worst))
if total == 0:
    below.append("no picture has detections")
if matched < 0.99 * total or worst > RELATIVE:
    below.append("the bar")
if below:
    print("below the bar:", ", ".join(below))
sys.exit(1 if below else 0)
