# SPDX-License-Identifier: Apache-2.0
"""The worker's side of `fettle compare`: one runtime in a process of its own, told what to do.

A worker reads requests from stdin and answers each on stdout, one JSON object a line; whatever
the runtime itself prints goes to stderr. src/measure/compare/worker.h is the other side and
describes the requests. A file NAME_worker.py makes a class with the methods of Runtime below and
ends in `serve(Class)`.

The clock covers the runtime's own inference call alone: inputs lie where the runtime reads them
and outputs stay where it writes them. Nothing else runs meanwhile, the collector of Python's
garbage included.
"""
import gc
import json
import os
import sys
import time
import traceback


class Runtime:
    """What a worker offers. `import_runtime` may raise ImportError: the runtime is not installed."""

    settings = ""  # how it is run, for the report

    def import_runtime(self):
        """Imports the runtime; returns its version."""
        raise NotImplementedError

    def prepare(self, model, folder, shapes):
        """Converts `model` into the runtime's own form inside `folder`, in another process, so that
        it counts neither as load time nor as memory; returns the path to load."""
        return model

    def load(self, model, threads):
        """Makes `model` ready to run."""
        raise NotImplementedError

    def inputs(self):
        """[(name, shape)], with -1 for an extent that is not fixed."""
        raise NotImplementedError

    def set_input(self, name, array):
        raise NotImplementedError

    def refill(self):
        """Writes the inputs once more, where a run may overwrite them; not timed."""

    def infer(self):
        """One inference. May be replaced by load() with a bound method, to save a call."""
        raise NotImplementedError

    def outputs(self):
        """[(name, array)] of the last inference."""
        raise NotImplementedError


def describe(error):
    """The lines of an error that say something, as one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: " + " | ".join(lines)[:600]


def sample(runtime, seconds, warmup, least):
    """Microseconds of each run, in order of time, for `seconds` after `warmup` runs."""
    infer, refill = runtime.infer, runtime.refill
    for _ in range(warmup):
        refill()
        infer()
    clock = time.perf_counter_ns
    samples = []
    gc.collect()
    gc.disable()
    end = clock() + int(seconds * 1e9)
    while True:
        refill()
        start = clock()
        infer()
        stop = clock()
        samples.append((stop - start) / 1000)
        if stop >= end and len(samples) >= least:
            break
    gc.enable()
    return samples


def answer(runtime, request):
    import numpy as np

    do = request["do"]
    if do == "prepare":
        shapes = {i["name"]: i["shape"] for i in request["inputs"]}
        path = runtime.prepare(request["model"], request["folder"], shapes)
        return {"model": path}
    if do == "load":
        start = time.perf_counter_ns()
        runtime.load(request["model"], request["threads"])
        load_ms = (time.perf_counter_ns() - start) / 1e6
        inputs = [{"name": n, "shape": list(s)} for n, s in runtime.inputs()]
        return {"load_ms": load_ms, "settings": runtime.settings, "inputs": inputs}
    if do == "input":
        runtime.set_input(request["name"], np.load(request["file"], allow_pickle=False))
        return {}
    if do == "run":
        return {"samples_us": sample(runtime, request["seconds"], request["warmup"],
                                     request["least"])}
    if do == "outputs":
        runtime.refill()
        runtime.infer()
        files = []
        for i, (name, array) in enumerate(runtime.outputs()):
            path = os.path.join(request["folder"], f"{i}.npy")
            np.save(path, np.ascontiguousarray(array))
            files.append({"name": name, "file": path})
        return {"outputs": files}
    raise ValueError(f"unknown request {do!r}")


def serve(runtime_class):
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the runtime prints must not be taken for an answer

    def reply(message):
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    try:
        import numpy  # noqa: F401: part of what the process weighs before it has a runtime
        reply({"started": True})
        runtime = runtime_class()
        reply({"version": str(runtime.import_runtime())})
    except ImportError as error:
        if "numpy" not in sys.modules:
            reply({"started": True})
        reply({"missing": describe(error)})
        return
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply(answer(runtime, request))
        except Exception as error:  # whatever a runtime raises is its answer, not our end
            traceback.print_exc()
            reply({"error": describe(error)})
    replies.flush()
    os._exit(0)  # some runtimes crash or hang while they are taken apart
