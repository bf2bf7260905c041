// SPDX-License-Identifier: Apache-2.0
//
// Equal, Less, LessOrEqual, Greater, GreaterOrEqual: two operands of one type to bool. The two
// that look to the right are the others with their operands exchanged.
#include "ops/binary/binary.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

struct EqualTo {
  template <class T>
  static bool apply(T a, T b) {
    return a == b;
  }
};
struct LessThan {
  template <class T>
  static bool apply(T a, T b) {
    return a < b;
  }
};
struct AtMost {
  template <class T>
  static bool apply(T a, T b) {
    return a <= b;
  }
};

struct Equal {
  static constexpr const char* kName = "Equal";
  static constexpr bool kSwapped = false;
  using Formula = EqualTo;
};
struct Less {
  static constexpr const char* kName = "Less";
  static constexpr bool kSwapped = false;
  using Formula = LessThan;
};
struct LessOrEqual {
  static constexpr const char* kName = "LessOrEqual";
  static constexpr bool kSwapped = false;
  using Formula = AtMost;
};
struct Greater {
  static constexpr const char* kName = "Greater";
  static constexpr bool kSwapped = true;
  using Formula = LessThan;
};
struct GreaterOrEqual {
  static constexpr const char* kName = "GreaterOrEqual";
  static constexpr bool kSwapped = true;
  using Formula = AtMost;
};

template <class F>
Status infer(const OpCall& call) {
  if (call.in[0].dtype == DType::boolean && !std::is_same_v<F, Equal>) {
    return invalid_input(std::string(F::kName) + " of bool");
  }
  FETTLE_TRY(refuse_quantized(F::kName, call));
  return infer_broadcast(F::kName, call, DType::boolean);
}

template <class Formula>
void run(const TensorView& a, const TensorView& b, const TensorView& y) {
  visit_dtype(
      a.dtype,
      [&]<class T>(T) {
        run_rows(a, b, y, row_loop<Formula, T, bool>);
        return 0;
      },
      0);
}

template <class F>
Status reference(const OpCall& call) {
  run<typename F::Formula>(call.in[F::kSwapped], call.in[!F::kSwapped], call.out[0]);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.out[0].elements()}; }

std::vector<Case> cases() {
  std::vector<Case> all = binary_cases(DType::f32, -2, 2);
  for (Case& c : binary_cases(DType::i32, -2, 2)) {
    if (c.name != "channels") continue;
    c.name = "i32";
    all.push_back(c);
  }
  return all;
}

template <class F>
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  node->op = F::kName;
  return read_old_broadcast(graph, node, opset);
}

template <class F>
constexpr OnnxRule kSameName[] = {{F::kName, 1, from_onnx<F>}};

template <class F>
constexpr OpDef define(std::span<const TfliteRule> tflite) {
  return {.name = F::kName,
          .schema = Schema(2, 2, 1, 1),
          .infer = infer<F>,
          .cost = cost,
          .reference = reference<F>,
          .scratch = kNotApplicable,
          .in_place = in_place_binary,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = kSameName<F>,
          .tflite = tflite,
          .cases = cases};
}

Status from_not_equal(ir::Graph& graph, ir::Node* node) {
  node->op = "Equal";
  append_node(graph, node, "Not");
  return {};
}

constexpr TfliteRule kEqual[] = {{"EQUAL"}, {"NOT_EQUAL", from_not_equal}}, kLess[] = {{"LESS"}},
                     kLessOrEqual[] = {{"LESS_EQUAL"}}, kGreater[] = {{"GREATER"}},
                     kGreaterOrEqual[] = {{"GREATER_EQUAL"}};
constexpr OpDef kOps[] = {define<Equal>(kEqual), define<Less>(kLess),
                          define<LessOrEqual>(kLessOrEqual), define<Greater>(kGreater),
                          define<GreaterOrEqual>(kGreaterOrEqual)};

}  // namespace

FETTLE_OP_TABLE(comparison, kOps)

}  // namespace fettle::ops
