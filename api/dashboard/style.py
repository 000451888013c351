"""The one style sheet: light and dark, wide and narrow."""

from __future__ import annotations

CSS = """
:root { --ground:#f6f7f9; --card:#ffffff; --ink:#1a2230; --quiet:#566072; --line:#d9dee6;
  --accent:#1f5fbf; --green:#1d7f4e; --red:#b3362b; --amber:#8a5a00; --on-accent:#ffffff; }
.body--dark, [data-theme=dark] { --ground:#12161d; --card:#1b212b; --ink:#e8ecf3; --quiet:#a5afbf;
  --line:#343d4b; --accent:#7fb0ff; --green:#57c78d; --red:#f08a7f; --amber:#e6b450;
  --on-accent:#0c1420; }
@media (prefers-color-scheme: dark) { [data-theme=auto] { --ground:#12161d; --card:#1b212b;
  --ink:#e8ecf3; --quiet:#a5afbf; --line:#343d4b; --accent:#7fb0ff; --green:#57c78d;
  --red:#f08a7f; --amber:#e6b450; --on-accent:#0c1420; } }
body { --q-primary:#1f5fbf !important; } .body--dark { --q-primary:#7fb0ff !important; }
.q-btn { text-transform:none; letter-spacing:0; font-weight:600; }
.q-btn .q-btn__content { text-align:center; }
body { background:var(--ground); color:var(--ink); margin:0;
  font-family:system-ui,"Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif; }
a { color:var(--accent); }
:focus-visible { outline:3px solid var(--accent); outline-offset:2px; }
.nicegui-content { padding:0; gap:0; align-items:stretch; width:100%; }
.skip { position:absolute; left:-999px; } .skip:focus { left:8px; top:8px; background:var(--card);
  padding:8px; z-index:10; }
.bar { display:flex; flex-wrap:wrap; gap:4px 16px; align-items:center; padding:10px 24px;
  background:var(--card); border-bottom:1px solid var(--line); }
.bar .brand { font-weight:700; text-decoration:none; color:var(--ink); margin-right:8px; }
.bar nav { display:flex; flex-wrap:wrap; gap:4px 14px; flex:1; }
.bar nav a { text-decoration:none; padding:6px 2px; border-bottom:2px solid transparent; }
.bar nav a[aria-current=page] { border-color:var(--accent); font-weight:600; color:var(--ink); }
.bar .choices { display:flex; flex-wrap:wrap; gap:12px; align-items:center; font-size:.9rem; }
.bar form { margin:0; } .bar form button { background:none; border:1px solid var(--line);
  color:var(--ink); border-radius:6px; padding:6px 10px; font:inherit; cursor:pointer; }
.page { max-width:1160px; width:100%; margin:0 auto; padding:20px 24px 48px;
  box-sizing:border-box; }
.page h1 { font-size:1.6rem; line-height:1.25; margin:4px 0 4px; font-weight:700;
  overflow-wrap:anywhere; }
.page h2 { font-size:1.1rem; line-height:1.3; margin:0 0 10px; font-weight:650; }
.page h3 { font-size:.95rem; line-height:1.3; margin:16px 0 6px; font-weight:650; }
.handles { position:relative; height:28px; margin:6px 0 10px; }
.handles::before, .handles .between { content:""; position:absolute; top:12px; height:4px;
  border-radius:2px; left:0; right:0; background:var(--line); }
.handles .between { background:var(--accent); }
.handles input { position:absolute; left:-10px; width:calc(100% + 20px); top:0; height:28px;
  margin:0; appearance:none; background:none; pointer-events:none; }
.handles input::-webkit-slider-thumb { appearance:none; pointer-events:auto; width:20px;
  height:20px; border-radius:50%; background:var(--accent); border:2px solid var(--card);
  cursor:grab; }
.handles input::-moz-range-thumb { pointer-events:auto; width:16px; height:16px; border-radius:50%;
  background:var(--accent); border:2px solid var(--card); cursor:grab; }
.handles input:focus-visible { outline:none; }
.handles input:focus-visible::-webkit-slider-thumb { outline:3px solid var(--accent);
  outline-offset:2px; }
.handles input:focus-visible::-moz-range-thumb { outline:3px solid var(--accent);
  outline-offset:2px; }
.strong { font-weight:600; } .hidden-text { position:absolute; width:1px; height:1px;
  overflow:hidden; clip-path:inset(50%); white-space:nowrap; }
.quiet { color:var(--quiet); } .small { font-size:.88rem; }
.card { background:var(--card); border:1px solid var(--line); border-radius:10px; padding:16px 18px;
  margin:14px 0; box-sizing:border-box; }
.head { display:flex; flex-wrap:wrap; gap:8px 16px; align-items:center;
  justify-content:space-between; }
.split { display:grid; grid-template-columns:minmax(0,3fr) minmax(0,2fr); gap:0 16px; }
.split.even { grid-template-columns:repeat(2,minmax(0,1fr)); }
.thirds { display:grid; grid-template-columns:repeat(auto-fit,minmax(280px,1fr));
  gap:0 16px; }
.figures { display:grid; grid-template-columns:repeat(auto-fit,minmax(150px,1fr)); gap:14px; }
.figure dt, .figure .name { color:var(--quiet); font-size:.88rem; }
.figure .value { font-size:1.45rem; font-weight:650; font-variant-numeric:tabular-nums; }
table + .figures, .scroll + .figures { margin:14px 0; }
.figure .meter { margin-top:10px; } .figure:has(.meter) { margin-top:12px; }
.range { color:var(--quiet); font-size:.82rem; font-variant-numeric:tabular-nums; }
.meter { height:14px; background:var(--line); border-radius:7px; overflow:hidden; margin:4px 0; }
.meter > div { height:100%; border-radius:7px; } .green > div { background:var(--green); }
.progress > div { background:var(--accent); }
.red > div { background:var(--red); }
.pill { display:inline-block; border:1px solid var(--line); border-radius:99px; padding:1px 10px;
  font-size:.85rem; white-space:nowrap; } .good { color:var(--green); border-color:var(--green); }
.bad { color:var(--red); border-color:var(--red); }
.fair { color:var(--amber); border-color:var(--amber); }
table.list { width:100%; border-collapse:collapse; font-variant-numeric:tabular-nums; }
table.list th { text-align:left; color:var(--quiet); font-weight:600; font-size:.85rem; }
table.list th, table.list td { padding:9px 10px 9px 0; border-bottom:1px solid var(--line);
  vertical-align:top; }
table.list td { overflow-wrap:anywhere; } table.list td .q-btn { margin:-7px 0; }
table.list.stack th { white-space:nowrap; } table.list.stack td { min-width:5em; }
:lang(ko) .page { word-break:keep-all; }
table.list tr:last-child td { border-bottom:0; }
td .range { white-space:nowrap; } .scroll { overflow-x:auto; }
table.compared th[scope=col] { font-size:1rem; color:var(--ink); min-width:120px; }
abbr[title] { text-decoration:underline dotted; text-underline-offset:3px; cursor:help; }
.fields { display:grid; grid-template-columns:repeat(auto-fit,minmax(170px,1fr)); gap:8px 14px; }
.tight { grid-template-columns:repeat(auto-fit,minmax(140px,1fr)); gap:0 12px; }
.contents { display:contents; } .grow { flex:1; min-width:0; }
.builder { display:grid; grid-template-columns:minmax(0,5fr) minmax(300px,3fr); gap:0 16px;
  align-items:start; } .builder .aside { position:sticky; top:8px; }
.group { border-left:3px solid var(--line); padding-left:14px; margin-top:10px; }
.more .fields, .more .q-select { width:100%; }
.more .q-item { padding:0; min-height:0; } .more .q-expansion-item__content { padding:10px 0 0; }
.joined { max-width:320px; }
.condition { display:flex; gap:6px; align-items:flex-start; padding:8px 0;
  border-bottom:1px dashed var(--line); } .members > .condition:last-child { border-bottom:0; }
.filters { padding-left:16px; } .filters .condition { padding:0; border:0; }
.adding { margin-top:4px; gap:2px 6px; } .kinds { display:grid; gap:10px; margin-bottom:10px;
  grid-template-columns:repeat(auto-fit,minmax(180px,1fr)); }
.kinds label { display:block; border:1px solid var(--line); border-radius:8px; padding:12px;
  cursor:pointer; } .kinds input { accent-color:var(--accent); margin:0 8px 0 0; }
.kinds label:has(input:checked) { border-color:var(--accent); box-shadow:0 0 0 1px var(--accent); }
.kinds label:focus-within { outline:3px solid var(--accent); outline-offset:2px; }
.sentence { display:flex; flex-wrap:wrap; gap:4px 12px; align-items:baseline; }
.sentence .q-field { max-width:110px; }
.enough { color:var(--green); font-weight:600; } .stale { filter:grayscale(1); }
.actions { display:flex; flex-wrap:wrap; gap:10px; margin-top:12px; align-items:center; }
.problem { color:var(--red); } pre.yaml { background:var(--ground); border:1px solid var(--line);
  border-radius:8px; padding:12px; overflow:auto; margin:0; font-size:.88rem; }
.search { margin:10px 0 16px; } .search input { padding:9px; font:inherit; flex:1;
  min-width:0; max-width:420px; background:var(--card); color:var(--ink);
  border:1px solid var(--quiet); border-radius:6px; }
button.button { border:0; font:inherit; cursor:pointer; }
.empty { text-align:center; padding:36px 18px; } .chart { height:260px; width:100%; }
.tabs { display:flex; flex-wrap:wrap; gap:4px 18px; margin:8px 0 4px; }
.tabs a { text-decoration:none; padding:6px 0; border-bottom:2px solid transparent; }
.tabs a[aria-current=page] { border-color:var(--accent); color:var(--ink); font-weight:600; }
.button { display:inline-block; background:var(--accent); color:var(--on-accent);
  text-decoration:none; border-radius:6px; padding:9px 16px; font-weight:600; }
/* Of rules that are important, those of the first layer win. */
@layer theme { .body--dark .q-btn.bg-primary { color:var(--on-accent) !important; } }
body.sign-in main { max-width:420px; margin:10vh auto; background:var(--card); padding:28px;
  border:1px solid var(--line); border-radius:12px; }
body.sign-in label { display:block; font-weight:600; margin:14px 0 6px; }
body.sign-in input { width:100%; box-sizing:border-box; padding:10px; font:inherit;
  background:var(--ground); color:var(--ink); border:1px solid var(--quiet); border-radius:6px; }
body.sign-in button { margin-top:8px; background:var(--accent); color:var(--on-accent); border:0;
  border-radius:6px; padding:10px 18px; font:inherit; font-weight:600; cursor:pointer; }
@media (max-width: 760px) { .split, .split.even, .builder { grid-template-columns:minmax(0,1fr); }
  .page { padding:14px 14px 40px; } .bar { padding:8px 14px; }
  .bar nav { order:3; flex-basis:100%; } .bar .choices { flex:1; justify-content:flex-end; }
  body.sign-in main { margin:24px 12px; } .builder .aside { position:static; }
  .group { padding-left:10px; } .filters { padding-left:4px; }
  table.list.stack thead { position:absolute; left:-9999px; }
  table.list.stack tr { display:block; border-bottom:1px solid var(--line); padding:8px 0; }
  table.list.stack td { display:flex; justify-content:space-between; gap:12px; border:0;
    padding:4px 0; text-align:right; }
  table.list.stack td:has(> div:empty), table.list.stack td:has(> div > :only-child:empty) {
    display:none; }
  table.list.stack td::before { content:attr(data-label); color:var(--quiet); text-align:left;
    white-space:nowrap; } }
"""
