import { createSocket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../helpers/jupyter-client";
import { sheet, type HostileCourse } from "./hostile-course";

/** Tries each, and throws what came of it: the reason for the lost points says what the attack saw. */
const tells = (attempts: Record<string, string>): string => `
  const seen: string[] = [];
  ${Object.entries(attempts)
    .map(
      ([name, code]) =>
        `try { seen.push(${JSON.stringify(name)} + "=" + String(await (async () => { ${code} })()).slice(0, 60));
          } catch (error: any) { seen.push(${JSON.stringify(name)} + ": "
          + String(error.code ?? error.message).slice(0, 60)); }`,
    )
    .join("\n  ")}
  throw new Error(seen.join("; "));`;

const readsFile = (path: string): string => `require("fs").readFileSync(${JSON.stringify(path)});`;

/** What looks around in the sandbox, and throws what it found: the reason for its lost points. */
export interface Reach {
  readonly name: string;
  readonly attack: string;
  readonly body: string;
  seen(reason: string): void;
}

export const reachNames = [
  "other work, source, gradebook, home: not read",
  "other work, source, gradebook, home: not written",
  "files of the course are nowhere in the sandbox, nor is the name of a folder of the grader's",
  "/proc of others",
  "the network: no connection arrives at a listener on this machine",
  "programs and privileges",
  "the answers in the library",
] as const;

/** Somebody who listens on this machine, whatever calls. */
export interface Listeners {
  readonly port: number;
  readonly udpPort: number;
  readonly path: string;
  readonly abstract: string;
  readonly connections: () => number;
  close(): void;
}

export async function listen(course: HostileCourse): Promise<Listeners> {
  let connections = 0;
  const path = join(course.root, "socket"),
    abstract = `\0${course.secret}`;
  const at = (where: number | string): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        connections++;
        socket.end("hello");
      });
      server.listen(where as number, () => resolve(server));
    });
  const servers = [await at(0), await at(abstract)],
    { port } = servers[0].address() as { port: number };
  const udp = createSocket("udp4").on("message", () => {
    connections++;
  });
  await new Promise<void>((resolve) => udp.bind(0, resolve));
  const close = (): void => {
    servers.forEach((server) => server.close());
    udp.close();
  };
  return { port, udpPort: udp.address().port, path, abstract, connections: () => connections, close };
}

/** The environment variable that no sandbox may see; its value is the course's secret. */
export const secretVariable = "VITRINE_TEST_SECRET";

/** In the order of their names above. */
export function reachAttacks(
  course: HostileCourse,
  { port, udpPort, path, abstract, connections }: Listeners,
): readonly Reach[] {
  const files = Object.fromEntries(
    [
      "gradebook.db",
      "home/.ssh/id_ed25519",
      `submitted/honest/${sheet}/${sheet}.ipynb`,
      `results/honest/${sheet}/results.json`,
      `source/${sheet}/judge/secret.txt`,
    ].map((file) => [file.split("/")[0], join(course.root, file)]),
  );
  const each = (code: (path: string) => string): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([name, file]) => [name, code(JSON.stringify(file))]));
  const connect = (options: string): string =>
    `return new Promise((resolve, reject) => { const s = require("net").connect(${options}); s.on("data", (d: ` +
    `Buffer) => resolve("got " + d)); s.on("error", reject); setTimeout(() => reject(new Error("silence")), ` +
    `1500); });`;
  const paths = [
    "vitrine/dist/attribution/saliency",
    "/grade/lib/dist/attribution/explain.js",
    "vitrine-course/dist/checks/gradient-mistakes",
    "/grade/kernel-setup/course/dist/checks/gradient-mistakes.js",
    "vitrine/dist/cli/main",
    "vitrine/dist/training/train",
    "vitrine/judge",
    "/grade/kernel-setup/dist/grading/judge/index.js",
  ];
  const all: Omit<Reach, "name">[] = [
    {
      attack: "read other work, the source, the gradebook, the home folder",
      body: tells({
        ...each((file) => `return require("fs").readFileSync(${file}, "utf8");`),
        sheet: `return ` + readsFile(join(projectRoot, "notebooks/source", sheet, `${sheet}.ipynb`)),
        judge: `return ` + readsFile(join(projectRoot, "kernel-setup/dist/grading/judge/run-task.js")),
        passwd: `return require("fs").readFileSync("/etc/passwd", "utf8");`,
        root: `return require("fs").readdirSync("/");`,
        homes: `return require("fs").readdirSync("/home");`,
      }),
      seen: (reason) => {
        for (const name of [...Object.keys(files), "sheet", "judge", "passwd", "homes"])
          expect(reason).to.match(new RegExp(`${name}: ENOENT`));
        expect(reason).to.include("root=dev,grade,").and.not.include(course.secret);
      },
    },
    {
      attack: "write other work, the source, the gradebook, the home folder",
      body: tells({
        ...each(
          (file) =>
            `const fs = require("fs"); fs.mkdirSync(require("path").dirname(${file}), { recursive: true }); ` +
            `fs.writeFileSync(${file}, "+100"); return "written";`,
        ),
        vitrine: `require("fs").writeFileSync("/grade/lib/dist/index.js", ""); return "written";`,
        packages: `require("fs").writeFileSync("/grade/node_modules/lodash/lodash.js", ""); return "written";`,
        outside: `require("fs").writeFileSync("/grade/kernel-setup/dist/x", ""); return "written";`,
      }),
      seen: (reason) => {
        for (const name of ["vitrine", "packages", "outside"]) expect(reason).to.match(new RegExp(`${name}: EROFS`));
        course.expectUntouched();
      },
    },
    {
      attack: "search the whole file system",
      body: `
      const fs = require("fs"), found: string[] = [];
      const walk = (folder: string, depth: number): void => {
        for (const name of fs.readdirSync(folder || "/")) {
          const path = folder + "/" + name;
          const secrets = [/\\.ipynb$|gradebook|judge|mutant|task-\\d|answers\\.js|results\\.json/,
            /course\\/checks\\/[a-z-]+\\.js$|attribution\\/[a-z-]+\\.js$|\\/cli\\/.*\\.js$/];
          if (secrets.some((each) => each.test(path.replace(/node_modules.*/, "")))) found.push(path);
          try { if (depth < 9 && fs.lstatSync(path).isDirectory() && !/^\\/(proc|usr|lib)/.test(path)
            && name !== "node_modules") walk(path, depth + 1); } catch {}
        }
      };
      walk("", 0);
      const mounts = fs.readFileSync("/proc/self/mountinfo", "utf8").split("\\n")
        .map((line: string) => line.split(" ").slice(4, 6).join(" "));
      throw new Error("found " + found.join() + "; mounts "
        + mounts.filter((line: string) => / rw/.test(line)).map((line: string) => line.split(" ")[0]).join());`,
      seen: (reason) => {
        expect(/found (\S*);/.exec(reason)?.[1]).to.equal("");
        expect(reason).to.match(
          /mounts \/(tmp|proc|grade\/work|dev\/pts|dev\/\w+)(,\/(tmp|proc|grade\/work|dev\/pts|dev\/\w+))*$/,
        );
      },
    },
    {
      attack: "/proc of others, their environment, signals, inherited files",
      body: `
        const fs = require("fs"), pids = fs.readdirSync("/proc").filter((name: string) => /^\\d+$/.test(name)),
          read = (path: string) => {
            try { return fs.readFileSync(path, "utf8"); } catch (error: any) { return error.code; } };
        const text = pids.map((pid: string) => read("/proc/" + pid + "/cmdline")
          + read("/proc/" + pid + "/environ")).join(" ");
        const links = fs.readdirSync("/proc/self/fd").map((fd: string) => {
          try { return fs.readlinkSync("/proc/self/fd/" + fd); } catch { return ""; }
          }).filter((link: string) => link.startsWith("/") && !/^\\/(dev\\/null|proc|grade)/.test(link));
        let killed = 0;
        for (const pid of pids.map(Number)) {
          try { if (pid > 1 && pid !== process.pid) { process.kill(pid, "SIGKILL"); killed++; } } catch {} }
        const up = pids.map((pid: string) => {
          try { return fs.readdirSync("/proc/" + pid + "/root").join(); } catch (error: any) { return error.code; } });
        const opened = ["/proc/1/mem", "/proc/self/mem", "/proc/1/oom_score_adj", "/proc/self/clear_refs",
          "/proc/sys/kernel/core_pattern"].map((file) => {
          try { fs.closeSync(fs.openSync(file, "r+")); return file; } catch (error: any) { return error.code; } });
        throw new Error("pids " + pids.length + "; secret " + text.includes(${JSON.stringify(course.secret)})
          + "; project " + text.includes(${JSON.stringify(projectRoot)}) + "; grader "
          + /grade-one|mocha|bubblewrap-parent/.test(text) + "; files " + links.join() + "; killed " + killed
          + "; opened " + opened.join() + "; roots " + [...new Set(up)].join(" / "));`,
      seen: (reason) =>
        expect(reason)
          .to.match(
            /pids \d; secret false; project false; grader false; files ; killed 0; opened (EROFS|EACCES)(,(EROFS|EACCES)){4};/,
          )
          .and.not.match(/roots .*home/),
    },
    {
      attack: "the network: TCP and UDP on loopback, sockets by path and name, HTTP, names",
      body: tells({
        tcp: connect(`{ host: "127.0.0.1", port: ${port} }`),
        six: connect(`{ host: "::1", port: ${port} }`),
        path: connect(`{ path: ${JSON.stringify(path)} }`),
        abstract: connect(`{ path: ${JSON.stringify(abstract)} }`),
        http: `return (await fetch("http://127.0.0.1:${port}/")).status;`,
        udp:
          `return new Promise((resolve, reject) => require("dgram").createSocket("udp4").send("x", ${udpPort}, ` +
          `"127.0.0.1", (error: Error | null) => error ? reject(error) : resolve("sent")));`,
        name: `return require("dns").promises.lookup("example.org").then(() => "resolved");`,
        cards: `return Object.keys(require("os").networkInterfaces());`,
      }),
      seen: (reason) => {
        expect(connections()).to.equal(0);
        expect(reason)
          .to.match(/tcp: ECONNREFUSED/)
          .and.not.match(/got|resolved|=200/);
      },
    },
    {
      attack: "other programs, new privileges, devices",
      body: tells({
        sh: `return require("child_process").execFileSync("/bin/sh", ["-c", "id"]);`,
        usr: `return require("fs").readdirSync("/usr").join();`,
        su: `return require("child_process").execFileSync("/usr/bin/su");`,
        node:
          `return require("child_process").spawnSync("/opt/bin/node", ["-e", ` +
          `"console.log(require('fs').existsSync('${course.root}'))"]).stdout;`,
        caps: `return /CapEff:\\s*(\\w+)/.exec(require("fs").readFileSync("/proc/self/status", "utf8"))![1];`,
        privileges: `return /NoNewPrivs:\\s*(\\d)/.exec(require("fs").readFileSync("/proc/self/status", "utf8"))![1];`,
        user: `return process.getuid!();`,
        setuid: `process.setuid!(0); return process.getuid!();`,
        devices:
          `return require("fs").readdirSync("/dev").filter((name: string) => ` +
          `/sd|vd|nvme|mem|kmsg|loop|dm-/.test(name)).length;`,
        addon:
          `require("fs").writeFileSync("/tmp/a.node", "x"); process.dlopen({ exports: {} } as any, "/tmp/a.node"); ` +
          `return "loaded";`,
      }),
      seen: (reason) =>
        expect(reason)
          .to.match(/sh: ENOENT/)
          .and.match(/usr=lib/)
          .and.match(/su: ENOENT/)
          .and.match(/caps=0{16}/)
          .and.match(/privileges=1/)
          .and.match(/devices=0/)
          .and.match(/addon: ERR_DLOPEN_DISABLED/)
          .and.not.match(/user=0|node=true/),
    },
    {
      attack: "call or read the answer: exports, modules by path, caches of modules",
      body: tells({
        call: `return (await saliency(model, images, { target })).values.shape;`,
        all: `const all = require("vitrine") as any; return all.attributionMethods.saliency;`,
        keys: `return Object.keys((require("vitrine") as any).integratedGradients);`,
        ...Object.fromEntries(
          paths.map((path, i) => [`path${i}`, `return Object.keys(require(${JSON.stringify(path)}));`]),
        ),
        cache:
          `return Object.keys(require("module")._cache).filter((file) => ` +
          `/attribution\\/(?!channel)|checks\\/|judge\\//.test(file)).length;`,
      }),
      seen: (reason) => {
        expect(reason)
          .to.match(/call: saliency is not there when task \d+ is marked/)
          .and.match(/cache=0/);
        for (const i of paths.keys()) expect(reason).to.match(new RegExp(`path${i}: MODULE_NOT_FOUND`));
      },
    },
  ];
  return all.map((attack, i) => ({ name: reachNames[i], ...attack }));
}
