// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/yolo.h"

#include <charconv>
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "data/dataset/source.h"
#include "data/dataset/table.h"
#include "data/image.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxLabelBytes = 16 << 20;
constexpr double kMaxClass = 1e6;

class YoloDataset : public Dataset {
 public:
  YoloDataset(DatasetInfo info, std::string images, std::string labels,
              std::vector<std::string> files)
      : Dataset(std::move(info)),
        images_(std::move(images)),
        labels_(std::move(labels)),
        files_(std::move(files)) {}

 protected:
  int64_t count() const override { return static_cast<int64_t>(files_.size()); }
  Result<Sample> load(int64_t index) const override {
    Sample sample;
    sample.id = files_[static_cast<size_t>(index)];
    sample.kind = ItemKind::image;
    FETTLE_ASSIGN(sample.item, read_image(images_ + "/" + sample.id));
    const std::string path = labels_ + "/" + stem_of(sample.id) + ".txt";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return sample;  // nothing is in the picture
    FETTLE_ASSIGN(const std::string text, read_file(path, kMaxLabelBytes));
    auto boxes = parse_yolo_labels(text);
    if (!boxes.ok()) return boxes.take_status().at(path);
    const auto height = static_cast<double>(sample.item.dims()[0]);
    const auto width = static_cast<double>(sample.item.dims()[1]);
    sample.boxes = std::move(*boxes);
    for (Box& box : sample.boxes) {
      box.x0 *= width;
      box.x1 *= width;
      box.y0 *= height;
      box.y1 *= height;
    }
    return sample;
  }

 private:
  std::string images_, labels_;
  std::vector<std::string> files_;
};
}  // namespace

Result<std::vector<Box>> parse_yolo_labels(std::string_view text) {
  std::vector<Box> boxes;
  size_t number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    double values[5] = {};
    size_t count = 0;
    const auto skip = [&] {
      const size_t next = line.find_first_not_of(" \t");
      line.remove_prefix(next == std::string_view::npos ? line.size() : next);
    };
    bool good = true;
    for (skip(); good && !line.empty(); skip()) {
      double value = 0;
      const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
      good = error == std::errc() && std::isfinite(value) && count < 5;
      if (!good) break;
      values[count++] = value;
      line.remove_prefix(static_cast<size_t>(end - line.data()));
      good = line.empty() || line[0] == ' ' || line[0] == '\t';
    }
    if (good && count == 0) continue;
    good = good && count == 5 && values[0] >= 0 && values[0] < kMaxClass &&
           values[0] == std::floor(values[0]);
    for (size_t i = 1; i < 5; ++i) good = good && values[i] >= 0 && values[i] <= 1;
    if (!good) {
      return invalid_input("must be 'class cx cy width height', the last four from 0 to 1",
                           "line " + std::to_string(number));
    }
    Box box;
    box.class_id = static_cast<int64_t>(values[0]);
    box.x0 = values[1] - values[3] / 2;
    box.x1 = values[1] + values[3] / 2;
    box.y0 = values[2] - values[4] / 2;
    box.y1 = values[2] + values[4] / 2;
    boxes.push_back(box);
  }
  return boxes;
}

OpenedDataset open_yolo(const Source& source) {
  if (!source.listing.has_folder("images") || !source.listing.has_folder("labels")) {
    return OpenedDataset(nullptr);
  }
  std::string images = source.path + "/images", labels = source.path + "/labels";
  FETTLE_ASSIGN(Listing listing, list_folder(images));
  if (const std::string split = find_split_folder(listing, source.split); !split.empty()) {
    images += "/" + split;
    labels += "/" + split;
    FETTLE_ASSIGN(listing, list_folder(images));
  }
  FETTLE_ASSIGN(const Listing label_listing, list_folder(labels));
  size_t labelled = 0;
  std::vector<std::string> files;
  for (const std::string& file : listing.files) {
    if (!is_image_name(file)) continue;
    labelled += label_listing.has_file(stem_of(file) + ".txt") ? 1 : 0;
    files.push_back(file);
  }
  if (files.empty()) return invalid_input("there are no pictures", images);
  if (labelled == 0) return invalid_input("there is no .txt for any picture of " + images, labels);
  DatasetInfo info{.name = source.name, .format = "YOLO", .task = Task::detection};
  FETTLE_ASSIGN(info.class_names, read_class_names(source.folder));
  return OpenedDataset(std::make_unique<YoloDataset>(std::move(info), std::move(images),
                                                     std::move(labels), std::move(files)));
}

}  // namespace fettle::data
