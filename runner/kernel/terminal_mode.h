// TerminalMode: the settings of the terminal at stdin, as they were when trun started, and how it gets single keys
// without waiting for the end of a line. Whoever changes them puts them back; the guardian does so after an engine that
// could not.
#pragma once

#include <memory>

namespace trun {

class TerminalMode {
 public:
  /// Takes the settings down. No terminal, or none that this process is in the foreground of: nothing that follows does
  /// anything.
  TerminalMode();
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;
  ~TerminalMode();

  /// Whether there is a terminal at all.
  bool usable() const { return saved_ != nullptr; }
  /// Keys come one by one and are not shown. Signals of the keyboard (Ctrl-C, Ctrl-Z) stay. False: that cannot be had.
  bool read_keys();
  /// As it was. Nothing if this process has no right to the terminal any more.
  void restore() const;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace trun
