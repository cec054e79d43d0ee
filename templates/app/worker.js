// Runs the program. It is asked by messages {id, kind, ...} and answers each by {id, value} or {id, error};
// while it starts it tells its progress. Files are only in the memory of this worker.
let base, python, shop;
const parts = {};

const bytes = async (name) => {
  const found = await fetch(new URL(name, base));
  if (!found.ok) throw new Error(`${name}: ${found.status}`);
  return new Uint8Array(await found.arrayBuffer());
};

const tell = (share, what) => postMessage({ progress: share, what });

async function start(from, core, specs) {
  base = from;
  tell(0.05, "fetching");
  const wanted = [bytes("program.zip"), bytes(core), specs ? bytes(specs) : null];
  const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", base).href);
  python = await loadPyodide({ indexURL: new URL("pyodide/", base).href });
  tell(0.55, "unpacking");
  const [program, wheel, own] = await Promise.all(wanted);
  python.unpackArchive(wheel, "wheel");
  python.unpackArchive(program, "zip", { extractDir: "/program" });
  if (own) python.unpackArchive(own, "zip", { extractDir: "/network" });
  tell(0.75, "starting");
  for (const folder of ["/inbox", "/outbox", "/cache"]) python.FS.mkdirTree(folder);
  python.runPython(`
import os, sys
os.environ["XDG_CACHE_HOME"] = "/cache"
sys.path.insert(0, "/program")
from pathlib import Path
from generator import pipeline, vendors
from generator.app import Workshop
for vendor in vendors.names(): vendors.get(vendor)
shop = Workshop(Path("/inbox"), Path("/outbox"))
`);
  shop = python.globals.get("shop");
  tell(1, "ready");
}

// Images need one library more, which is fetched when the first of them comes.
async function forImages(content) {
  const mark = String.fromCharCode(...content.slice(128, 132));
  if (mark !== "DICM" || parts.images) return;
  parts.images = true;
  python.unpackArchive(await bytes("images.zip"), "zip", { extractDir: "/program" });
  python.runPython("import importlib; importlib.invalidate_caches()");
}

async function put({ name, content }) {
  const path = `/inbox/${name}`;
  python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  python.FS.writeFile(path, content);
  await forImages(content);
  return name;
}

function remove({ name }) {
  python.runPython(`
import shutil
def remove(name):
    path = Path("/inbox", name)
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
`);
  python.globals.get("remove")(name);
}

const ask = ({ name, values }) => JSON.parse(shop.call(name, JSON.stringify(values)));
const take = ({ name }) => python.FS.readFile(`/outbox/${name}`);

onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") postMessage({ id: data.id, value: await start(data.base, data.core, data.specs) });
    else if (data.kind === "ask") postMessage({ id: data.id, ...ask(data) });
    else if (data.kind === "put") postMessage({ id: data.id, value: await put(data) });
    else if (data.kind === "remove") postMessage({ id: data.id, value: remove(data) });
    else if (data.kind === "take") {
      const content = take(data);
      postMessage({ id: data.id, value: content }, [content.buffer]);
    }
  } catch (error) {
    postMessage({ id: data.id, error: { message: String(error?.message ?? error).trim().split("\n").pop(), expected: false } });
  }
};
