// SPDX-License-Identifier: Apache-2.0
#include "runner/options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace fettle::runner {

namespace {

struct Option {
  std::string_view name;
  std::string_view value;  // what follows, for people; empty: nothing does
  std::string_view help;
  Status (*set)(Options* options, const std::string& value);
};

template <class T>
Status set_number(std::string_view option, const std::string& text, T least, T most, T* number) {
  T n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc() && end == text.data() + text.size() && n >= least && n <= most) {
    *number = n;
    return {};
  }
  char range[64];
  std::snprintf(range, sizeof range, "%g to %g", static_cast<double>(least),
                static_cast<double>(most));
  return usage_error(std::string(option) + " takes a number from " + range + ", not '" + text +
                     "'");
}

Status add_input(Options* o, const std::string& text) {
  const size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return usage_error("--input takes NAME=FILE.npy, not '" + text + "'");
  }
  o->inputs.emplace_back(text.substr(0, at), text.substr(at + 1));
  return {};
}

constexpr Option kOptions[] = {
    {"--input", "NAME=FILE.npy", "elements of an input, with its type and shape", add_input},
    {"--zeros", "", "zeros for inputs without a file (default: numbers of a fixed seed)",
     [](Options* o, const std::string&) {
       o->zeros = true;
       return Status();
     }},
    {"--output", "DIR", "write DIR/NAME.npy of each output",
     [](Options* o, const std::string& v) {
       o->output_folder = v;
       return Status();
     }},
    {"--pack", "FILE",
     "write the package with its weights packed for this processor as well, and end: it loads "
     "faster",
     [](Options* o, const std::string& v) {
       o->packed_package = v;
       return Status();
     }},
    {"--iterations", "N", "how many runs are timed, in place of --seconds",
     [](Options* o, const std::string& v) {
       return set_number<int64_t>("--iterations", v, 1, 100'000'000, &o->iterations);
     }},
    {"--seconds", "S", "how long runs are timed (default 3)",
     [](Options* o, const std::string& v) {
       return set_number<double>("--seconds", v, 0.001, 86400, &o->seconds);
     }},
    {"--warmup", "N", "runs before the first that is timed (default 10)",
     [](Options* o, const std::string& v) {
       return set_number<int64_t>("--warmup", v, 0, 1'000'000, &o->warmup);
     }},
    {"--threads", "N", "threads to run with (default: one for each of the fastest cores)",
     [](Options* o, const std::string& v) {
       return set_number("--threads", v, 0, 1024, &o->threads);
     }},
    {"--cores", "LIST", "where: processors (0-3,6), a kind of core (cortex-a76), big or little",
     [](Options* o, const std::string& v) {
       o->loop.cores = v;
       return Status();
     }},
    {"--lock-memory", "", "lock and fill all memory before it counts",
     [](Options* o, const std::string&) {
       o->loop.lock_memory = true;
       return Status();
     }},
    {"--fifo", "PRIORITY", "run under SCHED_FIFO (1 to 99)",
     [](Options* o, const std::string& v) {
       return set_number("--fifo", v, 1, 99, &o->loop.fifo_priority);
     }},
    {"--help", "", "this text",
     [](Options* o, const std::string&) {
       o->help = true;
       return Status();
     }},
    {"--version", "", "which version this is",
     [](Options* o, const std::string&) {
       o->version = true;
       return Status();
     }},
};

const Option* find(std::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

Status take(Options* o, std::span<const std::string>* rest) {
  std::string argument = rest->front();
  *rest = rest->subspan(1);
  if (!argument.starts_with("-")) {
    if (!o->package.empty()) {
      return usage_error("one package at a time: '" + o->package + "' and '" + argument + "'");
    }
    o->package = argument;
    return {};
  }
  std::string value;
  const size_t equals = argument.find('=');  // --threads=2
  const bool joined = equals != std::string::npos;
  if (joined) {
    value = argument.substr(equals + 1);
    argument.resize(equals);
  }
  const Option* option = find(argument == "-h" ? "--help" : argument);
  if (option == nullptr) {
    return usage_error("there is no option '" + argument + "' (see fettle-run --help)");
  }
  if (option->value.empty()) {
    if (joined) return usage_error(argument + " takes no value");
  } else if (!joined) {
    if (rest->empty()) {
      return usage_error(argument + " is to be followed by " + std::string(option->value));
    }
    value = rest->front();
    *rest = rest->subspan(1);
  }
  return option->set(o, value);
}

}  // namespace

Result<Options> parse_options(std::span<const std::string> arguments) {
  Options options;
  while (!arguments.empty()) FETTLE_TRY(take(&options, &arguments));
  if (options.package.empty() && !options.help && !options.version) {
    return usage_error("which package? (see fettle-run --help)");
  }
  return options;
}

std::string help_text() {
  std::string text =
      "fettle-run PACKAGE.fettle [options]\n\n"
      "Loads a package, runs it again and again, and says how long that took.\n\n";
  for (const Option& option : kOptions) {
    std::string left = "  " + std::string(option.name);
    if (!option.value.empty()) left += " " + std::string(option.value);
    left.resize(std::max<size_t>(left.size() + 1, 26), ' ');
    text += left + std::string(option.help) + "\n";
  }
  return text;
}

}  // namespace fettle::runner
