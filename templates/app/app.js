// The page: it hands files and questions to the worker and shows what comes back. No text from a file is ever
// taken for markup; every element is made by `el`.
const LIMITS = { file: 64 * 2 ** 20, files: 2000, seconds: 120 };
const $ = (id) => document.getElementById(id);
const texts = JSON.parse($("texts").textContent);
const t = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const language = document.documentElement.lang;
const base = new URL(".", location.href).href;

// --- elements -----------------------------------------------------------------------------------------

function el(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...inside.flat(3).filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

const number = (value, digits = 5) =>
  value === null || value === undefined ? "" : new Intl.NumberFormat(language, { maximumSignificantDigits: digits, useGrouping: false }).format(value);
const list = (values, between = ", ") => (values ?? []).map((one) => (one === null ? "?" : number(one, 4))).join(between);
const clock = (seconds) => {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
const withInterval = (seconds, interval) =>
  seconds === null || seconds === undefined ? "" : clock(seconds) + (interval ? ` (${clock(interval[0])}–${clock(interval[1])})` : "");
const size = (bytes) =>
  bytes < 1024 ? t("bytes", { n: bytes }) : bytes < 2 ** 20 ? t("kB", { n: Math.round(bytes / 1024) }) : t("MB", { n: number(bytes / 2 ** 20, 3) });

// The caption is for the eye only where no heading says the same.
function table(caption, heads, rows, kind = "", seen = true) {
  const head = el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text))));
  const body = el("tbody", {}, rows);
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", { class: kind }, el("caption", { class: seen ? null : "vh" }, caption), head, body));
}
const row = (name, cells, kind = null) => el("tr", { class: kind }, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell)));

let fields = 0;
function field(label, control) {
  control.id ||= `field-${++fields}`;
  return el("div", {}, el("label", { for: control.id }, label), control);
}
const select = (options, chosen) =>
  el("select", {}, options.map(([value, text]) => el("option", { value, selected: String(value) === String(chosen) }, text)));
// What the program says: {text, language}, in English where its catalogue has no translation.
const said = (one) => (typeof one === "string" || one.language === language ? one.text ?? one : el("span", { lang: one.language }, one.text));
const sentences = (items) => el("ul", { class: "sentences" }, items.map(([kind, ...text]) => el("li", { class: kind }, text)));
const section = (title, ...inside) => el("section", { class: "part" }, el("h3", { class: "sub" }, title), ...inside);

// --- the program, in its worker -----------------------------------------------------------------------

const program = {
  worker: null, next: 0, waiting: new Map(), ready: null,

  start() {
    // A worker made from a blob keeps the Content-Security-Policy of the page, whatever server it comes from.
    const source = `import ${JSON.stringify(new URL("worker.js", base).href)};`;
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(address, { type: "module" });
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.worker.onerror = (event) => { event.preventDefault(); tooOld(event.message); };
    this.ready = this.send({ kind: "start", base, core: document.body.dataset.core, specs: network.specs }, 0);
    return this.ready;
  },

  heard(data) {
    if (data.progress !== undefined) return doing(data.what, {}, data.progress);
    const { resolve, reject, timer } = this.waiting.get(data.id) ?? {};
    this.waiting.delete(data.id);
    clearTimeout(timer);
    if (data.error) reject?.(Object.assign(new Error(data.error.message), { expected: data.error.expected }));
    else resolve?.(data.value);
  },

  send(message, seconds = LIMITS.seconds, transfer = []) {
    const id = ++this.next;
    return new Promise((resolve, reject) => {
      const timer = seconds ? setTimeout(() => this.stop(t("slow", { seconds })), seconds * 1000) : null;
      this.waiting.set(id, { resolve, reject, timer });
      this.worker.postMessage({ id, ...message }, transfer);
    });
  },

  // The only way to end Python in the middle: a new worker, with the same files in it.
  async stop(why) {
    this.worker.terminate();
    const left = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject, timer } of left) { clearTimeout(timer); reject(Object.assign(new Error(why), { expected: true })); }
    this.ready = this.start().then(async () => {
      for (const file of files.values()) await this.put(file);
    });
    await this.ready;
  },

  async put({ name, contents }) {
    for (const [path, content] of contents) {
      const copy = new Uint8Array(await content.arrayBuffer());
      await this.send({ kind: "put", name: path, content: copy }, LIMITS.seconds, [copy.buffer]);
    }
    return name;
  },

  async ask(name, values = {}) {
    await this.ready;
    return this.send({ kind: "ask", name, values });
  },
};

function doing(key, values = {}, share = null) {
  $("status").hidden = false;
  $("doing").textContent = t(key, values);
  if (share === null) $("progress").removeAttribute("value");
  else $("progress").value = share;
  $("progress").hidden = share === 1;
  $("cancel").hidden = share !== null;
  document.documentElement.dataset.state = share === 1 ? "ready" : "busy";
}

function problem(text = "") {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function tooOld(message) {
  $("old").hidden = false;
  $("status").hidden = true;
  if (message) $("old").append(` (${message})`);
  document.documentElement.dataset.state = "failed";
}

// Show that something is being done, and what went wrong if it did.
async function busy(work, key = "working", values = {}) {
  problem();
  doing(key, values);
  try {
    return await work();
  } catch (error) {
    problem(error.expected ? error.message : t("failed", { message: error.message }));
    return null;
  } finally {
    doing("ready", {}, 1);
  }
}

// --- files --------------------------------------------------------------------------------------------

const files = new Map(); // name: {name, contents: [[path, File]], about}
let current = null, network = null;

async function add(contents) {
  const groups = new Map();
  for (const [path, content] of contents) {
    if (content.size > LIMITS.file) return problem(t("large", { file: path, size: size(content.size), limit: size(LIMITS.file) }));
    const name = path.split("/")[0];
    groups.set(name, [...(groups.get(name) ?? []), [path, content]]);
  }
  if (contents.length > LIMITS.files) return problem(t("many", { limit: LIMITS.files }));
  for (const [name, inside] of groups) {
    const file = { name, contents: inside };
    const about = await busy(async () => {
      await program.ready;
      await program.put(file);
      return program.ask("describe", { file: name, language });
    }, "reading", { file: name });
    if (about) {
      files.set(name, { ...file, about });
      current = name;
    } else await program.send({ kind: "remove", name }).catch(() => {});
  }
  show();
}

async function drop(event) {
  event.preventDefault();
  $("drop").classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  add(found.length ? found : [...event.dataTransfer.files].map((file) => [file.name, file]));
}

async function walk(entry, above, found) {
  if (found.length > LIMITS.files) return;
  if (entry.isFile) return void found.push([above + entry.name, await new Promise((yes, no) => entry.file(yes, no))]);
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((yes, no) => reader.readEntries(yes, no));
    if (!some.length) return;
    for (const one of some) await walk(one, `${above}${entry.name}/`, found);
  }
}

function remove(name) {
  files.delete(name);
  program.send({ kind: "remove", name });
  if (current === name) current = [...files.keys()].at(-1) ?? null;
  show();
  $("choose").focus();
}

function show() {
  $("loaded").replaceChildren(...[...files.values()].map(({ name, about }) =>
    el("li", {},
      el("button", { type: "button", class: "pick", "aria-pressed": String(name === current), onclick: () => { current = name; show(); } },
        name, el("span", { class: "what" }, [title(about.vendor), about.software, about.field_strength && `${number(about.field_strength, 3)} T`].filter(Boolean).join(" "))),
      el("button", { type: "button", "aria-label": t("remove", { file: name }), onclick: () => remove(name) }, "✕"))));
  $("work").hidden = !current;
  if (current) for (const [name, draw] of Object.entries(PANELS)) $(`panel-${name}`).replaceChildren(...[draw(files.get(current).about)].flat(3).filter(Boolean));
}

const title = (vendor) => network.vendors[vendor]?.title ?? vendor;

// --- what it is ---------------------------------------------------------------------------------------

function overview(about) {
  return [
    el("h2", {}, t("what", { file: about.file })),
    el("table", { class: "facts-table" }, el("tbody", {}, about.facts.map(([name, value]) => row(name, [value])))),
    section(t("hinders"), about.hinders.length ? sentences(about.hinders.map((text) => ["warning", said(text)])) : el("p", {}, t("nothing_hinders"))),
    el("h2", { class: "sub" }, t("protocols")),
    about.protocols.map((protocol) => steps(protocol)),
    about.notes.length ? el("details", { class: "panel" }, el("summary", {}, `${t("notes")} (${about.notes.length})`), sentences(about.notes.map((note) => ["", said(note)]))) : null,
  ].filter(Boolean);
}

const HEADS = ["step", "shown_time", "computed_time", "sequence", "plane", "tr", "te", "ti", "flip", "voxel", "slices", "acceleration", "averages"];

function steps(protocol) {
  const rows = protocol.steps.map((step) => {
    if (step.kind !== "acquisition") return el("tr", { class: "other" }, el("th", { scope: "row" }, `(${t(step.kind)})`), el("td", { colspan: HEADS.length - 1 }, step.name));
    const acceleration = [step.parallel_reduction_factor_in_plane, step.parallel_reduction_factor_out_of_plane, step.multiband_factor].filter((one) => one > 1);
    return row(step.name, [
      clock(step.stated), withInterval(step.computed, step.interval), step.sequence, step.plane ?? "", number(step.repetition_time), list(step.echo_times), number(step.inversion_time), number(step.flip_angle), list(step.voxel_size, " × "),
      number(step.number_of_slices), list(acceleration, " × "), number(step.number_of_averages),
    ]);
  });
  const time = protocol.stated ?? protocol.total;
  const caption = protocol.label + (time ? ` – ${t("total", { time: clock(time) })}` : "");
  return el("div", {}, table(caption, HEADS.map((key) => t(key)), rows, "steps"));
}

// --- forms --------------------------------------------------------------------------------------------

const button = (text, onclick, kind = "go") => el("button", { type: "button", class: kind, onclick }, text);
const strengths = () => [...new Set(network.protocols.flatMap((one) => one.field_strengths))].sort();
const ownProtocols = (about) => select(about.protocols.map((one, place) => [place, one.label]), 0);
const networkProtocols = () => select(network.protocols.map((one) => [one.reference, `${one.title[language] ?? one.title.en} (${one.version})`]), kept.protocol);
const fieldStrength = (about) => {
  const known = strengths().find((one) => Math.abs(one - about.field_strength) < 0.2);
  return select(strengths().map((one) => [one, `${number(one, 3)} T`]), known ?? kept.field);
};
const kept = { protocol: null, field: 3 };

// A form, and below it the place for its result.
function panel(heading, controls, go, onGo) {
  const out = el("div", { class: "out" });
  const start = button(go, async () => {
    start.disabled = true;
    try { await onGo(out); } finally { start.disabled = false; }
  });
  return [el("h2", {}, heading), el("div", { class: "form" }, controls, el("div", {}, start)), out];
}

async function fill(out, name, values, draw) {
  const found = await busy(() => program.ask(name, values));
  if (!found) return null;
  out.replaceChildren(...[draw(found)].flat(3).filter(Boolean));
  out.tabIndex = -1;
  out.focus({ preventScroll: true });
  return found;
}

// --- compared -----------------------------------------------------------------------------------------

function compare(about) {
  const mine = ownProtocols(about), theirs = networkProtocols(), tesla = fieldStrength(about);
  theirs.addEventListener("change", () => { kept.protocol = theirs.value; });
  const controls = [field(t("own_protocol"), mine), field(t("network_protocol"), theirs), field(t("field"), tesla)];
  return panel(t("tab_compare"), controls, t("go_compare"), (out) =>
    fill(out, "compare", { file: about.file, number: +mine.value, protocol: theirs.value, field_strength: +tesla.value, language }, compared));
}

function compared(found) {
  const { mine, theirs } = found;
  const apart = (one) => {
    const [before, between, after] = t("is_asks", { field: one.label, mine: "|", theirs: "|" }).split("|");
    return [before, el("strong", {}, one.mine), between, el("strong", {}, one.theirs), after];
  };
  const heavy = ({ severity }) => ["image", "time"].includes(severity);
  const scan = (pair) => {
    const first = pair.fields.filter(heavy), rest = pair.fields.filter((one) => !heavy(one));
    return section(`${pair.theirs.name} – ${t("your_scan", { name: pair.mine.name })}`,
      pair.moved ? el("p", {}, t("moved")) : null,
      first.length ? sentences(first.map((one) => [one.severity, apart(one)])) : el("p", { class: "better" }, t("same")),
      rest.length ? el("details", {}, el("summary", {}, t("small_differences", { n: rest.length })), sentences(rest.map((one) => ["", apart(one)]))) : null,
      pair.silent.length ? el("p", { class: "small" }, t("not_in_file", { fields: pair.silent.join(", ") })) : null);
  };
  const scans = found.pairs.filter((pair) => pair.theirs.kind === "acquisition");
  const names = (places) => el("ul", {}, places.map((one) => el("li", {}, one.kind === "acquisition" ? one.name : `(${t(one.kind)}) ${one.name}`, one.optional ? ` – ${t("optional")}` : null)));
  return el("div", { class: "result compared" },
    el("p", {}, t("times_compared", { mine: clock(mine) || t("unknown"), theirs: withInterval(theirs.seconds, theirs.interval) })),
    found.only_theirs.length ? el("div", { class: "byhand" }, el("h3", {}, t("only_theirs")), names(found.only_theirs)) : null,
    scans.map(scan),
    found.only_mine.length ? el("details", { class: "panel" }, el("summary", {}, `${t("only_mine")} (${found.only_mine.length})`), names(found.only_mine)) : null);
}

// --- a card of one's own ------------------------------------------------------------------------------

function patch(about) {
  const theirs = networkProtocols(), tesla = fieldStrength(about);
  theirs.addEventListener("change", () => { kept.protocol = theirs.value; });
  const alike = [...files.values()].filter((file) => file.about.vendor === about.vendor);
  const boxes = alike.map(({ name }) => el("label", { class: "check" }, el("input", { type: "checkbox", value: name, checked: name === about.file }), el("span", {}, name)));
  const donors = el("fieldset", {}, el("legend", {}, t("donors")), boxes);
  const controls = [field(t("network_protocol"), theirs), field(t("field"), tesla), donors];
  const asked = () => ({
    protocol: theirs.value, vendor: about.vendor, field_strength: +tesla.value,
    donors: boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value),
  });
  return panel(t("tab_patch"), controls, t("go_plan"), (out) => {
    const values = asked();
    return fill(out, "plan", { ...values, decisions: {}, language }, (found) => planned(found, values));
  });
}

function planned(found, values) {
  const choices = new Map();
  const label = (one) => `${one.name} #${one.path.split("#").at(-1)}${values.donors.length > 1 ? ` – ${one.file}` : ""}`;
  const rows = found.steps.map((step) => {
    const mine = step.donor ? found.choices.find((one) => one.file === step.donor.file && one.path.endsWith(`#${step.donor.step_index}`) && one.name === step.donor.step) : null;
    const gap = found.gaps.find((one) => one.name === step.name);
    const options = [["", mine ? label(mine) : gap?.optional ? t("leave_out") : t("gap")]];
    if (mine) options.push(["leave", t("leave_out")]);
    for (const [place, one] of found.choices.entries()) if (one !== mine) options.push([place, label(one)]);
    const choice = select(options, "");
    choice.setAttribute("aria-label", `${step.name}: ${t("from")}`);
    choices.set(step, choice);
    const kinds = ["reset", "kept"].map((action) => [action, step.inherited.filter((one) => one.action === action).map((one) => one.label)]);
    const brings = kinds.filter(([, names]) => names.length).map(([action, names]) => el("div", {}, t(action, { what: names.join(", ") })));
    return row(step.name, [choice, gap ? [t("needs", { what: "" }), said(gap.missing)] : brings]);
  });
  const decisions = () => Object.fromEntries([...choices].filter(([, choice]) => choice.value).map(([step, choice]) => {
    const one = found.choices[choice.value];
    return [String(step.index), one ? { path: one.path, file: one.file } : { leave_out: true }];
  }));
  const gaps = select(["refuse", "sheet", "template"].filter((one) => found.gaps_known.includes(one)).map((one) => [one, t(one)]), found.gaps.some((one) => !one.optional) ? "sheet" : "refuse");
  const spite = el("input", { type: "checkbox" });
  const out = el("div", {});
  return el("div", { class: "result" },
    el("h3", {}, t("plan")),
    found.warnings.length ? sentences(found.warnings.map((text) => ["warning", said(text)])) : null,
    table(t("plan"), [t("scan"), t("from"), t("brings")], rows, "choices", false),
    el("div", { class: "form" }, field(t("gaps"), gaps), el("label", { class: "check" }, spite, el("span", {}, t("in_spite"))),
      el("div", {}, button(t("go_build"), () => fill(out, "build", { ...values, decisions: decisions(), gaps: gaps.value, in_spite: spite.checked, language }, made)))),
    out);
}

const finding = (one) => [one.severity, one.step_name ? `${one.step_name}: ` : "", said(one.text), one.code ? ` (${one.code})` : ""];

function made(found) {
  if (found.refused) return el("div", { class: "result" }, section(t("not_made"), sentences(found.refused.map(finding))));
  const heavy = found.losses.filter((one) => ["image", "operator", "time"].includes(one.severity));
  const light = found.losses.filter((one) => !heavy.includes(one));
  const kept = found.inherited.filter((one) => one.action === "kept" && one.severity === "image");
  const losses = (some) => some.map((one) => row(one.scan ?? "", [one.field, one.wanted, one.got, said(one.reason)]));
  const heads = [t("scan"), t("what_field"), t("wanted"), t("got"), t("why")];
  const single = found.files.length <= 6 ? found.files : [];
  return el("div", { class: "result" },
    el("h3", {}, `${t("made")} `, el("span", { class: `kind kind-${found.kind}` }, found.kind_label)),
    el("p", {}, said(found.what_it_is)),
    el("p", {}, `${t("time")}: ${t("time_line", { written: withInterval(found.time.written, found.time.interval) || t("unknown"), spec: clock(found.time.spec) || t("unknown") })}${found.time.limit ? `, ${t("limit", { time: clock(found.time.limit) })}` : ""}`),
    el("ul", { class: "downloads-list" },
      el("li", {}, download(t("everything"), `${found.name}.zip`, found.archive)),
      single.map((file) => el("li", {}, download(file.name, `${found.folder}/${file.name}`, file.size, "button quiet")))),
    found.gaps.length ? el("p", { class: "problem" }, t("open_gaps", { scans: found.gaps.join(", ") })) : null,
    kept.length ? el("details", { class: "byhand", open: kept.length <= 10 }, el("summary", {}, `${t("inherited")} (${kept.length})`), el("ul", {}, kept.map((one) => el("li", {}, `${one.scan}: ${one.label} ${one.value}`)))) : null,
    heavy.length ? el("details", { class: "byhand", open: heavy.length <= 20 }, el("summary", {}, `${t("losses")} (${heavy.length})`), table(t("losses"), heads, losses(heavy), "losses", false)) : null,
    light.length ? el("details", { class: "panel" }, el("summary", {}, `${t("small_losses")} (${light.length})`), table(t("small_losses"), heads, losses(light), "losses", false)) : null,
    found.losses.length ? null : el("p", {}, t("no_losses")),
    el("details", { class: "panel" }, el("summary", {}, `${t("findings")} (${found.findings.length})`), found.findings.length ? sentences(found.findings.map(finding)) : el("p", {}, t("no_finding"))),
    found.notes.length ? el("details", { class: "panel" }, el("summary", {}, `${t("notes")} (${found.notes.length})`), sentences(found.notes.map((text) => ["", said(text)]))) : null);
}

function download(text, path, octets, kind = "button") {
  const name = path.split("/").at(-1);
  return el("button", { type: "button", class: kind, onclick: async () => {
    const content = await busy(() => program.send({ kind: "take", name: path }));
    if (!content) return;
    const address = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
    el("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } }, text, " ", el("span", { class: "size" }, size(octets)));
}

// --- translated ---------------------------------------------------------------------------------------

function translate(about) {
  const mine = ownProtocols(about), tesla = fieldStrength(about);
  const others = Object.entries(network.vendors).map(([name, one]) => [name, one.title]);
  const to = select(others, others.find(([name]) => name !== about.vendor)[0]);
  const controls = [field(t("own_protocol"), mine), field(t("to"), to), field(t("field"), tesla)];
  return panel(t("tab_translate"), controls, t("go_translate"), (out) =>
    fill(out, "translate", { file: about.file, number: +mine.value, vendor: to.value, field_strength: +tesla.value, language }, made));
}

// --- what if ------------------------------------------------------------------------------------------

const NUMBERS = [
  ["repetition_time", ["tr"]], ["repetition_time_preparation", ["tr_preparation"]], ["echo_times", ["te"]], ["inversion_time", ["ti"]], ["voxel_size", ["vy", "vx", "vz"]],
  ["parallel_reduction_factor_in_plane", ["accel"]], ["number_of_averages", ["averages"]],
];

function whatif(about) {
  const tesla = fieldStrength(about);
  const bases = [
    ...about.protocols.map((one, place) => [`own ${place}`, t("mine", { name: one.label })]),
    ...network.protocols.map((one) => [`net ${one.reference}`, t("theirs", { name: `${one.title[language] ?? one.title.en} (${one.version})` })]),
  ];
  const from = select(bases, "own 0");
  const base = () => {
    const [kind, name] = [from.value.slice(0, 3), from.value.slice(4)];
    const field_strength = +tesla.value;
    return kind === "own" ? { file: about.file, number: +name, field_strength } : { protocol: name, vendor: about.vendor, field_strength };
  };
  return panel(t("tab_whatif"), [field(t("base"), from), field(t("field"), tesla)], t("go_scans"), (out) => {
    const chosen = base();
    return fill(out, "scans", { base: chosen }, (found) => changing(chosen, found.scans));
  });
}

function changing(base, scans) {
  const which = select(scans.map((one, place) => [place, one.name]), 0);
  const form = el("div", { class: "form numbers" }), out = el("div", { "aria-live": "polite" });
  let timer = null, asked = 0;
  const inputs = [];
  const changes = (scan) => {
    const found = {};
    for (const [name] of NUMBERS) {
      const own = inputs.filter((one) => one.name === name);
      const values = own.map(({ input, old }) => (input.value === "" ? old : +input.value));
      for (const { input, old } of own) input.classList.toggle("changed", input.value !== "" && +input.value !== old);
      if (own.some(({ old }, place) => values[place] !== old)) found[name] = Array.isArray(scan[name]) ? values : values[0];
    }
    return found;
  };
  const judge = async (scan) => {
    const wanted = changes(scan), mine = ++asked;
    if (!Object.keys(wanted).length) return out.replaceChildren(el("p", {}, t("no_change")));
    const found = await busy(() => program.ask("what_if", { base, index: scan.index, changes: wanted, language }));
    if (found && mine === asked) out.replaceChildren(judged(found));
  };
  const lay = () => {
    const scan = scans[which.value];
    inputs.length = 0;
    for (const [name, keys] of NUMBERS) {
      const values = Array.isArray(scan[name]) ? scan[name] : scan[name] === null ? [] : [scan[name]];
      for (const [place, old] of values.entries()) {
        if (old === null) continue;
        const input = el("input", { type: "number", step: "any", min: 0, value: old, inputmode: "decimal", oninput: () => { clearTimeout(timer); timer = setTimeout(() => judge(scan), 400); } });
        const label = t(keys[place] ?? keys[0]) + (values.length > keys.length ? ` ${place + 1}` : "");
        inputs.push({ name, input, old, label });
      }
    }
    form.replaceChildren(...inputs.map(({ input, label }) => field(label, input)));
    out.replaceChildren(el("p", {}, t("no_change")));
  };
  which.addEventListener("change", lay);
  lay();
  return el("div", { class: "result" }, el("div", { class: "form" }, field(t("choose_scan"), which)), form, out);
}

function judged(found) {
  const [before, after] = found.time, [whole, changed] = found.total;
  const percent = (one, other) => (one && other ? `${other >= one ? "+" : "−"}${number(Math.abs(other / one - 1) * 100, 2)} %` : "");
  const time = (one) => (one.computed === null ? one.why_not ?? t("unknown") : withInterval(one.computed, one.interval) + (one.interval ? "" : ` (${t("unproven")})`));
  const rows = [
    row(t("scan_time"), [time(before), time(after), percent(before.computed, after.computed)]),
    row(t("protocol_time"), [withInterval(whole.seconds, whole.interval), withInterval(changed.seconds, changed.interval) + (changed.limit ? `, ${t("limit", { time: clock(changed.limit) })}` : ""), percent(whole.seconds, changed.seconds)]),
    row(t("snr"), ["100 %", found.snr === null ? t("unknown") : `${number(found.snr * 100, 3)} %`, found.snr === null ? "" : percent(1, found.snr)]),
  ];
  const [one, other] = found.contrast;
  if (one && other) {
    const shown = (view) => (view.missing ? t("unknown") : `${number(view.value, 3)} (${number(view.low, 3)}–${number(view.high, 3)})`);
    const pair = one.pair ?? other.pair ?? ["", ""];
    rows.push(row(t("ratio", { one: t(`part_${pair[0]}`), other: t(`part_${pair[1]}`), two: t(`part_${pair[1]}`) }), [shown(one), shown(other), percent(one.value, other.value)]));
  }
  const copied = el("span", { role: "status" });
  const copy = button(t("copy"), async () => { await navigator.clipboard.writeText(found.patch); copied.textContent = t("copied"); }, "quiet");
  const findings = (key, kind) => (found[key].length ? section(t(key), sentences(found[key].map((one) => [kind ?? one.severity, ...finding(one).slice(1)]))) : null);
  return el("div", {},
    table(t("model"), ["", t("before"), t("after"), t("change")], rows, "plain"),
    found.along.length ? el("p", {}, t("also", { what: found.along.join(", ") })) : null,
    found.broken.length ? findings("broken") : el("p", { class: "better" }, t("nothing_broken")),
    findings("mended", "good"),
    found.still.length ? el("details", { class: "panel" }, el("summary", {}, `${t("still")} (${found.still.length})`), sentences(found.still.map(finding))) : null,
    section(t("patch"), el("pre", { class: "yaml", tabindex: 0, role: "region", "aria-label": t("patch") }, found.patch), copy, " ", copied));
}

const PANELS = { overview, compare, patch, translate, whatif };

// --- tabs ---------------------------------------------------------------------------------------------

const tabs = [...document.querySelectorAll('[role="tab"]')];
function open(tab) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    $(one.getAttribute("aria-controls")).hidden = !chosen;
  }
}
for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => open(tab));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    open(tabs[to % tabs.length]);
    tabs[to % tabs.length].focus();
  });
}

// --- start --------------------------------------------------------------------------------------------

async function keep() {
  $("offline").textContent = t("online");
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("sw.js");
  await navigator.serviceWorker.ready;
  $("offline").textContent = t("offline");
  document.documentElement.dataset.offline = "kept";
}

async function begin() {
  if (!["http:", "https:"].includes(location.protocol) || !window.WebAssembly || !window.Worker) return tooOld();
  const begun = performance.now();
  try {
    network = await (await fetch("network.json")).json();
    if (network.home) Object.assign($("home"), { href: network.home });
    $("network").textContent = network.home ? network.title : "";
    $("files").hidden = false;
    await program.start();
  } catch (error) {
    return tooOld(error.message);
  }
  document.documentElement.dataset.startSeconds = ((performance.now() - begun) / 1000).toFixed(2);
  keep().catch(() => {});
}

for (const input of [$("choose"), $("choose-folder")]) {
  input.addEventListener("change", () => { add([...input.files].map((file) => [file.webkitRelativePath || file.name, file])); input.value = ""; });
}
$("drop").addEventListener("dragover", (event) => { event.preventDefault(); $("drop").classList.add("over"); });
$("drop").addEventListener("dragleave", () => $("drop").classList.remove("over"));
$("drop").addEventListener("drop", drop);
$("cancel").addEventListener("click", () => program.stop(t("stopped")));
begin();
