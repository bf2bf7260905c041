// SPDX-License-Identifier: Apache-2.0
//
// .npy and .npz, and that what is read is written and read again as the same.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "data/npy.h"
#include "data/npz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fettle::data;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto arrays = parse_npz(bytes, {.entries = 64, .total_bytes = 1 << 20});
  const auto tensor = parse_npy(bytes);
  if (!tensor.ok()) return 0;
  const auto written = format_npy(tensor->view());
  if (!written.ok()) std::abort();
  const auto again = parse_npy(*written);
  if (!again.ok() || !(again->dims() == tensor->dims()) || again->dtype() != tensor->dtype() ||
      std::memcmp(again->raw(), tensor->raw(), tensor->bytes()) != 0) {
    std::abort();
  }
  return 0;
}
