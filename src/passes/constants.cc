// SPDX-License-Identifier: Apache-2.0
#include "passes/constants.h"

namespace fettle::passes {

std::optional<float> scalar_constant(const ir::Value* value) {
  if (value == nullptr || !value->is_constant() || value->type.dtype != DType::f32) return {};
  if (value->type.dims.elements() != 1) return {};
  return value->data->data<float>()[0];
}

std::vector<float> per_channel_constant(const ir::Value* value, int rank, int axis,
                                        int64_t channels) {
  if (value == nullptr || !value->is_constant() || value->type.dtype != DType::f32) return {};
  const Dims& dims = value->type.dims;
  if (dims.rank() > rank) return {};
  if (dims.elements() == 1) {
    return std::vector<float>(static_cast<size_t>(channels), value->data->data<float>()[0]);
  }
  for (int i = 0; i < dims.rank(); ++i) {
    const int at = i + rank - dims.rank();  // broadcasting aligns the last extents
    if (dims[i] != (at == axis ? channels : 1)) return {};
  }
  if (dims.elements() != channels) return {};
  const auto data = value->data->data<float>();
  return {data.begin(), data.end()};
}

std::optional<std::vector<int64_t>> integer_constant(const ir::Value* value) {
  if (value == nullptr || !value->is_constant() || !is_integer(value->type.dtype)) return {};
  return to_int64(value->view());
}

int constant_operand(const ir::Node* node) {
  if (node->inputs.size() != 2 || !node->inputs[0] || !node->inputs[1]) return -1;
  if (node->inputs[0]->is_constant() == node->inputs[1]->is_constant()) return -1;
  return node->inputs[0]->is_constant() ? 0 : 1;
}

}  // namespace fettle::passes
