// SPDX-License-Identifier: Apache-2.0
#include "quantize/post_training.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/passes.h"
#include "passes/tabulate.h"

namespace fettle::quantize {

namespace {

using ops::QuantRule;
using SharedQuant = std::shared_ptr<const Quantization>;

class Quantizer {
 public:
  Quantizer(ir::Graph& graph, Scheme scheme, const Distributions& distributions)
      : graph_(graph), wide_(scheme == Scheme::int16), distributions_(distributions) {}

  Result<PostTrainingReport> run() {
    std::vector<ir::Node*> nodes;
    std::unordered_map<const ir::Node*, std::string> in_float;
    for (const auto& n : graph_.nodes()) nodes.push_back(n.get());
    for (ir::Node* node : nodes) {
      std::string why = why_not(*node);
      if (why.empty()) why = quantize_node(node).message();
      if (why.empty()) {
        ++report_.integer_nodes;
      } else {
        read_float(node);
        if (node->output(0)->type.dtype == DType::f32) in_float[node] = std::move(why);
      }
    }
    for (size_t i = 0; i < graph_.outputs().size(); ++i) {
      ir::Value* out = graph_.outputs()[i];
      const auto q = integer_.find(out);
      if (q != integer_.end()) graph_.set_output(i, dequantized(q->second, nullptr));
    }
    graph_.erase_dead();
    for (const auto& n : graph_.nodes()) {
      const auto why = in_float.find(n.get());
      if (why == in_float.end()) continue;
      const ir::Node* reader = n->op == "Transpose" ? ir::only_reader(graph_, n.get()) : nullptr;
      if (reader != nullptr && reader->op == "QuantizeLinear") {  // codes are transposed, see below
        ++report_.integer_nodes;
        continue;
      }
      ++report_.float_nodes;
      report_.kept_float.push_back(n->label() + ": " + why->second);
    }
    FETTLE_ASSIGN([[maybe_unused]] const int moved, passes::place_transpose(graph_));
    return std::move(report_);
  }

 private:
  // Why a node stays in float; empty if it can be quantized.
  std::string why_not(const ir::Node& node) const {
    const ops::OpDef* op = ops::find(node.op);
    if (!op->quant.applies() || op->quant.get() == QuantRule::keep_float) return "no integer form";
    const QuantRule rule = op->quant.get();
    const bool floats =
        std::all_of(node.outputs.begin(), node.outputs.end(),
                    [](const ir::Value* y) { return y != nullptr && y->type.dtype == DType::f32; });
    if (!floats || (node.outputs.size() != 1 && rule != QuantRule::pass_through)) {
      return "its output is not one float tensor";
    }
    if (rule == QuantRule::pass_through && !integer_.contains(node.input(0))) {
      return "it moves floats";
    }
    if (!distributions_.contains(node.output(0))) return "its output was not calibrated";
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ir::Value* v = node.inputs[i];
      if (v == nullptr || v->type.dtype != DType::f32) continue;
      const bool weight = rule == QuantRule::weighted && (i == 1 || i == 2);
      if (weight && !v->is_constant()) return "its weights are not constant";
      if (weight || integer_.contains(v) || distributions_.contains(v) || v->is_constant())
        continue;
      return "input '" + v->name + "' was not calibrated";
    }
    if (rule == QuantRule::weighted && node.input(3) != nullptr) return "it has a fused addition";
    if (rule == QuantRule::weighted && !per_channel_bias(node)) return "its bias is no row";
    return {};
  }

  // One bias for each output channel, or one for all.
  static bool per_channel_bias(const ir::Node& node) {
    const ir::Value* b = node.input(2);
    if (b == nullptr) return true;
    const Dims& out = node.output(0)->type.dims;
    const bool nchw = node.op != "Gemm" && node.attrs.get_string("layout", "nchw") == "nchw";
    const int64_t channels = nchw ? out[1] : out.back();
    const Dims& dims = b->type.dims;
    return dims.elements() == 1 || (dims.elements() == channels && dims.back() == channels);
  }

  SharedQuant range_of(const ir::Value* value) {
    SharedQuant& quant = ranges_[value];
    if (!quant) {
      const auto seen = distributions_.find(value);
      Histogram constant;
      if (seen == distributions_.end()) constant.add(value->data->data<float>());
      const Histogram& values = seen == distributions_.end() ? constant : seen->second;
      quant = std::make_shared<Quantization>(wide_ ? choose_int16(values) : choose_int8(values));
    }
    return quant;
  }

  // Functions of known range need no calibration.
  SharedQuant output_range(const ir::Node& node) {
    if (node.op == "Softmax" || node.op == "Sigmoid" || node.op == "HardSigmoid") {
      return std::make_shared<Quantization>(wide_ ? Quantization{{1.0f / 32768}, {0}, 0}
                                                  : Quantization{{1.0f / 256}, {-128}, 0});
    }
    if (node.op == "Tanh") {
      return std::make_shared<Quantization>(
          Quantization{{wide_ ? 1.0f / 32768 : 1.0f / 128}, {0}, 0});
    }
    return range_of(node.output(0));
  }

  DType code_type() const { return wide_ ? DType::i16 : DType::i8; }

  ir::Value* zero_point_of(const Quantization& quant) {
    const int32_t zero = quant.zero_point[0];
    return graph_.add_constant("", wide_ ? Tensor::scalar(static_cast<int16_t>(zero))
                                         : Tensor::scalar(static_cast<int8_t>(zero)));
  }

  ir::Value* quantized(ir::Value* value, ir::Node* before) {
    ir::Value*& q = integer_[value];
    if (q != nullptr) return q;
    const SharedQuant quant = range_of(value);
    const std::string name = value->name + (wide_ ? "/i16" : "/i8");
    if (value->is_constant()) {
      return q = graph_.add_constant(name, quantize_constant(*value->data, code_type(), quant));
    }
    ir::Value* scale = graph_.add_constant("", Tensor::scalar(quant->scale[0]));
    ir::Node* node =
        graph_.add_node("QuantizeLinear", {value, scale, zero_point_of(*quant)}, 1, {}, before);
    node->outputs[0]->name = name;
    node->outputs[0]->type = {code_type(), false, value->type.dims, quant};
    return q = node->outputs[0];
  }

  ir::Value* dequantized(ir::Value* value, ir::Node* before) {
    const Quantization& quant = *value->type.quant;
    ir::Value* scale = graph_.add_constant("", Tensor::scalar(quant.scale[0]));
    ir::Node* node =
        graph_.add_node("DequantizeLinear", {value, scale, zero_point_of(quant)}, 1, {}, before);
    node->outputs[0]->name = value->name + "/f32";
    node->outputs[0]->type = {DType::f32, false, value->type.dims, nullptr};
    return node->outputs[0];
  }

  // A node that stays in float reads what became integer through one Dequantize.
  void read_float(ir::Node* node) {
    for (size_t i = 0; i < node->inputs.size(); ++i) {
      const auto q = integer_.find(node->inputs[i]);
      if (node->inputs[i] == nullptr || q == integer_.end()) continue;
      if (node->inputs[i]->producer == nullptr || !made_integer_.contains(q->second)) continue;
      ir::Value*& f = float_[q->second];
      if (f == nullptr) f = dequantized(q->second, node);
      graph_.set_input(node, i, f);
    }
  }

  // An operator may still refuse these operands: then nothing has changed but constants and
  // Quantize nodes that nobody reads.
  Status quantize_node(ir::Node* node) {
    const ops::OpDef& op = *ops::find(node->op);
    const QuantRule rule = op.quant.get();
    const bool one_operand = rule == QuantRule::table || rule == QuantRule::pass_through;
    std::vector<ir::Value*> inputs = node->inputs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == nullptr || inputs[i]->type.dtype != DType::f32) continue;
      const bool weight = rule == QuantRule::weighted && (i == 1 || i == 2);
      const bool parameter = one_operand && i > 0;  // a bound, a scale
      if (!weight && !parameter) inputs[i] = quantized(inputs[i], node);
    }
    if (node->op == "Pad") quantize_padding(&inputs);
    if (rule == QuantRule::weighted) quantize_weights_of(*node, &inputs);
    const SharedQuant quant =
        rule == QuantRule::pass_through ? inputs[0]->type.quant : output_range(*node);
    const size_t outputs = node->outputs.size();
    ir::Node* q = graph_.add_node(node->op, inputs, static_cast<int>(outputs), node->attrs, node);
    q->name = node->name;
    for (size_t i = 0; i < outputs; ++i) {
      q->outputs[i]->name = node->outputs[i]->name;
      q->outputs[i]->type.quant = quant;
    }
    Status typed = ops::infer_node(q);
    if (!typed.ok() && rule == QuantRule::table) {
      FETTLE_ASSIGN(ir::Node * lookup, passes::look_up_instead(graph_, q, op));
      if (lookup != nullptr) typed = ops::infer_node(q = lookup);
    }
    if (!typed.ok()) {
      graph_.erase(q);
      return typed;
    }
    for (size_t i = 0; i < outputs; ++i) {
      integer_[node->outputs[i]] = q->outputs[i];
      made_integer_.insert(q->outputs[i]);
    }
    return {};
  }

  // What is put around codes is a code of their range.
  void quantize_padding(std::vector<ir::Value*>* inputs) {
    if (inputs->size() < 3 || (*inputs)[2] == nullptr || !(*inputs)[2]->is_constant()) return;
    ir::Value*& value = (*inputs)[2];
    value = graph_.add_constant(
        value->name, quantize_constant(*value->data, code_type(), (*inputs)[0]->type.quant));
  }

  // Where a channel's weights are next to nothing beside its bias, their scale has to let the bias
  // be a code of 30 bits: sums stay exact, and what the weights lose is as small as they are.
  static std::vector<float> scales_for_bias(const Tensor& bias, float x_scale) {
    std::vector<float> least;
    for (const float b : bias.data<float>()) {
      least.push_back(std::isfinite(b) ? std::fabs(b) / x_scale * 0x1p-29F : 0.0F);
    }
    return least;
  }

  void quantize_weights_of(const ir::Node& node, std::vector<ir::Value*>* inputs) {
    const ir::Value* w = node.input(1);
    const bool rows = node.op != "Gemm" || node.attrs.get_int("transB", 0) != 0;
    const int axis = node.op == "MatMul" ? w->type.dims.rank() - 1 : rows ? 0 : 1;
    std::vector<float> least_scales;
    const ir::Value* bias = node.input(2);
    if (bias != nullptr && !wide_ && bias->type.dims.elements() == w->type.dims[axis]) {
      least_scales = scales_for_bias(*bias->data, (*inputs)[0]->type.quant->scale[0]);
    }
    Tensor weights = quantize_weights(*w->data, axis, least_scales);
    if (const ir::Value* b = node.input(2)) {
      const float x_scale = (*inputs)[0]->type.quant->scale[0];
      Tensor bias =
          quantize_bias(*b->data, x_scale, *weights.quant(), wide_ ? DType::i64 : DType::i32);
      (*inputs)[2] = graph_.add_constant(b->name, std::move(bias));
    }
    (*inputs)[1] = graph_.add_constant(w->name, std::move(weights));
  }

  ir::Graph& graph_;
  const bool wide_;  // activations of 16 bits
  const Distributions& distributions_;
  PostTrainingReport report_;
  std::unordered_map<const ir::Value*, ir::Value*> integer_;  // float value -> its twin in codes
  std::unordered_map<const ir::Value*, ir::Value*> float_;    // codes -> dequantized
  std::unordered_set<const ir::Value*> made_integer_;         // codes that operators make
  std::unordered_map<const ir::Value*, SharedQuant> ranges_;
};

}  // namespace

Result<PostTrainingReport> quantize(ir::Graph& graph, Scheme scheme,
                                    const Distributions& distributions) {
  return Quantizer(graph, scheme, distributions).run();
}

Result<PostTrainingReport> post_training(ir::Graph& graph, Scheme scheme,
                                         const passes::Bindings& bindings,
                                         passes::PipelineOptions pipeline,
                                         const InputSource& sample, int threads) {
  FETTLE_TRY(passes::bind_shapes(graph, bindings));
  if (graph.inputs().size() != 1) {
    return unsupported("a model with one input is needed to calibrate on a dataset");
  }
  // Integers have no fused form of these.
  pipeline.disabled.insert({"fuse_residual", "fuse_activation"});
  FETTLE_ASSIGN([[maybe_unused]] const auto passes, passes::run_pipeline(graph, pipeline));
  const TensorView like = graph.inputs()[0].value->view();
  FETTLE_ASSIGN(const Distributions distributions,
                calibrate(
                    graph,
                    [&](int64_t i, std::vector<Tensor>* inputs) -> Result<bool> {
                      FETTLE_ASSIGN(std::optional<Tensor> input, sample(i, like));
                      if (!input) return false;
                      inputs->assign(1, std::move(*input));
                      return true;
                    },
                    threads));
  FETTLE_ASSIGN(PostTrainingReport report, quantize(graph, scheme, distributions));
  FETTLE_TRY(passes::verify_after(graph));
  return report;
}

}  // namespace fettle::quantize
