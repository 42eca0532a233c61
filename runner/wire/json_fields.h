// Typed reading of the JSON objects in frames, and in the log that is checked; for protocol_*.cc and tests/allocations
// only, since it brings Boost.JSON with it.
// What is missing or of the wrong kind is remembered, with where it stood, so that a decoder reads like a table and
// checks once.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/result.h"
#include "runner/wire/server_frames.h"

namespace trun::wire {

namespace json = boost::json;

// read(): whether `value` is of the kind of `into`, which then has it. Times out of any clock's range are of the wrong
// kind: they would overflow when added up.
bool read(const json::value& value, bool& into);
bool read(const json::value& value, int& into);
bool read(const json::value& value, std::uint64_t& into);
bool read(const json::value& value, double& into);
bool read(const json::value& value, std::string& into);
bool read(const json::value& value, Duration& into);
bool read(const json::value& value, TimePoint& into);

/// null is "none".
template <typename T>
bool read(const json::value& value, std::optional<T>& into) {
  into.reset();
  return value.is_null() || read(value, into.emplace());
}

template <typename T>
bool read(const json::value& value, std::vector<T>& into);

/// An array of exactly these.
template <typename... T>
bool read_tuple(const json::value& value, T&... into) {
  const json::array* array = value.if_array();
  if (array == nullptr || array->size() != sizeof...(T)) return false;
  auto next = array->begin();
  return (read(*next++, into) && ...);
}

template <typename A, typename B>
bool read(const json::value& value, std::pair<A, B>& into) {
  return read_tuple(value, into.first, into.second);
}

template <typename T>
bool read(const json::value& value, std::vector<T>& into) {
  const json::array* array = value.if_array();
  if (array == nullptr) return false;
  into.reserve(array->size());
  for (const json::value& entry : *array) {
    if (!read(entry, into.emplace_back())) return false;
  }
  return true;
}

/// The fields of one object. The first complaint is kept in `wrong`, which it shares with the objects inside.
class Fields {
 public:
  Fields(const json::object& object, std::string path, std::string& wrong)
      : object_(object), path_(std::move(path)), wrong_(wrong) {}

  template <typename T>
  void required(std::string_view key, T& into) {
    read_field(find(key), key, into);
  }

  /// May be left out, or null: `into` stays as it is.
  template <typename T>
  void maybe(std::string_view key, T& into) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && !value->is_null()) read_field(value, key, into);
  }

  /// Whether there is such a field and it is of the kind of `into`. Complains of nothing.
  template <typename T>
  bool holds(std::string_view key, T& into) const {
    const json::value* value = object_.if_contains(key);
    return value != nullptr && read(*value, into);
  }

  bool has(std::string_view key) const { return object_.contains(key); }

  /// The value's JSON text.
  void required_text(std::string_view key, std::string& into);

  /// An object, read by `fill`.
  template <typename T>
  void nested(std::string_view key, T& into, void (*fill)(Fields&, T&)) {
    if (const json::value* value = find(key)) fill_from(*value, path_ + "." + std::string(key), into, fill);
  }

  /// An array of objects, each read by `fill`.
  template <typename T>
  void each(std::string_view key, std::vector<T>& into, void (*fill)(Fields&, T&)) {
    const json::value* value = find(key);
    if (value == nullptr) return;
    const json::array* array = value->if_array();
    if (array == nullptr) return complain(path_ + "." + std::string(key), "is of the wrong kind");
    into.reserve(array->size());
    for (const json::value& entry : *array) {
      const std::string place = path_ + "." + std::string(key) + "[" + std::to_string(into.size()) + "]";
      fill_from(entry, place, into.emplace_back(), fill);
    }
  }

  /// A complaint of the decoder's own about the field `key`.
  void complain_of(std::string_view key, const char* what) { complain(path_ + "." + std::string(key), what); }

 private:
  /// Complains if there is none.
  const json::value* find(std::string_view key);
  void complain(const std::string& place, const char* what);

  template <typename T>
  void read_field(const json::value* value, std::string_view key, T& into) {
    if (value != nullptr && !read(*value, into)) complain_of(key, "is of the wrong kind");
  }

  template <typename T>
  void fill_from(const json::value& value, const std::string& place, T& into, void (*fill)(Fields&, T&)) {
    const json::object* object = value.if_object();
    if (object == nullptr) return complain(place, "is not an object");
    Fields fields(*object, place, wrong_);
    fill(fields, into);
  }

  const json::object& object_;
  const std::string path_;
  std::string& wrong_;
};

/// An entry of `hooks`, which both kinds of peer send.
void read_hook(Fields& fields, HookFact& hook);

/// Answers to a fork, which server and collector send.
void read_forked(Fields& fields, Forked& frame);
void read_fork_failed(Fields& fields, ForkFailed& frame);

/// How the frames of one type are decoded.
template <typename Frame>
struct FrameKind {
  std::string_view type;
  void (*decode)(Fields& fields, Frame& into);
};

/// A parsed payload, with the memory it stands in.
class Payload {
 public:
  Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  /// REQUIRES: called once. Error: not JSON, no object, or without a type.
  Status parse(std::string_view text);

  // After a successful parse().
  const json::object& object() const { return value_.get_object(); }
  std::string_view type() const { return type_; }

 private:
  json::monotonic_resource memory_;
  json::value value_;
  std::string_view type_;
};

template <typename Frame, std::size_t N>
Result<Frame> decode(std::string_view text, const FrameKind<Frame> (&kinds)[N]) {
  Payload payload;
  TRUN_CHECK(payload.parse(text));
  for (const FrameKind<Frame>& kind : kinds) {
    if (kind.type != payload.type()) continue;
    std::string wrong;
    Fields fields(payload.object(), std::string(kind.type), wrong);
    Frame frame;
    kind.decode(fields, frame);
    if (!wrong.empty()) return internal_error("nonsense in a frame: " + wrong);
    return frame;
  }
  return internal_error("nonsense in a frame: there is no type \"" + std::string(payload.type().substr(0, 40)) + "\"");
}

}  // namespace trun::wire
