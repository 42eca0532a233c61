#include "reporters/junit.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <pugixml.hpp>

#include "reporters/junit_case.h"
#include "reporters/report_file.h"
#include "reporters/text.h"
#include "reporters/xml_text.h"

namespace trun {
namespace {

/// Readers refuse files over 30 MB: past the first budget texts are short, past the second they are dropped.
constexpr std::size_t kTextBudget = 16 << 20, kShortTextBudget = 20 << 20;
constexpr std::size_t kShortText = 1024;

struct Totals {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

struct StringWriter : pugi::xml_writer {
  explicit StringWriter(std::string& into) : text(into) {}
  std::string& text;
  void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
};

/// The document as text. Each element of the suite is written as soon as it is complete: a tree of a million would take
/// many times the text's memory.
class JunitDocument {
 public:
  /// Of about so many tests.
  JunitDocument(const JunitOptions& options, std::size_t tests)
      : options_(options), has_location_(has_location(options)) {
    body_.reserve(kHeader + tests * kLikelyBytes);  // costs no memory before it is written to
  }

  void add_suite_properties(const std::vector<std::pair<std::string, std::string>>& properties) {
    add_properties(suite_, properties);
    write_out();
  }

  void add_properties(pugi::xml_node node, const std::vector<std::pair<std::string, std::string>>& properties) {
    if (properties.empty()) return;
    auto list = node.append_child("properties");
    for (const auto& [name, value] : properties) {
      auto property = list.append_child("property");
      property.append_attribute("name") = capped_name(name).c_str();
      property.append_attribute("value") = capped_text(value, text_limit()).c_str();
    }
  }

  // The order of pytest's to_xml: properties first, then what happened, captured output last.
  void add(const JunitCase& test) {
    for (const std::string& tag : test.counted) count(tag);
    auto node = suite_.append_child("testcase");
    node.append_attribute("classname") = capped_name(test.classname).c_str();
    node.append_attribute("name") = capped_name(test.name).c_str();
    if (has_location_) {
      node.append_attribute("file") = capped_name(test.file).c_str();
      if (test.line >= 0) node.append_attribute("line") = test.line;
    }
    for (const auto& [name, value] : test.attributes) set_attribute(node, name, value);
    node.append_attribute("time") = fixed(test.seconds, 3).c_str();
    add_properties(node, test.properties);
    add_verdicts(node, test);
    if (!test.system_out.empty()) add_text(node.append_child("system-out"), test.system_out);
    if (!test.system_err.empty()) add_text(node.append_child("system-err"), test.system_err);
    write_out();
  }

  /// What add() would write of a test that has nothing to say but that it passed: a tree for each of a million takes
  /// longer than all else that the report does.
  void add_plain_pass(const TestItem& item, const TestResult& result) {
    set_names(names_, item.id, options_);
    if (has_location_ || text_limit() == 0 || !is_short(names_.classname) || !is_short(names_.name)) {
      return add(junit_case(item, {&result}, options_));
    }
    count("");
    const auto append = [this](std::initializer_list<std::string_view> parts) {
      for (const std::string_view part : parts) body_ += part;
    };
    append({R"(<testcase classname=")", names_.classname, R"(" name=")", names_.name, R"(" time=")"});
    // Rounded, as printf does it for the others.
    const Duration rounded = time_of(result, options_) + std::chrono::microseconds(500);
    append_decimal(body_, static_cast<unsigned long long>(rounded / std::chrono::milliseconds(1)), 3);
    append({R"("><properties><property name="trun.worker" value=")", worker_name(result.slot),
            R"("/></properties></testcase>)"});
  }

  std::string finish(const RunLog& log);

 private:
  static constexpr std::size_t kHeader = 4096, kLikelyBytes = 256;

  /// What is in the suite goes to the text.
  void write_out() {
    StringWriter writer(body_);
    // format_raw adds no whitespace of its own between elements and texts.
    for (const pugi::xml_node& child : suite_) child.print(writer, "", pugi::format_raw, pugi::encoding_utf8);
    suite_.remove_children();
  }

  /// Short, and of characters that stand for themselves.
  static bool is_short(std::string_view text) {
    constexpr std::size_t kShort = 256;
    return text.size() <= kShort && is_itself_in_xml(text);
  }

  void count(std::string_view tag) {
    ++totals_.tests;
    if (tag == "failure") ++totals_.failures;
    if (tag == "error") ++totals_.errors;
    if (tag == "skipped") ++totals_.skipped;
  }

  // So the first failures keep their whole texts, and a run in which everything fails still gives a file that readers
  // take.
  std::size_t text_limit() const {
    return written_ < kTextBudget ? kTextLimit : written_ < kShortTextBudget ? kShortText : 0;
  }

  void add_text(pugi::xml_node node, std::string_view text) {
    const std::string capped =
        text_limit() ? capped_text(text, text_limit()) : "[left out: the file would be too large]";
    written_ += escaped_size(capped);
    node.text() = capped.c_str();
  }

  /// In Surefire's order: failure, rerunFailure, flakyFailure, skipped, error, rerunError, flakyError.
  void add_verdicts(pugi::xml_node node, const JunitCase& test) {
    // Surefire's words: earlier failures are reruns where the test failed in the end too, and flaky where it did not.
    const std::string kind = test.verdict.tag == "failure" || test.verdict.tag == "error" ? "rerun" : "flaky";
    if (test.verdict.tag == "failure") add_verdict(node, test.verdict);
    add_reruns(node, test, "failure", kind + "Failure");
    for (const JunitVerdict& skip : test.skips) add_verdict(node, skip);
    if (test.verdict.tag == "skipped" || test.verdict.tag == "error") add_verdict(node, test.verdict);
    add_reruns(node, test, "error", kind + "Error");
  }

  void add_verdict(pugi::xml_node node, const JunitVerdict& verdict) {
    auto element = node.append_child(verdict.tag.c_str());
    set_attributes(element, verdict);
    if (!verdict.text.empty()) add_text(element, verdict.text);
  }

  void add_reruns(pugi::xml_node node, const JunitCase& test, std::string_view tag, const std::string& name) {
    for (const JunitVerdict& rerun : test.reruns) {
      if (rerun.tag != tag) continue;
      auto element = node.append_child(name.c_str());
      set_attributes(element, rerun);
      add_text(element.append_child("stackTrace"), rerun.text);
    }
  }

  /// A test's own, which may stand in the place of ours.
  void set_attribute(pugi::xml_node node, const std::string& name, const std::string& value) {
    pugi::xml_attribute attribute = node.attribute(name.c_str());
    if (!attribute) attribute = node.append_attribute(name.c_str());
    attribute = capped_text(value, text_limit()).c_str();
  }

  void set_attributes(pugi::xml_node element, const JunitVerdict& verdict) {
    if (!verdict.type.empty()) element.append_attribute("type") = capped_name(verdict.type).c_str();
    const std::string message = capped_text(verdict.message, 4096);
    written_ += escaped_size(message);
    element.append_attribute("message") = message.c_str();
  }

  void set_totals(pugi::xml_node node, const std::string& name, const std::string& time) {
    node.append_attribute("name") = capped_name(name.empty() ? "pytest" : name).c_str();
    node.append_attribute("errors") = totals_.errors;
    node.append_attribute("failures") = totals_.failures;
    node.append_attribute("skipped") = totals_.skipped;
    node.append_attribute("tests") = totals_.tests;
    node.append_attribute("time") = time.c_str();
  }

  const JunitOptions& options_;
  const bool has_location_;
  pugi::xml_document document_;
  pugi::xml_node suite_ = document_.append_child("testsuite");
  std::string body_;
  JunitNames names_;  ///< of the last plain pass: its memory serves the next
  Totals totals_;
  std::size_t written_ = 0;  ///< bytes of text so far
};

/// ISO 8601 in UTC, as pytest writes it: "2024-01-31T12:00:00.123000+00:00".
std::string timestamp(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03d000+00:00", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return buffer;
}

/// The writer escapes ">" in text only. There are no CDATA sections, so what is left stands in attributes, where it is
/// legal but not every reader knows that.
std::string without_cdata_ends(std::string text) {
  for (std::size_t at = 0; (at = text.find("]]>", at)) != std::string::npos;) text.replace(at, 3, "]]&gt;");
  return text;
}

std::string JunitDocument::finish(const RunLog& log) {
  const std::string time = fixed(wall_seconds(log), 3);
  // The totals stand in the opening tags and are known only now. So the frame is written last, around an empty suite,
  // and its closing tags are cut off: the elements, which are text already, go in between. A self-closing <testsuite/>
  // would leave nothing to cut, hence format_no_empty_element_tags.
  pugi::xml_document frame;
  auto declaration = frame.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "utf-8";
  auto suites = frame.append_child("testsuites");
  set_totals(suites, "pytest tests", time);
  auto suite = suites.append_child("testsuite");
  set_totals(suite, options_.suite_name, time);
  suite.append_attribute("timestamp") = timestamp(log.started.unix_ms).c_str();
  suite.append_attribute("hostname") = capped_name(options_.hostname).c_str();
  std::string head;
  StringWriter writer(head);
  frame.save(writer, "", pugi::format_raw | pugi::format_no_empty_element_tags, pugi::encoding_utf8);
  constexpr std::string_view kEnd = "</testsuite></testsuites>";
  head.resize(head.size() - kEnd.size());
  body_.insert(0, head);
  body_.append(kEnd).append("\n");
  return without_cdata_ends(std::move(body_));
}

/// What was never begun because the run was stopped is nobody's result.
bool is_left_out(const RunLog& log, const TestResult& result) {
  return std::holds_alternative<outcome::NotRun>(result.outcome) && !log.stop_reason.empty() &&
         result.started == TimePoint();
}

/// Indices of results by item, in collection order; several attempts in the order they finished.
std::vector<std::uint32_t> by_item(const RunLog& log) {
  std::vector<std::uint32_t> order;
  order.reserve(log.results.size());
  for (std::uint32_t i = 0; i < log.results.size(); ++i) {
    if (!is_left_out(log, log.results[i])) order.push_back(i);
  }
  // Tests finish in any order. A stable sort keeps the attempts of one test in the order in which they were made, and
  // side by side.
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return log.results[a].item < log.results[b].item; });
  return order;
}

JunitCase internal_error_case(const RunLog& log) {
  JunitCase out;
  out.classname = "trun";
  out.name = "internal";
  out.verdict = {"error", "internal error", "error", ""};
  out.counted = {out.verdict.tag};
  for (const event::Notice& notice : log.notices) {
    if (notice.level == event::Notice::Level::error) out.verdict.text += notice.text + "\n";
  }
  return out;
}

}  // namespace

std::string junit_xml(const RunLog& log, const JunitOptions& options) {
  JunitDocument document(options, log.results.size());
  auto properties = log.suite_properties;
  properties.emplace_back("trun.run_id", log.started.run_id);
  properties.emplace_back("trun.workers", std::to_string(log.started.workers));
  document.add_suite_properties(properties);
  // Collection errors and skips come first, as in pytest, which collects before it runs.
  for (const event::CollectReport& collected : log.collect_reports) document.add(junit_case(collected, options));
  std::vector<const TestResult*> attempts;
  const std::vector<std::uint32_t> order = by_item(log);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const TestResult& result = log.results[order[i]];
    attempts.push_back(&result);
    // An earlier attempt: the testcase is written with the last one, which has the verdict.
    if (i + 1 < order.size() && log.results[order[i + 1]].item == result.item) continue;
    const TestItem& item = log.collection.items[result.item];
    if (attempts.size() == 1 && is_plain_pass(result)) {
      document.add_plain_pass(item, result);
    } else {
      document.add(junit_case(item, attempts, options));
    }
    attempts.clear();
  }
  // An internal error belongs to no test, and readers of JUnit files must see that the run went wrong.
  if (log.finished.exit_code == 3) document.add(internal_error_case(log));
  return document.finish(log);
}

Status JunitReporter::on_event(const RunEvent& event, const RunLog& log) {
  // The fold is complete with the last event only.
  if (!std::holds_alternative<event::RunFinished>(event) || path_.empty()) return ok_status();
  return write_report_file(path_, junit_xml(log, options_));
}

}  // namespace trun
