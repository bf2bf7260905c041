// SPDX-License-Identifier: Apache-2.0
//
// IDX, the format in which MNIST and Fashion-MNIST come: a type, the extents, the elements in
// big-endian order; often compressed with gzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::data {

Result<Tensor> parse_idx(std::string_view bytes);
// As parse_idx, of bytes that may be gzip: no more is unpacked than the shape in the header asks
// for, and that may be `limit_bytes` of elements at most.
Result<Tensor> unpack_idx(std::string_view bytes, uint64_t limit_bytes);
// Bytes that do not begin like gzip come back as they are.
Result<std::string> gunzip(std::string_view bytes, size_t limit_bytes);

}  // namespace fettle::data
