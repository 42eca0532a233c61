// HttpReply: the answer to one GET, put together from the bytes as they come. It reads no socket.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/model/service.h"

namespace trun {

class HttpReply {
 public:
  HttpReply();
  ~HttpReply();

  /// Takes in what came. Error: it is no HTTP, or larger than a health check's answer may be (1 MiB).
  Status feed(std::string_view bytes);
  /// The other side has closed: what has no length is complete now.
  Status close();
  bool done() const;

  /// REQUIRES: done().
  unsigned status() const;
  const std::string& body() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A GET of `path`, to be closed by the server.
std::string http_get(const std::string& host, std::uint16_t port, const std::string& path);

/// What is wrong with that answer; empty: it is what `check` wants.
std::string http_complaint(const ReadyCheck& check, unsigned status, const std::string& body);

}  // namespace trun
