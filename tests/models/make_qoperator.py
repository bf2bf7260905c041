# SPDX-License-Identifier: Apache-2.0
"""Writes own/qoperator.onnx: a small network of seeded random numbers in QOperator form, as ONNX
Runtime's quantizer makes it: uint8 activations, uint8 weights with zero points, and its operators of
domain com.microsoft. Needs onnx and onnxruntime."""
import os
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "own")
rng = np.random.default_rng(6)

# name, operator, operands, attributes; a tuple is the shape of a weight.
CONV = dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])
LAYERS = [
    ("c1", "Conv", ["x", (12, 4, 3, 3), (12,)], CONV),
    ("r1", "Relu", ["c1"], {}),
    ("d1", "Conv", ["r1", (12, 1, 3, 3), (12,)], dict(group=12, **CONV)),
    ("l1", "LeakyRelu", ["d1"], dict(alpha=0.2)),
    ("s1", "Sigmoid", ["l1"], {}),
    ("m1", "Mul", ["l1", "s1"], {}),
    ("a1", "Add", ["m1", "r1"], {}),
    ("p1", "MaxPool", ["a1"], dict(kernel_shape=[2, 2], strides=[2, 2])),
    ("p2", "AveragePool", ["a1"], dict(kernel_shape=[2, 2], strides=[2, 2])),
    ("j1", "Concat", ["p1", "p2"], dict(axis=1)),
    ("c2", "Conv", ["j1", (8, 24, 1, 1), (8,)], dict(kernel_shape=[1, 1])),
    ("g1", "GlobalAveragePool", ["c2"], {}),
    ("f1", "Flatten", ["g1"], {}),
    ("t1", "MatMul", ["f1", (8, 10)], {}),
    ("y", "Gemm", ["t1", (6, 10), (6,)], dict(transB=1)),
    ("z", "Softmax", ["y"], dict(axis=1)),
]


def float_model():
    nodes, constants = [], []
    for name, op, operands, attrs in LAYERS:
        inputs = []
        for i, operand in enumerate(operands):
            if isinstance(operand, tuple):
                fan_in = np.prod(operand[1:]) if len(operand) > 1 else 25
                value = rng.normal(0.1, 1.4 / np.sqrt(fan_in), operand).astype(np.float32)
                operand = f"{name}/{i}"
                constants.append(numpy_helper.from_array(value, operand))
            inputs.append(operand)
        nodes.append(helper.make_node(op, inputs, [name], name=name, **attrs))
    info = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in ("y", "z")]
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 14, 14])
    graph = helper.make_graph(nodes, "qoperator", [image], info, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


class Calibration(CalibrationDataReader):
    def __init__(self):
        self.left = iter(rng.uniform(-1, 1, (50, 1, 4, 14, 14)).astype(np.float32))

    def get_next(self):
        x = next(self.left, None)
        return None if x is None else {"x": x}


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "float.onnx")
    onnx.save(float_model(), path)
    quantize_static(path, os.path.join(FOLDER, "qoperator.onnx"), Calibration(),
                    quant_format=QuantFormat.QOperator, per_channel=False,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QUInt8)
