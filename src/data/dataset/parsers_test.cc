// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "data/dataset/coco.h"
#include "data/dataset/idx.h"
#include "data/dataset/source.h"
#include "data/dataset/table.h"
#include "data/dataset/yolo.h"

namespace fettle::data {
namespace {

using Strings = std::vector<std::string>;
using Numbers = std::vector<int64_t>;

TEST(Csv, QuotesLineEndsAndEmptyLines) {
  const auto rows = parse_csv(
      "\xef\xbb\xbf"
      "a,\"b,\"\"c\"\"\"\r\n\n\"two\nlines\",\n,x");
  ASSERT_TRUE(rows.ok()) << rows.status().to_string();
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].cells, (Strings{"a", "b,\"c\""}));
  EXPECT_EQ((*rows)[1].cells, (Strings{"two\nlines", ""}));
  EXPECT_EQ((*rows)[1].line, 3);
  EXPECT_EQ((*rows)[2].cells, (Strings{"", "x"}));
  EXPECT_EQ((*rows)[2].line, 5);
  EXPECT_FALSE(parse_csv("a,\"b").ok());
  EXPECT_TRUE(parse_csv("")->empty());
}

TEST(LabelledCsv, NumbersNamesHeadersAndNone) {
  auto t = parse_labelled_csv("a.png,3\nb.png,0\n");
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->items, (Strings{"a.png", "b.png"}));
  EXPECT_EQ(t->labels, (Numbers{3, 0}));
  EXPECT_TRUE(t->class_names.empty());
  t = parse_labelled_csv("id,label,filename\n7,dog,a.png\n8,cat,b.png\n9,dog,c.png");
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->items, (Strings{"a.png", "b.png", "c.png"}));
  EXPECT_EQ(t->labels, (Numbers{1, 0, 1}));
  EXPECT_EQ(t->class_names, (Strings{"cat", "dog"}));
  t = parse_labelled_csv("a.png,dog\n", {"mouse", "dog"});
  EXPECT_EQ(t->labels, (Numbers{1}));
  EXPECT_FALSE(parse_labelled_csv("a.png,bird\n", {"mouse", "dog"}).ok());
  t = parse_labelled_csv("path\na.png\nb.png\n");
  EXPECT_EQ(t->labels, (Numbers{-1, -1}));
  EXPECT_FALSE(parse_labelled_csv("").ok());
  EXPECT_FALSE(parse_labelled_csv("path,label\n").ok());
  const auto short_row = parse_labelled_csv("path,label\na.png,1\nb.png\n");
  ASSERT_FALSE(short_row.ok());
  EXPECT_EQ(short_row.status().place(), "line 3");
}

TEST(LabelledTsv, SentencesAsTheyStand) {
  const auto t = parse_labelled_tsv("sentence\tlabel\n\"good \t1\r\nbad\t0\n");
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->items, (Strings{"\"good", "bad"}));
  EXPECT_EQ(t->labels, (Numbers{1, 0}));
  EXPECT_FALSE(parse_labelled_tsv("a\tb\tc\n").ok());
}

TEST(Idx, ReadsByHandAndRefusesOtherSizes) {
  const std::string bytes("\0\0\x0b\x02\0\0\0\x02\0\0\0\x01\x01\x02\xff\xfe", 16);
  const auto t = parse_idx(bytes);
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(t->dims(), (Dims{2, 1}));
  EXPECT_EQ(to_int64(t->view()), (Numbers{0x102, -2}));
  EXPECT_FALSE(parse_idx(bytes + "x").ok());
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(parse_idx(bytes.substr(0, n)).ok());
  EXPECT_FALSE(parse_idx(std::string("\0\0\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff", 12)).ok());
}

// What Python's gzip makes of the file above, and of it with one byte more and one less.
TEST(Idx, IsUnpackedAsFarAsItsShapeGoes) {
  const std::string start(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x66\x62\x60\x60\x00", 18);
  const std::string good =
      start + std::string("\x61\x46\x46\xa6\xff\xff\x00\xa7\x55\x50\xa2\x10\x00\x00\x00", 15);
  const std::string more =
      start + std::string("\x61\x46\x46\xa6\xff\xff\x2a\x00\x9d\x70\xcc\xc4\x11\x00\x00\x00", 16);
  const std::string less =
      start + std::string("\x61\x46\x46\xa6\xff\x00\xfb\xa5\x4e\x38\x0f\x00\x00\x00", 14);
  const auto t = unpack_idx(good, 4);
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(to_int64(t->view()), (Numbers{0x102, -2}));
  const auto refusal = [](const Result<Tensor>& r) { return r.ok() ? "" : r.status().message(); };
  EXPECT_NE(refusal(unpack_idx(good, 3)).find("over"), std::string::npos);
  EXPECT_NE(refusal(unpack_idx(more, 1 << 20)).find("more bytes"), std::string::npos);
  EXPECT_NE(refusal(unpack_idx(less, 1 << 20)).find("has 3 bytes"), std::string::npos);
  for (size_t n = 2; n < good.size(); ++n) EXPECT_FALSE(unpack_idx(good.substr(0, n), 4).ok()) << n;
}

TEST(Yolo, HandWorkedBoxAndLinesThatAreNone) {
  const auto boxes = parse_yolo_labels("2 0.5 0.25 0.2 0.1\n\n 0\t1 1 0 0 \n");
  ASSERT_TRUE(boxes.ok()) << boxes.status().to_string();
  ASSERT_EQ(boxes->size(), 2u);
  EXPECT_EQ((*boxes)[0].class_id, 2);
  EXPECT_DOUBLE_EQ((*boxes)[0].x0, 0.4);
  EXPECT_DOUBLE_EQ((*boxes)[0].x1, 0.6);
  EXPECT_DOUBLE_EQ((*boxes)[0].y0, 0.2);
  EXPECT_DOUBLE_EQ((*boxes)[0].y1, 0.3);
  for (const char* bad : {"1 2 3", "0 0.5 0.5 0.5 1.5", "-1 0 0 0 0", "0.5 0 0 0 0", "0 nan 0 0 0",
                          "0 0 0 0 0 0", "cat 0 0 0 0", "0 0.1x 0 0 0"}) {
    EXPECT_FALSE(parse_yolo_labels(bad).ok()) << bad;
  }
}

constexpr const char* kCoco =
    R"({"images": [{"id": 9, "file_name": "a.jpg"}, {"id": 4, "file_name": "b.jpg"}],
  "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
  "annotations": [
    {"image_id": 4, "category_id": 18, "bbox": [10, 20, 30, 40], "area": 600.5, "iscrowd": 0,
     "segmentation": [[1, 2, 3, 4]]},
    {"image_id": 4, "category_id": 1, "bbox": [0, 0, 1.5, 2], "iscrowd": 1}]})";

TEST(Coco, CategoriesAreNumberedInTheOrderOfTheirIds) {
  const auto coco = parse_coco(kCoco);
  ASSERT_TRUE(coco.ok()) << coco.status().to_string();
  EXPECT_EQ(coco->category_ids, (Numbers{1, 18}));
  EXPECT_EQ(coco->category_names, (Strings{"person", "dog"}));
  ASSERT_EQ(coco->images.size(), 2u);
  EXPECT_TRUE(coco->images[0].boxes.empty());
  const std::vector<Box>& boxes = coco->images[1].boxes;
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_EQ(boxes[0].class_id, 1);
  EXPECT_EQ(boxes[0].x1, 40);
  EXPECT_EQ(boxes[0].y1, 60);
  EXPECT_EQ(boxes[0].area, 600.5);
  EXPECT_TRUE(boxes[1].is_crowd);
  EXPECT_LT(boxes[1].area, 0);
}

TEST(Coco, RefusesBrokenFiles) {
  for (const char* bad :
       {"", "[]", "{}", "{\"images\": 1}", "{\"images\": [], \"annotations\": [], ",
        R"({"images": [{"id": 1}], "annotations": [], "categories": []})",
        R"({"images": [], "annotations": [{}], "categories": []})"}) {
    EXPECT_FALSE(parse_coco(bad).ok()) << bad;
  }
  EXPECT_FALSE(parse_coco(std::string(1 << 20, '[')).ok());
}

TEST(ClassNames, ListsAndNumberedEntries) {
  EXPECT_EQ(*parse_class_names_yaml("names: [a, b]"), (Strings{"a", "b"}));
  EXPECT_EQ(*parse_class_names_yaml("path: .\nnames:\n  0: a\n  2: c\n"), (Strings{"a", "", "c"}));
  EXPECT_FALSE(parse_class_names_yaml("names: {x: a}").ok());
  EXPECT_FALSE(parse_class_names_yaml("names: {999999999: a}").ok());
  EXPECT_FALSE(parse_class_names_yaml("nothing").ok());
}

}  // namespace
}  // namespace fettle::data
