#include "runner/commands/services_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

namespace trun {
namespace {

namespace json = boost::json;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->as_string().c_str()) : std::string();
}

ServiceRow row_of(const json::object& object) {
  ServiceRow row{text_of(object, "name"), text_of(object, "state"), text_of(object, "why"),
                 text_of(object, "url"),  text_of(object, "log"),   {}};
  const json::value* ports = object.if_contains("ports");
  if (!ports || !ports->is_object()) return row;
  for (const auto& [name, number] : ports->get_object()) {
    if (number.is_int64()) row.ports.emplace_back(name, static_cast<std::uint16_t>(number.get_int64()));
  }
  return row;
}

}  // namespace

Result<Fd> ServicesFile::lock() const {
  Fd fd(::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!fd) return usage_error("cannot write " + lock_path_ + ": " + ::strerror(errno));
  struct flock whole = whole_file();
  // A lock of the open file description (fcntl(2)): the kernel releases it when the Holder closes this descriptor or
  // dies, and O_CLOEXEC keeps services from holding on to it. A plain POSIX lock would be lost as soon as the process
  // closes any other descriptor of the file.
  if (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) return Fd();
  return fd;
}

/// Asks without taking it: a lock that is taken for a moment keeps a holder out that just begins.
bool ServicesFile::is_held() const {
  const Fd fd(::open(lock_path_.c_str(), O_RDWR | O_CLOEXEC));
  struct flock whole = whole_file();
  return fd && ::fcntl(fd.get(), F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

/// Replaced whole: who reads it sees the old or the new.
Status ServicesFile::write(const ServicesState& state) const {
  json::array rows;
  for (const ServiceRow& each : state.services) {
    json::object ports;
    for (const auto& [name, number] : each.ports) ports[name] = number;
    rows.push_back(json::object{{"name", each.name},
                                {"state", each.state},
                                {"why", each.why},
                                {"url", each.url},
                                {"log", each.log},
                                {"ports", std::move(ports)}});
  }
  // rename(2) replaces the file in one step. Only the Holder writes, so one name is enough for the draft.
  const std::string draft = path_ + ".new";
  std::ofstream out(draft);
  out << json::serialize(json::object{{"pid", state.pid}, {"usable", state.usable}, {"services", std::move(rows)}})
      << "\n";
  // close() writes what is still in the stream's buffer: a full disk shows here.
  out.close();
  if (!out || ::rename(draft.c_str(), path_.c_str()) != 0) {
    return internal_error("cannot write " + path_ + ": " + ::strerror(errno));
  }
  return ok_status();
}

std::optional<ServicesState> ServicesFile::read() const {
  // A file without a lock was left by a process that was killed. Its pid may be another's by now.
  if (!is_held()) return std::nullopt;
  std::ifstream in(path_);
  std::ostringstream text;
  text << in.rdbuf();
  boost::system::error_code error;
  const json::value value = json::parse(text.str(), error);
  ServicesState state;
  if (error || !value.is_object()) return state;  // it is just beginning
  const json::object& object = value.get_object();
  if (const json::value* pid = object.if_contains("pid"); pid && pid->is_int64()) {
    state.pid = static_cast<pid_t>(pid->get_int64());
  }
  if (const json::value* usable = object.if_contains("usable"); usable && usable->is_bool()) {
    state.usable = usable->get_bool();
  }
  const json::value* rows = object.if_contains("services");
  if (!rows || !rows->is_array()) return state;
  for (const json::value& each : rows->get_array()) {
    if (each.is_object()) state.services.push_back(row_of(each.get_object()));
  }
  return state;
}

std::string table_of(const ServicesState& state) {
  std::string out;
  for (const ServiceRow& row : state.services) {
    std::string where;
    for (const auto& [name, number] : row.ports) {
      where += (where.empty() ? "" : ", ") + name + " 127.0.0.1:" + std::to_string(number);
    }
    if (!row.url.empty()) where += (where.empty() ? "" : ", ") + row.url;
    out += row.name + ": " + row.state + (row.why.empty() ? "" : " (it " + row.why + ")") +
           (where.empty() ? "" : "; " + where) + (row.log.empty() ? "" : "; log " + row.log) + "\n";
  }
  return out;
}

void ServicesFile::remove() const { ::unlink(path_.c_str()); }

}  // namespace trun
