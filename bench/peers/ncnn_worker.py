# SPDX-License-Identifier: Apache-2.0
"""ncnn: converted by pnnx, its packed layouts, Winograd and sgemm on, 32-bit floats.

A model is named by its .param file, whose .bin stands beside it. Its tensors have no batch: a
leading extent of 1 is dropped on the way in, and put back by whoever compares.
"""
import json
import os
import shutil

import convert
import worker


def find_pnnx():
    import importlib.util
    spec = importlib.util.find_spec("pnnx")
    if spec is None:
        raise ImportError("pnnx, which converts for ncnn, is not there: pip install --no-deps pnnx")
    return os.path.join(os.path.dirname(spec.origin), "pnnx")


class Ncnn(worker.Runtime):
    def import_runtime(self):
        global ncnn, np
        import ncnn
        import numpy as np
        return ncnn.__version__

    def prepare(self, model, folder, shapes):
        if model.endswith(".param"):
            return model
        if not (convert.is_onnx(model) or model.endswith(".pt")):
            raise ValueError("pnnx reads .onnx and TorchScript only")
        target = os.path.join(folder, "model.ncnn.param")
        if not convert.is_current(target, model):
            # pnnx writes beside what it reads.
            model = shutil.copyfile(model, os.path.join(folder, "model" + model[model.rindex("."):]))
            said = convert.run(
                [find_pnnx(), model, "fp16=0", "device=cpu", "ncnnparam=model.ncnn.param",
                 "ncnnbin=model.ncnn.bin", "ncnnpy=model_ncnn.py", "pnnxparam=model.pnnx.param",
                 "pnnxbin=model.pnnx.bin", "pnnxpy=model_pnnx.py", "pnnxonnx=model.pnnx.onnx",
                 "inputshape=" + ",".join(json.dumps(s).replace(" ", "") for s in shapes.values())],
                folder)
            if not os.path.exists(target):
                raise RuntimeError("pnnx wrote no model: " + said[-300:])
        with open(os.path.join(folder, "inputs.json"), "w") as f:
            json.dump(list(shapes.values()), f)
        return target

    def load(self, model, threads):
        shapes = os.path.join(os.path.dirname(model), "inputs.json")
        with open(shapes) as f:
            self.shapes = json.load(f)
        net = ncnn.Net()
        net.opt.num_threads = threads
        net.opt.use_vulkan_compute = False
        net.opt.use_packing_layout = True
        net.opt.use_winograd_convolution = True
        net.opt.use_sgemm_convolution = True
        net.opt.use_int8_inference = True
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
        net.opt.use_bf16_storage = False
        net.opt.lightmode = True
        if net.load_param(model) != 0 or net.load_model(model[:-len("param")] + "bin") != 0:
            raise RuntimeError("ncnn could not load what pnnx wrote")
        self.net = net
        self.in_names, self.out_names = list(net.input_names()), list(net.output_names())
        self.mats, self.arrays = {}, {}
        self.settings = "pnnx, packed layouts, Winograd, f32"

    def inputs(self):
        return list(zip(self.in_names, self.shapes))

    def set_input(self, name, array):
        self.arrays[name] = np.ascontiguousarray(array[0] if array.ndim > 1 else array)
        self.mats[name] = ncnn.Mat(self.arrays[name]).clone()

    def infer(self):
        extractor = self.net.create_extractor()
        for name, mat in self.mats.items():
            extractor.input(name, mat)
        self.results = []
        for name in self.out_names:
            code, mat = extractor.extract(name)
            if code != 0:
                raise RuntimeError(f"ncnn could not compute '{name}' (code {code})")
            self.results.append(mat)

    def outputs(self):
        return [(name, np.array(mat)) for name, mat in zip(self.out_names, self.results)]


worker.serve(Ncnn)
