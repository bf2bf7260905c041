# SPDX-License-Identifier: Apache-2.0
"""Every reader of the command line: a sound input for it, and the command that reads it.

A reader is  name -> function(test) -> (victim, arguments, refusal): the file to damage, what to run
('out' in the test's folder is where results go), and whether every cut of the file has to be
refused. A table or a YAML file cut at the end of a line may be a shorter sound one."""

import gzip
import json
import os
import struct

import onnx_bytes
from program import FASHION, SHARED, SOURCE

KWS = os.path.join(SHARED, "data", "models", "tiny", "kws_dscnn_int8.tflite")
ALWAYS, MAYBE = "every cut is refused", "some cuts are sound"


def _contents(*path):
    with open(os.path.join(SOURCE, *path), "rb") as f:
        return f.read()


def _picture(name):
    return _contents("tests", "data", "pictures", name)


def _convert(test, path):
    return path, ["convert", path, test.path("out/model.fettle")], ALWAYS


def _quantize(test, victim, data, refusal, *more):
    return victim, ["quantize", FASHION, "--data", data, "-o", test.path("out/model.fettle"),
                    *more], refusal


def onnx(test):
    return _convert(test, test.write("in/model.onnx", _contents("models", "fashion_dscnn.onnx")))


def tflite(test):
    if not os.path.exists(KWS):
        test.skipTest(KWS + " is absent")
    with open(KWS, "rb") as f:
        return _convert(test, test.write("in/model.tflite", f.read()))


def package(test):
    os.makedirs(test.path("in"))
    path = test.path("in/model.fettle")
    test.fettle("convert", FASHION, path)
    return _convert(test, path)


def external_data(test):
    weights = struct.pack("<3f", 1, 2, 3)
    model = onnx_bytes.model([("Add", ["x", "w"], ["y"])], {"x": [1, 3]}, {"y": [1, 3]},
                             {"w": ([3], "weights.bin", 0, len(weights))})
    path = test.write("in/model.onnx", model)
    victim = test.write("in/weights.bin", weights)
    return victim, ["convert", path, test.path("out/model.fettle")], ALWAYS


def npy_input(test):
    model = test.write("in/model.onnx", onnx_bytes.model([("Relu", ["x"], ["y"])], {"x": [1, 3]},
                                                         {"y": [1, 3]}))
    victim = test.write("in/x.npy", onnx_bytes.npy([-1, 0, 2], [1, 3]))
    return victim, ["run", model, "--input", "x=" + victim, "--output-dir", test.path("out")], ALWAYS


def npy_dataset(test):
    victim = test.write("in/x.npy", onnx_bytes.npy(range(2 * 784), [2, 1, 28, 28]))
    return _quantize(test, victim, victim, ALWAYS)


def npz_dataset(test):
    victim = test.write("in/d.npz", onnx_bytes.npz(x=onnx_bytes.npy(range(784), [1, 1, 28, 28]),
                                                   y=onnx_bytes.npy([7], [1], "<i8")))
    return _quantize(test, victim, victim, ALWAYS)


def _idx(items):
    return struct.pack(">I3I", 0x00000803, items, 28, 28) + bytes(i % 251 for i in range(items * 784))


def idx(test):
    victim = test.write("in/train-images-idx3-ubyte", _idx(2))
    test.write("in/train-labels-idx1-ubyte", struct.pack(">II", 0x00000801, 2) + b"\x07\x02")
    return _quantize(test, victim, test.path("in"), ALWAYS)


def idx_labels(test):
    _, arguments, _ = idx(test)
    return test.path("in/train-labels-idx1-ubyte"), arguments, ALWAYS


def idx_gz(test):
    victim = test.write("in/train-images-idx3-ubyte.gz", gzip.compress(_idx(2)))
    return _quantize(test, victim, test.path("in"), ALWAYS)


def _picture_of_class(name):
    def reader(test):
        victim = test.write("in/cat/" + name, _picture(name))
        return _quantize(test, victim, test.path("in"), ALWAYS)
    return reader


def mask(test):
    test.write("in/images/a.png", _picture("rgb.png"))
    victim = test.write("in/masks/a.png", _picture("palette.png"))
    return _quantize(test, victim, test.path("in"), ALWAYS)


def yolo(test):
    test.write("in/images/a.png", _picture("rgb.png"))
    victim = test.write("in/labels/a.txt", "23 0.770336 0.489695 0.335891 0.697559\n")
    return _quantize(test, victim, test.path("in"), MAYBE)


def coco(test):
    test.write("in/images/a.png", _picture("rgb.png"))
    victim = test.write("in/annotations/train.json", json.dumps({
        "images": [{"id": 9, "file_name": "a.png"}], "categories": [{"id": 18, "name": "dog"}],
        "annotations": [{"image_id": 9, "category_id": 18, "bbox": [1, 2, 3, 4], "area": 12}]}))
    return _quantize(test, victim, test.path("in"), ALWAYS)


def csv(test):
    test.write("in/a, b.png", _picture("rgb.png"))
    victim = test.write("in/labels.csv", 'path,label\n"a, b.png",dog\n"a, b.png",cat\n')
    return _quantize(test, victim, test.path("in"), MAYBE)


def raw_tensors(test):
    test.write("in/a.bin", bytes(784))
    victim = test.write("in/y_labels.csv", "a.bin,12,7\na.bin,12,2\n")
    return _quantize(test, victim, test.path("in"), MAYBE)


def raw_tensor(test):
    test.write("in/y_labels.csv", "a.bin,12,7\n")
    return _quantize(test, test.write("in/a.bin", bytes(784)), test.path("in"), ALWAYS)


def class_names(test):
    test.write("in/a.png", _picture("rgb.png"))
    test.write("in/labels.csv", "a.png,dog\n")
    victim = test.write("in/classes.yaml", "path: .\nnames:\n  0: cat\n  1: dog\n")
    return _quantize(test, victim, test.path("in"), MAYBE)


def preprocess(test):
    test.write("in/cat/a.png", _picture("rgb.png"))
    victim = test.write("in/how.yaml", _contents("models", "fashion_dscnn.preprocess.yaml"))
    return _quantize(test, victim, test.path("in"), MAYBE, "--preprocess", victim)


def profile(test):
    victim = test.write("in/board.yaml", _contents("devices", "raspberry-pi-4.yaml"))
    return victim, ["device", "show", victim], MAYBE


READERS = {f.__name__: f for f in (
    onnx, tflite, package, external_data, npy_input, npy_dataset, npz_dataset, idx, idx_labels,
    idx_gz, mask, yolo, coco, csv, raw_tensors, raw_tensor, class_names, preprocess, profile)}
READERS.update({name: _picture_of_class(name) for name in (
    "rgb.png", "interlaced.png", "palette.png", "gray.jpg", "progressive.jpg", "rgb.bmp",
    "gray.bmp")})

