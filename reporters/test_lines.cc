#include "reporters/test_lines.h"

#include <algorithm>

#include "reporters/ending.h"
#include "runner/base/invariant.h"

namespace trun {
namespace {

/// Stands in `current_` for "a finished line is open"; no path begins so.
constexpr std::string_view kOpenLine = "\n";
constexpr int kPercentWidth = 7;  // " [100%]"

// Plain passes come without a report (docs/architecture.md, two lanes). All of them are shown like this one.
const PhaseReport& plain_pass() {
  static const PhaseReport kPass = [] {
    PhaseReport report;
    report.when = "call";
    report.outcome = report.category = "passed";
    report.letter = ".";
    report.word = "PASSED";
    return report;
  }();
  return kPass;
}

Markup markup_of(const PhaseReport& report) {
  if (report.outcome == "passed") return {report.wasxfail ? Color::yellow : Color::green};
  if (report.outcome == "failed") return {Color::red};
  if (report.outcome == "skipped") return {Color::yellow};
  return {};
}

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
}

std::string right_aligned(std::string text, int width) {
  const int missing = width - static_cast<int>(text.size());
  return missing > 0 ? std::string(static_cast<std::size_t>(missing), ' ') + text : text;
}

}  // namespace

std::string_view skip_reason(const PhaseReport& report) {
  // pytest puts prefixes before the user's reason: "reason: " for xfail, "Skipped: " for skip; "Skipped" alone means
  // none was given.
  if (report.wasxfail) return without_prefix(*report.wasxfail, "reason: ");
  return report.skip_reason == "Skipped" ? std::string_view() : without_prefix(report.skip_reason, "Skipped: ");
}

TestLines::TestLines(const TerminalOptions& options, TerminalWriter& writer)
    : options_(options), writer_(writer), viewpoint_{options.rootdir, options.invocation_dir}, progress_([&] {
        // pytest's _determine_show_progress_info. With -s there is none, because output stands between the letters
        // (pytest's issue 3038).
        const std::string& style = options.console_output_style;
        if (style == "progress-even-when-capture-no") return Progress::percent;
        if (options.capture == "no" || style == "classic") return Progress::none;
        return style == "count" ? Progress::count : style == "times" ? Progress::times : Progress::percent;
      }()) {}

void TestLines::begin(const Collection& collection) {
  collection_ = &collection;
  collected_ = collection.items.size();
  is_reported_.assign(collected_, false);
  for (const TestFile& file : collection.files) file_left_.push_back(file.items.size());
}

void TestLines::add(const TestResult& result) {
  if (std::holds_alternative<outcome::NotRun>(result.outcome)) return;
  invariant(collection_ != nullptr, "CollectionFinished comes before the first TestFinished");
  const TestItem& item = collection_->items[result.item];
  if (!has_begun_ && options_.workers > 0 && options_.verbosity >= 0) writer_.line();
  has_begun_ = true;
  untold_ += result.total();
  // Counted down at the first result of a test: another attempt does not bring a file nearer to its end.
  is_file_done_ = item.file < file_left_.size() && !is_reported_[result.item] && --file_left_[item.file] == 0;
  // With workers the letters of all files come mixed on one line, so the form of xdist has no paths.
  if (options_.workers == 0 && options_.verbosity == 0) write_path(item.id);
  const auto made = made_report(item.id, result);
  if (result.reports.empty() && !made) return write_report(item.id, result, plain_pass());
  for (const PhaseReport& report : result.reports) {
    if (!is_overruled(result, report)) write_report(item.id, result, report);
  }
  if (made) write_report(item.id, result, *made);
}

void TestLines::write_report(const NodeId& id, const TestResult& result, const PhaseReport& report) {
  counts_.add(report.category);
  // Set-up and teardown that passed, for pytest. They count in their category, which is empty, and show nothing.
  if (report.letter.empty() && report.word.empty()) return;
  // The percentage counts tests, and a test may have several reports and attempts.
  if (!is_reported_[result.item]) {
    is_reported_[result.item] = true;
    ++reported_;
  }
  if (!is_verbose()) return write_letter(report);
  options_.workers == 0 ? write_own_line(id, report) : write_worker_line(id, result.slot, report);
}

void TestLines::write_letter(const PhaseReport& report) {
  writer_.write(report.letter, markup_of(report));
  // The last percentage belongs to finish(): pytest writes it when the loop is over, at the edge.
  if (progress_ != Progress::none && !is_last_item()) write_progress_if_past_edge();
}

void TestLines::write_own_line(const NodeId& id, const PhaseReport& report) {
  writer_.line();
  writer_.write(viewpoint_.node_id(id) + " ");
  writer_.write(report.word, markup_of(report));
  // pytest's currentfspath = -2: no path equals it, so whatever comes next begins a new line.
  current_ = kOpenLine;
  if (report.outcome == "skipped" || report.wasxfail) write_reason(report);
  if (progress_ != Progress::none) write_progress_to_edge();
}

void TestLines::write_worker_line(const NodeId& id, Slot slot, const PhaseReport& report) {
  ensure_newline();
  writer_.write("[" + worker_name(slot) + "]");
  if (progress_ != Progress::none) {
    writer_.write(progress_message() + " ", {Color::cyan});
  } else {
    writer_.write(" ");
  }
  writer_.write(report.word, markup_of(report));
  writer_.write(" " + viewpoint_.node_id(id) + " ");
  current_ = kOpenLine;
}

void TestLines::write_path(const NodeId& id) {
  const std::string_view path = node_path(id);
  if (current_ == path) return;
  // The line of the file before ends with its percentage, at the right edge.
  if (!current_.empty() && progress_ != Progress::none) write_progress_to_edge();
  current_ = path;
  writer_.line();
  writer_.write(viewpoint_.path(path) + " ");
}

void TestLines::write_reason(const PhaseReport& report) {
  const std::string_view reason = skip_reason(report);
  if (reason.empty()) return;
  // The reason must leave room for the percentage, and for the column that pytest keeps free.
  const int available = writer_.columns() - writer_.width() - kPercentWidth - 1;
  const auto text =
      options_.verbosity < 2 ? trimmed(" (", reason, ")", available) : std::optional(" (" + std::string(reason) + ")");
  // 8 is the margin of pytest's wrap_write, for the percentage.
  if (text) writer_.write(wrapped(*text, writer_.width(), writer_.columns() - 8));
}

void TestLines::write_progress_if_past_edge() {
  int length = kPercentWidth;
  // " [", "/" and "]" are 4 characters.
  if (progress_ == Progress::count) length = 4 + 2 * static_cast<int>(std::to_string(collected_).size());
  if (progress_ == Progress::times) length = 8;  // " 99h 59m"
  // The line is full once the next letter would leave no room for the progress.
  if (writer_.width() + length + 1 < writer_.columns()) return;
  writer_.write(progress_message() + "\n", {main_color()});
}

void TestLines::write_progress_to_edge() {
  writer_.write(right_aligned(progress_message(), writer_.columns() - writer_.width() - 1), {main_color()});
}

std::string TestLines::progress_message() {
  if (progress_ == Progress::times) return collected_ ? times_message() : std::string();
  if (progress_ == Progress::count) {
    const std::string all = std::to_string(collected_);
    if (collected_ == 0) return " [ 0 / 0 ]";
    return " [" + right_aligned(std::to_string(reported_), static_cast<int>(all.size())) + "/" + all + "]";
  }
  if (collected_ == 0) return " [100%]";
  return " [" + right_aligned(std::to_string(reported_ * 100 / collected_), 3) + "%]";
}

/// The time of a test with -v, of the tests since the last message once a file is complete.
std::string TestLines::times_message() {
  if (!is_verbose() && !is_file_done_) return {};
  return node_duration(std::max(0.0, seconds(std::exchange(untold_, Duration(0)))));
}

void TestLines::finish(bool stopped) {
  // After -x or an interruption pytest leaves the loop by an exception and does not come to this. With -v each line has
  // had its percentage.
  if (stopped || is_verbose() || progress_ == Progress::none || reported_ == 0) return;
  write_progress_to_edge();
}

void TestLines::ensure_newline() {
  if (current_.empty()) return;
  writer_.line();
  current_.clear();
}

void TestLines::interrupted() { current_.clear(); }

}  // namespace trun
