# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime: all graph optimizations, sequential execution, inputs and outputs bound."""
import convert
import worker


class OnnxRuntime(worker.Runtime):
    def import_runtime(self):
        global ort
        import onnxruntime as ort
        return ort.__version__

    def prepare(self, model, folder, shapes):
        if not convert.is_onnx(model):
            raise ValueError("reads .onnx only")
        return model

    def load(self, model, threads):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        # Its threads spin between operators, which is its default and its fastest; they do not
        # spin on the others' time, because the whole process is stopped then.
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        # Denormals are slow and worth nothing.
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name, "cpu")
        self.values = {}
        self.settings = "all optimizations, inputs and outputs bound, spinning"

    def inputs(self):
        return [(i.name, [d if isinstance(d, int) else -1 for d in i.shape])
                for i in self.session.get_inputs()]

    def set_input(self, name, array):
        self.values[name] = ort.OrtValue.ortvalue_from_numpy(array)
        self.binding.bind_ortvalue_input(name, self.values[name])

    def infer(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        names = [o.name for o in self.session.get_outputs()]
        return list(zip(names, self.binding.copy_outputs_to_cpu()))


worker.serve(OnnxRuntime)
