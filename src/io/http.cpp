#include "momentcut/io/http.hpp"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include <curl/curl.h>

#include "momentcut/core/error.hpp"
#include "momentcut/core/text.hpp"
#include "momentcut/io/http_attempt.hpp"

namespace momentcut::io {
namespace {

using Clock = std::chrono::steady_clock;
using core::Error;
using core::ErrorKind;

// A bit more than are ever under way at once, so that none is closed that the next one needs.
constexpr long kMostConnections = 80;
constexpr unsigned kUndisturbedAtOnce = 16;
constexpr std::chrono::milliseconds kLongestDelay = std::chrono::hours(24);
constexpr std::chrono::milliseconds kSuspended{500};

void check(CURLMcode code, const char* what) {
  if (code == CURLM_OK) return;
  throw Error(ErrorKind::internal, std::string(what) + ": " + curl_multi_strerror(code));
}

// Connections that outlive a run, and handles to use again.
class Pool {
 public:
  Pool() : multi_(curl_multi_init()) {
    if (multi_ == nullptr) throw Error(ErrorKind::internal, "libcurl cannot be used");
    (void)curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMostConnections);
  }
  ~Pool() {
    idle_.clear();
    curl_multi_cleanup(multi_);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] CURLM* multi() const { return multi_; }

  std::unique_ptr<HttpAttempt> take() {
    if (idle_.empty()) return std::make_unique<HttpAttempt>();
    auto attempt = std::move(idle_.back());
    idle_.pop_back();
    return attempt;
  }
  void put_back(std::unique_ptr<HttpAttempt> attempt) { idle_.push_back(std::move(attempt)); }

 private:
  CURLM* multi_;
  std::vector<std::unique_ptr<HttpAttempt>> idle_;
};

// The transfers of one run. Its destructor ends those that are under way.
class Run {
 public:
  Run(Pool& pool, const HttpSettings& settings, std::vector<HttpTransfer> transfers,
      unsigned at_once)
      : pool_(&pool),
        settings_(&settings),
        at_once_(std::max(at_once, 1U)),
        transfers_(std::move(transfers)),
        not_before_(transfers_.size()) {
    for (std::size_t i = 0; i < transfers_.size(); ++i) waiting_.insert(waiting_.end(), i);
  }
  ~Run() {
    for (const auto& active : active_) remove(*active.attempt);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  [[nodiscard]] bool done() const { return waiting_.empty() && active_.empty(); }

  // Begins what is due, as far as there are places.
  void begin_due() {
    while (active_.size() < at_once_) {
      const auto now = Clock::now();
      const auto due = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](std::size_t i) { return not_before_[i] <= now; });
      if (due == waiting_.end()) return;
      const auto index = *due;
      waiting_.erase(due);
      begin(index);
    }
  }

  // Does what can be done without waiting.
  void advance() {
    // What came while a callback took its time is read first, before anything counts as silent.
    const auto now = Clock::now();
    int running = 0;
    check(curl_multi_perform(pool_->multi(), &running), "cannot carry out an HTTP transfer");
    if (thrown_) std::rethrow_exception(thrown_);
    int left = 0;
    while (const auto* message = curl_multi_info_read(pool_->multi(), &left)) {
      if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
    }
    end_stalled(now);
  }

  // Waits until there is something to do; `signals` may be -1, for deaf.
  void wait(int signals, Clock::time_point until) {
    curl_waitfd fd{signals, CURL_WAIT_POLLIN, 0};
    const auto before = Clock::now();
    const auto next = std::min(next_event(before), until);
    const auto limit = std::max(std::chrono::ceil<std::chrono::milliseconds>(next - before),
                                std::chrono::milliseconds(0));
    check(curl_multi_poll(pool_->multi(), &fd, signals < 0 ? 0 : 1, static_cast<int>(limit.count()),
                          nullptr),
          "cannot wait for the network");
    // Woken long after the time was up: the whole job was suspended (SIGSTOP, a batch system).
    if (const auto late = Clock::now() - before - limit; late > kSuspended) {
      for (const auto& active : active_) active.attempt->excuse(late + kSuspended);
    }
  }

 private:
  struct Active {
    std::unique_ptr<HttpAttempt> attempt;
    std::size_t index;
  };

  void begin(std::size_t index) {
    const auto& transfer = transfers_[index];
    auto request = transfer.prepare();
    auto attempt = pool_->take();
    attempt->begin(*settings_, std::move(request), transfer, thrown_);
    active_.push_back({std::move(attempt), index});
    const auto added = curl_multi_add_handle(pool_->multi(), active_.back().attempt->handle());
    if (added != CURLM_OK) active_.pop_back();
    check(added, "cannot begin an HTTP transfer");
  }

  // Ends an attempt, by libcurl's word or for its silence, and asks whether there is to be another.
  void finish(CURL* handle, std::optional<CURLcode> result) {
    const auto at = std::find_if(active_.begin(), active_.end(), [&](const Active& active) {
      return active.attempt->handle() == handle;
    });
    if (at == active_.end()) return;
    auto attempt = std::move(at->attempt);
    const auto index = at->index;
    active_.erase(at);
    remove(*attempt);
    const auto outcome = attempt->end(result);
    pool_->put_back(std::move(attempt));
    const auto& transfer = transfers_[index];
    if (!transfer.on_end) return;
    if (const auto again = transfer.on_end(outcome)) {
      not_before_[index] = Clock::now() + std::min(*again, kLongestDelay);
      waiting_.insert(index);
    }
  }

  void remove(HttpAttempt& attempt) {
    attempt.stop();  // what libcurl does to end it is no longer for the callbacks
    (void)curl_multi_remove_handle(pool_->multi(), attempt.handle());
  }

  void end_stalled(Clock::time_point now) {
    std::vector<CURL*> stalled;
    for (const auto& active : active_) {
      if (active.attempt->deadline() <= now) stalled.push_back(active.attempt->handle());
    }
    for (CURL* handle : stalled) finish(handle, {});
  }

  [[nodiscard]] Clock::time_point next_event(Clock::time_point now) const {
    auto next = now + kLongestDelay;
    for (const auto& active : active_) next = std::min(next, active.attempt->deadline());
    if (active_.size() < at_once_) {
      for (const auto index : waiting_) next = std::min(next, not_before_[index]);
    }
    return next;
  }

  Pool* pool_;
  const HttpSettings* settings_;
  std::size_t at_once_;
  std::vector<HttpTransfer> transfers_;
  std::vector<Clock::time_point> not_before_;
  std::set<std::size_t> waiting_;
  std::vector<Active> active_;
  std::exception_ptr thrown_;  // by a callback within libcurl, where nothing may be thrown
};

}  // namespace

const std::string* HttpHead::field(std::string_view name) const {
  const auto at = std::find_if(fields.begin(), fields.end(),
                               [&](const auto& entry) { return entry.first == name; });
  return at == fields.end() ? nullptr : &at->second;
}

class Http::Engine {
 public:
  Engine(HttpSettings settings, Interrupt& interrupt)
      : settings_(std::move(settings)), interrupt_(&interrupt) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw Error(ErrorKind::internal, "libcurl cannot be used");
    idle_.push_back(std::make_unique<Pool>());
  }

  void run(std::vector<HttpTransfer> transfers, unsigned at_once) {
    const Lease pool(*this);
    interrupt_->check();
    Run run(*pool, settings_, std::move(transfers), at_once);
    for (;;) {
      run.begin_due();
      run.advance();
      if (run.done()) return;
      run.wait(interrupt_->fd(), Clock::time_point::max());
      interrupt_->check();
    }
  }

  void run_undisturbed(std::vector<HttpTransfer> transfers, std::chrono::milliseconds limit) {
    const auto end = Clock::now() + std::min(limit, kLongestDelay);
    const Lease pool(*this);
    Run run(*pool, settings_, std::move(transfers), kUndisturbedAtOnce);
    while (Clock::now() < end) {
      run.begin_due();
      run.advance();
      if (run.done()) return;
      run.wait(-1, end);
    }
  }

 private:
  // A pool for one run: a callback may run what it needs itself, and that takes another.
  class Lease {
   public:
    explicit Lease(Engine& engine) : engine_(&engine) {
      if (engine.idle_.empty()) engine.idle_.push_back(std::make_unique<Pool>());
      pool_ = std::move(engine.idle_.back());
      engine.idle_.pop_back();
    }
    ~Lease() { engine_->idle_.push_back(std::move(pool_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Pool& operator*() const { return *pool_; }

   private:
    Engine* engine_;
    std::unique_ptr<Pool> pool_;
  };

  HttpSettings settings_;
  Interrupt* interrupt_;
  std::vector<std::unique_ptr<Pool>> idle_;
};

Http::Http(HttpSettings settings, Interrupt& interrupt) {
  std::error_code ignored;
  const auto& bundle = settings.ca_bundle;
  if (!bundle.empty() && !std::filesystem::exists(bundle, ignored)) {
    throw Error(ErrorKind::not_found, "no such CA bundle: " + core::quoted(bundle.native(), 400));
  }
  engine_ = std::make_unique<Engine>(std::move(settings), interrupt);
}

Http::~Http() = default;

void Http::run(std::vector<HttpTransfer> transfers, unsigned at_once) {
  engine_->run(std::move(transfers), at_once);
}

void Http::run_undisturbed(std::vector<HttpTransfer> transfers, std::chrono::milliseconds limit) {
  engine_->run_undisturbed(std::move(transfers), limit);
}

}  // namespace momentcut::io
