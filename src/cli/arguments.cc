// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <charconv>
#include <cstdio>

#include "base/cpu.h"
#include "base/files.h"
#include "device/placement.h"
#include "device/topology.h"
#include "ir/text.h"

namespace fettle::cli {

Status parse(CLI::App& app, const std::vector<std::string>& args, bool* done) {
  *done = false;
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    *done = true;
  } catch (const CLI::ParseError& e) {
    return usage_error(std::string(e.what()) + " (see fettle " + app.get_name() + " --help)");
  }
  return {};
}

Result<std::pair<std::string, std::string>> split_assignment(const std::string& text) {
  const size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return usage_error("'" + text + "' is not of the form NAME=VALUE");
  }
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

Result<std::vector<int64_t>> parse_extents(const std::string& text) {
  std::vector<int64_t> extents;
  const char* p = text.data();
  const char* end = p + text.size();
  while (p <= end) {
    int64_t e = 0;
    const auto [next, error] = std::from_chars(p, end, e);
    if (error != std::errc() || e < 0 || (next != end && *next != ',')) {
      return usage_error("'" + text + "' is not a list of extents such as 1,3,224,224");
    }
    extents.push_back(e);
    if (next == end) break;
    p = next + 1;
  }
  return extents;
}

void ModelOptions::add_to(CLI::App& app) {
  app.add_option("MODEL", model, ".onnx, .tflite or .fettle")->required();
  app.add_option("--shape", shapes, "NAME=1,3,224,224 fixes a dynamic input");
  app.add_option("--disable-pass", disabled_passes, "leave a pass out, by name");
  app.add_option("--dump-passes", dump_passes,
                 "write the graph's text after each pass to a folder");
  app.add_option("--stripe-cache", stripe_cache_kb,
                 "KiB of a core's cache to cut layers into stripes for; 0: no stripes (default: "
                 "this machine's)")
      ->check(CLI::Range(0, 1 << 20));
  app.add_option("--threads", threads,
                 "threads to run with (default: one for each of the fastest cores)")
      ->check(CLI::Range(0, 1024));
  app.add_flag("--json", json, "one JSON object on stdout");
}

Result<compile::CompileOptions> ModelOptions::compile_options() const {
  compile::CompileOptions options;
  for (const std::string& s : shapes) {
    FETTLE_ASSIGN(auto pair, split_assignment(s));
    FETTLE_ASSIGN(options.bindings.shapes[pair.first], parse_extents(pair.second));
  }
  options.stripes.cache_bytes =
      stripe_cache_kb >= 0 ? int64_t{stripe_cache_kb} << 10 : device::cache_per_core_bytes();
  options.pipeline.disabled.insert(disabled_passes.begin(), disabled_passes.end());
  if (!dump_passes.empty()) {
    FETTLE_TRY(make_folder(dump_passes));
    options.pipeline.after = [folder = dump_passes, n = 0](std::string_view pass,
                                                           const ir::Graph& graph) mutable {
      const std::string number = (n < 10 ? "0" : "") + std::to_string(n);
      ++n;
      return write_file(folder + "/" + number + "_" + std::string(pass) + ".txt",
                        ir::print(graph, {.elide = true}));
    };
  }
  return options;
}

int ModelOptions::thread_count() const {
  if (threads > 0) return threads;
  const auto placement = device::place_threads({}, device::usable_processors());
  return placement.ok() ? placement->threads : usable_cores();
}

}  // namespace fettle::cli
