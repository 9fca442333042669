/** The look of the page: dark on light, for a screen from 800 pixels up and for paper. */
export const PAGE_STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #eef2f6; color: #1f2d3d; font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto,
  Helvetica, Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 36px 28px 56px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.lead { margin: 8px 0 24px; font-size: 17px; color: #45566a; }
h2 { margin: 0 0 14px; font-size: 19px; }
h3 { margin: 0; font-size: 16px; overflow-wrap: anywhere; }
section { margin-top: 22px; padding: 22px 24px; background: #fff; border: 1px solid #dbe3ec; border-radius: 12px; }
p { margin: 0 0 12px; }
p:last-child { margin-bottom: 0; }
.note { color: #5a6b7d; font-size: 13.5px; font-weight: 400; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0; }
.figures div { padding: 14px 16px; background: #fff; border: 1px solid #dbe3ec; border-radius: 12px; }
.figures dt { color: #5a6b7d; font-size: 13px; }
.figures dd { margin: 2px 0 0; font-size: 21px; font-weight: 600; }
.figures small { display: block; color: #5a6b7d; font-size: 12.5px; font-weight: 400; line-height: 1.35; }
.picture svg { display: block; width: 100%; height: auto; margin: 0 auto; }
.picture .note { margin-top: 12px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { padding: 6px 14px 6px 0; border-bottom: 1px solid #c6d2de; color: #5a6b7d; font-size: 13px; font-weight: 600;
  text-align: left; vertical-align: bottom; }
td { padding: 8px 14px 8px 0; border-bottom: 1px solid #e6ecf2; vertical-align: top; overflow-wrap: break-word; }
tr:last-child > td { border-bottom: 0; }
tfoot td { border-top: 1px solid #c6d2de; font-weight: 600; }
th.number, td.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
th:last-child, td:last-child { padding-right: 0; }
code { font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; color: #45566a; }
.grants td[rowspan] { width: 36%; }
h3 + .scroll { margin-top: 6px; }
.quota ul, .warnings ul { margin: 0; padding-left: 20px; }
.warnings { border-color: #e2c48f; }
.scroll + h3, .scroll + p { margin-top: 14px; }
.scroll + .note { margin-top: 14px; }
.note + .note { margin-top: -8px; }
.tag { display: inline-block; margin: 0 6px 4px 0; padding: 1px 9px; border: 1px solid #d3dce6; border-radius: 999px;
  background: #f5f8fb; color: #45566a; font-size: 12.5px; }
td .tag { white-space: nowrap; }
.gpu { border-color: #9cc7a1; background: #eef7ee; color: #2e6b37; }
.spot { border-color: #e2c48f; background: #fff8ea; color: #7a5714; }
.service + .service { margin-top: 18px; padding-top: 18px; border-top: 1px solid #e6ecf2; }
.service .where { margin: 2px 0 10px; color: #45566a; }
.service ul { margin: 0; padding: 0; list-style: none; }
.service li { padding: 10px 14px; background: #f7f9fc; border-radius: 8px; }
.service li + li { margin-top: 8px; }
.service li p { margin: 2px 0 6px; }
details + details { margin-top: 8px; }
summary { padding: 10px 14px; background: #f7f9fc; border: 1px solid #e1e8ef; border-radius: 8px; cursor: pointer; }
summary b { margin-right: 8px; }
summary span { color: #5a6b7d; }
details[open] > summary { margin-bottom: 10px; }
@media (max-width: 900px) {
  main { padding: 24px 14px 40px; }
  section { padding: 18px 16px; }
  table { font-size: 13px; }
  code { font-size: 11.5px; }
  th, td { padding-right: 10px; }
}
@media print {
  body { background: #fff; }
  main { max-width: none; padding: 0; }
  section { break-inside: avoid; }
}
`;
