// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy: how numbers go into and out of every command. Format versions 1, 2 and 3 are
// read, in either byte order and in C or Fortran order; what is written is version 1, little-endian
// and in C order. Python objects (pickles) and structured types are refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::data {

// The tensor copies its elements.
Result<Tensor> parse_npy(std::string_view bytes);
Result<Tensor> read_npy(const std::string& path);
// As read_npy, but the elements stay in the mapped file where their form allows it, so that an
// array larger than memory can be walked. Such a tensor must not be written to.
Result<Tensor> map_npy(const std::string& path);

// NumPy has no bfloat16: such a tensor is refused.
Result<std::string> format_npy(const TensorView& tensor);
Status write_npy(const std::string& path, const TensorView& tensor);

}  // namespace fettle::data
