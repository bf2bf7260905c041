// SPDX-License-Identifier: Apache-2.0
//
// How the world's faults travel. A Status is either ok or a code, a place ("model.onnx: node
// 'conv1'") and a message that says what is wrong and what to do about it. Our own bugs are
// assertions, never Statuses. Success is one null pointer: it never allocates.
//
// Ownership: move-only; a Status owns its detail.
#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fettle {

// Codes are never reused. exit_code() maps them to the command line's contract.
enum class Code : unsigned char {
  ok = 0,
  usage = 1,          // wrong arguments: exit 2
  invalid_input = 2,  // a file or a message from outside is malformed: exit 3
  unsupported = 3,    // well-formed, but a form this build does not take: exit 3
  over_budget = 4,    // deadline, memory or accuracy cannot be met: exit 4
  io = 5,             // the file system or a device refused: exit 1
  out_of_memory = 6,  // an allocation was refused or is over its cap: exit 1
  failed = 7,         // any other failure: exit 1
  needs_value = 8,    // a shape depends on an input whose value was not given: exit 3
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(Code code, std::string message, std::string place = {});

  bool ok() const { return detail_ == nullptr; }
  Code code() const { return detail_ ? detail_->code : Code::ok; }
  const std::string& message() const;
  const std::string& place() const;
  // "place: message", for people.
  std::string to_string() const;
  // Puts an outer place in front: "model.onnx: node 'conv1'". A no-op on success.
  Status at(const std::string& outer) &&;
  // 0 success, 2 usage, 3 bad input, 4 over budget, 1 anything else.
  int exit_code() const;

 private:
  struct Detail {
    Code code;
    std::string message, place;
  };
  std::unique_ptr<Detail> detail_;
};

Status usage_error(std::string message);
Status invalid_input(std::string message, std::string place = {});
Status unsupported(std::string message, std::string place = {});
Status io_error(std::string message, std::string place = {});

// Either a T or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {  // NOLINT: implicit by design
    assert(!status_.ok());
  }
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  Status take_status() { return std::move(status_); }
  T& value() & {
    assert(ok());
    return *value_;
  }
  const T& value() const& {
    assert(ok());
    return *value_;
  }
  T&& value() && {
    assert(ok());
    return std::move(*value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace fettle

#define FETTLE_CONCAT_(a, b) a##b
#define FETTLE_CONCAT(a, b) FETTLE_CONCAT_(a, b)
// FETTLE_TRY(f()): returns f's Status from the enclosing function unless it is ok.
#define FETTLE_TRY(expr)                                   \
  do {                                                     \
    if (::fettle::Status s_ = (expr); !s_.ok()) return s_; \
  } while (false)
// FETTLE_ASSIGN(auto x, g()): x is g's value, or g's Status is returned.
#define FETTLE_ASSIGN(decl, expr) FETTLE_ASSIGN_(decl, expr, FETTLE_CONCAT(result_, __LINE__))
#define FETTLE_ASSIGN_(decl, expr, tmp)    \
  auto tmp = (expr);                       \
  if (!tmp.ok()) return tmp.take_status(); \
  decl = std::move(tmp).value()
