// SPDX-License-Identifier: Apache-2.0
#include "compile/compile.h"

#include "compile/read_model.h"
#include "lower/lower.h"
#include "plan/package.h"

namespace fettle::compile {

Result<CompiledModel> compile_graph(std::unique_ptr<ir::Graph> graph,
                                    const CompileOptions& options) {
  CompiledModel compiled;
  FETTLE_ASSIGN(graph, passes::bind_shapes_or_values(std::move(graph), options.bindings));
  if (options.optimize) {
    FETTLE_ASSIGN(compiled.passes, passes::run_pipeline(*graph, options.pipeline));
  }
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(*graph, &compiled.arena, options.stripes));
  compiled.plan = std::make_shared<const plan::Plan>(std::move(plan));
  compiled.graph = std::move(graph);
  return compiled;
}

Result<CompiledModel> load_model(const std::string& path, const CompileOptions& options) {
  FETTLE_ASSIGN(const Format format, sniff(path));
  if (format == Format::package) {
    const bool asked = !options.bindings.shapes.empty() || !options.pipeline.disabled.empty() ||
                       options.pipeline.after || !options.optimize;
    if (asked && options.bindings.offered_values.empty()) {
      return usage_error(
                 "shapes and passes were fixed when this package was made; give the model "
                 "it was made from, or leave out --shape and the options about passes")
          .at(path);
    }
    CompiledModel compiled;
    FETTLE_ASSIGN(compiled.plan, plan::open_package(path));
    compiled.arena.bytes = compiled.plan->arena_bytes;
    return compiled;
  }
  auto graph = read_model(path);
  if (!graph.ok()) return graph.take_status();
  auto compiled = compile_graph(std::move(graph).value(), options);
  if (!compiled.ok()) return compiled.take_status().at(path);
  return compiled;
}

}  // namespace fettle::compile
