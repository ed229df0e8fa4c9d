// clang-format off: tables, to be read as such.
// HL7 FHIR R2 (DSTU2), R3 (STU3), R4, R4B and R5, with US Core, CARIN Blue Button and what BFD and BCDA add.
#include "exposure/readers/fhir_table.h"
#include "exposure/readers/word_list.h"

namespace bulkhead::exposure {
namespace {

using enum FieldKind;
constexpr auto kIcd = CodeSystem::kAnyIcd;
constexpr auto kHcpcs = CodeSystem::kProcedure;

constexpr FhirResourceRule kResources[] = {
    {"Patient", FhirSubject::kPatient},
    {"Person", FhirSubject::kPerson},
    {"RelatedPerson", FhirSubject::kRelated, "patient"},
    {"Practitioner", FhirSubject::kPractitioner},
    {"Coverage", FhirSubject::kAbout, "beneficiary patient subscriber policyHolder"},
    {"Claim ClaimResponse ExplanationOfBenefit CoverageEligibilityRequest CoverageEligibilityResponse "
     "EligibilityRequest EligibilityResponse EnrollmentRequest", FhirSubject::kAbout, "patient candidate"},
    {"Condition Observation Procedure DiagnosticReport DiagnosticOrder MedicationRequest MedicationOrder "
     "MedicationStatement MedicationUsage MedicationDispense MedicationAdministration MedicationPrescription Encounter "
     "CarePlan CareTeam Goal ServiceRequest ReferralRequest ProcedureRequest DeviceRequest DeviceUseStatement DeviceUsage "
     "DocumentReference DocumentManifest Composition ClinicalImpression RiskAssessment Specimen Media ImagingStudy "
     "QuestionnaireResponse List Communication CommunicationRequest Flag Account ChargeItem Invoice NutritionOrder "
     "NutritionIntake AdverseEvent MeasureReport RequestGroup Basic BodyStructure GenomicStudy",
     FhirSubject::kAbout, "subject patient"},
    {"Immunization ImmunizationRecommendation ImmunizationEvaluation AllergyIntolerance FamilyMemberHistory Device "
     "DetectedIssue EpisodeOfCare VisionPrescription Sequence MolecularSequence ImagingObjectSelection ImagingManifest BodySite "
     "Consent SupplyRequest SupplyDelivery DeviceDispense", FhirSubject::kAbout, "patient subject"},
    {"Task", FhirSubject::kAbout, "for"},
    {"Appointment", FhirSubject::kAbout, "participant.actor subject"},
    {"AppointmentResponse", FhirSubject::kAbout, "actor"},
    {"Group", FhirSubject::kAbout, "member.entity"},
    {"ResearchSubject", FhirSubject::kAbout, "individual subject"},
    {"Bundle Parameters OperationOutcome Organization OrganizationAffiliation Location PractitionerRole HealthcareService "
     "Medication MedicationKnowledge Substance ValueSet CodeSystem ConceptMap NamingSystem StructureDefinition "
     "CapabilityStatement Conformance SearchParameter OperationDefinition ImplementationGuide CompartmentDefinition "
     "StructureMap GraphDefinition ExampleScenario Questionnaire Library Measure PlanDefinition ActivityDefinition "
     "EventDefinition ChargeItemDefinition InsurancePlan Schedule Slot Endpoint Provenance AuditEvent MessageHeader "
     "MessageDefinition TestScript TestReport DataElement ExpansionProfile DeviceComponent DeviceDefinition DeviceMetric "
     "PaymentNotice PaymentReconciliation Contract Binary Subscription Linkage ResearchStudy Evidence EvidenceVariable "
     "SpecimenDefinition ObservationDefinition Order OrderResponse ProcessRequest ProcessResponse", FhirSubject::kNobody},
};

constexpr FhirFieldRule kFields[] = {
    // types, path, what, codes. (Names, identifiers, addresses, telecom and contacts are read by their types.)
    {"Patient Person RelatedPerson Practitioner", "birthDate", kBirthDate},
    {"Patient Person RelatedPerson Practitioner", "gender", kDemographics},
    {"Patient", "deceasedBoolean", kDeathFlag},
    {"Patient", "deceasedDateTime", kDeathDate},
    {"Patient", "maritalStatus", kDemographics},
    {"Patient", "communication.language", kDemographics},
    {"Patient", "extension.valueCoding", kDemographics},              // race, ethnicity, dual status…
    {"Patient", "extension.valueCodeableConcept", kDemographics},
    {"Patient", "extension.extension.valueCoding", kDemographics},
    {"Patient", "extension.valueCode", kDemographics},                // birth sex
    {"Patient", "generalPractitioner", kTreatingProvider},
    {"Patient", "careProvider", kTreatingProvider},
    // --- cover
    {"Coverage", "status", kEligibility}, {"Coverage", "type", kEligibility}, {"Coverage", "period.start", kEligibility},
    {"Coverage", "period.end", kEligibility}, {"Coverage", "class.value", kEligibility}, {"Coverage", "group", kEligibility},
    {"Coverage", "plan", kEligibility}, {"Coverage", "grouping.group", kEligibility}, {"Coverage", "grouping.plan", kEligibility},
    {"Coverage", "grouping.subPlan", kEligibility}, {"Coverage", "identifier.value", kEligibility},
    {"CoverageEligibilityRequest CoverageEligibilityResponse EligibilityRequest EligibilityResponse EnrollmentRequest", "status",
     kEligibility},
    {"CoverageEligibilityRequest CoverageEligibilityResponse EligibilityRequest EligibilityResponse EnrollmentRequest", "created",
     kEligibility},
    // --- claims
    {"Claim ClaimResponse ExplanationOfBenefit", "identifier.value", kClaim},
    {"Claim ClaimResponse ExplanationOfBenefit", "created", kClaim},
    {"Claim ExplanationOfBenefit", "billablePeriod.start", kClaim},
    {"Claim ExplanationOfBenefit", "item.servicedDate", kClaim},
    {"Claim ExplanationOfBenefit", "item.servicedPeriod.start", kClaim},
    {"Claim", "total.value", kClaim}, {"ExplanationOfBenefit ClaimResponse", "total.amount.value", kClaim},
    {"Claim ExplanationOfBenefit", "diagnosis.diagnosisCodeableConcept", kDiagnosis, kIcd},
    {"Claim ExplanationOfBenefit", "diagnosis.diagnosis", kDiagnosis, kIcd},                       // R2
    {"Claim ExplanationOfBenefit", "procedure.procedureCodeableConcept", kProcedure, kHcpcs},
    {"Claim ExplanationOfBenefit", "item.productOrService", kProcedure, kHcpcs},
    {"Claim ExplanationOfBenefit", "item.service", kProcedure, kHcpcs},                            // R2, R3
    {"Claim ExplanationOfBenefit", "item.detail.productOrService", kProcedure, kHcpcs},
    {"Claim ExplanationOfBenefit", "careTeam.provider", kTreatingProvider},
    {"Encounter", "identifier.value", kClaim}, {"Encounter", "period.start", kClaim}, {"Encounter", "actualPeriod.start", kClaim},
    {"Encounter", "class", kClaim}, {"Encounter", "type", kClaim},
    {"Encounter", "reasonCode", kDiagnosis, kIcd}, {"Encounter", "reason", kDiagnosis, kIcd},
    {"Encounter", "participant.individual", kTreatingProvider}, {"Encounter", "participant.actor", kTreatingProvider},
    {"Appointment", "start", kClaim}, {"EpisodeOfCare", "period.start", kClaim},
    {"ChargeItem Invoice", "code", kClaim}, {"Account", "identifier.value", kAccountNumber},
    // --- clinical
    {"Condition", "code", kDiagnosis, kIcd},
    {"Condition", "asserter", kTreatingProvider},
    {"Procedure", "code", kProcedure, kHcpcs},
    {"Procedure", "performer.actor", kTreatingProvider},
    {"Procedure", "reasonCode", kDiagnosis, kIcd},
    {"ServiceRequest ReferralRequest ProcedureRequest", "code", kProcedure, kHcpcs},
    {"ServiceRequest", "code.concept", kProcedure, kHcpcs},                                        // R5
    {"DiagnosticOrder", "item.code", kProcedure, kHcpcs},
    {"MedicationRequest MedicationOrder MedicationStatement MedicationUsage MedicationDispense MedicationAdministration",
     "medicationCodeableConcept", kPrescription},
    {"MedicationRequest MedicationOrder MedicationStatement MedicationUsage MedicationDispense MedicationAdministration "
     "MedicationPrescription", "medicationReference", kPrescription},
    {"MedicationRequest MedicationStatement MedicationDispense MedicationAdministration", "medication", kPrescription},
    {"MedicationRequest MedicationDispense MedicationOrder", "identifier.value", kPrescription},
    {"MedicationRequest", "requester", kTreatingProvider}, {"MedicationRequest", "requester.agent", kTreatingProvider},
    {"MedicationOrder", "prescriber", kTreatingProvider},
    {"MedicationRequest", "reasonCode", kDiagnosis, kIcd},
    {"Immunization", "vaccineCode", kPrescription},
    {"Immunization", "performer.actor", kTreatingProvider},
    {"Observation", "code", kClinical}, {"Observation", "valueString", kClinical}, {"Observation", "valueQuantity.value", kClinical},
    {"Observation", "valueCodeableConcept", kClinical}, {"Observation", "performer", kTreatingProvider},
    {"DiagnosticReport", "code", kClinical}, {"DiagnosticReport", "conclusion", kClinical},
    {"DiagnosticReport", "performer", kTreatingProvider}, {"DiagnosticReport", "conclusionCode", kDiagnosis, kIcd},
    {"AllergyIntolerance", "code", kClinical}, {"AllergyIntolerance", "substance", kClinical},
    {"CarePlan Goal CareTeam", "description", kClinical}, {"CarePlan CareTeam", "category", kClinical},
    {"CarePlan", "activity.detail.code", kClinical}, {"CareTeam", "participant.member", kTreatingProvider},
    {"ClinicalImpression RiskAssessment AdverseEvent DetectedIssue Flag NutritionOrder Specimen Media BodyStructure Device",
     "code", kClinical},
    {"ClinicalImpression", "summary", kClinical}, {"RiskAssessment", "prediction.outcome", kClinical},
    {"Specimen Media DocumentReference Composition Sequence MolecularSequence Device", "type", kClinical},
    {"DocumentReference", "author", kTreatingProvider}, {"ImagingStudy", "started", kClinical},
    {"ImagingStudy", "procedureCode", kProcedure}, {"Communication CommunicationRequest", "payload.contentString", kClinical},
    {"QuestionnaireResponse", "item", kClinical}, {"QuestionnaireResponse", "group.question", kClinical},
    {"FamilyMemberHistory", "condition.code", kClinical}, {"List", "code", kClinical},
    {"VisionPrescription", "lensSpecification.product", kPrescription}, {"DeviceRequest", "codeCodeableConcept", kClinical},
};

constexpr FhirIdentifierSystem kSystems[] = {
    {"sid/us-ssn", kSsn, ""}, {"2.16.840.1.113883.4.1", kSsn, ""},  // an OID ends here: see the reader
    {"2.16.840.1.113883.4.572", kMedicareId, "Medicare number"}, {"sid/us-mbi", kMedicareId, "MBI"},
    {"sid/us-medicare", kMedicareId, "Medicare number"}, {"sid/us-hicn", kMedicareId, "HICN"},
    {"sid/us-npi", kNpi, ""}, {"2.16.840.1.113883.4.6", kNpi, ""},
    {"2.16.840.1.113883.4.3.", kDriversLicense, "driver's licence"}, {"passport", kPassport, "passport"},
    {"variables/bene_id", kPseudonym, "BENE_ID"}, {"mbi-hash", kPseudonym, "MBI hash"}, {"mbiHash", kPseudonym, "MBI hash"},
    {"hicn-hash", kPseudonym, "HICN hash"}, {"hicnHash", kPseudonym, "HICN hash"},
    {"medicaid", kMemberId, "Medicaid number"}, {"synthetichealth", kPseudonym, "record key"},
};

}  // namespace

const FhirResourceRule* fhir_resource_rule(std::string_view type) {
  for (const FhirResourceRule& rule : kResources) {
    if (is_listed(rule.types, type)) return &rule;
  }
  return nullptr;
}
std::span<const FhirFieldRule> fhir_field_rules() { return kFields; }
std::span<const FhirIdentifierSystem> fhir_identifier_systems() { return kSystems; }

}  // namespace bulkhead::exposure
