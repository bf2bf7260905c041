// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/move_kernel.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
struct Steps {
  int64_t step[kMaxRank];
};
Steps steps_of(const Dims& dims) {
  Steps s{};
  int64_t step = 1;
  for (int i = dims.rank() - 1; i >= 0; --i) {
    s.step[i] = step;
    step *= dims[i];
  }
  return s;
}

bool axis_in(int64_t axis, int rank, int* out) {
  if (axis < 0) axis += rank;
  *out = static_cast<int>(axis);
  return axis >= 0 && axis < rank;
}

// Whether codes of one mean the same in the other.
bool same_range(const TensorView& a, const TensorView& b) {
  return (a.quant == nullptr && b.quant == nullptr) ||
         (a.quant != nullptr && b.quant != nullptr && *a.quant == *b.quant);
}

// Constant operand i; false where it is there but not yet known.
bool read_known(const OpCall& call, size_t i, std::vector<int64_t>* out) {
  if (!call.has_in(i)) return true;
  if (call.in[i].data == nullptr) return false;
  *out = to_int64(call.in[i]);
  return true;
}
}  // namespace

bool can_move(const OpCall& call) {
  const DType type = call.in[0].dtype;
  const size_t size = size_of(type);
  if (size != 1 && size != 2 && size != 4 && size != 8) return false;
  for (const TensorView& v : call.in) {
    if (v.dynamic) return false;
  }
  for (const TensorView& v : call.out) {
    if (v.present() && (v.dynamic || v.dtype != type)) return false;
  }
  return call.in[0].dims.rank() > 0;
}

bool read_transpose(const OpCall& call, std::vector<Move>* moves) {
  const Dims &x = call.in[0].dims, &y = call.out[0].dims;
  const std::span<const int64_t> perm = call.attrs.get_ints("perm");
  if (y.elements() == 0 || y.rank() != x.rank()) return false;
  if (!perm.empty() && static_cast<int>(perm.size()) != x.rank()) return false;
  const Steps from = steps_of(x), to = steps_of(y);
  Move move;
  for (int i = 0; i < x.rank(); ++i) {
    int axis;
    if (!axis_in(perm.empty() ? x.rank() - 1 - i : perm[i], x.rank(), &axis)) return false;
    move.add(y[i], from.step[axis], to.step[i]);
  }
  moves->push_back(move);
  return true;
}

bool read_slice(const OpCall& call, std::vector<Move>* moves) {
  const Dims &x = call.in[0].dims, &y = call.out[0].dims;
  std::vector<int64_t> starts, axes, steps;
  if (!read_known(call, 1, &starts) || !read_known(call, 3, &axes) ||
      !read_known(call, 4, &steps) || y.elements() == 0) {
    return false;
  }
  if ((!axes.empty() && axes.size() != starts.size()) ||
      (!steps.empty() && steps.size() != starts.size()) || y.rank() != x.rank()) {
    return false;
  }
  const Steps from = steps_of(x), to = steps_of(y);
  int64_t first[kMaxRank] = {}, step[kMaxRank];
  std::fill_n(step, kMaxRank, 1);
  for (size_t k = 0; k < starts.size(); ++k) {
    int axis;
    if (!axis_in(axes.empty() ? static_cast<int64_t>(k) : axes[k], x.rank(), &axis)) return false;
    const int64_t by = steps.empty() ? 1 : steps[k];
    const int64_t start = starts[k] < 0 ? starts[k] + x[axis] : starts[k];
    first[axis] = std::clamp<int64_t>(start, 0, x[axis] - (by < 0 ? 1 : 0));
    step[axis] = by;
  }
  Move move;
  for (int i = 0; i < x.rank(); ++i) {
    // One element has no next, and its step may be huge.
    move.add(y[i], y[i] == 1 ? 1 : step[i] * from.step[i], to.step[i]);
    move.from += first[i] * from.step[i];
  }
  moves->push_back(move);
  return true;
}

bool read_concat(const OpCall& call, std::vector<Move>* moves) {
  const Dims& y = call.out[0].dims;
  int axis;
  for (const TensorView& x : call.in) {
    if (!same_range(x, call.out[0])) return false;
  }
  if (y.elements() == 0 || !axis_in(call.attrs.get_int("axis"), y.rank(), &axis)) return false;
  const int64_t outer = y.product(0, axis), inner = y.product(axis + 1, y.rank());
  int64_t at = 0;
  for (size_t i = 0; i < call.in.size(); ++i) {
    const int64_t unit = call.in[i].dims[axis] * inner;
    if (unit == 0) continue;
    Move move{.in = i, .to = at};
    move.add(outer, unit, y[axis] * inner);
    move.add(unit, 1, 1);
    moves->push_back(move);
    at += unit;
  }
  return true;
}

bool read_split(const OpCall& call, std::vector<Move>* moves) {
  const Dims& x = call.in[0].dims;
  int axis;
  std::vector<int64_t> sizes;
  if (x.elements() == 0 || !axis_in(call.attrs.get_int("axis"), x.rank(), &axis)) return false;
  if (!read_known(call, 1, &sizes) || (!sizes.empty() && sizes.size() != call.out.size())) {
    return false;
  }
  const auto parts = static_cast<int64_t>(call.out.size());
  const int64_t wanted = std::max<int64_t>(1, call.attrs.get_int("num_outputs", parts));
  const int64_t part = (x[axis] + wanted - 1) / wanted;
  const int64_t outer = x.product(0, axis), inner = x.product(axis + 1, x.rank());
  int64_t at = 0;
  for (size_t k = 0; k < call.out.size(); ++k) {
    const int64_t extent = sizes.empty() ? std::clamp<int64_t>(x[axis] - at, 0, part) : sizes[k];
    if (call.out[k].present() && extent > 0) {
      Move move{.out = k, .from = at * inner};
      move.add(outer, x[axis] * inner, extent * inner);
      move.add(extent * inner, 1, 1);
      moves->push_back(move);
    }
    at += extent;
  }
  return true;
}

Status MoveKernel::prepare(const OpCall& call, const KernelOptions& options) {
  std::vector<Move> moves;
  if (!read_(call, &moves)) return unsupported("move: not one that it takes");
  const size_t size = size_of(call.in[0].dtype);
  for (const Move& m : moves) moves_.emplace_back(m, size, options.isa);
  const Dims& y = call.out[0].dims;
  if (read_ == read_transpose && y.rank() == 4 && y[0] == 1) {
    const MoveAxis& rows = moves[0].axis[1];
    Move row;
    for (const int axis : {2, 3}) {
      const MoveAxis& a = moves[0].axis[axis];
      row.add(a.extent, a.from_step, a.to_step);
    }
    row_.emplace(row, size, options.isa);
    row_from_bytes_ = rows.from_step * static_cast<int64_t>(size);
    row_to_bytes_ = rows.to_step * static_cast<int64_t>(size);
  }
  return {};
}

void MoveKernel::run_rows(const OpCall& call, Rows out) {
  const auto* from = static_cast<const std::byte*>(call.in[0].data);
  auto* to = static_cast<std::byte*>(call.out[0].data);
  for (int64_t r = out.begin; r < out.end; ++r) {
    row_->run_alone(from + r * row_from_bytes_, to + r * row_to_bytes_);
  }
}

Status MoveKernel::run(const OpCall& call, ThreadPool& pool) {
  for (const StridedMove& m : moves_) {
    if (call.out[m.out].data != nullptr) m.run(call.in[m.in].data, call.out[m.out].data, pool);
  }
  return {};
}

}  // namespace fettle::runtime
