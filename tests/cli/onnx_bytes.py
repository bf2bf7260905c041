# SPDX-License-Identifier: Apache-2.0
"""ONNX models of a few nodes, .npy and .npz files, written byte by byte, so that these tests need
nothing but Python."""

import io
import struct
import zipfile


def _varint(n):
    out = b""
    while True:
        out += bytes([n & 0x7F | (0x80 if n > 0x7F else 0)])
        n >>= 7
        if n == 0:
            return out


def _number(field, n):
    return _varint(field << 3) + _varint(n)


def _bytes(field, data):
    data = data.encode() if isinstance(data, str) else data
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _value(name, extents):
    shape = b"".join(_bytes(1, _number(1, e)) for e in extents)
    tensor = _number(1, 1) + _bytes(2, shape)  # float32
    return _bytes(1, name) + _bytes(2, _bytes(1, tensor))


def _external(name, extents, file, offset, length):
    place = {"location": file, "offset": str(offset), "length": str(length)}
    body = b"".join(_number(1, e) for e in extents) + _number(2, 1) + _bytes(8, name)
    body += b"".join(_bytes(13, _bytes(1, k) + _bytes(2, v)) for k, v in place.items())
    return body + _number(14, 1)


def model(nodes, inputs, outputs, external=None):
    """nodes: (op, [inputs], [outputs]); inputs and outputs: name -> extents; external: float
    initializers kept elsewhere, name -> (extents, file, offset, bytes)."""
    graph = b""
    for op, ins, outs in nodes:
        body = b"".join(_bytes(1, i) for i in ins) + b"".join(_bytes(2, o) for o in outs)
        graph += _bytes(1, body + _bytes(4, op))
    graph += _bytes(2, "tiny")
    graph += b"".join(_bytes(5, _external(n, *place)) for n, place in (external or {}).items())
    graph += b"".join(_bytes(11, _value(n, e)) for n, e in inputs.items())
    graph += b"".join(_bytes(12, _value(n, e)) for n, e in outputs.items())
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, 17))


def npy(values, shape, descr="<f4"):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, tuple(shape))
    head += " " * (-(10 + len(head) + 1) % 64) + "\n"
    code = {"<f4": "f", "<i8": "q", "|u1": "B"}[descr]
    data = struct.pack("<%d%s" % (len(values), code), *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data


def npz(**arrays):
    """name -> the bytes of a .npy file; deflated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in arrays.items():
            archive.writestr(name + ".npy", data)
    return out.getvalue()
