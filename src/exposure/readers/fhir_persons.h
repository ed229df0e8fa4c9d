// What one FHIR resource says of whom. Follows fhir_table.cpp; knows nothing of JSON or XML.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "exposure/readers/draft.h"
#include "exposure/readers/fhir_table.h"
#include "exposure/readers/resource_tree.h"

namespace bulkhead::exposure {

class FhirPersons {
 public:
  // `scope`: where ids without a server's name mean the same (a folder of exported files).
  FhirPersons(std::string scope, Collector& collector)
      : scope_(std::move(scope)), collector_(collector) {}

  // `node` is the resource, with its child "resourceType". False where that is none of FHIR's.
  bool take(const ResourceTree& tree, ResourceTree::Node node);
  // After the last one.
  void finish();

 private:
  struct Shown {  // a name beside a reference
    std::string name;
    std::uint64_t offset = 0;
    std::uint16_t place = 0;
    std::uint32_t length = 0;
  };
  using Node = ResourceTree::Node;

  void take_person(const FhirResourceRule& rule, Node node);
  void take_about(const FhirResourceRule& rule, Node node);
  void take_members(Node node);
  void fill_person(Node node, std::string_view type, Draft& to);
  void add_fields(Node node, std::string_view type, Draft& to);
  void take_contacts(Node node, std::uint32_t patient);
  // Whom a Reference names, into `to`. False where it is nobody of whom there could be data.
  // `anyone`: the element names others as well, and means a patient only where it says so.
  bool add_reference(Node resource, Node reference, bool anyone, Draft& to);
  void add_condition(Node reference, Draft& to);
  void add_key(std::string_view type, std::string_view id, Draft& to);
  // `numbered`: an identifier stands beside it.
  void note_display(Node display, std::string_view id, bool numbered, Draft& to);

  void add_name(Node name, Draft& to);
  void add_address(Node address, Draft& to);
  void add_telecom(Node telecom, Draft& to);
  void add_identifier(Node identifier, std::string_view owner, Draft& to);
  void add_subscriber_number(Node coverage, Draft& to);
  void add_concept(const FhirFieldRule& rule, Node node, Draft& to);
  void add_provider(Node node, Draft& to);
  void put(FieldKind kind, Node node, Draft& to, const FieldDetail& detail = {});
  std::string id_of(Node resource) const;
  std::uint64_t first_offset(Node node) const;
  std::uint16_t place(Node node);

  const ResourceTree* tree_ = nullptr;
  std::string scope_;
  Collector& collector_;
  Draft draft_, side_;
  std::map<std::string, Shown> shown_;   // by the patient's id
  std::set<std::string> patients_;       // whose resource was in the file
  Node resource_ = ResourceTree::kNone;  // the one at hand
  std::string type_;                     // of it
};

}  // namespace bulkhead::exposure
