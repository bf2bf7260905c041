// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "ops/floats.h"
#include "ops/recurrent/recurrent.h"

namespace fettle::ops {

namespace {

// One direction of one sequence of the batch.
template <class T>
struct Walk {
  using A = Accum<T>;
  const OpCall& call;
  const RecurrentShape& s;
  int64_t direction, b;
  A *h, *c, *sums, *reset;  // hidden, cell, gates * hidden sums, hidden

  const T* input(size_t i, int64_t offset) const { return call.in[i].as<T>() + offset; }
  const GateActivation& act(int i) const { return s.activation[direction][i]; }
  A clipped(A v) const { return s.clip > 0 ? std::clamp(v, A(-s.clip), A(s.clip)) : v; }

  // w x + its biases for gate rows [first, last), plus r v if v is given.
  void add_products(const T* x, const A* v, int64_t first, int64_t last) const {
    const int64_t rows = s.gates * s.hidden;
    const T* w = input(1, direction * rows * s.input);
    const T* r = input(2, direction * rows * s.hidden);
    const T* bias = call.has_in(3) ? input(3, direction * 2 * rows) : nullptr;
    for (int64_t i = first; i < last; ++i) {
      A sum = dot<A>(w + i * s.input, x, s.input);
      if (bias) sum += static_cast<A>(bias[i]);
      if (v) {
        sum += dot<A>(r + i * s.hidden, v, s.hidden);
        if (bias) sum += static_cast<A>(bias[rows + i]);
      }
      sums[i] = sum;
    }
  }

  void step_rnn(const T* x) const {
    add_products(x, h, 0, s.hidden);
    for (int64_t i = 0; i < s.hidden; ++i) h[i] = static_cast<A>(gate(act(0), clipped(sums[i])));
  }

  void step_gru(const T* x) const {
    const int64_t n = s.hidden, rows = 3 * n;
    add_products(x, h, 0, 2 * n);
    add_products(x, nullptr, 2 * n, rows);
    const T* r = input(2, (direction * rows + 2 * n) * n);
    const T* bias = call.has_in(3) ? input(3, direction * 2 * rows + rows + 2 * n) : nullptr;
    for (int64_t i = 0; i < 2 * n; ++i) sums[i] = static_cast<A>(gate(act(0), clipped(sums[i])));
    for (int64_t i = 0; i < n; ++i) reset[i] = s.linear_before_reset ? h[i] : sums[n + i] * h[i];
    for (int64_t i = 0; i < n; ++i) {
      A recurrent = dot<A>(r + i * n, reset, n) + (bias ? static_cast<A>(bias[i]) : A(0));
      if (s.linear_before_reset) recurrent *= sums[n + i];
      sums[2 * n + i] = static_cast<A>(gate(act(1), clipped(sums[2 * n + i] + recurrent)));
    }
    for (int64_t i = 0; i < n; ++i) h[i] = (1 - sums[i]) * sums[2 * n + i] + sums[i] * h[i];
  }

  void step_lstm(const T* x) const {
    const int64_t n = s.hidden;
    add_products(x, h, 0, 4 * n);  // input, output, forget, cell
    const T* p = call.has_in(7) ? input(7, direction * 3 * n) : nullptr;
    for (int64_t i = 0; i < n; ++i) {
      const auto peek = [&](int64_t k) { return p ? static_cast<A>(p[k * n + i]) : A(0); };
      const A in = static_cast<A>(gate(act(0), clipped(sums[i] + peek(0) * c[i])));
      const A forget =
          s.input_forget ? 1 - in
                         : static_cast<A>(gate(act(0), clipped(sums[2 * n + i] + peek(2) * c[i])));
      const A cell = static_cast<A>(gate(act(1), clipped(sums[3 * n + i])));
      c[i] = forget * c[i] + in * cell;
      const A out = static_cast<A>(gate(act(0), clipped(sums[n + i] + peek(1) * c[i])));
      h[i] = out * static_cast<A>(gate(act(2), c[i]));
    }
  }

  int64_t state_offset() const {
    return (s.batch_first ? b * s.directions + direction : direction * s.batch + b) * s.hidden;
  }

  void load(size_t i, A* to) const {
    for (int64_t k = 0; k < s.hidden; ++k) {
      to[k] = call.has_in(i) ? static_cast<A>(input(i, state_offset())[k]) : A(0);
    }
  }

  void store(size_t i, int64_t offset, const A* from) const {
    if (i >= call.out.size() || call.out[i].data == nullptr) return;
    T* to = call.out[i].as_mutable<T>() + offset;
    for (int64_t k = 0; k < s.hidden; ++k) to[k] = static_cast<T>(from[k]);
  }

  void run(int64_t length) const {
    load(5, h);
    load(6, c);
    const bool backwards = direction == 1 || s.first_is_reverse;
    for (int64_t i = 0; i < length; ++i) {
      const int64_t t = backwards ? length - 1 - i : i;
      const T* x = input(0, (s.batch_first ? b * s.steps + t : t * s.batch + b) * s.input);
      if (s.kind == CellKind::lstm) step_lstm(x);
      if (s.kind == CellKind::gru) step_gru(x);
      if (s.kind == CellKind::rnn) step_rnn(x);
      const int64_t at = s.batch_first ? (b * s.steps + t) * s.directions + direction
                                       : (t * s.directions + direction) * s.batch + b;
      store(0, at * s.hidden, h);
    }
    store(1, state_offset(), h);
    store(2, state_offset(), c);
  }
};

}  // namespace

size_t scratch_recurrent(const RecurrentShape& s) {
  return static_cast<size_t>((s.gates + 3) * s.hidden) * sizeof(double);
}

Status reference_recurrent(const OpCall& call, const RecurrentShape& s) {
  if (call.has_in(4)) {
    for (int64_t b = 0; b < s.batch; ++b) {
      const int32_t length = call.in[4].as<int32_t>()[b];
      if (length < 0 || length > s.steps) return invalid_input("a sequence length is out of range");
    }
    // What lies past a sequence's end is zero.
    if (call.out[0].data) std::memset(call.out[0].data, 0, call.out[0].bytes());
  }
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    auto* space = reinterpret_cast<Accum<T>*>(call.scratch.data());
    for (int64_t d = 0; d < s.directions; ++d) {
      for (int64_t b = 0; b < s.batch; ++b) {
        const Walk<T> walk{
            call, s, d, b, space, space + s.hidden, space + 3 * s.hidden, space + 2 * s.hidden};
        walk.run(call.has_in(4) ? call.in[4].as<int32_t>()[b] : s.steps);
      }
    }
  });
  return {};
}

}  // namespace fettle::ops
