#include "exposure/output/html_page.h"

namespace bulkhead::exposure {

const std::string_view kPageHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Whose data is in these files</title>
<style>
:root { color-scheme: light dark; --ink: #1b2733; --page: #fff; --soft: #5b6b7a; --line: #d5dce3; --bar: #2f6fab; --gap: #c9772b; --band: #f4f7f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --page: #14191e; --soft: #9aa9b7; --line: #34404b; --bar: #69a7de; --gap: #dc9650; --band: #1c232a; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p { max-width: 46rem; margin: .5rem 0; } .soft { color: var(--soft); }
.verdict { border-left: .3rem solid var(--bar); background: var(--band); padding: .8rem 1rem; max-width: 46rem; }
.verdict.partly { border-color: var(--gap); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.w { overflow-wrap: anywhere; min-width: 9rem; }
.bar { display: block; height: .7rem; background: var(--bar); min-width: 1px; border-radius: .15rem; }
.part { display: flex; height: .7rem; width: 8rem; border-radius: .15rem; overflow: hidden; background: var(--gap); }
.part > span { background: var(--bar); }
ul { margin: .2rem 0; padding-left: 1.1rem; }
input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: .3rem; padding: .35rem .6rem; width: min(30rem, 90%); }
@media print { input, .search { display: none; } body { font-size: 10pt; } }
</style>
</head>
<body>
<main>
)html";

const std::string_view kPageEnd = R"html(</main>
<script>
"use strict";
const box = document.getElementById("search");
const shown = document.getElementById("shown");
if (box) box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of document.querySelectorAll("#persons tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every(word => text.includes(word));
    if (!row.hidden) ++count;
  }
  shown.textContent = words.length ? count + " lines match" : "";
});
</script>
</body>
</html>
)html";

}  // namespace bulkhead::exposure
