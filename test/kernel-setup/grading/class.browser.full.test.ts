import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { courseAt, type Course } from "../../../kernel-setup/grading/class/course";
import { runExport } from "../../../kernel-setup/grading/class/export/run-export";
import { runFeedback } from "../../../kernel-setup/grading/class/feedback/run-feedback";
import { gradeClass } from "../../../kernel-setup/grading/class/grade-class";
import { ingest, readGradebook } from "../../../kernel-setup/grading/class/gradebook";
import { pool } from "../../../kernel-setup/grading/class/jobs";
import { classPage } from "../../../kernel-setup/grading/class/statistics/page";
import { inBrowser } from "../../notebooks/browser-harness";
import { joined, notebookPath, notebooks, root, type Output } from "../../notebooks/course";
import { addressIn, screenshots } from "../../notebooks/lab";
import { handedIn, sheet, submit } from "./class-course";

const hostile = `The trousers are **certain**: nothing else has two legs.

| garment | probability |
|---|---|
| pullover | 0.54 |
| coat | 0.31 |

<script>window.hacked = 1</script>

<img src=x onerror="window.hacked = 2"> <b onmouseover="window.hacked = 3">bold</b> [a link](javascript:window.hacked=4)

![by hand](attachment:photo.jpg) ![gone](attachment:gone.png) ![drawn](attachment:a.svg)`;

inBrowser("grading a class: formgrader, feedback and the class page", (browser) => {
  let folder: string, course: Course, lab: ChildProcess, page: Page, address: URL;
  const failures: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-formgrader-"));
    // As in the project: the settings find kernel-setup beside the course.
    symlinkSync(join(root, "kernel-setup"), join(folder, "kernel-setup"));
    course = courseAt(join(folder, "notebooks"));
    mkdirSync(course.source(sheet), { recursive: true });
    copyFileSync(notebookPath("source", sheet), join(course.source(sheet), `${sheet}.ipynb`));
    copyFileSync(join(notebooks, "nbgrader_config.py"), join(course.root, "nbgrader_config.py"));
    process.env.FAKE_LOG = join(folder, "log.txt");
    const code = JSON.parse(readFileSync(notebookPath("source", sheet), "utf8")) as ReturnType<typeof handedIn>;
    const ann = handedIn({
      "answer-1": hostile,
      "answer-2": "It falls back on the sleeves.",
      "task-2": joined(code.cells.find(({ id }) => id === "task-2")!.source),
      "task-1": "// half of it\nfunction myGradient() {}",
    });
    const plot = {
      "image/png": readFileSync(join(root, "docs", "images", "attribution.png")).toString("base64"),
      "text/html": "<script>window.hacked = 5</script>",
    };
    for (const cell of ann.cells.filter(({ id }) => id === "certainty" || id === "task-2"))
      cell.outputs = [{ output_type: "display_data", data: plot }] as Output[];
    const photo = await sharp(join(root, "docs", "images", "attribution.png"))
      .flatten()
      .jpeg()
      .toBuffer();
    (ann.cells.find(({ id }) => id === "answer-1") as { attachments?: object }).attachments = {
      "photo.jpg": { "image/jpeg": photo.toString("base64") },
      "a.svg": { "image/svg+xml": "<svg onload='window.hacked = 6'>" },
    };
    submit(course, "ann", ann);
    for (let i = 0; i < 6; i++)
      submit(
        course,
        `student-${i}`,
        handedIn({ "task-1": `// ${i % 3 === 0 ? "perfect" : i % 3 === 1 ? "half" : "nothing"}` }),
      );
    submit(course, "zed", "not a notebook");
    // JupyterLab starts while the class is graded.
    const setup = (name: string): string =>
      JSON.stringify(pathToFileURL(join(root, "kernel-setup", "setup", name)).href);
    lab = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { openLab } from ${setup("jupyter.mjs")}; import { project } from ${setup("project.mjs")};
      process.exit(await openLab(project, ${JSON.stringify(course.root)}, { browser: false, author: true }));`,
      ],
      { cwd: root, env: { ...process.env, VITRINE_COURSE_ROOT: course.root }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const opened = addressIn(lab);
    opened.catch(() => undefined);
    const runner = pool({ script: join(__dirname, "class-fake-judge.cjs"), unsafe: false, jobs: 2 });
    await gradeClass({
      course,
      sheet,
      runner,
      afterwards: async (graded) => {
        writeFileSync(join(course.reports(sheet), "class.html"), classPage(sheet, graded));
        const two = new Map([...graded.results].filter(([student]) => ["ann", "zed"].includes(student)));
        for (const [student, why] of await ingest(course, sheet, { ...graded, results: two }))
          failures.push(`${student}: ${why}`);
      },
    });
    address = new URL(await opened);
    page = await browser().newPage({ viewport: { width: 1280, height: 1000 } });
    await page.goto(address.href.replace("/lab?", "/tree?"));
    mkdirSync(screenshots, { recursive: true });
  });
  after(async () => {
    await page?.close();
    if (lab && lab.exitCode === null)
      await new Promise((resolve) => {
        lab.once("close", resolve);
        lab.kill("SIGTERM");
      });
    rmSync(folder, { recursive: true, force: true });
  });

  const shot = (name: string, whole = false): Promise<Buffer> =>
    page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: whole });
  const open = async (): Promise<void> => {
    await page.goto(`${address.origin}/formgrader/gradebook/${sheet}/${sheet}`);
    const row = page
      .locator("tbody tr", { hasText: "12 / 20" })
      .or(page.locator("tbody tr", { hasText: /[1-9][\d.]* \/ 20/ }))
      .first();
    await row.waitFor({ timeout: 60_000 });
    await shot("formgrader-submissions");
    await row.locator("a").first().click();
    // What the gradebook says stands in the page once it has come.
    await page.locator("#check-1[placeholder='1.5']").waitFor();
    await page.waitForLoadState();
  };

  it("formgrader shows the judge's points, plots, and prose that does not act; a person grades there", async () => {
    expect(failures).to.deep.equal([]);
    await open();
    expect(await page.evaluate("window.hacked")).to.equal(undefined);
    expect(await page.locator("#notebook-container img[src^='data:image/png;base64']").count()).to.equal(2);
    expect(
      await page
        .locator(
          "#notebook-container [onerror], #notebook-container [onmouseover], #notebook-container [href^='javascript']",
        )
        .count(),
    ).to.equal(0);
    expect(await page.locator("#check-1").getAttribute("placeholder")).to.equal("1.5");
    expect(await page.locator("#notebook").first().textContent()).to.match(/1\.5 of 3 points/);
    const answer = page.locator(".nbgrader_cell", { has: page.locator("#answer-1") });
    expect(await answer.textContent())
      .to.match(/nothing else has two legs/)
      .and.match(/picture “gone.png”: it is not in the notebook/)
      .and.match(/picture “a.svg”: an SVG/);
    expect(
      await answer
        .locator("img[src^='data:image/jpeg;base64'][alt='by hand']")
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).to.be.above(100);
    const inside = await answer
      .locator(".rendered_html")
      .evaluate(
        (cell) => cell.querySelector("img")!.getBoundingClientRect().right <= cell.getBoundingClientRect().right,
      );
    expect(inside, "the whole picture is seen").to.equal(true);
    // MathJax comes from the network: what it makes of a rule that is 3000 pixels wide and is put up and down with
    // \raise.
    const covered = await answer.locator(".rendered_html").evaluate((cell) => {
      const page = cell.ownerDocument,
        rule = page.createElement("span");
      rule.setAttribute(
        "style",
        "display: inline-block; position: relative; margin: -1500px; width: 3000px; height: 3000px; background: black",
      );
      cell.querySelector("p")!.append(rule);
      const fields = ["answer-1", "answer-1-comment"].map((id) => {
        const field = page.getElementById(id)!;
        field.scrollIntoView({ block: "center" });
        const { left, top, width, height } = field.getBoundingClientRect();
        return page.elementFromPoint(left + width / 2, top + height / 2) === field ? "in reach" : "covered";
      });
      rule.remove();
      return fields;
    });
    expect(covered).to.deep.equal(["in reach", "in reach"]);
    const saved = Promise.all(
      ["grade", "comment"].map((what) =>
        page.waitForResponse(
          (response) => response.request().method() === "PUT" && response.url().includes(`/formgrader/api/${what}/`),
        ),
      ),
    );
    await page.locator("#answer-1").fill("2.5");
    await page.locator("#answer-1-comment").fill("Good. Why is a pullover like a coat?");
    await page.locator("#answer-1").focus();
    await saved;
    await answer.scrollIntoViewIfNeeded();
    await shot("formgrader-answer");
    await page.locator("#check-1").scrollIntoViewIfNeeded();
    await shot("formgrader-task");
    const { ann, zed } = await readGradebook(course, sheet);
    expect(ann.grades["answer-1"]).to.include({ manual: 2.5, needsPerson: false });
    expect(ann.comments["answer-1"]).to.equal("Good. Why is a pullover like a coat?");
    expect(zed.grades["check-1"].needsPerson).to.equal(true);
  });

  it("formgrader has no button that would run a student's code, and refuses who asks for it all the same", async () => {
    const before = readFileSync(join(course.autograded("ann", sheet), `${sheet}.ipynb`), "utf8");
    await page.goto(`${address.origin}/formgrader/manage_submissions/${sheet}`);
    await page.locator("#main-table tr", { hasText: "student-1" }).first().waitFor();
    expect(await page.locator(".glyphicon-flash").count()).to.equal(0);
    expect((await page.locator("table th:visible").allTextContents()).map((text) => text.trim()))
      .to.include("Score")
      .and.not.include("Autograde");
    expect(await page.locator("#main-table").textContent())
      .to.match(/not graded yet/)
      .and.not.match(/autograd/i);
    expect(await page.locator("body").textContent()).to.match(
      new RegExp(`npx vitrine grade ${sheet} --students STUDENT`),
    );
    await shot("formgrader-no-autograde");
    const answer = await page.evaluate(async (url) => {
      const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
      return (await fetch(url, { method: "POST", headers: { "X-XSRFToken": xsrf } })).text();
    }, `/formgrader/api/submission/${sheet}/ann/autograde`);
    expect(JSON.parse(answer)).to.deep.include({ success: false });
    expect(answer).to.match(
      /runs students' code with your rights and is refused in this course\. Use: npx vitrine grade/,
    );
    expect(readFileSync(join(course.autograded("ann", sheet), `${sheet}.ipynb`), "utf8")).to.equal(before);
  });

  it("feedback has that person's points and words; nothing in it runs or is fetched", async () => {
    expect(await runFeedback({ sheet, course: course.root })).to.equal(0);
    expect(await runExport({ sheet, format: "plain", course: course.root, partial: false })).to.equal(0);
    const asked: string[] = [],
      complaints: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(pathToFileURL(join(course.feedback("ann", sheet), `${sheet}.html`)).href);
    expect(await page.evaluate("window.hacked")).to.equal(undefined);
    expect(asked.filter((url) => !/^(file|data):/.test(url))).to.deep.equal([]);
    expect(complaints).to.deep.equal([]);
    const text = await page.locator("main").textContent();
    expect(text)
      .to.match(/Comment: Good\. Why is a pullover like a coat\?/)
      .and.match(/2\.5 \/ 3/)
      .and.match(/1\.5 \/ 3/)
      .and.not.match(/student-\d|zed/);
    for (const image of await page.locator("img").all())
      expect(
        await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
      ).to.be.above(100);
    await shot("feedback", true);
    await page.goto(pathToFileURL(join(course.feedback("zed", sheet), `${sheet}.html`)).href);
    await shot("feedback-error");
  });

  it("the class page draws its three plots without the network", async () => {
    await page.goto(pathToFileURL(join(course.reports(sheet), "class.html")).href);
    for (const id of ["tasks", "scores", "times"]) await page.locator(`#${id} svg.main-svg`).first().waitFor();
    expect(await page.locator("#tasks .bars path").count()).to.be.above(2);
    await shot("class-page", true);
  });
});
