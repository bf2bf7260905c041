// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_codes/softmax_kernel.h"

#include <algorithm>
#include <cstring>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kGrain = 4096;  // codes
constexpr int kMostDifference = kExponentialCodes - 1;

template <class T>
bool read_rows(const OpCall& call, int64_t* rows, int64_t* length) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (x.dtype != kDTypeOf<T> || y.dtype != x.dtype || x.elements() == 0) return false;
  if (!is_activation(x) || !is_activation(y)) return false;
  const int rank = x.dims.rank();
  int64_t axis = call.attrs.get_int("axis", -1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return false;
  *length = x.dims[static_cast<int>(axis)];
  *rows = x.elements() / *length;
  return x.dims.product(static_cast<int>(axis) + 1, rank) == 1;
}

// All differences of two codes, as rows of two.
std::vector<int8_t> pairs_of_codes() {
  std::vector<int8_t> pairs;
  for (int d = -kMostDifference; d <= kMostDifference; ++d) {
    const int first = d < 0 ? -128 : d - 128;
    pairs.push_back(static_cast<int8_t>(first));
    pairs.push_back(static_cast<int8_t>(first - d));
  }
  return pairs;
}
}  // namespace

template <class T>
bool supports_softmax_codes(const OpCall& call) {
  int64_t rows, length;
  return read_rows<T>(call, &rows, &length);
}

template <class T>
SoftmaxRows<T> SoftmaxKernel<T>::rows_of(const T* x, T* y, int64_t rows) const {
  return {x, y, rows, length_, exponentials_.tables[0], scale_, zero_point_};
}

template <class T>
Status SoftmaxKernel<T>::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_rows<T>(call, &rows_, &length_)) return unsupported("softmax: not one that it takes");
  softmax_ = softmax_codes(options.isa).of<T>();
  scale_ = call.out[0].quant->scale[0];
  zero_point_ = call.out[0].quant->zero_point[0];
  exponentials_.fill(call.in[0].quant->scale[0]);
  if constexpr (sizeof(T) == 1) {
    if (length_ != 2) return {};
    pairs_ = pairs_of_codes();
    softmax_(rows_of(pairs_.data(), pairs_.data(), static_cast<int64_t>(pairs_.size()) / 2));
  }
  return {};
}

template <class T>
Status SoftmaxKernel<T>::run(const OpCall& call, ThreadPool& pool) {
  const T* x = call.in[0].as<T>();
  T* y = call.out[0].as_mutable<T>();
  const int64_t grain = std::max<int64_t>(1, kGrain / length_);
  pool.parallel_for(rows_, grain, [&](int64_t begin, int64_t end, int) {
    if (pairs_.empty()) {
      softmax_(rows_of(x + begin * length_, y + begin * length_, end - begin));
      return;
    }
    for (int64_t i = 2 * begin; i < 2 * end; i += 2) {
      std::memcpy(y + i, &pairs_[static_cast<size_t>(2 * (x[i] - x[i + 1] + kMostDifference))],
                  2 * sizeof(T));
    }
  });
  return {};
}

template class SoftmaxKernel<int8_t>;
template class SoftmaxKernel<int16_t>;
template bool supports_softmax_codes<int8_t>(const OpCall& call);
template bool supports_softmax_codes<int16_t>(const OpCall& call);

}  // namespace fettle::runtime
