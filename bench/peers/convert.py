# SPDX-License-Identifier: Apache-2.0
"""What workers share to turn a model into their runtime's form: a child process, so that the
worker's own memory stays that of running the model, and a result that is kept while it is newer
than the model."""
import os
import subprocess


def is_onnx(model):
    return model.endswith(".onnx")


def is_tflite(model):
    return model.endswith(".tflite")


def is_current(result, model):
    return os.path.exists(result) and os.path.getmtime(result) >= os.path.getmtime(model)


def run(command, folder):
    """Runs a converter; an error carries the end of what it said."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        words = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise RuntimeError(f"{os.path.basename(command[0])} failed ({done.returncode}): "
                           + " | ".join(words[-4:]))
    return done.stdout
