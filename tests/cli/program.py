# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: the program, a folder of its own for each test, and
what holds for every error.  Each test file is run as  FILE SOURCE_FOLDER SHARED_FOLDER PROGRAM...
where PROGRAM may begin with an emulator."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, SHARED = (os.path.abspath(a) for a in sys.argv[1:3])
FETTLE = sys.argv[3:]
SLOWER = 10 if len(FETTLE) > 1 else 1  # how many times as long an emulator may take
FASHION = os.path.join(SOURCE, "models", "fashion_dscnn.onnx")


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder_of_its_own()

    def folder_of_its_own(self):
        self.folder = tempfile.mkdtemp(prefix="fettle-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def fettle(self, *args, expect=0, seconds=120, memory_mb=None):
        """Runs the program; `expect` is a code or several. Errors are one line on stderr."""
        def limit_memory():
            if memory_mb is not None:
                resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))
        run = subprocess.run([*FETTLE, *args], capture_output=True, timeout=seconds * SLOWER,
                             cwd=self.folder, errors="replace", preexec_fn=limit_memory)
        codes = expect if isinstance(expect, tuple) else (expect,)
        self.assertIn(run.returncode, codes, "%s\n%s%s" % (args, run.stdout, run.stderr))
        if run.returncode != 0 and args:
            if run.returncode != 4:  # a budget that cannot be met is reported all the same
                self.assertEqual(run.stdout, "", args)
            self.assertRegex(run.stderr, r"fettle(-run)?: .+", args)
        return run
