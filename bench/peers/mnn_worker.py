# SPDX-License-Identifier: Apache-2.0
"""MNN: converted by its own converter, CPU backend, high precision, normal memory."""
import os
import sys

import convert
import worker


class Mnn(worker.Runtime):
    def import_runtime(self):
        global MNN, np
        import MNN
        import numpy as np
        return MNN.version()

    def prepare(self, model, folder, shapes):
        if model.endswith(".mnn"):
            return model
        kind = "ONNX" if convert.is_onnx(model) else "TFLITE" if convert.is_tflite(model) else None
        if kind is None:
            raise ValueError("reads .onnx and .tflite only")
        target = os.path.join(folder, "model.mnn")
        if not convert.is_current(target, model):
            converter = os.path.join(os.path.dirname(sys.executable), "mnnconvert")
            said = convert.run([converter, "-f", kind, "--modelFile", model, "--MNNModel", target,
                                "--bizCode", "fettle"], folder)
            if not os.path.exists(target):
                raise RuntimeError("mnnconvert wrote no model: " + said[-300:])
        return target

    def load(self, model, threads):
        self.interpreter = MNN.Interpreter(model)
        self.session = self.interpreter.createSession(
            {"backend": "CPU", "numThread": threads, "precision": "high"})
        self.tensors = self.interpreter.getSessionInputAll(self.session)
        self.hosts = {}
        self.settings = "own form, CPU, precision high"

    def inputs(self):
        return [(name, list(t.getShape())) for name, t in self.tensors.items()]

    def set_input(self, name, array):
        tensor = self.tensors[name]
        if tuple(tensor.getShape()) != array.shape:
            self.interpreter.resizeTensor(tensor, array.shape)
            self.interpreter.resizeSession(self.session)
        kinds = {"float32": MNN.Halide_Type_Float, "int32": MNN.Halide_Type_Int,
                 "uint8": MNN.Halide_Type_Uint8, "int64": MNN.Halide_Type_Int64}
        if array.dtype.name not in kinds:
            raise ValueError(f"inputs of {array.dtype} are not for MNN's session")
        kind = MNN.Tensor_DimensionType_Caffe if tensor.getDimensionType() == \
            MNN.Tensor_DimensionType_Caffe else MNN.Tensor_DimensionType_Tensorflow
        # MNN lays other tensors over its inputs, so that they have to be written before each run.
        self.hosts[name] = MNN.Tensor(array.shape, kinds[array.dtype.name], array, kind)

    def refill(self):
        for name, host in self.hosts.items():
            self.tensors[name].copyFrom(host)

    def infer(self):
        code = self.interpreter.runSession(self.session)
        if code != 0:
            raise RuntimeError(f"MNN's session failed (code {code})")

    def outputs(self):
        results = []
        for name, tensor in self.interpreter.getSessionOutputAll(self.session).items():
            shape, kind = tensor.getShape(), tensor.getDimensionType()
            host = MNN.Tensor(shape, tensor.getDataType(),
                              np.zeros(shape, np.float32), kind)
            tensor.copyToHostTensor(host)
            results.append((name, np.array(host.getNumpyData()).reshape(shape)))
        return results


worker.serve(Mnn)
