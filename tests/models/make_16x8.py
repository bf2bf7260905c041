# SPDX-License-Identifier: Apache-2.0
"""Writes own/mobile_16x8.tflite and own/operators_16x8.tflite: 16-bit activations, 8-bit weights, as
TensorFlow's converter makes them of small Keras networks whose weights are seeded random numbers.
Needs tensorflow (made with 2.21). The first is a network of MobileNet's kind; in the second every
operator reads the input itself, so that no error adds to another's."""
import os

import numpy as np
import tensorflow as tf

L = tf.keras.layers
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "own")


def seed_weights(model, seed):
    """Batch norms near one, kernels scaled by their fan-in."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        values = []
        for v in layer.weights:
            shape, name = tuple(v.shape), v.name
            if "gamma" in name:
                values.append(rng.uniform(0.7, 1.3, shape))
            elif "variance" in name:
                values.append(rng.uniform(0.5, 1.5, shape))
            elif "kernel" in name:
                depthwise = isinstance(layer, L.DepthwiseConv2D)
                fan_in = np.prod(shape[:2] if depthwise else shape[:-1])
                values.append(rng.normal(0, 1.6 / np.sqrt(fan_in), shape))
            else:
                values.append(rng.normal(0, 0.2, shape))
        layer.set_weights(values)


def normalized(x):
    return L.BatchNormalization()(x)


def relu6(x):
    return L.ReLU(6.0)(x)


def block(x, channels, stride, expand, kernel):
    y = relu6(normalized(L.Conv2D(x.shape[-1] * expand, 1, use_bias=False)(x)))
    y = L.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False)(y)
    y = normalized(L.Conv2D(channels, 1, use_bias=False)(relu6(normalized(y))))
    return L.Add()([x, y]) if stride == 1 and channels == x.shape[-1] else y


def mobile():
    i = L.Input((32, 32, 3), batch_size=1)
    x = relu6(normalized(L.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(i)))
    x = block(x, 16, 1, 2, 3)
    x = block(x, 24, 2, 4, 3)
    x = block(x, 24, 1, 4, 5)
    x = relu6(L.Conv2D(64, 1)(x))
    x = L.Dense(10)(L.GlobalAveragePooling2D()(x))
    return tf.keras.Model(i, [x, L.Softmax()(x)])


def operators():
    i = L.Input((8, 8, 16), batch_size=1)
    a, b = i[:, :, :, :8], i[:, :, :, 8:]
    outputs = [
        L.Activation("sigmoid")(a), L.Activation("tanh")(a), L.Activation("relu")(a),
        L.LeakyReLU(0.1)(a), L.Softmax()(a), L.Add()([a, b]), L.Subtract()([a, b]),
        L.Multiply()([a, b]), L.Maximum()([a, b]), L.Minimum()([a, b]),
        L.AveragePooling2D(3, strides=2, padding="same")(a), L.MaxPooling2D(2)(a),
        L.GlobalAveragePooling2D()(a), L.UpSampling2D(2, interpolation="bilinear")(a),
        L.Concatenate()([b, L.Rescaling(0.5)(a)]), L.Conv2D(12, 3, padding="same")(i),
        L.DepthwiseConv2D(5, strides=2, padding="same")(i), L.Conv2D(5, 1)(i),
        L.Dense(7)(L.Flatten()(i))]
    return tf.keras.Model(i, outputs)


def convert(model, name, seed, span):
    seed_weights(model, seed)
    rng = np.random.default_rng(seed)
    shape = tuple(model.inputs[0].shape)

    def samples():
        for _ in range(20):
            yield [rng.uniform(-span, span, shape).astype(np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int16
    with open(os.path.join(FOLDER, name + ".tflite"), "wb") as out:
        out.write(converter.convert())


convert(mobile(), "mobile_16x8", 1, 1)
convert(operators(), "operators_16x8", 2, 6)
