#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the usual torchvision networks, and two derived from them, as ONNX, with seeded, untrained weights.

Latency, memory and graph structure do not depend on what the weights are, so these files stand in
for the trained networks in tests and measurements without anybody's weights being downloaded.
BatchNorm statistics are estimated from noise, so that values neither vanish nor blow up on the way.
"""
import argparse
import inspect
import pathlib
import sys
import warnings

import torch
import torchvision


class RawDetector(torch.nn.Module):
    """SSDLite without its anchors and non-maximum suppression: scores and box offsets per anchor."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, image):
        heads = self.head(list(self.backbone(image).values()))
        return heads["cls_logits"], heads["bbox_regression"]


class FullDetector(torch.nn.Module):
    """SSDLite as torchvision runs it, boxes decoded and suppressed inside the graph."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, image):
        found = self.detector([image[0]])[0]
        return found["boxes"], found["scores"], found["labels"]


class Segmenter(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image)["out"]


def classifier(name):
    return lambda: torchvision.models.get_model(name, weights=None)


def mobilenet_v1():
    """MobileNetV1 1.0, which torchvision lacks: Howard et al. 2017, table 1."""
    def block(channels, out, stride=1, groups=1, kernel=3):
        return [torch.nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups,
                                bias=False), torch.nn.BatchNorm2d(out), torch.nn.ReLU()]

    layers, channels = block(3, 32, 2), 32
    for out, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
                        *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        layers += block(channels, channels, stride, groups=channels)
        layers += block(channels, out, kernel=1)
        channels = out
    return torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
                               torch.nn.Linear(channels, 1000))


def efficientnet_lite0():
    """EfficientNet-B0 as its authors made it for phones: no squeeze-and-excitation, ReLU6."""
    def lighten(module):
        for name, child in module.named_children():
            if isinstance(child, torchvision.ops.SqueezeExcitation):
                setattr(module, name, torch.nn.Identity())
            elif isinstance(child, torch.nn.SiLU):
                setattr(module, name, torch.nn.ReLU6())
            else:
                lighten(child)
        return module

    return lighten(torchvision.models.efficientnet_b0(weights=None))


def ssdlite():
    return torchvision.models.detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None)


def deeplab():
    return Segmenter(torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, aux_loss=False))


# name: (build, side of the square input, output names)
NETWORKS = {
    "mobilenet_v1": (mobilenet_v1, 224, ["logits"]),
    "mobilenet_v2": (classifier("mobilenet_v2"), 224, ["logits"]),
    "mobilenet_v3_large": (classifier("mobilenet_v3_large"), 224, ["logits"]),
    "efficientnet_b0": (classifier("efficientnet_b0"), 224, ["logits"]),
    "efficientnet_lite0": (efficientnet_lite0, 224, ["logits"]),
    "resnet18": (classifier("resnet18"), 224, ["logits"]),
    "resnet50": (classifier("resnet50"), 224, ["logits"]),
    "squeezenet1_1": (classifier("squeezenet1_1"), 224, ["logits"]),
    "deeplabv3_mobilenet_v3": (deeplab, 520, ["classes"]),
    "ssdlite320_mobilenet_v3": (lambda: RawDetector(ssdlite()), 320, ["scores", "offsets"]),
    "ssdlite320_mobilenet_v3_nms": (lambda: FullDetector(ssdlite()), 320,
                                    ["boxes", "scores", "labels"]),
}


def estimate_batchnorm(model, side):
    """Running statistics from two batches of noise; all else stays as in evaluation."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # cumulative average
        norm.train()
    backbone = model.detector.backbone if isinstance(model, FullDetector) else model
    with torch.no_grad():
        for _ in range(2 if norms else 0):
            backbone(torch.randn(4, 3, side, side))
        for norm in norms:  # noise of the last few values must not divide by almost nothing
            norm.running_var.clamp_(min=1e-4)
    model.eval()


def export(name, out_dir, opset, keep_batchnorm, torchscript):
    build, side, outputs = NETWORKS[name]
    torch.manual_seed(1)
    model = build().eval()
    estimate_batchnorm(model, side)
    image = torch.randn(1, 3, side, side)
    options = {"opset_version": opset, "input_names": ["image"], "output_names": outputs}
    if keep_batchnorm:  # any mode but EVAL leaves Conv and BatchNormalization apart
        options["training"] = torch.onnx.TrainingMode.PRESERVE
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    path = out_dir / f"{name}{'_bn' if keep_batchnorm else ''}.onnx"
    unfinished = path.with_suffix(".partial")
    torch.onnx.export(model, image, str(unfinished), **options)
    unfinished.rename(path)
    if torchscript:
        torch.jit.save(torch.jit.trace(model, image), str(path.with_suffix(".pt")))
    with torch.no_grad():
        spread = [float(out.float().std()) if out.numel() > 1 else 0.0 for out in
                  (lambda y: y if isinstance(y, tuple) else (y,))(model(image))]
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB  output deviation "
          + " ".join(f"{s:.3g}" for s in spread))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("names", nargs="*", default=[], help="all if none is given: "
                           + " ".join(NETWORKS))
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/models"))
    arguments.add_argument("--opset", type=int, default=17)
    arguments.add_argument("--keep-batchnorm", action="store_true",
                           help="do not let the exporter fold BatchNormalization into Conv")
    arguments.add_argument("--torchscript", action="store_true", help="NAME.pt besides")
    given = arguments.parse_args()
    unknown = [name for name in given.names if name not in NETWORKS]
    if unknown:
        arguments.error(f"unknown network {unknown[0]}; known: {' '.join(NETWORKS)}")
    warnings.filterwarnings("ignore")
    given.out.mkdir(parents=True, exist_ok=True)
    for name in given.names or NETWORKS:
        export(name, given.out, given.opset, given.keep_batchnorm,
               given.torchscript)
    return 0


if __name__ == "__main__":
    sys.exit(main())
