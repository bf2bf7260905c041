// SPDX-License-Identifier: Apache-2.0
//
// Datasets that are one array of items and maybe one of labels: IDX, .npz and .npy.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "data/dataset/idx.h"
#include "data/dataset/source.h"
#include "data/npy.h"
#include "data/npz.h"

namespace fettle::data {

namespace {
constexpr uint64_t kMaxUnpackedBytes = uint64_t{4} << 30;

// The items are the rows of one tensor; a sample borrows its row.
class ArrayDataset : public Dataset {
 public:
  ArrayDataset(DatasetInfo info, Tensor items, std::vector<int64_t> labels)
      : Dataset(std::move(info)),
        items_(std::make_shared<const Tensor>(std::move(items))),
        labels_(std::move(labels)) {
    const Dims& all = items_->dims();
    for (int i = 1; i < all.rank(); ++i) row_.push_back(all[i]);
    const int rank = row_.rank();
    is_image_ = items_->dtype() == DType::u8 && ((rank == 2 && row_[0] > 1 && row_[1] > 1) ||
                                                 (rank == 3 && (row_[2] == 1 || row_[2] == 3)));
    if (is_image_ && rank == 2) row_.push_back(1);
  }

 protected:
  int64_t count() const override { return items_->dims()[0]; }
  Result<Sample> load(int64_t index) const override {
    Sample sample;
    sample.id = "item " + std::to_string(index);
    sample.kind = is_image_ ? ItemKind::image : ItemKind::numbers;
    const size_t row_bytes = static_cast<size_t>(row_.elements()) * size_of(items_->dtype());
    const auto* data = static_cast<const char*>(items_->raw());
    sample.item =
        Tensor(items_->dtype(), row_, data + static_cast<size_t>(index) * row_bytes, items_);
    if (!labels_.empty()) sample.label = labels_[static_cast<size_t>(index)];
    return sample;
  }

 private:
  std::shared_ptr<const Tensor> items_;
  std::vector<int64_t> labels_;
  Dims row_;
  bool is_image_ = false;
};

// Numbers, or one row of scores an item, whose greatest is the label.
Result<std::vector<int64_t>> labels_of(const Tensor& labels, int64_t items) {
  const Dims& dims = labels.dims();
  if (dims.rank() < 1 || dims.rank() > 2 || dims[0] != items) {
    return invalid_input("the labels of shape " + dims.to_string() + " do not fit " +
                         std::to_string(items) + " items");
  }
  const int64_t width = dims.rank() == 2 ? dims[1] : 1;
  if (width == 1) return to_int64(labels.view());
  if (width == 0) return invalid_input("the labels are empty");
  const std::vector<float> scores = to_float(labels.view());
  std::vector<int64_t> out;
  for (int64_t i = 0; i < items; ++i) {
    const auto row = scores.begin() + i * width;
    out.push_back(std::max_element(row, row + width) - row);
  }
  return out;
}

OpenedDataset make_dataset(const Source& source, const char* format, Tensor items,
                           const Tensor* labels) {
  if (items.dims().rank() < 2 || items.dims().elements() == 0) {
    return invalid_input("the items of shape " + items.dims().to_string() +
                             " are no array of samples; the first extent counts them",
                         source.path);
  }
  DatasetInfo info{.name = source.name, .format = format};
  std::vector<int64_t> numbers;
  if (labels != nullptr) {
    auto read = labels_of(*labels, items.dims()[0]);
    if (!read.ok()) return read.take_status().at(source.path);
    numbers = std::move(*read);
    info.task = Task::classification;
  }
  FETTLE_ASSIGN(info.class_names, read_class_names(source.folder));
  return OpenedDataset(
      std::make_unique<ArrayDataset>(std::move(info), std::move(items), std::move(numbers)));
}

Result<Tensor> read_idx(const std::string& path) {
  FETTLE_ASSIGN(const std::string bytes, read_file(path));
  auto tensor = unpack_idx(bytes, kMaxUnpackedBytes);
  if (!tensor.ok()) return tensor.take_status().at(path);
  return tensor;
}

// The path with or without ".gz", whichever is there; empty: neither.
std::string plain_or_packed(const std::string& path) {
  std::error_code error;
  for (const std::string& candidate : {path, path + ".gz"}) {
    if (std::filesystem::exists(candidate, error)) return candidate;
  }
  return {};
}

const Tensor* find_array(const NamedTensors& arrays, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    for (const auto& [key, tensor] : arrays) {
      if (key == name) return &tensor;
    }
  }
  return nullptr;
}
}  // namespace

OpenedDataset open_idx(const Source& source) {
  constexpr std::string_view kImages = "-images-idx";
  std::string images;
  if (!source.is_folder && source.name.find(kImages) != std::string::npos) images = source.path;
  std::vector<std::string> names = split_names(source.split);
  for (size_t i = 0; source.is_folder && images.empty() && i < names.size(); ++i) {
    images = plain_or_packed(source.path + "/" + names[i] + "-images-idx3-ubyte");
  }
  if (images.empty()) return OpenedDataset(nullptr);
  FETTLE_ASSIGN(Tensor items, read_idx(images));
  std::string labels = images;
  labels.replace(labels.rfind(kImages), std::string::npos, "-labels-idx1-ubyte");
  labels = plain_or_packed(labels);
  if (labels.empty()) return make_dataset(source, "IDX", std::move(items), nullptr);
  FETTLE_ASSIGN(const Tensor numbers, read_idx(labels));
  return make_dataset(source, "IDX", std::move(items), &numbers);
}

OpenedDataset open_arrays(const Source& source) {
  if (source.is_folder) return OpenedDataset(nullptr);
  if (source.name.ends_with(".npy")) {
    FETTLE_ASSIGN(Tensor items, map_npy(source.path));
    return make_dataset(source, "NumPy array", std::move(items), nullptr);
  }
  if (!source.name.ends_with(".npz")) return OpenedDataset(nullptr);
  FETTLE_ASSIGN(const NamedTensors arrays,
                read_npz(source.path, {.total_bytes = kMaxUnpackedBytes}));
  std::vector<std::string> item_names, label_names;
  for (const std::string& split : split_names(source.split)) {
    item_names.push_back("x_" + split);
    label_names.push_back("y_" + split);
  }
  for (const char* name : {"x", "images", "data"}) item_names.push_back(name);
  for (const char* name : {"y", "labels", "targets", "label"}) label_names.push_back(name);
  const Tensor* items = find_array(arrays, item_names);
  const Tensor* labels = find_array(arrays, label_names);
  if (items == nullptr && !arrays.empty()) {
    items = &arrays[0].second;
    labels = arrays.size() > 1 ? &arrays[1].second : nullptr;
  }
  if (items == nullptr) return invalid_input("the .npz file has no arrays", source.path);
  return make_dataset(source, "NumPy arrays", *items, labels);
}

}  // namespace fettle::data
