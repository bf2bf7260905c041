// SPDX-License-Identifier: Apache-2.0
//
// Semantic segmentation: images/ and masks/, paired by name without suffix.
#include <filesystem>

#include "data/dataset/source.h"
#include "data/image.h"

namespace fettle::data {

namespace {
class MaskDataset : public Dataset {
 public:
  struct Item {
    std::string name, image, mask;  // paths
  };
  MaskDataset(DatasetInfo info, std::vector<Item> items)
      : Dataset(std::move(info)), items_(std::move(items)) {}

 protected:
  int64_t count() const override { return static_cast<int64_t>(items_.size()); }
  Result<Sample> load(int64_t index) const override {
    const Item& item = items_[static_cast<size_t>(index)];
    Sample sample;
    sample.id = item.name;
    sample.kind = ItemKind::image;
    FETTLE_ASSIGN(sample.item, read_image(item.image));
    FETTLE_ASSIGN(sample.mask, read_mask(item.mask));
    if (sample.mask.dims()[0] != sample.item.dims()[0] ||
        sample.mask.dims()[1] != sample.item.dims()[1]) {
      return invalid_input("the mask is " + sample.mask.dims().to_string() + ", its picture is " +
                               sample.item.dims().to_string(),
                           item.mask);
    }
    return sample;
  }

 private:
  std::vector<Item> items_;
};
}  // namespace

OpenedDataset open_masks(const Source& source) {
  if (!source.listing.has_folder("images") || !source.listing.has_folder("masks")) {
    return OpenedDataset(nullptr);
  }
  std::string images = source.path + "/images", masks = source.path + "/masks";
  FETTLE_ASSIGN(Listing listing, list_folder(images));
  if (const std::string split = find_split_folder(listing, source.split); !split.empty()) {
    images += "/" + split;
    masks += "/" + split;
    FETTLE_ASSIGN(listing, list_folder(images));
  }
  FETTLE_ASSIGN(const Listing mask_listing, list_folder(masks));
  std::vector<MaskDataset::Item> items;
  for (const std::string& file : listing.files) {
    if (!is_image_name(file)) continue;
    std::string mask;
    for (const char* suffix : {".png", ".bmp"}) {
      if (mask.empty() && mask_listing.has_file(stem_of(file) + suffix))
        mask = stem_of(file) + suffix;
    }
    if (mask.empty())
      return invalid_input("has no mask (.png or .bmp) in " + masks, images + "/" + file);
    items.push_back({file, images + "/" + file, masks + "/" + mask});
  }
  if (items.empty()) return invalid_input("there are no pictures", images);
  DatasetInfo info{.name = source.name, .format = "pictures and masks", .task = Task::segmentation};
  FETTLE_ASSIGN(info.class_names, read_class_names(source.folder));
  return OpenedDataset(std::make_unique<MaskDataset>(std::move(info), std::move(items)));
}

}  // namespace fettle::data
