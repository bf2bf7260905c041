// SPDX-License-Identifier: Apache-2.0
#include "measure/bound_inputs.h"

#include <random>

namespace fettle::measure {

Tensor random_input(const TensorView& like, uint64_t seed) {
  Tensor t(like.dtype, like.dims);
  std::mt19937_64 random(seed);
  visit_dtype(
      like.dtype,
      [&](auto tag) {
        using T = decltype(tag);
        for (T& v : t.mutable_data<T>()) {
          const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
          if (is_float(like.dtype)) {
            v = static_cast<T>(static_cast<float>(2 * unit - 1));
          } else if (size_of(like.dtype) == 1 && like.dtype != DType::boolean) {
            v = static_cast<T>(static_cast<int>(unit * 256));
          } else {
            v = static_cast<T>(static_cast<int>(unit * 2));
          }
        }
        return 0;
      },
      0);
  return t;
}

BoundInputs::BoundInputs(runtime::Session& session, std::vector<Tensor> given)
    : session_(session), inputs_(std::move(given)) {
  for (size_t i = inputs_.size(); i < session.inputs(); ++i) {
    inputs_.push_back(random_input(session.input(i), i + 1));
  }
}

BoundInputs::~BoundInputs() {
  for (size_t i = 0; i < inputs_.size(); ++i) (void)session_.bind_input(i, {});
}

Status BoundInputs::bind() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const auto* memory = static_cast<const std::byte*>(inputs_[i].raw());
    FETTLE_TRY(session_.bind_input(i, {memory, inputs_[i].bytes()}));
  }
  return {};
}

}  // namespace fettle::measure
