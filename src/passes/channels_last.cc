// SPDX-License-Identifier: Apache-2.0
//
//   Conv(x, w)  ->  Transpose(Conv(Transpose(x), w', layout=nhwc))
//
// for every operator of four dimensions that knows a layout. sink_transpose then moves the
// transposes together until they cancel; w' is transposed here, once.
#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

const std::vector<int64_t> kToLast = {0, 2, 3, 1};
const std::vector<int64_t> kToFirst = {0, 3, 1, 2};

bool to_channels_last(ir::Graph& graph, ir::Node* node) {
  if (node->attrs.get_string("layout", "nchw") != "nchw") return false;
  if (node->input(0)->type.dims.rank() != 4 || node->outputs.size() != 1) return false;
  if (node->input(0)->type.dynamic) return false;
  // Groups would have to be taken apart and put together again.
  if (node->op == "ConvTranspose" && node->attrs.get_int("group", 1) != 1) return false;
  std::vector<ir::Value*> inputs = node->inputs;
  inputs[0] = ops::transpose(graph, node, inputs[0], kToLast);
  if (node->op == "Conv") inputs[1] = ops::transpose(graph, node, inputs[1], kToLast);
  if (node->op == "ConvTranspose") {  // [I,O,KH,KW] -> [O,KH,KW,I]
    inputs[1] = ops::transpose(graph, node, inputs[1], {1, 2, 3, 0});
  }
  if (inputs.size() > 3 && inputs[3] != nullptr) {
    inputs[3] = ops::transpose(graph, node, inputs[3], kToLast);
  }
  Attributes attrs = node->attrs;
  attrs.set("layout", std::string("nhwc"));
  ir::Value* made = ops::build(graph, node, node->op, std::move(inputs), std::move(attrs),
                               node->output(0)->type.quant);
  made->producer->name = node->name;
  graph.replace_uses(node->output(0), ops::transpose(graph, node, made, kToFirst));
  return true;
}

const ir::Rule kRules[] = {
    {"layout",
     {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
      "DepthToSpace", "SpaceToDepth"},
     to_channels_last},
};

}  // namespace

Result<int> channels_last(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
