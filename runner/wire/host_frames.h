// The frames between engine and plugin host as plain structs, with the names of docs/protocol.md. protocol.h turns them
// into bytes and back. What workers and the host tell each other ("packed") is text that only they can read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runner/base/test_item.h"
#include "runner/base/test_result.h"
#include "runner/wire/pytest_options.h"

namespace trun {

/// A change of an environment variable; no value: it is gone.
using EnvironmentChange = std::pair<std::string, std::optional<std::string>>;

/// An exception that has ended the session of a worker or of the host.
struct InternalError {
  std::string reason;     ///< the exception in a line
  std::string where;      ///< "path:line" that raised it; empty: not known
  std::string traceback;  ///< all of it; empty: `reason` is all there is
};

// ---- host -> engine

/// It is configured, its session has started.
struct HostReady {
  std::vector<std::string> inputs;     ///< packed: the workerinput of the first process of each slot
  bool crashes = false;                ///< somebody there decides what follows from a crash
  bool reports = false;                ///< somebody there hears of tests
  std::vector<std::string> scheduler;  ///< kind ("", "groups", "refused") and name
  std::vector<EnvironmentChange> env;  ///< what configuring has changed, for workers to inherit
  std::optional<std::string> xmlpath;  ///< absolute: where a hook wants the JUnit report, or had it already
  std::vector<std::pair<std::string, std::string>> properties;  ///< of the suite, for that report
  std::optional<PytestOptions> options;                         ///< all of them, if configuring has changed one
};
struct HostNode {
  Slot slot = 0;
  int attempt = 1;
  std::string input;  ///< packed
};
/// The answer to a crash: whether the test is to be run once more.
struct HostCrashed {
  Slot slot = 0;
  int attempt = 1;
  bool again = false;
  std::vector<std::string> status{};  ///< category, letter and word of the report on it
};
/// Which group each test belongs to, in the order of the question.
struct HostScopes {
  std::vector<std::string> scopes;
};
/// It has read `end`: hooks of its session's end run from now on.
struct HostEnding {};
/// Its session is over. `reason`: why hooks had it fail or stop (`session.shouldfail`, `shouldstop`); empty: they did
/// not.
struct HostDone {
  int exit = 0;
  std::string reason;
  std::string summary;                                     ///< what plugins wrote into the terminal's summary
  std::vector<std::pair<std::string, std::string>> parts;  ///< of pytest's summary that somebody overrides: name, text
};

using FromHost = std::variant<HostReady, HostNode, HostCrashed, HostScopes, HostEnding, InternalError, HostDone>;

// ---- engine -> host

struct HostStart {
  int engine_pid = 0, stacks_signal = 0;
  std::vector<std::string> workers;  ///< "gw0", ...
  std::string testrunuid, dist;
  std::string xmlpath;  ///< of the JUnit report that was asked for; empty: none
  int columns = 80;
  bool color = false;
};

/// Which process it is about.
struct HostedProcess {
  Slot slot = 0;
  int attempt = 1;
};

/// What a worker says to the host: `kind` is "started" or "told".
struct HostRelay {
  HostedProcess node;
  std::string kind, text;
};
/// A test that has its verdict. `said` is packed, empty for a plain pass.
struct HostTest {
  ItemIndex item = 0;
  Slot slot = 0;
  TimePoint started{};
  Duration setup{0}, call{0}, teardown{0};
  std::string said;
};
struct HostDown {
  HostedProcess node;
  std::string output;                ///< packed workeroutput; empty: there is none
  std::optional<std::string> error;  ///< none: its session ended by itself
};
struct HostCrash {
  HostedProcess node;
  NodeId test;
  std::string text, error;
};
/// trun's own verdict on a test that pytest reported as passed.
struct HostFailed {
  Slot slot = 0;
  NodeId test;
  std::string text;
};
/// The run is over. `stopped`: for a reason, not because all had run.
struct HostEnd {
  int exit = 0;
  bool stopped = false;
  std::string reason;
};

}  // namespace trun
