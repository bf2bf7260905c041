// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/coco.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "data/dataset/source.h"
#include "data/image.h"

namespace fettle::data {

namespace {
constexpr size_t kMaxJsonBytes = size_t{1} << 30;

class CocoDataset : public Dataset {
 public:
  CocoDataset(DatasetInfo info, std::string images, std::vector<CocoAnnotations::Image> items)
      : Dataset(std::move(info)), images_(std::move(images)), items_(std::move(items)) {}

 protected:
  int64_t count() const override { return static_cast<int64_t>(items_.size()); }
  Result<Sample> load(int64_t index) const override {
    const CocoAnnotations::Image& item = items_[static_cast<size_t>(index)];
    Sample sample;
    sample.id = item.file_name;
    sample.kind = ItemKind::image;
    sample.boxes = item.boxes;
    FETTLE_ASSIGN(sample.item, read_image(join_path(images_, item.file_name)));
    return sample;
  }

 private:
  std::string images_;
  std::vector<CocoAnnotations::Image> items_;
};

// instances_val2017.json for the split "val", or the only .json there is; empty: none.
std::string find_annotations(const std::string& folder, const Listing& listing,
                             const std::string& split) {
  std::vector<std::string> files;
  for (const std::string& file : listing.files) {
    if (file.ends_with(".json")) files.push_back(file);
  }
  for (const std::string& name : split_names(split)) {
    for (const std::string& file : files) {
      if (file.starts_with("instances_" + name) || file == name + ".json")
        return folder + "/" + file;
    }
  }
  return files.size() == 1 && split.empty() ? folder + "/" + files[0] : "";
}

// The folder, of those where pictures usually lie, that has the first picture.
std::string find_images(const Source& source, const std::string& json,
                        const CocoAnnotations& annotations) {
  const std::filesystem::path path(json);
  const std::string beside = path.parent_path().string();
  std::string stem = path.stem().string();
  if (stem.starts_with("instances_")) stem = stem.substr(10);
  std::error_code error;
  for (const std::string& root : {source.folder, beside, beside + "/.."}) {
    for (const std::string& folder :
         {root + "/images/" + stem, root + "/" + stem, root + "/images", root}) {
      if (std::filesystem::exists(join_path(folder, annotations.images[0].file_name), error)) {
        return folder;
      }
    }
  }
  return {};
}
}  // namespace

OpenedDataset open_coco(const Source& source) {
  std::string json = !source.is_folder && source.name.ends_with(".json") ? source.path : "";
  if (source.listing.has_folder("annotations")) {
    const std::string folder = source.path + "/annotations";
    FETTLE_ASSIGN(const Listing listing, list_folder(folder));
    json = find_annotations(folder, listing, source.split);
  } else if (source.is_folder) {
    json = find_annotations(source.path, source.listing, source.split);
  }
  if (json.empty()) return OpenedDataset(nullptr);
  FETTLE_ASSIGN(const std::string text, read_file(json, kMaxJsonBytes));
  auto annotations = parse_coco(text);
  if (!annotations.ok()) return annotations.take_status().at(json);
  if (annotations->images.empty()) return invalid_input("lists no images", json);
  std::string images = find_images(source, json, *annotations);
  if (images.empty()) {
    return invalid_input("its first picture, '" + annotations->images[0].file_name +
                             "', is neither beside it nor in images/",
                         json);
  }
  DatasetInfo info{.name = source.name, .format = "COCO", .task = Task::detection};
  info.class_names = std::move(annotations->category_names);
  info.category_ids = std::move(annotations->category_ids);
  return OpenedDataset(std::make_unique<CocoDataset>(std::move(info), std::move(images),
                                                     std::move(annotations->images)));
}

}  // namespace fettle::data
