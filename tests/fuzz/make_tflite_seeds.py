# SPDX-License-Identifier: Apache-2.0
"""Writes corpus/tflite: small models that together meet every part of the reader. Needs the
packages ai-edge-litert (the format's object interface) and flatbuffers."""
import io
import os
import zipfile

import ai_edge_litert.schema_py_generated as s
import flatbuffers
import numpy as np
from flatbuffers import flexbuffers

FOLDER = os.path.join(os.path.dirname(__file__), "corpus/tflite")
T = s.TensorType


class Model:
    def __init__(self):
        self.buffers, self.tensors, self.operators, self.codes = [s.BufferT()], [], [], []
        self.metadata = []

    def buffer(self, data):
        b = s.BufferT()
        b.data = np.frombuffer(data, np.uint8)
        self.buffers.append(b)
        return len(self.buffers) - 1

    def tensor(self, name, shape, kind, data=None, scale=None, zero=0, axis=0, signature=None):
        t = s.TensorT()
        t.name, t.shape, t.type = name, shape, kind
        t.shapeSignature = signature
        t.buffer = 0 if data is None else self.buffer(np.ascontiguousarray(data).tobytes())
        if scale is not None:
            q = s.QuantizationParametersT()
            q.scale = np.atleast_1d(np.float32(scale))
            q.zeroPoint = np.full(q.scale.size, zero, np.int64)
            q.quantizedDimension = axis
            t.quantization = q
        self.tensors.append(t)
        return len(self.tensors) - 1

    def op(self, builtin, inputs, outputs, options=None, kind=0, custom=None, custom_options=None):
        c = s.OperatorCodeT()
        c.builtinCode, c.deprecatedBuiltinCode, c.version = builtin, min(builtin, 127), 1
        c.customCode = custom
        self.codes.append(c)
        o = s.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs = len(self.codes) - 1, inputs, outputs
        o.builtinOptionsType, o.builtinOptions = kind, options
        if custom_options is not None:
            o.customOptions = np.frombuffer(custom_options, np.uint8)
        self.operators.append(o)

    def write(self, name, inputs, outputs, behind=b""):
        g = s.SubGraphT()
        g.tensors, g.operators, g.inputs, g.outputs = self.tensors, self.operators, inputs, outputs
        m = s.ModelT()
        m.version, m.subgraphs, m.operatorCodes, m.buffers = 3, [g], self.codes, self.buffers
        m.metadata = self.metadata or None
        builder = flatbuffers.Builder(0)
        builder.Finish(m.Pack(builder), b"TFL3")
        with open(os.path.join(FOLDER, name), "wb") as out:
            out.write(bytes(builder.Output()) + behind)


def options(cls, **fields):
    o = cls()
    for name, value in fields.items():
        setattr(o, name, value)
    return o


def conv(quantized):
    m = Model()
    kind = T.UINT8 if quantized else T.FLOAT32
    q = dict(scale=0.5, zero=128) if quantized else {}
    w = np.arange(36).astype(np.uint8 if quantized else np.float32)
    x = m.tensor("x", [1, 4, 4, 2], kind, signature=[-1, 4, 4, 2], **q)
    w = m.tensor("w", [2, 3, 3, 2], kind, w, **q)
    b = m.tensor("b", [2], T.INT32 if quantized else T.FLOAT32,
                 np.zeros(2, np.int32 if quantized else np.float32),
                 **(dict(scale=0.25) if quantized else {}))
    y = m.tensor("y", [1, 4, 4, 2], kind, **q)
    m.op(s.BuiltinOperator.CONV_2D, [x, w, b], [y],
         options(s.Conv2DOptionsT, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1,
                 fusedActivationFunction=3), s.BuiltinOptions.Conv2DOptions)
    return m, x, y, q, kind


m, x, y, q, kind = conv(True)
z = m.tensor("z", [1, 32], kind, **q)
shape = m.tensor("shape", [2], T.INT32, np.array([1, -1], np.int32))
m.op(s.BuiltinOperator.RESHAPE, [y, shape], [z], options(s.ReshapeOptionsT), s.BuiltinOptions.ReshapeOptions)
p = m.tensor("p", [1, 32], kind, scale=1 / 256, zero=0)
m.op(s.BuiltinOperator.SOFTMAX, [z], [p], options(s.SoftmaxOptionsT, beta=1.0),
     s.BuiltinOptions.SoftmaxOptions)
entry = s.MetadataT()
entry.name, entry.buffer = b"TFLITE_METADATA", m.buffer(b"\0" * 8 + b"M001")
m.metadata.append(entry)
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as files:
    files.writestr("labels.txt", "a\nb\n")
m.write("uint8_metadata.tflite", [x], [p], archive.getvalue())

m, x, y, _, _ = conv(False)
m.write("float.tflite", [x], [y])

m = Model()
x = m.tensor("x", [2, 8], T.FLOAT32)
w = m.tensor("w", [3, 8], T.INT8, np.arange(24).astype(np.int8), scale=[0.1, 0.2, 0.3])
y = m.tensor("y", [2, 3], T.FLOAT32)
m.op(s.BuiltinOperator.FULLY_CONNECTED, [x, w, -1], [y], options(s.FullyConnectedOptionsT),
     s.BuiltinOptions.FullyConnectedOptions)
h = m.tensor("h", [2], T.FLOAT16, np.ones(2, np.float16))
f = m.tensor("f", [2, 1], T.FLOAT32)
m.op(s.BuiltinOperator.DEQUANTIZE, [m.tensor("h2", [2, 1], T.FLOAT16, np.ones(2, np.float16))], [f])
z = m.tensor("z", [2, 3], T.FLOAT32)
m.op(s.BuiltinOperator.ADD, [y, f], [z], options(s.AddOptionsT), s.BuiltinOptions.AddOptions)
t = m.tensor("t", [2, 2], T.FLOAT32)
begin, end, step = (m.tensor(n, [2], T.INT32, np.array(v, np.int32))
                    for n, v in (("b", [0, 0]), ("e", [2, 3]), ("s", [1, 2])))
m.op(s.BuiltinOperator.STRIDED_SLICE, [z, begin, end, step], [t],
     options(s.StridedSliceOptionsT, endMask=1), s.BuiltinOptions.StridedSliceOptions)
m.write("dynamic_range.tflite", [x], [t])

m = Model()
boxes = m.tensor("boxes", [1, 6, 4], T.FLOAT32)
scores = m.tensor("scores", [1, 6, 3], T.FLOAT32)
anchors = m.tensor("anchors", [6, 4], T.FLOAT32, np.ones((6, 4), np.float32))
outs = [m.tensor("o%d" % i, d, T.FLOAT32) for i, d in enumerate([[1, 5, 4], [1, 5], [1, 5], [1]])]
flex = flexbuffers.Dumps({"max_detections": 5, "max_classes_per_detection": 1, "num_classes": 2,
                          "nms_score_threshold": 0.1, "nms_iou_threshold": 0.5, "y_scale": 10.0,
                          "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0,
                          "use_regular_nms": False})
m.op(s.BuiltinOperator.CUSTOM, [boxes, scores, anchors], outs,
     custom=b"TFLite_Detection_PostProcess", custom_options=bytes(flex))
m.write("detection.tflite", [boxes, scores], outs)

m = Model()
x = m.tensor("x", [1, 3, 3, 2], T.INT16, scale=0.01)
w = m.tensor("w", [1, 2, 2, 2], T.INT4, np.array([0x21, 0xf3, 0x07, 0x11], np.uint8), scale=[.1, .2],
             axis=3)
b = m.tensor("b", [2], T.INT64, np.zeros(2, np.int64), scale=[.001, .002])
y = m.tensor("y", [1, 3, 3, 2], T.INT16, scale=0.05)
m.op(s.BuiltinOperator.DEPTHWISE_CONV_2D, [x, w, b], [y],
     options(s.DepthwiseConv2DOptionsT, strideH=1, strideW=1, depthMultiplier=1,
             dilationHFactor=1, dilationWFactor=1), s.BuiltinOptions.DepthwiseConv2DOptions)
z = m.tensor("z", [1, 3, 3, 2], T.INT16, scale=1 / 32768)
m.op(s.BuiltinOperator.LOGISTIC, [y], [z])
m.write("int16_int4.tflite", [x], [z])
