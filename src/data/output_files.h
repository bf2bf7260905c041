// SPDX-License-Identifier: Apache-2.0
//
// What the .npy files of a model's outputs are called.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fettle::data {

// One for each output, without ".npy": its name, where characters outside [A-Za-z0-9_.-] became '_'
// and what is past 200 bytes is cut; names that become the same are numbered, so that none
// overwrites another.
std::vector<std::string> output_file_names(std::span<const std::string_view> outputs);

}  // namespace fettle::data
