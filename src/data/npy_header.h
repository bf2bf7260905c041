// SPDX-License-Identifier: Apache-2.0
//
// The first part of a .npy file: a magic number, a version, and a Python dictionary literal that
// gives the element type, the order of the elements and the shape.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/dims.h"
#include "base/dtype.h"
#include "base/status.h"

namespace fettle::data {

struct NpyHeader {
  DType dtype = DType::none;
  bool big_endian = false;
  bool fortran_order = false;
  Dims dims;
  size_t data_offset = 0;  // bytes from the start of the file
};

Result<NpyHeader> parse_npy_header(std::string_view bytes);
// As written in a dictionary: '<f4'; empty for a type that NumPy does not have.
std::string_view npy_descr(DType dtype);

}  // namespace fettle::data
