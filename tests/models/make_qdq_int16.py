# SPDX-License-Identifier: Apache-2.0
"""Writes own/qdq_int16.onnx: a small network in QDQ form (opset 21) with int16 activations, int8
weights by channel in one layer, int16 weights in the next, and seeded random numbers. Ranges are
those that the float network shows on random inputs in ONNX Runtime, as a calibrator would take
them. Needs onnx and onnxruntime."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "own")
rng = np.random.default_rng(5)

# name, operator, operands, attributes; a weight is (shape, bits).
CONV = dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])
LAYERS = [
    ("c1", "Conv", ["x", ((12, 4, 3, 3), 8), ((12,), 32)], CONV),
    ("r1", "Relu", ["c1"], {}),
    ("d1", "Conv", ["r1", ((12, 1, 3, 3), 8), ((12,), 32)], dict(group=12, **CONV)),
    ("s1", "Sigmoid", ["d1"], {}),
    ("m1", "Mul", ["d1", "s1"], {}),
    ("a1", "Add", ["m1", "r1"], {}),
    ("c2", "Conv", ["a1", ((8, 12, 1, 1), 16), ((8,), 32)], dict(kernel_shape=[1, 1])),
    ("p1", "MaxPool", ["c2"], dict(kernel_shape=[2, 2], strides=[2, 2])),
    ("g1", "GlobalAveragePool", ["p1"], {}),
    ("f1", "Flatten", ["g1"], {}),
    ("y", "Gemm", ["f1", ((6, 8), 16), ((6,), 32)], dict(transB=1)),
]


def weights_of(shape):
    fan_in = np.prod(shape[1:]) if len(shape) > 1 else 25
    return (rng.normal(0, 1.4 / np.sqrt(fan_in), shape)).astype(np.float32)


VALUES = {(name, i): weights_of(w[0]) for name, _, operands, _ in LAYERS
          for i, w in enumerate(operands) if isinstance(w, tuple)}


class Builder:
    def __init__(self, scales):
        self.scales, self.nodes, self.constants, self.real = scales, [], [], {}

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def through_codes(self, name):
        """What reads activation `name`: the value itself, or its codes made real again."""
        if self.scales is None:
            return name
        if name not in self.real:
            operands = [self.constant(name + "/scale", np.float32(self.scales[name])),
                        self.constant(name + "/zero", np.int16(0))]
            self.nodes += [helper.make_node("QuantizeLinear", [name] + operands, [name + "/q"]),
                           helper.make_node("DequantizeLinear", [name + "/q"] + operands,
                                            [name + "/dq"])]
            self.real[name] = name + "/dq"
        return self.real[name]

    def weight(self, name, index, bits):
        value, label = VALUES[name, index], "%s/%d" % (name, index)
        if self.scales is None or bits == 32:  # biases stay float
            return self.constant(label, value)
        most, dtype = (127, np.int8) if bits == 8 else (32767, np.int16)
        scale = (np.abs(value).reshape(len(value), -1).max(1) / most).astype(np.float32)
        codes = np.rint(value / scale.reshape((-1,) + (1,) * (value.ndim - 1))).astype(dtype)
        self.nodes.append(helper.make_node(
            "DequantizeLinear", [self.constant(label + "/codes", codes),
                                 self.constant(label + "/scale", scale),
                                 self.constant(label + "/zero", np.zeros(len(value), dtype))],
            [label + "/real"], axis=0))
        return label + "/real"

    def model(self, outputs):
        for name, op, operands, attrs in LAYERS:
            inputs = [self.weight(name, i, w[1]) if isinstance(w, tuple) else self.through_codes(w)
                      for i, w in enumerate(operands)]
            self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attrs))
        out = [self.through_codes(o) for o in outputs]
        info = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in out]
        image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 14, 14])
        graph = helper.make_graph(self.nodes, "qdq_int16", [image], info, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


names = [layer[0] for layer in LAYERS]
session = onnxruntime.InferenceSession(Builder(None).model(names).SerializeToString(),
                                       providers=["CPUExecutionProvider"])
largest = dict.fromkeys(["x"] + names, 0.0)
for _ in range(50):
    x = rng.uniform(-1, 1, (1, 4, 14, 14)).astype(np.float32)
    for name, y in zip(["x"] + names, [x] + session.run(None, {"x": x})):
        largest[name] = max(largest[name], float(np.abs(y).max()))
scales = {name: value / 32767 for name, value in largest.items()}
scales["s1"] = 1 / 32768
scales["p1"] = scales["c2"]  # a maximum keeps its codes' range
scales["f1"] = scales["g1"]
onnx.save(Builder(scales).model(["y", "a1"]), os.path.join(FOLDER, "qdq_int16.onnx"))
