#include "notify/letters/typesetter.h"

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <unordered_map>

#include "notify/letters/barcode.h"

namespace bulkhead::notify {
namespace {

constexpr double kWidth = 612, kHeight = 792;  // US letter
constexpr double kLeft = 66, kRight = 546, kTop = 54, kBottom = 742;
constexpr double kBodyTop = 272;  // below the first fold
constexpr double kHeadTop = 34, kHeadRightColumn = 400;
constexpr double kAddressSize = 10, kAddressLeastSize = 7;
constexpr double kBarHeight = 26, kBarModule = 0.92;
constexpr double kBulletIndent = 14;
constexpr std::size_t kPagesMost = 40;
constexpr const char* kNameLacksGlyphs = "the installed fonts lack letters of the name";
constexpr const char* kFamily = "Liberation Sans, DejaVu Sans";

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Layout = std::unique_ptr<PangoLayout, Unref>;

struct Style {
  double size = 11;
  bool bold = false;
  double indent = 0;
  double above = 0;  // space before it
};

struct Styles {
  Style paragraph{11, false, 0, 6}, heading{11.5, true, 0, 10}, item{11, false, kBulletIndent, 1},
      address{10.5, false, kBulletIndent, 3}, small{9, false, 0, 0};
  static Styles of(bool large_print) {
    if (!large_print) return {};
    Styles styles;
    styles.paragraph = {18, false, 0, 10};
    styles.heading = {20, true, 0, 16};
    styles.item = {18, false, 20, 3};
    styles.address = {18, false, 20, 5};
    return styles;
  }
  const Style& operator[](Piece::Kind kind) const {
    switch (kind) {
      case Piece::Kind::kHeading:
        return heading;
      case Piece::Kind::kItem:
        return item;
      case Piece::Kind::kAddress:
        return address;
      case Piece::Kind::kParagraph:
        break;
    }
    return paragraph;
  }
};

// Some lines of a layout, at a place of a page.
struct Placed {
  PangoLayout* layout = nullptr;
  Piece::Kind kind = Piece::Kind::kParagraph;
  std::size_t page = 0;
  double x = 0, y = 0;
  int first_line = 0, lines = 0;
  bool whole = true;
};

double points(int pango_units) {
  return static_cast<double>(pango_units) / PANGO_SCALE;
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

struct Typesetter::State {
  std::unique_ptr<PangoFontMap, Unref> font_map;
  std::unique_ptr<PangoContext, Unref> context;
  Styles styles;
  std::unordered_map<std::string, Layout> kept;  // by style and text, of what is in every letter
  cairo_t* cairo = nullptr;

  Layout layout(const std::string& text, const Style& style, double width);
  PangoLayout* layout_of(const Piece& piece, std::vector<Layout>& own);
  Result<std::vector<Placed>> place(const PrintedLetter& letter, std::vector<Layout>& own,
                                    std::size_t& pages);
  Result<std::vector<Layout>> address_block(const std::vector<std::string>& envelope);
  void show(PangoLayout* layout, double x, double y);
  void show_lines(const Placed& placed);
  void draw_first_page(const PrintedLetter& letter, const std::vector<Layout>& address);
  void draw_head(const PrintedLetter& letter, std::size_t page, std::size_t pages);
  void draw_barcode(const std::string& number);
  void draw_page(const std::vector<Placed>& placed, std::size_t page);
  void draw(const Placed& placed);
  Result<unsigned> print_one(const PrintedLetter& letter);
};

Layout Typesetter::State::layout(const std::string& text, const Style& style, double width) {
  Layout result(pango_layout_new(context.get()));
  PangoFontDescription* font = pango_font_description_from_string(kFamily);
  pango_font_description_set_size(font, static_cast<int>(style.size * PANGO_SCALE));
  if (style.bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(result.get(), font);
  pango_font_description_free(font);
  if (width > 0) {
    pango_layout_set_width(result.get(), static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_wrap(result.get(), PANGO_WRAP_WORD_CHAR);
  }
  pango_layout_set_text(result.get(), text.data(), static_cast<int>(text.size()));
  return result;
}

PangoLayout* Typesetter::State::layout_of(const Piece& piece, std::vector<Layout>& own) {
  const Style& style = styles[piece.kind];
  const double width = kRight - kLeft - style.indent;
  if (!piece.fixed) {
    own.push_back(layout(piece.text, style, width));
    return own.back().get();
  }
  Layout& at =
      kept[std::string(1, static_cast<char>('0' + static_cast<int>(piece.kind))) + piece.text];
  if (!at) at = layout(piece.text, style, width);
  return at.get();
}

// Down the pages: a paragraph that does not fit goes on overleaf, with two lines at least on either
// side; a heading does not stay behind alone.
Result<std::vector<Placed>> Typesetter::State::place(const PrintedLetter& letter,
                                                     std::vector<Layout>& own, std::size_t& pages) {
  std::vector<Placed> placed;
  std::size_t page = 0;
  double y = kBodyTop;
  const auto next_page = [&] {
    ++page;
    y = kTop;
  };
  for (const Piece& piece : letter.pieces) {
    PangoLayout* shapes = layout_of(piece, own);
    if (!piece.fixed && pango_layout_get_unknown_glyphs_count(shapes) > 0)
      return fail(ErrorCode::kUnsupported, kNameLacksGlyphs);
    const Style& style = styles[piece.kind];
    y += style.above;
    const int lines = pango_layout_get_line_count(shapes);
    int height_units = 0;
    pango_layout_get_size(shapes, nullptr, &height_units);
    const double line_height = points(height_units) / std::max(lines, 1);
    const double wanted = piece.kind == Piece::Kind::kHeading ? 3 * line_height : 0;
    if (y + wanted > kBottom) next_page();
    for (int done = 0; done < lines;) {
      const int room = static_cast<int>((kBottom - y) / line_height);
      int count = std::min(room, lines - done);
      if (count < lines - done && lines - done - count < 2) --count;
      if (count < lines - done && count < 2) count = 0;
      if (count <= 0) {
        if (y == kTop) return fail(ErrorCode::kLimitExceeded, "the letter does not fit on pages");
        next_page();
        if (page >= kPagesMost)
          return fail(ErrorCode::kLimitExceeded, "the letter has too many pages");
        continue;
      }
      placed.push_back(
          {shapes, piece.kind, page, kLeft + style.indent, y, done, count, count == lines});
      done += count;
      y += count * line_height;
    }
  }
  pages = page + 1;
  return placed;
}

// In the part of the window that shows wherever the sheet slides: smaller where it must, else not
// at all.
Result<std::vector<Layout>> Typesetter::State::address_block(
    const std::vector<std::string>& envelope) {
  constexpr double kRoomHeight = window::kAlwaysBottom - window::kAlwaysTop + 12;
  constexpr double kRoomWidth = window::kAlwaysRight - window::kAlwaysLeft - 4;
  for (double size = kAddressSize; size >= kAddressLeastSize; size -= 0.5) {
    std::vector<Layout> lines;
    double height = 0;
    bool fits = true;
    for (const std::string& text : envelope) {
      lines.push_back(layout(text, {size, false, 0, 0}, 0));
      if (pango_layout_get_unknown_glyphs_count(lines.back().get()) > 0)
        return fail(ErrorCode::kUnsupported,
                    "the installed fonts lack letters of the name or the address");
      int width = 0, line_height = 0;
      pango_layout_get_size(lines.back().get(), &width, &line_height);
      height += points(line_height);
      fits = fits && points(width) <= kRoomWidth;
    }
    if (fits && height <= kRoomHeight) return lines;
  }
  return fail(ErrorCode::kUnsupported, "name and address do not fit into the envelope's window");
}

void Typesetter::State::show(PangoLayout* shapes, double x, double y) {
  cairo_move_to(cairo, x, y);
  pango_cairo_show_layout(cairo, shapes);
}

void Typesetter::State::show_lines(const Placed& placed) {
  PangoLayoutIter* iter = pango_layout_get_iter(placed.layout);
  double base = 0;
  int number = 0;
  do {
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(iter, nullptr, &logical);
    if (number == placed.first_line) base = points(logical.y);
    if (number >= placed.first_line && number < placed.first_line + placed.lines) {
      const double baseline = points(pango_layout_iter_get_baseline(iter));
      cairo_move_to(cairo, placed.x + points(logical.x), placed.y + baseline - base);
      pango_cairo_show_layout_line(cairo, pango_layout_iter_get_line_readonly(iter));
    }
    ++number;
  } while (pango_layout_iter_next_line(iter) != 0);
  pango_layout_iter_free(iter);
}

void Typesetter::State::draw_barcode(const std::string& number) {
  std::string data = number;
  std::erase(data, '-');
  double x = kHeadRightColumn;
  bool bar = true;
  for (const unsigned char width : code_128(data)) {
    if (bar) cairo_rectangle(cairo, x, kHeadTop, width * kBarModule, kBarHeight);
    x += width * kBarModule;
    bar = !bar;
  }
  cairo_fill(cairo);
}

void Typesetter::State::draw_first_page(const PrintedLetter& letter,
                                        const std::vector<Layout>& address) {
  double y = kHeadTop;
  cairo_tag_begin(cairo, "P", nullptr);
  for (const std::string& line : letter.sender) {
    const Layout shapes = layout(line, styles.small, kHeadRightColumn - kLeft - 10);
    show(shapes.get(), kLeft, y);
    int height = 0;
    pango_layout_get_size(shapes.get(), nullptr, &height);
    y = std::min(y + points(height), window::kSeenTop - 14);
  }
  cairo_tag_end(cairo, "P");
  draw_barcode(letter.number);
  double height = 0;
  for (const Layout& line : address) {
    int line_height = 0;
    pango_layout_get_size(line.get(), nullptr, &line_height);
    height += points(line_height);
  }
  y = (window::kAlwaysTop + window::kAlwaysBottom - height) / 2;
  cairo_tag_begin(cairo, "P", nullptr);
  for (const Layout& line : address) {
    show(line.get(), window::kAlwaysLeft + 3, y);
    int line_height = 0;
    pango_layout_get_size(line.get(), nullptr, &line_height);
    y += points(line_height);
  }
  cairo_tag_end(cairo, "P");
}

void Typesetter::State::draw_head(const PrintedLetter& letter, std::size_t page,
                                  std::size_t pages) {
  const Values numbers{{"page", std::to_string(page + 1)}, {"pages", std::to_string(pages)}};
  std::string text = fmt::format("{} {}\n{}", letter.reference, letter.number,
                                 filled(letter.page, numbers, "page").value_or(""));
  if (!letter.notice.empty()) text += "\n" + letter.notice;
  if (page > 0) std::replace(text.begin(), text.end(), '\n', ' ');
  const Layout shapes = layout(text, styles.small, page == 0 ? kRight - kHeadRightColumn : 0);
  cairo_tag_begin(cairo, "P", nullptr);
  show(shapes.get(), page == 0 ? kHeadRightColumn : kLeft,
       page == 0 ? kHeadTop + kBarHeight + 4 : kHeadTop - 4);
  cairo_tag_end(cairo, "P");
}

void Typesetter::State::draw(const Placed& placed) {
  if (placed.whole) {
    show(placed.layout, placed.x, placed.y);
  } else {
    show_lines(placed);
  }
}

void Typesetter::State::draw_page(const std::vector<Placed>& placed, std::size_t page) {
  bool in_list = false;
  for (const Placed& one : placed) {
    if (one.page != page) continue;
    const bool item = one.kind == Piece::Kind::kItem;
    if (item != in_list) item ? cairo_tag_begin(cairo, "L", nullptr) : cairo_tag_end(cairo, "L");
    in_list = item;
    const char* tag = one.kind == Piece::Kind::kHeading ? "H2" : "P";
    if (item) {
      cairo_tag_begin(cairo, "LI", nullptr);
      tag = "LBody";
    }
    cairo_tag_begin(cairo, tag, nullptr);
    if (item && one.first_line == 0) {
      const Layout bullet = layout("\u2022", styles.item, 0);
      show(bullet.get(), one.x - 10, one.y);
    }
    draw(one);
    cairo_tag_end(cairo, tag);
    if (item) cairo_tag_end(cairo, "LI");
  }
  if (in_list) cairo_tag_end(cairo, "L");
}

Result<unsigned> Typesetter::State::print_one(const PrintedLetter& letter) {
  std::vector<Layout> own;
  std::size_t pages = 0;
  BH_TRY(const std::vector<Layout> address, address_block(letter.envelope));
  BH_TRY(const std::vector<Placed> placed, place(letter, own, pages));
  for (std::size_t page = 0; page < pages; ++page) {
    cairo_tag_begin(cairo, "Sect", nullptr);
    if (page == 0) draw_first_page(letter, address);
    draw_head(letter, page, pages);
    draw_page(placed, page);
    cairo_tag_end(cairo, "Sect");
    cairo_show_page(cairo);
  }
  if (pages % 2 == 0) return static_cast<unsigned>(pages);
  cairo_show_page(cairo);  // the back of the last sheet: no letter begins on another's
  return static_cast<unsigned>(pages + 1);
}

Typesetter::Typesetter(std::unique_ptr<State> state) : state_(std::move(state)) {}
Typesetter::~Typesetter() = default;

Result<std::unique_ptr<Typesetter>> Typesetter::create(bool large_print) {
  auto state = std::make_unique<State>();
  state->font_map.reset(pango_cairo_font_map_new());
  state->context.reset(pango_font_map_create_context(state->font_map.get()));
  state->styles = Styles::of(large_print);
  pango_cairo_context_set_resolution(state->context.get(), 72);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(state->context.get(), options);
  cairo_font_options_destroy(options);
  PangoFontDescription* wanted = pango_font_description_from_string("Liberation Sans 11");
  std::unique_ptr<PangoFont, Unref> font(pango_context_load_font(state->context.get(), wanted));
  pango_font_description_free(wanted);
  bool found = false;
  if (font) {
    PangoFontDescription* got = pango_font_describe(font.get());
    found = std::string_view(pango_font_description_get_family(got)) == "Liberation Sans";
    pango_font_description_free(got);
  }
  if (!found)
    return fail(ErrorCode::kNotFound,
                "the font Liberation Sans is not installed: install fonts-liberation2");
  return std::unique_ptr<Typesetter>(new Typesetter(std::move(state)));
}

std::string Typesetter::why_not(const std::string& name,
                                const std::vector<std::string>& address) const {
  if (address.empty()) {
    // The font has all of these: most names need no look.
    const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
    if (std::all_of(name.begin(), name.end(), plain)) return "";
    const Layout shapes = state_->layout(name, state_->styles.item, 0);
    return pango_layout_get_unknown_glyphs_count(shapes.get()) > 0 ? kNameLacksGlyphs : "";
  }
  std::vector<std::string> envelope{name};
  envelope.insert(envelope.end(), address.begin(), address.end());
  const auto block = state_->address_block(envelope);
  return block ? "" : block.error().message;
}

Result<PdfPart> Typesetter::print(const std::vector<PrintedLetter>& letters) {
  PdfPart part;
  cairo_surface_t* surface =
      cairo_pdf_surface_create_for_stream(append, &part.pdf, kWidth, kHeight);
  // Without a day of creation cairo takes the clock's.
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
  state_->cairo = cairo_create(surface);
  for (const PrintedLetter& letter : letters) {
    const auto pages = state_->print_one(letter);
    part.pages.push_back(pages.value_or(0));
    part.refused.push_back(pages ? "" : pages.error().message);
  }
  cairo_destroy(state_->cairo);
  state_->cairo = nullptr;
  cairo_surface_finish(surface);
  const cairo_status_t result = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  if (result != CAIRO_STATUS_SUCCESS)
    return fail(ErrorCode::kInternal,
                fmt::format("writing a PDF: {}", cairo_status_to_string(result)));
  return part;
}

}  // namespace bulkhead::notify
