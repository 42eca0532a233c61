#include "reporters/run_log.h"

#include <algorithm>
#include <utility>

namespace trun {
namespace {

struct Fold {
  RunLog& log;

  void operator()(const event::RunStarted& e) const { log.started = e; }
  void operator()(event::CollectionFinished& e) const {
    // Moved: of a million tests there is one collection. Reporters and the engine read it in the log from now on.
    log.collection = std::move(e.collection);
    log.collect_reports = e.reports;
    log.collected_at = e.at;
    // One result a test is the rule; more attempts let the vector grow.
    log.results.reserve(log.collection.items.size());
  }
  void operator()(const event::TestFinished& e) const { log.results.push_back(e.result); }
  void operator()(const event::WorkerStarted& e) const { log.workers_started.push_back(e); }
  void operator()(const event::WorkerExited& e) const { log.workers_exited.push_back(e); }
  void operator()(const event::WorkerRecycled& e) const { ++log.recycled[e.cause]; }
  void operator()(const event::WarningRecorded& e) const { log.warnings.push_back(e); }
  void operator()(const event::Notice& e) const { log.notices.push_back(e); }
  void operator()(const event::PluginSummary& e) const {
    log.plugin_summary += e.text;
    for (const auto& [name, text] : e.parts) log.plugin_parts[name] += text;
  }
  void operator()(const event::SuiteProperty& e) const { log.suite_properties.emplace_back(e.name, e.value); }
  // The first reason is the true one: what follows is its consequence.
  void operator()(const event::RunStopped& e) const {
    if (log.stop_reason.empty()) log.stop_reason = e.reason;
  }
  void operator()(const event::CleanupFinished& e) const { log.cleanup = e; }
  void operator()(const event::RunFinished& e) const { log.finished = e; }
  // No report written at the end needs these four.
  void operator()(const event::OutputLine&) const {}
  void operator()(const event::ResourcesTaken&) const {}
  void operator()(const event::ResourcesReleased&) const {}
  void operator()(const event::Progress&) const {}
};

}  // namespace

void RunLog::fold(RunEvent& event) { std::visit(Fold{*this}, event); }

double wall_seconds(const RunLog& log) {
  // A run that ends before its figures are known has only the times of the events.
  const Duration told = log.finished.figures.wall;
  return std::max(0.0, seconds(told.count() > 0 ? told : log.finished.at - log.started.at));
}

}  // namespace trun
