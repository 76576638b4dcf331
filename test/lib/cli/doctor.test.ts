import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendChoice, ready } from "../../../lib/backend";
import { checkKernel, checkNode, checkPython, report, usable, type Finding } from "../../../lib/cli/doctor-checks";
import { registry } from "../../../lib/data/registry";
import { vitrineHere } from "./run-cli";

describe("vitrine doctor", () => {
  it("names the backend and every data set and model, for people and for programs", async () => {
    await ready();
    const { stdout, status } = await vitrineHere("doctor", "--json");
    const answer = JSON.parse(stdout) as {
      usable: boolean;
      backend: ReturnType<typeof backendChoice>;
      findings: Finding[];
    };
    expect(status).to.equal(answer.usable ? 0 : 1);
    expect(answer.backend.name).to.equal(backendChoice().name);
    const names = answer.findings.map(({ name }) => name);
    for (const { name } of [...registry("data"), ...registry("model")]) expect(names).to.include(name);
    for (const section of ["Node", "TypeScript", "Backend", "Kernel", "Python", "Pictures"])
      expect(answer.findings.map((finding) => finding.section)).to.include(section);
    const text = report(answer.findings);
    for (const { state, remedy } of answer.findings)
      if (state !== "ok" && remedy) expect(text.slice(text.indexOf("To do:"))).to.include(remedy);
  }).timeout(30_000);

  it("says where a missing data set could come from, and what stands in for it", async () => {
    const empty = mkdtempSync(join(tmpdir(), "vitrine-doctor-")),
      kept = { ...process.env };
    const doctor = (offline: string): ReturnType<typeof vitrineHere> => {
      Object.assign(process.env, { XDG_CACHE_HOME: empty, VITRINE_MIRROR: "", VITRINE_OFFLINE: offline });
      return vitrineHere("doctor");
    };
    try {
      const { stdout } = await doctor("");
      expect(stdout)
        .to.match(/~ fashion-mnist +downloadable from \S+ .*\n.*generator/)
        .and.to.match(/ {2}fashion-mnist: npx vitrine data get fashion-mnist/);
      expect((await doctor("1")).stdout)
        .to.match(/! imagenet-val-25 +missing/)
        .and.to.match(/imagenet-val-25: VITRINE_OFFLINE is set/);
    } finally {
      for (const name of ["XDG_CACHE_HOME", "VITRINE_MIRROR", "VITRINE_OFFLINE"])
        if (kept[name] === undefined) delete process.env[name];
        else process.env[name] = kept[name];
      rmSync(empty, { recursive: true });
    }
  }).timeout(30_000);

  it("finds a kernel, and says when its kernelspec dangles", () => {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-doctor-"));
    try {
      const nowhere = { HOME: folder, XDG_DATA_HOME: join(folder, "data"), JUPYTER_DATA_DIR: join(folder, "jupyter") };
      expect(checkPython(folder)).to.have.length(1).and.to.have.nested.property("[0].state", "missing");
      expect(checkKernel(folder, nowhere)[0]).to.include({ state: "missing", essential: true });
      const kernels = join(folder, "jupyter", "kernels", "vitrine");
      mkdirSync(kernels, { recursive: true });
      writeFileSync(join(kernels, "kernel.json"), JSON.stringify({ argv: [process.execPath, "/nowhere/main.js"] }));
      const known = checkKernel(folder, nowhere)[1];
      expect(known.state).to.equal("ok");
      expect(known.details?.join())
        .to.match(/nowhere\/main\.js, which is not there/)
        .and.to.not.include(process.execPath);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is usable unless something essential is missing", () => {
    expect(checkNode("18.20.0")).to.include({ state: "missing", essential: true });
    expect(checkNode("24.1.0").state).to.equal("ok");
    const absent: Finding = { section: "Data sets", name: "x", state: "missing", found: "missing" };
    expect(usable([checkNode("22.0.0"), absent])).to.equal(true);
    expect(usable([checkNode("18.0.0")])).to.equal(false);
  });
});
