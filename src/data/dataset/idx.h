// SPDX-License-Identifier: Apache-2.0
//
// IDX, the format in which MNIST and Fashion-MNIST come: a type, the extents, the elements in
// big-endian order; often compressed with gzip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::data {

Result<Tensor> parse_idx(std::string_view bytes);
// Bytes that do not begin like gzip come back as they are.
Result<std::string> gunzip(std::string_view bytes, size_t limit_bytes);

}  // namespace fettle::data
