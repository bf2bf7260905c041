// SPDX-License-Identifier: Apache-2.0
//
// Rows of bytes copied from one pitch to another: what Concat, Split and Slice do with pixels, and
// matrix products with tiles wider than their columns. Most rows are short, and a call of memcpy
// for each would cost more than the copy: they are copied in words of a fixed size, the last of
// which overlaps the one before.
#pragma once

#include <cstdint>

namespace fettle::runtime {

// Steps in bytes; from_step may be negative or 0. The two sides do not overlap; bytes is at
// least 1.
void copy_rows(const void* from, int64_t from_step, void* to, int64_t to_step, int64_t rows,
               int64_t bytes);

}  // namespace fettle::runtime
