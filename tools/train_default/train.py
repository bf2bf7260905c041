#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the default model, models/fashion_dscnn.onnx, and writes it as ONNX.

A MobileNetV1-like stack of depthwise-separable convolutions for Fashion-MNIST, small enough for a
microcontroller's flash. BatchNormalization stays in the exported graph, so that fettle's own passes
have the same work on it as on anybody's training export. Seeded and run in one thread: the same
PyTorch on the same instruction set writes the same weights again.
"""
import argparse
import gzip
import inspect
import json
import math
import pathlib
import struct
import sys
import time

import onnx
import torch
from torch import nn

MEAN, STD = 0.2860, 0.3530  # of the training pixels, after division by 255
LABELS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
          "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
PREPROCESS = f"""\
# How an image becomes the input of fashion_dscnn.onnx.
size: [28, 28]
color: gray
scale: 1/255
mean: [{MEAN}]
std: [{STD}]
layout: nchw
"""


class SeparableBlock(nn.Module):
    """3x3 depthwise, then 1x1, each with BatchNorm and ReLU; adds its input where shapes allow."""

    def __init__(self, channels_in, channels_out, stride=1):
        super().__init__()
        self.residual = stride == 1 and channels_in == channels_out
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_in, 3, stride, 1, groups=channels_in, bias=False),
            nn.BatchNorm2d(channels_in), nn.ReLU(),
            nn.Conv2d(channels_in, channels_out, 1, bias=False),
            nn.BatchNorm2d(channels_out), nn.ReLU())

    def forward(self, x):
        return x + self.body(x) if self.residual else self.body(x)


def build_network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        SeparableBlock(16, 32, 2),
        SeparableBlock(32, 32),
        SeparableBlock(32, 64, 2),
        SeparableBlock(64, 64),
        SeparableBlock(64, 96),
        SeparableBlock(96, 96),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(1), nn.Linear(96, 10))


def read_idx(path):
    with gzip.open(path) as file:
        _, _, kind, rank = struct.unpack(">BBBB", file.read(4))
        if kind != 8:
            sys.exit(f"{path}: not an IDX file of bytes")
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).reshape(shape)


def load_split(folder, split):
    images = read_idx(folder / f"{split}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{split}-labels-idx1-ubyte.gz")
    return ((images.float() / 255 - MEAN) / STD).unsqueeze(1), labels.long()


def augment(images):
    """Each image mirrored or not, and each eighth of the batch moved by up to two pixels."""
    mirrored = torch.rand(len(images)) < 0.5
    images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    padded = nn.functional.pad(images, (2, 2, 2, 2), value=-MEAN / STD)
    moved = []
    for part in padded.chunk(8):
        top, left = torch.randint(0, 5, (2,)).tolist()
        moved.append(part[:, :, top:top + 28, left:left + 28])
    return torch.cat(moved)


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        guesses = torch.cat([network(part).argmax(1) for part in images.split(1000)])
    return float((guesses == labels).float().mean())


def train(network, images, labels, epochs, batch=128, peak_rate=0.1):
    """SGD with momentum; the rate rises over the first epochs, then falls as a cosine."""
    decayed = [p for p in network.parameters() if p.dim() > 1]
    plain = [p for p in network.parameters() if p.dim() <= 1]
    optimizer = torch.optim.SGD([{"params": decayed, "weight_decay": 1e-4},
                                 {"params": plain, "weight_decay": 0.0}],
                                lr=peak_rate, momentum=0.9, nesterov=True)
    per_epoch = len(images) // batch
    warm, total = 2 * per_epoch, epochs * per_epoch
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    step = 0
    for epoch in range(epochs):
        network.train()
        start, losses = time.monotonic(), 0.0
        order = torch.randperm(len(images))
        for i in range(per_epoch):
            rate = (step + 1) / warm if step < warm else \
                0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))
            for group in optimizer.param_groups:
                group["lr"] = peak_rate * rate
            chosen = order[i * batch:(i + 1) * batch]
            loss = loss_of(network(augment(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses += float(loss)
            step += 1
        print(f"epoch {epoch + 1}/{epochs}  loss {losses / per_epoch:.4f}  "
              f"{time.monotonic() - start:.0f} s", flush=True)


def export(network, path, properties):
    network.eval()
    options = {"dynamo": False} if "dynamo" in inspect.signature(
        torch.onnx.export).parameters else {}
    unfinished = path.with_suffix(".partial")
    torch.onnx.export(network, torch.zeros(1, 1, 28, 28), str(unfinished), opset_version=13,
                      input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
                      # Any mode but EVAL leaves Conv and BatchNormalization apart.
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, **options)
    model = onnx.load(str(unfinished))
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model)
    onnx.save(model, str(unfinished))
    unfinished.rename(path)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--data", type=pathlib.Path,
                           default=pathlib.Path("/usr/share/datasets/fashion-mnist"),
                           help="folder of the four gzipped IDX files (Debian: dataset-fashion-mnist)")
    arguments.add_argument("--out", type=pathlib.Path,
                           default=pathlib.Path("models/fashion_dscnn.onnx"))
    arguments.add_argument("--epochs", type=int, default=25)
    arguments.add_argument("--limit", type=int, help="train on the first so many images only")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    torch.use_deterministic_algorithms(True)
    images, labels = load_split(given.data, "train")
    network = build_network()
    train(network, images[:given.limit], labels[:given.limit], given.epochs)
    tested = accuracy(network, *load_split(given.data, "t10k"))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    export(network, given.out, {
        "labels": json.dumps(LABELS), "test_accuracy": f"{tested:.4f}",
        "preprocess": PREPROCESS})
    given.out.with_suffix(".preprocess.yaml").write_text(
        "# SPDX-License-Identifier: Apache-2.0\n" + PREPROCESS)
    weights = sum(p.numel() for p in network.parameters())
    print(f"{given.out}: {weights} weights, {given.out.stat().st_size} bytes, "
          f"test accuracy {100 * tested:.2f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
