# SPDX-License-Identifier: Apache-2.0
"""OpenVINO: converted to its own form first, latency hint, one stream, floats in 32 bits."""
import os
import sys

import convert
import worker

CONVERT = """
import json, sys
import openvino as ov
source, target, shapes = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
model = ov.Core().read_model(source)
fixed = {}
for i in model.inputs:
    dims = i.partial_shape
    extents = shapes.get(i.any_name) or [d.get_length() if d.is_static else 1 for d in dims]
    fixed[i.any_name] = ov.PartialShape(extents)
model.reshape(fixed)
ov.save_model(model, target, compress_to_fp16=False)
"""


class OpenVino(worker.Runtime):
    def import_runtime(self):
        global ov
        import openvino as ov
        return ov.__version__.split("-")[0]

    def prepare(self, model, folder, shapes):
        if model.endswith(".xml"):
            return model
        import json
        target = os.path.join(folder, "model.xml")
        if not convert.is_current(target, model):
            convert.run([sys.executable, "-c", CONVERT, model, target, json.dumps(shapes)], folder)
        return target

    def load(self, model, threads):
        core = ov.Core()
        compiled = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": threads,
            # Processors with bfloat16 would compute in it: another result than everybody else's.
            "INFERENCE_PRECISION_HINT": "f32",
        })
        self.request = compiled.create_infer_request()
        self.compiled = compiled
        self.infer = self.request.infer
        self.settings = "own form, latency hint, one stream, f32"

    def inputs(self):
        return [(i.any_name, [d.get_length() if d.is_static else -1 for d in i.partial_shape])
                for i in self.compiled.inputs]

    def set_input(self, name, array):
        tensor = self.request.get_tensor(name)
        if tuple(tensor.shape) != array.shape:
            raise ValueError(f"input {name} is {list(tensor.shape)}, not {list(array.shape)}")
        tensor.data[...] = array

    def outputs(self):
        outputs = []
        for i, o in enumerate(self.compiled.outputs):
            name = o.any_name if o.names else str(i)
            outputs.append((name, self.request.get_output_tensor(i).data.copy()))
        return outputs


worker.serve(OpenVino)
