// SPDX-License-Identifier: Apache-2.0
#include "data/dataset.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "data/image.h"
#include "data/npy.h"
#include "data/npz.h"

namespace fettle::data {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, gone afterwards.
class Folder : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "fettle_dataset_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  void TearDown() override { fs::remove_all(path_); }
  void put(const std::string& name, std::string_view content) {
    fs::create_directories(fs::path(path_ + "/" + name).parent_path());
    ASSERT_TRUE(write_file(path_ + "/" + name, content).ok());
  }
  void put_picture(const std::string& name, const Dims& dims, uint8_t level) {
    Tensor t(DType::u8, dims);
    for (uint8_t& v : t.mutable_data<uint8_t>()) v = level;
    put(name, *encode_png(t));
  }
  std::unique_ptr<Dataset> open(const std::string& name = "", const DatasetOptions& options = {}) {
    auto dataset = open_dataset(name.empty() ? path_ : path_ + "/" + name, options);
    EXPECT_TRUE(dataset.ok()) << dataset.status().to_string();
    return dataset.ok() ? std::move(*dataset) : nullptr;
  }
  std::string path_;
};
using Dataset = Folder;

Sample get(const data::Dataset& dataset, int64_t index) {
  auto sample = dataset.sample(index);
  EXPECT_TRUE(sample.ok()) << sample.status().to_string();
  return sample.ok() ? *sample : Sample();
}

TEST_F(Dataset, ClassFoldersWithSplitsAndPreprocessing) {
  put_picture("train/cat/1.png", {2, 3, 3}, 1);
  put_picture("train/dog/1.png", {2, 3, 3}, 2);
  put_picture("val/cat/a.PNG", {2, 3, 3}, 3);
  put_picture("val/dog/b.png", {2, 3, 3}, 4);
  put("val/empty/readme.txt", "x");
  put("preprocess.yaml", "size: [2, 2]\n");
  const auto dataset = open();
  ASSERT_NE(dataset, nullptr);
  EXPECT_EQ(dataset->info().format, "class folders");
  EXPECT_EQ(dataset->info().task, Task::classification);
  EXPECT_EQ(dataset->info().class_names, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_TRUE(dataset->info().preprocess.has_value());
  EXPECT_EQ(dataset->info().preprocess->width, 2);
  ASSERT_EQ(dataset->size(), 2);
  const Sample s = get(*dataset, 1);
  EXPECT_EQ(s.id, "dog/b.png");
  EXPECT_EQ(s.label, 1);
  EXPECT_EQ(s.item.dims(), (Dims{2, 3, 3}));
  EXPECT_EQ(s.item.data<uint8_t>()[0], 4);
  EXPECT_EQ(get(*open("", {.split = "train"}), 0).item.data<uint8_t>()[0], 1);
}

TEST_F(Dataset, LimitSpreadsOverAllItems) {
  for (int i = 0; i < 10; ++i) put_picture(std::to_string(i) + ".png", {1, 1, 1}, i);
  const auto dataset = open("", {.limit = 4});
  EXPECT_EQ(dataset->info().task, Task::none);
  ASSERT_EQ(dataset->size(), 4);
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(get(*dataset, i).id);
  EXPECT_EQ(ids, (std::vector<std::string>{"0.png", "2.png", "5.png", "7.png"}));
  EXPECT_EQ(open("", {.limit = 99})->size(), 10);
}

TEST_F(Dataset, CsvPathsAreRelativeToIt) {
  put_picture("pictures/a.png", {1, 2, 3}, 9);
  put("t.npy", *format_npy(Tensor::of<float>({2}, {1, 2}).view()));
  put("list.csv", "path,label\npictures/a.png,yes\nt.npy,no\n");
  const auto dataset = open("list.csv");
  EXPECT_EQ(dataset->info().class_names, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(get(*dataset, 0).label, 1);
  EXPECT_EQ(get(*dataset, 0).kind, ItemKind::image);
  EXPECT_EQ(get(*dataset, 1).item.data<float>()[1], 2);
  put("broken.csv", "absent.png,1\n");
  const auto missing = open("broken.csv")->sample(0);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().to_string().find("absent.png"), std::string::npos);
}

TEST_F(Dataset, NumpyArrays) {
  const NamedTensors arrays = {
      {"y_train", Tensor::of<float>({3, 2}, {0, 1, 1, 0, 0, 1})},
      {"x_train", Tensor::of<uint8_t>({3, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})}};
  put("set.npz", *format_npz(arrays));
  const auto dataset = open("set.npz");
  ASSERT_EQ(dataset->size(), 3);
  const Sample s = get(*dataset, 2);
  EXPECT_EQ(s.kind, ItemKind::image);
  EXPECT_EQ(s.item.dims(), (Dims{2, 2, 1}));
  EXPECT_EQ(s.item.data<uint8_t>()[3], 11);
  EXPECT_EQ(s.label, 1);
  put("x.npy", *format_npy(Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}).view()));
  const auto plain = open("x.npy");
  EXPECT_EQ(plain->info().task, Task::none);
  EXPECT_EQ(get(*plain, 1).item.data<float>()[0], 4);
  const auto input = make_input(get(*plain, 1), {}, {DType::f32, {1, 3}});
  ASSERT_TRUE(input.ok());
  EXPECT_EQ(to_float(input->view()), (std::vector<float>{4, 5, 6}));
}

TEST_F(Dataset, CocoFolder) {
  put_picture("images/val2017/a.png", {8, 8, 3}, 1);
  put("annotations/captions_val2017.json", "{}");
  put("annotations/instances_val2017.json",
      R"({"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 3, "name": "car"}],
          "annotations": [{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]}]})");
  const auto dataset = open();
  EXPECT_EQ(dataset->info().format, "COCO");
  EXPECT_EQ(dataset->info().category_ids, (std::vector<int64_t>{3}));
  const Sample s = get(*dataset, 0);
  ASSERT_EQ(s.boxes.size(), 1u);
  EXPECT_EQ(s.boxes[0].y1, 6);
}

TEST_F(Dataset, MasksBesidePictures) {
  put_picture("images/a.png", {2, 2, 3}, 1);
  put_picture("masks/a.png", {2, 2, 1}, 5);
  const auto dataset = open();
  EXPECT_EQ(dataset->info().task, Task::segmentation);
  EXPECT_EQ(get(*dataset, 0).mask.dims(), (Dims{2, 2}));
  EXPECT_EQ(get(*dataset, 0).mask.data<uint8_t>()[3], 5);
  put_picture("images/b.png", {2, 2, 3}, 1);
  put_picture("masks/b.png", {2, 3, 1}, 5);
  EXPECT_FALSE(open()->sample(1).ok());
  fs::remove(path_ + "/masks/b.png");
  EXPECT_FALSE(open_dataset(path_).ok());
}

TEST_F(Dataset, NothingRecognisedSaysWhatWasLookedFor) {
  put("readme.txt", "x");
  const auto nothing = open_dataset(path_);
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.status().code(), Code::invalid_input);
  for (const char* word : {"IDX", "COCO", "YOLO", "labels.csv", ".npz", "one a class"}) {
    EXPECT_NE(nothing.status().message().find(word), std::string::npos) << word;
  }
  EXPECT_FALSE(open_dataset(path_ + "/absent").ok());
}

// Real data.
#define NEEDS(path) \
  if (!fs::exists(path)) GTEST_SKIP() << "no " << (path)

TEST(RealDataset, FashionMnist) {
  const std::string path = "/usr/share/datasets/fashion-mnist";
  NEEDS(path);
  const auto test = open_dataset(path);
  ASSERT_TRUE(test.ok()) << test.status().to_string();
  EXPECT_EQ((*test)->size(), 10000);
  // The first labels of the set, as its authors show them: ankle boot, pullover, trouser, trouser.
  const int64_t labels[] = {9, 2, 1, 1};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(get(**test, i).label, labels[i]);
  const Sample s = get(**test, 0);
  EXPECT_EQ(s.item.dims(), (Dims{28, 28, 1}));
  const auto spec = parse_preprocess("scale: 1/255");
  const auto input = make_input(s, *spec, {DType::f32, {1, 1, 28, 28}});
  ASSERT_TRUE(input.ok());
  EXPECT_FLOAT_EQ(input->data<float>()[20 * 28 + 10],
                  s.item.data<uint8_t>()[20 * 28 + 10] / 255.0f);
  const auto train = open_dataset(path, {.split = "train", .limit = 600});
  ASSERT_TRUE(train.ok());
  EXPECT_EQ((*train)->size(), 600);
}

TEST(RealDataset, KeywordSpotting) {
  const std::string path = FETTLE_SHARED "/data/kws01";
  NEEDS(path);
  const auto dataset = open_dataset(path);
  ASSERT_TRUE(dataset.ok()) << dataset.status().to_string();
  ASSERT_EQ((*dataset)->size(), 1000);
  for (int64_t i = 0; i < 1000; i += 111) {
    const Sample s = get(**dataset, i);
    EXPECT_EQ(s.item.dims(), (Dims{490}));
    // The label stands in the name too: tst_000000_Stop_7.bin.
    EXPECT_TRUE(s.id.ends_with("_" + std::to_string(s.label) + ".bin")) << s.id;
  }
  const Quantization quant{{0.5f}, {3}};
  EXPECT_TRUE(make_input(get(**dataset, 0), {}, {DType::i8, {1, 49, 10, 1}, &quant}).ok());
}

TEST(RealDataset, YoloBoxes) {
  const std::string path = FETTLE_SHARED "/data/coco64";
  NEEDS(path);
  const auto dataset = open_dataset(path);
  ASSERT_TRUE(dataset.ok()) << dataset.status().to_string();
  ASSERT_EQ((*dataset)->size(), 64);
  ASSERT_EQ((*dataset)->info().class_names.size(), 80u);
  EXPECT_EQ((*dataset)->info().class_names[79], "toothbrush");
  const Sample s = get(**dataset, 1);  // 000000000025.jpg: two giraffes, 640 x 426
  EXPECT_EQ(s.item.dims(), (Dims{426, 640, 3}));
  ASSERT_FALSE(s.boxes.empty());
  EXPECT_EQ((*dataset)->info().class_names[static_cast<size_t>(s.boxes[0].class_id)], "giraffe");
  int boxes = 0;
  for (int64_t i = 0; i < 64; ++i) boxes += static_cast<int>(get(**dataset, i).boxes.size());
  EXPECT_EQ(boxes, 542);  // the lines of all label files
}

TEST(RealDataset, Sentences) {
  const std::string path = FETTLE_SHARED "/data/text/sst2";
  NEEDS(path);
  const auto dev = open_dataset(path, {.split = "val"});
  ASSERT_TRUE(dev.ok()) << dev.status().to_string();
  EXPECT_EQ(get(**dev, 0).text, "the expressive power of the camera");
  EXPECT_EQ(get(**dev, 0).label, 1);
}

}  // namespace
}  // namespace fettle::data
