#!/usr/bin/env python3
"""letters.pdf as printers and readers see it: valid, fonts embedded, names intact, each letter's list its person's.

    check_letters.py PATH_OF_BULKHEAD
"""
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PEOPLE = 502  # more than one part of the PDF
NAMES = [("MARY", "JONES"), ("JOSÉ", "NUÑEZ"), ("ANNE-MARIE", "O'BRIEN"), ("ŁUKASZ", "BRZĘCZYSZCZYKIEWICZ-WIŚNIEWSKI"),
         ("SIOBHÁN", "MÜLLER"), ("ÅSA", "ØSTERGÅRD"), ("VERONIKA-ALEXANDRA", "DE LA CRUZ Y SANTIAGO DEL MONTE")]
RIGHT_TO_LEFT = ("דוד", "כהן")
WORDS = {
    "en": {"name": "Name", "date_of_birth": "Date of birth", "ssn": "Social Security number", "address": "Postal address",
           "phone": "Telephone number", "diagnosis": "Diagnosis or reason for care", "prescription": "Prescriptions",
           "passport": "Passport number"},
    "es": {"name": "Nombre", "date_of_birth": "Fecha de nacimiento", "ssn": "Número de Seguro Social",
           "address": "Dirección postal", "phone": "Número de teléfono",
           "diagnosis": "Diagnóstico o motivo de la atención", "prescription": "Recetas", "passport": "Número de pasaporte"},
    "fr": {"name": "Nom", "date_of_birth": "Date de naissance", "ssn": "Numéro de sécurité sociale (Social Security)",
           "address": "Adresse postale", "phone": "Numéro de téléphone", "diagnosis": "Diagnostic ou motif des soins",
           "prescription": "Ordonnances", "passport": "Numéro de passeport"},
}
NEUTRAL = {"en": "Information about health services", "es": "Información sobre servicios de salud",
           "fr": "Renseignements sur des services de santé"}
# What the law wants in every letter, as each language says it.
REQUIRED = {
    "en": ["What happened", "between May 28, 2023 and June 2, 2023", "June 13, 2023", "What information was in the files",
           "What we are doing", "The server was cut off", "What you can do", "Look through the statements", "Equifax",
           "Experian", "TransUnion", "1-800-555-0100", "credit report"],
    "es": ["Qué pasó", "entre el 28 de mayo de 2023 y el 2 de junio de 2023", "13 de junio de 2023",
           "Qué información había", "Qué hacemos", "Se desconectó el servidor", "Qué puede hacer", "Revise los estados",
           "Equifax", "Experian", "TransUnion", "1-800-555-0100", "informe de crédito"],
    "fr": ["Ce qui s'est passé", "entre le 28 mai 2023 et le 2 juin 2023", "13 juin 2023", "Quels renseignements",
           "Ce que nous faisons", "Le serveur a été coupé", "Ce que vous pouvez faire", "Relisez les relevés", "Equifax",
           "Experian", "TransUnion", "1-800-555-0100", "rapport de crédit"],
}
SENSITIVE_WORDS = ["substance", "mental health", "hiv", "reproductive", "vih"]
# The strip that the window of a #10 envelope may show, in points (src/notify/letters/typesetter.h).
SEEN_TOP, SEEN_BOTTOM, SEEN_RIGHT = 147, 261, 387
ALWAYS = (63, 180 - 6, 315, 228 + 6)


def run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode()}")
    return done.stdout.decode()


def check(truth, what):
    if not truth:
        sys.exit(f"check_letters: {what}")


def person(number):
    first, last = RIGHT_TO_LEFT if number == 5 else NAMES[number % len(NAMES)]
    elements = sorted({"name"} | {word for i, word in enumerate(WORDS["en"]) if (number * 37 + 11) >> i & 1})
    return {"person": f"p-{number:032x}", "role": "member", "identifiable": "named",
            "names": [{"first": first, "middle": "", "last": last, "suffix": ""}], "dates_of_birth": ["1974-03-09"],
            "identifiers": [{"type": "ssn", "value": "900112233"}, {"type": "member_id", "value": "55512345"}],
            "addresses": [{"lines": [f"{number} MAIN ST"] + (["APT 2"] if number % 3 == 0 else []), "city": "ROLLA",
                           "state": "MO", "postal_code": "654011234"}],
            "address_status": "good", "phones": ["5735550123"], "emails": [], "minor_on": None, "deceased": False,
            "related_to": [], "sensitive": ["hiv"] if number % 4 == 0 else [], "elements": elements, "possible": [],
            "masked": [], "exposures": []}


def facts(language):
    return f"""incident:
  id: INC-2023-001
  title: File transfer incident
  what_happened: {{en: Somebody copied files., es: Alguien copió archivos., fr: Quelqu'un a copié des fichiers.}}
  breach_from: 2023-05-28
  breach_until: 2023-06-02
  discovered: 2023-06-13
  doing: {{en: The server was cut off., es: Se desconectó el servidor., fr: Le serveur a été coupé.}}
organisation:
  name: Example Department
  kind: covered_entity
  state: MO
  return_address: [PO Box 1, Jefferson City, MO 65101]
  toll_free: 1-800-555-0100
letter:
  languages: [{language}]
"""


def draft(bulkhead, folder, language, *more):
    with open(f"{folder}/facts.yaml", "w", encoding="utf-8") as file:
        file.write(facts(language))
    out = f"{folder}/{language}{''.join(more)}"
    run(bulkhead, "notify", "draft", "--persons", f"{folder}/persons.ndjson", "--facts", f"{folder}/facts.yaml", "--out", out,
        *more)
    return out


def pages_of(pdf):
    return [re.sub(r"\s+", " ", page) for page in run("pdftotext", pdf, "-").split("\f")][:-1]


def expected_items(one, language):
    neutral = {"diagnosis", "prescription"} if one["sensitive"] else set()
    return {NEUTRAL[language] if word in neutral else WORDS[language][word] for word in one["elements"]}


def check_letter(one, text, language):
    name = " ".join(one["names"][0][part] for part in ("first", "last"))
    if one["names"][0]["first"] != RIGHT_TO_LEFT[0]:  # extraction of right-to-left text is in visual order here and there
        check(text.count(name) >= 2, f"{name} is not intact on the envelope and in the greeting")
    for needed in REQUIRED[language]:
        check(needed in text, f"a letter in {language} lacks: {needed}")
    listed = {item.strip() for item in re.findall("• ([^•]*)", text)}
    wanted = expected_items(one, language)
    every = set(WORDS[language].values()) | {NEUTRAL[language]}
    # The last item runs on into the next heading, so that beginnings are compared.
    found = {words for words in every if any(item == words or item.startswith(words + " ") for item in listed)}
    check(found == wanted, f"{one['person']}: listed {sorted(found)}, not {sorted(wanted)}")
    check(len(listed) == len(wanted), f"{one['person']}: {len(listed)} items")
    for value in ("900112233", "55512345", "5735550123", "1974"):
        check(value not in text, "a value is in a letter")
    for word in SENSITIVE_WORDS:
        check(not re.search(rf"\b{word}\b", text.lower()), f"a letter says {word}")


def check_window(pdf, rows, people):
    """Nothing but name and address where the window may be, and all of it where it always is."""
    boxes = run("pdftotext", "-bbox", "-l", rows[19]["first_page"], pdf, "-").split("<page ")[1:]
    word = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
    for row in rows[:20]:
        one = people[row["letter"]]
        if one["names"][0]["first"] == RIGHT_TO_LEFT[0]:
            continue
        seen = []
        for left, top, right, bottom, text in word.findall(boxes[int(row["first_page"]) - 1]):
            left, top, right, bottom = map(float, (left, top, right, bottom))
            if bottom > SEEN_TOP and top < SEEN_BOTTOM and left < SEEN_RIGHT:
                seen.append(text.replace("&apos;", "'").replace("&#39;", "'"))
                check(left >= ALWAYS[0] and top >= ALWAYS[1] and right <= ALWAYS[2] and bottom <= ALWAYS[3],
                      "a word of the address is not always in the window")
        address = one["addresses"][0]
        lines = [one["names"][0]["first"], one["names"][0]["last"], *address["lines"], "ROLLA, MO 65401-1234"]
        check(" ".join(seen) == " ".join(lines), f"the window shows {seen}")


def check_barcodes(pdf, rows, folder):
    if not (shutil.which("zbarimg") and shutil.which("pdftoppm")):
        print("check_letters: zbarimg or pdftoppm is not installed: the barcode is not read")
        return
    run("pdftoppm", "-r", "150", "-f", "1", "-l", "3", "-gray", "-png", pdf, f"{folder}/page")
    for number, row in enumerate(rows[:2]):
        image = next(name for name in sorted(os.listdir(folder)) if re.fullmatch(rf"page-0*{2 * number + 1}\.png", name))
        read = run("zbarimg", "-q", "--raw", f"{folder}/{image}").strip()
        check(read == row["letter"].replace("-", ""), f"the barcode says {read}")


def main():
    for tool in ("qpdf", "pdffonts", "pdftotext"):
        if not shutil.which(tool):
            print(f"check_letters: skipped: {tool} is not installed")
            return 77
    bulkhead = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        people = [person(number) for number in range(1, PEOPLE + 1)]
        with open(f"{folder}/persons.ndjson", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in people)
        for language, more in (("en", ()), ("es", ()), ("fr", ()), ("en", ("--large-print",))):
            out = draft(bulkhead, folder, language, *more)
            pdf = f"{out}/letters.pdf"
            run("qpdf", "--check", pdf)
            fonts = [line.split() for line in run("pdffonts", pdf).splitlines()[2:]]
            check(fonts and all(line[-5] == "yes" and line[-3] == "yes" for line in fonts), "a font is not embedded")
            check("Tagged:          yes" in run("pdfinfo", pdf), "the PDF is not tagged")
            with open(f"{out}/letters.ndjson", encoding="utf-8") as lines:
                letters = {each["letter"]: each for each in map(json.loads, lines)}
            with open(f"{out}/mailing.csv", encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            check(len(rows) == PEOPLE and len(letters) == PEOPLE, "a letter is missing")
            by_id = {one["person"]: one for one in people}
            by_letter = {number: by_id[each["persons"][0]] for number, each in letters.items()}
            pages = pages_of(pdf)
            for row in rows:
                check(int(row["first_page"]) % 2 == 1, "a letter begins on the back of another's")
                at = int(row["first_page"]) - 1
                text = " ".join(pages[at:at + int(row["pages"])])
                check(text.count(row["letter"]) >= 2, "the letter number is missing")
                check_letter(by_letter[row["letter"]], text, language)
            check(pages and sum(int(row["pages"]) for row in rows) == len(pages), "pages that belong to no letter")
            check_window(pdf, rows, by_letter)
            if language == "en" and not more:
                check_barcodes(pdf, rows, folder)
                digest = hashlib.sha256(open(pdf, "rb").read()).hexdigest()
                shutil.rmtree(out)
                again = draft(bulkhead, folder, language)
                check(hashlib.sha256(open(f"{again}/letters.pdf", "rb").read()).hexdigest() == digest, "not the same bytes")
        print("letters are as they must be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
