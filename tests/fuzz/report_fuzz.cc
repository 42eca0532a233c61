// A run whose tests said what nobody expected, in every report: JUnit and JSON are read back by the parsers of others.
// The first line has the letters of options, the second a node id, the third a word, the fourth a message; the text
// follows.
#include <algorithm>
#include <boost/json.hpp>
#include <pugixml.hpp>

#include "reporters/event_log.h"
#include "reporters/junit.h"
#include "reporters/metrics.h"
#include "reporters/node_name.h"
#include "reporters/terminal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/xml_characters.h"
#include "tests/unit/reporters/events.h"

namespace trun {
namespace {

struct Said {
  std::string options, node_id, word, message, text;
  bool has(char option) const { return options.find(option) != std::string::npos; }
};

PhaseReport odd_report(const Said& said, std::string when, std::string outcome) {
  PhaseReport report = phase(std::move(when), std::move(outcome), said.has('c') ? said.word : "failed", "F", said.word);
  report.longrepr = report.longrepr_color = said.text;
  report.head_line = report.exception_type = said.word;
  report.crash_path = said.has('p') ? said.message : "";
  report.crash_message = report.skip_reason = said.message;
  report.skip_path = said.node_id;
  if (said.has('x')) report.wasxfail = said.message;
  if (said.has('s')) report.subtest = said.word;
  report.sections = {{"Captured stdout call", said.text}, {said.word, said.message}};
  report.user_properties = {{said.word, said.text}, {said.word, said.message}};
  return report;
}

std::vector<RunEvent> run_of(const Said& said) {
  std::vector<RunEvent> events{run_started()};
  events.emplace_back(collected(
      {said.node_id, "t.py::b", said.node_id}, 1,
      {{said.node_id, odd_report(said, "collect", "failed")}, {said.word, odd_report(said, "collect", "skipped")}}));
  events.emplace_back(event::WorkerStarted{0, 7, at(0.1)});
  events.emplace_back(event::OutputLine{0, event::OutputLine::Stream::err, said.message});
  events.emplace_back(reported(0, {odd_report(said, "setup", "skipped"), odd_report(said, "call", "failed"),
                                   odd_report(said, said.word, said.word)}));
  events.emplace_back(event::WarningRecorded{said.word, said.node_id, said.text, said.word, said.message, 3});
  events.emplace_back(ended(1, outcome::WorkerLost{said.message}, said.text));
  events.emplace_back(reported(2, {odd_report(said, "call", "passed")}));
  events.emplace_back(event::Notice{event::Notice::Level::error, said.text});
  events.emplace_back(event::SuiteProperty{said.word, said.text});
  events.emplace_back(event::Progress{at(1), {{0, 0, Phase::call, at(0.5)}}, {}});
  events.emplace_back(event::WorkerExited{0, 7, said.message, 1, Duration(1), at(2)});
  events.emplace_back(event::WorkerRecycled{0, event::WorkerRecycled::Cause::leak, said.message, at(2)});
  if (said.has('i')) events.emplace_back(event::RunStopped{said.message});
  events.emplace_back(event::CleanupFinished{
      said.message, after(0.1), {{"workers", said.text, "done", after(0), after(0.1), said.word}}});
  events.emplace_back(run_finished(3));
  return events;
}

JunitOptions junit_options(const Said& said) {
  JunitOptions options;
  options.family = said.has('1') ? "xunit1" : "xunit2";
  options.logging = said.has('a') ? "all" : "no";
  options.suite_name = options.hostname = said.word;
  if (said.has('P')) options.prefix = said.message;
  return options;
}

/// pytest's totals count each subtest beside its test.
std::ptrdiff_t subtests(const RunLog& log) {
  std::ptrdiff_t count = 0;
  for (const TestResult& result : log.results) {
    count += std::count_if(result.reports.begin(), result.reports.end(), [](auto& r) { return !r.subtest.empty(); });
  }
  return count;
}

/// Whether an item is called nothing, which pytest lets it be.
bool is_nameless(std::string_view node_id) {
  const NodeName name = parse_node_id(node_id);
  return name.names.empty() ? name.path.empty() : name.names.back().empty() && name.params.empty();
}

void check_junit(const RunLog& log, const JunitOptions& options) {
  const std::string text = junit_xml(log, options);
  require(is_xml_text(text), "JUnit has nothing that XML forbids");
  require(text.find("]]>") == std::string::npos, "no section is closed that was never open");
  pugi::xml_document document;
  const auto result = document.load_buffer(text.data(), text.size(), pugi::parse_full);
  require(result, result.description());
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  const auto tests = suite.children("testcase");
  require(suite.attribute("tests").as_int() == std::distance(tests.begin(), tests.end()) + subtests(log),
          "JUnit's tests add up");
  const bool nameless =
      std::any_of(log.collection.items.begin(), log.collection.items.end(),
                  [](const TestItem& item) { return is_nameless(item.id); }) ||
      std::any_of(log.collect_reports.begin(), log.collect_reports.end(),
                  [](const event::CollectReport& collected) { return is_nameless(collected.node_id); });
  for (const pugi::xml_node& test : tests) {
    require(*test.attribute("classname").value(), "a test is found under something");
    require(nameless || *test.attribute("name").value(), "a test has a name");
    require(test.attribute("time").as_double(-1) >= 0, "a test takes its time");
  }
}

bool is_json_line(const std::string& line) {
  boost::system::error_code error;
  return boost::json::parse(line, error).is_object() && !error && line.find('\n') == line.size() - 1;
}

void check_events(const std::vector<RunEvent>& events) {
  EventLog log([](std::string_view lines) {
    for (FuzzInput parts(lines); !parts.empty();)
      require(is_json_line(parts.line() + "\n"), "an event is a line of JSON");
    return ok_status();
  });
  RunLog run;
  for (RunEvent event : events) {
    run.fold(event);
    require(log.on_event(event, run).ok(), "events are logged");
  }
}

void check_terminal(const Said& said, const std::vector<RunEvent>& events) {
  TerminalOptions options;
  options.verbosity = said.has('q') ? -1 : said.has('v') ? 1 : said.has('V') ? 2 : 0;
  options.reportchars = "A";
  options.durations = 0;
  options.is_tty = said.has('t');
  options.color = said.has('t');
  options.columns = said.has('n') ? 10 : 80;
  options.workers = said.has('0') ? 0 : 2;
  options.rootdir = "/r";
  if (said.has('d')) options.invocation_dir = "/r/" + said.word;
  std::size_t written = 0;
  TerminalReporter terminal(options, [&](std::string_view text) {
    written += text.size();
    return ok_status();
  });
  RunLog log;
  for (RunEvent event : events) {
    log.fold(event);
    require(terminal.on_event(event, log).ok(), "a terminal takes everything");
  }
  require(written > 0, "a person is told something");
}

}  // namespace

void fuzz(std::string_view input) {
  FuzzInput parts(input);
  Said said{parts.line(), parts.line(), parts.line(), parts.line(), std::string(parts.rest())};
  const std::vector<RunEvent> events = run_of(said);
  RunLog log;
  for (RunEvent event : events) log.fold(event);
  check_junit(log, junit_options(said));
  require(is_json_line(metrics_json(log)), "metrics are JSON");
  check_events(events);
  check_terminal(said, events);
}

}  // namespace trun
