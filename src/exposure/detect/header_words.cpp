// clang-format off: tables, to be read as such.
#include "exposure/detect/header_words.h"

namespace bulkhead::exposure {
namespace {

using enum FieldKind;
using enum HeaderSubject;

constexpr WordAlias kAliases[] = {
    {"fname", "first name"}, {"lname", "last name"}, {"mname", "middle name"}, {"firstname", "first name"},
    {"lastname", "last name"}, {"middlename", "middle name"}, {"fullname", "full name"}, {"surname", "last name"},
    {"srnm", "last"}, {"gvn", "first"}, {"given", "first"}, {"forename", "first name"}, {"family", "last"},
    {"fst", "first"}, {"frst", "first"}, {"lst", "last"}, {"mdl", "middle"}, {"midl", "middle"}, {"mid", "middle"},
    {"mi", "middle initial"}, {"init", "initial"}, {"nm", "name"}, {"nme", "name"}, {"names", "name"},
    {"dob", "birth date"}, {"birthdate", "birth date"}, {"birthday", "birth date"}, {"brth", "birth"}, {"bth", "birth"},
    {"dateofbirth", "birth date"}, {"born", "birth date"}, {"dod", "death date"}, {"deathdate", "death date"},
    {"dt", "date"}, {"dte", "date"}, {"dth", "death"}, {"deceased", "death"}, {"ts", "timestamp"},
    {"ssno", "ssn"}, {"ssan", "ssn"}, {"socsec", "ssn"}, {"socialsecuritynumber", "ssn"},
    {"clnt", "client"}, {"clt", "client"}, {"recip", "recipient"}, {"rcpt", "recipient"}, {"rcpnt", "recipient"},
    {"partic", "participant"}, {"prtcpnt", "participant"}, {"enrl", "enrollee"}, {"enrollees", "enrollee"},
    {"indv", "individual"}, {"indiv", "individual"}, {"insd", "insured"}, {"insrd", "insured"}, {"empe", "employee"},
    {"ee", "employee"}, {"subs", "subscriber"}, {"sub", "subscriber"}, {"dep", "dependent"}, {"depn", "dependent"},
    {"lnm", "last name"}, {"fnm", "first name"}, {"lastnm", "last name"}, {"firstnm", "first name"}, {"middlenm", "middle name"},
    {"bdate", "birth date"}, {"birthdt", "birth date"}, {"dtofbirth", "birth date"}, {"bdt", "birth date"},
    {"hic", "hicn"}, {"mbr", "member"}, {"subscr", "subscriber"}, {"sbscrbr", "subscriber"}, {"bene", "beneficiary"},
    {"benef", "beneficiary"}, {"pt", "patient"}, {"ptnt", "patient"}, {"pat", "patient"}, {"prov", "provider"},
    {"prvdr", "provider"}, {"physn", "physician"}, {"phys", "physician"}, {"dr", "doctor"},
    {"num", "number"}, {"nbr", "number"}, {"no", "number"}, {"nr", "number"}, {"identifier", "id"}, {"ident", "id"},
    {"identification", "id"}, {"cd", "code"}, {"cde", "code"}, {"desc", "description"}, {"descr", "description"},
    {"adr", "address"}, {"addr", "address"}, {"adrs", "address"}, {"addresses", "address"}, {"streetaddress", "street address"},
    {"zipcode", "zip"}, {"postcode", "zip"}, {"postal", "zip"}, {"ph", "phone"}, {"tel", "phone"}, {"telephone", "phone"},
    {"phonenumber", "phone number"}, {"mobile", "cell phone"}, {"cellphone", "cell phone"},
    {"emailaddress", "email"}, {"gender", "sex"}, {"lang", "language"}, {"ethnic", "ethnicity"},
    {"dgns", "diagnosis"}, {"diag", "diagnosis"}, {"dx", "diagnosis"}, {"diagnoses", "diagnosis"},
    {"prcdr", "procedure"}, {"proc", "procedure"}, {"procedures", "procedure"}, {"clm", "claim"}, {"claims", "claim"},
    {"enrlmt", "enrollment"}, {"enrolment", "enrollment"}, {"enroll", "enrollment"}, {"entlmt", "entitlement"},
    {"elgblty", "eligibility"}, {"elig", "eligibility"}, {"cvrg", "coverage"}, {"cvrage", "coverage"}, {"cov", "coverage"},
    {"mdcr", "medicare"}, {"mdcd", "medicaid"}, {"stus", "status"}, {"sts", "status"}, {"trmntn", "termination"},
    {"rx", "prescription"}, {"med", "medication"}, {"meds", "medication"}, {"medications", "medication"},
    {"acct", "account"}, {"acc", "account"}, {"dl", "drivers license"}, {"licence", "license"}, {"lic", "license"},
    {"driver", "drivers"}, {"pwd", "password"}, {"passwd", "password"}, {"svc", "service"}, {"srvc", "service"},
    {"srv", "service"}, {"serv", "service"}, {"amt", "amount"}, {"pmt", "payment"}, {"adm", "admission"}, {"admsn", "admission"},
    {"dsch", "discharge"}, {"dschrg", "discharge"}, {"frm", "from"}, {"thru", "through"}, {"specialty", "speciality"},
    {"organisation", "organization"}, {"org", "organization"}, {"co", "company"}, {"ins", "insurance"}, {"plcy", "policy"},
    {"grp", "group"}, {"rltnshp", "relationship"}, {"eff", "effective"}, {"efctv", "effective"}, {"term", "termination"},
    {"mrtl", "marital"}, {"ln", "line"}, {"prscrbr", "prescriber"}, {"rndrng", "rendering"}, {"rfrg", "referring"},
    {"prsn", "person"}, {"emp", "employee"}, {"cust", "customer"}, {"cred", "credit"}, {"cc", "credit card"},
    {"govt", "government"}, {"gov", "government"}, {"issd", "issued"}, {"usr", "user"}, {"ccnumber", "credit card number"}, {"cvv", "card check"}, {"cvv2", "card check"}, {"expires", "expiry"}, {"lbs", "pounds"},
};

constexpr SubjectWord kSubjects[] = {
    {"patient", kMain}, {"member", kMain}, {"beneficiary", kMain}, {"client", kMain}, {"recipient", kMain},
    {"participant", kMain}, {"enrollee", kMain}, {"person", kMain}, {"individual", kMain}, {"customer", kMain},
    {"employee", kMain}, {"insured", kMain}, {"cardholder", kMain}, {"applicant", kMain}, {"consumer", kMain},
    {"student", kMain}, {"voter", kMain}, {"resident", kMain}, {"claimant", kMain}, {"dependent", kMain}, {"child", kMain},
    {"subscriber", kSubscriber}, {"policyholder", kSubscriber}, {"holder", kSubscriber},
    {"guardian", kRelated}, {"parent", kRelated}, {"mother", kRelated}, {"father", kRelated}, {"mothers", kRelated},
    {"emergency", kRelated}, {"kin", kRelated}, {"nok", kRelated}, {"guarantor", kRelated}, {"responsible", kRelated},
    {"spouse", kRelated}, {"caregiver", kRelated}, {"representative", kRelated},
    {"provider", kProvider}, {"physician", kProvider}, {"doctor", kProvider}, {"prescriber", kProvider},
    {"practitioner", kProvider}, {"attending", kProvider}, {"rendering", kProvider}, {"referring", kProvider},
    {"operating", kProvider}, {"ordering", kProvider}, {"pcp", kProvider}, {"dentist", kProvider}, {"therapist", kProvider},
    {"clinician", kProvider}, {"nurse", kProvider}, {"surgeon", kProvider}, {"prf", kProvider}, {"prfrmg", kProvider},
    {"payer", kNobody}, {"organization", kNobody}, {"facility", kNobody}, {"hospital", kNobody}, {"company", kNobody},
    {"employer", kNobody}, {"pharmacy", kNobody}, {"vendor", kNobody}, {"sponsor", kNobody}, {"carrier", kNobody},
    {"insurer", kNobody}, {"clinic", kNobody}, {"school", kNobody}, {"submitter", kNobody}, {"receiver", kNobody},
    {"merchant", kNobody}, {"bank", kNobody}, {"branch", kNobody}, {"author", kNobody}, {"user", kNobody}, {"operator", kNobody}, {"creator", kNobody},
};

using enum HeaderPhrase::Fit;
using enum HeaderPhrase::Extra;

constexpr HeaderPhrase kPhrases[] = {
    // names
    {"last name", kExactly, kLastName}, {"last name name", kExactly, kLastName}, {"last", kExactly, kLastName},
    {"first name", kExactly, kFirstName}, {"first", kExactly, kFirstName}, {"first name name", kExactly, kFirstName},
    {"middle name", kExactly, kMiddleName}, {"middle initial", kExactly, kMiddleName}, {"middle", kExactly, kMiddleName},
    {"middle initial name", kExactly, kMiddleName}, {"suffix", kExactly, kNameSuffix}, {"name suffix", kExactly, kNameSuffix},
    {"full name", kExactly, kFullName}, {"embossed name", kExactly, kFullName}, {"name", kExactly, kFullName, kGeneric}, {"last first name", kExactly, kFullName},
    {"name last first", kExactly, kFullName}, {"legal name last", kContains, kLastName},
    // birth and death
    {"birth date", kExactly, kBirthDate}, {"date birth", kExactly, kBirthDate}, {"birth", kExactly, kBirthDate},
    {"date of birth", kExactly, kBirthDate}, {"birth date date", kExactly, kBirthDate},
    {"death date", kExactly, kDeathDate}, {"date of death", kExactly, kDeathDate}, {"date death", kExactly, kDeathDate},
    {"death", kExactly, kDeathFlag}, {"death flag", kExactly, kDeathFlag}, {"death indicator", kExactly, kDeathFlag},
    // numbers
    {"last ssn", kContains, kNone},  // four digits of it
    {"ssn", kContains, kSsn}, {"social security", kContains, kSsn}, {"soc sec", kContains, kSsn}, {"ss number", kExactly, kSsn},
    {"itin", kContains, kItin},
    {"mbi", kContains, kMedicareId}, {"hicn", kContains, kMedicareId}, {"medicare id", kExactly, kMedicareId},
    {"medicare number", kExactly, kMedicareId}, {"health insurance claim number", kExactly, kMedicareId},
    {"medicaid id", kContains, kMemberId}, {"medicaid number", kContains, kMemberId}, {"insurance id", kExactly, kMemberId},
    {"insurance number", kExactly, kMemberId}, {"msis id", kContains, kMemberId}, {"cin", kExactly, kMemberId},
    {"policy number", kExactly, kMemberId, kNotKey}, {"insurance policy number", kExactly, kMemberId, kNotKey},
    {"insurance member id", kExactly, kMemberId}, {"plan member id", kContains, kMemberId}, {"health plan id", kExactly, kMemberId},
    {"mrn", kContains, kMedicalRecordNumber}, {"medical record number", kContains, kMedicalRecordNumber},
    {"medical record", kExactly, kMedicalRecordNumber}, {"chart number", kExactly, kMedicalRecordNumber},
    {"medical record id", kExactly, kMedicalRecordNumber},
    {"bank account", kContains, kBankAccount}, {"eft account", kContains, kBankAccount}, {"ach account", kContains, kBankAccount},
    {"dda account", kContains, kBankAccount}, {"government issued", kContains, kStateId}, {"iban", kExactly, kBankAccount}, {"routing", kContains, kBankRouting},
    {"aba", kExactly, kBankRouting}, {"checking account", kContains, kBankAccount}, {"deposit account", kContains, kBankAccount},
    {"credit card check", kContains, kNone}, {"card check", kContains, kNone}, {"credit card type", kContains, kNone},
    {"credit card expiry", kContains, kNone},
    {"credit card", kContains, kPaymentCard}, {"card number", kExactly, kPaymentCard}, {"debit card", kContains, kPaymentCard},
    {"account number", kExactly, kAccountNumber}, {"account id", kExactly, kAccountNumber}, {"account", kExactly, kAccountNumber},
    {"control number", kExactly, kAccountNumber},
    {"drivers license", kContains, kDriversLicense}, {"drivers", kExactly, kDriversLicense},
    {"passport", kContains, kPassport}, {"state id", kExactly, kStateId}, {"national id", kContains, kStateId},
    {"government id", kContains, kStateId}, {"nationalid", kExactly, kStateId},
    {"npi", kContains, kNpi},
    // addresses and contacts
    {"address country", kContains, kNone}, {"address county", kContains, kNone}, {"country code", kExactly, kNone},
    {"ip address", kContains, kNone}, {"mac address", kContains, kNone}, {"email", kContains, kEmail}, {"e mail", kContains, kEmail},
    {"web address", kContains, kNone},
    {"zip place name", kContains, kCity}, {"city", kExactly, kCity}, {"city name", kExactly, kCity}, {"town", kExactly, kCity},
    {"address city", kContains, kCity}, {"mailing city", kExactly, kCity}, {"home city", kExactly, kCity},
    {"residence city", kExactly, kCity},
    {"state", kExactly, kState}, {"state code", kExactly, kState}, {"address state", kContains, kState},
    {"mailing state", kExactly, kState}, {"usps state", kContains, kState}, {"residence state", kExactly, kState},
    {"sp state code", kExactly, kState}, {"home state", kExactly, kState},
    {"zip", kContains, kPostalCode},
    {"address", kContains, kAddressLine1}, {"street", kContains, kAddressLine1},
    {"phone country", kContains, kNone}, {"fax", kContains, kNone}, {"phone", kContains, kPhone},
    // demographics
    {"sex", kContains, kDemographics}, {"race", kContains, kDemographics}, {"ethnicity", kContains, kDemographics},
    {"language", kContains, kDemographics}, {"marital", kContains, kDemographics},
    // care
    {"allergy", kContains, kClinical}, {"allergies", kContains, kClinical}, {"lab", kContains, kClinical},
    {"result", kContains, kClinical}, {"observation", kContains, kClinical}, {"vital", kContains, kClinical},
    {"bmi", kExactly, kClinical}, {"blood", kContains, kClinical}, {"height", kContains, kClinical}, {"weight", kContains, kClinical},
    {"pounds", kExactly, kClinical}, {"kilograms", kExactly, kClinical}, {"clinical note", kContains, kClinical},
    {"ndc", kContains, kPrescription}, {"drug", kContains, kPrescription}, {"medication", kContains, kPrescription},
    {"prescription", kContains, kPrescription}, {"prod service id", kContains, kPrescription},
    {"days suply", kContains, kPrescription}, {"days supply", kContains, kPrescription},
    {"diagnosis version", kContains, kNone}, {"procedure version", kContains, kNone}, {"vrsn", kContains, kNone},
    {"procedure date", kContains, kClaim}, {"diagnosis", kContains, kDiagnosis}, {"icd procedure", kContains, kProcedure},
    {"procedure", kContains, kProcedure}, {"cpt", kContains, kProcedure}, {"hcpcs", kContains, kProcedure},
    {"cdt", kContains, kProcedure}, {"icd", kContains, kDiagnosis}, {"diagnosis code", kContains, kDiagnosis},
    {"reason code", kExactly, kDiagnosis}, {"reasoncode", kExactly, kDiagnosis}, {"reasondescription", kExactly, kDiagnosis},
    {"condition", kExactly, kDiagnosis}, {"problem", kExactly, kDiagnosis}, {"immunization", kContains, kClinical},
    {"vaccine", kContains, kClinical},
    // coverage
    {"lis", kContains, kEligibility}, {"deemd", kContains, kEligibility}, {"low income subsidy", kContains, kEligibility},
    {"eligibility", kContains, kEligibility}, {"enrollment", kContains, kEligibility}, {"entitlement", kContains, kEligibility},
    {"coverage", kContains, kEligibility}, {"medicare status", kContains, kEligibility}, {"dual", kContains, kEligibility},
    {"buyin", kContains, kEligibility}, {"benefit", kContains, kEligibility}, {"aid category", kContains, kEligibility},
    {"plan", kExactly, kEligibility}, {"plan name", kExactly, kEligibility}, {"plan code", kExactly, kEligibility},
    {"plan id", kExactly, kEligibility}, {"program", kExactly, kEligibility}, {"program code", kExactly, kEligibility},
    {"contract number", kExactly, kEligibility}, {"cntrct number", kContains, kEligibility}, {"pbp number", kContains, kEligibility},
    {"termination date", kExactly, kEligibility}, {"effective date", kExactly, kEligibility}, {"termination code", kContains, kEligibility},
    {"member months", kContains, kEligibility}, {"hmo mo cnt", kExactly, kEligibility},
    // claims
    {"claim", kContains, kClaim}, {"encounter", kContains, kClaim}, {"service date", kContains, kClaim},
    {"date of service", kContains, kClaim}, {"dos", kExactly, kClaim}, {"admission", kContains, kClaim},
    {"discharge", kContains, kClaim}, {"paid amount", kContains, kClaim}, {"billed amount", kContains, kClaim},
    {"charge", kContains, kClaim}, {"charges", kContains, kClaim}, {"pde id", kExactly, kClaim}, {"revenue center", kContains, kClaim},
    {"pay amount", kContains, kClaim}, {"copay", kContains, kClaim}, {"total cost", kContains, kClaim},
    {"password", kContains, kCredentials}, {"pin", kExactly, kCredentials}, {"security answer", kContains, kCredentials},
    {"security question answer", kContains, kCredentials}, {"passcode", kExactly, kCredentials},
    // what only directories have
    {"speciality", kContains, kNone, kSpeciality}, {"taxonomy", kContains, kNone, kSpeciality}, {"dea", kContains, kNone, kSpeciality},
    {"entity type", kContains, kNone, kSpeciality},
    // known, and nothing of a person; or only beside other columns
    {"code", kExactly, kNone, kGeneric}, {"description", kExactly, kNone, kGeneric}, {"value", kExactly, kNone, kGeneric},
    {"id", kExactly, kNone, kGeneric}, {"county", kContains, kNone}, {"country", kContains, kNone}, {"age", kExactly, kNone},
    {"prefix", kExactly, kNone}, {"title", kExactly, kNone}, {"line number", kExactly, kNone}, {"record type", kContains, kNone},
    {"start", kExactly, kNone}, {"stop", kExactly, kNone}, {"date", kExactly, kNone}, {"units", kExactly, kNone},
    {"type", kExactly, kNone}, {"system", kExactly, kNone}, {"category", kExactly, kNone}, {"number", kExactly, kNone},
    {"lat", kExactly, kNone}, {"lon", kExactly, kNone}, {"quantity", kExactly, kNone}, {"timestamp", kContains, kNone},
    {"maiden", kContains, kNone}, {"relationship", kContains, kNone}, {"group number", kContains, kNone},
    {"group id", kContains, kNone}, {"username", kExactly, kNone}, {"guid", kExactly, kNone},
};

// CMS research files and their kin. BENE_ID and its like are keys of the file's maker: they join, and name nobody.
constexpr HeaderEntry kEntries[] = {
    // whom to talk to at a company, a clinic, an agency
    {"contact person", kFullName, kContact, ""}, {"contact person name", kFullName, kContact, ""},
    {"contact name", kFullName, kContact, ""}, {"contact full name", kFullName, kContact, ""},
    {"contact first name", kFirstName, kContact, ""}, {"contact last name", kLastName, kContact, ""},
    {"beneficiary id", kPseudonym, kMain, "BENE_ID"},
    {"beneficiary sk", kPseudonym, kMain, "BENE_SK"},
    {"beneficiary xref sk", kPseudonym, kMain, "BENE_SK"},
    {"beneficiary xref effective sk", kPseudonym, kMain, "BENE_SK"},
    {"desynpuf id", kPseudonym, kMain, "DESYNPUF_ID"},
    {"beneficiary crnt hicn number", kMedicareId, kMain, ""},
    {"crnt hicn number", kMedicareId, kMain, ""},
    {"beneficiary crnt bic code", kNone, kMain, ""},
    {"beneficiary link key", kPseudonym, kMain, "BENE_LINK_KEY"},
    {"beneficiary death day sw", kNone, kMain, ""},
    {"beneficiary vrfy death day sw", kNone, kMain, ""},
    {"at physician npi", kTreatingProvider, kMain, ""},
    {"op physician npi", kTreatingProvider, kMain, ""},
    {"ot physician npi", kTreatingProvider, kMain, ""},
    {"at physician upin", kTreatingProvider, kMain, ""},
    {"op physician upin", kTreatingProvider, kMain, ""},
    {"ot physician upin", kTreatingProvider, kMain, ""},
    {"organization npi number", kNone, kNobody, ""},
    {"tax number", kNone, kNobody, ""},
    {"beneficiary zip code", kPostalCode, kMain, ""},
    {"beneficiary county code", kNone, kMain, ""},
    {"efivepct", kNone, kMain, ""},
};

}  // namespace

std::span<const WordAlias> word_aliases() { return kAliases; }
std::span<const SubjectWord> subject_words() { return kSubjects; }
std::span<const HeaderPhrase> header_phrases() { return kPhrases; }
std::span<const HeaderEntry> header_entries() { return kEntries; }

}  // namespace bulkhead::exposure
