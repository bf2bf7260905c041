// SPDX-License-Identifier: Apache-2.0
#include "ops/op.h"

#include <cassert>
#include <unordered_map>
#include <utility>

namespace fettle::ops {

#define FETTLE_OPS(table) std::span<const OpDef> table##_ops();
#include "ops/ops.def"
#undef FETTLE_OPS

namespace {
struct Tables {
  std::vector<const OpDef*> ops;
  std::unordered_map<std::string_view, const OpDef*> by_name;
  std::unordered_map<std::string_view, std::pair<const OpDef*, const OnnxRule*>> onnx;
  std::unordered_map<std::string_view, std::pair<const OpDef*, const TfliteRule*>> tflite;

  void add(std::span<const OpDef> table) {
    for (const OpDef& op : table) {
      ops.push_back(&op);
      const bool fresh = by_name.emplace(op.name, &op).second;
      assert(fresh && "two operators of one name");
      (void)fresh;
      if (op.onnx.applies()) {
        for (const OnnxRule& r : op.onnx.get()) onnx.emplace(r.name, std::pair(&op, &r));
      }
      if (op.tflite.applies()) {
        for (const TfliteRule& r : op.tflite.get()) tflite.emplace(r.name, std::pair(&op, &r));
      }
    }
  }
};

const Tables& tables() {
  static const Tables built = [] {
    Tables t;
#define FETTLE_OPS(table) t.add(table##_ops());
#include "ops/ops.def"
#undef FETTLE_OPS
    return t;
  }();
  return built;
}

template <class Map>
auto find_rule(const Map& map, std::string_view name, const OpDef** op)
    -> decltype(map.begin()->second.second) {
  const auto it = map.find(name);
  if (it == map.end()) return nullptr;
  if (op != nullptr) *op = it->second.first;
  return it->second.second;
}
}  // namespace

const OpDef* find(std::string_view name) {
  const auto& map = tables().by_name;
  const auto it = map.find(name);
  return it == map.end() ? nullptr : it->second;
}

std::span<const OpDef* const> all() { return tables().ops; }

const OnnxRule* find_onnx_rule(std::string_view name, const OpDef** op) {
  return find_rule(tables().onnx, name, op);
}
const TfliteRule* find_tflite_rule(std::string_view name, const OpDef** op) {
  return find_rule(tables().tflite, name, op);
}

Status check_before_rule(const OpDef& op, const ir::Node& node) {
  const Schema& schema = op.schema.get();
  if (schema.min_inputs > 0 && node.input(0) == nullptr) {
    return invalid_input("has no first input", node.label());
  }
  if (node.outputs.empty() || (schema.max_outputs == 1 && node.outputs[0] == nullptr)) {
    return invalid_input("has no output", node.label());
  }
  return {};
}

}  // namespace fettle::ops
