// SPDX-License-Identifier: Apache-2.0
//
// Words, numbers and strings of the text form (text.h). Reading past the end or finding something
// else leaves the first error, with its line, in status(); from then on nothing matters.
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>
#include <string_view>

#include "base/status.h"

namespace fettle::ir {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  const Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  Status take_status() { return std::move(status_); }
  bool fail(const std::string& message) {
    if (status_.ok()) {
      const auto line = std::count(text_.begin(), text_.begin() + static_cast<long>(at_), '\n');
      status_ = invalid_input(message, "line " + std::to_string(line + 1));
    }
    return false;
  }

  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  // The character right here, no space before it.
  bool adjacent(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool accept(std::string_view token) {
    skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  bool expect(std::string_view token) {
    return accept(token) || fail("expected '" + std::string(token) + "'");
  }
  std::string word() {  // a plain name, perhaps empty
    skip();
    const size_t from = at_;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }
  std::string word_or_string() { return peek() == '"' ? string() : word(); }
  bool accept_word(std::string_view wanted) {
    const size_t before = at_;
    if (word() == wanted) return true;
    at_ = before;
    return false;
  }

  std::string string() {
    std::string s;
    if (!expect("\"")) return s;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c == '\\' && at_ < text_.size()) {
        c = text_[at_++];
        if (c == 'n') c = '\n';
        if (c == 'x') {
          int high = 0, low = 0;
          if (!hex_digit(&high) || !hex_digit(&low)) return s;
          c = static_cast<char>(high * 16 + low);
        }
      }
      s += c;
    }
    expect("\"");
    return s;
  }

  bool has_hex_digits(size_t bytes) const { return (text_.size() - at_) / 2 >= bytes; }
  // "..." of exactly `bytes` bytes.
  bool hex(size_t bytes, unsigned char* out) {
    if (!expect("\"")) return false;
    for (size_t i = 0; i < bytes; ++i) {
      int high = 0, low = 0;
      if (!hex_digit(&high) || !hex_digit(&low)) return false;
      out[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return expect("\"");
  }

  // Characters of a number, as they stand.
  std::string_view number() {
    skip();
    const size_t from = at_;
    while (at_ < text_.size() && (in_word(text_[at_]) || text_[at_] == '+' ||
                                  (text_[at_] == ':' && text_.substr(from, at_ - from) == "nan"))) {
      ++at_;
    }
    return text_.substr(from, at_ - from);
  }
  template <class T>
  bool integer(T* out) {
    const std::string_view n = number();
    const auto [end, error] = std::from_chars(n.data(), n.data() + n.size(), *out);
    if (error == std::errc() && end == n.data() + n.size() && !n.empty()) return true;
    return fail("expected an integer, not '" + std::string(n) + "'");
  }
  template <class T>
  bool real(T* out) {
    return real(number(), out);
  }
  template <class T>
  bool real(std::string_view n, T* out) {
    if (n.substr(0, 4) == "nan:") {
      uint32_t bits = 0;
      const auto [end, error] = std::from_chars(n.data() + 4, n.data() + n.size(), bits, 16);
      *out = static_cast<T>(std::bit_cast<float>(bits));
      return (error == std::errc() && end == n.data() + n.size()) || fail("malformed nan");
    }
    const auto [end, error] = std::from_chars(n.data(), n.data() + n.size(), *out);
    if (error == std::errc() && end == n.data() + n.size() && !n.empty()) return true;
    return fail("expected a number, not '" + std::string(n) + "'");
  }

 private:
  static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/' || c == '-';
  }
  void skip() {
    while (at_ < text_.size()) {
      if (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r') {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  bool hex_digit(int* out) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c >= '0' && c <= '9')
      *out = c - '0';
    else if (c >= 'a' && c <= 'f')
      *out = c - 'a' + 10;
    else
      return fail("expected a hex digit");
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  Status status_;
};

}  // namespace fettle::ir
