#include "runner/engine/service_desk.h"

#include <algorithm>
#include <utility>

#include "runner/config/did_you_mean.h"
#include "runner/config/separation_options.h"
#include "runner/services/service_folder.h"
#include "runner/services/service_question.h"
#include "runner/workers/worker_process.h"

namespace trun {
namespace {

using Level = event::Notice::Level;

// tick() comes every 100 ms: a gap of this length is taken for a stop (Ctrl-Z).
constexpr Duration kStoodStill = std::chrono::seconds(2);
constexpr Duration kStopIn = std::chrono::seconds(4);

bool is_skip(const Outcome& outcome) { return std::holds_alternative<outcome::Skipped>(outcome); }

}  // namespace

// ---- the run begins

Status ServiceDesk::open(const Config& config, const std::string& run_id, const RunPlan& run, Separation& separation) {
  const Mode* mode = config.current_mode();
  const std::vector<std::string> wanted = mode && mode->services ? *mode->services : std::vector<std::string>();
  if (config.services.empty()) {
    return wanted.empty() ? ok_status() : usage_error("mode '" + mode->name + "': " + no_such(wanted.front()));
  }
  if (separation.options().network == NetworkMode::isolated) {
    return usage_error(config.file +
                       ": [services] and network = \"namespace\" exclude each other: a slot in a network " +
                       "of its own cannot reach them; take one of the two out");
  }
  slots_ = std::max(1u, run.workers);
  auto services = std::make_unique<Services>(Services::Context{
      context_.loop, separation.leases(), run_id, service_folder(config.file),
      [this](const ServiceNews& news) { heard(news); },
      [this](std::string text) { context_.narrator.notice(Level::warning, std::move(text)); },
      [&separation](std::optional<Slot> slot, std::string_view name) { return separation.keep_port(slot, name); },
      of_mode(config.worker_environment)});
  TRUN_CHECK(services->prepare(config.services, slots_));
  services_ = std::move(services);
  if (services_->any()) context_.page.hold_folder(services_->folder());
  requests_ = std::make_unique<ServiceRequests>(*services_);
  for (ServiceIndex i = 0; i < services_->plan().instances.size(); ++i) hold(i);
  listen(separation.questions());
  // Only names are wanted for what would be started.
  if (config.dry_run) {
    wanted_.insert(wanted.begin(), wanted.end());
    return ok_status();
  }
  TRUN_CHECK(want(wanted));
  return run.solo ? begin_all() : ok_status();
}

/// What the mode names is started at once, while the collection goes on.
Status ServiceDesk::want(const std::vector<std::string>& names) {
  std::vector<ServiceIndex> all;
  for (const std::string& name : names) {
    if (!services_ || !services_->find(name, 0)) return usage_error(no_such(name));
    wanted_.insert(name);
    TRUN_CHECK(services_->startable(*services_->find(name, 0)));
    for (Slot slot = 0; slot < slots_; ++slot) all.push_back(*services_->find(name, slot));
  }
  if (!all.empty()) services_->want(std::move(all));
  return ok_status();
}

/// Stopping one stops all, in their order; context_.cleanup asks each whether it is gone, and forces it when it is
/// late.
void ServiceDesk::hold(ServiceIndex service) {
  context_.cleanup.add({CleanupPhase::services, "service " + services_->plan().instances[service].name, kStopIn,
                        [this]() -> Status {
                          services_->stop();
                          return ok_status();
                        },
                        [this, service] {
                          services_->tick(Clock::now());
                          return services_->gone(service);
                        },
                        [this, service]() -> Status {
                          services_->kill(service);
                          return ok_status();
                        }});
}

void ServiceDesk::listen(Questions& questions) {
  questions.on("admit", [this, &questions](Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args) {
    admit(questions, ticket, worker, args);
  });
  questions.on("service", [this, &questions](Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args) {
    hand_out(questions, ticket, worker, args);
  });
}

Variables ServiceDesk::environment(Slot slot) const { return services_ ? services_->variables(slot) : Variables{}; }

Status ServiceDesk::begin() {
  std::set<std::string> needed;
  for (const TestItem& item : context_.collection.items) {
    for (const std::string& name : item.demands.services) {
      if (!services_ || !services_->find(name, 0)) return usage_error(item.id + ": " + no_such(name));
      needed.insert(name);
    }
  }
  std::vector<ServiceIndex> first;
  for (ServiceIndex i = 0; services_ && i < services_->plan().instances.size(); ++i) {
    const ServiceOptions& of = services_->options_of(i);
    if (needed.count(of.name)) TRUN_CHECK(services_->startable(i));
    if (!of.lazy && needed.count(of.name)) first.push_back(i);
  }
  if (!first.empty()) services_->want(std::move(first));
  return wait();
}

std::vector<std::string> ServiceDesk::would_start() const {
  if (!services_) return {};
  std::set<std::string> names = wanted_;
  for (const TestItem& item : context_.collection.items) {
    for (const std::string& name : item.demands.services) names.insert(name);
  }
  const std::vector<ServiceInstance>& all = services_->plan().instances;
  std::set<ServiceIndex> started;
  // Who is needed stands before who needs it: from the end, each has been asked for by then.
  for (auto i = static_cast<ServiceIndex>(all.size()); i-- > 0;) {
    const ServiceOptions& of = services_->options_of(i);
    const bool named = names.count(of.name) && !(of.lazy && !wanted_.count(of.name));
    if (named) started.insert(i);
    if (started.count(i)) started.insert(all[i].needs.begin(), all[i].needs.end());
  }
  std::map<ServicePhase, std::string> lines;
  for (const ServiceIndex i : started) {
    std::string& line = lines[services_->options_of(i).phase];
    line += (line.empty() ? "" : ", ") + all[i].name;
  }
  std::vector<std::string> out;
  for (const auto& [phase, line] : lines) out.push_back(std::string(phase_name(phase)) + ": " + line);
  return out;
}

/// Where trun does not hand out the tests: all services but lazy ones, none of which may fail.
Status ServiceDesk::begin_all() {
  std::vector<ServiceIndex> all;
  for (ServiceIndex i = 0; services_ && i < services_->plan().instances.size(); ++i) {
    const ServiceOptions& of = services_->options_of(i);
    if (of.lazy) continue;
    wanted_.insert(of.name);
    TRUN_CHECK(services_->startable(i));
    all.push_back(i);
  }
  if (!all.empty()) services_->want(std::move(all));
  return wait();
}

Status ServiceDesk::wait() {
  if (!services_) return ok_status();
  context_.wait_until([this] { return services_->settled(); });
  for (ServiceIndex i = 0; i < services_->plan().instances.size(); ++i) {
    // Only what is wanted by name ends the run. What tests need and cannot have is their verdict (infrastructure).
    if (services_->state(i) != ServiceState::failed || !wanted_.count(services_->options_of(i).name)) continue;
    return internal_error("service " + services_->plan().instances[i].name + " " + services_->failure(i) +
                          ", and this run is nothing without it");
  }
  return ok_status();
}

std::string ServiceDesk::no_such(const std::string& name) const {
  std::vector<std::string_view> names;
  std::string listed;
  if (services_) {
    for (const ServiceOptions& each : services_->options()) {
      names.push_back(each.name);
      listed += (listed.empty() ? "" : ", ") + each.name;
    }
  }
  return "there is no service '" + name + "' (declared are: " + (listed.empty() ? "none" : listed) + ")" +
         did_you_mean(name, names) + "; declare [services." + name + "] in trun.toml";
}

// ---- what becomes of services

void ServiceDesk::heard(const ServiceNews& news) {
  using What = ServiceNews::What;
  const std::string name = "service " + services_->plan().instances[news.service].name;
  switch (news.what) {
    case What::ready:
      break;
    case What::stopped:
      return;
    case What::died:
      outages_.push_back({news.service, Clock::now(), news.why});
      context_.narrator.notice(Level::warning, name + " " + news.why + "; it is started again");
      break;
    case What::failed:
      outages_.push_back({news.service, Clock::now(), news.why});
      context_.narrator.notice(Level::error, name + " " + news.why + story(news.service));
      break;
  }
  // Tests that wait for it are answered now, not at the next tick.
  if (requests_) requests_->advance();
}

/// The end of its log, for people.
std::string ServiceDesk::story(ServiceIndex service) const {
  const std::string lines = services_->last_lines(service), path = services_->log_path(service);
  if (path.empty()) return {};
  return lines.empty() ? "\nit has written nothing (" + path + ")" : "\n--- the last lines of " + path + "\n" + lines;
}

void ServiceDesk::tick(TimePoint now) {
  if (!services_) return;
  // The run stood still (Ctrl-Z): no service is late for that.
  if (ticked_ != TimePoint{} && now - ticked_ > kStoodStill) services_->paused(now - ticked_);
  ticked_ = now;
  services_->tick(now);
  requests_->advance();
}

// ---- what tests ask

Result<std::vector<ServiceIndex>> ServiceDesk::resolve(const std::vector<std::string>& names, Slot slot) const {
  std::vector<ServiceIndex> out;
  for (const std::string& name : names) {
    const auto found = services_->find(name, slot);
    if (!found) return usage_error(no_such(name));
    out.push_back(*found);
  }
  return out;
}

std::optional<ItemIndex> ServiceDesk::item_of(const WorkerProcess& worker, std::uint64_t ordinal) const {
  if (ordinal >= worker.assigned.size()) return std::nullopt;
  const ItemIndex item = worker.assigned[ordinal];
  return item < context_.collection.items.size() ? std::optional(item) : std::nullopt;
}

/// A test is about to begin.
void ServiceDesk::admit(Questions& questions, Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args) {
  const auto question = decode_admit_question(args);
  if (!question.ok()) return questions.refuse(ticket, question.error().message);
  const auto item = item_of(worker, question->ordinal);
  if (!item) return questions.refuse(ticket, "trun does not know which test that is");
  const auto services = resolve(needs(*item), worker.slot);
  if (!services.ok()) return questions.refuse(ticket, services.error().message);
  // A service that died since the last tick must not let this test in.
  services_->look();
  requests_->add(*services, worker.slot, context_.collection.items[*item].file,
                 [this, &questions, ticket, item = *item](const std::string& refusal) {
                   if (refusal.empty()) return questions.answer(ticket, "true");
                   // Kept for the verdict: pytest sees an error in the set-up, and judge() says why.
                   refused_[item] = refusal;
                   questions.refuse(ticket, refusal);
                 });
}

/// trun_service("name"), while a test runs.
void ServiceDesk::hand_out(Questions& questions, Questions::Ticket ticket, WorkerProcess& worker,
                           const JsonText& args) {
  const auto question = decode_service_question(args);
  if (!question.ok()) return questions.refuse(ticket, question.error().message);
  const auto services = resolve({question->name}, worker.slot);
  if (!services.ok()) return questions.refuse(ticket, services.error().message);
  const auto item = item_of(worker, question->ordinal);
  if (!item) return questions.refuse(ticket, "trun_service() is for tests and their fixtures; none is at work");
  const ServiceIndex service = services->front();
  asked_for_[*item].insert(service);
  services_->look();
  requests_->add({service}, worker.slot, context_.collection.items[*item].file,
                 [this, &questions, ticket, service, slot = worker.slot, item = *item](const std::string& refusal) {
                   if (refusal.empty()) return questions.answer(ticket, service_answer(*services_, service, slot));
                   refused_[item] = refusal;
                   questions.refuse(ticket, refusal);
                 });
}

// ---- verdicts

std::set<ServiceIndex> ServiceDesk::used_by(ItemIndex item, Slot slot) const {
  std::set<ServiceIndex> used;
  const auto declared = resolve(needs(item), slot);
  if (declared.ok()) used.insert(declared->begin(), declared->end());
  if (const auto found = asked_for_.find(item); found != asked_for_.end()) {
    used.insert(found->second.begin(), found->second.end());
  }
  return used;
}

/// The first outage of one of them that began in that time. When exactly a service died nobody knows, only when that
/// was noticed: a test that failed may have met it before.
const ServiceDesk::Outage* ServiceDesk::outage_of(const std::set<ServiceIndex>& used, TimePoint from,
                                                  TimePoint to) const {
  for (const Outage& outage : outages_) {
    if (used.count(outage.service) && outage.at >= from && outage.at <= to) return &outage;
  }
  return nullptr;
}

void ServiceDesk::add_last_lines(const std::set<ServiceIndex>& used, Evidence& to) const {
  for (const ServiceIndex service : used) {
    const std::string lines = services_->last_lines(service);
    if (lines.empty()) continue;
    to.emplace_back(
        "Last lines of service " + services_->plan().instances[service].name + ", " + services_->log_path(service),
        lines);
  }
}

void ServiceDesk::judge(TestResult& result) {
  if (!services_ || result.started == TimePoint{}) return;
  const std::set<ServiceIndex> used = used_by(result.item, result.slot);
  const auto refused = refused_.find(result.item);
  if (used.empty() && refused == refused_.end()) return;
  services_->look();
  if (is_skip(result.outcome)) return;
  if (is_bad(result.outcome)) {
    for (const ServiceIndex service : used) services_->look_closely(service);
  }
  if (refused != refused_.end() && !std::holds_alternative<outcome::Passed>(result.outcome)) {
    return make_infrastructure(result, refused->second, used);
  }
  // A test that passed met no outage after its end. One that failed may have met one that was noticed only later.
  const TimePoint end = is_bad(result.outcome) ? TimePoint::max() : result.started + result.total();
  if (const Outage* outage = outage_of(used, result.started, end)) {
    const std::string name = services_->plan().instances[outage->service].name;
    return make_infrastructure(result, "service " + name + " " + outage->why + " while the test used it", used);
  }
  if (!is_bad(result.outcome)) return;
  // The report that failed says what its services said last.
  const auto failed = std::find_if(result.reports.begin(), result.reports.end(),
                                   [](const PhaseReport& report) { return report.outcome == "failed"; });
  add_last_lines(used, failed == result.reports.end() ? result.remarks.make().evidence : failed->sections);
}

worker_event::Exited ServiceDesk::witnessed(worker_event::Exited exit) {
  if (!services_ || !exit.current) return exit;
  const std::set<ServiceIndex> used = used_by(*exit.current, exit.slot);
  for (const ServiceIndex service : used) services_->look_closely(service);
  if (const Outage* outage = outage_of(used, exit.started, TimePoint::max())) {
    const std::string name = "service " + services_->plan().instances[outage->service].name;
    exit.evidence.emplace_back(name, "it " + outage->why + " while the test used it");
  }
  add_last_lines(used, exit.evidence);
  return exit;
}

/// One verdict: what pytest said of the test is evidence.
void ServiceDesk::make_infrastructure(TestResult& result, const std::string& why,
                                      const std::set<ServiceIndex>& used) const {
  Evidence& evidence = result.remarks.make().evidence;
  for (const PhaseReport& report : result.reports) {
    if (report.outcome == "failed" && refused_.count(result.item) == 0) {
      evidence.emplace_back("pytest's report of its " + report.when, report.longrepr);
    }
    for (const auto& section : report.sections) evidence.push_back(section);
  }
  result.reports.clear();
  add_last_lines(used, evidence);
  result.outcome = outcome::Infrastructure{why};
}

}  // namespace trun
