// tune.ts - what was fine-tuned here: each adapter, what it was learned from, and whether it is better than what it came from.

interface Adapter {
    folder?: string; /* the name that it goes by now */
    name: string;
    problem?: string;
    task?: string;
    method?: string;
    created?: string;
    base?: { name?: string };
    data?: { examples?: number };
    scores?: { cases?: number; before?: Record<string, unknown>; after?: Record<string, unknown> };
}

const TASKS: Record<string, string> = {
    classify: "Classifier", embed: "Embedding model", rerank: "Reranker", reader: "Reader of answers", writer: "Writer of answers",
};

interface Score {
    value: number;
    low?: number;
    high?: number;
}

/* A score stands as [value, low, high], or as a number with its bounds beside it. Below 0: it was not measured, as where no case asks for it. */
function scoreOf(scores: Record<string, unknown> | undefined, name: string): Score | null {
    const value = scores?.[name];
    const bound = (which: string): number | undefined => {
        const found = scores?.[name + "_" + which] ?? (name === "accuracy" ? scores?.[which] : undefined);
        return typeof found === "number" ? found : undefined;
    };
    if (Array.isArray(value) && value.length === 3)
        return Number(value[0]) < 0 ? null : { value: Number(value[0]), low: Number(value[1]), high: Number(value[2]) };
    const [low, high] = [bound("low"), bound("high")];
    if (typeof value !== "number" || value < 0)
        return null;
    return low !== undefined && high !== undefined ? { value, low, high } : { value };
}

function scoreSaid(score: Score | null): Child {
    if (score === null)
        return element("span", { class: "soft" }, "not measured");
    return [element("b", {}, percent(score.value)), score.low !== undefined && score.high !== undefined && score.high > score.low &&
        element("small", {}, percent(score.low) + " to " + percent(score.high))];
}

/* The name under which a kind of work looks for its adapter. */
const WORK_NAMES: Record<string, string> = { reader: "reader", writer: "writer", rerank: "reranker" };

async function promote(name: string, to: string, redraw: () => void): Promise<void> {
    if (!confirm("Use \u201c" + name + "\u201d as the " + to + "? Answers come by it from now on; one that was used before is kept beside it."))
        return;
    try {
        await call("POST", "/v1/adapters/" + encodeURIComponent(name) + "/promote", { to });
        announce(name + " is in use as the " + to);
    } catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}

async function discard(name: string, redraw: () => void): Promise<void> {
    if (!confirm("Discard \u201c" + name + "\u201d? What was learned is removed from the disk."))
        return;
    try {
        await call("DELETE", "/v1/adapters/" + encodeURIComponent(name));
        announce(name + " is discarded");
    } catch (problem) {
        alert(reasonOf(problem));
    }
    redraw();
}

function adapterActions(name: string, task: string, redraw: () => void): HTMLElement {
    const work = WORK_NAMES[task];
    return element("div", { class: "row" }, work !== undefined && (work === name ? element("span", { class: "badge chosen" }, "in use")
        : button("Use it as the " + work, "plain", () => promote(name, work, redraw))),
        task === "classify" && element("small", {}, "Used by ", element("code", {}, "assay classify --adapter " + name)),
        task === "embed" && element("small", {}, "Used once assay.yaml says ", element("code", {}, "embedding: .assay/adapters/" + name)),
        element("button", { type: "button", class: "quiet", "aria-label": "Discard " + name, click: () => discard(name, redraw) }, "Discard"));
}

function adapterPart(adapter: Adapter, redraw: () => void): HTMLElement {
    const name = adapter.folder ?? adapter.name;
    if (adapter.problem !== undefined)
        return element("section", {}, element("h2", {}, name), warning(adapter.problem));
    const { before, after } = adapter.scores ?? {};
    const names = Object.keys(after ?? {}).filter((name) => !/(^|_)(low|high)$/.test(name) && scoreOf(after, name) !== null);
    const about = [TASKS[adapter.task ?? ""] ?? adapter.task, adapter.method, adapter.base?.name && "on " + adapter.base.name,
        adapter.data?.examples !== undefined && counted(adapter.data.examples, "example", "examples"), adapter.created && momentSaid(adapter.created)];
    return element("section", {}, element("h2", {}, name), element("p", { class: "soft" }, about.filter(Boolean).join(" \u00b7 ")),
        adapterActions(name, adapter.task ?? "", redraw), names.length > 0 && table("Scores of " + name, ["Over " + counted(adapter.scores?.cases ?? 0, "case", "cases"), "Before", "After"],
            names.map((name) => [name.replace(/_/g, " "), scoreSaid(scoreOf(before, name)), scoreSaid(scoreOf(after, name))])));
}

/* ---- the loss as it falls ---- */

interface Step {
    step: number;
    loss?: number;
    score?: number;
}

const METHODS: [string, string][] = [["auto", "What suits the number of examples"], ["head", "A regression on vectors: seconds"], ["lora", "Few weights beside the model\u2019s"],
    ["full", "Every weight"]];
const CURVE_WIDTH = 400, CURVE_HEIGHT = 120;

function lossCurve(steps: readonly Step[]): Child {
    const losses = steps.filter((step) => typeof step.loss === "number");
    const last = losses[losses.length - 1];
    if (losses.length < 2 || !last)
        return null;
    const most = Math.max(...losses.map((step) => step.loss ?? 0), 1e-9), end = Math.max(last.step, 1);
    const points = losses.map((step) => (step.step / end * CURVE_WIDTH).toFixed(1) + "," + (CURVE_HEIGHT - (step.loss ?? 0) / most * (CURVE_HEIGHT - 6)).toFixed(1));
    const said = "Loss " + (last.loss ?? 0).toFixed(3) + " at step " + last.step.toLocaleString("en-US") + ", " + (losses[0]?.loss ?? 0).toFixed(3) + " at the beginning";
    const plot = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    plot.setAttribute("viewBox", "0 0 " + CURVE_WIDTH + " " + CURVE_HEIGHT);
    plot.setAttribute("class", "curve");
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", said);
    line.setAttribute("points", points.join(" "));
    plot.append(line);
    return [plot, element("p", { class: "soft" }, said)];
}

async function drawCurve(task: Task, room: HTMLElement): Promise<void> {
    if (task.request?.check === true || task.started_at === null)
        return;
    try {
        const text = await (await request("GET", "/v1/tasks/" + task.id + "/training")).text();
        fill(room, lossCurve(text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Step)));
    } catch (problem) {
        if (!(problem instanceof Refusal) || problem.status !== 404)
            throw problem;
    }
}

/* ---- what a look at examples, and a training, tell ---- */

interface Tuned {
    examples: { records: number; usable: number; rejected_count: number; read_as: string; rejected: { line: number; reason: string }[] };
    findings: { kind: string; severity: string; message: string; remedy: string; blocks: boolean; count: number; places: { line: number; text: string }[] }[];
    labels: { label: string; examples: number; cases: number; precision?: number; recall?: number; f1?: number }[];
    confusions?: { truth: string; answer: string; count: number }[];
}

function tuneFindings(found: Tuned): HTMLElement {
    const rejected = found.examples?.rejected ?? [];
    return element("div", {}, element("p", {}, element("b", {}, counted(found.examples.usable, "usable example", "usable examples")), " of " +
        counted(found.examples.records, "record", "records") + (found.examples.read_as ? ", read as " + found.examples.read_as : "") + "."),
        found.findings.length === 0 ? element("p", { class: "good" }, "Nothing is wrong with them.") : element("ol", { class: "findings" }, found.findings.map((finding) => element("li", {},
            element("p", {}, element("b", { class: "badge " + (finding.blocks ? "high" : finding.severity) }, finding.kind.replace(/_/g, " ") + ", " + finding.severity), " ", finding.message),
            element("p", { class: "soft" }, "Remedy: " + finding.remedy),
            inParts(finding.places.length, 5, (shown) => element("ul", { class: "places" }, finding.places.slice(0, shown).map((place) => element("li", {}, (place.line > 0 ? "line " + place.line + ": " : "") + place.text))))))),
        rejected.length > 0 && [element("p", {}, counted(found.examples.rejected_count, "record is", "records are") + " no example:"),
            inParts(rejected.length, 10, (shown) => element("ul", { class: "places" }, rejected.slice(0, shown).map((each) => element("li", {}, "line " + each.line + ": " + each.reason))))]);
}

const LABELS_IN_MATRIX = 12;

function confusionMatrix(found: Tuned): Child {
    const labels = found.labels.filter((label) => label.cases > 0).slice(0, LABELS_IN_MATRIX).map((label) => label.label);
    const wrong = new Map((found.confusions ?? []).map((each) => [each.truth + "\u0000" + each.answer, each.count]));
    if (labels.length === 0 || found.confusions === undefined)
        return null;
    const right = (name: string): number => {
        const label = found.labels.find((each) => each.label === name);
        return Math.round((label?.recall ?? 0) * (label?.cases ?? 0));
    };
    return [element("h3", {}, "What was taken for what"), table("Confusion matrix", ["Truth \u2193, answer \u2192", ...labels], labels.map((truth) => [truth,
        ...labels.map((answer) => truth === answer ? element("b", { class: "good" }, String(right(truth))) : String(wrong.get(truth + "\u0000" + answer) ?? ""))]), /* stacks= */ false),
        found.labels.length > labels.length && element("p", { class: "soft" }, "The first " + labels.length + " labels.")];
}

async function showLearned(task: Task, room: HTMLElement, redraw: () => void): Promise<void> {
    if (task.state !== "done")
        return;
    const found = await call<Tuned>("GET", "/v1/tasks/" + task.id + "/output");
    if (task.request?.check === true) {
        putTask(room, element("section", { class: "task" }, element("h3", {}, "What the examples are like"), tuneFindings(found)));
        return;
    }
    const curve = element("div", {});
    putTask(room, element("section", { class: "task" }, element("h3", {}, "\u201c" + task.result + "\u201d was learned"), curve, tuneFindings(found), confusionMatrix(found)));
    redraw();
    await drawCurve(task, curve);
}

/* ---- starting ---- */

interface SentFile {
    id: string;
    filename: string;
    bytes: number;
    created_at: number; /* seconds */
}

async function exampleFiles(): Promise<[string, string][]> {
    const [settings, files] = await Promise.all([call<Settings>("GET", "/v1/settings"), callAll<SentFile>("/v1/files?purpose=fine-tune&limit=1000")]);
    const sent = files.map((file): [string, string] => [file.id, named(file.filename) + " (sent " + momentSaid(new Date(1000 * file.created_at).toISOString()) + ", " + bytesSaid(file.bytes) + ")"]);
    return settings.has_examples ? [[settings.examples, settings.examples + " (of assay.yaml)"], ...sent] : sent;
}

function tuneForm(redraw: () => void): HTMLElement {
    const work = element("select", {}, Object.entries(TASKS).map(([name, title]) => element("option", { value: name }, title)));
    const file = element("select", {}), name = element("input", { type: "text", maxlength: 40, pattern: "[a-z0-9][a-z0-9\\-]*", autocomplete: "off", spellcheck: false });
    const other = element("input", { type: "text", maxlength: 4000, autocomplete: "off", spellcheck: false });
    const upload = element("input", { type: "file" });
    const method = element("select", {}, METHODS.map(([value, title]) => element("option", { value }, title)));
    const epochs = element("input", { type: "number", min: 1, max: 100, step: 1 });
    const room = element("div", {}), checked = element("div", {});
    const ways = (): void => {
        method.closest<HTMLElement>(".field")!.hidden = work.value !== "classify";
        epochs.closest<HTMLElement>(".field")!.hidden = work.value === "classify";
    };
    const fillFiles = async (chosen = ""): Promise<void> => {
        const files = await exampleFiles();
        fill(file, [...files, ["", "another file of the project\u2026"] as [string, string]].map(([id, title]) => element("option", { value: id, selected: chosen !== "" && id === chosen }, title)));
        other.closest<HTMLElement>(".field")!.hidden = file.value !== "";
    };
    const send = async (): Promise<void> => {
        const [chosen] = Array.from(upload.files ?? []);
        if (!chosen)
            return;
        const row = sentRow(chosen.name, sending.signal);
        fill(checked, element("ul", { class: "sent" }, row.item));
        const id = await sendFile(chosen, "fine-tune", row);
        row.end("was sent", "good");
        announce(chosen.name + " was sent");
        await fillFiles(id);
    };
    const wanted = (): Record<string, unknown> => ({ kind: "tune", task: work.value, file: file.value !== "" ? file.value : other.value.trim() });
    const follow: Follow = { tick: drawCurve, done: (task) => showLearned(task, task.request?.check === true ? checked : room, redraw) };
    const check = (): Promise<void> => startTask({ ...wanted(), check: true }, checked, follow);
    const train = (event: Event): Promise<void> => {
        event.preventDefault();
        const how = work.value === "classify" ? { method: method.value } : epochs.value !== "" ? { epochs: Number(epochs.value) } : {};
        return startTask({ ...wanted(), name: name.value.trim(), ...how }, room, follow);
    };
    work.addEventListener("change", ways);
    upload.addEventListener("change", () => void send().catch((problem) => fill(checked, warning(reasonOf(problem)))));
    file.addEventListener("change", () => {
        other.closest<HTMLElement>(".field")!.hidden = file.value !== "";
    });
    const form = element("section", {}, element("h2", {}, "Train"), element("form", { submit: train }, field("What is to be learned", work), field("Examples", file),
        field("Path of the file, from the project's folder", other), field("Or send a file", upload, "A table with the columns text and label, or JSON lines like {\"text\": \"\u2026\", \"label\": \"\u2026\"} or {\"input\": \"\u2026\", \"output\": \"\u2026\"}."),
        field("How it is learned", method), field("Rounds", epochs, "How often all of them are gone through. Empty: as often as is usual."),
        field("Name of what is learned", name, "Small letters, digits and hyphens: \u201ctickets-2\u201d."),
        element("div", { class: "row" }, button("Look at the examples", "plain", check), element("button", { type: "submit", class: "main" }, "Train"))), checked, room);
    name.required = true;
    ways();
    void fillFiles().catch((problem) => fill(checked, warning(reasonOf(problem))));
    void tasksUnderWay(["tune"]).then((under) => under.length > 0 && fill(room, under.map((task) => followTask(task, follow)))).catch(() => undefined);
    return form;
}

async function showTune(main: HTMLElement): Promise<void> {
    const room = element("div", {});
    const redraw = (): void => void showAdapters(room);
    fill(main, heading("Tune", "Look at examples, learn from them, and use what was learned, or discard it."), tuneForm(redraw), room);
    redraw();
}

async function showAdapters(room: HTMLElement): Promise<void> {
    const redraw = (): void => void showAdapters(room);
    try {
        const { data } = await call<{ data: Adapter[] }>("GET", "/v1/adapters");
        fill(room, data.length > 0 ? data.map((adapter) => adapterPart(adapter, redraw)) : element("section", { class: "steps" }, element("h2", {}, "Nothing was tuned yet"),
            element("p", {}, "Prompts come first, then retrieval; tuning changes how a model behaves every time. A decision under ", element("a", { href: "#measure" }, "Measure"),
                " tells whether it would help; here it is done, and measured before and after.")));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
