// SPDX-License-Identifier: Apache-2.0
//
// fettle inspect MODEL
#include "compile/inspect.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"

namespace fettle::cli {

namespace {

nlohmann::json to_json(const compile::ModelReport& r,
                       const std::vector<passes::PassReport>& passes) {
  nlohmann::json j{{"name", r.name},
                   {"operators", r.operators},
                   {"parameters", r.parameters},
                   {"macs", r.macs},
                   {"weight_bytes", r.weight_bytes},
                   {"arena_bytes", r.arena.bytes},
                   {"arena_lower_bound_bytes", r.arena.lower_bound},
                   {"metadata", r.metadata}};
  for (const auto& i : r.inputs) j["inputs"].push_back({{"name", i.name}, {"type", i.type}});
  for (const auto& o : r.outputs) j["outputs"].push_back({{"name", o.name}, {"type", o.type}});
  for (const auto& l : r.layers) {
    j["layers"].push_back({{"op", l.op},
                           {"name", l.name},
                           {"output", l.output},
                           {"macs", l.macs},
                           {"weight_bytes", l.weight_bytes},
                           {"in_bytes", l.in_bytes},
                           {"out_bytes", l.out_bytes}});
  }
  for (const auto& s : r.stripes) {
    j["stripes"].push_back({{"first_layer", s.first_step},
                            {"last_layer", s.last_step},
                            {"rows", s.stripe_rows},
                            {"window_bytes", s.window_bytes},
                            {"whole_bytes", s.whole_bytes}});
  }
  for (const auto& p : passes) {
    j["passes"].push_back({{"name", p.name}, {"changes", p.changes}, {"time_ns", p.time_ns}});
  }
  return j;
}

void print(const compile::ModelReport& r, const std::vector<passes::PassReport>& passes,
           bool layers, bool arena) {
  std::printf("model       %s\n", r.name.c_str());
  for (const auto& i : r.inputs)
    std::printf("input       %s: %s\n", i.name.c_str(), i.type.c_str());
  for (const auto& o : r.outputs) {
    std::printf("output      %s: %s\n", o.name.c_str(), o.type.c_str());
  }
  std::printf("parameters  %.3f M in %.2f MB\n", static_cast<double>(r.parameters) / 1e6,
              static_cast<double>(r.weight_bytes) / 1e6);
  std::printf("work        %.1f M multiply-accumulates\n", static_cast<double>(r.macs) / 1e6);
  std::printf("arena       %.1f KiB at its peak (step %d)",
              static_cast<double>(r.arena.bytes) / 1024, r.arena.peak_step);
  if (r.arena.lower_bound > 0) {
    std::printf("; no layout of these steps needs less than %.1f KiB",
                static_cast<double>(r.arena.lower_bound) / 1024);
  }
  std::printf("\noperators  ");
  for (const auto& [op, count] : r.operators) std::printf(" %s %d", op.c_str(), count);
  std::printf("\n");
  for (const auto& p : passes) {
    if (p.changes == 0) continue;
    std::printf("pass        %-22.*s %d changes, %.2f ms\n", static_cast<int>(p.name.size()),
                p.name.data(), p.changes, static_cast<double>(p.time_ns) / 1e6);
  }
  for (const auto& s : r.stripes) {
    std::printf("stripes     layers %d to %d, %d rows at a time: %.1f KiB between them, not %.1f\n",
                s.first_step, s.last_step, s.stripe_rows,
                static_cast<double>(s.window_bytes) / 1024,
                static_cast<double>(s.whole_bytes) / 1024);
  }
  if (layers) {
    std::printf("\n%-22s %-34s %10s %10s  %s\n", "operator", "name", "MMACs", "weights", "output");
    for (const auto& l : r.layers) {
      std::printf("%-22s %-34.34s %10.2f %9.1fK  %s\n", l.op.c_str(), l.name.c_str(),
                  static_cast<double>(l.macs) / 1e6, static_cast<double>(l.weight_bytes) / 1024,
                  l.output.c_str());
    }
  }
  if (arena) std::printf("\n%s", r.arena_map.c_str());
}

}  // namespace

Status inspect_command(const std::vector<std::string>& args) {
  CLI::App app("What a model is: operators, shapes, parameters, work and memory", "inspect");
  ModelOptions model;
  model.add_to(app);
  bool layers = false, arena = false, raw = false;
  app.add_flag("--layers", layers, "a line for each layer");
  app.add_flag("--arena", arena, "the map of activation memory, a line for each step");
  app.add_flag("--raw", raw, "as the file has it, before any pass");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};
  FETTLE_ASSIGN(compile::CompileOptions options, model.compile_options());
  options.optimize = !raw;
  FETTLE_ASSIGN(const auto compiled, compile::load_model(model.model, options));
  const compile::ModelReport report = compile::inspect(compiled);
  if (model.json) {
    std::puts(to_json(report, compiled.passes).dump().c_str());
  } else {
    print(report, compiled.passes, layers, arena);
  }
  return {};
}

}  // namespace fettle::cli
