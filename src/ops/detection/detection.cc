// SPDX-License-Identifier: Apache-2.0
//
// DetectionPostProcess, TFLite's custom operator behind SSD detectors: decodes boxes against
// anchors, ranks them by score and suppresses those that overlap a better one.
//
//   encodings [1,N,4] (y, x, h, w)   scores [1,N,C or background + C]   anchors [N,4]
//   -> boxes [1,M,4] (y0, x0, y1, x1)   classes [1,M]   scores [1,M]   count [1]
//
// Fast form: each box counts with its best class (max_classes_per_detection of them are given),
// suppression over all. Regular form: suppression within each class, then the best of all.
#include <algorithm>
#include <cmath>

#include "ops/non_max_suppression/boxes.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr const char* kOp = "DetectionPostProcess";
constexpr AttrSpec kAttrs[] = {{"detections_per_class", AttrKind::integer},
                               {"h_scale", AttrKind::real},
                               {"max_classes_per_detection", AttrKind::integer},
                               {"max_detections", AttrKind::integer},
                               {"nms_iou_threshold", AttrKind::real},
                               {"nms_score_threshold", AttrKind::real},
                               {"num_classes", AttrKind::integer},
                               {"use_regular_nms", AttrKind::integer},
                               {"w_scale", AttrKind::real},
                               {"x_scale", AttrKind::real},
                               {"y_scale", AttrKind::real}};

struct Detector {
  int64_t boxes = 0, classes = 0, columns = 0, first = 0;  // first: column of class 0
  int64_t most = 0, per_box = 1, per_class = 100;
  bool regular = false;
  float iou = 0, above = 0;
  int64_t rows() const { return most * (regular ? 1 : per_box); }
};

Status resolve(const OpCall& call, Detector* s) {
  const Attributes& a = call.attrs;
  FETTLE_TRY(require_rank(kOp, "encodings", call.in[0], 3, 3));
  FETTLE_TRY(require_rank(kOp, "scores", call.in[1], 3, 3));
  s->boxes = call.in[0].dims[1];
  s->columns = call.in[1].dims[2];
  FETTLE_TRY(require_dims(kOp, "encodings", call.in[0], {1, s->boxes, 4}));
  FETTLE_TRY(require_dims(kOp, "scores", call.in[1], {1, s->boxes, s->columns}));
  FETTLE_TRY(require_dims(kOp, "anchors", call.in[2], {s->boxes, 4}));
  for (const TensorView& v : call.in) {
    if (v.dtype != DType::f32) return unsupported("DetectionPostProcess: operands should be f32");
  }
  s->classes = a.get_int("num_classes", s->columns);
  s->first = s->columns - s->classes;  // 1 where a background class comes first
  s->most = a.get_int("max_detections", 10);
  s->per_box = std::min(a.get_int("max_classes_per_detection", 1), s->classes);
  s->per_class = a.get_int("detections_per_class", 100);
  s->regular = a.get_int("use_regular_nms", 0) != 0;
  s->iou = a.get_float("nms_iou_threshold", 0.6f);
  s->above = a.get_float("nms_score_threshold", 0);
  for (const char* name : {"y_scale", "x_scale", "h_scale", "w_scale"}) {
    if (!(a.get_float(name, 1) > 0))
      return invalid_input("DetectionPostProcess: a scale is not positive");
  }
  if (s->classes < 1 || s->first < 0 || s->first > 1 || s->most < 0 || s->most > 1 << 20 ||
      s->per_box < 1 || s->per_class < 0 || s->rows() > 1 << 24) {
    return invalid_input("DetectionPostProcess: an option is out of range");
  }
  return {};
}

Status infer(const OpCall& call) {
  Detector s;
  FETTLE_TRY(refuse_quantized(kOp, call));
  FETTLE_TRY(resolve(call, &s));
  const Dims dims[] = {{1, s.rows(), 4}, {1, s.rows()}, {1, s.rows()}, {1}};
  for (size_t i = 0; i < 4; ++i) {
    call.out[i].dtype = DType::f32;
    call.out[i].dims = dims[i];
    call.out[i].dynamic = any_dynamic(call);
  }
  return {};
}

void decode(const OpCall& call, int64_t count, Box* boxes) {
  const Attributes& a = call.attrs;
  const float ys = a.get_float("y_scale", 1), xs = a.get_float("x_scale", 1);
  const float hs = a.get_float("h_scale", 1), ws = a.get_float("w_scale", 1);
  for (int64_t i = 0; i < count; ++i) {
    const float* e = call.in[0].as<float>() + i * 4;
    const float* anchor = call.in[2].as<float>() + i * 4;  // y, x, h, w
    const float y = e[0] / ys * anchor[2] + anchor[0], x = e[1] / xs * anchor[3] + anchor[1];
    const float h = std::exp(e[2] / hs) * anchor[2] / 2, w = std::exp(e[3] / ws) * anchor[3] / 2;
    boxes[i] = {y - h, x - w, y + h, x + w};
  }
}

// Scratch, in this order, for N boxes.
struct Space {
  int64_t* candidates;  // N
  int64_t* order;       // N
  Box* boxes;           // N
  float* best;          // N: best class score of each box
};
Space carve(const OpCall& call, int64_t n) {
  Space space;
  space.candidates = reinterpret_cast<int64_t*>(call.scratch.data());
  space.order = space.candidates + n;
  space.boxes = reinterpret_cast<Box*>(space.order + n);
  space.best = reinterpret_cast<float*>(space.boxes + n);
  return space;
}

struct Writer {
  const OpCall& call;
  int64_t rows = 0;
  void put(const Box& b, int64_t c, float score, int64_t row) {
    float* box = call.out[0].as_mutable<float>() + row * 4;
    box[0] = b.y0;
    box[1] = b.x0;
    box[2] = b.y1;
    box[3] = b.x1;
    call.out[1].as_mutable<float>()[row] = static_cast<float>(c);
    call.out[2].as_mutable<float>()[row] = score;
  }
};

void run_fast(const OpCall& call, const Detector& s, const Space& space, Writer& writer) {
  const float* scores = call.in[1].as<float>() + s.first;
  for (int64_t i = 0; i < s.boxes; ++i) {
    const float* of_box = scores + i * s.columns;
    space.best[i] = *std::max_element(of_box, of_box + s.classes);
  }
  // Scores equal to the threshold still count.
  const float above = std::nextafter(s.above, -INFINITY);
  const int64_t n = rank_candidates(space.best, s.boxes, 1, above, space.candidates);
  const int64_t kept = suppress(space.boxes, space.candidates, n, s.iou, s.most, space.candidates);
  for (int64_t k = 0; k < kept; ++k) {
    const int64_t box = space.candidates[k];
    const float* of_box = scores + box * s.columns;
    float last = INFINITY;
    int64_t last_class = -1;
    for (int64_t j = 0; j < s.per_box; ++j) {  // classes in falling order of score
      int64_t next = -1;
      for (int64_t c = 0; c < s.classes; ++c) {
        const bool after = of_box[c] < last || (of_box[c] == last && c > last_class);
        if (after && (next < 0 || of_box[c] > of_box[next])) next = c;
      }
      if (next < 0) break;  // the rest are no numbers
      last = of_box[next];
      last_class = next;
      writer.put(space.boxes[box], next, last, writer.rows++);
    }
  }
}

// Rows stay sorted by score: a new one is put in its place, the last may fall out.
void insert(const OpCall& call, const Detector& s, Writer& writer, const Box& box, int64_t c,
            float score) {
  float* scores = call.out[2].as_mutable<float>();
  if (s.most == 0 || (writer.rows == s.most && scores[writer.rows - 1] >= score)) return;
  int64_t row = writer.rows == s.most ? writer.rows - 1 : writer.rows++;
  for (; row > 0 && scores[row - 1] < score; --row) {
    const float* b = call.out[0].as<float>() + (row - 1) * 4;
    writer.put({b[0], b[1], b[2], b[3]}, static_cast<int64_t>(call.out[1].as<float>()[row - 1]),
               scores[row - 1], row);
  }
  writer.put(box, c, score, row);
}

void run_regular(const OpCall& call, const Detector& s, const Space& space, Writer& writer) {
  const float above = std::nextafter(s.above, -INFINITY);
  for (int64_t c = 0; c < s.classes; ++c) {
    const float* scores = call.in[1].as<float>() + s.first + c;
    const int64_t n = rank_candidates(scores, s.boxes, s.columns, above, space.candidates);
    const int64_t kept =
        suppress(space.boxes, space.candidates, n, s.iou, s.per_class, space.candidates);
    for (int64_t k = 0; k < kept; ++k) {
      const int64_t box = space.candidates[k];
      insert(call, s, writer, space.boxes[box], c, scores[box * s.columns]);
    }
  }
}

size_t scratch(const OpCall& call) {
  return static_cast<size_t>(call.in[0].dims[1]) *
         (2 * sizeof(int64_t) + sizeof(Box) + sizeof(float));
}

Status reference(const OpCall& call) {
  Detector s;
  FETTLE_TRY(resolve(call, &s));
  const Space space = carve(call, s.boxes);
  decode(call, s.boxes, space.boxes);
  for (size_t i = 0; i < 4; ++i) {
    std::fill_n(call.out[i].as_mutable<float>(), call.out[i].elements(), 0.0f);
  }
  Writer writer{call};
  s.regular ? run_regular(call, s, space, writer) : run_fast(call, s, space, writer);
  *call.out[3].as_mutable<float>() = static_cast<float>(writer.rows);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 16 * call.in[1].elements()}; }

// Quantized operands are brought back to numbers first.
Status read_tflite(ir::Graph& graph, ir::Node* node) {
  if (node->inputs.size() != 3 || node->outputs.size() != 4) {
    return invalid_input("three inputs and four outputs are expected", node->label());
  }
  for (const char* name : {"_output_quantized", "_support_output_type_float_in_quantized_op"}) {
    node->attrs.erase(name);
  }
  for (size_t i = 0; i < 3; ++i) {
    ir::Value* v = node->inputs[i];
    if (v == nullptr || v->type.quant == nullptr) continue;
    graph.set_input(node, i, graph.add_node("DequantizeLinear", {v}, 1, {}, node)->outputs[0]);
  }
  node->op = kOp;
  return {};
}

std::vector<Case> cases() { return {}; }  // made by the detectors' own tests

constexpr TfliteRule kTflite[] = {{"TFLite_Detection_PostProcess", read_tflite}};
constexpr OpDef kOps[] = {{
    .name = "DetectionPostProcess",
    .schema = Schema(3, 3, 4, 4, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = scratch,
    .in_place = kNotApplicable,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = kNotApplicable,
    .tflite = std::span<const TfliteRule>(kTflite),
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(detection, kOps)

}  // namespace fettle::ops
