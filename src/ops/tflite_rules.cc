// SPDX-License-Identifier: Apache-2.0
#include "ops/tflite_rules.h"

namespace fettle::ops {

void pair_to_list(Attributes& attrs, const char* h, const char* w, const char* name) {
  attrs.set(name, std::vector<int64_t>{attrs.get_int(h, 1), attrs.get_int(w, 1)});
  attrs.erase(h);
  attrs.erase(w);
}

Status read_tflite_padding(Attributes& attrs) {
  const std::string padding(attrs.get_string("padding", "SAME"));
  if (padding != "SAME" && padding != "VALID") {
    return unsupported("padding '" + padding + "' is not known");
  }
  attrs.erase("padding");
  attrs.set("auto_pad", padding == "SAME" ? "SAME_UPPER" : "VALID");
  return {};
}

Status need_inputs(const ir::Node& node, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (node.input(i) != nullptr) continue;
    return invalid_input(
        "needs " + std::to_string(count) + " inputs; input " + std::to_string(i) + " is absent",
        node.label());
  }
  return {};
}

Result<const Tensor*> constant_input(const ir::Node& node, size_t index, const char* what) {
  const ir::Value* v = node.input(index);
  if (v == nullptr || !v->is_constant()) {
    return unsupported(std::string(what) + " should be a constant of the model", node.label());
  }
  return v->data.get();
}

}  // namespace fettle::ops
