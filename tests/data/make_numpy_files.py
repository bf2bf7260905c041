#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/numpy/: arrays as NumPy itself writes them, which npy_test.cc reads."""
import io
import pathlib

import numpy as np
from numpy.lib import format as npy

here = pathlib.Path(__file__).parent / "numpy"
here.mkdir(exist_ok=True)
for name in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
             "float16", "float32", "float64"]:
    np.save(here / f"{name}.npy", (np.arange(6) - (0 if name[0] in "ub" else 2)).reshape(2, 3)
            .astype(name))
np.save(here / "fortran.npy", np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)))
np.save(here / "big_endian.npy", np.arange(4).astype(">i4"))
np.save(here / "scalar.npy", np.float64(2.5))
np.save(here / "empty.npy", np.zeros((0, 3), np.float32))
np.save(here / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
np.save(here / "structured.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
for version in [(2, 0), (3, 0)]:
    out = io.BytesIO()
    npy.write_array(out, np.arange(3, dtype=np.int16), version=version)
    (here / f"version{version[0]}.npy").write_bytes(out.getvalue())
np.savez(here / "stored.npz", x=np.arange(6, dtype=np.float32).reshape(2, 3),
         y=np.array([1, 0], dtype=np.int64))
np.savez_compressed(here / "deflated.npz", x=np.arange(1000, dtype=np.int32))
