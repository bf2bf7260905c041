// SPDX-License-Identifier: Apache-2.0
#include "ops/pool/pool.h"

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/quantized.h"

namespace fettle::ops {

namespace {
constexpr AttrSpec kAttrs[] = {{"kernel_shape", AttrKind::integers},
                               {"strides", AttrKind::integers},
                               {"pads", AttrKind::integers},
                               {"dilations", AttrKind::integers},
                               {"auto_pad", AttrKind::string},
                               {"ceil_mode", AttrKind::integer},
                               {"count_include_pad", AttrKind::integer},
                               {"storage_order", AttrKind::integer},
                               {"p", AttrKind::integer},
                               {"ties", AttrKind::string},
                               {"layout", AttrKind::string},
                               {"activation", AttrKind::string},
                               {"activation_params", AttrKind::reals}};
constexpr AttrSpec kGlobalAttrs[] = {{"p", AttrKind::integer},
                                     {"layout", AttrKind::string},
                                     {"activation", AttrKind::string},
                                     {"activation_params", AttrKind::reals}};

Status check_types(const char* op, PoolKind kind, const OpCall& call) {
  const DType type = call.in[0].dtype;
  const bool small = type == DType::i8 || type == DType::u8 || type == DType::i16;
  if (kind == PoolKind::max && small) {
    if (call.attrs.get_string("activation", "none") != "none") {
      return unsupported(std::string(op) + ": an activation on integers");
    }
    return {};
  }
  if (kind == PoolKind::average && any_quantized(call)) return infer_average_integer(op, call);
  FETTLE_TRY(refuse_quantized(op, call));
  return require_float(op, "input", call.in[0]);
}

template <PoolKind kKind, bool kGlobal>
constexpr const char* op_name() {
  if (kKind == PoolKind::max) return kGlobal ? "GlobalMaxPool" : "MaxPool";
  if (kKind == PoolKind::average) return kGlobal ? "GlobalAveragePool" : "AveragePool";
  return kGlobal ? "GlobalLpPool" : "LpPool";
}

template <PoolKind kKind, bool kGlobal>
bool rows(const OpCall& call, int input, Rows out, Rows* in) {
  PoolShape s;
  const bool known = resolve_pool(op_name<kKind, kGlobal>(), kKind, kGlobal, call, &s).ok();
  if (input != 0 || !known || kGlobal || !s.nhwc || s.window.rank != 2) return false;
  *in = rows_of(s.window, out);
  return true;
}

template <PoolKind kKind, bool kGlobal>
Status infer(const OpCall& call) {
  PoolShape s;
  const char* op = op_name<kKind, kGlobal>();
  FETTLE_TRY(resolve_pool(op, kKind, kGlobal, call, &s));
  call.out[0].dtype = call.in[0].dtype;
  FETTLE_TRY(check_types(op, kKind, call));
  call.out[0].dims = s.out;
  call.out[0].dynamic = any_dynamic(call);
  if (kKind == PoolKind::max) call.out[0].quant = call.in[0].quant;
  if (call.out.size() > 1) {
    if (s.nhwc) return unsupported("MaxPool: indices in layout nhwc");
    call.out[1].dtype = DType::i64;
    call.out[1].dims = s.out;
    call.out[1].dynamic = call.out[0].dynamic;
  }
  return {};
}

template <PoolKind kKind, bool kGlobal>
Cost cost(const OpCall& call) {
  PoolShape s;
  if (!resolve_pool("", kKind, kGlobal, call, &s).ok()) return {};
  return {.flops = s.out.elements() * s.window.taps()};
}

template <PoolKind kKind, bool kGlobal>
Status reference(const OpCall& call) {
  PoolShape s;
  FETTLE_TRY(resolve_pool(op_name<kKind, kGlobal>(), kKind, kGlobal, call, &s));
  if (kKind == PoolKind::average && call.in[0].quant) return reference_average_integer(call, s);
  return reference_pool(call, s);
}

template <PoolKind kKind, bool kGlobal>
constexpr OpDef define(std::span<const OnnxRule> onnx, Facet<std::span<const TfliteRule>> tflite) {
  const int outputs = kKind == PoolKind::max && !kGlobal ? 2 : 1;
  return {.name = op_name<kKind, kGlobal>(),
          .schema = Schema(1, 1, 1, outputs,
                           kGlobal ? std::span(kGlobalAttrs) : std::span<const AttrSpec>(kAttrs)),
          .infer = infer<kKind, kGlobal>,
          .cost = cost<kKind, kGlobal>,
          .reference = reference<kKind, kGlobal>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = rows<kKind, kGlobal>,
          .quant = kKind == PoolKind::max       ? QuantRule::pass_through
                   : kKind == PoolKind::average ? QuantRule::compute
                                                : QuantRule::keep_float,
          .onnx = onnx,
          .tflite = tflite,
          .cases = kGlobal ? global_pool_cases : pool_cases};
}

// Before opset 2 p was a float, and auto_pad of pools had no other form.
Status read_lp(ir::Graph&, ir::Node* node, int) {
  if (const Attribute* p = node->attrs.find("p"); p && std::holds_alternative<float>(*p)) {
    node->attrs.set("p", static_cast<int64_t>(std::get<float>(*p)));
  }
  return {};
}
}  // namespace

std::vector<Case> pool_cases() {
  using I = std::vector<int64_t>;
  return {
      {.name = "2x2",
       .attrs = {{"kernel_shape", I{2, 2}}, {"strides", I{2, 2}}},
       .inputs = {f32({1, 3, 8, 6})}},
      {.name = "3x3_padded_nhwc",
       .attrs = {{"kernel_shape", I{3, 3}},
                 {"strides", I{2, 2}},
                 {"auto_pad", "SAME_UPPER"},
                 {"layout", "nhwc"}},
       .inputs = {f32({1, 11, 11, 19})}},
      {.name = "ceil_dilated",
       .attrs = {{"kernel_shape", I{2, 2}},
                 {"dilations", I{2, 2}},
                 {"ceil_mode", int64_t{1}},
                 {"strides", I{2, 2}},
                 {"pads", I{1, 1, 1, 1}}},
       .inputs = {f32({2, 2, 7, 8})}},
      {.name = "one_axis", .attrs = {{"kernel_shape", I{3}}}, .inputs = {f32({1, 4, 15})}},
      {.name = "three_axes",
       .attrs = {{"kernel_shape", I{2, 2, 2}}},
       .inputs = {f32({1, 2, 4, 4, 5})}},
  };
}

std::vector<Case> global_pool_cases() {
  return {{.name = "nchw", .inputs = {f32({2, 5, 7, 7})}},
          {.name = "nhwc", .attrs = {{"layout", "nhwc"}}, .inputs = {f32({1, 7, 7, 33})}}};
}

namespace {

constexpr OnnxRule kMax[] = {{"MaxPool"}}, kAverage[] = {{"AveragePool"}},
                   kLp[] = {{"LpPool", 1, read_lp}}, kGlobalMax[] = {{"GlobalMaxPool"}},
                   kGlobalAverage[] = {{"GlobalAveragePool"}},
                   kGlobalLp[] = {{"GlobalLpPool", 1, read_lp}};
constexpr OpDef kOps[] = {
    define<PoolKind::max, false>(kMax, kMaxPoolTflite),
    define<PoolKind::average, false>(kAverage, kAveragePoolTflite),
    define<PoolKind::lp, false>(kLp, kNotApplicable),
    define<PoolKind::max, true>(kGlobalMax, kNotApplicable),
    define<PoolKind::average, true>(kGlobalAverage, kNotApplicable),
    define<PoolKind::lp, true>(kGlobalLp, kNotApplicable),
};

}  // namespace

FETTLE_OP_TABLE(pool, kOps)

}  // namespace fettle::ops
