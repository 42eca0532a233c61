#include "runner/services/process/http_reply.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json.hpp>
#include <sstream>

namespace trun {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

// A health check's answer is short; a path that streams without end must not fill the memory.
constexpr std::size_t kMostBody = 1 << 20;
constexpr std::size_t kShown = 200;

std::string shortened(const std::string& text) { return text.size() <= kShown ? text : text.substr(0, kShown) + "..."; }

/// The value at "a.b"; nullptr: there is none.
const json::value* find(const json::value& document, std::string_view path) {
  const json::value* at = &document;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const auto* object = at->if_object();
    if (!object) return nullptr;
    const auto found = object->find(json::string_view(path.data(), dot));
    if (found == object->end()) return nullptr;
    at = &found->value();
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

/// As trun.toml would write it: a string without its quotes.
std::string plain(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  return json::serialize(value);
}

}  // namespace

struct HttpReply::State {
  http::response_parser<http::string_body> parser;
  std::string unread;  ///< the parser wants a header whole
};

HttpReply::HttpReply() : state_(std::make_unique<State>()) {
  // Otherwise put() stops behind the header, and would have to be called again for the body.
  state_->parser.eager(true);
  state_->parser.body_limit(kMostBody);
}

HttpReply::~HttpReply() = default;

Status HttpReply::feed(std::string_view bytes) {
  std::string& unread = state_->unread;
  unread.append(bytes);
  // put() may take a part only, as one chunk of several. What comes behind the end is nobody's.
  while (!unread.empty() && !state_->parser.is_done()) {
    boost::system::error_code error;
    const std::size_t used = state_->parser.put(boost::asio::buffer(unread), error);
    unread.erase(0, used);
    // What was not used is the beginning of something: it is offered again with the next bytes.
    if (error == http::error::need_more) break;
    if (error) return internal_error("the answer is no HTTP (" + error.message() + ")");
  }
  return ok_status();
}

Status HttpReply::close() {
  boost::system::error_code error;
  // A body without a length and without chunks ends with the connection (RFC 9112, 6.3).
  if (!done()) state_->parser.put_eof(error);
  if (error) return internal_error("the connection was closed before the answer was complete");
  return ok_status();
}

bool HttpReply::done() const { return state_->parser.is_done(); }
unsigned HttpReply::status() const { return state_->parser.get().result_int(); }
const std::string& HttpReply::body() const { return state_->parser.get().body(); }

std::string http_get(const std::string& host, std::uint16_t port, const std::string& path) {
  http::request<http::empty_body> request{http::verb::get, path, 11};
  request.set(http::field::host, host + ":" + std::to_string(port));
  request.set(http::field::user_agent, "trun");
  request.set(http::field::accept, "*/*");
  // So that the end of the answer can be seen in any case.
  request.set(http::field::connection, "close");
  std::ostringstream text;
  text << request;
  return text.str();
}

std::string http_complaint(const ReadyCheck& check, unsigned status, const std::string& body) {
  if (status != check.status) {
    return "status " + std::to_string(status) + " instead of " + std::to_string(check.status) +
           (body.empty() ? "" : ": " + shortened(body));
  }
  // The status is all that was asked for.
  if (check.json_field.empty()) return {};
  boost::system::error_code error;
  const json::value document = json::parse(body, error);
  if (error) return "status " + std::to_string(status) + ", but the body is no JSON: " + shortened(body);
  const json::value* value = find(document, check.json_field);
  if (!value) return "the body has no field '" + check.json_field + "': " + shortened(body);
  if (plain(*value) == check.json_value) return {};
  return "'" + check.json_field + "' is " + shortened(plain(*value)) + " instead of " + check.json_value;
}

}  // namespace trun
