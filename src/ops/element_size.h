// SPDX-License-Identifier: Apache-2.0
//
// Operators that only move elements do not care what they are, so they exist once for each
// element size, not for each type.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fettle::ops {

// Calls f(T{}) with the unsigned integer of 1, 2, 4 or 8 bytes.
template <class F>
void visit_element_size(size_t bytes, F&& f) {
  switch (bytes) {
    case 1:
      f(uint8_t{});
      break;
    case 2:
      f(uint16_t{});
      break;
    case 4:
      f(uint32_t{});
      break;
    default:
      f(uint64_t{});
      break;
  }
}

}  // namespace fettle::ops
