// SPDX-License-Identifier: Apache-2.0
#include "formats/tflite/subgraph_reader.h"

#include <algorithm>

#include "formats/tflite/options.h"
#include "ops/op.h"

namespace fettle::formats::tflite {

namespace {

template <class Vector>
size_t size_of_vector(const Vector* v) {
  return v ? v->size() : 0;
}

// The flatbuffer's vectors may be absent; an absent one is empty.
std::span<const int32_t> indices(const flatbuffers::Vector<int32_t>* v) {
  return v ? std::span<const int32_t>(v->data(), v->size()) : std::span<const int32_t>();
}

}  // namespace

Status SubgraphReader::read() {
  FETTLE_TRY(read_tensors());
  FETTLE_TRY(read_inputs());
  for (size_t i = 0; i < size_of_vector(subgraph_.operators()); ++i) {
    FETTLE_TRY(read_operator(*subgraph_.operators()->Get(static_cast<uint32_t>(i)), i));
  }
  return read_outputs();
}

Status SubgraphReader::read_tensors() {
  slots_.resize(size_of_vector(subgraph_.tensors()));
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& s = slots_[i];
    s.tensor = subgraph_.tensors()->Get(static_cast<uint32_t>(i));
    s.name = s.tensor->name() ? s.tensor->name()->str() : "";
    if (s.name.empty() || !names_.insert(s.name).second) {
      s.name += "#" + std::to_string(i);
      names_.insert(s.name);
    }
  }
  return {};
}

Result<SubgraphReader::Slot*> SubgraphReader::slot(int32_t index, const char* what) {
  if (index < 0 || static_cast<size_t>(index) >= slots_.size()) {
    return invalid_input(std::string(what) + " is tensor " + std::to_string(index) + " of " +
                         std::to_string(slots_.size()));
  }
  Slot& s = slots_[static_cast<size_t>(index)];
  if (s.type.dtype == DType::none) {  // read when first met: unused tensors do no harm
    auto type = read_type(*s.tensor);
    if (!type.ok()) return type.take_status().at("tensor '" + s.name + "'");
    s.type = std::move(*type);
  }
  return &s;
}

Status SubgraphReader::read_inputs() {
  for (int32_t index : indices(subgraph_.inputs())) {
    FETTLE_ASSIGN(Slot * s, slot(index, "an input of the model"));
    if (s->value != nullptr) return invalid_input("input '" + s->name + "' is listed twice");
    const TensorType& type = s->type;
    if (!type.shifted) {
      s->value = graph_.add_input(s->name, type.dtype, type.signature, type.quant);
      s->value->type.dtype = type.dtype;
      s->value->type.dims = type.dims;
      continue;
    }
    ir::Value* outer =
        graph_.add_input(s->name, DType::u8, type.signature, shift_quantization(*type.quant, 128));
    outer->type.dtype = DType::u8;
    outer->type.dims = type.dims;
    s->value = graph_.add_value(s->name + "/i8");
    s->value->type = {DType::i8, false, type.dims, type.quant};
    graph_.add_node_with_outputs("Requantize", {outer}, {s->value}, {{"to", "i8"}});
  }
  return {};
}

Status SubgraphReader::count_copied(size_t bytes) {
  // Tensors may share a buffer, so a small file could ask for any amount of copies.
  copied_bytes_ += bytes;
  if (copied_bytes_ > 16 * file_.bytes.size() + (size_t{1} << 20)) {
    return invalid_input("constants take far more memory than the file has bytes");
  }
  return {};
}

Result<ir::Value*> SubgraphReader::operand(Slot& s) {
  if (s.value != nullptr) return s.value;
  FETTLE_ASSIGN(const auto bytes, buffer_bytes(model_, s.tensor->buffer(), file_));
  if (bytes.empty() && s.type.dims.elements() > 0) {
    return invalid_input("tensor '" + s.name + "' is read before anything has made it");
  }
  FETTLE_ASSIGN(Tensor constant, read_constant(*s.tensor, s.type, bytes, file_));
  if (constant.raw() != bytes.data()) FETTLE_TRY(count_copied(constant.bytes()));
  s.value = graph_.add_constant(s.name, std::move(constant));
  return s.value;
}

Result<std::string> SubgraphReader::operator_name(const schema::Operator& op) const {
  const auto* codes = model_.operator_codes();
  if (op.opcode_index() >= size_of_vector(codes)) {
    return invalid_input("operator code " + std::to_string(op.opcode_index()) +
                         " is not in the file");
  }
  const schema::OperatorCode* code = codes->Get(op.opcode_index());
  // Files older than builtin_code have the number in the byte; newer ones have it in both.
  const int builtin = std::max<int>(code->builtin_code(), code->deprecated_builtin_code());
  if (builtin == schema::BuiltinOperator_CUSTOM) {
    return code->custom_code() ? code->custom_code()->str() : std::string("CUSTOM");
  }
  const char* name = schema::EnumNameBuiltinOperator(static_cast<schema::BuiltinOperator>(builtin));
  return *name != '\0' ? std::string(name) : "BUILTIN_" + std::to_string(builtin);
}

// An operator over floats whose weights are stored as integers computes with the floats they
// stand for, unless its rule takes the integers.
Status SubgraphReader::dequantize_weights(const ops::TfliteRule& rule, ir::Node* node) {
  const bool floats = !node->outputs.empty() && node->outputs[0] != nullptr &&
                      node->outputs[0]->type.dtype == DType::f32;
  if (!floats || node->op == "DEQUANTIZE") return {};
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    ir::Value* v = node->inputs[i];
    if (v == nullptr || !v->is_constant() || v->type.quant == nullptr) continue;
    if (rule.takes_codes && i == 1 && v->type.dtype == DType::i8) continue;
    FETTLE_TRY(count_copied(static_cast<size_t>(v->data->elements()) * sizeof(float)));
    graph_.set_input(node, i, graph_.add_constant(v->name + "/f32", dequantize(*v->data)));
  }
  return {};
}

// What moves codes keeps their range. Where the file states another one for a result, the operator
// gets a result of its own, which the caller requantizes to the stated one.
void SubgraphReader::give_input_range(const std::vector<ir::Value*>& inputs,
                                      std::vector<ir::Value*>* outputs) {
  const auto data = std::find_if(inputs.begin(), inputs.end(), [](const ir::Value* v) {
    return v != nullptr && v->type.quant != nullptr;
  });
  if (data == inputs.end()) return;
  for (ir::Value*& y : *outputs) {
    if (y->type.quant == nullptr || *y->type.quant == *(*data)->type.quant) continue;
    ir::Value* moved = graph_.add_value(y->name + "/moved");
    moved->type = y->type;
    moved->type.quant = (*data)->type.quant;
    y = moved;
  }
}

Status SubgraphReader::read_operator(const schema::Operator& op, size_t index) {
  FETTLE_ASSIGN(const std::string name, operator_name(op));
  const auto read = [&]() -> Status {
    std::vector<ir::Value*> inputs, outputs;
    bool shifted = false;  // a result is uint8 in the file
    for (int32_t i : indices(op.inputs())) {
      if (i == -1) {
        inputs.push_back(nullptr);
        continue;
      }
      FETTLE_ASSIGN(Slot * s, slot(i, "an operand"));
      FETTLE_ASSIGN(ir::Value * v, operand(*s));
      inputs.push_back(v);
    }
    for (int32_t i : indices(op.outputs())) {
      FETTLE_ASSIGN(Slot * s, slot(i, "a result"));
      if (s->value != nullptr) {
        return invalid_input("tensor '" + s->name + "' is made twice, or read before it is made");
      }
      s->value = graph_.add_value(s->name);
      s->value->type = {s->type.dtype, false, s->type.dims, s->type.quant};
      outputs.push_back(s->value);
      shifted |= s->type.shifted;
    }
    if (outputs.empty()) return invalid_input("an operator without a result");
    const auto* custom = op.custom_options();
    Attributes attrs =
        builtin_options(static_cast<uint8_t>(op.builtin_options_type()),
                        static_cast<const flatbuffers::Table*>(op.builtin_options()));
    if (custom != nullptr) {
      FETTLE_ASSIGN(attrs, custom_options({custom->data(), custom->size()}));
    }
    const ops::OpDef* def = nullptr;
    const ops::TfliteRule* rule = shifted ? ops::find_tflite_rule(name + "/u8", &def) : nullptr;
    if (rule == nullptr) rule = ops::find_tflite_rule(name, &def);
    if (rule == nullptr) return unsupported("the TFLite operator " + name + " is not supported");
    const std::vector<ir::Value*> stated = outputs;
    if (def->quant.applies() && def->quant.get() == ops::QuantRule::pass_through) {
      give_input_range(inputs, &outputs);
    }
    ir::Node* node = graph_.add_node_with_outputs(name, inputs, outputs, std::move(attrs));
    node->name = stated[0]->name;
    FETTLE_TRY(dequantize_weights(*rule, node));
    if (rule->from != nullptr) {
      FETTLE_TRY(ops::check_before_rule(*def, *node));
      FETTLE_TRY(rule->from(graph_, node));
    } else {
      node->op = def->name;
    }
    for (size_t i = 0; i < stated.size(); ++i) {
      if (outputs[i] == stated[i]) continue;
      const std::string to(name_of(stated[i]->type.dtype));
      graph_.add_node_with_outputs("Requantize", {outputs[i]}, {stated[i]}, {{"to", to}});
    }
    return {};
  };
  if (Status s = read(); !s.ok()) {
    return std::move(s).at("operator " + std::to_string(index) + " (" + name + ")");
  }
  return {};
}

Status SubgraphReader::read_outputs() {
  std::unordered_set<const ir::Value*> listed;
  for (int32_t index : indices(subgraph_.outputs())) {
    FETTLE_ASSIGN(Slot * s, slot(index, "an output of the model"));
    FETTLE_ASSIGN(ir::Value * v, operand(*s));
    if (!listed.insert(v).second) {
      return invalid_input("output '" + s->name + "' is listed twice");
    }
    const bool is_input = v->producer == nullptr && !v->is_constant();
    if (!s->type.shifted) {
      if (is_input) return unsupported("output '" + s->name + "' is an input of the model");
      graph_.add_output(v);
      continue;
    }
    ir::Value* outer = graph_.add_value(s->name);
    if (v->name == s->name) v->name += "/i8";
    outer->type = {DType::u8, false, s->type.dims, shift_quantization(*s->type.quant, 128)};
    graph_.add_node_with_outputs("Requantize", {v}, {outer}, {{"to", "u8"}});
    graph_.add_output(outer);
  }
  if (graph_.outputs().empty()) return invalid_input("the model has no output");
  return {};
}

}  // namespace fettle::formats::tflite
