// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/concat_rows.h"

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

bool is_concat_of_codes(const OpCall& call, DType type) {
  const TensorView& y = call.out[0];
  for (const TensorView& x : call.in) {
    if (x.dtype != type || !is_activation(x) || x.dims.rank() != y.dims.rank()) return false;
  }
  return y.dtype == type && is_activation(y) && y.elements() > 0;
}

ConcatRows read_concat_rows(const OpCall& call) {
  const TensorView& y = call.out[0];
  const int rank = y.dims.rank();
  const int64_t given = call.attrs.get_int("axis");
  const int axis = static_cast<int>(given < 0 ? given + rank : given);
  ConcatRows rows{y.dims.product(0, axis), y.dims.product(axis, rank), {}};
  for (const TensorView& x : call.in) rows.units.push_back(x.dims.product(axis, rank));
  return rows;
}

}  // namespace fettle::runtime
