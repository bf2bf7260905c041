// SPDX-License-Identifier: Apache-2.0
//
// TFLite Model Metadata: a flatbuffer inside the model that describes inputs and outputs, and a
// zip archive behind the model with the files it names. Advice about a model, never a reason to
// refuse it: what is malformed or compressed is left out.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace fettle::formats::tflite {

// Adds "labels", "mean" and "std" where the metadata has them. `file` is the whole model file.
void read_metadata(std::span<const std::byte> metadata, std::span<const std::byte> file,
                   std::map<std::string, std::string>* out);

// The stored (uncompressed) member `name` of the zip archive at the end of `file`; empty if none.
std::string_view zip_member(std::span<const std::byte> file, std::string_view name);

}  // namespace fettle::formats::tflite
