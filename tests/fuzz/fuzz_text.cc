// SPDX-License-Identifier: Apache-2.0
//
// A graph as text: what parses prints, and what is printed parses to the same text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ir/text.h"
#include "ir/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fettle::ir;
  const auto graph = parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!graph.ok()) return 0;
  (void)verify(**graph).ok();
  const std::string text = print(**graph);
  const auto again = parse(text);
  if (!again.ok() || print(**again) != text) std::abort();
  return 0;
}
