// Build the editor and the search into the folder of static files, each with the licences of what is in it beside.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { build } from "esbuild";

for (const program of ["editor", "search"]) {
  const target = `../src/evgraph/site/static/${program}.js`;
  const { metafile } = await build({
    entryPoints: [`${program}.js`], outfile: target, bundle: true, minify: true, format: "iife", target: "es2022",
    charset: "utf8", legalComments: "none", metafile: true,
  });
  const packages = new Set(
    Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean),
  );
  const licences = [];
  for (const name of [...packages].sort()) {
    const folder = `node_modules/${name}`;
    const { version } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    licences.push(`${name} ${version}\n\n${(await readFile(`${folder}/${file}`, "utf8")).trim()}\n`);
  }
  await writeFile(target.replace(/js$/, "licences.txt"), licences.join(`\n${"-".repeat(80)}\n\n`));
}
