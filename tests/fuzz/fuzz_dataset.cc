// SPDX-License-Identifier: Apache-2.0
//
// The text and binary forms that datasets come in. The first byte, a digit, chooses the parser.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/dataset/coco.h"
#include "data/dataset/idx.h"
#include "data/dataset/source.h"
#include "data/dataset/table.h"
#include "data/dataset/yolo.h"
#include "data/preprocess.h"

namespace {
using namespace fettle::data;

void check(const fettle::Result<LabelledText>& table) {
  if (table.ok() && (table->items.empty() || table->items.size() != table->labels.size())) {
    std::abort();
  }
}

void check(const fettle::Result<CocoAnnotations>& coco) {
  if (!coco.ok()) return;
  for (const auto& image : coco->images) {
    for (const Box& box : image.boxes) {
      if (box.class_id < 0 || box.class_id >= static_cast<int64_t>(coco->category_ids.size())) {
        std::abort();
      }
    }
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr size_t kUnpackedLimit = 1 << 20;
  switch (data[0]) {
    case '0':
      check(parse_labelled_csv(bytes));
      break;
    case '1':
      check(parse_labelled_tsv(bytes));
      break;
    case '2':
      check(parse_raw_tensor_table(bytes));
      break;
    case '3':
      (void)unpack_idx(bytes, kUnpackedLimit);
      break;
    case '4':
      (void)parse_yolo_labels(bytes);
      break;
    case '5':
      check(parse_coco(bytes));
      break;
    case '6':
      (void)parse_preprocess(bytes);
      break;
    case '7':
      (void)parse_class_names_yaml(bytes);
      break;
    default:
      break;
  }
  return 0;
}
