// SPDX-License-Identifier: Apache-2.0
#include "formats/tflite/options.h"

#include <flatbuffers/flexbuffers.h>
#include <flatbuffers/reflection_generated.h>

#include "formats/tflite/schema_bfbs_generated.h"
#include "formats/tflite/schema_generated.h"

namespace fettle::formats::tflite {

namespace {

const reflection::Schema& own_schema() {
  return *reflection::GetSchema(schema::ModelBinarySchema::data());
}

const reflection::Enum& union_of_options() {
  return *own_schema().enums()->LookupByKey("fettle.formats.tflite.schema.BuiltinOptions");
}

int64_t integer_field(const flatbuffers::Table& table, const reflection::Field& field) {
  const auto read = [&](auto tag) -> int64_t {
    using T = decltype(tag);
    return static_cast<int64_t>(
        table.GetField<T>(field.offset(), static_cast<T>(field.default_integer())));
  };
  switch (field.type()->base_type()) {
    case reflection::Bool:
    case reflection::UByte:
      return read(uint8_t{});
    case reflection::Byte:
      return read(int8_t{});
    case reflection::Short:
      return read(int16_t{});
    case reflection::UShort:
      return read(uint16_t{});
    case reflection::Int:
      return read(int32_t{});
    case reflection::UInt:
      return read(uint32_t{});
    default:
      return read(int64_t{});
  }
}

Attribute enumerator(int enum_index, int64_t value) {
  const reflection::Enum& type = *own_schema().enums()->Get(static_cast<uint32_t>(enum_index));
  if (type.name()->string_view().ends_with(".TensorType")) {
    return std::string(name_of(dtype_of(static_cast<int>(value))));
  }
  const reflection::EnumVal* named = type.values()->LookupByKey(value);
  return named ? named->name()->str() : std::to_string(value);
}

Attribute attribute(const flatbuffers::Table& table, const reflection::Field& field) {
  switch (field.type()->base_type()) {
    case reflection::Float:
      return table.GetField<float>(field.offset(), static_cast<float>(field.default_real()));
    case reflection::Vector: {  // only of int
      std::vector<int64_t> list;
      const auto* v = table.GetPointer<const flatbuffers::Vector<int32_t>*>(field.offset());
      if (v != nullptr) list.assign(v->begin(), v->end());
      return list;
    }
    default:
      break;
  }
  const int64_t value = integer_field(table, field);
  return field.type()->index() >= 0 ? enumerator(field.type()->index(), value) : Attribute(value);
}

// A table without any field: all defaults.
struct EmptyTable {
  flatbuffers::soffset_t to_vtable = -static_cast<flatbuffers::soffset_t>(sizeof(to_vtable));
  flatbuffers::voffset_t vtable[2] = {4, 4};
};
const EmptyTable kEmptyTable;

}  // namespace

DType dtype_of(int tensor_type) {
  switch (tensor_type) {
    case schema::TensorType_FLOAT32:
      return DType::f32;
    case schema::TensorType_FLOAT16:
      return DType::f16;
    case schema::TensorType_BFLOAT16:
      return DType::bf16;
    case schema::TensorType_FLOAT64:
      return DType::f64;
    case schema::TensorType_INT8:
      return DType::i8;
    case schema::TensorType_UINT8:
      return DType::u8;
    case schema::TensorType_INT16:
      return DType::i16;
    case schema::TensorType_UINT16:
      return DType::u16;
    case schema::TensorType_INT32:
      return DType::i32;
    case schema::TensorType_UINT32:
      return DType::u32;
    case schema::TensorType_INT64:
      return DType::i64;
    case schema::TensorType_UINT64:
      return DType::u64;
    case schema::TensorType_BOOL:
      return DType::boolean;
    case schema::TensorType_INT4:
      return DType::i8;
    default:
      return DType::none;
  }
}

Attributes builtin_options(uint8_t type, const flatbuffers::Table* table) {
  Attributes attrs;
  const reflection::EnumVal* member = union_of_options().values()->LookupByKey(type);
  if (member == nullptr || type == 0) return attrs;
  const reflection::Object* object =
      own_schema().objects()->Get(static_cast<uint32_t>(member->union_type()->index()));
  if (table == nullptr) table = reinterpret_cast<const flatbuffers::Table*>(&kEmptyTable);
  for (const reflection::Field* field : *object->fields()) {
    if (!field->deprecated()) attrs.set(field->name()->string_view(), attribute(*table, *field));
  }
  return attrs;
}

Result<Attributes> custom_options(std::span<const uint8_t> flexbuffer) {
  Attributes attrs;
  if (flexbuffer.empty()) return attrs;
  std::vector<uint8_t> reuse(flexbuffer.size());
  if (!flexbuffers::VerifyBuffer(flexbuffer.data(), flexbuffer.size(), &reuse)) {
    return invalid_input("custom options are not a valid flexbuffer");
  }
  const flexbuffers::Reference root = flexbuffers::GetRoot(flexbuffer.data(), flexbuffer.size());
  if (!root.IsMap()) return attrs;
  const flexbuffers::Map map = root.AsMap();
  for (size_t i = 0; i < map.size(); ++i) {
    const flexbuffers::Reference value = map.Values()[i];
    const char* key = map.Keys()[i].AsKey();
    if (value.IsFloat()) {
      attrs.set(key, value.AsFloat());
    } else if (value.IsIntOrUint() || value.IsBool()) {
      attrs.set(key, value.AsInt64());
    } else if (value.IsString()) {
      attrs.set(key, value.AsString().str());
    }
  }
  return attrs;
}

}  // namespace fettle::formats::tflite
