// SPDX-License-Identifier: Apache-2.0
//
// One item of a dataset as it lies there, before it is made into a model's input.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/tensor.h"

namespace fettle::data {

// Absolute pixels of the picture, corners (x0, y0) to (x1, y1).
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  int64_t class_id = 0;
  bool is_crowd = false;  // COCO: a group; detections inside count neither for nor against
  double area = -1;       // of the object itself where known; negative: of the box
};

enum class ItemKind : unsigned char { image, numbers, text };

struct Sample {
  std::string id = {};  // file name, row number
  ItemKind kind = ItemKind::numbers;
  Tensor item = {};             // image: u8 [h, w, 1 or 3]; numbers: any; text: none
  std::string text = {};        // only of ItemKind::text
  int64_t label = -1;           // classification; -1: none
  std::vector<Box> boxes = {};  // detection
  Tensor mask = {};             // segmentation: u8 [h, w], 255: not counted
};

}  // namespace fettle::data
