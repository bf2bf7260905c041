// SPDX-License-Identifier: Apache-2.0
//
// fettle quantize MODEL --data DATASET -o OUT.fettle --scheme int8|int16 [--keep-slower]
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "plan/package.h"
#include "search/quantize_model.h"

namespace fettle::cli {

namespace {

void print(const search::FasterModel& result, const std::string& scheme, const std::string& out) {
  const double float_ms = result.speed.first_us / 1e3, integer_ms = result.speed.second_us / 1e3;
  if (result.kept_float) {
    std::printf(
        "wrote %s in float: %s is slower on this machine, %.3f ms against %.3f ms (--keep-slower "
        "writes it all the same)\n",
        out.c_str(), scheme.c_str(), integer_ms, float_ms);
    return;
  }
  std::printf(
      "wrote %s: %d layers in integers, %d in float; %.3f ms on this machine, %.3f ms before\n",
      out.c_str(), result.report.integer_nodes, result.report.float_nodes, integer_ms, float_ms);
  for (const std::string& why : result.report.kept_float) std::printf("  float: %s\n", why.c_str());
}

}  // namespace

Status quantize_command(const std::vector<std::string>& args) {
  CLI::App app("Post-training quantization", "quantize");
  ModelOptions model;
  model.add_to(app);
  search::QuantizeOptions options;
  std::string out, scheme = "int8";
  app.add_option("--data", options.data, "samples to calibrate with")->required();
  app.add_option("-o,--output", out, "the package to write (.fettle)")->required();
  app.add_option("--scheme", scheme, "int8 (default), or int16: activations of 16 bits");
  app.add_option("--preprocess", options.preprocess, "YAML: how samples become inputs");
  app.add_option("--calibration-samples", options.samples, "default 200")
      ->check(CLI::PositiveNumber);
  app.add_flag("--keep-slower", options.keep_slower,
               "write integers where they are slower than floats on this machine, too");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};
  if (scheme == "int16") {
    options.scheme = quantize::Scheme::int16;
  } else if (scheme != "int8") {
    return unsupported("scheme '" + scheme + "' is not in this build; int8 and int16 are");
  }
  if (!out.ends_with(".fettle")) return usage_error("'" + out + "' must end in .fettle");
  options.model = model.model;
  options.threads = model.thread_count();
  FETTLE_ASSIGN(options.compile, model.compile_options());
  Progress progress("calibrating");
  options.progress = progress.callback();
  FETTLE_ASSIGN(const auto result, search::quantize_model(options));
  FETTLE_TRY(write_file(out, plan::write_package(*result.plan)));
  if (model.json) {
    std::puts(nlohmann::json{{"written", out},
                             {"scheme", result.kept_float ? "float" : scheme},
                             {"float_us", result.speed.first_us},
                             {"integer_us", result.speed.second_us},
                             {"integer_layers", result.report.integer_nodes},
                             {"float_layers", result.report.float_nodes},
                             {"kept_float", result.report.kept_float}}
                  .dump()
                  .c_str());
    return {};
  }
  print(result, scheme, out);
  return {};
}

}  // namespace fettle::cli
