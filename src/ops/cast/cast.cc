// SPDX-License-Identifier: Apache-2.0
//
// Cast (attribute `to`: the name of our type, "f32"), CastLike and BitCast.
//
// Elements go through double, int64 or uint64 in small blocks, so that there is one loop for each
// type on either side instead of one for each pair. Floats become integers toward zero, and the
// nearest bound where they do not fit (NaN: zero); integers wrap around; bool is "not zero".
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"to", AttrKind::string}};
constexpr int64_t kBlock = 128;

template <class To, class W>
To narrow(W v) {
  if constexpr (std::is_same_v<To, bool>) {
    return v != W(0);
  } else if constexpr (std::is_integral_v<To> && std::is_same_v<W, double>) {
    constexpr double kLow = static_cast<double>(std::numeric_limits<To>::lowest());
    const double high = std::ldexp(1.0, std::numeric_limits<To>::digits);  // max + 1
    if (!(v > kLow)) return v != v ? To(0) : std::numeric_limits<To>::lowest();
    return v < high ? static_cast<To>(v) : std::numeric_limits<To>::max();
  } else if constexpr (kDTypeOf<To> == DType::f16 || kDTypeOf<To> == DType::bf16) {
    return To(static_cast<float>(v));
  } else {
    return static_cast<To>(v);
  }
}

// W is the type in the middle.
template <class W>
void store(const W* block, const TensorView& y, int64_t at, int64_t n) {
  visit_dtype(
      y.dtype,
      [&]<class To>(To) {
        To* out = y.as_mutable<To>() + at;
        for (int64_t i = 0; i < n; ++i) out[i] = narrow<To>(block[i]);
        return 0;
      },
      0);
}

template <class From, class W>
void convert(const TensorView& x, const TensorView& y) {
  const From* in = x.as<From>();
  W block[kBlock];
  for (int64_t i = 0, n = x.elements(); i < n; i += kBlock) {
    const int64_t m = std::min(kBlock, n - i);
    for (int64_t j = 0; j < m; ++j) block[j] = static_cast<W>(in[i + j]);
    store(block, y, i, m);
  }
}

Status reference(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (x.dtype == y.dtype) {
    if (x.data != y.data) std::memcpy(y.data, x.data, x.bytes());
    return {};
  }
  visit_dtype(
      x.dtype,
      [&]<class From>(From) {
        if constexpr (std::is_same_v<From, uint64_t>) {
          convert<From, uint64_t>(x, y);
        } else if constexpr (std::is_integral_v<From>) {
          convert<From, int64_t>(x, y);
        } else {
          convert<From, double>(x, y);
        }
        return 0;
      },
      0);
  return {};
}

Status infer_to(const char* op, const OpCall& call, DType to) {
  if (to == DType::none) return invalid_input(std::string(op) + ": it does not say to what type");
  if (call.in[0].quant && to != call.in[0].dtype) return refuse_quantized(op, call);
  call.out[0].dtype = to;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status infer_cast(const OpCall& call) {
  return infer_to("Cast", call, dtype_from_name(call.attrs.get_string("to")));
}
Status infer_cast_like(const OpCall& call) { return infer_to("CastLike", call, call.in[1].dtype); }

Status infer_bit_cast(const OpCall& call) {
  FETTLE_TRY(infer_to("BitCast", call, dtype_from_name(call.attrs.get_string("to"))));
  if (size_of(call.out[0].dtype) != size_of(call.in[0].dtype)) {
    return invalid_input("BitCast between types of different sizes");
  }
  return {};
}

Status reference_bit_cast(const OpCall& call) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (y.dtype == DType::boolean) {  // a byte other than 0 and 1 is no bool
    const auto* from = static_cast<const unsigned char*>(x.data);
    for (int64_t i = 0, n = x.elements(); i < n; ++i) y.as_mutable<bool>()[i] = from[i] != 0;
  } else if (x.data != y.data) {
    std::memcpy(y.data, x.data, x.bytes());
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

bool in_place(const OpCall& call, int input) {
  return input == 0 && in_place_same_shape(call, input);
}

// Attributes that only types of eight bits and fewer have a use for.
void drop_rounding(ir::Node* node) {
  node->attrs.erase("saturate");
  node->attrs.erase("round_mode");
}

Status from_onnx(ir::Graph&, ir::Node* node, int opset) {
  drop_rounding(node);
  if (opset < 6) {  // the type was written out: "FLOAT"
    return unsupported("Cast of opsets before 6");
  }
  return read_dtype_attribute(node, "to");
}
Status to_onnx(ir::Graph&, ir::Node* node) {
  write_dtype_attribute(node, "to");
  return {};
}
Status cast_like_from_onnx(ir::Graph&, ir::Node* node, int) {
  drop_rounding(node);
  return {};
}

// The type of the output says the same as the options, which old files do not have.
Status from_tflite(ir::Graph&, ir::Node* node) {
  std::string to(name_of(node->outputs[0]->type.dtype));
  if (!node->outputs[0]->type.known()) to = node->attrs.get_string("out_data_type");
  node->op = "Cast";
  node->attrs = {{"to", to}};
  return {};
}

std::vector<Case> cases_of(std::initializer_list<const char*> targets) {
  std::vector<Case> all;
  for (const char* to : targets) {
    all.push_back({.name = to, .attrs = {{"to", std::string(to)}}, .inputs = {f32({3, 67})}});
  }
  return all;
}
std::vector<Case> cases_cast() { return cases_of({"f32", "f16", "i32", "u8", "bool", "f64"}); }
std::vector<Case> cases_bit_cast() { return cases_of({"f32", "i32", "u32"}); }
std::vector<Case> cases_cast_like() {
  return {{.name = "i64", .inputs = {f32({3, 67}), typed(DType::i64, {1})}}};
}

constexpr OnnxRule kCast[] = {{"Cast", 1, from_onnx, to_onnx}},
                   kCastLike[] = {{"CastLike", 1, cast_like_from_onnx}},
                   kBitCast[] = {{"BitCast", 26, from_onnx, refuse_to_write}};
constexpr TfliteRule kTflite[] = {{"CAST", from_tflite}};
constexpr OpDef kOps[] = {{.name = "Cast",
                           .schema = Schema(1, 1, 1, 1, kAttrs),
                           .infer = infer_cast,
                           .cost = cost,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kCast,
                           .tflite = kTflite,
                           .cases = cases_cast},
                          {.name = "CastLike",
                           .schema = Schema(2, 2, 1, 1),
                           .infer = infer_cast_like,
                           .cost = cost,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kCastLike,
                           .tflite = kNotApplicable,
                           .cases = cases_cast_like},
                          {.name = "BitCast",
                           .schema = Schema(1, 1, 1, 1, kAttrs),
                           .infer = infer_bit_cast,
                           .cost = kNotApplicable,
                           .reference = reference_bit_cast,
                           .scratch = kNotApplicable,
                           .in_place = in_place,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kBitCast,
                           .tflite = kNotApplicable,
                           .cases = cases_bit_cast}};

}  // namespace

FETTLE_OP_TABLE(cast, kOps)

}  // namespace fettle::ops
