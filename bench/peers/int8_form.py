#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A runtime's own best int8 form of a float ONNX model, by that runtime's own tool.

    int8_form.py onnxruntime|openvino MODEL.onnx CALIBRATION.npy OUT

CALIBRATION.npy holds float inputs as the model takes them, one after another along axis 0. The
model has one input.
"""
import os
import sys
import tempfile

import numpy as np


class Samples:
    """The calibration data as ONNX Runtime wants to read it."""

    def __init__(self, name, samples):
        self.name, self.left = name, iter(samples)

    def get_next(self):
        sample = next(self.left, None)
        return None if sample is None else {self.name: sample[None]}


def onnxruntime_form(model, samples, out):
    """QDQ, weights int8 per channel, activations uint8, min-max: what its guide names for x86."""
    import onnx
    import onnx.version_converter
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process
    with tempfile.TemporaryDirectory() as folder:
        prepared = os.path.join(folder, "prepared.onnx")
        loaded = onnx.load(model)
        if loaded.opset_import[0].version < 13:  # no weights per channel before that
            loaded = onnx.version_converter.convert_version(loaded, 17)
            for node in loaded.graph.node:  # opset 11 had empty regions and scales beside sizes
                if node.op_type == "Resize" and len(node.input) == 4:
                    node.input[1] = node.input[2] = ""
        onnx.save(loaded, prepared)
        quant_pre_process(prepared, prepared, skip_symbolic_shape=True)
        name = onnx.load(prepared).graph.input[0].name
        # Its options below are those of its guide for x86 with VNNI; a processor without it would
        # want reduce_range.
        quantize_static(prepared, out, Samples(name, samples), quant_format=QuantFormat.QDQ,
                        per_channel=True, weight_type=QuantType.QInt8,
                        activation_type=QuantType.QUInt8)


def openvino_form(model, samples, out):
    """NNCF's post-training quantization with its defaults: symmetric weights per channel."""
    import nncf
    import openvino as ov
    float_model = ov.Core().read_model(model)
    float_model.reshape({float_model.inputs[0].any_name: ov.PartialShape([1, *samples.shape[1:]])})
    data = nncf.Dataset([sample[None] for sample in samples])
    preset = nncf.QuantizationPreset.MIXED  # asymmetric activations, as everybody else here
    ov.save_model(nncf.quantize(float_model, data, preset=preset, subset_size=len(samples)), out,
                  compress_to_fp16=False)


FORMS = {"onnxruntime": onnxruntime_form, "openvino": openvino_form}


def main():
    if len(sys.argv) != 5 or sys.argv[1] not in FORMS:
        sys.exit(__doc__)
    FORMS[sys.argv[1]](sys.argv[2], np.load(sys.argv[3]), sys.argv[4])


if __name__ == "__main__":
    main()
