#include "drill/edge/web_host.h"

#include <optional>

#include "drill/edge/stored_file.h"
#include "drill/edge/vault_client.h"
#include "drill/wire/bytes.h"
#include "drill/wire/orders.h"
#include "drill/wire/stream.h"
#include "drill/wire/tls.h"

namespace bulkhead::drill {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::string_view kFiles = "/api/v1/files";

struct WebRequest {
  std::string method;
  std::string target;
  std::string content;
};

int digit(char c) {
  const auto at = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
  return at == std::string_view::npos ? 0 : static_cast<int>(at);
}

// A field of a form, decoded; empty: it is not there.
std::string field_of(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(pair.size() + 1, form.size()));
    if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
    std::string value;
    for (std::size_t i = name.size() + 1; i < pair.size(); ++i) {
      if (pair[i] == '%' && i + 2 < pair.size()) {
        value += static_cast<char>(digit(pair[i + 1]) * 16 + digit(pair[i + 2]));
        i += 2;
      } else {
        value += pair[i] == '+' ? ' ' : pair[i];
      }
    }
    return value;
  }
  return "";
}

class WebHost {
 public:
  WebHost(int client, Spoils& spoils) : client_(client), tls_(client), spoils_(spoils) {}

  bool serve() {
    if (!shake_hands()) return false;
    while (const auto request = receive_request()) {
      if (!answer(*request)) return false;
    }
    return was_taken();
  }

 private:
  bool shake_hands() {
    channel::Request greet;
    greet.mutable_tls_greet();
    const auto greeting = ask_vault(greet);
    if (!greeting || greeting->code() != 0) return false;
    const auto& certificates = greeting->tls_greeting().certificate();
    return tls_.shake_hands({certificates.begin(), certificates.end()},
                            [](const std::string& content) {
                              channel::Request request;
                              request.mutable_tls_sign()->set_content(content);
                              const auto reply = ask_vault(request);
                              return reply ? reply->tls_signature().signature() : "";
                            });
  }

  bool receive_until(std::size_t bytes) {
    while (pending_.size() < bytes) {
      const auto more = tls_.receive();
      if (!more) return false;
      pending_ += *more;
    }
    return true;
  }

  // What this client sends and nothing else: lengths in plain digits, no chunks.
  std::optional<WebRequest> receive_request() {
    std::size_t end = 0;
    while ((end = pending_.find(kEndOfHead)) == std::string::npos) {
      if (!receive_until(pending_.size() + 1)) return std::nullopt;
    }
    const std::string head = pending_.substr(0, end);
    pending_.erase(0, end + kEndOfHead.size());
    WebRequest request;
    const std::size_t blank = head.find(' ');
    request.method = head.substr(0, blank);
    request.target = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    if (const std::size_t at = head.find(kLength); at != std::string::npos) {
      const std::size_t bytes = std::strtoul(head.c_str() + at + kLength.size(), nullptr, 10);
      if (!receive_until(bytes)) return std::nullopt;
      request.content = pending_.substr(0, bytes);
      pending_.erase(0, bytes);
    }
    return request;
  }

  bool answer(const WebRequest& request) {
    if (request.method == "POST") return say(log_in(request.content) ? "200 OK" : "401 No", "");
    if (request.method == "PUT") return true;  // its content never ends
    if (!request.target.starts_with(kFiles)) return say("200 OK", "{\"status\":\"ok\"}\n");
    const auto plaintext = fetch_small_file(std::string_view(request.target).substr(kFiles.size()));
    if (!plaintext) return say("404 No", "");
    spoils_.plaintext = *plaintext;
    return say("200 OK", spoils_.plaintext);
  }

  bool say(std::string_view status, std::string_view content) {
    return tls_.send("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " +
                     std::to_string(content.size()) + "\r\n\r\n" + std::string(content));
  }

  // What the client proves goes to the vault; a copy stays here.
  bool log_in(std::string_view form) {
    channel::Request question;
    auto& wanted = *question.mutable_log_in();
    wanted.set_user_name(field_of(form, "user"));
    wanted.set_password(field_of(form, "password"));
    wanted.set_code(field_of(form, "code"));
    spoils_.user = wanted.user_name();
    put_string(spoils_.password, wanted.password());
    const auto reply = ask_vault(question);
    return reply && reply->ssh_authentication().outcome() == channel::SshAuthentication::SUCCESS;
  }

  bool was_taken() {
    if (tls_.not_a_record() != kMagic.substr(0, 5)) return false;
    const auto rest = read_exactly(client_, kMagic.size() - 5);
    return rest && *rest == kMagic.substr(5);
  }

  int client_;
  TlsTransport tls_;
  Spoils& spoils_;
  std::string pending_;
};

}  // namespace

bool serve_web_honestly(int client, Spoils& spoils) {
  return WebHost(client, spoils).serve();
}

}  // namespace bulkhead::drill
