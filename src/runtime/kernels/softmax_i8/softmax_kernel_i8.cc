// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_i8/softmax_kernel_i8.h"

#include <algorithm>
#include <cstring>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kGrain = 4096;  // codes
constexpr int kMostDifference = kExponentialCodes - 1;

bool read_rows(const OpCall& call, int64_t* rows, int64_t* length) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (!is_activation_i8(x) || !is_activation_i8(y) || x.elements() == 0) return false;
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

bool supports_softmax_i8(const OpCall& call) {
  int64_t rows, length;
  return read_rows(call, &rows, &length);
}

SoftmaxI8Rows SoftmaxKernelI8::rows_of(const int8_t* x, int8_t* y, int64_t rows) const {
  return {x, y, rows, length_, exponentials_, scale_, zero_point_};
}

Status SoftmaxKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_rows(call, &rows_, &length_)) return unsupported("softmax_i8: not one that it takes");
  softmax_ = softmax_i8(options.isa);
  scale_ = call.out[0].quant->scale[0];
  zero_point_ = call.out[0].quant->zero_point[0];
  fill_code_exponentials(call.in[0].quant->scale[0], 1, kNarrowExponentialUnits, exponentials_);
  std::reverse(std::begin(exponentials_), std::end(exponentials_));
  if (length_ != 2) return {};
  pairs_ = pairs_of_codes();
  softmax_(rows_of(pairs_.data(), pairs_.data(), static_cast<int64_t>(pairs_.size()) / 2));
  return {};
}

Status SoftmaxKernelI8::run(const OpCall& call, ThreadPool& pool) {
  const int8_t* x = call.in[0].as<int8_t>();
  int8_t* y = call.out[0].as_mutable<int8_t>();
  const int64_t grain = std::max<int64_t>(1, kGrain / length_);
  pool.parallel_for(rows_, grain, [&](int64_t begin, int64_t end, int) {
    if (pairs_.empty()) {
      softmax_(rows_of(x + begin * length_, y + begin * length_, end - begin));
      return;
    }
    for (int64_t i = 2 * begin; i < 2 * end; i += 2) {
      std::memcpy(y + i, &pairs_[static_cast<size_t>(2 * (x[i] - x[i + 1] + kMostDifference))], 2);
    }
  });
  return {};
}

}  // namespace fettle::runtime
