// SPDX-License-Identifier: Apache-2.0
#include "measure/compare/worker.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/npy.h"

namespace fettle::measure {

namespace {

using nlohmann::json;

constexpr size_t kMaxTensors = 4096;

Status broken(const std::string& what) { return invalid_input("it broke the protocol: " + what); }

// The error message a worker gave, bounded and on one line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  constexpr size_t kMost = 700;
  if (text.size() > kMost) text.resize(kMost);
  return text;
}

Result<json> receive(LineProcess& process, double seconds) {
  FETTLE_ASSIGN(const std::string line, process.receive(seconds));
  json answer = json::parse(line, nullptr, false);
  if (!answer.is_object()) return broken("'" + one_line(line.substr(0, 80)) + "' is no object");
  if (const auto error = answer.find("error"); error != answer.end() && error->is_string()) {
    return unsupported(one_line(error->get<std::string>()));
  }
  return answer;
}

Result<json> ask(LineProcess& process, const json& request, double seconds) {
  FETTLE_TRY(process.send(request.dump(-1, ' ', false, json::error_handler_t::replace)));
  return receive(process, seconds);
}

Result<std::string> text_of(const json& object, const char* key) {
  const auto value = object.find(key);
  if (value == object.end() || !value->is_string()) {
    return broken(std::string("no text '") + key + "'");
  }
  return one_line(value->get<std::string>());
}

Result<double> number_of(const json& value, const char* what) {
  if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < 0) {
    return broken(std::string(what) + " is no such number");
  }
  return value.get<double>();
}

Result<const json*> list_of(const json& object, const char* key, size_t most) {
  const auto value = object.find(key);
  if (value == object.end() || !value->is_array() || value->size() > most) {
    return broken(std::string("no list '") + key + "'");
  }
  return &*value;
}

Result<InputSlot> slot_of(const json& from) {
  if (!from.is_object()) return broken("an input is no object");
  InputSlot slot;
  FETTLE_ASSIGN(slot.name, text_of(from, "name"));
  FETTLE_ASSIGN(const json* const shape, list_of(from, "shape", kMaxRank));
  for (const json& extent : *shape) {
    if (!extent.is_number_integer()) return broken("an extent is no integer");
    slot.shape.push_back(extent.get<int64_t>());
  }
  return slot;
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::start(const LineProcess::Options& options,
                                              const Limits& limits, std::string* missing) {
  FETTLE_ASSIGN(auto process, LineProcess::start(options));
  std::unique_ptr<Worker> worker(new Worker(std::move(process), limits));
  LineProcess& p = *worker->process_;
  FETTLE_ASSIGN(const json started, receive(p, limits.start_s));
  if (!started.contains("started")) return broken("it does not say that it has started");
  worker->bare_kib_ = p.peak_kib().value_or(0);
  FETTLE_ASSIGN(const json hello, receive(p, limits.start_s));
  if (hello.contains("missing")) {
    FETTLE_ASSIGN(*missing, text_of(hello, "missing"));
    return worker;
  }
  FETTLE_ASSIGN(worker->version_, text_of(hello, "version"));
  return worker;
}

Result<std::string> Worker::prepare(const std::string& model, const std::string& folder,
                                    const std::vector<InputSlot>& inputs) {
  json request{{"do", "prepare"}, {"model", model}, {"folder", folder}, {"inputs", json::array()}};
  for (const InputSlot& i : inputs) {
    request["inputs"].push_back({{"name", i.name}, {"shape", i.shape}});
  }
  FETTLE_ASSIGN(const json answer, ask(*process_, request, limits_.load_s));
  return text_of(answer, "model");
}

Status Worker::load(const std::string& model, int threads) {
  const json request{{"do", "load"}, {"model", model}, {"threads", threads}};
  FETTLE_ASSIGN(const json answer, ask(*process_, request, limits_.load_s));
  FETTLE_ASSIGN(settings_, text_of(answer, "settings"));
  FETTLE_ASSIGN(load_ms_, number_of(answer.value("load_ms", json()), "load_ms"));
  FETTLE_ASSIGN(const json* const inputs, list_of(answer, "inputs", kMaxTensors));
  for (const json& i : *inputs) {
    FETTLE_ASSIGN(InputSlot slot, slot_of(i));
    inputs_.push_back(std::move(slot));
  }
  return {};
}

Status Worker::set_input(const std::string& name, const std::string& file) {
  const json request{{"do", "input"}, {"name", name}, {"file", file}};
  FETTLE_ASSIGN([[maybe_unused]] const json answer, ask(*process_, request, limits_.answer_s));
  return {};
}

Result<std::vector<NamedTensor>> Worker::outputs(const std::string& folder) {
  const json request{{"do", "outputs"}, {"folder", folder}};
  FETTLE_ASSIGN(const json answer, ask(*process_, request, limits_.answer_s));
  FETTLE_ASSIGN(const json* const files, list_of(answer, "outputs", kMaxTensors));
  std::vector<NamedTensor> outputs;
  for (const json& f : *files) {
    if (!f.is_object()) return broken("an output is no object");
    NamedTensor output;
    FETTLE_ASSIGN(output.name, text_of(f, "name"));
    FETTLE_ASSIGN(const std::string file, text_of(f, "file"));
    FETTLE_ASSIGN(output.value, data::read_npy(file));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Result<std::vector<double>> Worker::run(double seconds, int warmup, int least) {
  const json request{{"do", "run"}, {"seconds", seconds}, {"warmup", warmup}, {"least", least}};
  FETTLE_ASSIGN(const json answer, ask(*process_, request, seconds + limits_.answer_s));
  FETTLE_ASSIGN(const json* const from, list_of(answer, "samples_us", size_t{1} << 26));
  std::vector<double> samples;
  samples.reserve(from->size());
  for (const json& s : *from) {
    FETTLE_ASSIGN(const double us, number_of(s, "a sample"));
    samples.push_back(us);
  }
  if (samples.size() < static_cast<size_t>(least)) return broken("it gave too few samples");
  return samples;
}

}  // namespace fettle::measure
