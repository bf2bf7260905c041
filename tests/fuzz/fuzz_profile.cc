// SPDX-License-Identifier: Apache-2.0
//
// Device profiles come from anybody. Whatever the bytes, the parser gives a profile or a Status;
// a profile that it takes is written and read back unchanged.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "device/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profile = fettle::device::parse_profile(text, "fuzz");
  if (!profile.ok()) return 0;
  const auto again = fettle::device::parse_profile(write_profile(*profile), "again");
  if (!again.ok() || *again != *profile) std::abort();
  return 0;
}
