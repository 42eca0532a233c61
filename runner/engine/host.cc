// The plugin host's part in a run: started before the workers, told what becomes of them, waited for at the end.
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "runner/engine/exit_facts.h"
#include "runner/engine/run.h"
#include "runner/kernel/surroundings.h"
#include "runner/wire/protocol.h"
#include "runner/workers/stop_ladder.h"

namespace trun {
namespace {

/// A hook that tells a replacement what to do takes a moment; the run does not stand still for one that hangs.
constexpr Duration kInputWithin = std::chrono::seconds(30);
/// Uploads and merges of reports take their time, as they do under pytest.
constexpr Duration kReadyWithin = std::chrono::minutes(10), kSayEvery = std::chrono::minutes(1);
/// How long the process may take to exit once its session is over.
constexpr Duration kExitWithin = std::chrono::seconds(10);

std::string_view dist_name(DistMode mode) {
  constexpr std::string_view kNames[] = {"load", "loadfile", "loadscope", "loadgroup", "worksteal", "load"};
  return kNames[static_cast<int>(mode)];
}

HostedProcess process_of(const WorkerProcess& worker) { return {worker.slot, worker.attempt}; }

/// What the report of a crash says, in xdist's words; of what is no crash, in trun's own.
std::string crash_text(const WorkerProcess& worker, const NodeId& test, const Outcome& verdict) {
  const bool died =
      std::holds_alternative<outcome::Crashed>(verdict) || std::holds_alternative<outcome::PrematureExit>(verdict);
  const std::string text = "worker '" + worker_name(worker.slot) + "' crashed while running '" + test + "'";
  return died ? text : outcome_reason(verdict);
}

}  // namespace

Status Engine::start_host() {
  if (plan_.host_reasons.empty()) return ok_status();
  at("starting the plugin host");
  HostStart start;
  start.engine_pid = ::getpid();
  start.stacks_signal = stacks_signal();
  for (Slot slot = 0; slot < plan_.workers; ++slot) start.workers.push_back(worker_name(slot));
  start.testrunuid = config_.testrunuid.empty() ? run_id_ : config_.testrunuid;
  start.dist = dist_name(config_.dist);
  start.columns = terminal_width();
  start.xmlpath = narrator_.junit_path();
  start.color = color_;
  TRUN_CHECK(host_.start(server_, start));
  cleanup_.add({CleanupPhase::plugin_host,
                "plugin host",
                std::chrono::seconds(1),
                [this] {
                  host_.kill();
                  return ok_status();
                },
                [this] { return host_.gone(); },
                {}});
  host_.on_crashed([this](const HostCrashed& crashed) { resume_crash(crashed); });
  host_.on_internal_error([this](const InternalError& error) { narrator_.internal_error("plugin host", error); });
  // Before the first worker: the host hears of all that happens to it.
  narrator_.listen([this](RunEvent& event) { tell_host(event); });
  (void)wait_for_host([this] { return host_.ready() || ended_; }, "pytest_configure and pytest_sessionstart",
                      kReadyWithin);
  if (ended_) return ok_status();
  if (!host_.ready()) return host_.done() ? end(host_.done()->exit) : host_lost();
  if (host_.ready()->options) take_options(*host_.ready()->options);
  // A conftest may have named the report in pytest_configure, as under pytest.
  if (host_.ready()->xmlpath) narrator_.name_junit(*host_.ready()->xmlpath);
  for (const auto& [name, value] : host_.ready()->properties) narrator_.describe(0, 0, {name, value});
  return keep_groups(*host_.ready());
}

/// What conftests have made of pytest's options: in the controller's role they count, as under xdist.
void Engine::take_options(const PytestOptions& options) {
  // The report has a way of its own.
  const auto report = std::exchange(pytest_.options.xmlpath, {});
  pytest_.options = options;
  pytest_.options.xmlpath = report;
  color_ = wants_color(options.color, STDOUT_FILENO);
  narrator_.take_options(pytest_);
}

/// Waits until `reached`, the host's end, or `limit`, and says each minute for what. False: it has not come to it.
bool Engine::wait_for_host(const std::function<bool()>& reached, std::string_view what, Duration limit) {
  const TimePoint begin = Clock::now();
  TimePoint say = begin + kSayEvery;
  wait_until([&] {
    if (Clock::now() >= say) {
      notice(event::Notice::Level::info, "waiting for the plugin host: " + std::string(what));
      say += kSayEvery;
    }
    return reached() || host_.gone() || Clock::now() - begin > limit;
  });
  return reached();
}

Status Engine::host_lost() {
  return internal_error(host_.gone() ? "the plugin host ended before the workers were started (" +
                                           posix::describe(host_.exited().value_or(posix::ExitStatus{})) + ")"
                                     : "the plugin host did not get as far as the workers within 10 min");
}

/// A scheduler of the user's own: the groups that it makes are kept, anything else of it cannot be.
Status Engine::keep_groups(const HostReady& ready) {
  const std::string& kind = ready.scheduler[0];
  if (kind == "refused")
    return usage_error("pytest_xdist_make_scheduler returned " + ready.scheduler[1] +
                       ": trun schedules by itself, and of a scheduler it can keep only which tests belong together "
                       "(a subclass of LoadScopeScheduling that overrides _split_scope); -n 0 runs without one");
  if (kind != "groups") return ok_status();
  book_.grouped = true;
  plan_.why.push_back("tests stay together by " + ready.scheduler[1]);
  // Groups may span files, and a share holds whole files.
  if (plan_.mode == CollectMode::sharded) plan_.mode = plan_.unsharded;
  return ok_status();
}

Status Engine::split_groups() {
  if (!book_.grouped) return ok_status();
  std::vector<NodeId> ids;
  for (const TestItem& item : collection().items) ids.push_back(item.id);
  host_.send(encode_host_ids("split", ids));
  if (!wait_for_host([this] { return host_.scopes().has_value(); }, "_split_scope", kInputWithin) ||
      host_.scopes()->scopes.size() != ids.size())
    return internal_error("the plugin host did not say which tests belong together");
  for (std::size_t i = 0; i < ids.size(); ++i)
    narrator_.set_group(static_cast<ItemIndex>(i), host_.scopes()->scopes[i]);
  return ok_status();
}

std::optional<WorkerTerms::FromHost> Engine::from_host(Slot slot, int attempt) {
  if (!host_.ready()) return std::nullopt;
  std::optional<std::string> input;
  const auto known = [&] { return (input = host_.input({slot, attempt})).has_value(); };
  if (!known() && host_.at_work()) (void)wait_for_host(known, "pytest_configure_node", kInputWithin);
  if (!input && host_.at_work())
    notice(event::Notice::Level::error, "the plugin host did not say how to configure " + worker_name(slot));
  // Where there is no answer, what the slot's first process was told is better than nothing.
  const auto& first = host_.ready()->inputs;
  if (!input && slot < first.size()) input = first[slot];
  return WorkerTerms::FromHost{input.value_or(""), host_.ready()->reports, host_.ready()->env};
}

// ---- what it is told

void Engine::tell_host(RunEvent& event) {
  if (!host_.at_work()) return;
  if (const auto* stopped = std::get_if<event::RunStopped>(&event)) {
    if (!book_.stop_reason) book_.stop_reason = stopped->reason;
  } else if (const auto* finished = std::get_if<event::CollectionFinished>(&event)) {
    std::vector<NodeId> ids;
    for (const TestItem& item : finished->collection.items) ids.push_back(item.id);
    host_.release();
    host_.send(encode_host_ids("collection", ids));
  } else if (auto* test = std::get_if<event::TestFinished>(&event)) {
    if (host_.ready()->reports) tell_host(test->result);
  }
}

void Engine::tell_host(TestResult& result) {
  const NodeId& id = collection().items[result.item].id;
  std::string said;
  if (!result.remarks->for_host.empty()) said = std::exchange(result.remarks.make().for_host, {});
  // Of a test in which a worker died the host was told when it did; of one that never ran nobody has anything to say.
  if (book_.told_crashes.count(result.item) != 0 || std::holds_alternative<outcome::NotRun>(result.outcome)) return;
  host_.tell(
      HostTest{result.item, result.slot, result.started, result.setup, result.call, result.teardown, std::move(said)});
  if (std::holds_alternative<outcome::Leaked>(result.outcome) ||
      std::holds_alternative<outcome::Infrastructure>(result.outcome))
    host_.send(encode(HostFailed{result.slot, id, outcome_reason(result.outcome)}));
}

/// Workers that have ended since: told once all that they had finished was.
void Engine::settle_exits() {
  for (auto& [worker, event, at] : std::exchange(book_.exits, {})) {
    HostDown down{process_of(*worker), "", "Not properly terminated"};
    if (worker->done) down = {process_of(*worker), worker->done->workeroutput, std::nullopt};
    if (!event.current) {
      host_.tell(encode(down));
      pass_on(*worker, std::move(event));
      continue;
    }
    const NodeId& test = collection().items[*event.current].id;
    host_.send(encode(HostCrash{down.node, test, crash_text(*worker, test, event.verdict), "Not properly terminated"}));
    book_.told_crashes.insert(*event.current);
    // Somebody listens to pytest_handlecrashitem, and may send the test back: the scheduler hears of the end when that
    // is decided.
    if (host_.ready()->crashes && host_.at_work()) {
      book_.crashes.push_back({worker, std::move(event), at});
    } else {
      pass_on(*worker, std::move(event));
    }
  }
  // One that does not answer decides nothing.
  while (!book_.crashes.empty() && (!host_.at_work() || Clock::now() - book_.crashes.front().at > kInputWithin))
    resume_crash({book_.crashes.front().worker->slot, book_.crashes.front().worker->attempt, false});
}

/// The host has looked at a crash. A test that is to run once more goes back with those that were queued behind it.
void Engine::resume_crash(const HostCrashed& crashed) {
  for (auto crash = book_.crashes.begin(); crash != book_.crashes.end(); ++crash) {
    if (crash->worker->slot != crashed.slot || crash->worker->attempt != crashed.attempt) continue;
    HostBook::End found = std::move(*crash);
    book_.crashes.erase(crash);
    if (crashed.again) {
      book_.told_crashes.erase(*found.event.current);
      PhaseReport report;
      report.when = "???";
      report.outcome = report.category = crashed.status[0];
      report.letter = crashed.status[1];
      report.word = crashed.status[2];
      report.longrepr = outcome_reason(found.event.verdict);
      report.longrepr_is_text = true;
      book_.reruns[*found.event.current].push_back(std::move(report));
      // Without a test of its own the end gives all back that was queued, this test in front.
      found.event.current.reset();
    }
    pass_on(*found.worker, std::move(found.event));
    return;
  }
}

/// Tells the scheduler of an end. The verdict on the test at work carries the reports on earlier crashes in it.
void Engine::pass_on(const WorkerProcess& worker, worker_event::Exited event) {
  if (!phase_) return;
  if (event.current) event.reports = book_.take_reruns(*event.current);
  phase_->exited(worker, std::move(event));
}

/// What was reported of a test when its workers died in it comes before what is reported now.
void Engine::add_reruns(TestResult& result) {
  std::vector<PhaseReport> reruns = book_.take_reruns(result.item);
  if (reruns.empty()) return;
  if (result.reports.empty() && std::holds_alternative<outcome::Passed>(result.outcome)) {
    PhaseReport passed;
    passed.when = "call";
    passed.outcome = passed.category = "passed";
    passed.letter = ".";
    passed.word = "PASSED";
    passed.duration = result.call;
    result.reports.push_back(std::move(passed));
  }
  result.reports.insert(result.reports.begin(), std::make_move_iterator(reruns.begin()),
                        std::make_move_iterator(reruns.end()));
}

/// Whether the scheduler has not heard yet of its end.
bool Engine::is_held(const WorkerProcess& worker) const {
  const auto is_it = [&](const HostBook::End& crash) { return crash.worker == &worker; };
  return std::any_of(book_.exits.begin(), book_.exits.end(), is_it) ||
         std::any_of(book_.crashes.begin(), book_.crashes.end(), is_it);
}

// ---- the end

/// Ends the host's session with the exit code that the run has without it. The run's, with it.
int Engine::end_host(int code) {
  if (!host_.started()) return code;
  narrator_.listen({});
  if (host_.done() && !stop_code_)
    notice(event::Notice::Level::error, "the plugin host's session ended before the run did");
  if (host_.ready() && !abandoned_) {
    host_.release();
    host_.send(encode(HostEnd{code, book_.stop_reason.has_value(), book_.stop_reason.value_or("")}));
    // After an interrupt it has what workers have.
    const Duration limit = stop_code_ == kInterrupted ? *config_.grace : *config_.session_finish_timeout;
    book_.ending = true;
    (void)wait_for_host([this] { return host_.done().has_value(); }, "pytest_sessionfinish",
                        limit > Duration{0} || stop_code_ == kInterrupted ? limit : Duration::max());
  }
  if (!host_.done()) return unfinished_host(code);
  const TimePoint late = Clock::now() + kExitWithin;
  wait_until([&] { return host_.gone() || Clock::now() > late; });
  const HostDone& said = *host_.done();
  if (!said.summary.empty() || !said.parts.empty()) tell(event::PluginSummary{said.summary, said.parts});
  if (!said.reason.empty() && !book_.stop_reason) tell(event::RunStopped{said.reason});
  const auto exited = host_.exited();
  const bool in_handler = exited && !exited->signaled && exited->code != kOk;  // os._exit in an atexit handler
  return in_handler ? exited->code : said.exit;
}

/// The run's exit code where the host's session has not come to its end.
int Engine::unfinished_host(int code) {
  const auto exited = host_.exited();
  const std::string ended =
      exited ? "the plugin host ended before its session did (" + posix::describe(*exited) + ")" : "";
  // Code of the user's may end it (os._exit in a hook), and its exit code is the run's, as pytest's would be. The
  // worker package ends with 3 where it has failed itself (server/main.py).
  if (host_.ending() && exited && !exited->signaled && exited->code != kInternal) {
    notice(event::Notice::Level::warning,
           ended + ", which decides the exit code: what plugins were to report after that is missing");
    return exited->code;
  }
  if (!abandoned_ && !stop_code_) {
    const auto limit = static_cast<int>(seconds(*config_.session_finish_timeout));
    notice(event::Notice::Level::error,
           exited ? ended + ": what plugins were to report is missing"
                  : "the plugin host did not end its session within " + std::to_string(limit) +
                        " s (--session-finish-timeout), and is ended: what plugins were to report is missing");
  }
  host_.kill();
  return code == kOk || code == kFailed || code == kNothing ? static_cast<int>(kInternal) : code;
}

}  // namespace trun
