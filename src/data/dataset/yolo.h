// SPDX-License-Identifier: Apache-2.0
//
// YOLO's labels: one text file a picture, one box a line: class, centre and extents as parts of the
// picture's.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/sample.h"

namespace fettle::data {

// Boxes in relative coordinates, 0 to 1, corners.
Result<std::vector<Box>> parse_yolo_labels(std::string_view text);

}  // namespace fettle::data
