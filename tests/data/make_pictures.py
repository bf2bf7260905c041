#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/pictures/: small pictures in every form, and what Pillow and OpenCV make of
real ones (sampled pixels, resized pictures), which image_test.cc and preprocess_test.cc hold the
decoders and the resizing against. Needs Pillow, opencv-python-headless and NumPy.

usage: make_pictures.py SHARED_FOLDER
"""
import pathlib
import struct
import sys
import zlib

import cv2
import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent / "pictures"
here.mkdir(exist_ok=True)
shared = pathlib.Path(sys.argv[1])

# 7 x 5: red rises with x, green with y, blue falls with x.
x, y = np.meshgrid(np.arange(7), np.arange(5))
rgb = np.stack([x * 40, y * 60, 255 - x * 40], axis=2).astype(np.uint8)
alpha = (x * 10 + 100).astype(np.uint8)
gray = (x * 30 + y).astype(np.uint8)
picture = Image.fromarray(rgb)
picture.save(here / "rgb.png")
picture.save(here / "rgb.bmp")
Image.fromarray(np.dstack([rgb, alpha])).save(here / "rgba.png")
Image.fromarray(np.dstack([rgb, alpha])).save(here / "rgba.bmp")
Image.fromarray(gray).save(here / "gray.png")
Image.fromarray(gray).save(here / "gray.bmp")
Image.fromarray(np.dstack([gray, alpha])).save(here / "gray_alpha.png")
Image.fromarray(((x + y) % 2 * 255).astype(np.uint8)).convert("1").save(here / "one_bit.png")
cv2.imwrite(str(here / "rgb16.png"), rgb[:, :, ::-1].astype(np.uint16) * 256 + 7)
cv2.imwrite(str(here / "gray16.png"), gray.astype(np.uint16) * 256 + 200)
palette = Image.fromarray(((x + y) % 4).astype(np.uint8), mode="P")
palette.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120])
palette.save(here / "palette.png")
palette.save(here / "palette_transparent.png", transparency=1)
picture.convert("CMYK").save(here / "cmyk.jpg")
picture.convert("L").save(here / "gray.jpg", quality=100)
# A picture with soft and hard edges and some noise, 48 x 40.
u, v = np.meshgrid(np.arange(48), np.arange(40))
noise = np.random.default_rng(2).integers(-12, 13, (40, 48, 3))
waves = np.stack([128 + 100 * np.sin(u / 5), 128 + 100 * np.cos(v / 7),
                  np.where((u // 8 + v // 8) % 2 == 0, 30, 220)], axis=2)
photo = Image.fromarray(np.clip(waves + noise, 0, 255).astype(np.uint8))
photo.save(here / "photo.png")
photo.save(here / "progressive.jpg", progressive=True, quality=80)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# Adam7, which neither library writes: each pass is a picture of its own, filter 0 on every row.
raw = b""
for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                       (1, 0, 2, 2), (0, 1, 1, 2)]:
    part = rgb[y0::dy, x0::dx]
    if part.size:
        raw += b"".join(b"\0" + row.tobytes() for row in part)
(here / "interlaced.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 7, 5, 8, 2, 0, 0, 1)) +
    chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))

rng = np.random.default_rng(1)
with open(here / "sampled.csv", "w") as out:
    out.write("file,height,width,y,x,r,g,b\n")
    files = sorted((shared / "data/images").glob("*.jpg")) + sorted(
        (shared / "data/images").glob("*.bmp")) + sorted((shared / "data/coco64/images").glob("*"))[:6]
    for file in files:
        pixels = np.asarray(Image.open(file).convert("RGB"))
        h, w, _ = pixels.shape
        for _ in range(24):
            j, i = int(rng.integers(h)), int(rng.integers(w))
            out.write(f"{file.relative_to(shared)},{h},{w},{j},{i},"
                      + ",".join(map(str, pixels[j, i])) + "\n")

source = Image.open(here / "photo.png")
for h, w in [(20, 24), (17, 31), (64, 90), (40, 13)]:
    source.resize((w, h), Image.BILINEAR).save(here / f"pillow_bilinear_{h}x{w}.png")
    Image.fromarray(cv2.resize(np.asarray(source), (w, h), interpolation=cv2.INTER_LINEAR)).save(
        here / f"opencv_linear_{h}x{w}.png")
for h, w in [(20, 24), (64, 128)]:  # where no centre falls on the edge of a pixel by rounding
    source.resize((w, h), Image.NEAREST).save(here / f"pillow_nearest_{h}x{w}.png")
