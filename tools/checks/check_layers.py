#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an #include, or a link in src/CMakeLists.txt, that breaks the lines of layers.txt.

usage: check_layers.py [ROOT]      ROOT holds src/; by default the repository

Headers of the project are included with quotes and named from src/ ("ir/graph.h"), never with '..'.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
LAYER_LINE = re.compile(r"^\s*fettle_layer\(\s*([a-z_/]+)([^)]*)\)", re.MULTILINE)
SYSTEM_FOLDERS = {"sys", "linux", "asm", "arpa", "netinet", "net"}
SYSTEM_HEADERS = set("""
    arm_acle arm_neon assert cpuid ctype dirent dlfcn elf errno fcntl features float grp immintrin
    inttypes limits locale malloc math memory netdb poll pthread pwd sched semaphore setjmp signal
    stdarg stddef stdint stdio stdlib string strings syscall syslog termios time ucontext unistd
    wchar x86intrin""".split())


def read_table(path):
    """layer -> (layers it may include, third-party folders it may include or None for any)."""
    table = {}
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        layer, _, rest = line.partition(":")
        allowed, bound, third_party = rest.partition("|")
        table[layer.strip()] = (set(allowed.split()), set(third_party.split()) if bound else None)
    every = set(table)
    for layer, (allowed, _) in table.items():
        if "*" in allowed:
            allowed |= every
        if unknown := allowed - every - {"*"}:
            sys.exit(f"{path}: {layer} names unknown layers: {' '.join(sorted(unknown))}")
    return table


def is_system(name):
    if "/" in name:
        return name.split("/")[0] in SYSTEM_FOLDERS
    return "." not in name or name.removesuffix(".h") in SYSTEM_HEADERS


def complaint(table, source, layer, quote, name):
    """What is wrong with one include of source, or None."""
    if ".." in name.split("/"):
        return "leaves its folder; name the header from src/"
    target = name.split("/")[0]
    allowed, third_party = table[layer]
    if quote == '"':
        if "/" not in name:
            return f'names no layer; write "{layer}/{name}", from src/'
        if target == "fettle" or target == layer or target in allowed:
            return None
        if target not in table:
            return f"'{target}' is no layer; other people's headers are included with <>"
        return f"{layer} may include {' '.join(sorted(allowed)) or 'no other layer'}, not {target}"
    if (source / name).is_file():
        return "is the project's own header; include it with quotes"
    if third_party is None or is_system(name) or target in third_party:
        return None
    return f"{layer} is on the device side and may not depend on <{target}>"


def check_sources(table, source):
    problems = []
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".cc", ".h", ".c", ".def", ".inc") or not path.is_file():
            continue
        layer = path.relative_to(source).parts[0]
        if layer not in table:
            problems.append(f"{path}: '{layer}' is no layer of layers.txt")
            continue
        is_test = path.stem.endswith(("_test", "_testing"))
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            found = INCLUDE.match(line)
            if not found or (is_test and found[2].startswith(("gtest/", "gmock/"))):
                continue
            if wrong := complaint(table, source, layer, found[1], found[2]):
                problems.append(f"{path}:{number}: {found[2]}: {wrong}")
    return problems


def check_links(table, lists):
    """The layers that each fettle_layer(NAME DEPS ...) links."""
    problems = []
    for name, rest in LAYER_LINE.findall(lists.read_text()):
        layer = name.split("/")[0]
        if layer not in table:
            problems.append(f"{lists}: '{layer}' is no layer of layers.txt")
            continue
        linked = re.search(r"\bDEPS\s+((?:[a-z_/0-9]+\s*)*)", rest)
        for dependency in linked[1].split() if linked else []:
            target = dependency.split("/")[0]
            if target != layer and target not in table[layer][0]:
                problems.append(f"{lists}: {name} may not link {dependency}")
    return problems


def main():
    here = pathlib.Path(__file__).resolve().parent
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent.parent
    source = root / "src"
    if not source.is_dir():
        sys.exit(f"{source}: no such folder")
    table = read_table(here / "layers.txt")
    problems = check_sources(table, source)
    if (lists := source / "CMakeLists.txt").is_file():
        problems += check_links(table, lists)
    print("\n".join(problems) or "layers: every include keeps its line")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
