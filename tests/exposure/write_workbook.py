#!/usr/bin/env python3
"""write_workbook.py openpyxl|xlsxwriter FILE: a workbook about made-up people, by one of two writers. Exit 77: it is not here."""
import datetime
import sys

ROWS = [("M1", "DOE", "JANE", datetime.date(1974, 3, 9), 12341234, 2139),
        ("M2", "ROE", "ED", datetime.date(1975, 1, 2), 212341235, 65401)]
HEADER = ["Member ID", "Last Name", "First Name", "DOB", "SSN", "Zip"]


def by_openpyxl(path):
    import openpyxl
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Clients"
    sheet.append(["Extract of 2026-11-24"])
    sheet.append([])
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append(row)
        sheet.cell(row=sheet.max_row, column=5).number_format = "000-00-0000"
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    hidden.append(HEADER)
    hidden.append(["M3", "POE", "AL", datetime.date(1976, 1, 2), 212341236, 65401])
    book.save(path)


def by_xlsxwriter(path):
    import xlsxwriter
    book = xlsxwriter.Workbook(path, {"in_memory": True})
    day = book.add_format({"num_format": "mm/dd/yyyy"})
    number = book.add_format({"num_format": "000000000"})
    sheet = book.add_worksheet("Clients")
    sheet.write(0, 0, "Extract of 2026-11-24")
    sheet.write_row(2, 0, HEADER)
    for i, row in enumerate(ROWS):
        sheet.write_row(3 + i, 0, row[:3])
        sheet.write_datetime(3 + i, 3, datetime.datetime(*row[3].timetuple()[:3]), day)
        sheet.write_number(3 + i, 4, row[4], number)
        sheet.write_number(3 + i, 5, row[5])
    hidden = book.add_worksheet("Old")
    hidden.write_row(0, 0, HEADER)
    hidden.write_row(1, 0, ["M3", "POE", "AL"])
    hidden.write_datetime(1, 3, datetime.datetime(1976, 1, 2), day)
    hidden.write_number(1, 4, 212341236, number)
    hidden.write_number(1, 5, 65401)
    hidden.hide()
    book.close()


if __name__ == "__main__":
    try:
        {"openpyxl": by_openpyxl, "xlsxwriter": by_xlsxwriter}[sys.argv[1]](sys.argv[2])
    except ImportError:
        sys.exit(77)
