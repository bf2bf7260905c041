// SPDX-License-Identifier: Apache-2.0
//
// From a model file to a plan: read, bind shapes, run the passes, lower. What every command that
// takes a MODEL calls.
#pragma once

#include <optional>

#include "lower/stripes.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"
#include "plan/arena.h"
#include "plan/plan.h"

namespace fettle::compile {

struct CompileOptions {
  passes::Bindings bindings;
  passes::PipelineOptions pipeline;
  bool optimize = true;  // false: no passes, the graph as the file has it
  lower::StripeOptions stripes;
};

struct CompiledModel {
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<ir::Graph> graph;  // after the passes; null for a package
  plan::ArenaReport arena;
  std::vector<passes::PassReport> passes;
};

// Binds, optimizes and lowers a graph that a reader has made. Takes the graph.
Result<CompiledModel> compile_graph(std::unique_ptr<ir::Graph> graph,
                                    const CompileOptions& options);

// ONNX, TFLite or a package (.fettle), whose plan is taken as it is.
Result<CompiledModel> load_model(const std::string& path, const CompileOptions& options = {});

}  // namespace fettle::compile
