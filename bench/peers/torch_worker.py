# SPDX-License-Identifier: Apache-2.0
"""libtorch: a TorchScript file, frozen and optimized for inference, channels last.

PyTorch has no reader of ONNX or TFLite; its own form of the model has to be given.
"""
import worker


class Torch(worker.Runtime):
    def import_runtime(self):
        global torch
        import torch
        return torch.__version__

    def prepare(self, model, folder, shapes):
        if not model.endswith(".pt"):
            raise ValueError("has no reader for this format; "
                             "give its TorchScript with --model-of torch=FILE.pt")
        import json
        import os
        with open(os.path.join(folder, "inputs.json"), "w") as f:
            json.dump({"model": model, "shapes": shapes}, f)
        return os.path.join(folder, "inputs.json")

    def load(self, model, threads):
        import json
        with open(model) as f:
            prepared = json.load(f)
        self.shapes = prepared["shapes"]
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        torch.set_grad_enabled(False)
        module = torch.jit.load(prepared["model"]).eval()
        module = torch.jit.optimize_for_inference(torch.jit.freeze(module))
        self.module, self.arguments = module, {name: None for name in self.shapes}
        self.settings = "TorchScript, frozen, optimize_for_inference, channels last"

    def inputs(self):
        return list(self.shapes.items())

    def set_input(self, name, array):
        tensor = torch.from_numpy(array)
        if tensor.dim() == 4:
            tensor = tensor.to(memory_format=torch.channels_last)
        self.arguments[name] = tensor

    def infer(self):
        self.result = self.module(*self.arguments.values())

    def outputs(self):
        results = self.result if isinstance(self.result, (tuple, list)) else [self.result]
        return [(str(i), r.contiguous().numpy()) for i, r in enumerate(results)]


worker.serve(Torch)
