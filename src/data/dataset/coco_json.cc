// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "data/dataset/coco.h"

namespace fettle::data {

namespace {
using nlohmann::json;

// Outlines are most of the file and are not read: they are dropped while parsing.
bool keep(int, json::parse_event_t event, json& value) {
  return event != json::parse_event_t::key || value != "segmentation";
}

const json* find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

const json* find_list(const json& object, const char* key) {
  const json* list = find(object, key);
  return list != nullptr && list->is_array() ? list : nullptr;
}

bool read_id(const json& object, const char* key, int64_t* out) {
  const json* value = find(object, key);
  if (value == nullptr || !value->is_number_integer()) return false;
  *out = value->get<int64_t>();
  return true;
}

bool read_box(const json& annotation, Box* box) {
  const json* values = find_list(annotation, "bbox");
  if (values == nullptr || values->size() != 4) return false;
  double v[4];
  for (size_t i = 0; i < 4; ++i) {
    if (!(*values)[i].is_number()) return false;
    v[i] = (*values)[i].get<double>();
    if (!std::isfinite(v[i]) || std::abs(v[i]) > 1e9) return false;
  }
  if (v[2] < 0 || v[3] < 0) return false;
  *box = {.x0 = v[0], .y0 = v[1], .x1 = v[0] + v[2], .y1 = v[1] + v[3]};
  if (const json* area = find(annotation, "area"); area != nullptr && area->is_number()) {
    box->area = area->get<double>();
  }
  const json* crowd = find(annotation, "iscrowd");
  box->is_crowd = crowd != nullptr && (*crowd == 1 || *crowd == true);
  return true;
}

Status bad_entry(const char* list, size_t index, const char* needs) {
  return invalid_input("entry " + std::to_string(index) + " of '" + list + "' needs " + needs);
}

Status read_categories(const json& root, CocoAnnotations* out, std::map<int64_t, int64_t>* labels) {
  std::map<int64_t, std::string> by_id;
  const json& list = *find_list(root, "categories");
  for (size_t i = 0; i < list.size(); ++i) {
    int64_t id = 0;
    if (!read_id(list[i], "id", &id)) return bad_entry("categories", i, "a whole 'id'");
    const json* name = find(list[i], "name");
    by_id[id] =
        name != nullptr && name->is_string() ? name->get<std::string>() : std::to_string(id);
  }
  for (const auto& [id, name] : by_id) {
    labels->emplace(id, static_cast<int64_t>(out->category_ids.size()));
    out->category_ids.push_back(id);
    out->category_names.push_back(name);
  }
  return {};
}
}  // namespace

Result<CocoAnnotations> parse_coco(std::string_view text) {
  json root;
  try {
    root = json::parse(text.begin(), text.end(), keep, /*allow_exceptions=*/true);
  } catch (const json::exception& e) {
    return invalid_input(std::string("not valid JSON: ") + e.what());
  }
  for (const char* key : {"images", "annotations", "categories"}) {
    if (find_list(root, key) == nullptr) {
      return invalid_input(std::string("no COCO annotations: there is no list '") + key + "'");
    }
  }
  CocoAnnotations out;
  std::map<int64_t, int64_t> labels;
  FETTLE_TRY(read_categories(root, &out, &labels));
  std::map<int64_t, size_t> image_index;
  const json& images = root["images"];
  for (size_t i = 0; i < images.size(); ++i) {
    CocoAnnotations::Image image;
    const json* name = find(images[i], "file_name");
    if (!read_id(images[i], "id", &image.id) || name == nullptr || !name->is_string()) {
      return bad_entry("images", i, "a whole 'id' and a 'file_name'");
    }
    image.file_name = name->get<std::string>();
    if (!image_index.emplace(image.id, out.images.size()).second) {
      return bad_entry("images", i, "an 'id' of its own");
    }
    out.images.push_back(std::move(image));
  }
  const json& annotations = root["annotations"];
  for (size_t i = 0; i < annotations.size(); ++i) {
    int64_t image = 0, category = 0;
    Box box;
    if (!read_id(annotations[i], "image_id", &image) || !image_index.contains(image) ||
        !read_id(annotations[i], "category_id", &category) || !labels.contains(category) ||
        !read_box(annotations[i], &box)) {
      return bad_entry("annotations", i,
                       "the 'image_id' of an image, the 'category_id' of a "
                       "category and a 'bbox' [x, y, width, height]");
    }
    box.class_id = labels[category];
    out.images[image_index[image]].boxes.push_back(box);
  }
  return out;
}

}  // namespace fettle::data
