// ServiceRequests: tests that wait for services. Each request goes its way: the service is started if it is not,
// its health is looked at if another file of tests begins to use it, and the slot's database is made as new then.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/test_item.h"
#include "runner/services/services.h"

namespace trun {

class ServiceRequests {
 public:
  /// `refusal` is empty if all are ready.
  using Answer = std::function<void(std::string refusal)>;

  /// `services` outlives it.
  explicit ServiceRequests(Services& services) : services_(services) {}

  /// A test of `file` in `slot` needs them. May answer at once.
  void add(std::vector<ServiceIndex> services, Slot slot, FileIndex file, Answer answer);
  /// Goes on with all of them. To be called when anything may have happened.
  void advance();

 private:
  enum class Stage { start, health, database, making, done };
  struct Need {
    ServiceIndex service = 0;
    Stage stage = Stage::start;
  };
  struct Request {
    std::uint64_t id = 0;
    std::vector<Need> needs;
    Slot slot = 0;
    FileIndex file = 0;
    Answer answer;
    std::string refusal;
  };
  /// Who used a service last in a slot, and which launch of it.
  struct Use {
    FileIndex file = 0;
    unsigned launch = 0;
    bool operator==(const Use&) const = default;
  };

  bool advance(Request& request);
  void advance(Request& request, Need& need);
  void check_health(Request& request, Need& need);
  void make_database(Request& request, Need& need);
  void made(std::uint64_t request, ServiceIndex service, const std::string& complaint);
  bool is_fresh(const Request& request, ServiceIndex service) const;

  Services& services_;
  std::list<Request> requests_;
  std::map<std::pair<Slot, ServiceIndex>, Use> uses_;
  std::uint64_t last_ = 0;
  bool advancing_ = false, again_ = false;
};

}  // namespace trun
