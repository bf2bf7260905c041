// SPDX-License-Identifier: Apache-2.0
#include "passes/pipeline.h"

#include <algorithm>

#include "base/clock.h"
#include "passes/passes.h"

namespace fettle::passes {

std::span<const Pass> pipeline() {
  static constexpr Pass kPasses[] = {
      {"remove_identity", "drop nodes that change nothing", remove_identity},
      {"expand_global_pool", "global pools become reductions", expand_global_pool},
      {"recognize_activation", "x*sigmoid(x) and its like become one node", recognize_activation},
      {"fold_batchnorm", "batch norm and constant scales go into the weights", fold_batchnorm},
      {"fold_pad", "explicit zero padding goes into the convolution", fold_pad},
      {"channels_last", "convolutions and pools run channels-last", channels_last},
      {"sink_transpose", "transposes move down until they meet and cancel", sink_transpose},
      {"place_transpose", "transposes stand where they move the fewest bytes", place_transpose},
      {"fuse_residual", "an addition after a convolution joins it", fuse_residual},
      {"fuse_clamp", "a ReLU or Clip joins the node before it", fuse_clamp},
      {"fuse_activation", "an activation joins the node before it", fuse_activation},
      {"remove_identity_again", "what the others have left over", remove_identity},
  };
  return kPasses;
}

Result<std::vector<PassReport>> run_pipeline(ir::Graph& graph, const PipelineOptions& options) {
  for (const std::string& name : options.disabled) {
    const auto all = pipeline();
    if (std::none_of(all.begin(), all.end(), [&](const Pass& p) { return p.name == name; })) {
      std::string names;
      for (const Pass& p : all) names += " " + std::string(p.name);
      return usage_error("there is no pass '" + name + "'; there are" + names);
    }
  }
  std::vector<PassReport> reports;
  for (const Pass& pass : pipeline()) {
    if (options.disabled.contains(pass.name)) continue;
    const int64_t start = now_ns();
    auto changes = pass.run(graph);
    if (!changes.ok()) return changes.take_status().at("pass " + std::string(pass.name));
    reports.push_back({pass.name, *changes, now_ns() - start, graph.nodes().size()});
    if (options.verify) {
      if (Status s = verify_after(graph); !s.ok()) {
        return Status(Code::failed,
                      "pass " + std::string(pass.name) +
                          " left a broken graph (a bug of this program): " + s.to_string());
      }
    }
    if (options.after) FETTLE_TRY(options.after(pass.name, graph));
  }
  return reports;
}

}  // namespace fettle::passes
