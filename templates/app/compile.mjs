// node compile.mjs PYODIDE SOURCE.zip TARGET.zip: the same files, Python as bytecode of this Pyodide.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [runtime, source, target] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${runtime}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${runtime}/` });
python.FS.mkdirTree("/work");
python.unpackArchive(new Uint8Array(readFileSync(source)), "zip", { extractDir: "/work" });
await python.runPythonAsync(`
import compileall, pathlib, py_compile, zipfile
# The path in tracebacks is the one after unpacking; the hash is not checked again, for nothing changes there.
compileall.compile_dir("/work", ddir="/program", quiet=2, legacy=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
for source in pathlib.Path("/work").rglob("*.py"):
    if source.with_suffix(".pyc").exists(): source.unlink()
root = pathlib.Path("/work")
with zipfile.ZipFile("/target.zip", "w") as archive:
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        name = zipfile.ZipInfo(path.relative_to(root).as_posix(), (1980, 1, 1, 0, 0, 0))
        archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
`);
writeFileSync(target, python.FS.readFile("/target.zip"));
