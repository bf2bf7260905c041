# SPDX-License-Identifier: Apache-2.0
"""LiteRT (TensorFlow Lite): its interpreter with the XNNPACK delegate, which is its default."""
import convert
import worker


class LiteRt(worker.Runtime):
    def import_runtime(self):
        global Interpreter
        import importlib.metadata
        from ai_edge_litert.interpreter import Interpreter
        return importlib.metadata.version("ai-edge-litert")

    def prepare(self, model, folder, shapes):
        if not convert.is_tflite(model):
            raise ValueError("reads .tflite only")
        return model

    def load(self, model, threads):
        self.interpreter = Interpreter(model_path=model, num_threads=threads)
        self.interpreter.allocate_tensors()
        self.details = self.interpreter.get_input_details()
        self.infer = self.interpreter.invoke
        self.settings = "XNNPACK delegate"

    def inputs(self):
        return [(d["name"], [int(e) for e in d["shape"]]) for d in self.details]

    def set_input(self, name, array):
        index = next(d["index"] for d in self.details if d["name"] == name)
        self.interpreter.set_tensor(index, array)

    def outputs(self):
        return [(d["name"], self.interpreter.get_tensor(d["index"]))
                for d in self.interpreter.get_output_details()]


worker.serve(LiteRt)
