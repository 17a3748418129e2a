/**
 * Colours, type, the frame around the screens, and what is typed into. Each
 * colour is there for light and for dark, with a contrast of 4.5 at least to
 * what it stands on.
 *
 * @module
 */

/** Style sheet, first half; `page_looks.ts` has the other. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f6f8, #0e1318);
  --surface: light-dark(#ffffff, #161c23);
  --raised: light-dark(#eef1f5, #1e262f);
  --edge: light-dark(#d8dee6, #2a343f);
  --strong-edge: light-dark(#7d8996, #6d7a89);
  --text: light-dark(#18212b, #e4e9ef);
  --muted: light-dark(#53606e, #9eabb9);
  --accent: light-dark(#0a5aa8, #7db9f5);
  --on-accent: light-dark(#ffffff, #0b1622);
  --first: light-dark(#1d6fbf, #62aef2);
  --second: light-dark(#b4570a, #f0a355);
  --good: light-dark(#146c3f, #5ac88f);
  --good-ground: light-dark(#e3f4ea, #12291e);
  --warn: light-dark(#7a4c00, #f0c25a);
  --warn-ground: light-dark(#fdf1d3, #2e2509);
  --bad: light-dark(#a8201a, #ff9088);
  --bad-ground: light-dark(#fdeae8, #38161a);
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono",
    monospace;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 13.5px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
h1 { margin: 0 0 14px; font-size: 20px; font-weight: 600; }
h2 { margin: 0; font-size: 13.5px; font-weight: 600; }
p { margin: 0; }
a { color: var(--accent); text-underline-offset: 2px; }
dl, dd, ul, ol { margin: 0; padding: 0; list-style: none; }
.mono { font-family: var(--mono); font-size: 12.5px; }
.muted, .count { color: var(--muted); }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
/* It takes the focus of a screen that has gone, and does nothing. */
h1:focus-visible { outline: 0; }

button, input, select, textarea {
  font: inherit;
  color: var(--text);
  background: var(--surface);
  border: 1px solid var(--strong-edge);
  border-radius: 5px;
  padding: 5px 10px;
  min-height: 32px;
}
input, textarea { width: 100%; }
textarea { display: block; resize: vertical; }
input.mono, textarea.mono { font-family: var(--mono); font-size: 12.5px; }
input[type="checkbox"] {
  width: 16px;
  height: 16px;
  min-height: 0;
  margin: 0;
  accent-color: var(--accent);
}
button { cursor: pointer; font-weight: 500; white-space: nowrap; }
button:hover { background: var(--raised); }
button:disabled { opacity: .5; cursor: default; }
button.primary {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--on-accent);
}
button.primary:hover { filter: brightness(1.1); }
button.danger { color: var(--bad); border-color: var(--bad); }
button.danger:hover { background: var(--bad-ground); }
button.small { min-height: 24px; padding: 1px 8px; font-size: 12.5px; }
button.link, button.sort, button.toggle {
  border: 0;
  background: none;
  padding: 0;
  min-height: 24px;
  font-weight: inherit;
}
button.link { color: var(--accent); text-align: left; white-space: normal; }
button.link:hover { text-decoration: underline; }
.field { display: block; }
.field .label { display: block; margin-bottom: 3px; color: var(--muted); }
.check { display: flex; align-items: center; gap: 6px; min-height: 32px; }
.grow { flex: 1 1 220px; }
.fault { color: var(--bad); }
.fault:not(:empty) { margin: 0 0 10px; }
form > .field, form > .fault:not(:empty) { margin-bottom: 10px; }
.toolbar {
  display: flex;
  flex-wrap: wrap;
  align-items: flex-end;
  gap: 8px;
  margin-bottom: 10px;
}
form > .toolbar { margin-bottom: 0; }
form.toolbar > .field { margin-bottom: 0; }
.buttons { display: flex; justify-content: flex-end; gap: 8px; }

.login {
  max-width: 360px;
  margin: 14vh auto 0;
  padding: 24px;
  background: var(--surface);
  border: 1px solid var(--edge);
  border-radius: 8px;
}
.login button { width: 100%; margin-bottom: 14px; }
.skip { position: absolute; left: 8px; top: -60px; z-index: 3; }
.skip:focus { top: 8px; }
.frame { display: grid; grid-template-columns: 184px minmax(0, 1fr); }
.side {
  position: sticky;
  top: 0;
  height: 100vh;
  display: flex;
  flex-direction: column;
  gap: 14px;
  padding: 16px 10px 12px;
  background: var(--surface);
  border-right: 1px solid var(--edge);
  overflow: auto;
}
.brand {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 6px;
  padding: 0 10px;
  font-size: 15px;
}
.version, .host { color: var(--muted); font-size: 12px; }
.host { flex-basis: 100%; }
.side a {
  display: block;
  padding: 6px 10px;
  border-radius: 5px;
  color: var(--text);
  text-decoration: none;
}
.side a:hover { background: var(--raised); }
.side a[aria-current] {
  background: var(--raised);
  color: var(--accent);
  font-weight: 600;
}
.foot { margin-top: auto; display: grid; gap: 8px; }
.state { padding: 0 10px; color: var(--muted); font-size: 12.5px; }
.state::before {
  content: "";
  display: inline-block;
  width: 8px;
  height: 8px;
  margin-right: 7px;
  border-radius: 50%;
  background: var(--strong-edge);
}
.state.good::before { background: var(--good); }
.state.bad::before { background: var(--bad); }
.state.bad { color: var(--bad); }
#main { padding: 16px 22px 32px; min-width: 0; max-width: 1500px; }

dialog {
  width: min(440px, calc(100vw - 32px));
  padding: 20px;
  border: 1px solid var(--edge);
  border-radius: 8px;
  background: var(--surface);
  color: var(--text);
}
dialog::backdrop { background: rgb(0 0 0 / .45); }
dialog h2 { font-size: 16px; margin-bottom: 8px; }
dialog p { margin-bottom: 14px; }
dialog button.danger { background: var(--bad); color: var(--surface); }
dialog button.danger:hover { background: var(--bad); filter: brightness(1.1); }
.notice {
  position: fixed;
  right: 16px;
  bottom: 16px;
  z-index: 2;
  pointer-events: none;
}
.notice p {
  max-width: min(420px, calc(100vw - 32px));
  padding: 10px 14px;
  border-radius: 6px;
  background: var(--text);
  color: var(--ground);
  box-shadow: 0 4px 16px rgb(0 0 0 / .25);
}

@media (max-width: 760px) {
  .frame { display: block; }
  .side {
    height: auto;
    padding: 8px 12px 0;
    gap: 6px;
    border-right: 0;
    border-bottom: 1px solid var(--edge);
    display: grid;
    grid-template: "brand foot" "menu menu" / 1fr auto;
    align-items: center;
    z-index: 1;
  }
  .brand { padding: 0; }
  .host { display: none; }
  .foot {
    grid-area: foot;
    display: flex;
    align-items: center;
    gap: 6px;
    margin: 0;
  }
  .foot .state { padding: 0; font-size: 0; }
  .foot .state.bad { font-size: 12.5px; }
  .foot select { max-width: 122px; padding: 5px 4px; }
  .side nav {
    grid-area: menu;
    margin: 0 -12px;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .side ul { display: flex; padding: 0 8px 6px; }
  .side a { white-space: nowrap; padding: 8px 10px; }
  #main { padding: 14px 12px 28px; }
  button, input, select { min-height: 38px; }
  button.small, button.link, button.sort, button.toggle { min-height: 30px; }
}
`;
