// What is read of a container, and of the containers within it: one run for each outermost file.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "exposure/containers/limits.h"
#include "exposure/exposure.h"

namespace bulkhead::exposure {

// Where a file lies. For the outermost one `name` is empty.
struct Place {
  std::string name;  // as in MemberFindings
  std::string hint;  // for readers: as if each container were a folder
  unsigned depth = 0;

  Place inside(std::string_view member) const;
};

class Collector;

// Containers may hold several members of one name: the second is called "name#2".
class MemberNames {
 public:
  std::string unique(std::string name);

 private:
  std::map<std::string, unsigned> count_;
};

class ContainerRun {
 public:
  using Analyse =
      std::function<Result<FileFindings>(ByteSource&, const Place&, const Layouts&, ContainerRun&)>;
  ContainerRun(const Rules& of_rules, const ContainerLimits& of_limits, std::uint64_t file_bytes,
               Analyse analyse)
      : rules(of_rules), limits(of_limits), budget(of_limits, file_bytes), analyse_(analyse) {}

  // Analyses a member, and lists it with all that lies within it. `amend` gets its report then, to
  // add what only the container knows.
  Status add(ByteSource& source, const Place& place, const Layouts& layouts,
             const std::function<Status(FileReport&)>& amend = {});
  // Lists a member that `read` puts into findings of their own, and then all that lies within it.
  Status add_read(const Place& place, std::uint64_t bytes,
                  const std::function<Status(Collector&)>& read);
  // Lists a member that was analysed already.
  void add_found(const Place& place, FileFindings findings) {
    members_.push_back({place.name, std::move(findings)});
  }
  // Lists a member that is not read; `reason` is a clause for the user.
  void add_unread(const Place& place, std::uint64_t bytes, std::string_view reason);

  std::vector<MemberFindings> take() { return std::move(members_); }

  const Rules& rules;
  const ContainerLimits& limits;
  ContainerBudget budget;

 private:
  Analyse analyse_;
  std::vector<MemberFindings> members_;
};

// A member's name as it may be shown: UTF-8 without control characters, bounded.
std::string shown_member_name(std::string_view name);

}  // namespace bulkhead::exposure
