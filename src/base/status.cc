// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"

namespace fettle {

namespace {
const std::string kEmpty;
}

Status::Status(Code code, std::string message, std::string place)
    : detail_(new Detail{code, std::move(message), std::move(place)}) {
  assert(code != Code::ok);
}

const std::string& Status::message() const { return detail_ ? detail_->message : kEmpty; }
const std::string& Status::place() const { return detail_ ? detail_->place : kEmpty; }

std::string Status::to_string() const {
  if (ok()) return "ok";
  return detail_->place.empty() ? detail_->message : detail_->place + ": " + detail_->message;
}

Status Status::at(const std::string& outer) && {
  if (detail_) detail_->place = detail_->place.empty() ? outer : outer + ": " + detail_->place;
  return std::move(*this);
}

int Status::exit_code() const {
  switch (code()) {
    case Code::ok:
      return 0;
    case Code::usage:
      return 2;
    case Code::invalid_input:
    case Code::unsupported:
    case Code::needs_value:
      return 3;
    case Code::over_budget:
      return 4;
    case Code::io:
    case Code::out_of_memory:
    case Code::failed:
      return 1;
  }
  return 1;
}

Status usage_error(std::string message) { return {Code::usage, std::move(message)}; }
Status invalid_input(std::string message, std::string place) {
  return {Code::invalid_input, std::move(message), std::move(place)};
}
Status unsupported(std::string message, std::string place) {
  return {Code::unsupported, std::move(message), std::move(place)};
}
Status io_error(std::string message, std::string place) {
  return {Code::io, std::move(message), std::move(place)};
}

}  // namespace fettle
