// One channel of type "session" (RFC 4254 sections 5 and 6): its two windows, and the stream to its
// handler.
#pragma once

#include <memory>
#include <optional>

#include "ssh/disconnect.h"
#include "ssh/options.h"
#include "ssh/subsystem.h"
#include "ssh/transport.h"

namespace bulkhead::ssh {

// The largest data that one CHANNEL_DATA may bring; with its header and padding it fits
// kMaxPacketLength.
constexpr std::uint32_t kMaxDataBytes = 255 * 1024;
// Kept free in the output beside what handlers reserve, for the small messages that a received one
// can cause.
constexpr std::size_t kControlReserveBytes = 16 * 1024;

class Channel final : public ChannelWriter {
 public:
  struct Peer {
    std::uint32_t id;
    std::uint32_t window;
    std::uint32_t max_packet;
  };
  // `window_budget` is what is left of max_windows_together_bytes; at least the initial window.
  Channel(Transport& transport, const Options& options, std::uint32_t id, const Peer& peer,
          std::uint64_t& window_budget);
  ~Channel() override;

  std::uint32_t id() const { return id_; }
  std::uint32_t peer_id() const { return peer_id_; }
  bool has_handler() const { return handler_ != nullptr; }
  void attach(std::unique_ptr<ChannelHandler> handler) { handler_ = std::move(handler); }

  Step on_window_adjust(std::uint32_t bytes);
  Step on_data(ByteView bytes);
  Step on_ignored_data(std::size_t bytes);  // extended data: counted, dropped
  Step on_eof();
  Step on_close();
  // Whatever has become possible: queued output, held input, endings.
  Step pump();
  bool busy() const {
    return handler_ != nullptr && !exit_status_ && !close_sent_ && handler_->busy();
  }
  Step take_turn();
  bool gone() const { return close_sent_ && close_received_; }
  std::uint64_t transferred_bytes() const { return transferred_bytes_; }

  MutableByteView reserve(std::size_t bytes) override;
  void commit(std::size_t bytes) override;
  void finish(std::uint32_t exit_status) override;

 private:
  bool can_reserve(std::size_t bytes);
  std::size_t packet_limit() const;
  std::size_t bytes_around_pieces(std::size_t bytes) const;
  void send_pieces(const Byte* data, std::size_t bytes);
  void send_queued();
  Step give_window(std::size_t bytes);
  Step send_window_adjust();
  void grow_window();
  Step take_in_order(ByteView bytes);
  Step bring_held();
  Step close_if_finished();
  Step send_close();

  Transport& transport_;
  const Options& options_;
  std::uint32_t id_;
  std::uint64_t& window_budget_;
  std::unique_ptr<ChannelHandler> handler_;

  // Outgoing.
  std::uint32_t peer_id_;
  std::uint32_t peer_window_;
  std::uint32_t peer_max_packet_;
  Bytes queued_;  // what a commit() brought beyond the peer's window
  std::size_t queued_sent_ = 0;
  MutableByteView reserved_;
  Byte* reserved_tail_ = nullptr;  // where the output ended when reserving
  std::size_t blocked_bytes_ = 0;  // what a reserve() in vain asked for
  std::optional<std::uint32_t> exit_status_;
  bool close_sent_ = false;

  // Incoming.
  std::uint32_t window_max_;
  std::uint32_t window_;    // what the client may still send
  std::uint32_t owed_ = 0;  // taken by the handler, not yet given back
  std::uint64_t taken_since_growth_ = 0;
  std::uint64_t transferred_bytes_ = 0;
  Bytes held_;  // not taken yet
  std::size_t held_taken_ = 0;
  bool eof_received_ = false;
  bool eof_told_ = false;
  bool close_received_ = false;
};

}  // namespace bulkhead::ssh
