// SPDX-License-Identifier: Apache-2.0
#include "ops/recurrent/recurrent.h"

#include "ops/cases.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {
    {"activations", AttrKind::strings},   {"activation_alpha", AttrKind::reals},
    {"activation_beta", AttrKind::reals}, {"clip", AttrKind::real},
    {"direction", AttrKind::string},      {"hidden_size", AttrKind::integer},
    {"layout", AttrKind::integer},        {"linear_before_reset", AttrKind::integer},
    {"input_forget", AttrKind::integer}};

template <CellKind kKind>
constexpr const char* kName = kKind == CellKind::lstm  ? "LSTM"
                              : kKind == CellKind::gru ? "GRU"
                                                       : "RNN";

template <CellKind kKind>
Status infer(const OpCall& call) {
  RecurrentShape s;
  FETTLE_TRY(refuse_quantized(kName<kKind>, call));
  FETTLE_TRY(resolve_recurrent(kKind, call, &s));
  const int64_t d = s.directions, h = s.hidden;
  for (size_t i = 0; i < call.out.size(); ++i) {
    call.out[i].dtype = call.in[0].dtype;
    call.out[i].dims = s.batch_first ? Dims{s.batch, d, h} : Dims{d, s.batch, h};
    call.out[i].dynamic = any_dynamic(call);
  }
  call.out[0].dims = s.batch_first ? Dims{s.batch, s.steps, d, h} : Dims{s.steps, d, s.batch, h};
  return {};
}

template <CellKind kKind>
Cost cost(const OpCall& call) {
  RecurrentShape s;
  if (!resolve_recurrent(kKind, call, &s).ok()) return {};
  return {.macs = s.steps * s.batch * s.directions * s.gates * s.hidden * (s.input + s.hidden)};
}

template <CellKind kKind>
size_t scratch(const OpCall& call) {
  RecurrentShape s;
  return resolve_recurrent(kKind, call, &s).ok() ? scratch_recurrent(s) : 0;
}

template <CellKind kKind>
Status reference(const OpCall& call) {
  RecurrentShape s;
  FETTLE_TRY(resolve_recurrent(kKind, call, &s));
  return reference_recurrent(call, s);
}

// Opset 1's output_sequence only said whether output 0 is wanted.
Status read_onnx(ir::Graph&, ir::Node* node, int) {
  node->attrs.erase("output_sequence");
  return {};
}

template <CellKind kKind>
std::vector<Case> cases() {
  const int64_t g = kKind == CellKind::lstm ? 4 : kKind == CellKind::gru ? 3 : 1;
  return {{.name = "forward",
           .inputs = {f32({5, 2, 6}), f32({1, g * 4, 6}), f32({1, g * 4, 4}), f32({1, g * 8})},
           .low = -1,
           .high = 1,
           .constants = {1, 2, 3}},
          {.name = "bidirectional",
           .attrs = {{"direction", "bidirectional"}},
           .inputs = {f32({3, 1, 4}), f32({2, g * 5, 4}), f32({2, g * 5, 5})},
           .low = -1,
           .high = 1,
           .constants = {1, 2}}};
}

template <CellKind kKind>
constexpr OpDef define(std::span<const OnnxRule> onnx) {
  const bool lstm = kKind == CellKind::lstm;
  return {.name = kName<kKind>,
          .schema = Schema(3, lstm ? 8 : 6, 1, lstm ? 3 : 2, kAttrs),
          .infer = infer<kKind>,
          .cost = cost<kKind>,
          .reference = reference<kKind>,
          .scratch = scratch<kKind>,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases<kKind>};
}

constexpr OnnxRule kRnn[] = {{"RNN", 1, read_onnx}}, kGru[] = {{"GRU", 1, read_onnx}},
                   kLstm[] = {{"LSTM", 1, read_onnx}};
constexpr OpDef kOps[] = {define<CellKind::rnn>(kRnn), define<CellKind::gru>(kGru),
                          define<CellKind::lstm>(kLstm)};

}  // namespace

FETTLE_OP_TABLE(recurrent, kOps)

}  // namespace fettle::ops
