# SPDX-License-Identifier: Apache-2.0
"""A worker without a runtime, for tests: it computes Relu by hand, and misbehaves where its file's
name says so in BEHAVIOUR. One script plays every runtime; the test links it under their names."""
import json
import os
import struct
import subprocess
import sys
import time

BEHAVIOUR = json.loads(os.environ["FAKE_WORKERS"]).get(
    os.path.basename(sys.argv[0]).replace("_worker.py", ""), "")


def read_npy(path):
    """Shape and float32 elements of a version 1 file."""
    with open(path, "rb") as f:
        data = f.read()
    size, = struct.unpack("<H", data[8:10])
    header = eval(data[10:10 + size].decode())
    assert header["descr"] == "<f4", header
    body = data[10 + size:]
    return header["shape"], list(struct.unpack("<%df" % (len(body) // 4), body))


def write_npy(path, shape, values):
    header = repr({"descr": "<f4", "fortran_order": False, "shape": tuple(shape)}) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        f.write(struct.pack("<%df" % len(values), *values))


def reply(message):
    print(message if isinstance(message, str) else json.dumps(message), flush=True)


def misbehave(do):
    """What is asked of it at the request `do`, as DO:HOW."""
    at, _, how = BEHAVIOUR.partition(":")
    if at != do:
        return
    if how == "die":
        print("out of sorts", file=sys.stderr, flush=True)
        os._exit(7)
    if how == "crash":
        os.abort()
    if how == "hang":
        subprocess.Popen(["sleep", "600"])  # a child of its own must go as well
        time.sleep(600)
    if how == "refuse":
        reply({"error": "Relu is\nnot for me"})
    elif how == "garbage":
        reply("this is no answer")
    elif how == "list":
        reply([1, 2, 3])
    elif how == "endless":
        while True:
            sys.stdout.write("x" * 65536)
    elif how == "nan":
        reply('{"samples_us": [1, NaN, 3]}')
    elif how == "negative":
        reply({"samples_us": [-1, -2, -3]})
    elif how == "few":
        reply({"samples_us": [1]})
    elif how == "shape":
        write_npy("fake.npy", [2], [0, 0])
        reply({"outputs": [{"name": "y", "file": os.path.abspath("fake.npy")}]})
    elif how == "nofile":
        reply({"outputs": [{"name": "y", "file": "/nowhere/y.npy"}]})
    elif how == "extents":
        reply({"load_ms": 1, "settings": "", "inputs": [{"name": "x", "shape": [1] * 50}]})
    elif how == "null":
        reply({"load_ms": None, "settings": None, "inputs": None})
    else:
        raise ValueError(how)
    return True


def main():
    if misbehave("start"):
        return
    reply({"started": True})
    if BEHAVIOUR == "missing":
        reply({"missing": "no such module"})
        return
    reply({"version": "0.0 fake"})
    shape, values = None, None
    for line in sys.stdin:
        request = json.loads(line)
        do = request["do"]
        if misbehave(do):
            continue
        if do == "prepare":
            assert request["inputs"] == [{"name": "x", "shape": [1, 3]}], request
            reply({"model": request["model"]})
        elif do == "load":
            reply({"load_ms": 1.5, "settings": "by hand",
                   "inputs": [{"name": "x", "shape": [-1, 3]}]})
        elif do == "input":
            shape, values = read_npy(request["file"])
            reply({})
        elif do == "outputs":
            path = os.path.join(request["folder"], "y.npy")
            write_npy(path, shape, [max(v, 0) for v in values])
            reply({"outputs": [{"name": "y", "file": path}]})
        elif do == "run":
            time.sleep(0.01)
            reply({"samples_us": [10000, 20000, 30000]})


main()
