// SPDX-License-Identifier: Apache-2.0
//
// The passes in their order, and the one place that runs them: each is timed, the graph is
// verified after it, and any can be switched off or have its result dumped by name.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace fettle::passes {

struct Pass {
  std::string_view name;
  std::string_view purpose;  // one line, for --help and reports
  // Rewrites a typed graph and says how often it did. Running it again changes nothing.
  Result<int> (*run)(ir::Graph& graph);
};

// Every pass, in the order it runs.
std::span<const Pass> pipeline();

struct PipelineOptions {
  std::set<std::string, std::less<>> disabled;  // names of passes to leave out
  bool verify = true;
  // Called after each pass that ran, with its name: to dump the graph, say.
  std::function<Status(std::string_view, const ir::Graph&)> after;
};

struct PassReport {
  std::string_view name;
  int changes = 0;
  int64_t time_ns = 0;
  size_t nodes_after = 0;
};

Result<std::vector<PassReport>> run_pipeline(ir::Graph& graph, const PipelineOptions& options = {});

}  // namespace fettle::passes
