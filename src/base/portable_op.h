// SPDX-License-Identifier: Apache-2.0
//
// The part of an operator that a device needs: its schema, its shapes and its portable
// implementation. The runtime is handed a function that finds them, so that it does not depend on
// the operators.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/op_call.h"
#include "base/rows.h"

namespace fettle {

enum class AttrKind : uint8_t { integer, real, string, integers, reals, strings };
struct AttrSpec {
  std::string_view name;
  AttrKind kind;
};

struct Schema {
  int min_inputs, max_inputs;  // max -1: any number
  int min_outputs, max_outputs;
  std::span<const AttrSpec> attrs;  // any other attribute is refused
  constexpr Schema(int min_in, int max_in, int min_out, int max_out,
                   std::span<const AttrSpec> attrs = {})
      : min_inputs(min_in),
        max_inputs(max_in),
        min_outputs(min_out),
        max_outputs(max_out),
        attrs(attrs) {}
};

// The rows of input `input` that rows `out` of output 0 need, both images [1, H, W, C] of known
// types. False: all of that input.
using RowsFn = bool (*)(const OpCall& call, int input, Rows out, Rows* in);

struct PortableOp {
  std::string_view name;
  Schema schema{0, 0, 0, 0};
  Status (*infer)(const OpCall& call) = nullptr;  // relies on the schema: infer() below checks it
  Status (*run)(const OpCall& call) = nullptr;
  size_t (*scratch)(const OpCall& call) = nullptr;  // nullptr: needs none
  RowsFn rows = nullptr;                            // nullptr: no rows without all of every input
};

// False where there is no such operator.
using FindPortableOp = bool (*)(std::string_view name, PortableOp* op);

// Operand counts and attributes against the schema.
Status check_schema(std::string_view op, const Schema& schema, const Attributes& attrs,
                    size_t inputs, size_t outputs);
// Types of the outputs, of a call that passed check_schema: operands that must be there are, and
// what comes out has extents that can be held.
Status infer_types(const PortableOp& op, const OpCall& call);
// Whether there is nothing to compute: every output is empty, and was when it was inferred. What
// is not asked for then need not care that the other extents of nothing may be endless.
bool makes_nothing(std::span<const TensorView> out);
// Both. A device takes operands from a package, which is not believed.
Status infer(const PortableOp& op, const OpCall& call);

}  // namespace fettle
