// SPDX-License-Identifier: Apache-2.0
#include "quantize/post_training.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "ops/build.h"
#include "passes/passes.h"

namespace fettle::quantize {

namespace {

using ops::QuantRule;
using SharedQuant = std::shared_ptr<const Quantization>;

class Quantizer {
 public:
  Quantizer(ir::Graph& graph, const Distributions& distributions)
      : graph_(graph), distributions_(distributions) {}

  Result<PostTrainingReport> run() {
    std::vector<ir::Node*> nodes;
    for (const auto& n : graph_.nodes()) nodes.push_back(n.get());
    for (ir::Node* node : nodes) {
      std::string why = why_not(*node);
      if (why.empty()) why = quantize_node(node).message();
      if (why.empty()) {
        ++report_.integer_nodes;
      } else {
        read_float(node);
        if (node->output(0)->type.dtype == DType::f32) {
          ++report_.float_nodes;
          report_.kept_float.push_back(node->label() + ": " + why);
        }
      }
    }
    for (size_t i = 0; i < graph_.outputs().size(); ++i) {
      ir::Value* out = graph_.outputs()[i];
      const auto q = integer_.find(out);
      if (q != integer_.end()) graph_.set_output(i, dequantized(q->second, nullptr));
    }
    graph_.erase_dead();
    return std::move(report_);
  }

 private:
  // Why a node stays in float; empty if it can be quantized.
  std::string why_not(const ir::Node& node) const {
    const ops::OpDef* op = ops::find(node.op);
    if (!op->quant.applies() || op->quant.get() == QuantRule::keep_float) return "no integer form";
    if (node.outputs.size() != 1 || node.output(0)->type.dtype != DType::f32) {
      return "its output is not one float tensor";
    }
    const QuantRule rule = op->quant.get();
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
      quant = std::make_shared<Quantization>(
          choose_int8(seen == distributions_.end() ? constant : seen->second));
    }
    return quant;
  }

  // Functions of known range need no calibration.
  SharedQuant output_range(const ir::Node& node) {
    if (node.op == "Softmax" || node.op == "Sigmoid" || node.op == "HardSigmoid") {
      return std::make_shared<Quantization>(Quantization{{1.0f / 256}, {-128}, 0});
    }
    if (node.op == "Tanh") {
      return std::make_shared<Quantization>(Quantization{{1.0f / 128}, {0}, 0});
    }
    return range_of(node.output(0));
  }

  ir::Value* quantized(ir::Value* value, ir::Node* before) {
    ir::Value*& q = integer_[value];
    if (q != nullptr) return q;
    const SharedQuant quant = range_of(value);
    if (value->is_constant()) {
      Tensor codes(DType::i8, value->type.dims);
      const auto from = value->data->data<float>();
      for (size_t i = 0; i < from.size(); ++i) {
        const float code =
            std::nearbyint(from[i] / quant->scale[0]) + static_cast<float>(quant->zero_point[0]);
        codes.mutable_data<int8_t>()[i] = static_cast<int8_t>(std::clamp(code, -128.0f, 127.0f));
      }
      codes.set_quant(quant);
      return q = graph_.add_constant(value->name + "/i8", std::move(codes));
    }
    ir::Value* scale = graph_.add_constant("", Tensor::scalar(quant->scale[0]));
    ir::Value* zero =
        graph_.add_constant("", Tensor::scalar(static_cast<int8_t>(quant->zero_point[0])));
    ir::Node* node = graph_.add_node("QuantizeLinear", {value, scale, zero}, 1, {}, before);
    node->outputs[0]->name = value->name + "/i8";
    node->outputs[0]->type = {DType::i8, false, value->type.dims, quant};
    return q = node->outputs[0];
  }

  ir::Value* dequantized(ir::Value* value, ir::Node* before) {
    const Quantization& quant = *value->type.quant;
    ir::Value* scale = graph_.add_constant("", Tensor::scalar(quant.scale[0]));
    ir::Value* zero =
        graph_.add_constant("", Tensor::scalar(static_cast<int8_t>(quant.zero_point[0])));
    ir::Node* node = graph_.add_node("DequantizeLinear", {value, scale, zero}, 1, {}, before);
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
    const QuantRule rule = ops::find(node->op)->quant.get();
    std::vector<ir::Value*> inputs = node->inputs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const bool weight = rule == QuantRule::weighted && (i == 1 || i == 2);
      if (inputs[i] == nullptr || inputs[i]->type.dtype != DType::f32 || weight) continue;
      inputs[i] = quantized(inputs[i], node);
    }
    if (rule == QuantRule::weighted) quantize_weights_of(*node, &inputs);
    const SharedQuant quant =
        rule == QuantRule::pass_through ? inputs[0]->type.quant : output_range(*node);
    ir::Node* q = graph_.add_node(node->op, inputs, 1, node->attrs, node);
    q->name = node->name;
    q->outputs[0]->name = node->output(0)->name;
    q->outputs[0]->type.quant = quant;
    if (Status s = ops::infer_node(q); !s.ok()) {
      graph_.erase(q);
      return s;
    }
    integer_[node->output(0)] = q->outputs[0];
    made_integer_.insert(q->outputs[0]);
    return {};
  }

  void quantize_weights_of(const ir::Node& node, std::vector<ir::Value*>* inputs) {
    const ir::Value* w = node.input(1);
    const bool rows = node.op != "Gemm" || node.attrs.get_int("transB", 0) != 0;
    const int axis = node.op == "MatMul" ? w->type.dims.rank() - 1 : rows ? 0 : 1;
    Tensor weights = quantize_weights(*w->data, axis);
    const Quantization& wq = *weights.quant();
    const float x_scale = (*inputs)[0]->type.quant->scale[0];
    if (const ir::Value* b = node.input(2)) {
      const auto from = b->data->data<float>();
      Tensor bias(DType::i32, {static_cast<int64_t>(wq.scale.size())});
      auto quant = std::make_shared<Quantization>(wq);
      quant->axis = 0;
      for (size_t c = 0; c < wq.scale.size(); ++c) {
        quant->scale[c] = wq.scale[c] * x_scale;
        const double code =
            std::nearbyint(from[from.size() == 1 ? 0 : c] / static_cast<double>(quant->scale[c]));
        bias.mutable_data<int32_t>()[c] =
            static_cast<int32_t>(std::clamp(code, -2147483647.0, 2147483647.0));
      }
      bias.set_quant(std::move(quant));
      (*inputs)[2] = graph_.add_constant(b->name, std::move(bias));
    }
    (*inputs)[1] = graph_.add_constant(w->name, std::move(weights));
  }

  ir::Graph& graph_;
  const Distributions& distributions_;
  PostTrainingReport report_;
  std::unordered_map<const ir::Value*, ir::Value*> integer_;  // float value -> its int8 twin
  std::unordered_map<const ir::Value*, ir::Value*> float_;    // int8 value -> dequantized
  std::unordered_set<const ir::Value*> made_integer_;         // int8 values that operators make
  std::unordered_map<const ir::Value*, SharedQuant> ranges_;
};

}  // namespace

Result<PostTrainingReport> quantize_int8(ir::Graph& graph, const Distributions& distributions) {
  return Quantizer(graph, distributions).run();
}

Result<PostTrainingReport> post_training_int8(ir::Graph& graph, const passes::Bindings& bindings,
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
  FETTLE_ASSIGN(PostTrainingReport report, quantize_int8(graph, distributions));
  FETTLE_TRY(passes::verify_after(graph));
  return report;
}

}  // namespace fettle::quantize
