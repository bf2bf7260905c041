// SPDX-License-Identifier: Apache-2.0
#include "ops/shapes.h"

#include <algorithm>

namespace fettle::ops {

Status normalize_axis(const char* op, int64_t axis, int rank, int* out) {
  if (axis < -rank || axis >= std::max(rank, 1)) {
    return invalid_input(std::string(op) + ": axis " + std::to_string(axis) +
                         " is outside a tensor of rank " + std::to_string(rank));
  }
  *out = static_cast<int>(axis < 0 ? axis + rank : axis);
  return {};
}

Status broadcast(const char* op, const Dims& a, const Dims& b, Dims* out) {
  const int rank = std::max(a.rank(), b.rank());
  Dims dims;
  dims.resize(rank);
  for (int i = 0; i < rank; ++i) {
    const int ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
    const int64_t ea = ia < 0 ? 1 : a[ia], eb = ib < 0 ? 1 : b[ib];
    if (ea != eb && ea != 1 && eb != 1) {
      return invalid_input(std::string(op) + ": shapes " + a.to_string() + " and " + b.to_string() +
                           " do not broadcast");
    }
    dims[i] = ea == 1 ? eb : ea;
  }
  *out = dims;
  return {};
}

Dims widest(const Dims& a, const Dims& b) {
  const Dims &more = a.rank() < b.rank() ? b : a, &less = a.rank() < b.rank() ? a : b;
  Dims dims = more;
  const int shift = more.rank() - less.rank();
  for (int i = 0; i < less.rank(); ++i) dims[i + shift] = std::max(dims[i + shift], less[i]);
  return dims;
}

Strides row_major_strides(const Dims& dims) {
  Strides s;
  int64_t step = 1;
  for (int i = dims.rank() - 1; i >= 0; --i) {
    s.step[i] = step;
    step *= dims[i];
  }
  return s;
}

Strides broadcast_strides(const Dims& dims, const Dims& to) {
  const Strides own = row_major_strides(dims);
  Strides s;
  const int shift = to.rank() - dims.rank();
  for (int i = 0; i < dims.rank(); ++i) {
    s.step[i + shift] = dims[i] == 1 && to[i + shift] != 1 ? 0 : own.step[i];
  }
  return s;
}

Status infer_same(const OpCall& call) {
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status inherit_quant(const char* op, const OpCall& call) {
  const Quantization* quant = call.in[0].quant;
  if (quant == nullptr) return {};
  if (!quant->per_tensor()) {
    return unsupported(std::string(op) + " of a tensor that is quantized per channel");
  }
  call.out[0].quant = quant;
  return {};
}

bool has_values(const OpCall& call, size_t input) {
  return call.has_in(input) && (call.in[input].data != nullptr || call.in[input].elements() == 0);
}

int64_t value_at(const TensorView& view, int64_t k) {
  return view.dtype == DType::i32 ? view.as<int32_t>()[k] : view.as<int64_t>()[k];
}

Status needs_value(const char* op, const char* input) {
  return {Code::needs_value,
          std::string(op) + ": its " + input +
              " depends on data; give the value when the session is made (--input)"};
}

bool in_place_same_shape(const OpCall& call, int input) {
  const TensorView& in = call.in[static_cast<size_t>(input)];
  return in.dims == call.out[0].dims && size_of(in.dtype) == size_of(call.out[0].dtype);
}

bool rows_same(const OpCall& call, int input, Rows out, Rows* in) {
  *in = out;
  return call.in[static_cast<size_t>(input)].dims == call.out[0].dims;
}

bool in_place_first(const OpCall& call, int input) {
  return input == 0 && call.in[0].bytes() == call.out[0].bytes();
}

}  // namespace fettle::ops
