// SPDX-License-Identifier: Apache-2.0
#include "data/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/files.h"
#include "data/dataset/coco.h"
#include "data/dataset/table.h"

namespace fettle::data {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

using Floats = std::vector<float>;

TEST(TopK, CountsByHand) {
  TopK top;
  EXPECT_EQ(top.top1(), 0);
  top.add(Floats{1, 3, 2}, 1);              // best
  top.add(Floats{6, 5, 4, 3, 2, 1}, 4);     // fifth
  top.add(Floats{6, 5, 4, 3, 2, 1}, 5);     // sixth
  top.add(Floats{1, 1, 1, 1, 1, 1, 1}, 5);  // equal to all, five of them earlier
  top.add(Floats{1, 1}, 7);                 // no such score
  top.add(Floats{1, 1}, -1);
  top.add(Floats{kNan, 0}, 1);  // NaN is worse
  EXPECT_EQ(top.count(), 7);
  EXPECT_DOUBLE_EQ(top.top1(), 2.0 / 7);
  EXPECT_DOUBLE_EQ(top.top5(), 3.0 / 7);
  EXPECT_EQ(argmax(Floats{kNan, 1, 2, 2}), 2);
  EXPECT_EQ(argmax(Floats{}), -1);
}

// The pairs (positive, negative) of 0.9 0.5+ | 0.5 0.1: 0.9 beats both, 0.5 ties one and beats one.
TEST(RocAuc, TiesCountHalf) {
  RocAuc auc;
  EXPECT_EQ(auc.area(), 0.5);
  auc.add(0.9f, true);
  auc.add(0.5f, true);
  EXPECT_EQ(auc.area(), 0.5);
  auc.add(0.5f, false);
  auc.add(0.1f, false);
  EXPECT_DOUBLE_EQ(auc.area(), 3.5 / 4);
  auc.add(kNan, true);  // below all: loses to both
  EXPECT_DOUBLE_EQ(auc.area(), 3.5 / 6);
}

TEST(MeanIou, HandWorkedMatrix) {
  MeanIou iou(4);
  EXPECT_EQ(iou.mean_iou(), 0);
  const std::vector<uint8_t> labels = {0, 0, 1, 1, 255, 1};
  const std::vector<int32_t> predicted = {0, 1, 1, 1, 0, 99};
  iou.add(labels, predicted);
  EXPECT_DOUBLE_EQ(iou.iou(0), 1.0 / 2);
  EXPECT_DOUBLE_EQ(iou.iou(1), 2.0 / 4);
  EXPECT_LT(iou.iou(2), 0);
  EXPECT_DOUBLE_EQ(iou.mean_iou(), 0.5);
  EXPECT_DOUBLE_EQ(iou.pixel_accuracy(), 3.0 / 5);
  iou.add(std::vector<uint8_t>{3}, std::vector<int32_t>{0});
  EXPECT_DOUBLE_EQ(iou.iou(3), 0);
  EXPECT_DOUBLE_EQ(iou.mean_iou(), (1.0 / 3 + 0.5 + 0) / 3);
}

TEST(Agreement, HandWorkedNoise) {
  Agreement same;
  same.add(Floats{1, 2, kNan}, Floats{1, 2, kNan});
  EXPECT_EQ(same.top1(), 1);
  EXPECT_TRUE(std::isinf(same.sqnr_db()));
  EXPECT_EQ(same.max_abs_difference(), 0);
  Agreement near;
  near.add(Floats{3, 4}, Floats{3, 4.5f});
  near.add(Floats{5, 0}, Floats{0, 0.5f});
  EXPECT_DOUBLE_EQ(near.top1(), 0.5);
  EXPECT_DOUBLE_EQ(near.max_abs_difference(), 5);
  EXPECT_NEAR(near.sqnr_db(), 10 * std::log10(50 / 25.5), 1e-9);
  near.add(Floats{1}, Floats{kNan});
  EXPECT_TRUE(std::isinf(near.max_abs_difference()));
}

Detection detect(double x0, double y0, double x1, double y1, float score, int64_t class_id = 0) {
  return {{.x0 = x0, .y0 = y0, .x1 = x1, .y1 = y1, .class_id = class_id}, score};
}

TEST(MeanAp, PerfectAbsentAndEmpty) {
  EXPECT_EQ(MeanAp().summarize().ap, -1);
  const std::vector<Box> truth = {{.x0 = 0, .y0 = 0, .x1 = 10, .y1 = 10},
                                  {.x0 = 50, .y0 = 50, .x1 = 250, .y1 = 250}};
  MeanAp perfect;
  perfect.add_image(truth, std::vector{detect(0, 0, 10, 10, 0.9f), detect(50, 50, 250, 250, 0.8f)});
  EXPECT_NEAR(perfect.summarize().ap, 1, 1e-12);
  EXPECT_NEAR(perfect.summarize().ap_small, 1, 1e-12);
  EXPECT_EQ(perfect.summarize().ap_medium, -1);
  EXPECT_NEAR(perfect.summarize().ar100, 1, 1e-12);
  MeanAp nothing;
  nothing.add_image(truth, {});
  EXPECT_EQ(nothing.summarize().ap, 0);
  EXPECT_EQ(nothing.summarize().ar100, 0);
}

// Two objects; the better detection misses, the next one hits one of them with an overlap of 0.8.
// At 0.5 to 0.8 the precision is 1/2 up to a recall of 1/2, which is 51 of the 101 recalls.
TEST(MeanAp, HandWorkedHalf) {
  MeanAp ap;
  ap.add_image(std::vector<Box>{{.x0 = 0, .y0 = 0, .x1 = 10, .y1 = 10},
                                {.x0 = 100, .y0 = 0, .x1 = 110, .y1 = 10}},
               std::vector{detect(50, 50, 60, 60, 0.9f), detect(0, 0, 10, 8, 0.8f)});
  const MeanAp::Summary s = ap.summarize();
  EXPECT_NEAR(s.ap50, 0.5 * 51 / 101, 1e-12);
  EXPECT_NEAR(s.ap75, 0.5 * 51 / 101, 1e-12);
  EXPECT_NEAR(s.ap, 7 * 0.5 * 51 / 101 / 10, 1e-12);  // 0.5, 0.55, ... 0.8
  EXPECT_NEAR(s.ar100, 0.5 * 7 / 10, 1e-12);
}

TEST(MeanAp, CrowdsNeitherHelpNorHarm) {
  MeanAp ap;
  ap.add_image(std::vector<Box>{{.x0 = 0, .y0 = 0, .x1 = 10, .y1 = 10},
                                {.x0 = 20, .y0 = 0, .x1 = 200, .y1 = 200, .is_crowd = true}},
               std::vector{detect(30, 30, 40, 40, 0.99f), detect(50, 50, 60, 60, 0.98f),
                           detect(0, 0, 10, 10, 0.5f)});
  EXPECT_NEAR(ap.summarize().ap, 1, 1e-12);
}

TEST(MeanAp, AgreesWithPycocotools) {
  const std::string folder = FETTLE_SOURCE "/tests/data/coco_eval/";
  const auto truth = parse_coco(*read_file(folder + "truth.json"));
  const auto rows = parse_csv(*read_file(folder + "detections.csv"));
  const auto expected_rows = parse_csv(*read_file(folder + "expected.csv"));
  ASSERT_TRUE(truth.ok() && rows.ok() && expected_rows.ok());
  std::map<int64_t, std::vector<Detection>> by_image;
  for (const Row& row : *rows) {
    std::vector<double> v;
    for (const std::string& cell : row.cells) v.push_back(std::stod(cell));
    const auto& ids = truth->category_ids;
    const int64_t label =
        std::find(ids.begin(), ids.end(), static_cast<int64_t>(v[1])) - ids.begin();
    by_image[static_cast<int64_t>(v[0])].push_back(
        detect(v[2], v[3], v[2] + v[4], v[3] + v[5], static_cast<float>(v[6]), label));
  }
  MeanAp ap;
  for (const auto& image : truth->images) ap.add_image(image.boxes, by_image[image.id]);
  const MeanAp::Summary s = ap.summarize();
  std::map<std::string, double> got = {{"ap", s.ap},
                                       {"ap50", s.ap50},
                                       {"ap75", s.ap75},
                                       {"ap_small", s.ap_small},
                                       {"ap_medium", s.ap_medium},
                                       {"ap_large", s.ap_large},
                                       {"ar100", s.ar100}};
  for (size_t c = 0; c < truth->category_names.size(); ++c) {
    got[truth->category_names[c]] = c < s.ap_by_class.size() ? s.ap_by_class[c] : -1;
  }
  ASSERT_EQ(expected_rows->size(), got.size());
  for (const Row& row : *expected_rows) {
    EXPECT_NEAR(got.at(row.cells[0]), std::stod(row.cells[1]), 1e-9) << row.cells[0];
  }
}

}  // namespace
}  // namespace fettle::data
