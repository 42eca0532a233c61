#include "reporters/metrics.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "reporters/ending.h"
#include "reporters/report_file.h"
#include "reporters/utf8.h"

namespace trun {
namespace {

namespace json = boost::json;

constexpr std::size_t kSlowest = 20;

// Boost.JSON writes bytes as they are, and node ids and messages need not be UTF-8.
json::string text(std::string_view bytes) { return json::string(valid_utf8(bytes)); }

json::array texts(const std::vector<std::string>& lines) {
  json::array out;
  for (const std::string& line : lines) out.push_back(text(line));
  return out;
}

/// The verdict of each test: the last attempt's. Null where there is none.
std::vector<const TestResult*> verdicts(const RunLog& log) {
  std::vector<const TestResult*> last(log.collection.items.size(), nullptr);
  // Results stand in the order in which tests finished, so a later attempt replaces the earlier one.
  for (const TestResult& result : log.results) last[result.item] = &result;
  return last;
}

json::object tests_object(const RunLog& log, const std::vector<const TestResult*>& last) {
  std::map<std::string_view, std::size_t> by_outcome;
  std::size_t finished = 0;
  for (const TestResult* result : last) {
    if (!result) continue;
    ++by_outcome[outcome_name(result->outcome)];
    if (!std::holds_alternative<outcome::NotRun>(result->outcome)) ++finished;
  }
  json::object counts;
  for (const auto& [name, n] : by_outcome) counts[name] = n;
  return {{"collected", log.collection.items.size()},
          {"deselected", log.collection.deselected},
          {"finished", finished},
          {"attempts", log.results.size()},
          {"by_outcome", std::move(counts)}};
}

json::array collect_errors(const RunLog& log) {
  json::array out;
  for (const event::CollectReport& collected : log.collect_reports) {
    const PhaseReport& report = collected.report;
    if (report.outcome != "failed") continue;
    // Not the whole report: that is in the JUnit file. 4096 bytes.
    const std::string_view message = report.crash_message.empty() ? report.longrepr : report.crash_message;
    out.push_back(json::object{{"nodeid", text(collected.node_id)}, {"message", text(utf8_prefix(message, 4096))}});
  }
  return out;
}

struct WorkerFigures {
  std::size_t processes = 0, tests = 0;
  std::uint64_t peak_rss = 0;
  double cpu = 0, busy = 0;
  json::value utilisation;  // null until known
  json::array exits;
};

json::array workers_array(const RunLog& log) {
  std::map<Slot, WorkerFigures> workers;
  for (const auto& started : log.workers_started) ++workers[started.slot].processes;
  for (const auto& exited : log.workers_exited) {
    WorkerFigures& worker = workers[exited.slot];
    worker.peak_rss = std::max(worker.peak_rss, exited.peak_rss);
    worker.cpu += seconds(exited.cpu);
    worker.exits.push_back(text(exited.how));
  }
  for (const TestResult& result : log.results) {
    // Such a result has no worker: its slot is the default, 0, and would be counted there.
    if (std::holds_alternative<outcome::NotRun>(result.outcome)) continue;
    WorkerFigures& worker = workers[result.slot];
    ++worker.tests;
    worker.busy += seconds(result.total());
  }
  // The share is the tally's: it relates busy time to the run phase, which results alone do not tell.
  for (const auto& [slot, share] : log.finished.figures.utilisation) workers[slot].utilisation = share;
  json::array out;
  for (auto& [slot, worker] : workers) {
    out.push_back(json::object{{"worker", worker_name(slot)},
                               {"processes", worker.processes},
                               {"utilisation", worker.utilisation},
                               {"peak_rss", worker.peak_rss},
                               {"cpu", worker.cpu},
                               {"exits", std::move(worker.exits)},
                               {"tests", worker.tests},
                               {"busy", worker.busy}});
  }
  return out;
}

/// Workers that were replaced without having died, by the option that wanted it.
json::object recycled_object(const RunLog& log) {
  json::object out;
  for (const auto& [cause, times] : log.recycled) out[event::recycle_cause_name(cause)] = times;
  return out;
}

json::array slowest_tests(const RunLog& log, std::vector<const TestResult*> tests) {
  // Items without a verdict.
  std::erase(tests, nullptr);
  const std::size_t count = std::min(kSlowest, tests.size());
  // Equal durations in collection order: the document does not depend on who finished first.
  std::partial_sort(
      tests.begin(), tests.begin() + static_cast<std::ptrdiff_t>(count), tests.end(),
      [](auto* a, auto* b) { return a->total() != b->total() ? a->total() > b->total() : a->item < b->item; });
  json::array out;
  for (std::size_t i = 0; i < count; ++i) {
    const TestResult& result = *tests[i];
    out.push_back(json::object{{"nodeid", text(log.collection.items[result.item].id)},
                               {"outcome", outcome_name(result.outcome)},
                               {"duration", seconds(result.total())},
                               {"setup", seconds(result.setup)},
                               {"call", seconds(result.call)},
                               {"teardown", seconds(result.teardown)}});
  }
  return out;
}

json::array slowest_files(const RunLog& log) {
  std::vector<std::pair<Duration, FileIndex>> files(log.collection.files.size());
  for (FileIndex i = 0; i < files.size(); ++i) files[i] = {Duration(0), i};
  // All attempts count here, since they all cost time. slowest_tests has the last one of each test.
  for (const TestResult& result : log.results) {
    const FileIndex file = log.collection.items[result.item].file;
    if (file < files.size()) files[file].first += result.total();
  }
  const std::size_t count = std::min(kSlowest, files.size());
  std::partial_sort(
      files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count), files.end(),
      [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  json::array out;
  for (std::size_t i = 0; i < count; ++i) {
    const TestFile& file = log.collection.files[files[i].second];
    out.push_back(
        json::object{{"path", text(file.path)}, {"tests", file.items.size()}, {"duration", seconds(files[i].first)}});
  }
  return out;
}

json::object cleanup_object(const event::CleanupFinished& cleanup) {
  json::array steps;
  for (const auto& step : cleanup.steps) {
    steps.push_back(json::object{{"phase", step.phase},
                                 {"name", text(step.name)},
                                 {"how", step.how},
                                 {"started", seconds(step.at)},
                                 {"took", seconds(step.took)},
                                 {"error", step.error.empty() ? json::value(nullptr) : json::value(text(step.error))}});
  }
  return {{"reason", text(cleanup.reason)}, {"took", seconds(cleanup.took)}, {"steps", std::move(steps)}};
}

}  // namespace

std::string metrics_json(const RunLog& log) {
  const auto last = verdicts(log);
  const event::RunFigures& figures = log.finished.figures;
  // A skipped collector is no test, so these skips have a number of their own.
  const auto skips = std::count_if(log.collect_reports.begin(), log.collect_reports.end(),
                                   [](const auto& c) { return c.report.outcome == "skipped"; });
  const json::object document = {
      {"schema", "trun.metrics/1"},
      {"run_id", text(log.started.run_id)},
      {"started", log.started.unix_ms},
      {"exit_code", log.finished.exit_code},
      {"stop_reason", log.stop_reason.empty() ? json::value(nullptr) : json::value(text(log.stop_reason))},
      {"collect", text(log.started.collect)},
      {"lane", text(log.started.lane)},
      {"why", texts(log.started.why)},
      {"tests", tests_object(log, last)},
      {"collect_errors", collect_errors(log)},
      {"collect_skips", skips},
      {"warnings", log.warnings.size()},
      {"wall", seconds(figures.wall)},
      {"startup", seconds(figures.startup)},
      {"collection", seconds(figures.collection)},
      {"scheduling_idle", seconds(figures.scheduling_idle)},
      {"phases",
       {{"setup", seconds(figures.setup)}, {"call", seconds(figures.call)}, {"teardown", seconds(figures.teardown)}}},
      {"cleanup", cleanup_object(log.cleanup)},
      {"workers", workers_array(log)},
      {"recycled", recycled_object(log)},
      {"slowest_tests", slowest_tests(log, last)},
      {"slowest_files", slowest_files(log)}};
  return json::serialize(document) + "\n";
}

Status MetricsReporter::on_event(const RunEvent& event, const RunLog& log) {
  // The fold is complete with the last event only.
  if (!std::holds_alternative<event::RunFinished>(event)) return ok_status();
  return write_report_file(path_, metrics_json(log));
}

}  // namespace trun
