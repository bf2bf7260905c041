# SPDX-License-Identifier: Apache-2.0
"""Writes expectations/*.json: what the reference runtimes give for each real model on two or three
inputs. A few hundred elements of each output, evenly spaced, and its largest. Run again only when
a model, its inputs or the reference changes: make_expectations.py [NAME...]"""
import json
import os
import sys

import numpy as np

import model_inputs as m

SAMPLES = 256
FOLDER = os.path.join(os.path.dirname(__file__), "expectations")


def sampled(name, y):
    flat = y.ravel()
    step = max(1, -(-flat.size // SAMPLES))
    if step > 1 and step % 2 == 0:
        step += 1  # so as not to sample one channel only
    values = [float("%.7g" % v) if y.dtype == np.float32 else int(v) for v in flat[::step]]
    return {"name": name, "shape": list(y.shape), "dtype": y.dtype.name, "step": step,
            "argmax": int(flat.argmax()), "largest": float(np.abs(flat.astype(np.float64)).max()),
            "values": values}


def recipes(kind):
    if kind == "bitmap":
        return [{"bitmap": "bird_segmentation.bmp"}, {"bitmap": "dog_segmentation.bmp"}]
    if kind == "raw":
        return [{"raw": f} for f in m.raw_files()[:3]]
    return [{"random": 1}, {"random": 2}, {"random": 3}]


for name in sys.argv[1:] or m.MODELS:
    model = m.MODELS[name]
    reference = m.Reference(name)
    cases = []
    for recipe in recipes(model["kind"]):
        x = m.make_input(model, recipe, reference.shape, reference.dtype)
        outputs = [sampled(n, y) for n, y in zip(reference.outputs, reference.run(x))]
        for output in outputs:
            if output["name"] in model.get("allowed", {}):
                output["allowed"] = model["allowed"][output["name"]]
        cases.append({"input": recipe, "outputs": outputs})
    document = {
        "model": model["file"], "reference": reference.label, "input": reference.input_name,
        "shape": reference.shape, "reshaped": "shape" in model,
        "scale": model.get("scale", 1), "bias": model.get("bias", 0),
        "planes": bool(model.get("planes")), "cases": cases}
    if name == "kws_dscnn_int8":  # all thousand, as hexadecimal codes
        document["all"] = "".join(
            reference.run(m.make_input(model, {"raw": f}, reference.shape, reference.dtype))[0]
            .astype(np.int8).tobytes().hex() for f in m.raw_files())
    with open(os.path.join(FOLDER, name + ".json"), "w") as out:
        json.dump(document, out, separators=(",", ":"))
        out.write("\n")
    print(name, reference.label, flush=True)
