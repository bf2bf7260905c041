# SPDX-License-Identifier: Apache-2.0
"""Every runtime's form of every model of the suite, made once and kept in one folder a model.

A form that a tool cannot make is left out, with the tool's last words in FOLDER/RUNTIME.log: that
runtime then gets the model as it is, and says itself that it cannot take it.
"""
import json
import pathlib
import shutil
import subprocess
import sys

from suite_models import NORMALIZATIONS

HERE = pathlib.Path(__file__).parent
CALIBRATION_PICTURES = 64
LARGE_PICTURE_PIXELS, LARGE_PICTURES = 400 * 400, 16  # tools that hold all activations at once


class Forms:
    def __init__(self, fettle, python, tflite_python, pictures, folder):
        self.fettle, self.python, self.tflite_python = fettle, python, tflite_python
        self.pictures, self.folder = pictures, folder

    def make(self, model, path, int8):
        """{runtime: file} and the input's [NAME=FILE] for the float model at `path`, in float or
        int8."""
        if not path.endswith(".onnx"):
            return {}, []
        folder = self.folder / model.name
        folder.mkdir(parents=True, exist_ok=True)
        name, shape = self.input_of(path)
        count = self.calibrate(model, shape, folder)
        self.make_tflite(model, path, name, folder)
        kind = "integer_quant" if int8 else "float32"
        forms = {"litert": folder / "tflite" / f"{pathlib.Path(path).stem}_{kind}.tflite"}
        if int8:
            forms |= self.make_int8(model, path, count, folder)
        else:
            forms["torch"] = pathlib.Path(path).with_suffix(".pt")
            forms["fettle"] = self.make_package(folder / "float.fettle", ["convert", path],
                                                folder)
        return ({runtime: str(file) for runtime, file in forms.items() if file.exists()},
                [f"{name}={folder / 'one.npy'}"])

    def input_of(self, path):
        done = subprocess.run([self.fettle, "inspect", path, "--json"], capture_output=True,
                              text=True, check=True)
        first = json.loads(done.stdout)["inputs"][0]
        return first["name"], [int(e) for e in first["type"].split()[1].split("x")]

    def step(self, result, command, log, cwd=None):
        """Runs a tool unless its result is there; says whether it is there afterwards."""
        if not result.exists():
            print(f"  making {result.name}", flush=True)
            with open(log, "w") as out:
                code = subprocess.run([str(c) for c in command], stdout=out, stderr=out,
                                      cwd=cwd).returncode
            if code != 0 or not result.exists():
                print(f"  {result.name}: its tool failed ({code}), see {log}", flush=True)
        return result.exists()

    def make_package(self, package, command, folder):
        """Anew each time, since it changes with every build; with weights packed for this
        machine."""
        package.unlink(missing_ok=True)
        output = [package] if command[0] == "convert" else ["-o", package]
        if self.step(package, [self.fettle, *command, *output], folder / "fettle.log"):
            runner = pathlib.Path(self.fettle).with_name("fettle-run")
            subprocess.run([runner, package, "--pack", package], check=True,
                           stdout=subprocess.DEVNULL)
        return package

    def calibrate(self, model, shape, folder):
        height, width = shape[2:4]
        count = LARGE_PICTURES if height * width > LARGE_PICTURE_PIXELS else CALIBRATION_PICTURES
        if not self.step(folder / "one.npy",
                         [self.python, HERE / "calibration.py", self.pictures, height, width,
                          model.normalization, count, folder], folder / "calibration.log"):
            sys.exit(f"no pictures to calibrate with: see {folder}/calibration.log")
        return count

    def make_tflite(self, model, path, name, folder):
        mean, std = NORMALIZATIONS[model.normalization]
        out = folder / "tflite"
        own = folder / pathlib.Path(path).name  # onnx2tf may write over what it reads
        shutil.copyfile(path, own)
        self.step(out / f"{pathlib.Path(path).stem}_integer_quant.tflite",
                  [self.tflite_python, "-m", "onnx2tf", "-i", own, "-o", out, "-n", "-v", "warn",
                   "-coion", "-oiqt", "-qt", "per-channel", "-cind", name,
                   folder / "unit_nhwc.npy", f"[[[{mean}]]]", f"[[[{std}]]]"],
                  folder / "litert.log", cwd=folder)
        for leftover in ("saved_model.pb", "variables", "assets", "fingerprint.pb"):
            left = out / leftover
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)

    def make_int8(self, model, path, count, folder):
        forms = {"onnxruntime": folder / "int8.onnx", "openvino": folder / "int8.xml",
                 "fettle": folder / "int8.fettle"}
        for runtime in ("onnxruntime", "openvino"):
            self.step(forms[runtime], [self.python, HERE / "int8_form.py", runtime, path,
                                       folder / "samples.npy", forms[runtime]],
                      folder / f"{runtime}.log")
        mean, std = NORMALIZATIONS[model.normalization]
        (folder / "preprocess.yaml").write_text(
            f"resize: center_crop\ncrop: 1.0\nscale: 1/255\nmean: {mean}\nstd: {std}\n")
        pictures = folder / "pictures"  # the same as everybody else's, not their whole folder
        pictures.mkdir(exist_ok=True)
        for picture in sorted(pathlib.Path(self.pictures).glob("*.jpg"))[:count]:
            if not (pictures / picture.name).exists():
                shutil.copy(picture, pictures)
        self.make_package(forms["fettle"], ["quantize", path, "--keep-slower", "--data", pictures,
                                            "--preprocess", folder / "preprocess.yaml"], folder)
        return forms
