#include <algorithm>
#include <array>
#include <cstdio>

#include "reporters/summary.h"

namespace trun {
namespace {

struct Phase3 {
  double seconds = 0;
  std::string_view when, node_id;
};

/// The phases of a test: pytest's reports where they came, else the durations that a plain pass has.
void add_phases(const TestResult& result, std::string_view id, std::vector<Phase3>& phases) {
  // pytest lists every report that has a duration. A plain pass comes without reports, so its three durations stand in
  // for them.
  using Named = std::pair<std::string_view, Duration>;
  for (const auto& [when, duration] :
       std::array{Named("setup", result.setup), Named("call", result.call), Named("teardown", result.teardown)}) {
    const auto same = [&when = when](const PhaseReport& report) { return report.when == when; };
    const bool reported = std::any_of(result.reports.begin(), result.reports.end(), same);
    if (!reported && duration.count() > 0) phases.push_back({seconds(duration), when, id});
  }
  for (const PhaseReport& report : result.reports) phases.push_back({seconds(report.duration), report.when, id});
}

std::string hidden_line(std::size_t hidden, double limit, bool is_default) {
  char number[32];
  std::snprintf(number, sizeof number, "%g", limit);
  return "(" + std::to_string(hidden) + " durations < " + number + "s hidden." +
         (is_default ? "  Use -vv to show these durations." : "") + ")";
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(text.size() < width ? width - text.size() : 0, ' ');
}

}  // namespace

void write_durations(const Summary& s) {
  if (!s.options.durations) return;
  std::vector<Phase3> phases;
  phases.reserve(3 * s.log.results.size());
  for (const TestResult& result : s.log.results) add_phases(result, s.log.collection.items[result.item].id, phases);
  if (phases.empty()) return;
  // Stable, as sort() of Python: equal durations stay in the order in which the tests finished.
  std::stable_sort(phases.begin(), phases.end(),
                   [](const Phase3& a, const Phase3& b) { return a.seconds > b.seconds; });
  const auto wanted = static_cast<std::size_t>(std::max(*s.options.durations, 0));
  s.writer.sep('=', wanted ? "slowest " + std::to_string(wanted) + " durations" : "slowest durations");
  if (wanted && phases.size() > wanted) phases.resize(wanted);
  // pytest's rule: 5 ms, unless --durations-min or -vv says otherwise.
  const double limit = s.options.durations_min.value_or(s.options.verbosity < 2 ? 0.005 : 0.0);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    // The phases are sorted, so all that follow are below the limit as well.
    if (phases[i].seconds < limit) {
      s.writer.line();
      return s.writer.line(hidden_line(phases.size() - i, limit, !s.options.durations_min));
    }
    s.writer.line(fixed(phases[i].seconds, 2) + "s " + padded(phases[i].when, 8) + " " +
                  std::string(phases[i].node_id));
  }
}

}  // namespace trun
