# SPDX-License-Identifier: Apache-2.0
"""The real models that outputs are compared on, how their inputs are prepared, and the inputs
that C++ can make again bit for bit (see recipes.h): bitmaps resized to the nearest pixel, raw
files, and a stated generator's random numbers."""
import os

import numpy as np

SHARED = os.environ.get(
    "FETTLE_SHARED", os.path.join(os.path.dirname(__file__), "../../../shared"))
DATA = os.path.join(SHARED, "data")

# name: file below models/, or below own/ here; how an image becomes its input (value * scale + bias, planes for NCHW).
IMAGE = {"kind": "bitmap"}
MODELS = {
    "mobilenet_v1_0.25_128_quant": dict(file="classify/mobilenet_v1_0.25_128_quant.tflite", **IMAGE),
    "mobilenet_v1_0.25_224_quant": dict(file="classify/mobilenet_v1_0.25_224_quant.tflite", **IMAGE),
    "mobilenet_v1_0.5_160_quant": dict(file="classify/mobilenet_v1_0.5_160_quant.tflite", **IMAGE),
    "mobilenet_v1_0.75_192_quant": dict(file="classify/mobilenet_v1_0.75_192_quant.tflite", **IMAGE),
    "mobilenet_v2_1.0_224_quant": dict(file="classify/mobilenet_v2_1.0_224_quant.tflite", **IMAGE),
    "mobilenet_v1_0.25_224_float": dict(file="classify/mobilenet_v1_0.25_224_float.tflite",
                                        scale=1 / 127.5, bias=-1.0, **IMAGE),
    "mobilenet_v2_0.5_128": dict(file="classify/mobilenet_v2_0.5_128.onnx", scale=1 / 127.5,
                                 bias=-1.0, planes=True, **IMAGE),
    "resnet8_cifar10_float": dict(file="tiny/resnet8_cifar10_float.tflite", **IMAGE),
    "resnet8_cifar10_int8": dict(file="tiny/resnet8_cifar10_int8.tflite", bias=-128, **IMAGE),
    "vww_96_float": dict(file="tiny/vww_96_float.tflite", scale=1 / 255.0, **IMAGE),
    "vww_96_int8": dict(file="tiny/vww_96_int8.tflite", bias=-128, **IMAGE),
    "kws_dscnn_int8": dict(file="tiny/kws_dscnn_int8.tflite", kind="raw"),
    # The float model's inputs are what the int8 model's codes stand for.
    "kws_dscnn_dynamic": dict(file="tiny/kws_dscnn_dynamic.tflite", kind="raw", dynamic=True,
                              scale=0.5847029089927673, bias=-0.5847029089927673 * 83),
    "ad01_fp32": dict(file="tiny/ad01_fp32.tflite", kind="random", scale=60.0, bias=-70.0),
    "ad01_int8": dict(file="tiny/ad01_int8.tflite", kind="random", scale=200.0, bias=-100.0),
    "edsr_fp32": dict(file="other/edsr_f32b5_fp32.tflite", shape=[1, 48, 64, 3], **IMAGE),
    "edsr_int8": dict(file="other/edsr_f32b5_full_qint8.tflite", bias=-128, **IMAGE,
                      shape=[1, 48, 64, 3]),
    "deeplabv3_257_float": dict(file="segment/deeplabv3_257_float.tflite", scale=1 / 127.5,
                                bias=-1.0, **IMAGE),
    "deeplabv3_513_quant": dict(file="segment/deeplabv3_mnv2_dm05_pascal_quant.tflite", **IMAGE),
    "nanodet_m": dict(file="detect/nanodet_m.onnx", scale=0.0175, bias=-1.9, planes=True, **IMAGE),
    "fastestdet": dict(file="detect/fastestdet.onnx", scale=1 / 255.0, planes=True, **IMAGE),
    "face_rfb_320": dict(file="detect/face_rfb_320.onnx", scale=1 / 128.0, bias=-127 / 128.0,
                         planes=True, **IMAGE),
    "face_slim_320": dict(file="detect/face_slim_320.onnx", scale=1 / 128.0, bias=-127 / 128.0,
                          planes=True, **IMAGE),
    # More than one step apart is what LiteRT itself is off exact arithmetic: its 16-bit tanh by 2
    # and softmax by 4 (tables of 513 entries and fewer), and what its multipliers of 15 bits lose
    # in 14 layers, by 4 of 65,536. Against exact sums and double multipliers in NumPy, Fettle's
    # mobile_16x8 is within one step on 98.75 % of the logits, LiteRT's on 80 %.
    "mobile_16x8": dict(file="own/mobile_16x8.tflite", kind="random", scale=65535.0, bias=-32768.0,
                        allowed={"StatefulPartitionedCall_1:0": 5,
                                 "StatefulPartitionedCall_1:1": 6}),
    "mobile_dynamic": dict(file="own/mobile_dynamic.tflite", kind="random", scale=2.0, bias=-1.0,
                           dynamic=True),
    "operators_dynamic": dict(file="own/operators_dynamic.tflite", kind="random", scale=3.0,
                              bias=-1.0, dynamic=True),
    "operators_16x8": dict(file="own/operators_16x8.tflite", kind="random", scale=65535.0,
                           bias=-32768.0, allowed={"StatefulPartitionedCall_1:1": 2,
                                                   "StatefulPartitionedCall_1:13": 5}),
    "qdq_int16": dict(file="own/qdq_int16.onnx", kind="random", scale=2.0, bias=-1.0),
    "qoperator": dict(file="own/qoperator.onnx", kind="random", scale=2.0, bias=-1.0),
}


def model_path(model):
    folder = os.path.dirname(os.path.abspath(__file__)) if model["file"].startswith("own/") else (
        os.path.join(DATA, "models"))
    return os.path.join(folder, model["file"])


def read_bitmap(path):
    """An uncompressed bottom-up 24-bit BMP as HxWx3, red first."""
    data = open(path, "rb").read()
    start = int.from_bytes(data[10:14], "little")
    width = int.from_bytes(data[18:22], "little")
    height = int.from_bytes(data[22:26], "little")
    step = (width * 3 + 3) // 4 * 4
    rows = [np.frombuffer(data, np.uint8, width * 3, start + y * step) for y in range(height)]
    return np.stack(rows[::-1]).reshape(height, width, 3)[:, :, ::-1]


def nearest(image, height, width):
    rows = np.arange(height) * image.shape[0] // height
    columns = np.arange(width) * image.shape[1] // width
    return image[rows][:, columns]


def random_numbers(seed, count):
    """Knuth's 64-bit congruential generator: the upper 24 bits of each state, over 2^24."""
    out = np.empty(count, np.float32)
    state = seed
    for i in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        out[i] = np.float32(state >> 40) * np.float32(2.0**-24)
    return out


def prepare(model, values, shape, dtype):
    """`values`: HxWx3 numbers for an image, else a flat list; returns the model's input."""
    x = np.asarray(values).astype(np.float32)
    x = x * np.float32(model.get("scale", 1)) + np.float32(model.get("bias", 0))
    if model.get("planes"):
        x = x.transpose(2, 0, 1)
    x = x.reshape(shape)
    if np.issubdtype(dtype, np.integer):
        x = np.rint(x)
    return np.ascontiguousarray(x.astype(dtype))


def image_size(model, shape):
    return (shape[2], shape[3]) if model.get("planes") else (shape[1], shape[2])


def raw_files():
    folder = os.path.join(DATA, "kws01")
    return sorted(f for f in os.listdir(folder) if f.endswith(".bin"))


def make_input(model, recipe, shape, dtype):
    """recipe: bitmap=file below images/ | raw=file below kws01/ | random=seed"""
    if "bitmap" in recipe:
        image = read_bitmap(os.path.join(DATA, "images", recipe["bitmap"]))
        return prepare(model, nearest(image, *image_size(model, shape)), shape, dtype)
    if "raw" in recipe:
        codes = np.fromfile(os.path.join(DATA, "kws01", recipe["raw"]), np.int8)
        return prepare(model, codes, shape, dtype)
    return prepare(model, random_numbers(recipe["random"], int(np.prod(shape))), shape, dtype)


class Reference:
    """A model in the runtime that is held to be right: LiteRT or ONNX Runtime."""

    def __init__(self, name, xnnpack=True):
        model = MODELS[name]
        path = model_path(model)
        self.tflite = path.endswith(".tflite")
        if self.tflite:
            from ai_edge_litert.interpreter import Interpreter, OpResolverType
            import ai_edge_litert
            kind = OpResolverType.BUILTIN if xnnpack else OpResolverType.BUILTIN_REF
            self.label = "ai-edge-litert %s, %s" % (
                getattr(ai_edge_litert, "__version__", "2.3"),
                "XNNPACK" if xnnpack else "reference kernels")
            self.it = Interpreter(path, experimental_op_resolver_type=kind, num_threads=2)
            self.input = self.it.get_input_details()[0]
            if "shape" in model:
                self.it.resize_tensor_input(self.input["index"], model["shape"])
            self.it.allocate_tensors()
            self.input = self.it.get_input_details()[0]
            self.shape, self.dtype = [int(d) for d in self.input["shape"]], self.input["dtype"]
            self.input_name = self.input["name"]
            self.outputs = [o["name"] for o in self.it.get_output_details()]
        else:
            import onnxruntime
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 2
            options.log_severity_level = 3
            self.label = "onnxruntime " + onnxruntime.__version__
            self.session = onnxruntime.InferenceSession(path, options,
                                                        providers=["CPUExecutionProvider"])
            i = self.session.get_inputs()[0]
            self.input_name = i.name
            self.shape = [d if isinstance(d, int) else 1 for d in i.shape]
            self.dtype = np.float32
            self.outputs = [o.name for o in self.session.get_outputs()]

    def run(self, x):
        if not self.tflite:
            return self.session.run(None, {self.input_name: x})
        self.it.set_tensor(self.input["index"], x)
        self.it.invoke()
        return [self.it.get_tensor(o["index"]) for o in self.it.get_output_details()]
