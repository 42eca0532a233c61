#include "runner/engine/others_imports.h"

#include <set>
#include <string>
#include <utility>

namespace trun {
namespace {

constexpr std::size_t kNamed = 3;

std::string word(Assumption::Kind kind) {
  switch (kind) {
    case Assumption::Kind::read:
      return "read";
    case Assumption::Kind::value:
      return "value";
    case Assumption::Kind::inert:
      return "inert";
    case Assumption::Kind::base:
      return "base";
  }
  return "";
}

std::string inside(const std::string& path, const std::string& rootdir) {
  return path.rfind(rootdir + "/", 0) == 0 ? path.substr(rootdir.size() + 1) : path;
}

/// Imports that every process has made by now, whoever owns which file.
class Made {
 public:
  /// The steps of `file` that are not among them.
  std::vector<ModuleImport> add(const FoundFile& file) {
    std::vector<ModuleImport> fresh;
    const std::string folder = file.path.substr(0, file.path.rfind('/'));
    bool sure = true;
    for (const ImportStep& step : file.scan.effects.imports) {
      // If this import fails, the rest of the file is skipped: what follows is not surely made, so other files make it
      // as well.
      sure = sure && !step.may_skip;
      // The same relative name in two folders is two modules.
      const std::string base = step.module[0] == '.' ? folder + " " + step.module : step.module;
      ModuleImport left{step.module, {}, step.optional};
      for (const std::string& name : step.names) {
        if (take(base + " " + name, sure && !step.optional)) left.names.push_back(name);
      }
      const bool is_new = take(base, sure && !step.optional);
      if (step.may_skip || (step.names.empty() ? is_new : !left.names.empty())) fresh.push_back(std::move(left));
    }
    return fresh;
  }

 private:
  // Whether it is not among them; `sure`: it is from now on.
  bool take(const std::string& what, bool sure) {
    if (!sure) return made_.count(what) == 0;
    return made_.insert(what).second;
  }

  // Modules that every worker has imported anyway.
  std::set<std::string> made_ = {"os", "pytest", "re", "sys"};
};

}  // namespace

SeenFiles seen_files(const Discovery& found, const std::string& rootdir) {
  SeenFiles seen;
  for (const FoundFile& file : found.files) {
    const ModuleEffects& effects = file.scan.effects;
    if (effects.seen.empty()) continue;
    if (++seen.count > kNamed) continue;
    if (seen.count > 1) seen.first += "; ";
    seen.first += inside(file.path, rootdir) + ":" + std::to_string(effects.line) + " " + effects.seen;
  }
  if (seen.count > kNamed) seen.first += "; and " + std::to_string(seen.count - kNamed) + " more";
  return seen;
}

std::vector<OthersImport> others_imports(const Discovery& found) {
  std::vector<OthersImport> all;
  Made made;
  for (const FoundFile& file : found.files) {
    if (!file.scan.effects.seen.empty()) {
      all.push_back({file.path, std::nullopt, {}});
      continue;
    }
    std::vector<ModuleImport> modules = made.add(file);
    std::vector<ImportAssumption> assumes;
    for (const Assumption& each : file.scan.effects.assumes) assumes.push_back({word(each.kind), each.name});
    if (!modules.empty() || !assumes.empty()) all.push_back({file.path, std::move(modules), std::move(assumes)});
  }
  return all;
}

std::string why_imports(const std::vector<OthersImport>& imports, const SeenFiles& seen) {
  std::size_t modules = 0;
  for (const OthersImport& file : imports) modules += file.modules ? file.modules->size() : 0;
  std::string text;
  if (modules > 0)
    text = "makes " + std::to_string(modules) + (modules == 1 ? " import" : " imports") + " of others' files";
  if (seen.count > 0) {
    text += (text.empty() ? "imports " : ", and imports ") + std::to_string(seen.count) +
            (seen.count == 1 ? " file" : " files") + " of others, because their tests may see what " +
            (seen.count == 1 ? "it does: " : "these do: ") + seen.first;
  }
  return "every worker " + text;
}

}  // namespace trun
