# SPDX-License-Identifier: Apache-2.0
"""The suite: which networks, where they come from and how their pictures are prepared."""
import collections

# source: "export" (tools/export_torchvision), or a path below the shared data's models/.
# side: of the square input, where pictures are fed; normalization: a key below, None for noise.
Model = collections.namedtuple("Model", "name source int8 normalization", defaults=(None, None))

# (pixel / 255 - mean) / std for each channel.
NORMALIZATIONS = {
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "unit": ([0, 0, 0], [1, 1, 1]),
    "signed": ([127 / 255] * 3, [128 / 255] * 3),
}

# `int8` is "quantize" where each runtime makes its own form, else the file that all of them read.
MODELS = [
    Model("mobilenet_v1", "export", "quantize", "imagenet"),
    Model("mobilenet_v2", "export", "quantize", "imagenet"),
    Model("mobilenet_v3_large", "export", "quantize", "imagenet"),
    Model("efficientnet_lite0", "export", "quantize", "imagenet"),
    Model("efficientnet_b0", "export", "quantize", "imagenet"),
    Model("resnet18", "export", "quantize", "imagenet"),
    Model("resnet50", "export", "quantize", "imagenet"),
    Model("squeezenet1_1", "export", "quantize", "imagenet"),
    Model("ssdlite320_mobilenet_v3", "export", "quantize", "imagenet"),
    Model("deeplabv3_mobilenet_v3", "export", "quantize", "imagenet"),
    Model("nanodet_m", "detect/nanodet_m.onnx", "quantize", "imagenet"),
    Model("fastestdet", "detect/fastestdet.onnx", "quantize", "unit"),
    Model("face_rfb_320", "detect/face_rfb_320.onnx", "quantize", "signed"),
    Model("face_slim_320", "detect/face_slim_320.onnx", "quantize", "signed"),
    Model("tiny_resnet8", "tiny/resnet8_cifar10_float.tflite", "tiny/resnet8_cifar10_int8.tflite"),
    Model("tiny_vww", "tiny/vww_96_float.tflite", "tiny/vww_96_int8.tflite"),
    Model("tiny_ad01", "tiny/ad01_fp32.tflite", "tiny/ad01_int8.tflite"),
    Model("tiny_kws", None, "tiny/kws_dscnn_int8.tflite"),
]
