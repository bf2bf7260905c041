// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i8/pool_scale.h"

#include <algorithm>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {
bool are_codes(const OpCall& call, DType type) {
  return call.in[0].dtype == type && call.out[0].dtype == type;
}
}  // namespace

int32_t PoolScale::mean_of_codes(int64_t sum, int64_t count) const {
  const int64_t half = sum >= 0 || ties == MeanTies::away ? count / 2 : (count - 1) / 2;
  const int64_t mean = (sum + (sum >= 0 ? half : -half)) / count;
  return static_cast<int32_t>(std::clamp<int64_t>(mean, output.low, output.high));
}

bool read_pool_scale(const OpCall& call, DType type, PoolScale* scale) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (!are_codes(call, type) || !is_activation(x) || !is_activation(y)) return false;
  if (!read_output(call, &scale->output)) return false;
  const std::string_view ties = call.attrs.get_string("ties", "even");
  scale->ties = ties == "up" ? MeanTies::up : ties == "away" ? MeanTies::away : MeanTies::even;
  scale->from = x.quant->scale[0];
  scale->to = y.quant->scale[0];
  scale->in_zero_point = x.quant->zero_point[0];
  return true;
}

bool keeps_codes(const OpCall& call, DType type) {
  return are_codes(call, type) && call.attrs.get_string("activation", "none") == "none";
}

}  // namespace fettle::runtime
