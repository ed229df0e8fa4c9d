// A long random story of journal entries, for tests of the catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "catalogue_entries.h"

namespace bulkhead::vault::test {
// Makes entries that fit, from a small model of its own of what there is.
class Author {
 public:
  explicit Author(std::uint64_t seed);

  void write_one();

  std::vector<Recorded> entries;
  std::set<int> kinds;

 private:
  struct Node {
    bool folder = false;
    std::uint64_t parent = 0;
    std::string name;
    std::uint64_t version = 0;
    std::uint64_t lineage = 0;
    int children = 0;
  };
  struct Upload {
    std::uint64_t parent = 0;
    std::string name;
    std::uint64_t user = 0;
    std::uint64_t lineage = 0;
    std::uint64_t base = 0;
  };

  std::uint64_t pick(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random_);
  }
  template <typename Container>
  auto any(const Container& from) {
    return *std::next(from.begin(), static_cast<std::ptrdiff_t>(pick(from.size())));
  }
  std::uint64_t any_folder();
  std::uint64_t child(std::uint64_t parent, const std::string& name);
  std::string some_name();

  journal::Entry fresh();
  void write(journal::Entry entry, bool has_payload = false);

  void add_organisation();
  void change_organisation();
  void add_user();
  std::uint64_t any_user();
  void change_user();
  void remove_user();
  void set_rights();
  void add_authority();
  void remove_authority();
  void revoke();
  void change_host_keys();
  void change_tls_keys();
  void rotate_organisation_key();
  void rotate_root_key();
  void open_session();
  void end_session();
  void make_folder();
  bool removable(std::uint64_t id);
  void forget(std::uint64_t id);
  void remove_node();
  void rename_node();
  void set_attributes();
  void start_upload();
  void commit_upload();
  void park_upload();
  void resume_upload();
  void abandon_upload();
  void rename_upload();
  void list();
  void release();
  void analyse();
  void compact();
  void contain();
  void lift();
  template <typename Event>
  void put_scope(Event& event, std::uint64_t scopes);
  void refuse();
  void trip();
  void set_canary();
  void set_durability();
  void talk();

  std::mt19937_64 random_;
  UnixMicros now_ = kStart;
  std::uint64_t organisations_ = 0;
  // Epochs that are not retired, and the lineages under each.
  std::map<std::uint64_t, std::set<std::uint32_t>> epochs_;
  struct Wrapped {
    std::uint64_t organisation = 0;
    std::uint32_t epoch = 0;
  };
  std::map<std::uint64_t, Wrapped> lineages_;
  std::uint64_t last_authority_ = 0;
  std::set<std::uint64_t> authorities_;
  std::uint64_t last_host_key_ = 0;
  std::uint64_t last_tls_key_ = 0;
  std::uint64_t last_user_ = 0;
  std::uint64_t last_node_ = 1;
  std::uint64_t last_upload_ = 0;
  std::uint64_t last_version_ = 0;
  std::uint64_t last_lineage_ = 0;
  std::uint64_t last_channel_ = 0;
  std::map<std::uint64_t, Node> nodes_;
  std::map<std::uint64_t, Upload> uploads_;
  std::map<std::uint64_t, std::uint64_t> versions_;  // to lineage
  std::map<std::uint64_t, std::string> users_;
  std::map<std::uint64_t, std::uint64_t> user_of_;
  std::set<std::string> names_;
  std::set<std::uint64_t> sessions_;
};

}  // namespace bulkhead::vault::test
