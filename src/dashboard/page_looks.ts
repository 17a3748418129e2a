/**
 * What stands on the screens: panels, numbers, charts, tables, messages.
 *
 * @module
 */

/** Style sheet, second half; `page_style.ts` has the other. */
export const LOOKS = `
.panel, .chart, .tile, .table, .tree, .log {
  background: var(--surface);
  border: 1px solid var(--edge);
  border-radius: 6px;
}
.panel { padding: 12px 14px; margin-bottom: 12px; }
.panel > h2 { margin-bottom: 8px; }
.panel .table { border: 0; margin: 0 -14px; border-radius: 0; }
.columns {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
  gap: 12px;
  align-items: start;
  margin-bottom: 12px;
}
.columns .panel { margin: 0; }
.warnings:not(:empty) { display: grid; gap: 8px; margin-bottom: 12px; }
.warning {
  display: flex;
  gap: 10px;
  padding: 9px 12px;
  border: 1px solid var(--bad);
  border-left-width: 5px;
  border-radius: 6px;
  background: var(--bad-ground);
}
.warning strong { color: var(--bad); flex: none; }
.empty { color: var(--muted); }
.head ~ .empty { margin-bottom: 10px; }

.tiles {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(126px, 1fr));
  gap: 10px;
  margin-bottom: 12px;
}
.tile { padding: 10px 12px; min-width: 0; }
.tile dt { color: var(--muted); }
.tile dd { font-size: 21px; font-weight: 600; line-height: 1.3; }
.tile dd.note { font-size: 12px; font-weight: 400; color: var(--muted); }
.facts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(232px, 100%), 1fr));
  column-gap: 20px;
}
.facts > div {
  display: flex;
  justify-content: space-between;
  gap: 8px;
  padding: 4px 0;
  border-top: 1px solid var(--edge);
}
.facts dt { color: var(--muted); flex: none; max-width: 60%; }
.facts dd { text-align: right; min-width: 0; }

.charts {
  display: grid;
  grid-template-columns: repeat(3, minmax(0, 1fr));
  gap: 12px;
  margin-bottom: 12px;
}
.chart {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: 0 10px;
  padding: 10px 12px 8px;
}
.chart h2, .key { white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 0 10px; color: var(--muted); }
.legend b { color: var(--text); font-weight: 600; }
.key::before {
  content: "";
  display: inline-block;
  width: 10px;
  height: 3px;
  margin-right: 5px;
  vertical-align: middle;
  background: var(--first);
}
.key.series-1::before { background: var(--second); }
.plot {
  flex: 1 0 100%;
  position: relative;
  height: 112px;
  margin-top: 8px;
  touch-action: pan-y;
}
.plot svg { display: block; width: 100%; height: 100%; overflow: hidden; }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.plot .grid { stroke: var(--edge); stroke-width: 1; }
.plot .line { stroke: var(--first); stroke-width: 1.75; }
.plot .line.series-1 { stroke: var(--second); }
.plot .area { fill: var(--first); opacity: .12; }
.plot .cursor { stroke: var(--strong-edge); stroke-width: 1; }
.plot span {
  position: absolute;
  left: 0;
  padding: 0 4px 0 0;
  font-size: 11px;
  line-height: 14px;
  color: var(--muted);
  background: var(--surface);
  pointer-events: none;
}
.plot .top { top: 3px; }
.plot .middle { top: calc(50% + 2px); }
.ends {
  flex: 1 0 100%;
  display: flex;
  justify-content: space-between;
  margin-top: 2px;
  font-size: 11px;
  color: var(--muted);
}

.scroll { overflow: auto; }
table { width: 100%; border-collapse: collapse; }
th, td {
  padding: 5px 10px;
  text-align: left;
  vertical-align: top;
  border-bottom: 1px solid var(--edge);
}
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--raised); }
th {
  vertical-align: middle;
  color: var(--muted);
  font-size: 12.5px;
  font-weight: 500;
  white-space: nowrap;
  background: var(--surface);
}
th.mono { font-family: inherit; }
td a { text-decoration: none; }
td a:hover { text-decoration: underline; }
th:first-child, td:first-child { padding-left: 14px; }
th:last-child, td:last-child { padding-right: 14px; }
th button.sort { color: inherit; font-size: inherit; }
th button.sort::after { content: " \\2195"; opacity: .55; }
th[aria-sort="ascending"] button.sort,
th[aria-sort="descending"] button.sort { color: var(--text); }
th[aria-sort="ascending"] button.sort::after,
th[aria-sort="descending"] button.sort::after { opacity: 1; }
th[aria-sort="ascending"] button.sort::after { content: " \\2191"; }
th[aria-sort="descending"] button.sort::after { content: " \\2193"; }
th.num, td.num { text-align: right; white-space: nowrap; }
td {
  max-width: min(340px, 20vw);
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
td.mono { white-space: pre; }
td.long { max-width: 900px; white-space: normal; }
td.actions {
  padding-top: 2px;
  padding-bottom: 2px;
  text-align: right;
  white-space: nowrap;
}
.table .empty { padding: 22px 14px; text-align: center; }
.badge {
  display: inline-block;
  padding: 0 7px;
  border-radius: 9px;
  font-size: 12px;
  line-height: 18px;
  white-space: nowrap;
}
.badge.good { color: var(--good); background: var(--good-ground); }
.badge.warn { color: var(--warn); background: var(--warn-ground); }
.badge.bad { color: var(--bad); background: var(--bad-ground); }
.pager {
  display: flex;
  align-items: center;
  gap: 8px;
  padding-top: 10px;
}
.pager .count { margin-right: auto; }
.name {
  flex: 1 1 0;
  min-width: 0;
  font-size: 14px;
  white-space: pre-wrap;
}
.head { align-items: center; gap: 8px 14px; }
.back { text-decoration: none; }
.back::before { content: "\\2039\\00a0"; }

.browser {
  display: grid;
  grid-template-columns: 232px minmax(0, 1fr);
  gap: 14px;
  align-items: start;
}
.tree { padding: 8px 10px; max-height: calc(100vh - 96px); overflow: auto; }
.tree .roots {
  display: flex;
  gap: 14px;
  padding-bottom: 4px;
  margin-bottom: 4px;
  border-bottom: 1px solid var(--edge);
}
.tree li { padding-left: 24px; position: relative; }
.tree li > a, .tree li > button.link {
  display: block;
  max-width: 100%;
  min-height: 24px;
  line-height: 24px;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: pre;
  color: var(--text);
  text-decoration: none;
}
.tree li > a:hover, .tree li > button.link:hover { color: var(--accent); }
.tree .toggle {
  position: absolute;
  left: 0;
  width: 24px;
  color: var(--muted);
}
.tree .toggle::before { content: "\\25B8"; }
.tree .toggle[aria-expanded="true"]::before { content: "\\25BE"; }
.payload {
  margin: 8px 0 0;
  padding: 10px;
  max-height: 420px;
  overflow: auto;
  border-radius: 5px;
  background: var(--raised);
  font: 12.5px/1.5 var(--mono);
  white-space: pre-wrap;
}

.panel form { max-width: 720px; }
.live {
  display: grid;
  grid-template-columns: minmax(0, 1fr) 300px;
  gap: 14px;
  align-items: start;
}
.log { height: calc(100vh - 204px); min-height: 280px; margin-top: 8px; }
.count:not(:empty) + .count { margin-left: 6px; }
.log .empty { padding: 22px 14px; text-align: center; }
.messages li { border-bottom: 1px solid var(--edge); }
.messages summary {
  display: grid;
  grid-template-columns: 64px minmax(0, 2fr) minmax(0, 3fr) 148px;
  gap: 10px;
  padding: 5px 12px;
  cursor: pointer;
  list-style: none;
}
.messages summary:hover { background: var(--raised); }
.messages summary:focus-visible { outline-offset: -2px; }
.messages .topic { font-weight: 600; }
.messages .topic, .messages .text {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.messages details[open] .topic { white-space: pre-wrap; }
.messages .payload { margin: 0 12px 10px; }
.messages .marks { color: var(--muted); text-align: right; }
.messages time { color: var(--muted); }
.told:not(:empty) { margin-top: 10px; color: var(--muted); }

@media (max-width: 1340px) {
  th.wide, td.wide { display: none; }
}
@media (max-width: 1100px) {
  th.fair, td.fair { display: none; }
  .charts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@media (max-width: 960px) {
  .browser, .live { grid-template-columns: minmax(0, 1fr); }
  .tree { max-height: 220px; }
  .log { height: 60vh; }
}
@media (max-width: 760px) {
  th.mid, td.mid { display: none; }
  .charts { grid-template-columns: minmax(0, 1fr); }
  th, td { padding: 8px 6px; }
  td { max-width: 40vw; }
  .table:has(.actions) td.mono { max-width: 31vw; }
  th[aria-sort="none"] button.sort::after { content: ""; }
  td.fixed { white-space: normal; min-width: 104px; }
  .head .name { flex-basis: 100%; order: 1; }
  .head .back { margin-right: auto; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tile dd { font-size: 18px; }
  .messages summary {
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 2px 8px;
  }
  .messages .text { grid-column: 1 / -1; grid-row: 2; }
}
`;
