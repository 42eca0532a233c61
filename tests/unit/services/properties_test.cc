// The guarantees of service_set.h over thousands of random stories: services that start slowly, are never ready, die,
// hang on stop, on simulated time. An independent book of what runs judges every action.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "runner/services/lifecycle/service_set.h"
#include "tests/unit/services/service_text.h"

namespace trun {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ServiceIndex service_of(const ServiceEvent& event) {
  return std::visit(
      [](const auto& e) -> ServiceIndex {
        if constexpr (requires { e.service; }) return e.service;
        return 0;
      },
      event);
}

class Story {
 public:
  explicit Story(unsigned seed) : dice_(seed), terms_(random_terms()), set_(terms_, kStopLimit), book_(terms_.size()) {}

  void play() {
    const TimePoint stop_at = now_ + milliseconds(from(0, 120'000));
    for (int i = from(1, 4); i > 0; --i) want(from(0, static_cast<int>(terms_.size()) - 1));
    for (int steps = 0; steps < 20'000 && complaint.empty(); ++steps) {
      if (!stopped_at_ && now_ >= stop_at) {
        stopped_at_ = now_;
        feed(service_event::StopAll{});
      }
      if (stopped_at_ && set_.all_gone()) break;
      if (!step_in_time(stop_at)) break;
    }
    judge_end();
  }

  std::string complaint;
  int readies = 0, failures = 0, deaths = 0, kills = 0, reuses = 0;

 private:
  static constexpr Duration kStopLimit = seconds(4);
  struct Pending {
    TimePoint at;
    ServiceEvent event;
    int life;
  };
  struct Entry {
    bool wanted = false, runs = false, ready = false, failed = false;
    int life = 0, checks_open = 0;
    unsigned restarts = 0;
  };

  int from(int low, int high) { return std::uniform_int_distribution<int>(low, high)(dice_); }
  bool one_in(int n) { return from(1, n) == 1; }

  std::vector<ServiceTerms> random_terms() {
    std::vector<ServiceTerms> all(static_cast<std::size_t>(from(1, 8)));
    for (std::size_t i = 0; i < all.size(); ++i) {
      ServiceTerms& terms = all[i];
      terms.name = "s" + std::to_string(i);
      terms.phase = static_cast<ServicePhase>(from(0, 2));
      for (std::size_t j = 0; j < i; ++j) {
        if (one_in(3) && all[j].phase <= terms.phase) terms.needs.push_back(static_cast<ServiceIndex>(j));
      }
      terms.has_check = !one_in(5);
      terms.check = "tcp";
      terms.deadline = milliseconds(from(1, 20'000));
      terms.interval = milliseconds(from(1, 1000));
      terms.grace = milliseconds(from(0, 5000));
      terms.restarts = one_in(2) ? 0 : static_cast<unsigned>(from(1, 3));
    }
    return all;
  }

  void complain(const std::string& text) {
    if (complaint.empty()) complaint = text;
  }

  void want(int service) {
    const auto mark = [&](const auto& self, ServiceIndex i) -> void {
      book_[i].wanted = true;
      for (const ServiceIndex need : terms_[i].needs) self(self, need);
    };
    if (!stopped_at_) mark(mark, static_cast<ServiceIndex>(service));
    feed(service_event::Wanted{{static_cast<ServiceIndex>(service)}});
  }

  /// The next thing that is due: by what services do, by the machine's own deadline, or somebody asks for something.
  bool step_in_time(TimePoint stop_at) {
    std::optional<TimePoint> at = set_.next();
    if (at && *at < now_) return complain("next() lies in the past"), false;
    const auto first = std::min_element(pending_.begin(), pending_.end(),
                                        [](const Pending& a, const Pending& b) { return a.at < b.at; });
    if (first != pending_.end() && (!at || first->at < *at)) at = first->at;
    if (!stopped_at_ && (!at || *at > stop_at)) at = stop_at;
    if (!at) return complain("the stop does not end"), false;
    const bool event_is_due = first != pending_.end() && first->at <= *at;
    now_ = std::max(now_, *at);
    if (!event_is_due) {
      took(set_.tick(now_));
    } else {
      const Pending pending = *first;
      pending_.erase(first);
      happen(pending);
    }
    if (one_in(6)) use(static_cast<ServiceIndex>(from(0, static_cast<int>(terms_.size()) - 1)));
    return true;
  }

  void use(ServiceIndex service) {
    if (one_in(2)) return want(static_cast<int>(service));
    reuses += set_.state(service) == ServiceState::ready;
    feed(service_event::Reused{service});
  }

  void happen(const Pending& pending) {
    const ServiceIndex i = service_of(pending.event);
    Entry& entry = book_[i];
    if (pending.life != entry.life) return;  // of a process that is gone
    if (std::holds_alternative<service_event::Launched>(pending.event)) {
      entry.runs = true;
      if (one_in(3)) later(from(0, 60'000), service_event::Exited{i, "exit 1"});
    } else if (std::holds_alternative<service_event::Exited>(pending.event)) {
      if (!entry.runs) return;
      entry.runs = entry.ready = false;
      entry.checks_open = 0;
      ++entry.life;
    } else if (std::holds_alternative<service_event::LaunchFailed>(pending.event)) {
      ++entry.life;
    } else {
      if (!entry.runs) return;
      entry.checks_open = 0;
    }
    feed(pending.event);
  }

  void later(int ms, ServiceEvent event) {
    const ServiceIndex i = service_of(event);
    pending_.push_back({now_ + milliseconds(ms), std::move(event), book_[i].life});
  }

  void feed(const ServiceEvent& event) { took(set_.handle(event, now_)); }

  void took(const ServiceStep& step) {
    for (const ServiceNews& news : step.news) hear(news);
    for (const ServiceAction& action : step.actions) {
      std::visit([this](const auto& a) { perform(a); }, action);
    }
  }

  void hear(const ServiceNews& news) {
    Entry& entry = book_[news.service];
    const std::string who = terms_[news.service].name;
    using What = ServiceNews::What;
    if (news.what == What::ready) {
      ++readies;
      if (!entry.runs) complain(who + " is ready and does not run");
      if (entry.failed) complain(who + " is ready after it failed");
      entry.ready = true;
    } else if (news.what == What::failed) {
      ++failures;
      if (entry.failed) complain(who + " fails twice");
      if (news.why.empty()) complain(who + " fails without a reason");
      entry.failed = true;
      entry.ready = false;
    } else if (news.what == What::died) {
      ++deaths;
      entry.ready = false;
      if (++entry.restarts > terms_[news.service].restarts) complain(who + ": too many restarts");
    } else if (entry.runs) {
      complain(who + " is stopped and runs");
    }
  }

  void perform(const service_action::Launch& launch) {
    Entry& entry = book_[launch.service];
    const ServiceTerms& terms = terms_[launch.service];
    if (stopped_at_) complain(terms.name + " is launched after the stop");
    if (!entry.wanted) complain(terms.name + " is launched and nobody wants it");
    if (entry.runs) complain(terms.name + " is launched twice");
    for (const ServiceIndex need : terms.needs) {
      if (!book_[need].ready) complain(terms.name + " is launched before " + terms_[need].name + " is ready");
    }
    for (std::size_t j = 0; j < book_.size(); ++j) {
      const bool open = book_[j].wanted && !book_[j].ready && !book_[j].failed;
      if (open && terms_[j].phase < terms.phase) complain(terms.name + " is launched before its phase");
    }
    if (one_in(12)) {
      later(from(0, 5), service_event::LaunchFailed{launch.service, "no such file"});
    } else {
      later(from(0, 5), service_event::Launched{launch.service});
    }
  }

  void perform(const service_action::Check& check) {
    Entry& entry = book_[check.service];
    if (!entry.runs) complain(terms_[check.service].name + " is checked and does not run");
    if (++entry.checks_open > 1) complain(terms_[check.service].name + " has two checks at once");
    if (one_in(20)) return;  // it never answers
    if (one_in(3)) {
      later(from(0, 500), service_event::CheckPassed{check.service});
    } else {
      later(from(0, 500), service_event::CheckFailed{check.service, "refused"});
    }
  }

  void perform(const service_action::Terminate& terminate) {
    Entry& entry = book_[terminate.service];
    if (!entry.runs) complain(terms_[terminate.service].name + " is ended and does not run");
    entry.checks_open = 0;
    const bool late = stopped_at_ && now_ >= *stopped_at_ + kStopLimit;
    for (std::size_t j = 0; stopped_at_ && !late && !entry.failed && j < book_.size(); ++j) {
      const auto& needs = terms_[j].needs;
      const bool uses = std::find(needs.begin(), needs.end(), terminate.service) != needs.end() ||
                        terms_[j].phase > terms_[terminate.service].phase;
      if (book_[j].runs && uses) {
        complain(terms_[terminate.service].name + " is stopped before " + terms_[j].name);
      }
    }
    if (one_in(4)) return;  // it hangs
    later(from(0, 2000), service_event::Exited{terminate.service, "exit 0"});
  }

  void perform(const service_action::Kill& kill) {
    ++kills;
    if (!book_[kill.service].runs) complain(terms_[kill.service].name + " is killed and does not run");
    later(from(0, 20), service_event::Exited{kill.service, "signal 9 (SIGKILL)"});
  }

  long running() const {
    return std::count_if(book_.begin(), book_.end(), [](const Entry& entry) { return entry.runs; });
  }

  void judge_end() {
    if (running() > 0) complain("something still runs");
    if (stopped_at_ && now_ > *stopped_at_ + kStopLimit + milliseconds(50)) complain("the stop took too long");
    for (std::size_t i = 0; i < book_.size(); ++i) {
      const ServiceState state = set_.state(static_cast<ServiceIndex>(i));
      if (state != ServiceState::failed && state != ServiceState::stopped) complain(terms_[i].name + " has no end");
    }
  }

  std::mt19937 dice_;
  TimePoint now_{seconds(10)};
  const std::vector<ServiceTerms> terms_;
  ServiceSet set_;
  std::vector<Entry> book_;
  std::deque<Pending> pending_;
  std::optional<TimePoint> stopped_at_;
};

TEST(ServiceSetProperties, EveryStoryKeepsTheGuarantees) {
  int readies = 0, failures = 0, deaths = 0, kills = 0, reuses = 0;
  for (unsigned seed = 1; seed <= 5000; ++seed) {
    Story story(seed);
    story.play();
    ASSERT_EQ(story.complaint, "") << "seed " << seed;
    readies += story.readies;
    failures += story.failures;
    deaths += story.deaths;
    kills += story.kills;
    reuses += story.reuses;
  }
  // A property over stories in which nothing happens would say nothing.
  EXPECT_GT(readies, 5000);
  EXPECT_GT(failures, 2000);
  EXPECT_GT(deaths, 300);
  EXPECT_GT(kills, 300);
  EXPECT_GT(reuses, 1000);
}

}  // namespace
}  // namespace trun
