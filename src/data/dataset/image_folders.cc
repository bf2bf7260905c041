// SPDX-License-Identifier: Apache-2.0
//
// Folders of pictures: one a class, or one without labels.
#include "data/dataset/source.h"
#include "data/image.h"

namespace fettle::data {

namespace {
class ImageDataset : public Dataset {
 public:
  struct Item {
    std::string name;  // below the folder
    int64_t label;
  };
  ImageDataset(DatasetInfo info, std::string folder, std::vector<Item> items)
      : Dataset(std::move(info)), folder_(std::move(folder)), items_(std::move(items)) {}

 protected:
  int64_t count() const override { return static_cast<int64_t>(items_.size()); }
  Result<Sample> load(int64_t index) const override {
    const Item& item = items_[static_cast<size_t>(index)];
    Sample sample;
    sample.id = item.name;
    sample.kind = ItemKind::image;
    sample.label = item.label;
    FETTLE_ASSIGN(sample.item, read_image(folder_ + "/" + item.name));
    return sample;
  }

 private:
  std::string folder_;
  std::vector<Item> items_;
};
}  // namespace

OpenedDataset open_class_folders(const Source& source) {
  if (!source.is_folder) return OpenedDataset(nullptr);
  std::string folder = source.path;
  Listing listing = source.listing;
  if (const std::string split = find_split_folder(listing, source.split); !split.empty()) {
    folder += "/" + split;
    FETTLE_ASSIGN(listing, list_folder(folder));
  }
  DatasetInfo info{.name = source.name, .format = "class folders", .task = Task::classification};
  std::vector<ImageDataset::Item> items;
  for (const std::string& name : listing.folders) {
    FETTLE_ASSIGN(const Listing inner, list_folder(folder + "/" + name));
    const auto label = static_cast<int64_t>(info.class_names.size());
    const size_t before = items.size();
    for (const std::string& file : inner.files) {
      if (is_image_name(file)) items.push_back({name + "/" + file, label});
    }
    if (items.size() > before) info.class_names.push_back(name);
  }
  if (items.empty()) return OpenedDataset(nullptr);
  return OpenedDataset(std::make_unique<ImageDataset>(std::move(info), folder, std::move(items)));
}

OpenedDataset open_image_folder(const Source& source) {
  if (!source.is_folder) return OpenedDataset(nullptr);
  std::vector<ImageDataset::Item> items;
  for (const std::string& file : source.listing.files) {
    if (is_image_name(file)) items.push_back({file, -1});
  }
  if (items.empty()) return OpenedDataset(nullptr);
  DatasetInfo info{.name = source.name, .format = "pictures without labels"};
  return OpenedDataset(
      std::make_unique<ImageDataset>(std::move(info), source.path, std::move(items)));
}

}  // namespace fettle::data
