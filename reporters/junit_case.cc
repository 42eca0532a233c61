#include "reporters/junit_case.h"

#include <algorithm>

#include "reporters/ending.h"
#include "reporters/node_name.h"
#include "reporters/test_lines.h"
#include "reporters/xml_text.h"

namespace trun {
namespace {

std::string_view stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1);
}

/// "tests/unit/test_a.py" -> "tests.unit.test_a".
void append_dotted(std::string& out, std::string_view path) {
  if (path.size() > 3 && path.substr(path.size() - 3) == ".py") path.remove_suffix(3);
  for (const char c : path) out += c == '/' ? '.' : c;
}

/// The crash message, or the whole text where pytest has none.
std::string_view reason_of(const PhaseReport& report) {
  if (!report.crash_message.empty() || !report.crash_path.empty()) return report.crash_message;
  return stripped(report.longrepr);
}

std::string message_of(const PhaseReport& report) {
  const std::string reason(reason_of(report));
  // As pytest's append_error puts it.
  if (report.when == "setup") return short_message("failed on setup with \"" + reason + "\"");
  if (report.when == "teardown") return short_message("failed on teardown with \"" + reason + "\"");
  return short_message(reason);
}

std::string type_of(const PhaseReport& report, std::string_view tag) {
  if (!report.exception_type.empty()) return report.exception_type;
  return std::string(tag);
}

bool is_fixture_phase(const PhaseReport& report) { return report.when == "setup" || report.when == "teardown"; }

// A failed report with `wasxfail` is a strict xpass or an xfail in pytest's file: skipped, not failed.
bool is_failure(const PhaseReport& report) { return report.outcome == "failed" && !report.wasxfail; }

/// What trun has to say of a failure; pytest's own and those of plugins are elsewhere, or not in the file.
bool is_of_trun(std::string_view section) {
  return section == "trun" || section.substr(0, 22) == "Last lines of service ";
}

/// Call failures before set-up and teardown errors: the former decide. All of them are in the text.
JunitVerdict failed_verdict(const std::vector<const PhaseReport*>& failures) {
  const auto call = std::find_if(failures.begin(), failures.end(), [](auto* r) { return !is_fixture_phase(*r); });
  // The call decides as in outcome_of(): "failure" if it failed, "error" if only a fixture did.
  const PhaseReport& first = call == failures.end() ? *failures.front() : **call;
  JunitVerdict verdict;
  verdict.tag = call == failures.end() ? "error" : "failure";
  verdict.message = message_of(first);
  verdict.type = type_of(first, verdict.tag);
  verdict.text = stripped(first.longrepr);
  for (const PhaseReport* report : failures) {
    if (report == &first) continue;
    const std::string title = is_fixture_phase(*report) ? report->when
                              : report->subtest.empty() ? "test"
                                                        : report->subtest;
    verdict.text.append("\n\n---- ").append(title).append(" ----\n").append(stripped(report->longrepr));
  }
  for (const PhaseReport* report : failures) {
    for (const auto& [title, text] : report->sections) {
      if (is_of_trun(title)) verdict.text.append("\n\n---- " + title + " ----\n").append(stripped(text));
    }
  }
  return verdict;
}

JunitVerdict skipped_verdict(const PhaseReport& report) {
  // The terminal shows no reason where there is none; pytest's file says "Skipped".
  const bool says_nothing = !report.wasxfail && report.skip_reason == "Skipped";
  const std::string reason(says_nothing ? report.skip_reason : skip_reason(report));
  if (report.wasxfail) {
    if (report.outcome == "failed") return {"skipped", "xfail-marked test passes unexpectedly", "pytest.xfail", ""};
    return {"skipped", reason, "pytest.xfail", ""};
  }
  const std::string place = report.skip_line > 0 ? ":" + std::to_string(report.skip_line) : "";
  return {"skipped", reason, "pytest.skip", report.skip_path + place + ": " + reason};
}

JunitVerdict ending_verdict(const TestResult& result, const std::vector<const PhaseReport*>& failures) {
  JunitVerdict verdict{"error", outcome_reason(result.outcome), std::string(ending_type(result.outcome)), ""};
  verdict.text = verdict.message;
  for (const PhaseReport* report : failures) {
    verdict.text.append("\n\n---- ").append(report->when).append(" ----\n").append(stripped(report->longrepr));
  }
  for (const auto& [title, text] : result.remarks->evidence)
    verdict.text.append("\n\n---- " + title + " ----\n").append(text);
  if (!result.remarks->last_words.empty()) {
    verdict.text.append("\n\n---- last output of ").append(worker_name(result.slot)).append(" ----\n");
    verdict.text += result.remarks->last_words;
  }
  return verdict;
}

JunitVerdict verdict_of(const TestResult& result) {
  std::vector<const PhaseReport*> failures;
  const PhaseReport* skip = nullptr;
  // The first rule that fits decides: an ending of trun's, a failure, a report that trun made for want of one, a skip;
  // a test with none of these passed.
  for (const PhaseReport& report : result.reports) {
    if (is_failure(report)) failures.push_back(&report);
    // A skipped subtest does not make the test a skipped one.
    if (report.subtest.empty() && (report.outcome == "skipped" || (report.wasxfail && report.outcome == "failed"))) {
      skip = &report;
    }
  }
  // The failures that pytest still reported before the end stay in the text.
  if (is_ending(result.outcome)) return ending_verdict(result, failures);
  const auto made = made_report({}, result);
  if (made && is_failure(*made)) failures.push_back(&*made);
  if (!failures.empty()) return failed_verdict(failures);
  if (made && made->outcome == "skipped") return skipped_verdict(*made);
  return skip ? skipped_verdict(*skip) : JunitVerdict();
}

void set_subtests(JunitCase& out, const TestResult& result) {
  const auto is_subtest = [](const PhaseReport& report) { return !report.subtest.empty(); };
  if (std::none_of(result.reports.begin(), result.reports.end(), is_subtest)) return;
  // pytest counts the test itself and each of its subtests. The own verdict is that of the reports that are no
  // subtest's.
  TestResult own = result;
  std::erase_if(own.reports, is_subtest);
  out.counted = {verdict_of(own).tag};
  for (const PhaseReport& report : result.reports) {
    if (!is_subtest(report)) continue;
    const bool skipped = report.outcome == "skipped" || (report.wasxfail && report.outcome == "failed");
    if (skipped) out.skips.push_back(skipped_verdict(report));
    out.counted.emplace_back(skipped ? "skipped" : is_failure(report) ? "failure" : "");
  }
}

/// Sections of one kind. The last report of a test has those of all phases; subtests have their own.
std::string captured(const TestResult& result, std::string_view kind) {
  std::string text;
  const auto append = [&](const PhaseReport& report) {
    for (const auto& [title, content] : report.sections) {
      if (title.compare(0, kind.size(), kind) == 0) text += content;
    }
  };
  // pytest gives each report of a test the sections captured so far, so only the last one has them all. Adding them up
  // would repeat them.
  const PhaseReport* last = nullptr;
  for (const PhaseReport& report : result.reports) {
    report.subtest.empty() ? void(last = &report) : append(report);
  }
  if (last) append(*last);
  return text;
}

/// pytest's block: a title centred in 80 dashes, then the text. Nothing for no text.
std::string block(std::string_view title, const std::string& text) {
  if (text.empty()) return {};
  const std::size_t dashes = 80 - title.size();
  const std::size_t left = dashes / 2;
  return std::string(left, '-').append(title).append(std::string(dashes - left, '-')) + "\n" + text + "\n";
}

void set_output(JunitCase& out, const TestResult& result, const JunitOptions& options) {
  const std::string& logging = options.logging;
  if (logging == "no" || (!options.log_passing_tests && out.verdict.tag.empty())) return;
  // pytest's write_captured_output: the log goes into system-out, before the output.
  const bool all = logging == "all";
  if (all || logging == "log") out.system_out = block(" Captured Log ", captured(result, "Captured log"));
  if (all || logging == "system-out" || logging == "out-err") {
    out.system_out += block(" Captured Out ", captured(result, "Captured stdout"));
  }
  if (all || logging == "system-err" || logging == "out-err") {
    out.system_err = block(" Captured Err ", captured(result, "Captured stderr"));
  }
}

/// record_property's values travel with every report made after them: the last has all.
void set_properties(JunitCase& out, const TestResult& result) {
  out.properties.emplace_back("trun.worker", worker_name(result.slot));
  if (result.attempt > 1) out.properties.emplace_back("trun.attempt", std::to_string(result.attempt));
  for (auto report = result.reports.rbegin(); report != result.reports.rend(); ++report) {
    if (report->user_properties.empty()) continue;
    out.properties.insert(out.properties.end(), report->user_properties.begin(), report->user_properties.end());
    return;
  }
}

/// As in pytest's file: of the schema xunit2 only the names can be changed. What it has no place for becomes a
/// property.
void set_attributes(JunitCase& out, const TestResult& result, const JunitOptions& options) {
  for (const PhaseReport& report : result.reports) {
    for (const auto& [name, value] : report.xml_attributes) {
      if (name == "classname" || name == "name") {
        (name == "name" ? out.name : out.classname) = value;
      } else {
        (has_location(options) && is_xml_name(name) ? out.attributes : out.properties).emplace_back(name, value);
      }
    }
  }
}

}  // namespace

bool has_location(const JunitOptions& options) { return options.family == "xunit1" || options.family == "legacy"; }

// A node without names is named by its path twice: readers drop a testcase without classname. So do names of which
// nothing is left in XML.
void set_names(JunitNames& out, std::string_view node_id, const JunitOptions& options) {
  const NodeName name = parse_node_id(node_id);
  out.file = name.path;
  out.classname = options.prefix;
  if (!options.prefix.empty()) out.classname += '.';
  append_dotted(out.classname, name.path);
  for (std::size_t i = 0; i + 1 < name.names.size(); ++i) out.classname.append(".").append(name.names[i]);
  out.name.clear();
  name.names.empty() ? append_dotted(out.name, name.path)
                     : void(out.name.append(name.names.back()).append(name.params));
  if (!out.name.empty() && is_empty_in_xml(out.name)) out.name = "(unnamed)";
  if (is_empty_in_xml(out.classname)) out.classname = "session";
}

Duration time_of(const TestResult& result, const JunitOptions& options) {
  // junit_duration_report: "call" leaves fixtures out.
  return std::max(Duration(0), options.duration_report == "call" ? result.call : result.total());
}

bool is_plain_pass(const TestResult& result) {
  return std::holds_alternative<outcome::Passed>(result.outcome) && result.attempt == 1 && result.reports.empty();
}

JunitCase junit_case(const TestItem& item, const std::vector<const TestResult*>& attempts,
                     const JunitOptions& options) {
  const TestResult& result = *attempts.back();
  JunitCase out;
  set_names(out, item.id, options);
  out.line = item.line;
  out.seconds = seconds(time_of(result, options));
  out.verdict = verdict_of(result);
  out.counted = {out.verdict.tag};
  set_subtests(out, result);
  for (std::size_t i = 0; i + 1 < attempts.size(); ++i) {
    JunitVerdict earlier = verdict_of(*attempts[i]);
    // Surefire has elements for attempts that failed, and for no others.
    if (earlier.tag == "failure" || earlier.tag == "error") out.reruns.push_back(std::move(earlier));
  }
  set_properties(out, result);
  set_attributes(out, result, options);
  set_output(out, result, options);
  return out;
}

JunitCase junit_case(const event::CollectReport& collected, const JunitOptions& options) {
  const PhaseReport& report = collected.report;
  JunitCase out;
  set_names(out, collected.node_id, options);
  out.seconds = std::max(0.0, seconds(report.duration));
  if (report.outcome == "failed") {
    out.verdict = {"error", "collection failure", type_of(report, "error"), std::string(stripped(report.longrepr))};
  } else {
    out.verdict = skipped_verdict(report);
    out.verdict.message = "collection skipped";
  }
  out.counted = {out.verdict.tag};
  return out;
}

}  // namespace trun
