// SPDX-License-Identifier: Apache-2.0
#include "ops/op.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "ops/evaluate.h"

namespace fettle::ops {

#define FETTLE_OPS(folder) std::span<const OpDef> folder##_ops();
#include "ops/ops.def"
#undef FETTLE_OPS

namespace {
struct Tables {
  std::vector<const OpDef*> ops;
  std::unordered_map<std::string_view, const OpDef*> by_name;
  std::unordered_map<std::string_view, std::pair<const OpDef*, const OnnxRule*>> onnx;
  std::unordered_map<std::string_view, std::pair<const OpDef*, const TfliteRule*>> tflite;

  void add(std::span<const OpDef> folder) {
    for (const OpDef& op : folder) {
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
#define FETTLE_OPS(folder) t.add(folder##_ops());
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

namespace {
// A device takes operands from a package, which is not believed: counts, kinds of attributes and
// what must be there are checked before an operator's own inference, which relies on them. Its
// function has no other argument than the call, so operator I has the I-th of these.
template <size_t I>
Status infer_checked(const OpCall& call) {
  const OpDef& op = *all()[I];
  FETTLE_TRY(check_schema(op, call.attrs, call.in.size(), call.out.size()));
  return infer(op, call);
}

using InferFn = Status (*)(const OpCall&);
constexpr size_t kMostOps = 512;
template <size_t... I>
constexpr std::array<InferFn, sizeof...(I)> checked_table(std::index_sequence<I...>) {
  return {infer_checked<I>...};
}
constexpr auto kInferChecked = checked_table(std::make_index_sequence<kMostOps>());
}  // namespace

bool find_portable(std::string_view name, PortableOp* op) {
  const OpDef* def = find(name);
  if (def == nullptr || !def->reference.applies()) return false;
  const auto index =
      static_cast<size_t>(std::find(all().begin(), all().end(), def) - all().begin());
  assert(index < kMostOps);
  *op = {def->name, kInferChecked[index], def->reference.get(),
         def->scratch.applies() ? def->scratch.get() : nullptr,
         def->rows.applies() ? def->rows.get() : nullptr};
  return true;
}

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
