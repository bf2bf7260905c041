#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/coco_eval/: random objects and detections, and what pycocotools makes of them,
which metrics_test.cc holds MeanAp against. Needs pycocotools and NumPy."""
import json
import pathlib

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

here = pathlib.Path(__file__).parent / "coco_eval"
here.mkdir(exist_ok=True)
rng = np.random.default_rng(7)
categories = [3, 8, 11, 40]
images, annotations, detections = [], [], []
for image in range(1, 31):
    images.append({"id": image, "file_name": f"{image}.jpg", "width": 400, "height": 300})
    for _ in range(int(rng.integers(0, 9))):
        side = float(rng.choice([12, 25, 60, 150]))
        w, h = (round(float(side * rng.uniform(0.6, 1.4)), 2) for _ in range(2))
        x, y = round(float(rng.uniform(0, 400 - w)), 2), round(float(rng.uniform(0, 300 - h)), 2)
        category = int(rng.choice(categories[:3]))
        crowd = int(rng.random() < 0.12)
        annotations.append({"id": len(annotations) + 1, "image_id": image, "category_id": category,
                            "bbox": [x, y, w, h], "iscrowd": crowd,
                            "area": round(w * h * float(rng.uniform(0.5, 1)), 2)})
        for _ in range(int(rng.integers(0, 3)) + 3 * crowd):
            shift = rng.normal(0, 0.12, 4) * [w, h, w, h]
            box = [round(float(v), 2) for v in np.array([x, y, w, h]) + shift]
            box[2], box[3] = max(box[2], 1), max(box[3], 1)
            if rng.random() < 0.1:
                category = int(rng.choice(categories))
            detections.append({"image_id": image, "category_id": category, "bbox": box,
                               "score": round(float(rng.random()), 2)})  # two digits: ties
    for _ in range(int(rng.integers(0, 5))):
        box = [round(float(v), 2) for v in rng.uniform([0, 0, 5, 5], [300, 200, 100, 100])]
        detections.append({"image_id": image, "category_id": int(rng.choice(categories)),
                           "bbox": box, "score": round(float(rng.random()) * 0.6, 2)})
for _ in range(120):  # more than count
    box = [round(float(v), 2) for v in rng.uniform([0, 0, 5, 5], [300, 200, 100, 100])]
    detections.append({"image_id": 5, "category_id": 3, "bbox": box,
                       "score": round(float(rng.random()), 2)})
truth = {"images": images, "annotations": annotations,
         "categories": [{"id": c, "name": f"class {c}"} for c in categories]}
(here / "truth.json").write_text(json.dumps(truth))
with open(here / "detections.csv", "w") as out:
    for d in detections:
        row = [d["image_id"], d["category_id"], *d["bbox"], d["score"]]
        out.write(",".join(map(str, row)) + "\n")

coco = COCO(str(here / "truth.json"))
evaluation = COCOeval(coco, coco.loadRes(detections), "bbox")
evaluation.evaluate()
evaluation.accumulate()
evaluation.summarize()
s = evaluation.stats
names = {"ap": s[0], "ap50": s[1], "ap75": s[2], "ap_small": s[3], "ap_medium": s[4],
         "ap_large": s[5], "ar100": s[8]}
precision = evaluation.eval["precision"]  # overlap, recall, class, area, detections
for k, category in enumerate(categories):
    p = precision[:, :, k, 0, 2]
    names[f"class {category}"] = p[p > -1].mean() if (p > -1).any() else -1
with open(here / "expected.csv", "w") as out:
    for name, value in names.items():
        out.write(f"{name},{value:.10f}\n")
