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

function table(caption, heads, rows, kind = "") {
  const head = el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text))));
  const body = el("tbody", {}, rows);
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", { class: kind }, el("caption", {}, caption), head, body));
}
const row = (name, cells, kind = null) => el("tr", { class: kind }, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell)));

let fields = 0;
function field(label, control) {
  control.id ||= `field-${++fields}`;
  return el("div", {}, el("label", { for: control.id }, label), control);
}
const select = (options, chosen) =>
  el("select", {}, options.map(([value, text]) => el("option", { value, selected: String(value) === String(chosen) }, text)));
const sentences = (items) => el("ul", { class: "sentences" }, items.map(([kind, text]) => el("li", { class: kind }, text)));
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
    this.ready = this.send({ kind: "start", base, core: document.body.dataset.core }, 0);
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
    await this.start();
    for (const file of files.values()) await this.put(file);
  },

  async put({ name, contents }) {
    for (const [path, content] of contents) {
      const copy = new Uint8Array(await content.arrayBuffer());
      await this.send({ kind: "put", name: path, content: copy }, LIMITS.seconds, [copy.buffer]);
    }
    return name;
  },

  ask: (name, values = {}) => program.send({ kind: "ask", name, values }),
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
    problem(error.expected ? error.message : t("broken", { message: error.message }));
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
      return program.ask("describe", { file: name });
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
    section(t("hinders"), about.hinders.length ? sentences(about.hinders.map((text) => ["warning", text])) : el("p", {}, t("nothing_hinders"))),
    el("h2", { class: "sub" }, t("protocols")),
    about.protocols.map((protocol) => steps(protocol)),
    about.notes.length ? el("details", { class: "panel" }, el("summary", {}, `${t("notes")} (${about.notes.length})`), sentences(about.notes.map((note) => ["", note.message]))) : null,
  ].filter(Boolean);
}

const HEADS = ["step", "sequence", "plane", "tr", "te", "ti", "flip", "voxel", "slices", "acceleration", "averages", "shown_time", "computed_time"];

function steps(protocol) {
  const rows = protocol.steps.map((step) => {
    if (step.kind !== "acquisition") return el("tr", { class: "other" }, el("th", { scope: "row" }, `(${t(step.kind)})`), el("td", { colspan: HEADS.length - 1 }, step.name));
    const acceleration = [step.parallel_reduction_factor_in_plane, step.parallel_reduction_factor_out_of_plane, step.multiband_factor].filter((one) => one > 1);
    return row(step.name, [
      step.sequence, step.plane ?? "", number(step.repetition_time), list(step.echo_times), number(step.inversion_time), number(step.flip_angle), list(step.voxel_size, " × "),
      number(step.number_of_slices), list(acceleration, " × "), number(step.number_of_averages), clock(step.stated), withInterval(step.computed, step.interval),
    ]);
  });
  const time = protocol.stated ?? protocol.total;
  const caption = protocol.label + (time ? ` – ${t("total", { time: clock(time) })}` : "");
  return el("div", {}, table(caption, HEADS.map((key) => t(key)), rows, "steps"));
}

const PANELS = { overview };

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
