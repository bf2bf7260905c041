// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cmath>

#include "ops/operands.h"
#include "ops/recurrent/recurrent.h"

namespace fettle::ops {

namespace {

struct FunctionRow {
  std::string_view name;  // lower case
  GateFunction function;
  bool takes_alpha, takes_beta;
  float alpha, beta;  // defaults
};
constexpr FunctionRow kFunctions[] = {
    {"relu", GateFunction::relu, false, false, 0, 0},
    {"tanh", GateFunction::tanh, false, false, 0, 0},
    {"sigmoid", GateFunction::sigmoid, false, false, 0, 0},
    {"affine", GateFunction::affine, true, true, 1, 0},
    {"leakyrelu", GateFunction::leaky_relu, true, false, 0.01f, 0},
    {"thresholdedrelu", GateFunction::thresholded_relu, true, false, 1, 0},
    {"scaledtanh", GateFunction::scaled_tanh, true, true, 1, 1},
    {"hardsigmoid", GateFunction::hard_sigmoid, true, true, 0.2f, 0.5f},
    {"elu", GateFunction::elu, true, false, 1, 0},
    {"softsign", GateFunction::softsign, false, false, 0, 0},
    {"softplus", GateFunction::softplus, false, false, 0, 0},
};

bool same_name(std::string_view given, std::string_view lower) {
  if (given.size() != lower.size()) return false;
  for (size_t i = 0; i < given.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(given[i])) != lower[i]) return false;
  }
  return true;
}

// Activations in order; each that has parameters takes the next ones of the lists.
Status read_activations(const char* op, const Attributes& attrs, RecurrentShape* s) {
  const size_t each = s->kind == CellKind::lstm ? 3 : s->kind == CellKind::gru ? 2 : 1;
  for (auto& direction : s->activation) {
    direction[0] = {s->kind == CellKind::rnn ? GateFunction::tanh : GateFunction::sigmoid};
  }
  const auto names = attrs.get_strings("activations");
  if (names.empty()) return {};
  if (names.size() != each * static_cast<size_t>(s->directions)) {
    return invalid_input(std::string(op) + ": activations should name " + std::to_string(each) +
                         " functions a direction");
  }
  const auto alphas = attrs.get_floats("activation_alpha");
  const auto betas = attrs.get_floats("activation_beta");
  size_t next_alpha = 0, next_beta = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    const FunctionRow* row = nullptr;
    for (const FunctionRow& r : kFunctions) {
      if (same_name(names[i], r.name)) row = &r;
    }
    if (row == nullptr) return unsupported(std::string(op) + ": activation " + names[i]);
    GateActivation& a = s->activation[i / each][i % each];
    a = {row->function, row->alpha, row->beta};
    if (row->takes_alpha && next_alpha < alphas.size()) a.alpha = alphas[next_alpha++];
    if (row->takes_beta && next_beta < betas.size()) a.beta = betas[next_beta++];
  }
  return {};
}

}  // namespace

double gate(const GateActivation& f, double x) {
  switch (f.function) {
    case GateFunction::relu:
      return x > 0 ? x : 0;
    case GateFunction::tanh:
      return std::tanh(x);
    case GateFunction::sigmoid:
      return 1 / (1 + std::exp(-x));
    case GateFunction::affine:
      return f.alpha * x + f.beta;
    case GateFunction::leaky_relu:
      return x < 0 ? f.alpha * x : x;
    case GateFunction::thresholded_relu:
      return x > f.alpha ? x : 0;
    case GateFunction::scaled_tanh:
      return f.alpha * std::tanh(f.beta * x);
    case GateFunction::hard_sigmoid: {
      const double v = f.alpha * x + f.beta;
      return v < 0 ? 0 : v > 1 ? 1 : v;
    }
    case GateFunction::elu:
      return x < 0 ? f.alpha * std::expm1(x) : x;
    case GateFunction::softsign:
      return x / (1 + std::abs(x));
    case GateFunction::softplus:
      return x > 30 ? x : std::log1p(std::exp(x));
  }
  return x;
}

Status resolve_recurrent(CellKind kind, const OpCall& call, RecurrentShape* s) {
  const char* op = kind == CellKind::lstm ? "LSTM" : kind == CellKind::gru ? "GRU" : "RNN";
  FETTLE_TRY(require_rank(op, "input", call.in[0], 3, 3));
  FETTLE_TRY(require_rank(op, "recurrence weight", call.in[2], 3, 3));
  const std::string_view direction = call.attrs.get_string("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional") {
    return invalid_input(std::string(op) + ": direction is unknown");
  }
  const int64_t layout = call.attrs.get_int("layout", 0);
  if (layout != 0 && layout != 1) return invalid_input(std::string(op) + ": layout is unknown");
  const Dims& x = call.in[0].dims;
  s->kind = kind;
  s->batch_first = layout == 1;
  s->steps = x[s->batch_first ? 1 : 0];
  s->batch = x[s->batch_first ? 0 : 1];
  s->input = x[2];
  s->gates = kind == CellKind::lstm ? 4 : kind == CellKind::gru ? 3 : 1;
  s->directions = direction == "bidirectional" ? 2 : 1;
  s->first_is_reverse = direction == "reverse";
  s->hidden = call.in[2].dims[2];
  s->clip = call.attrs.get_float("clip", 0);
  s->input_forget = call.attrs.get_int("input_forget", 0) != 0;
  s->linear_before_reset = call.attrs.get_int("linear_before_reset", 0) != 0;
  if (call.attrs.get_int("hidden_size", s->hidden) != s->hidden) {
    return invalid_input(std::string(op) + ": hidden_size does not agree with the weights");
  }
  const int64_t d = s->directions, h = s->hidden, rows = s->gates * h;
  FETTLE_TRY(require_dims(op, "weight", call.in[1], {d, rows, s->input}));
  FETTLE_TRY(require_dims(op, "recurrence weight", call.in[2], {d, rows, h}));
  if (call.has_in(3)) FETTLE_TRY(require_dims(op, "bias", call.in[3], {d, 2 * rows}));
  if (call.has_in(4)) {
    FETTLE_TRY(require_dims(op, "sequence lengths", call.in[4], {s->batch}));
    if (call.in[4].dtype != DType::i32) return invalid_input("sequence lengths should be i32");
  }
  const Dims state = s->batch_first ? Dims{s->batch, d, h} : Dims{d, s->batch, h};
  for (size_t i : {5, 6}) {
    if (call.has_in(i)) FETTLE_TRY(require_dims(op, "initial state", call.in[i], state));
  }
  if (call.has_in(7)) FETTLE_TRY(require_dims(op, "peephole weight", call.in[7], {d, 3 * h}));
  for (size_t i = 0; i < call.in.size(); ++i) {
    if (i == 4 || !call.has_in(i)) continue;
    FETTLE_TRY(require_float(op, "operand", call.in[i]));
    FETTLE_TRY(require_same_dtype(op, call.in[0], call.in[i]));
  }
  return read_activations(op, call.attrs, s);
}

}  // namespace fettle::ops
