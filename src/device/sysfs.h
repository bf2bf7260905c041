// SPDX-License-Identifier: Apache-2.0
//
// Small files of /proc and /sys: a line, a number, a list of processors. What is not there, or is
// not what it should be, is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fettle::device {

// At most 4 MiB; empty where there is none. Trailing newlines are cut.
std::string read_sysfs(const std::string& path);
std::optional<int64_t> read_sysfs_number(const std::string& path);
// "0-3,8" is 0 1 2 3 8. At most 4096 entries.
std::vector<int> parse_cpu_list(std::string_view list);
// "32K", "1024K", "32M" in KiB.
std::optional<int64_t> parse_cache_size(std::string_view text);

}  // namespace fettle::device
