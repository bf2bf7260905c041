#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures as a model's inputs, for the tools that calibrate.

    calibration.py PICTURES HEIGHT WIDTH NORMALIZATION COUNT FOLDER

writes into FOLDER: samples.npy, channels first and normalized; one.npy, the first of them;
unit_nhwc.npy, channels last between 0 and 1, which is how onnx2tf wants them; and the 20 small
pictures by which onnx2tf checks itself.
"""
import pathlib
import sys

import numpy as np
from PIL import Image

from suite_models import NORMALIZATIONS


def read(path, height, width):
    """The middle of the picture, as large as its shape allows."""
    picture = Image.open(path).convert("RGB")
    scale = min(picture.width / width, picture.height / height)
    w, h = width * scale, height * scale
    left, top = max(0, (picture.width - w) / 2), max(0, (picture.height - h) / 2)
    box = (left, top, min(picture.width, left + w), min(picture.height, top + h))
    small = picture.resize((width, height), Image.BILINEAR, box)
    return np.asarray(small, np.float32) / 255


def main():
    pictures, height, width, normalization, count, folder = sys.argv[1:]
    paths = sorted(pathlib.Path(pictures).glob("*.jpg"))[:int(count)]
    if not paths:
        sys.exit(f"there are no .jpg pictures in {pictures}")
    unit = np.stack([read(p, int(height), int(width)) for p in paths])
    mean, std = (np.array(v, np.float32) for v in NORMALIZATIONS[normalization])
    samples = np.ascontiguousarray(((unit - mean) / std).transpose(0, 3, 1, 2), np.float32)
    folder = pathlib.Path(folder)
    np.save(folder / "samples.npy", samples)
    np.save(folder / "one.npy", samples[:1])
    np.save(folder / "unit_nhwc.npy", unit)
    small = np.stack([read(paths[i % len(paths)], 128, 128) for i in range(20)])
    np.save(folder / "calibration_image_sample_data_20x128x128x3_float32.npy", small)


if __name__ == "__main__":
    main()
