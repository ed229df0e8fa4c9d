// Lays letters out with pango and draws them with cairo into a tagged PDF, letter format, address
// block at the window of a #10 envelope.
//
// One object is for one thread. Bytes depend on the letters alone: not on thread, time or machine,
// as long as the fonts are the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "notify/letters/compose.h"

namespace bulkhead::notify {

// In points, from the upper left corner of the sheet. A #10 envelope (4 1/8 by 9 1/2 inches) has
// its window 7/8 inch from the left and 1/2 inch from the bottom, 4 1/2 by 1 1/8 inches; a sheet
// folded in three slides in it by 0.46 inches up and down and 1 inch sideways.
namespace window {
constexpr double kAlwaysLeft = 63, kAlwaysRight = 315, kAlwaysTop = 180, kAlwaysBottom = 228;
constexpr double kSeenRight = 387, kSeenTop = 147, kSeenBottom = 261;  // at some place of the sheet
}  // namespace window

// A part of the mailing as a PDF of its own, to be joined (pdf_joiner.h).
struct PdfPart {
  std::string pdf;
  std::vector<unsigned> pages;  // of each letter: even, so that each begins on a sheet of its own
  std::vector<std::string> refused;  // of each letter: why it was not printed ("" where it was)
};

class Typesetter {
 public:
  // kNotFound where the fonts are not installed.
  static Result<std::unique_ptr<Typesetter>> create(bool large_print);
  ~Typesetter();
  Typesetter(const Typesetter&) = delete;
  Typesetter& operator=(const Typesetter&) = delete;

  Result<PdfPart> print(const std::vector<PrintedLetter>& letters);

  // Why nothing can be set for this addressee and these lines of an address, or about somebody of
  // this name: one clause; "" where it can.
  std::string why_not(const std::string& name, const std::vector<std::string>& address) const;

 private:
  struct State;
  explicit Typesetter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::notify
