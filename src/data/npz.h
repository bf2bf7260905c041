// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npz: a zip archive of .npy files, stored or deflated, in the order of the archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::data {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;  // names without ".npy"

struct NpzLimits {
  size_t entries = 65536;
  uint64_t total_bytes = uint64_t{8} << 30;  // of all arrays, unpacked
};

Result<NamedTensors> parse_npz(std::string_view bytes, const NpzLimits& limits = {});
Result<NamedTensors> read_npz(const std::string& path, const NpzLimits& limits = {});

// The same arrays give the same bytes: no time of writing is kept.
Result<std::string> format_npz(const NamedTensors& arrays, bool compress = true);
Status write_npz(const std::string& path, const NamedTensors& arrays, bool compress = true);

}  // namespace fettle::data
