// SPDX-License-Identifier: Apache-2.0
//
// An operator: everything that is known about it, one facet a member. Each operator has a folder
// src/ops/<op>/ that defines a table of one OpDef (or a family's, of several) and names it with
// FETTLE_OP_TABLE, and a line in ops.def. A facet has no default, so a missing one stops the build
// by the member's name; what does not apply is written out as kNotApplicable.
//
// schema, infer, reference, scratch and rows are on the device too (data-dependent shapes are
// inferred again with the actual extents): they see only base types, never allocate on success, and
// never throw. The device's half of each table is made of the same definitions when it is compiled;
// a program that asks for it alone (ops/portable.h) has nothing of the other facets, as the linker
// drops what is not reached. That is why tables are constants: a table that is made while the
// program runs would reach all of it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/op_call.h"
#include "base/portable_op.h"
#include "ir/graph.h"
#include "ops/portable.h"

namespace fettle::ops {

struct NotApplicable {};
inline constexpr NotApplicable kNotApplicable;

// A T that must be given: there is no default constructor on purpose.
template <class T>
class Facet {
 public:
  constexpr Facet(T value) : value_(value), applies_(true) {}    // NOLINT: implicit by design
  constexpr Facet(NotApplicable) : value_(), applies_(false) {}  // NOLINT: implicit by design
  template <class U>                                             // a table given as an array
  requires(std::is_convertible_v<const U&, T> &&
           !std::is_same_v<U, T>) constexpr Facet(const U& value)
      : value_(value), applies_(true) {}  // NOLINT: implicit by design
  constexpr bool applies() const { return applies_; }
  constexpr const T& get() const { return value_; }

 private:
  T value_;
  bool applies_;
};

// Work beyond moving the operands: multiply-accumulates, and other arithmetic operations.
struct Cost {
  int64_t macs = 0;
  int64_t flops = 0;
};

// How post-training quantization treats the operator.
enum class QuantRule : uint8_t {
  keep_float,    // computes in float between dequantize and quantize
  compute,       // has an integer form with its own output range
  weighted,      // the same, and input 1 is a weight quantized per output channel (bias: input 2)
  pass_through,  // moves or selects elements: output range is input 0's
  same_scale,    // all inputs and the output share one range (Concat)
  table,         // look-up by code: one input, any function; infer may take codes of 16 bits itself
};

// Where the output may overwrite an input: input i, or none (-1).
using InPlaceFn = bool (*)(const OpCall& call, int input);

// ONNX: how a node with this operator's ONNX name becomes ours. `graph` already holds `node`
// with ONNX's operator name, inputs and attributes as in the file; the rule rewrites it in place
// (rename attributes, make inputs of attributes, replace it by several nodes). nullptr: the
// latest ONNX form is ours, attribute for attribute.
struct OnnxRule {
  std::string_view name;  // ONNX's operator name; domain "" unless written "domain:Name"
  int since = 1;          // first opset that the rule reads
  Status (*from)(ir::Graph& graph, ir::Node* node, int opset) = nullptr;
  // The way back, to opset 21; nullptr: same name and attributes.
  Status (*to)(ir::Graph& graph, ir::Node* node) = nullptr;
};

// TFLite, likewise: the reader makes a node named after the builtin ("CONV_2D") whose options
// table became attributes under the schema's field names. A rule "CONV_2D/u8" goes first where the
// file's result is uint8, which is i8 here (docs/arithmetic.md), and that makes a difference.
struct TfliteRule {
  std::string_view name;
  Status (*from)(ir::Graph& graph, ir::Node* node) = nullptr;
  // Of an operator on floats: constant 8-bit weights in input 1 come as the codes of the file, not
  // as the floats that they stand for (base/dynamic_range.h).
  bool takes_codes = false;
};

// One example call, from which tests, fuzzing and micro-benchmarks are generated.
struct Case {
  std::string_view name;
  Attributes attrs = {};
  std::vector<ir::Type> inputs = {};
  double low = -2, high = 2;  // domain that random elements are drawn from
  float tolerance = 1e-5f;    // of a fast kernel against the reference, relative to the largest
  std::vector<int> constants = {};  // inputs that kernels see at load (weights)
};

struct OpDef {
  std::string_view name;
  Facet<Schema> schema;
  Facet<Status (*)(const OpCall&)> infer;
  Facet<Cost (*)(const OpCall&)> cost;         // not applicable: moves or relabels data only
  Facet<Status (*)(const OpCall&)> reference;  // not applicable: gone before lowering
  Facet<size_t (*)(const OpCall&)> scratch;    // bytes the reference needs
  Facet<InPlaceFn> in_place;
  Facet<RowsFn> rows;  // how the operator runs on a few rows at a time
  Facet<QuantRule> quant;
  Facet<std::span<const OnnxRule>> onnx;
  Facet<std::span<const TfliteRule>> tflite;
  Facet<std::vector<Case> (*)()> cases;
};

// What a device needs of an operator; run is null where the reference does not apply.
constexpr PortableOp portable_half(const OpDef& op) {
  return {op.name,
          op.schema.get(),
          op.infer.get(),
          op.reference.applies() ? op.reference.get() : nullptr,
          op.scratch.applies() ? op.scratch.get() : nullptr,
          op.rows.applies() ? op.rows.get() : nullptr};
}
template <size_t N>
constexpr std::array<PortableOp, N> portable_half(const OpDef (&ops)[N]) {
  std::array<PortableOp, N> half;
  for (size_t i = 0; i < N; ++i) half[i] = portable_half(ops[i]);
  return half;
}

// Defines the two functions that ops.def's line `table` stands for. `definitions`: a constexpr
// OpDef[].
#define FETTLE_OP_TABLE(table, definitions)                    \
  std::span<const OpDef> table##_ops() { return definitions; } \
  std::span<const PortableOp> table##_portable_ops() {         \
    static constexpr auto kHalf = portable_half(definitions);  \
    return kHalf;                                              \
  }

// nullptr: no such operator.
const OpDef* find(std::string_view name);
std::span<const OpDef* const> all();

// The rule that reads an ONNX operator ("Conv", "com.microsoft:Gelu") or a TFLite builtin.
const OnnxRule* find_onnx_rule(std::string_view name, const OpDef** op);
const TfliteRule* find_tflite_rule(std::string_view name, const OpDef** op);
// What every rule of `op` may take for granted, and its reader checks first: the first input is
// there if `op` has inputs, and the first output unless `op` has several, of which any may be
// absent.
Status check_before_rule(const OpDef& op, const ir::Node& node);

}  // namespace fettle::ops
