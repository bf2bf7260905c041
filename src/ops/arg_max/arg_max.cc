// SPDX-License-Identifier: Apache-2.0
//
// ArgMax and ArgMin: where along an axis the largest or smallest element stands; of several the
// first, or with select_last_index the last.
#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer},
                               {"keepdims", AttrKind::integer},
                               {"select_last_index", AttrKind::integer}};

template <bool kMax>
constexpr const char* kName = kMax ? "ArgMax" : "ArgMin";

template <bool kMax>
Status infer(const OpCall& call) {
  const TensorView& x = call.in[0];
  int axis;
  FETTLE_TRY(normalize_axis(kName<kMax>, call.attrs.get_int("axis"), x.dims.rank(), &axis));
  if (x.dtype == DType::boolean) return unsupported(std::string(kName<kMax>) + " of bool");
  TensorView& y = call.out[0];
  y.dtype = DType::i64;
  y.dynamic = x.dynamic;
  y.dims = {};
  for (int i = 0; i < x.dims.rank(); ++i) {
    if (i != axis)
      y.dims.push_back(x.dims[i]);
    else if (call.attrs.get_int("keepdims", 1) != 0)
      y.dims.push_back(1);
  }
  const bool nothing = x.dims.rank() > 0 && x.dims[axis] == 0 && y.dims.elements() > 0;
  if (nothing) return invalid_input(std::string(kName<kMax>) + " of nothing");
  return {};
}

template <bool kMax, class T>
void run(const OpCall& call, int axis, bool last) {
  const TensorView& x = call.in[0];
  const int rank = x.dims.rank();
  const int64_t outer = x.dims.product(0, axis), n = rank ? x.dims[axis] : 1;
  const int64_t inner = rank ? x.dims.product(axis + 1, rank) : 1;
  int64_t* y = call.out[0].as_mutable<int64_t>();
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const T* p = x.as<T>() + o * n * inner + i;
      T best = p[0];
      int64_t at = 0;
      for (int64_t k = 1; k < n; ++k) {
        const T v = p[k * inner];
        if ((kMax ? v > best : v < best) || (last && v == best)) {
          best = v;
          at = k;
        }
      }
      *y++ = at;
    }
  }
}

template <bool kMax>
Status reference(const OpCall& call) {
  int axis;
  FETTLE_TRY(
      normalize_axis(kName<kMax>, call.attrs.get_int("axis"), call.in[0].dims.rank(), &axis));
  const bool last = call.attrs.get_int("select_last_index") != 0;
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        run<kMax, T>(call, axis, last);
        return 0;
      },
      0);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

// Inputs: x, axis. The result is of i32 unless output_type says otherwise.
template <bool kMax>
Status from_tflite(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const Tensor* axis, constant_input(*node, 1, "ARG_MAX: its axis"));
  if (axis->elements() != 1) return invalid_input("its axis is not one number", node->label());
  const bool wide = node->attrs.get_string("output_type") == "i64";
  node->attrs = {{"axis", to_int64(axis->view())[0]}, {"keepdims", int64_t{0}}};
  graph.set_input(node, 1, nullptr);
  node->inputs.resize(1);
  node->op = kName<kMax>;
  if (!wide) append_node(graph, node, "Cast", {{"to", std::string("i32")}});
  return {};
}

std::vector<Case> cases() {
  return {{.name = "last", .attrs = {{"axis", int64_t{-1}}}, .inputs = {f32({3, 5, 37})}},
          {.name = "channels", .attrs = {{"axis", int64_t{1}}}, .inputs = {f32({2, 21, 5, 5})}}};
}

template <bool kMax>
constexpr OnnxRule kSameName[] = {{kName<kMax>}};

template <bool kMax>
constexpr OpDef define(std::span<const TfliteRule> tflite) {
  return {.name = kName<kMax>,
          .schema = Schema(1, 1, 1, 1, kAttrs),
          .infer = infer<kMax>,
          .cost = cost,
          .reference = reference<kMax>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = kSameName<kMax>,
          .tflite = tflite,
          .cases = cases};
}

constexpr TfliteRule kMax[] = {{"ARG_MAX", from_tflite<true>}},
                     kMin[] = {{"ARG_MIN", from_tflite<false>}};
constexpr OpDef kOps[] = {define<true>(kMax), define<false>(kMin)};

}  // namespace

FETTLE_OP_TABLE(arg_max, kOps)

}  // namespace fettle::ops
