// SPDX-License-Identifier: Apache-2.0
#include "measure/hdr_histogram.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

namespace fettle::measure {

namespace {

constexpr int kDigits = 3;
// 2 * 10^3 values have a count each; from there on every doubling has half as many counts.
constexpr int kHalfBits = 10;
constexpr int64_t kSubBuckets = int64_t{2} << kHalfBits;
constexpr uint32_t kCookieV2 = 0x1c849303 | 0x10, kCookieCompressed = 0x1c849304 | 0x10;

int bucket_of(int64_t value) {
  const auto bits = static_cast<uint64_t>(value) | static_cast<uint64_t>(kSubBuckets - 1);
  return static_cast<int>(std::bit_width(bits)) - (kHalfBits + 1);
}

void put_big_endian(std::string* out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift & 0xff));
  }
}

// Small magnitudes of either sign in few bytes: 7 bits each, the ninth byte 8.
void put_zig_zag(std::string* out, int64_t value) {
  uint64_t rest = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (int i = 0; i < 8 && rest >= 0x80; ++i, rest >>= 7) {
    out->push_back(static_cast<char>((rest & 0x7f) | 0x80));
  }
  out->push_back(static_cast<char>(rest));
}

}  // namespace

HdrHistogram::HdrHistogram(int64_t highest)
    : highest_(highest), counts_(static_cast<size_t>(bucket_of(highest) + 2) << kHalfBits) {}

size_t HdrHistogram::index_of(int64_t value) const {
  const int bucket = bucket_of(value);
  const int64_t within = (value >> bucket) - (int64_t{1} << kHalfBits);
  return static_cast<size_t>((int64_t{bucket + 1} << kHalfBits) + within);
}

void HdrHistogram::record(int64_t value) {
  const int64_t held = std::clamp<int64_t>(value, 0, highest_);
  ++counts_[index_of(held)];
  most_ = std::max(most_, held);
  ++total_;
}

std::string HdrHistogram::encode() const {
  std::string payload;
  const size_t end = total_ == 0 ? 0 : index_of(most_) + 1;
  for (size_t i = 0; i < end;) {
    size_t zeros = 0;
    while (i + zeros < end && counts_[i + zeros] == 0) ++zeros;
    if (zeros > 1) {
      put_zig_zag(&payload, -static_cast<int64_t>(zeros));  // a run of them
      i += zeros;
    } else {
      put_zig_zag(&payload, counts_[i++]);
    }
  }
  std::string out;
  put_big_endian(&out, kCookieV2, 4);
  put_big_endian(&out, payload.size(), 4);
  put_big_endian(&out, 0, 4);  // the normalizing offset
  put_big_endian(&out, kDigits, 4);
  put_big_endian(&out, 1, 8);  // the lowest value that is told apart
  put_big_endian(&out, static_cast<uint64_t>(highest_), 8);
  put_big_endian(&out, std::bit_cast<uint64_t>(1.0), 8);  // integer to double
  return out + payload;
}

Result<std::string> HdrHistogram::encode_compressed() const {
  const std::string plain = encode();
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(plain.data()), static_cast<uLong>(plain.size()),
                Z_DEFAULT_COMPRESSION) != Z_OK) {
    return Status(Code::failed, "a histogram could not be compressed");
  }
  packed.resize(size);
  std::string out;
  put_big_endian(&out, kCookieCompressed, 4);
  put_big_endian(&out, packed.size(), 4);
  return out + packed;
}

std::string base64(std::string_view bytes) {
  constexpr char kDigit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      out.push_back(j <= n ? kDigit[group >> (18 - 6 * j) & 0x3f] : '=');
    }
  }
  return out;
}

Result<std::string> hdr_log(std::span<const RunRecord> runs, int64_t began_unix_ms) {
  char line[128];
  std::string log = "#[Histogram log format version 1.3]\n";
  std::snprintf(line, sizeof line, "#[StartTime: %lld.%03lld (seconds since epoch)]\n",
                static_cast<long long>(began_unix_ms / 1000),
                static_cast<long long>(began_unix_ms % 1000));
  log += line;
  log +=
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n";
  for (size_t begin = 0; begin < runs.size();) {
    const double second = std::floor(runs[begin].at_s);
    HdrHistogram histogram;
    size_t end = begin;
    while (end < runs.size() && runs[end].at_s < second + 1) {
      histogram.record(std::llround(runs[end++].us * 1e3));
    }
    FETTLE_ASSIGN(const std::string encoded, histogram.encode_compressed());
    std::snprintf(line, sizeof line, "%.3f,%.3f,%.6f,", second, 1.0,
                  static_cast<double>(histogram.most()) / 1e6);
    log += line + base64(encoded) + "\n";
    begin = end;
  }
  return log;
}

}  // namespace fettle::measure
