// What somebody meant who misspelt a word of the configuration: a key, a value, the name of a mode or of a service.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trun {

/// The candidate that `word` was most likely meant to be; nullopt if none is near.
std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// "; did you mean 'load'?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace trun
