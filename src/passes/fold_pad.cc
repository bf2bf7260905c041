// SPDX-License-Identifier: Apache-2.0
//
//   Conv(Pad(x, zeros around height and width))  ->  Conv(x, pads grown by as much)
//
// and the same for AveragePool that counts its padding. Not where the padding is negative, of
// another value, or touches batch or channels; nor where 1x1 weights are 8-bit codes, because each
// pixel then has a range of its own (ops/conv/dynamic_range.cc) and with pads of its own would not.
#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/constants.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

bool is_pointwise(const ir::Node& conv) {
  const Dims& w = conv.input(1)->type.dims;
  const int channels = conv.attrs.get_string("layout", "nchw") == "nhwc" ? w.rank() - 1 : 1;
  return w.elements() == w[0] * w[channels];
}

bool absorb(ir::Graph& graph, ir::Node* node) {
  ir::Node* pad = ir::only_use_producer(graph, node->input(0), "Pad");
  if (pad == nullptr || pad->attrs.get_string("mode", "constant") != "constant") return false;
  if (pad->input(3) != nullptr || node->input(0)->type.quant) return false;
  const std::string_view auto_pad = node->attrs.get_string("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad != "VALID") return false;
  if (node->op == "AveragePool" && node->attrs.get_int("count_include_pad", 0) == 0) return false;
  if (pad->input(2) != nullptr && scalar_constant(pad->input(2)) != 0.0f) return false;
  if (node->op == "Conv" && node->input(1)->type.quant && is_pointwise(*node)) return false;
  const auto amounts = integer_constant(pad->input(1));
  const int rank = node->input(0)->type.dims.rank();
  if (!amounts || amounts->size() != static_cast<size_t>(2 * rank)) return false;
  const bool nhwc = node->attrs.get_string("layout", "nchw") == "nhwc";
  const int first = nhwc ? 1 : 2, spatial = rank - 2;
  std::vector<int64_t> pads(static_cast<size_t>(2 * spatial), 0);
  const auto own = node->attrs.get_ints("pads");
  for (size_t i = 0; i < own.size() && i < pads.size(); ++i) pads[i] = own[i];
  for (int axis = 0; axis < rank; ++axis) {
    for (int side = 0; side < 2; ++side) {
      const int64_t amount = (*amounts)[static_cast<size_t>(axis + side * rank)];
      const bool is_spatial = axis >= first && axis < first + spatial;
      if (amount < 0 || (!is_spatial && amount != 0)) return false;
      if (is_spatial) pads[static_cast<size_t>(axis - first + side * spatial)] += amount;
    }
  }
  graph.set_input(node, 0, pad->input(0));
  node->attrs.erase("auto_pad");
  node->attrs.set("pads", pads);
  return true;
}

const ir::Rule kRules[] = {{"absorb", {"Conv", "AveragePool"}, absorb}};

}  // namespace

Result<int> fold_pad(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
