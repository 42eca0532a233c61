#include "runner/reporting/reports.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "reporters/event_log.h"
#include "reporters/metrics.h"
#include "reporters/report_file.h"
#include "runner/base/guarded.h"
#include "runner/kernel/fd.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/wake_up.h"

namespace trun {
namespace {

constexpr const char* kGaveUp = "gave up, nobody takes what is written (--stall-limit)";

Status write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      // A pipe that its maker has made non-blocking. An interruption is seen by the next round.
      pollfd entry{fd, POLLOUT, 0};
      (void)::poll(&entry, 1, -1);
      if (woken()) return internal_error(kGaveUp);
    } else if (errno == EINTR && woken()) {
      // The guardian has called the engine out of this call: the log is on a disk or a pipe that takes nothing. Any
      // other interruption is tried again.
      return internal_error(kGaveUp);
    } else if (errno != EINTR) {
      return internal_error(std::string("cannot write: ") + std::strerror(errno));
    }
  }
  return ok_status();
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

TerminalOptions terminal_options(const Configured& pytest, unsigned workers, const std::string& junit_path) {
  const PytestOptions& from = pytest.options;
  TerminalOptions to;
  to.verbosity = from.verbose;
  to.reportchars = from.reportchars;
  to.tbstyle = from.tbstyle;
  to.xfail_tb = from.xfail_tb;
  to.durations = from.durations;
  to.durations_min = from.durations_min;
  to.showcapture = from.showcapture;
  to.capture = from.capture;
  to.console_output_style = pytest.ini.console_output_style;
  to.max_warnings = from.max_warnings;
  to.no_terminal = from.no_terminal;
  to.no_header = from.no_header;
  to.no_summary = from.no_summary;
  to.disable_warnings = from.disable_warnings;
  to.fold_skipped = from.fold_skipped;
  to.force_short_summary = from.force_short_summary;
  // pytest's running_on_ci.
  to.ci = is_set("CI") || is_set("BUILD_NUMBER");
  to.color = wants_color(from.color, STDOUT_FILENO);
  to.is_tty = posix::is_terminal(STDOUT_FILENO);
  to.columns = terminal_width();
  to.workers = workers;
  to.rootdir = pytest.rootdir;
  to.invocation_dir = pytest.invocation_dir;
  to.junit_path = junit_path;
  return to;
}

JunitOptions junit_options(const Configured& pytest) {
  JunitOptions to;
  if (!pytest.ini.junit_suite_name.empty()) to.suite_name = pytest.ini.junit_suite_name;
  if (!pytest.ini.junit_family.empty()) to.family = pytest.ini.junit_family;
  if (!pytest.ini.junit_logging.empty()) to.logging = pytest.ini.junit_logging;
  if (!pytest.ini.junit_duration_report.empty()) to.duration_report = pytest.ini.junit_duration_report;
  to.log_passing_tests = pytest.ini.junit_log_passing_tests;
  to.prefix = pytest.options.junitprefix;
  char host[256] = "";
  // A name that is cut off need not end in a zero byte (gethostname(2)); the last byte stays one.
  if (::gethostname(host, sizeof host - 1) == 0) to.hostname = host;
  return to;
}

}  // namespace

bool wants_color(const std::string& option, int fd) {
  if (option == "yes") return true;
  if (option == "no") return false;
  // The order is that of pytest's should_do_markup.
  if (const char* py = std::getenv("PY_COLORS")) {
    if (std::string_view(py) == "1") return true;
    if (std::string_view(py) == "0") return false;
  }
  if (is_set("NO_COLOR")) return false;
  if (is_set("FORCE_COLOR")) return true;
  const char* term = std::getenv("TERM");
  return posix::is_terminal(fd) && !(term && std::string_view(term) == "dumb");
}

int terminal_width() {
  // shutil.get_terminal_size(), which pytest asks, lets COLUMNS count before the terminal.
  if (const char* columns = std::getenv("COLUMNS")) {
    const int width = std::atoi(columns);
    if (width > 0) return width;
  }
  return posix::terminal_columns(STDOUT_FILENO).value_or(80);
}

Reports::Reports() : out_(STDOUT_FILENO), err_(STDERR_FILENO) {}

Status Reports::open(const Config& config, const Configured& pytest, unsigned workers, bool quiet, GuardianPage& page) {
  page_ = &page;
  workers_ = workers;
  junit_path_ = config.junitxml;
  if (junit_path_.empty() && pytest.options.xmlpath && !quiet) junit_path_ = *pytest.options.xmlpath;
  if (!quiet) {
    auto terminal = std::make_unique<TerminalReporter>(
        terminal_options(pytest, workers, junit_path_), [this](std::string_view text) { return out_.write(text); },
        [this](std::string_view text) { return err_.write(text); });
    terminal_ = terminal.get();
    add(std::move(terminal));
  }
  // Tried before the run: a directory that cannot be written to must not show after an hour.
  if (!junit_path_.empty()) TRUN_CHECK(try_report_file(junit_path_));
  // A hook may name the file later (name_junit). Reporters are added here only, so this one waits for its path.
  if (!junit_path_.empty() || (pytest.names_junit && !quiet)) {
    auto junit = std::make_unique<JunitReporter>(junit_path_, junit_options(pytest));
    junit_ = junit.get();
    add(std::move(junit));
  }
  if (!config.metrics.empty()) {
    TRUN_CHECK(try_report_file(config.metrics));
    add(std::make_unique<MetricsReporter>(config.metrics));
  }
  if (!config.events.empty()) {
    // Opened at once, for whoever follows the file while the run goes on.
    const int fd = ::open(config.events.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return usage_error("cannot write " + config.events + ": " + std::strerror(errno));
    // The descriptor lives as long as the process: the last event is written at its end.
    add(std::make_unique<EventLog>([fd](std::string_view text) { return write_all(fd, text); }));
  }
  return ok_status();
}

void Reports::name_junit(const std::string& path) {
  if (path == junit_path_ || !junit_) return;
  junit_path_ = path;
  junit_->write_to(path);
  if (terminal_) terminal_->name_junit(path);
}

void Reports::take_options(const Configured& pytest) {
  if (terminal_) terminal_->take_options(terminal_options(pytest, workers_, junit_path_));
}

void Reports::tell(RunEvent event) {
  // The fold first: reporters see the log with the event in it.
  log_.fold(event);
  for (auto& reporter : reporters_) {
    if (!reporter) continue;
    // For the guardian: if this call hangs, it names the report.
    page_->reporting(reporter->name());
    // An exception in one reporter silences no other.
    const Status status = guarded([&] { return reporter->on_event(event, log_); });
    if (!status.ok()) fail(reporter, status);
  }
  if (page_) page_->reporting(nullptr);
}

bool Reports::flush(Duration patience) {
  const Status out = out_.flush(patience);
  (void)err_.flush();
  for (auto& reporter : reporters_) {
    // Standard output belongs to the terminal report, so its failure is that of this reporter.
    if (!out.ok() && reporter && std::string_view(reporter->name()) == "terminal") fail(reporter, out);
  }
  return out_.empty() && err_.empty();
}

void Reports::fail(std::unique_ptr<Reporter>& reporter, const Status& status) {
  failed_ = true;
  std::fprintf(stderr, "trun: the %s report failed: %s\n", reporter->name(), status.error().message.c_str());
  // These two point to reporters, and this one is about to go.
  if (reporter.get() == junit_) junit_ = nullptr;
  if (reporter.get() == terminal_) terminal_ = nullptr;
  reporter.reset();
}

}  // namespace trun
