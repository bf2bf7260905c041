# SPDX-License-Identifier: Apache-2.0
"""Writes own/mobile_dynamic.tflite and own/operators_dynamic.tflite: 8-bit weights and float
activations, as TensorFlow's converter makes them of small Keras networks whose weights are seeded
random numbers. It leaves weights of fewer than 1,024 elements in float. Needs tensorflow (made with
2.21). The first is a network of MobileNet's kind; in the second every operator reads the input
itself, so that no error adds to another's."""
import os

import numpy as np
import tensorflow as tf

L = tf.keras.layers
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "own")


def seed_weights(model, seed):
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        depthwise = isinstance(layer, L.DepthwiseConv2D)
        layer.set_weights([
            rng.normal(0, 0.2, v.shape) if len(v.shape) == 1 else
            rng.normal(0, 1.6 / np.sqrt(np.prod(v.shape[:2] if depthwise else v.shape[:-1])),
                       v.shape) for v in layer.weights])


def block(x, channels, stride, kernel):
    y = L.ReLU(6.0)(L.Conv2D(96, 1)(x))
    y = L.ReLU(6.0)(L.DepthwiseConv2D(kernel, strides=stride, padding="same")(y))
    y = L.Conv2D(channels, 1)(y)
    return L.Add()([x, y]) if stride == 1 and channels == x.shape[-1] else y


def mobile():
    i = L.Input((32, 32, 3), batch_size=1)
    x = L.ReLU(6.0)(L.Conv2D(24, 5, strides=2, padding="same")(i))
    x = block(x, 24, 1, 5)
    x = block(x, 32, 2, 5)
    x = L.ReLU()(L.Conv2D(64, 1)(block(x, 32, 1, 5)))
    x = L.Dense(32)(L.GlobalAveragePooling2D()(x))
    return tf.keras.Model(i, [x, L.Softmax()(x)])


def operators():
    i = L.Input((9, 7, 48), batch_size=1)
    outputs = [
        L.Conv2D(32, 1, activation="relu")(i), L.Conv2D(12, 3, padding="same")(i),
        L.Conv2D(12, 3, strides=2, padding="same", activation="relu6")(i),
        L.Conv2D(12, (1, 3), dilation_rate=2, use_bias=False)(i),
        L.Conv2D(16, 3, groups=4)(i), L.DepthwiseConv2D(5, padding="same")(i),
        L.DepthwiseConv2D(5, strides=2, depth_multiplier=2, activation="relu")(i),
        L.Dense(40)(i), L.Dense(11, activation="relu")(L.Flatten()(i)),
        L.Conv2DTranspose(6, 3, strides=2)(i)]
    return tf.keras.Model(i, outputs)


def convert(model, name, seed):
    seed_weights(model, seed)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with open(os.path.join(FOLDER, name + ".tflite"), "wb") as out:
        out.write(converter.convert())


convert(mobile(), "mobile_dynamic", 1)
convert(operators(), "operators_dynamic", 2)
