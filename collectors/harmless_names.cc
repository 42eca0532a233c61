#include "collectors/harmless_names.h"

#include <algorithm>

#include "collectors/token_search.h"

namespace trun {
namespace {

using Names = std::initializer_list<std::string_view>;

// Modules whose functions and classes make values, and change nothing.
// A module that also sets something for the process (os, sys, random, logging) stands below, function by function. A
// name that is missing here counts as seen: every worker then imports the file, as pytest does, which costs only time.
const Names kPureModules = {
    "abc",
    "array",
    "ast",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "collections",
    "contextlib",
    "contextvars",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "difflib",
    "email",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "glob",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "keyword",
    "math",
    "numbers",
    "operator",
    "os.path",
    "pathlib",
    "pickle",
    "platform",
    "posixpath",
    "pprint",
    "queue",
    "re",
    "secrets",
    "shlex",
    "statistics",
    "string",
    "struct",
    "sysconfig",
    "textwrap",
    "time",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "typing_extensions",
    "unicodedata",
    "unittest",
    "urllib.parse",
    "uuid",
    "weakref",
    "xml.etree",
    "zlib",
    "zoneinfo",
    // Third parties.
    "attr",
    "attrs",
    "hypothesis.strategies",
    "hypothesis.stateful",
    "hypothesis.extra",
    "dirty_equals",
    "packaging",
    "pytest.mark",
    "pytest_asyncio",
    "parameterized",
    "freezegun",
    "mock",
    "flaky",
    "inline_snapshot",
};

// Of modules that do other things, too.
const Names kPureCalls = {
    "pytest.fixture",
    "pytest.param",
    "pytest.importorskip",
    "pytest.approx",
    "pytest.raises",
    "pytest.warns",
    "pytest.deprecated_call",
    "pytest.hookimpl",
    "pytest.yield_fixture",
    "hypothesis.given",
    "hypothesis.settings",
    "hypothesis.example",
    "hypothesis.assume",
    "hypothesis.note",
    "hypothesis.seed",
    "hypothesis.HealthCheck",
    "hypothesis.reproduce_failure",
    "asyncio.Lock",
    "asyncio.Event",
    "asyncio.Semaphore",
    "asyncio.iscoroutinefunction",
    "concurrent.futures.Future",
    "decimal.Decimal",
    "decimal.Context",
    "importlib.util.find_spec",
    "importlib.machinery.ModuleSpec",
    "pkgutil.iter_modules",
    "locale.getpreferredencoding",
    "locale.getlocale",
    "logging.getLogger",
    "logging.Formatter",
    "logging.StreamHandler",
    "logging.NullHandler",
    "logging.LogRecord",
    "os.getenv",
    "os.environ.get",
    "os.environ.copy",
    "os.getcwd",
    "os.fspath",
    "os.cpu_count",
    "os.getpid",
    "os.listdir",
    "os.access",
    "os.stat",
    "os.getuid",
    "os.geteuid",
    "os.urandom",
    "os.uname",
    "os.scandir",
    "os.walk",
    "os.fsencode",
    "os.fsdecode",
    "os.strerror",
    "random.Random",
    "random.SystemRandom",
    "shutil.which",
    "sys.getsizeof",
    "sys.getrecursionlimit",
    "sys.getdefaultencoding",
    "sys.getfilesystemencoding",
    "sys.exc_info",
    "sys.version_info",
    "sys.platform.startswith",
    "sys.version.startswith",
    "sys.intern",
    "sys.getwindowsversion",
    "tempfile.gettempdir",
    "threading.Lock",
    "threading.RLock",
    "threading.Event",
    "threading.local",
    "threading.Semaphore",
    "threading.Condition",
    "threading.Barrier",
    "numpy.array",
    "numpy.arange",
    "numpy.zeros",
    "numpy.ones",
    "numpy.linspace",
    "numpy.dtype",
    "numpy.empty",
    "numpy.full",
    "numpy.finfo",
    "numpy.iinfo",
    "numpy.errstate",
    "numpy.vstack",
    "numpy.matrix",
    "numpy.int8",
    "numpy.intp",
    "numpy.timedelta64",
    "numpy.datetime64",
    "numpy.float32",
    "numpy.float64",
    "numpy.eye",
    "numpy.asarray",
    "numpy.random.RandomState",
    "numpy.random.default_rng",
    "responses.activate",
    "respx.mock",
    "httpretty.activate",
    "vcr.use_cassette",
    "warnings.catch_warnings",
    "pluggy.HookspecMarker",
    "pluggy.HookimplMarker",
    "pydantic.ConfigDict",
    "pydantic.Field",
};

// Bases: what the modules of the standard library offer for that keeps no list that anybody looks at.
const Names kPureBaseModules = {
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "cmd",
    "code",
    "codecs",
    "collections",
    "configparser",
    "contextlib",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "email",
    "enum",
    "fractions",
    "functools",
    "html",
    "http",
    "importlib",
    "io",
    "json",
    "logging",
    "multiprocessing",
    "numbers",
    "optparse",
    "os",
    "pathlib",
    "pickle",
    "pydantic",
    "queue",
    "random",
    "smtpd",
    "socket",
    "socketserver",
    "ssl",
    "string",
    "subprocess",
    "threading",
    "types",
    "typing",
    "typing_extensions",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "xmlrpc",
    "zipfile",
    "attrs",
    "pytest",
    "hypothesis.stateful",
    "tornado.testing",
    "twisted.trial.unittest",
    "asynctest",
    "testtools",
};
const Names kPureBases = {
    "django.test.TestCase",           "django.test.SimpleTestCase", "django.test.TransactionTestCase",
    "django.test.LiveServerTestCase", "pydantic.BaseModel",         "parameterized.TestCase",
};

const Names kPureBuiltins = {
    "abs",        "all",         "any",     "ascii",   "bin",     "bool",   "bytearray",    "bytes",    "callable",
    "chr",        "classmethod", "complex", "dict",    "dir",     "divmod", "enumerate",    "filter",   "float",
    "format",     "frozenset",   "getattr", "globals", "hasattr", "hash",   "hex",          "id",       "int",
    "isinstance", "issubclass",  "iter",    "len",     "list",    "locals", "map",          "max",      "memoryview",
    "min",        "next",        "object",  "oct",     "ord",     "pow",    "print",        "property", "range",
    "repr",       "reversed",    "round",   "set",     "slice",   "sorted", "staticmethod", "str",      "sum",
    "super",      "tuple",       "type",    "vars",    "zip",
};

// Exceptions keep no list of their subclasses, and are named by these endings.
bool names_exception(std::string_view name) {
  return name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning") ||
         is_one_of(name, {"ExceptionGroup", "BaseExceptionGroup", "KeyboardInterrupt", "SystemExit", "StopIteration",
                          "StopAsyncIteration", "GeneratorExit"});
}

/// Functions of modules that are pure but for those that set something for everybody: calendar.setfirstweekday().
bool sets_something(std::string_view dotted) {
  const std::string_view name = dotted.substr(dotted.rfind('.') + 1);
  const auto begins = [&](std::string_view word) { return name.starts_with(word); };
  return begins("set_") || begins("register_") || begins("install") ||
         is_one_of(name,
                   {"add_alias", "add_charset", "add_codec", "add_type", "configure", "field_size_limit",
                    "load_profile", "main", "register", "setfirstweekday", "setdefaulttimeout", "setlocale", "tzset"});
}

}  // namespace

bool is_harmless_call(std::string_view dotted) {
  // unittest.mock.patch(...).start() is a method of what the call returns.
  if (sets_something(dotted)) return false;
  return is_one_of(dotted, kPureCalls) || is_below_one_of(dotted, kPureModules) ||
         is_one_of(dotted, {"attr.s", "flaky"});
}

bool is_harmless_builtin(std::string_view name) { return is_one_of(name, kPureBuiltins) || names_exception(name); }

bool changes_argument(std::string_view dotted) {
  const std::size_t dot = dotted.rfind('.');
  const std::string_view owner = dotted.substr(0, dot == std::string_view::npos ? 0 : dot);
  const std::string_view name = dotted.substr(dot + 1);
  if (owner == "heapq") return name.starts_with("heap");
  if (owner == "bisect") return name.starts_with("insort");
  // The functions for +=, |= and the like change their first argument in place.
  if (owner == "operator")
    return is_one_of(name, {"setitem", "delitem"}) ||
           (name.starts_with("i") &&
            is_one_of(name.substr(1), {"add", "and", "concat", "floordiv", "lshift", "matmul", "mod", "mul", "or",
                                       "pow", "rshift", "sub", "truediv", "xor"}));
  if (owner.empty()) return is_one_of(name, {"setattr", "delattr"});
  return is_harmless_builtin_base(owner) &&
         is_one_of(name,
                   {"__delattr__", "__delitem__", "__setattr__", "__setitem__", "add", "append", "clear", "discard",
                    "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update"});
}

bool calls_argument(std::string_view dotted) {
  return is_one_of(dotted, {"map", "filter", "functools.reduce", "itertools.starmap"});
}

// Names that strings, paths, patterns and dictionaries have. The text does not tell the type, so the scan misses a
// method of such a name that does more.
bool is_harmless_method(std::string_view name) {
  return is_one_of(
      name, {"as_posix",  "capitalize",  "casefold",   "copy",       "count", "decode",     "encode",  "endswith",
             "exists",    "find",        "format",     "get",        "index", "is_dir",     "is_file", "isdigit",
             "items",     "join",        "joinpath",   "keys",       "ljust", "lower",      "lstrip",  "match",
             "partition", "read_text",   "replace",    "resolve",    "rjust", "rpartition", "rsplit",  "rstrip",
             "search",    "split",       "splitlines", "startswith", "strip", "title",      "upper",   "values",
             "with_name", "with_suffix", "zfill"});
}

// These are also found by the observer of imports (docs/architecture.md): random numbers, the process number, temporary
// folders, connections. Forks keep a seed.
bool binds_to_process(std::string_view dotted) {
  if (dotted == "random.seed") return false;
  return is_below_one_of(dotted, {"secrets", "random"}) ||
         is_one_of(dotted, {"uuid.uuid1", "uuid.uuid4", "os.urandom", "os.getpid", "tempfile.mkdtemp",
                            "tempfile.mkstemp", "tempfile.NamedTemporaryFile", "sqlite3.connect"});
}

bool is_below_one_of(std::string_view name, Names modules) {
  return std::any_of(modules.begin(), modules.end(), [&](std::string_view module) {
    return name.size() > module.size() && name.starts_with(module) && name[module.size()] == '.';
  });
}

bool is_harmless_base(std::string_view dotted) {
  return is_below_one_of(dotted, kPureBaseModules) || is_one_of(dotted, kPureBases);
}

bool names_test_base(std::string_view name) { return name.find("Test") != std::string_view::npos; }

bool is_harmless_builtin_base(std::string_view name) {
  return names_exception(name) || is_one_of(name, {"object", "dict", "list", "set", "frozenset", "tuple", "str", "int",
                                                   "float", "bytes", "bytearray", "complex", "property", "type"});
}

bool returns_shared(std::string_view dotted) {
  return is_one_of(dotted,
                   {"logging.getLogger", "getattr", "vars", "unittest.mock.patch", "unittest.mock.patch.object",
                    "unittest.mock.patch.dict", "unittest.mock.patch.multiple", "mock.patch", "mock.patch.object",
                    "mock.patch.dict", "mock.patch.multiple", "inspect.getmodule", "inspect.currentframe",
                    "pytest.importorskip", "freezegun.freeze_time", "time_machine.travel", "contextlib.ExitStack"});
}

}  // namespace trun
