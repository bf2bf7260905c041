// SPDX-License-Identifier: Apache-2.0
#include "ops/activation.h"

#include <limits>

namespace fettle::ops {

namespace {
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Row {
  std::string_view name;
  size_t params;  // 0: a and b below
  Activation activation;
};
constexpr Row kRows[] = {
    {"none", 0, {}},
    {"relu", 0, {ActivationKind::clip, 0, kInfinity}},
    {"relu6", 0, {ActivationKind::clip, 0, 6}},
    {"clip", 2, {ActivationKind::clip}},
    {"hard_swish", 0, {ActivationKind::hard_swish}},
    {"hard_sigmoid", 2, {ActivationKind::hard_sigmoid}},
    {"sigmoid", 0, {ActivationKind::sigmoid}},
    {"silu", 0, {ActivationKind::silu}},
    {"leaky_relu", 1, {ActivationKind::leaky_relu}},
    {"tanh", 0, {ActivationKind::tanh}},
    {"gelu", 0, {ActivationKind::gelu}},
};
}  // namespace

Status parse_activation(const Attributes& attrs, Activation* out) {
  const std::string_view name = attrs.get_string("activation", "none");
  const auto params = attrs.get_floats("activation_params");
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    if (params.size() != row.params) {
      return invalid_input("activation '" + std::string(name) + "' takes " +
                           std::to_string(row.params) + " parameters, not " +
                           std::to_string(params.size()));
    }
    *out = row.activation;
    if (row.params > 0) out->a = params[0];
    if (row.params > 1) out->b = params[1];
    return {};
  }
  return unsupported("there is no activation '" + std::string(name) + "'");
}

Status read_tflite_activation(Attributes& attrs) {
  const std::string name(attrs.get_string("fused_activation_function", "NONE"));
  attrs.erase("fused_activation_function");
  if (name == "NONE" || name.empty()) return {};
  if (name == "RELU") {
    attrs.set("activation", "relu");
  } else if (name == "RELU6") {
    attrs.set("activation", "relu6");
  } else if (name == "TANH") {
    attrs.set("activation", "tanh");
  } else if (name == "RELU_N1_TO_1") {
    attrs.set("activation", "clip");
    attrs.set("activation_params", std::vector<float>{-1.0f, 1.0f});
  } else {
    return unsupported("fused activation " + name + " is not known");
  }
  return {};
}

}  // namespace fettle::ops
