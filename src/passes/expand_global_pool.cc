// SPDX-License-Identifier: Apache-2.0
//
//   GlobalAveragePool(x)  ->  ReduceMean(x, axes = all but the first two, keepdims)
//   GlobalMaxPool(x)      ->  ReduceMax, likewise
//
// A reduction knows no layout, so that transposes pass through it.
#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

bool to_reduction(ir::Graph& graph, ir::Node* node) {
  if (node->attrs.get_string("layout", "nchw") != "nchw") return false;
  if (node->output(0)->type.quant) return false;  // an average over codes is an integer kernel
  if (node->attrs.get_string("activation", "none") != "none") return false;
  std::vector<int64_t> axes;
  for (int i = 2; i < node->input(0)->type.dims.rank(); ++i) axes.push_back(i);
  const char* op = node->op == "GlobalAveragePool" ? "ReduceMean" : "ReduceMax";
  ir::Value* r = ops::build(graph, node, op, {node->input(0), ops::constant_ints(graph, axes)},
                            {{"keepdims", int64_t{1}}});
  graph.replace_uses(node->output(0), r);
  return true;
}

const ir::Rule kRules[] = {
    {"reduce", {"GlobalAveragePool", "GlobalMaxPool"}, to_reduction},
};

}  // namespace

Result<int> expand_global_pool(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
