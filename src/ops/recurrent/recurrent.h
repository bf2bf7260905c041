// SPDX-License-Identifier: Apache-2.0
//
// RNN, GRU and LSTM: one walk over the sequence, and a cell each.
//
//   x [T,B,I]  w [D,G*H,I]  r [D,G*H,H]  b [D,2*G*H]?  lengths i32 [B]?  h0 [D,B,H]?
//   LSTM also: c0 [D,B,H]?  peepholes [D,3*H]?       layout = 1 puts the batch first everywhere
//   y [T,D,B,H]  h [D,B,H]  LSTM also: c [D,B,H]
#pragma once

#include "ops/op.h"

namespace fettle::ops {

enum class CellKind : uint8_t { rnn, gru, lstm };

enum class GateFunction : uint8_t {
  relu,
  tanh,
  sigmoid,
  affine,
  leaky_relu,
  thresholded_relu,
  scaled_tanh,
  hard_sigmoid,
  elu,
  softsign,
  softplus,
};
struct GateActivation {
  GateFunction function = GateFunction::tanh;
  float alpha = 0, beta = 0;
};

struct RecurrentShape {
  CellKind kind = CellKind::rnn;
  int64_t steps = 0, batch = 0, input = 0, hidden = 0, gates = 1, directions = 1;
  bool batch_first = false, first_is_reverse = false;
  bool input_forget = false, linear_before_reset = false;
  float clip = 0;                   // 0: none
  GateActivation activation[2][3];  // of each direction
};

Status resolve_recurrent(CellKind kind, const OpCall& call, RecurrentShape* out);
double gate(const GateActivation& f, double x);
size_t scratch_recurrent(const RecurrentShape& shape);
Status reference_recurrent(const OpCall& call, const RecurrentShape& shape);

}  // namespace fettle::ops
