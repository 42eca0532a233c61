// AllocationLog: an event log (--events) as the checker of allocations reads it: who demands what, who took and
// released what, which test ran when and where. A reader of its own, which shares no code with the engine that wrote
// the log, and believes nothing; what follows from it is check_allocations.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace trun::allocation {

/// Microseconds since the run's start: as exact as the log is.
using Micros = std::int64_t;

/// As an amount: all that there is.
constexpr std::uint64_t kAllUnits = ~std::uint64_t{0};

struct Demand {
  std::string name;
  std::uint64_t amount = 0;
  bool shared = false;
};

struct Demands {
  std::vector<Demand> resources;
  bool serial = false;
};

struct Capacities {
  std::vector<std::pair<std::string, std::uint64_t>> of;
};
struct Collected {
  std::vector<std::string> items;
  std::vector<std::pair<std::string, Demands>> demands;  ///< of items that have any
};
/// One resource of a hold.
struct Share {
  Demand demand;
  std::vector<std::uint64_t> units;
  std::uint64_t capacity = 0;
};
struct Taken {
  std::uint64_t hold = 0;
  std::string worker, test;
  std::vector<Share> shares;
  bool serial = false;
};
struct Released {
  std::uint64_t hold = 0;
  std::string worker;
};
struct TestEnded {
  std::string test, worker, outcome;
  int attempt = 1;
  std::optional<Micros> started;  ///< none: it never began
  Micros took = 0;
};
/// The worker's process is gone; something of it may live on.
struct WorkerEnded {
  std::string worker;
};
struct RunEnded {};
/// Something else, of which only the time counts.
struct Other {};
/// A line that is no event, and why.
struct Unreadable {
  std::string why;
};

using Event = std::variant<Other, Capacities, Collected, Taken, Released, TestEnded, WorkerEnded, RunEnded, Unreadable>;

struct Line {
  std::size_t number = 0;  ///< from 1
  std::optional<Micros> at;
  Event event;
};

/// Every line of `text`, in order. A last line without a newline is Unreadable, whatever it says.
std::vector<Line> read_allocation_log(std::string_view text);

}  // namespace trun::allocation
