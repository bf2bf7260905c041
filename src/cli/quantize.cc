// SPDX-License-Identifier: Apache-2.0
//
// fettle quantize MODEL --data DATASET -o OUT.fettle --scheme int8|int16
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "plan/package.h"
#include "search/quantize_model.h"

namespace fettle::cli {

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
  FETTLE_ASSIGN(const auto quantized, search::quantize_model(options));
  FETTLE_TRY(write_file(out, plan::write_package(*quantized.plan)));
  if (model.json) {
    std::puts(nlohmann::json{{"written", out},
                             {"integer_layers", quantized.report.integer_nodes},
                             {"float_layers", quantized.report.float_nodes},
                             {"kept_float", quantized.report.kept_float}}
                  .dump()
                  .c_str());
    return {};
  }
  std::printf("wrote %s: %d layers in integers, %d in float\n", out.c_str(),
              quantized.report.integer_nodes, quantized.report.float_nodes);
  for (const std::string& why : quantized.report.kept_float)
    std::printf("  float: %s\n", why.c_str());
  return {};
}

}  // namespace fettle::cli
