// SPDX-License-Identifier: Apache-2.0
//
//   BatchNormalization(x)                 ->  x * scale + shift, per channel
//   Conv(x, w, b) * k + c, per channel    ->  Conv(x, w * k, b * k + c)
//
// likewise after ConvTranspose and Gemm. A batch norm with nothing before it to take it stays as
// a multiplication and an addition.
#include <cmath>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/constants.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

int channel_axis(const ir::Node* node) {
  const int rank = node->output(0)->type.dims.rank();
  return node->op == "Gemm" || node->attrs.get_string("layout", "nchw") == "nhwc" ? rank - 1 : 1;
}

std::span<const float> floats(const ir::Value* v) { return v->data->data<float>(); }

// scale and shift of the normalization, shaped to broadcast over channels on axis 1.
bool expand(ir::Graph& graph, ir::Node* node) {
  ir::Value* x = node->input(0);
  if (node->outputs.size() > 1 || x->type.dtype != DType::f32 || x->type.dims.rank() < 2) {
    return false;
  }
  if (node->attrs.get_int("training_mode", 0) != 0) return false;  // statistics of the batch
  if (node->attrs.get_string("layout", "nchw") != "nchw") return false;
  for (size_t i = 1; i < 5; ++i) {
    if (!node->input(i)->is_constant() || node->input(i)->type.dtype != DType::f32) return false;
  }
  const auto gamma = floats(node->input(1)), beta = floats(node->input(2));
  const auto mean = floats(node->input(3)), variance = floats(node->input(4));
  const float epsilon = node->attrs.get_float("epsilon", 1e-5f);
  Dims dims{static_cast<int64_t>(gamma.size())};
  for (int i = 2; i < x->type.dims.rank(); ++i) dims.push_back(1);
  Tensor scale(DType::f32, dims), shift(DType::f32, dims);
  for (size_t c = 0; c < gamma.size(); ++c) {
    const float s = gamma[c] / std::sqrt(variance[c] + epsilon);
    scale.mutable_data<float>()[c] = s;
    shift.mutable_data<float>()[c] = beta[c] - mean[c] * s;
  }
  ir::Value* k = graph.add_constant(node->input(1)->name + "/scale", std::move(scale));
  ir::Value* c = graph.add_constant(node->input(2)->name + "/shift", std::move(shift));
  ir::Value* scaled = ops::build(graph, node, "Mul", {x, k});
  graph.replace_uses(node->output(0), ops::build(graph, node, "Add", {scaled, c}));
  return true;
}

// The operator whose weights can take a per-channel factor on its output, or nullptr.
ir::Node* foldable(const ir::Graph& graph, const ir::Value* value) {
  for (const char* op : {"Conv", "ConvTranspose", "Gemm"}) {
    ir::Node* n = ir::only_use_producer(graph, value, op);
    if (n == nullptr) continue;
    const ir::Value* w = n->input(1);
    const ir::Value* b = n->input(2);
    const bool plain =
        n->attrs.get_string("activation", "none") == "none" && n->input(3) == nullptr;
    const bool constant = w->is_constant() && (b == nullptr || b->is_constant());
    if (!plain || !constant || w->type.dtype != DType::f32) return nullptr;
    const bool scaled = n->op == "Gemm" &&
                        (n->attrs.get_float("alpha", 1) != 1 || n->attrs.get_float("beta", 1) != 1);
    const bool grouped = n->op == "ConvTranspose" && n->attrs.get_int("group", 1) != 1;
    return scaled || grouped ? nullptr : n;
  }
  return nullptr;
}

int weight_channel_axis(const ir::Node* node) {
  if (node->op == "Gemm") return node->attrs.get_int("transB", 0) != 0 ? 0 : 1;
  const bool nchw = node->attrs.get_string("layout", "nchw") == "nchw";
  return node->op == "ConvTranspose" && nchw ? 1 : 0;
}

Tensor scale_weights(const Tensor& w, int axis, const std::vector<float>& k) {
  Tensor scaled(DType::f32, w.dims());
  const auto from = w.data<float>();
  const auto to = scaled.mutable_data<float>();
  const auto inner = static_cast<size_t>(w.dims().product(axis + 1, w.dims().rank()));
  for (size_t i = 0; i < from.size(); ++i) to[i] = from[i] * k[i / inner % k.size()];
  return scaled;
}

bool absorb(ir::Graph& graph, ir::Node* node) {
  const int c = constant_operand(node);
  if (c < 0) return false;
  ir::Node* conv = foldable(graph, node->input(static_cast<size_t>(1 - c)));
  if (conv == nullptr || !(node->output(0)->type.dims == conv->output(0)->type.dims)) return false;
  const Dims& dims = conv->output(0)->type.dims;
  const int axis = channel_axis(conv);
  const int64_t channels = dims[axis];
  const std::vector<float> k =
      per_channel_constant(node->input(static_cast<size_t>(c)), dims.rank(), axis, channels);
  if (k.empty() || node->attrs.get_string("activation", "none") != "none") return false;
  const ir::Value* b = conv->input(2);
  const bool multiply = node->op == "Mul";
  Tensor bias(DType::f32, {channels});
  // A bias of Gemm may also be one a row.
  const int64_t biases = b == nullptr ? 1 : b->type.dims.elements();
  if (biases != 1 && (biases != channels || b->type.dims.back() != channels)) return false;
  for (size_t i = 0; i < k.size(); ++i) {
    const float old = b == nullptr ? 0 : floats(b)[b->type.dims.elements() == 1 ? 0 : i];
    bias.mutable_data<float>()[i] = multiply ? old * k[i] : old + k[i];
  }
  ir::Value* w = conv->input(1);
  if (multiply) {
    w = graph.add_constant(w->name, scale_weights(*w->data, weight_channel_axis(conv), k));
  }
  const std::string bias_name = b ? b->name : conv->input(1)->name + "/bias";
  ir::Value* v =
      ops::build(graph, node, conv->op,
                 {conv->input(0), w, graph.add_constant(bias_name, std::move(bias))}, conv->attrs);
  v->producer->name = conv->name;
  graph.replace_uses(node->output(0), v);
  return true;
}

const ir::Rule kRules[] = {
    {"expand", {"BatchNormalization"}, expand},
    {"absorb", {"Mul", "Add"}, absorb},
};

}  // namespace

Result<int> fold_batchnorm(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
