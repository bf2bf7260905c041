// SPDX-License-Identifier: Apache-2.0
//
// COCO's annotations of objects: pictures, categories (numbered with gaps) and boxes, one JSON
// file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/sample.h"

namespace fettle::data {

struct CocoAnnotations {
  struct Image {
    int64_t id = 0;
    std::string file_name = {};
    std::vector<Box> boxes = {};  // class_id counts the categories from 0 in the order of their ids
  };
  std::vector<Image> images = {};  // in the order of the file
  std::vector<int64_t> category_ids = {};
  std::vector<std::string> category_names = {};
};

Result<CocoAnnotations> parse_coco(std::string_view json);

}  // namespace fettle::data
