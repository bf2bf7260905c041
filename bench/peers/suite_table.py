# SPDX-License-Identifier: Apache-2.0
"""bench/results/README.md from the results of `run_suite`: for each model Fettle's time, each
peer's, and how many times as fast as the best of them Fettle is."""
import json
import statistics

RUNTIMES = ["onnxruntime", "openvino", "litert", "ncnn", "mnn", "torch"]


def measured(result):
    return {r["runtime"]: r for r in result["runtimes"] if r["outcome"] == "measured"}


def median_ms(entry):
    return statistics.median(entry["round_medians_us"]) / 1e3


def speedup(result):
    """(how many times as fast as the best peer, that peer), or None. Ratios are medians over the
    rounds of one run."""
    found = measured(result)
    peers = {n: r["ratio"]["median"] for n, r in found.items() if n != "fettle"}
    if "fettle" not in found or not peers:
        return None
    best = min(peers, key=peers.get)
    return peers[best], best


def row(name, result):
    found = measured(result)
    cells = [name]
    for runtime in ["fettle", *RUNTIMES]:
        cells.append(f"{median_ms(found[runtime]):.3f}" if runtime in found else "–")
    best = speedup(result)
    cells.append(f"{best[0]:.2f} ({best[1]})" if best else "–")
    memory = lambda r: f"{(r['peak_kib'] - r['bare_kib']) / 1024:.1f}"
    peers = {n: r for n, r in found.items() if n != "fettle"}
    cells.append(memory(found["fettle"]) if "fettle" in found else "–")
    leanest = min(peers, key=lambda n: peers[n]["peak_kib"] - peers[n]["bare_kib"], default=None)
    cells.append(f"{memory(peers[leanest])} ({leanest})" if leanest else "–")
    return "| " + " | ".join(cells) + " |"


def section(kind, threads, results):
    head = ["model", "Fettle", "ONNX Runtime", "OpenVINO", "LiteRT", "ncnn", "MNN", "libtorch",
            "times as fast as the best peer", "memory of Fettle, MB", "of the leanest peer, MB"]
    lines = [f"## {kind}, {threads} thread{'s' if threads > 1 else ''}", "",
             "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [row(name, result) for name, result in results.items()]
    all_ratios = {n: s[0] for n, s in ((n, speedup(r)) for n, r in results.items()) if s}
    if all_ratios:
        worst = min(all_ratios, key=all_ratios.get)
        mean = statistics.geometric_mean(all_ratios.values())
        lines += ["", f"Against the best peer of each model: geometric mean {mean:.2f} times as "
                  f"fast, worst {all_ratios[worst]:.2f} ({worst})."]
    refused = [f"{r['runtime']} on {name}: {r['why']}" for name, result in results.items()
               for r in result["runtimes"] if r["outcome"] in ("refused", "failed")]
    if refused:
        lines += ["", "Not measured:", *(f"- {line[:240]}" for line in refused)]
    return lines + [""]


def load_row(name, result):
    found = measured(result)
    cells = [name]
    for runtime in ["fettle", *RUNTIMES]:
        p99 = found[runtime]["p99_us"] if runtime in found else None
        cells.append("–" if p99 is None else
                     f"{found[runtime]['p50_us'] / 1e3:.2f} / {p99 / 1e3:.2f}")
    peers = {n: r["p99_us"] for n, r in found.items() if n != "fettle" and r["p99_us"]}
    own = found["fettle"]["p99_us"] if "fettle" in found else None
    best = min(peers, key=peers.get, default=None)
    cells.append(f"{peers[best] / own:.2f} ({best})" if best and own else "–")
    return "| " + " | ".join(cells) + " |"


def load_section(kind, threads, results):
    head = ["model", "Fettle", "ONNX Runtime", "OpenVINO", "LiteRT", "ncnn", "MNN", "libtorch",
            "lowest P99 of a peer to Fettle's"]
    return [f"## {kind}, {threads} thread{'s' if threads > 1 else ''}, the other core busy", "",
            "P50 / P99 in milliseconds, where there are samples enough for a P99.", "",
            "| " + " | ".join(head) + " |", "|" + "---|" * len(head),
            *(load_row(name, result) for name, result in results.items()), ""]


def write(folder):
    """Reads every FORM_Nt.json of `folder` and writes README.md there."""
    lines = ["# Measured against other runtimes", "",
             "Written by `bench/peers/run_suite`; the JSON files beside it are what `fettle compare "
             "--json` printed. Times are medians in milliseconds, ratios medians over the rounds of "
             "one interleaved run. Memory is what the process grew to, less what it had before the "
             "runtime was touched. int8 is each runtime's own int8 form of the same float model; ncnn's "
             "quantizer is in no package, and MNN and libtorch are run in float only.", ""]
    for kind in ("float", "int8"):
        for path in sorted(folder.glob(f"{kind}_[0-9]*t.json")):
            record = json.loads(path.read_text())
            lines += section(kind, record["threads"], record["results"])
            lines += [f"{record['cpu']}, load {record['load_average'][0]:.1f}, "
                      f"`{record['command']}`", ""]
        for path in sorted(folder.glob(f"{kind}_[0-9]*t_load.json")):
            record = json.loads(path.read_text())
            lines += load_section(kind, record["threads"], record["results"])
            lines += [f"{record['cpu']}, `{record['command']}`", ""]
    (folder / "README.md").write_text("\n".join(lines))
