// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <numeric>

#include "cli/command.h"

namespace fettle::cli {

namespace {

constexpr Command kCommands[] = {
    {"inspect", "operators, shapes, parameters, MACs and memory of a model", inspect_command},
    {"convert", "one model format to another: .onnx .tflite .fettle to .onnx .fettle",
     convert_command},
    {"run", "run a model on .npy inputs", run_command},
    {"fit", "make a model hold its deadline on a device: the main job", fit_command},
    {"eval", "the task metric of a model on a dataset", eval_command},
    {"quantize", "post-training quantization to int8 or int16", quantize_command},
    {"device", "known devices, and probing this machine", device_command},
    {"bench", "latency percentiles, jitter and a profile of a model", bench_command},
    {"compare", "a model through several runtimes: latency, memory, agreement", compare_command},
};

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

void print_usage(FILE* to) {
  std::fputs("fettle COMMAND [arguments], with COMMAND one of\n\n", to);
  for (const Command& c : kCommands) {
    std::fprintf(to, "  %-10s %s\n", c.name.data(), c.help.data());
  }
  std::fputs("\nfettle COMMAND --help says more of each.\n", to);
}

Status unknown_command(const std::string& name) {
  const auto nearest = std::min_element(
      std::begin(kCommands), std::end(kCommands), [&](const Command& a, const Command& b) {
        return edit_distance(name, a.name) < edit_distance(name, b.name);
      });
  std::string message = "there is no command '" + name + "'";
  if (edit_distance(name, nearest->name) <= 2) {
    message += "; did you mean '" + std::string(nearest->name) + "'?";
  }
  return usage_error(message);
}

Status dispatch(const std::vector<std::string>& args) {
  for (const Command& c : kCommands) {
    if (args[0] == c.name) return c.run({args.begin() + 1, args.end()});
  }
  return unknown_command(args[0]);
}

int run(const std::vector<std::string>& args) {
  if (args.empty()) {
    print_usage(stderr);
    return 2;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_usage(stdout);
    return 0;
  }
  if (args[0] == "--version") {
    std::puts("fettle 0.1.0");
    return 0;
  }
  const Status status = dispatch(args);
  if (!status.ok()) std::fprintf(stderr, "fettle: %s\n", status.to_string().c_str());
  return status.exit_code();
}

}  // namespace

}  // namespace fettle::cli

int main(int argc, char** argv) {
  try {
    return fettle::cli::run({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    std::fputs("fettle: out of memory\n", stderr);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fettle: unexpected failure: %s\n", e.what());
  }
  return 1;
}
