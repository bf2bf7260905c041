// SPDX-License-Identifier: Apache-2.0
//
// Latencies in the form that HdrHistogram's tools read: a histogram with three significant digits
// over all magnitudes, in its V2 encoding, and a log of one such histogram for each second, so that
// a drift (heat, say) is seen in time.
//
// Source: the HdrHistogram project's wire format (V2, ZigZag LEB128) and its histogram log format
// 1.3. Values are nanoseconds; the log's Interval_Max is in milliseconds, as its tools expect.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "measure/run_record.h"

namespace fettle::measure {

class HdrHistogram {
 public:
  // Counts values of [0, highest]; larger ones count as `highest`.
  explicit HdrHistogram(int64_t highest = kHighest);

  void record(int64_t value);
  int64_t most() const { return most_; }
  int64_t total() const { return total_; }

  std::string encode() const;                     // V2, not compressed
  Result<std::string> encode_compressed() const;  // zlib over it, with its own header
  static constexpr int64_t kHighest = int64_t{86'400'000'000'000};  // a day

 private:
  size_t index_of(int64_t value) const;

  int64_t highest_;
  int64_t most_ = 0, total_ = 0;
  std::vector<int64_t> counts_;
};

std::string base64(std::string_view bytes);

// The log of `runs`, which began at `began_unix_ms`.
Result<std::string> hdr_log(std::span<const RunRecord> runs, int64_t began_unix_ms);

}  // namespace fettle::measure
