#include "scp/session.h"

#include "scp/output.h"
#include "scp/sink.h"
#include "scp/source.h"

namespace bulkhead::scp {
namespace {

// Says why not, and is over. A client that sends and one that gets both show such a message.
class Refusal final : public Session {
 public:
  Refusal(Error error, sftp::ReplySink& out) : error_(std::move(error)), out_(out) {}

  std::size_t on_data(ByteView bytes) override { return exit_status_ ? bytes.size() : 0; }
  void on_eof() override { exit_status_ = 1; }
  bool busy() const override { return busy_; }
  void resume() override {
    busy_ = false;
    if (exit_status_ || !out_.may_continue()) return;
    send_message(out_, Severity::kFatal, {}, error_);
    exit_status_ = 1;
  }
  std::optional<std::uint32_t> exit_status() const override { return exit_status_; }

 private:
  Error error_;
  sftp::ReplySink& out_;
  bool busy_ = true;
  std::optional<std::uint32_t> exit_status_;
};

}  // namespace

std::unique_ptr<Session> start(std::string_view text, sftp::FileSystem& files,
                               sftp::ReplySink& out) {
  auto command = parse_command(text);
  if (!command) return std::make_unique<Refusal>(std::move(command).error(), out);
  if (command->role == Role::kSource)
    return std::make_unique<Source>(std::move(*command), files, out);
  return std::make_unique<Sink>(std::move(*command), files, out);
}

}  // namespace bulkhead::scp
