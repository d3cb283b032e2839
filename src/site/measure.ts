// measure.ts - what was measured: the verdict of `assay decide`, approaches with their intervals, why cases fail, and cases side by side.

interface Run {
    id: string;
    kind: "decide" | "eval";
    made: string;
    has_page: boolean;
}

interface Arm {
    name: string;
    label?: string;
    status: string;
    why?: string;
    score?: number;
    interval?: [number, number];
    cases?: number;
    latency_ms?: { p50?: number; p95?: number };
    cost?: { per_month?: number };
}

interface CaseAnswer {
    answer: string | null;
    right: boolean;
    took_ms?: number;
}

interface DecidedCase {
    id: number;
    question: string;
    expected: string[] | string | null;
    gap?: string;
    gap_why?: string;
    arms: Record<string, CaseAnswer>;
}

interface Costs {
    currency?: string;
    requests_per_month?: number;
    months?: number;
    arms?: { name: string; build: number; fixed_per_month: number; per_request: number }[];
}

interface Report {
    verdict: { approach: string; kind?: string; confidence: number | null; reasons: string[]; would_change_if: string[] };
    target?: number;
    arms: Arm[];
    gaps?: Record<string, number>;
    gap_intervals?: Record<string, [number, number]>;
    checks?: { check: string; ok: boolean; message: string }[];
    curve?: { points?: { examples: number; score: number; interval?: [number, number] }[]; says?: string };
    failing?: number;
    costs?: Costs;
    cases?: DecidedCase[];
}

interface EvalCase {
    line: number;
    question: string;
    wanted?: string | null;
    answer?: string | null;
    found?: string | null;
    rank?: number;
    why?: string | null;
    missed?: string | null;
}

interface EvalRun {
    model: string | null; /* null: no answers were asked for */
    measures: Record<string, number>;
    intervals?: Record<string, [number, number]>;
    cases: EvalCase[];
}

const CASES_SHOWN = 50;
const APPROACHES: Record<string, string> = {
    prompt: "Prompt alone", full: "All documents in the prompt", rag: "Retrieval", tune: "Fine-tuning", hybrid: "Retrieval and fine-tuning", none: "No approach",
};
const GAPS: Record<string, string> = {
    knowledge: "The fact was not there", retrieval: "The passage was not found", behaviour: "The form or tone was wrong", capability: "The model could not",
    knowledge_base: "The documents are wrong", test_case: "The test case is wrong",
};
const MEASURES: Record<string, string> = {
    "recall@1": "of the documents that prove it, how many come first", "recall@5": "how many are among the first five", "recall@10": "how many are among the first ten",
    "mrr@10": "one divided by the place of the first that proves it", "ndcg@10": "how near the order of ten is to the best one",
    "hit@5": "one of the first five proves it", "hit@10": "one of the first ten proves it", "precision@5": "of the first five, how many prove it",
    "precision@10": "of the first ten, how many prove it", map: "precision at each that proves it, averaged", exact: "the answer is the wanted one, but for case and marks",
    f1: "words that both have", contains: "the wanted words stand in the answer", numeric: "the quantity is the wanted one", strict: "exact, or the quantity and nothing else",
    relaxed: "exact, contains or numeric",
};

function approachSaid(name: string): string {
    return APPROACHES[name] ?? name;
}

/* A score with its interval, drawn on a line from 0 to 100 %; the words beside it say the same. */
function intervalPlot(score: number, interval: readonly [number, number]): SVGSVGElement {
    const made = <K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string | number>): SVGElementTagNameMap[K] => {
        const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
        for (const [name, value] of Object.entries(attributes))
            shape.setAttribute(name, String(value));
        return shape;
    };
    const plot = made("svg", { class: "interval", viewBox: "0 0 104 16", "aria-hidden": "true", preserveAspectRatio: "none" });
    plot.append(made("line", { class: "base", x1: 2, x2: 102, y1: 8, y2: 8 }),
        made("line", { class: "span", x1: 2 + 100 * interval[0], x2: 2 + 100 * interval[1], y1: 8, y2: 8 }),
        made("line", { class: "point", x1: 2 + 100 * score, x2: 2 + 100 * score, y1: 2, y2: 14 }));
    return plot;
}

function armRow(arm: Arm, chosen: string, currency: string): Child[] {
    const name = [approachSaid(arm.name), " ", arm.name === chosen && element("b", { class: "badge chosen" }, "the verdict"),
        element("small", {}, arm.name + (arm.label !== undefined ? ": " + arm.label : ""))]; // reasons and the command line call it so
    if (arm.score === undefined)
        return [name, element("span", { class: "soft" }, arm.why ?? arm.status), "", "", ""];
    const [low, high] = arm.interval ?? [arm.score, arm.score];
    return [name, [element("b", {}, percent(arm.score)), element("small", {}, " " + percent(low) + " to " + percent(high))],
        intervalPlot(arm.score, [low, high]), arm.latency_ms?.p95 !== undefined ? timeSaid(arm.latency_ms.p95) : "",
        arm.cost?.per_month !== undefined ? moneySaid(arm.cost.per_month, currency) : ""];
}

function wantedSaid(wanted: string[] | string | null | undefined): string {
    const texts = Array.isArray(wanted) ? wanted : wanted === null || wanted === undefined ? [] : [wanted];
    return texts.length === 0 ? "no answer: the documents do not have it" : texts.join(" / ");
}

function rightness(answer: CaseAnswer | undefined): Child {
    if (!answer)
        return "";
    return element("div", {}, element("b", { class: answer.right ? "good" : "bad" }, answer.right ? "right" : "wrong"),
        element("p", { class: "given" }, answer.answer ?? "(no answer)"));
}

function caseTable(cases: readonly DecidedCase[], arms: readonly string[]): HTMLElement {
    return table("Cases side by side", ["Question, and the answer wanted", ...arms.map(approachSaid)], cases.map((item) => [
        [item.question, element("p", { class: "given" }, "Wanted: " + wantedSaid(item.expected)),
            item.gap !== undefined && item.gap !== null && element("small", {}, (GAPS[item.gap] ?? item.gap) + (item.gap_why ? ": " + item.gap_why : ""))],
        ...arms.map((arm) => rightness(item.arms[arm]))]));
}

/* Cases with a choice of which. */
function caseSection(report: Report): HTMLElement | null {
    const cases = report.cases ?? [];
    const arms = report.arms.filter((arm) => arm.score !== undefined).map((arm) => arm.name);
    if (cases.length === 0)
        return null;
    const which = element("select", {}, element("option", { value: "differ" }, "where approaches differ"), element("option", { value: "wrong" }, "wrong by the verdict's approach"),
        element("option", { value: "all" }, "all"));
    const room = element("div", {});
    const draw = (): void => {
        const fits = cases.filter((item) => which.value === "all" ? true : which.value === "wrong" ? item.arms[report.verdict.approach]?.right === false
            : new Set(arms.map((arm) => item.arms[arm]?.right)).size > 1);
        fill(room, element("p", { class: "soft" }, counted(fits.length, "case", "cases")), inParts(fits.length, CASES_SHOWN, (shown) => caseTable(fits.slice(0, shown), arms)));
    };
    which.addEventListener("change", draw);
    draw();
    return element("section", {}, element("h2", {}, "Cases side by side"), field("Show cases", which), room);
}

function gapSection(report: Report): HTMLElement | null {
    const gaps = Object.entries(report.gaps ?? {}).filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]);
    if (gaps.length === 0)
        return null;
    return element("section", {}, element("h2", {}, "Why " + counted(report.failing ?? 0, "case fails", "cases fail")),
        table("Why cases fail", ["Reason", "Share of the failing cases", "0 to 100\u202f%"], gaps.map(([name, share]) => {
            const [low, high] = report.gap_intervals?.[name] ?? [share, share];
            return [GAPS[name] ?? name, [element("b", {}, percent(share)), high > low && element("small", {}, percent(low) + " to " + percent(high))], intervalPlot(share, [low, high])];
        })));
}

function checkSection(report: Report): HTMLElement | null {
    const checks = report.checks ?? [];
    return checks.length === 0 ? null : element("section", {}, element("h2", {}, "Checks before the verdict"), element("ul", { class: "checks" }, checks.map((each) =>
        element("li", {}, element("b", { class: each.ok ? "good" : "bad" }, each.ok ? "\u2713 " : "! "), element("b", {}, each.check), ": ", each.message))));
}

function curveSection(report: Report): HTMLElement | null {
    const points = report.curve?.points ?? [];
    if (points.length === 0 && !report.curve?.says)
        return null;
    return element("section", {}, element("h2", {}, "Would more examples help?"), report.curve?.says && element("p", {}, report.curve.says),
        points.length > 0 && table("Learning curve", ["Examples", "Right answers", "0 to 100\u202f%"], points.map((point) => [point.examples.toLocaleString("en-US"),
            percent(point.score), intervalPlot(point.score, point.interval ?? [point.score, point.score])])));
}

/* A month's cost at another number of requests: fixed, so much a request, and building spread over the months. */
function costSection(costs: Costs): HTMLElement | null {
    const arms = costs.arms ?? [];
    if (arms.length === 0)
        return null;
    const usual = costs.months && costs.months > 0 ? costs.months : 12;
    const spread = element("input", { type: "range", min: 1, max: 60, step: 1, value: usual });
    const slider = element("input", { type: "range", min: 2, max: 7, step: 0.05, value: Math.log10(Math.max(100, costs.requests_per_month ?? 10000)) });
    const room = element("div", {});
    const draw = (): void => {
        const months = Number(spread.value);
        spread.setAttribute("aria-valuetext", counted(months, "month", "months"));
        const requests = Number(Math.pow(10, Number(slider.value)).toPrecision(2));
        const amounts = arms.map((arm) => arm.fixed_per_month + requests * arm.per_request + arm.build / months);
        slider.setAttribute("aria-valuetext", requests.toLocaleString("en-US") + " requests a month");
        fill(room, table("Costs", ["Approach", "A month at " + requests.toLocaleString("en-US") + " requests, building spread over " + counted(months, "month", "months")], arms.map((arm, i) => [approachSaid(arm.name),
            [moneySaid(amounts[i] ?? 0, costs.currency ?? ""), " ", amounts[i] === Math.min(...amounts) && element("b", { class: "badge chosen" }, "least")]])));
    };
    slider.addEventListener("input", draw);
    spread.addEventListener("input", draw);
    draw();
    return element("section", {}, element("h2", {}, "Costs"), field("Requests a month", slider), field("Months that building is spread over", spread), room);
}

async function keepPage(run: Run): Promise<void> {
    const answer = await request("GET", "/v1/runs/" + run.id + "/page");
    const link = element("a", { href: URL.createObjectURL(await answer.blob()), download: "report-" + run.id + ".html" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function showReport(report: Report, run: Run): Child[] {
    const { approach, kind, confidence: sure, reasons, would_change_if: changes } = report.verdict;
    const currency = report.costs?.currency ?? "";
    return [element("section", { class: "verdict" }, element("p", { class: "soft" }, "The verdict of run " + run.id + ", " + momentSaid(run.made)),
        element("h2", {}, kind === "undecided" ? "Too few test cases to tell" : approach === "none" ? "No approach is good enough yet" : "Build it with: " + approachSaid(approach)),
        kind !== "undecided" && sure !== null && sure !== undefined && element("p", {}, "Confidence " + percent(sure)),
        element("ul", {}, reasons.map((reason) => element("li", {}, reason))),
        changes.length > 0 && element("details", {}, element("summary", {}, "What would change it"), element("ul", {}, changes.map((each) => element("li", {}, each)))),
        run.has_page && button("Save the whole report as a page", "plain", () => keepPage(run))),
        element("section", {}, element("h2", {}, "Approaches"), table("Approaches", ["Approach", "Right answers, with their interval", "0 to 100\u202f%", "95 of 100 within", "Cost a month"],
            report.arms.map((arm) => armRow(arm, approach, currency)))),
        gapSection(report), curveSection(report), costSection(report.costs ?? {}), checkSection(report), caseSection(report)];
}

function showEval(run: Run, found: EvalRun): Child[] {
    const measures = Object.keys(MEASURES).filter((name) => found.measures[name] !== undefined);
    const measureRow = (name: string): Child[] => {
        const mean = found.measures[name] ?? 0, [low, high] = found.intervals?.[name] ?? [mean, mean];
        return [[name, element("small", {}, MEASURES[name] ?? "")], [element("b", {}, percent(mean)), high > low && element("small", {}, percent(low) + " to " + percent(high))], intervalPlot(mean, [low, high])];
    };
    return [element("section", {}, element("h2", {}, "Evaluation of run " + run.id + ", " + momentSaid(run.made)), element("p", { class: "soft" }, found.model === null ? "The search alone: no answers were asked for." : "Answered by " + found.model + "."),
        table("Measures", ["Measure", "Mean", "0 to 100\u202f%"], measures.map(measureRow))),
        element("section", {}, element("h2", {}, counted(found.cases.length, "case", "cases")), inParts(found.cases.length, CASES_SHOWN, (shown) =>
            table("Cases", ["Question", ...(found.model === null ? [] : ["Wanted", "Answered"]), "Source found as number", "Why"], found.cases.slice(0, shown).map((item) => [
                item.question, ...(found.model === null ? [] : [item.wanted ?? "", item.answer ?? ""]), item.rank ? String(item.rank) : "", (item.why ?? item.missed ?? "").replace(/_/g, " ")]))))];
}

async function showRun(run: Run, room: HTMLElement): Promise<void> {
    fill(room, element("p", { class: "soft waiting" }, "Opening run " + run.id + "\u2026"));
    try {
        const found = await call<unknown>("GET", "/v1/runs/" + run.id);
        fill(room, run.kind === "decide" ? showReport(found as Report, run) : showEval(run, found as EvalRun));
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}

function nothingMeasured(): HTMLElement {
    return element("section", { class: "steps" }, element("h2", {}, "Nothing was measured yet"), element("ol", {},
        element("li", {}, "Write ten test cases or more: ask, and tell of each answer whether it was right."),
        element("li", {}, element("b", {}, "Evaluate"), " tells whether the right passage is found, and the right answer given."),
        element("li", {}, element("b", {}, "Decide"), " builds the approaches, compares them, and says which one to build.")));
}

/* ---- starting ---- */

function measureTabs(current: string): HTMLElement {
    const tab = (name: string, title: string): HTMLElement => {
        const href = "#measure" + (name === "" ? "" : "/" + name);
        return element("li", {}, element("a", name === current ? { href, "aria-current": "page" } : { href }, title));
    };
    return element("nav", { class: "parts", "aria-label": "Parts of Measure" }, element("ul", {}, tab("", "Results"), tab("cases", "Test cases")));
}

interface Plan {
    has_training_price?: boolean;
    arms: { name: string; calls: number; money?: number; minutes: number }[];
    calls: number;
    money?: number;
    minutes: number;
    currency?: string;
}

async function showPlan(task: Task, room: HTMLElement, more: (plan: Plan, tuned: string) => Child): Promise<void> {
    if (task.state !== "done")
        return;
    const plan = await call<Plan>("GET", "/v1/tasks/" + task.id + "/output");
    const row = (name: string, part: { calls: number; money?: number; minutes: number }): Child[] => [name, Math.round(part.calls).toLocaleString("en-US"),
        part.money ? moneySaid(part.money, plan.currency ?? "") : "0", part.minutes < 1 ? "less than 1" : Math.ceil(part.minutes).toLocaleString("en-US")];
    putTask(room, element("section", { class: "task" }, element("h3", {}, "What a decision would take, at the most"),
        table("What a decision would take", ["Approach", "Questions", "Money", "Minutes"], [...plan.arms.map((arm) => row(approachSaid(arm.name), arm)), row("All", plan)]),
        typeof task.request?.hosted === "string" && more(plan, task.request.hosted)));
}

/* Can the provider of this model be asked to fine-tune it? */
function hasFineTuning(model: string): boolean {
    return model !== "builtin" && !model.startsWith("anthropic:");
}

/* Below the plan of a decision with a fine-tuning job: nothing is asked of the provider before this is pressed. */
function hostedOffer(plan: Plan, model: string, start: () => Promise<void>): Child {
    const amount = plan.has_training_price === true && plan.money !== undefined ? "for " + "about " + moneySaid(plan.money, plan.currency ?? "") : "for money";
    return [element("p", {}, plan.has_training_price === true ? "The provider fine-tunes " + model + " on the examples, which are sent there; its price is in the sum."
        : "The provider fine-tunes " + model + " on the examples, which are sent there. prices.yaml has no price of its training: the sum is without it."),
        button("Decide, with fine-tuning " + amount, "main", start)];
}

function startSection(under: readonly Task[], model: string): HTMLElement {
    const room = element("div", {});
    const opened = (task: Task): void => {
        if (task.state === "done" && task.kind !== "plan")
            location.hash = "#measure/" + task.result;
    };
    const quick = choice("Search alone", "Is the right passage found? Takes seconds; no answer is asked for.");
    const all = choice("All approaches", "Also those behind one that meets the target.");
    const anew = choice("Begin anew", "Where a decision was stopped, it goes on otherwise.");
    const hosted = choice("Fine-tuned by the provider", "A job there, for money, on the examples. You see first what it would cost.");
    const decideWith = (tuned?: string): Promise<void> => start({ kind: "decide", all: all.box.checked, anew: anew.box.checked, hosted: tuned })();
    const withCases = (act: () => Promise<void>) => async (): Promise<void> => {
        if ((await call<{ cases: number }>("GET", "/v1/cases")).cases > 0)
            return act();
        fill(room, warning("There are no test cases yet. Ask, and tell of each answer whether it was right; or write some under ", element("a", { href: "#measure/cases" }, "Test cases"), ". Ten are the least, twenty to fifty are usual."));
    };
    const planned = (task: Task): Promise<void> => showPlan(task, room, (plan, tuned) => hostedOffer(plan, tuned, () => decideWith(tuned)));
    const follow: Follow = { done: (task) => task.kind === "plan" ? planned(task) : opened(task) };
    const start = (request: Record<string, unknown>) => (): Promise<void> => startTask(request, room, follow);
    const plan = (): Promise<void> => start({ kind: "plan", hosted: hosted.box.checked ? model : undefined })();
    fill(room, under.map((task) => followTask(task, follow)));
    return element("section", {}, element("div", { class: "cards" },
        element("div", { class: "card" }, element("h2", {}, "Evaluate"), element("p", { class: "soft" }, "How good is what this project does now? Every test case is asked."),
            quick.shown, button("Evaluate", "main", withCases(() => start({ kind: "eval", without_answers: quick.box.checked })()))),
        element("div", { class: "card" }, element("h2", {}, "Decide"), element("p", { class: "soft" }, "Which approach should be built? Prompt, retrieval, fine-tuning and both are built and compared."),
            all.shown, anew.shown, hasFineTuning(model) && hosted.shown, element("div", { class: "row" },
                button("Decide", "main", withCases(() => hosted.box.checked ? plan() : decideWith())), button("What would it take?", "plain", withCases(plan))))), room);
}

async function showMeasure(main: HTMLElement, rest: string[]): Promise<void> {
    const room = element("div", {}), begin = element("div", {});
    const list = element("section", {});
    if (rest[0] === "cases") {
        showCases(main);
        return;
    }
    fill(main, heading("Measure", "Which approach to build, by the project's own test cases."), measureTabs(""), begin, room, list);
    try {
        const [{ data }, under, { model }] = await Promise.all([call<{ data: Run[] }>("GET", "/v1/runs"), tasksUnderWay(["eval", "decide", "plan"]),
            call<Settings>("GET", "/v1/settings")]);
        fill(begin, startSection(under, model));
        const run = data.find((each) => each.id === rest[0]) ?? data.find((each) => each.kind === "decide") ?? data[0];
        if (!run) {
            fill(room, nothingMeasured());
            return;
        }
        fill(list, element("h2", {}, "All runs"), table("Runs", ["Run", "What", "When"], data.map((each) => [
            element("a", each === run ? { href: "#measure/" + each.id, "aria-current": "true" } : { href: "#measure/" + each.id }, each.id),
            each.kind === "decide" ? "decision" : "evaluation", momentSaid(each.made)])));
        await showRun(run, room);
    } catch (problem) {
        fill(room, warning(reasonOf(problem)));
    }
}
