// SPDX-License-Identifier: Apache-2.0
//
// A TFLite file from its bytes to a graph with types, as `fettle inspect` would go. What the
// reader accepts has to be a sound graph; inference may refuse it, but not crash.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "formats/tflite/read_tflite.h"
#include "passes/bind_shapes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fettle;
  // As a mapped file: aligned, and no longer than it is.
  auto bytes = std::make_shared<std::vector<std::byte>>(size);
  if (size > 0) std::memcpy(bytes->data(), data, size);
  auto graph = formats::read_tflite(*bytes, bytes);
  if (!graph.ok()) return 0;
  int64_t elements = 0;
  for (const ir::DeclaredInput& input : (*graph)->inputs()) {
    Dims dims;
    for (int64_t e : input.extents) dims.push_back(e < 0 ? 1 : e);
    if (!dims.valid()) std::abort();
    elements += dims.elements();
  }
  if (elements > (1 << 20)) return 0;  // sound, but slow
  passes::Bindings bindings;
  bindings.fold_limit_bytes = 1 << 16;
  (void)passes::bind_shapes(**graph, bindings).ok();
  return 0;
}
